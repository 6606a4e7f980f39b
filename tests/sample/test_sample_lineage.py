"""Every figure of the sample portfolio, recomputed from what `carbon explain` prints alone."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from carbon.portfolio import Portfolio
from carbon.portfolio.portfolio import SAMPLE

MEASURES = (
    "energy_it_kwh",
    "energy_facility_kwh",
    "location_kg_co2e",
    "market_kg_co2e",
    "embodied_kg_co2e",
    "water_l",
)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    return Portfolio.sample(tmp_path_factory.mktemp("sample") / "workspace")


def it_kwh(line: dict[str, Any]) -> float | None:
    """IT energy of a line's source row in its month, from the line's own inputs [kWh]."""
    counted = line["quantity"] * line["month_share"] * line["equity_share"]
    match line["quantity_kind"]:
        case "energy_it_kwh":
            return counted
        case "energy_facility_kwh":
            return counted / line["pue"] if line["pue"] else None
        case _:
            return None if line["power_w"] is None else counted * line["power_w"] / 1000


def facility_kwh(line: dict[str, Any]) -> float | None:
    """Facility energy of a line: its IT part, or the overhead that PUE adds to it [kWh]."""
    it = it_kwh(line)
    if line["component"] == "overhead":
        return it * (line["pue"] - 1)
    if line["component"] == "facility":
        return line["quantity"] * line["month_share"] * line["equity_share"]
    return it


def test_every_figure_of_the_sample_follows_from_its_explanation(sample):
    by_month = sample.footprint(["workload", "month"], scope="all").rows
    expected = {(row["workload"], row["month"]): row for row in by_month.to_dicts()}
    recomputed: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))

    for workload in by_month["workload"].unique().sort():
        for line in sample.explain(workload)["lines"]:
            sums = recomputed[workload, line["month"]]
            it, facility = it_kwh(line), facility_kwh(line)
            if line["embodied_kg_per_hour"] is not None:
                sums["embodied_kg_co2e"] += line["accelerator_hours"] * line["embodied_kg_per_hour"]
            if facility is None:
                continue
            if it is not None and line["component"] not in ("overhead", "facility"):
                sums["energy_it_kwh"] += it
            sums["energy_facility_kwh"] += facility
            if line["location_factor_kg_per_kwh"] is not None:
                sums["location_kg_co2e"] += facility * line["location_factor_kg_per_kwh"]
            slices = line["market_slices"]
            assert sum(part["kwh"] for part in slices) == pytest.approx(facility, rel=1e-9)
            sums["market_kg_co2e"] += sum(p["kwh"] * p["kg_co2e_per_kwh"] for p in slices)
            sums["water_l"] += (line["wue_l_per_kwh"] or 0) * (line["energy_it_kwh"] or 0)
            sums["water_l"] += (line["source_water_l_per_kwh"] or 0) * facility

    assert len(expected) > 350
    for key, row in expected.items():
        for measure in MEASURES:
            if row[measure] is not None:
                assert recomputed[key][measure] == pytest.approx(row[measure], rel=1e-9), key


def test_factors_of_an_explanation_are_those_of_its_lines(sample):
    lineage = sample.explain("protein-folding-train", "2026-06")
    named = {factor["factor_id"]: factor for factor in lineage["factors"]}
    for line in lineage["lines"]:
        factor = named[line["location_factor_id"]]
        assert factor["kg_co2e_per_kwh"] == line["location_factor_kg_per_kwh"]
        assert factor["document"]
        for part in line["market_slices"]:
            assert named[part["source_id"]]["kg_co2e_per_kwh"] == part["kg_co2e_per_kwh"]


def test_without_a_zones_factors_coverage_falls_and_nothing_becomes_zero(
    sample, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """Japan's only factor is removed: its energy stays, its emissions are unknown, not 0."""
    before = sample.footprint(["zone"], scope="all")
    zones = {row["zone"]: row for row in before.rows.to_dicts()}
    all_factors = sample._factors()
    kept = all_factors.filter(all_factors["zone"] != "JP")

    without = Portfolio(sample.path)
    monkeypatch.setattr(without, "_factors", lambda: kept)
    after = without.footprint(["zone"], scope="all")

    japan = {row["zone"]: row for row in after.rows.to_dicts()}["JP"]
    assert japan["energy_facility_kwh"] == pytest.approx(zones["JP"]["energy_facility_kwh"])
    assert japan["location_kg_co2e"] is None
    assert japan["location_coverage"] == 0
    share = zones["JP"]["energy_facility_kwh"] / before.totals["energy_facility_kwh"]
    assert after.totals["location_coverage"] == pytest.approx(1 - share)
    assert after.totals["location_kg_co2e"] == pytest.approx(
        before.totals["location_kg_co2e"] - zones["JP"]["location_kg_co2e"]
    )


def test_provider_reported_carbon_stays_outside_of_the_footprint(sample, tmp_path):
    """The same activity without any provider report gives the same totals."""
    own = Portfolio(tmp_path / "without")
    reports = ("aws-carbon", "azure-carbon", "google-carbon")
    files = [
        p for p in sorted(SAMPLE.iterdir()) if p.is_file() and p.suffix not in (".md", ".toml")
    ]
    own.import_files([(p.name, p) for p in files if not p.name.startswith(reports)])

    assert own.reported().is_empty()
    assert sample.reported().height > 0
    assert own.footprint().totals == sample.footprint().totals
