"""Published tables that hold a mistake are flagged, and count as given.

Each case names its document. Every flag marks the row; none removes it.
"""

import datetime as dt

import polars as pl
import pytest
from published_rows import footprint_of, it_row

LLAMA_3_1 = "Llama 3.1 model card, meta-llama/llama-models, models/llama3_1/MODEL_CARD.md"
LLAMA_3_3 = "Llama 3.3 model card, meta-llama/llama-models, models/llama3_3/MODEL_CARD.md"
PATTERSON = "Patterson et al. 2021, Carbon Emissions and Large Neural Network Training, table 4"


def flags(*rows):
    lines = footprint_of(*rows).lines
    by_row = dict(
        lines.group_by("row_number").agg(pl.col("flags").drop_nulls().first()).iter_rows()
    )
    return {row: text or "" for row, text in by_row.items()}


def card(row, model, hours, tonnes, **columns):
    """A row of the cards: GPU-hours on H100 at 700 W, and location-based emissions."""
    return it_row(
        row,
        model=model,
        workload=model,
        country="US",
        quantity_kind="accelerator_hours",
        quantity=hours,
        accelerator="NVIDIA H100",
        average_power_w=700.0,
        stated_kg_co2e=tonnes * 1e3,
        **columns,
    )


def test_llama_3_3_states_twelve_point_nine_tonnes_for_seven_million_hours():
    # 7.0 M h x 700 W = 4.9 GWh; 12.9 t / 4.9 GWh = 0.0026 kg/kWh, in the United States. The same
    # hours are 2,040 t on the card of Llama 3.1 70B: 0.42 kg/kWh.
    found = flags(
        card(2, "Llama 3.3 70B", 7.0e6, 12.9, note=LLAMA_3_3),
        card(3, "Llama 3.1 70B", 7.0e6, 2040.0, note=LLAMA_3_1),
        card(4, "Llama 3.1 8B", 1.46e6, 420.0, note=LLAMA_3_1),
    )
    assert "emissions that the source states are 0.0026 kg per kWh" in found[2]
    assert found[3] == found[4] == ""


def test_a_row_copied_from_another_model():
    # The emissions of Llama 3.1 70B put into the row of the 8B model: 2,040 t for 1.46 M h.
    found = flags(card(2, "Llama 3.1 70B", 7.0e6, 2040.0), card(3, "Llama 3.1 8B", 1.46e6, 2040.0))
    assert all(
        "emissions of 2040000 kgCO2e is stated for different hours" in found[row].replace(".0", "")
        for row in (2, 3)
    )


def test_the_same_figure_for_the_same_hours_is_no_copy():
    assert flags(card(2, "a", 7.0e6, 2040.0), card(3, "b", 7.0e6, 2040.0)) == {2: "", 3: ""}


def test_quebec_is_clean_and_that_is_no_mistake():
    # 0.0017 kg/kWh stated in Quebec, whose grid is about as clean; the same in Texas is far off.
    # (Environment and Climate Change Canada gives Quebec 0.0017 for 2024.)
    run = {
        "quantity_kind": "energy_it_kwh",
        "quantity": 1000.0,
        "stated_kg_co2e": 1.7,
        "period_start": dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
        "period_end": dt.datetime(2024, 2, 1, tzinfo=dt.UTC),
    }
    found = flags(it_row(2, zone="CA-QC", country="CA", **run), it_row(3, zone="ERCT", **run))
    assert found[2] == ""
    assert "0.0017 kg per kWh" in found[3]


@pytest.mark.parametrize("inverted", [False, True])
def test_a_pue_that_was_divided_by(inverted):
    # GPT-3: 10,000 chips x 14.8 d x 24 h x 330 W = 1,172,160 kWh IT; x 1.10 = 1,289,376 kWh of the
    # building (printed: 1,287 MWh). Divided by the PUE it would be 1,065,600 kWh.
    it_kwh = 10_000 * 14.8 * 24 * 0.330
    facility = it_kwh / 1.10 if inverted else it_kwh * 1.10
    same = {"country": "US", "workload": "GPT-3", "note": PATTERSON}
    one_row = flags(
        it_row(2, quantity_kind="energy_it_kwh", quantity=it_kwh, **same),
        it_row(2, quantity_kind="energy_facility_kwh", quantity=facility, **same),
    )
    two_rows = flags(
        it_row(2, quantity_kind="energy_it_kwh", quantity=it_kwh, **same),
        it_row(3, quantity_kind="energy_facility_kwh", quantity=facility, tier="T1", **same),
    )
    assert ("PUE inverted?" in one_row[2]) is inverted
    assert ("PUE inverted?" in two_rows[3]) is inverted


def test_flagged_rows_count_as_given():
    result = footprint_of(card(2, "Llama 3.3 70B", 7.0e6, 12.9, pue=1.0))
    assert result.lines["energy_facility_kwh"].sum() == pytest.approx(4.9e6)
    assert "implausible" in [finding.code for finding in result.findings]
