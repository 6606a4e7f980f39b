"""Figures beside published ones: the boundaries decide what compares."""

import polars as pl
import pytest

from carbon.accounting.comparison import compare, equivalents, with_published
from carbon.accounting.ladder import published
from carbon.factors.references import references


def own(**columns):
    row = {"model": "M", "per": "query", "boundary": "facility", "energy_wh": 0.48,
           "location_g": 0.2, "market_g": 0.1}  # fmt: skip
    return pl.DataFrame([{**row, **columns}])


def gemini(own_figure):
    found = with_published(own_figure, references().published)
    return found.filter(reference_id="gemini-2025").row(0, named=True)


def test_the_published_breakdown_adds_up_and_is_2_4_times_the_narrow_figure():
    parts = references().published.filter(pl.col("model") == "Gemini Apps")
    energy = dict(parts.select("reference_id", "energy_wh").iter_rows())
    # 0.14 + 0.06 + 0.02 + 0.02 = 0.24
    assert sum(
        energy[f"gemini-2025-{part}"] for part in ("accelerator", "host", "idle", "overhead")
    ) == pytest.approx(energy["gemini-2025"])
    assert energy["gemini-2025"] / energy["gemini-2025-chip"] == pytest.approx(2.4)
    boundaries = dict(parts.select("reference_id", "boundary").iter_rows())
    assert boundaries["gemini-2025"] == "facility"
    assert boundaries["gemini-2025-chip"] == "chip"


def test_the_ladder_is_the_breakdown_added_up():
    assert published(references().published) == pytest.approx(
        {"chip": 0.10, "board": 0.14, "node": 0.20, "node_idle": 0.22, "facility": 0.24}
    )


def test_figures_of_one_boundary_compare():
    row = gemini(own())
    assert row["comparable"]
    assert row["ratio"] == pytest.approx(2.0)
    assert row["ratio_needed"] is None


@pytest.mark.parametrize(("boundary", "ratio"), [("chip", 2.4), ("board", 0.24 / 0.14)])
def test_a_figure_of_the_accelerator_alone_is_never_beside_a_full_stack(boundary, ratio):
    row = gemini(own(boundary=boundary))
    assert not row["comparable"]
    assert row["ratio"] is None
    assert row["ratio_needed"] == pytest.approx(ratio)


def test_what_does_not_say_its_boundary_compares_with_nothing():
    found = with_published(own(), references().published).filter(reference_id="chatgpt-2025")
    assert found.select("comparable", "ratio", "ratio_needed").row(0) == (False, None, None)


def test_parts_of_a_figure_stand_beside_none():
    names = with_published(own(), references().published)["reference_id"]
    assert "gemini-2025-host" not in names


def test_only_figures_per_the_same_unit_meet():
    others = pl.DataFrame(
        [{"name": "other", "per": "training_run", "boundary": "facility", "energy_wh": 1.0,
          "location_g": 1.0, "market_g": 1.0}]
    )  # fmt: skip
    assert compare(own(), others, {}).is_empty()


def test_everyday_terms_are_emissions_over_those_of_one():
    table = references().equivalents
    counts = dict(equivalents(1000.0, table).select("equivalent_id", "count").iter_rows())
    # 3.93e-4 t a mile of 1.609344 km; 1.24e-5 t a charge.
    assert counts["car_km"] == pytest.approx(1000 / (0.393 / 1.609344), rel=1e-5)
    assert counts["smartphone_charge"] == pytest.approx(1000 / 0.0124)
    assert equivalents(None, table).is_empty()


def test_every_published_figure_has_a_document_and_an_open_footing():
    rows = references().published
    assert rows.select("publisher", "document", "licence").null_count().row(0) == (0, 0, 0)
    assert rows["licence"].unique().to_list() == ["plain facts"]
    known = pl.any_horizontal(pl.col("energy_wh", "location_g", "market_g").is_not_null())
    assert rows.select(known.all()).item()
