"""What the sample portfolio's figures rest on, and what they leave out."""

import shutil
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from carbon.portfolio import Portfolio
from carbon.portfolio.portfolio import SAMPLE


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    return Portfolio.sample(tmp_path_factory.mktemp("sample") / "workspace")


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
    inputs = sample._inputs()
    kept = replace(inputs, factors=inputs.factors.filter(pl.col("zone") != "JP"))

    without = Portfolio(sample.path)
    monkeypatch.setattr(without, "_inputs", lambda: kept)
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
    shutil.copy(SAMPLE / "policy.toml", own.path)
    own.import_rules((SAMPLE / "rules.toml").read_text("utf-8"))
    reports = ("aws-carbon", "azure-carbon", "google-carbon")
    files = [
        p for p in sorted(SAMPLE.iterdir()) if p.is_file() and p.suffix not in (".md", ".toml")
    ]
    own.import_files([(p.name, p) for p in files if not p.name.startswith(reports)])

    assert own.reported().is_empty()
    assert sample.reported().height > 0
    assert own.footprint().totals == sample.footprint().totals
