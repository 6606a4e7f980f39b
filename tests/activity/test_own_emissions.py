"""Emissions that a source states of its own rows are kept beside the energy, and refuse nothing."""

from pathlib import Path

import pytest

from carbon.activity import read, recognise
from carbon.activity.intake import open_payloads

DATA = Path(__file__).parents[1] / "data"
HEADER = "workload,zone,period_start,period_end,energy_kwh,"
ROW = "w,FR,2025-01-01,2025-01-31,100,"


def kept(name, data, context):
    (payload,) = open_payloads(name, data)
    assert recognise(payload)[0] is not None
    found = read(payload, context)
    return found, found.activity


@pytest.mark.parametrize(
    ("name", "row", "kg"),
    [
        ("codecarbon_3.csv", 2, 3.982),
        ("eco2ai_emission.csv", 2, 0.11),
        # Grams: the block that starts in row 7 states 17.6 g.
        ("llm_2026-11-02T170259Z_carbontracker_output.log", 7, 0.0176),
        # 25 g/kWh x 2.5 kWh
        ("boamps_report.json", 1, 0.0625),
    ],
)
def test_trackers(name, row, kg, context):
    _, activity = kept(name, (DATA / name).read_bytes(), context)
    stated = activity.filter(row_number=row)["stated_kg_co2e"].unique().to_list()
    assert stated == [pytest.approx(kg)]


@pytest.mark.parametrize(
    ("column", "cell", "kg"),
    [
        ("emissions_kg", "12.5", 12.5),
        ("tCO2e", "2", 2000.0),
        # Model cards of Hugging Face give grams.
        ("co2_eq_emissions", "500", 0.5),
        ("Emissions kg CO2e", "1 t", 1000.0),
        # Nothing is computed from it, so nothing is set aside for it.
        ("emissions_kg", "about a ton", None),
        ("emissions_kg", "-3", None),
        ("emissions_kg", "", None),
        ("carbon", "12.5", None),
    ],
)
def test_a_column_that_people_add(column, cell, kg, context):
    found, activity = kept("t.csv", f"{HEADER}{column}\n{ROW}{cell}\n".encode(), context)
    assert (found.rows, activity.height, len(found.quarantine)) == (1, 1, 0)
    assert activity["stated_kg_co2e"].to_list() == [kg]
