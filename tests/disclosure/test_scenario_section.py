"""Scenarios in a report: beside the inventory, under both methods, in no total."""

import json

import fastexcel
import pytest

from carbon.disclosure import data
from carbon.disclosure.layout import page_view
from carbon.disclosure.scenario_section import TITLE
from carbon.disclosure.workbook import workbook

MOVED = {
    "name": "North",
    "scope": "in",
    "words": ["50 % of chat to zone:SE."],
    "month_from": "2025-01",
    "month_to": "2025-02",
    "violations": ["chat: zone:SE lies outside of where it has to be."],
    "notes": ["A note."],
    "fault": None,
}

R = {
    "energy_it_kwh": 5000.0,
    "energy_facility_kwh": 6000.0,
    "location_kg_co2e": 4500.0,
    "location_low_kg": 4000.0,
    "location_high_kg": 5062.5,
    "market_kg_co2e": 4100.0,
    "market_low_kg": 4000.0,
    "market_high_kg": 4202.5,
    "location_coverage": 1.0,
    "market_coverage": 1.0,
    "embodied_kg_co2e": None,
    "water_l": 100.0,
    "tier": "T1",
}
"""Half of the location-based figure, and of market-based 4100 -> 3075: a quarter less."""

AFTER = {
    **R,
    "location_kg_co2e": 2250.0,
    "location_low_kg": 2000.0,
    "location_high_kg": 2531.25,
    "market_kg_co2e": 3075.0,
    "market_low_kg": 3000.0,
    "market_high_kg": 3151.875,
}


@pytest.fixture
def listed(build):
    """The report with a scenario, and one that cannot be computed."""
    broken = {"name": "Old", "scope": "in", "words": [], "fault": "Workload 'gone' is not known."}
    return build(scenarios=[{**MOVED, "today": R, "scenario": AFTER}, broken])


def section(content):
    found = [part for part in page_view(content, [])["sections"] if part["title"] == TITLE]
    return found[0] if found else None


def test_a_report_without_scenarios_has_no_such_section(report):
    assert report["scenarios"] == []
    assert section(report) is None
    assert "Scenarios" not in fastexcel.read_excel(workbook(report)).sheet_names


def test_both_methods_stand_with_intervals_beside_today(listed):
    (table,) = [block for block in section(listed)["blocks"] if block["kind"] == "table"]
    rows = {row[0]["main"]: row for row in table["rows"]}
    location, market = rows["Location-based, tCO₂e"], rows["Market-based, tCO₂e"]
    assert [cell["main"] for cell in location[1:3]] == ["4.500", "2.250"]
    assert [cell["sub"] for cell in location[1:3]] == ["4.000 – 5.062", "2.000 – 2.531"]
    assert [cell["main"] for cell in market[1:3]] == ["4.100", "3.075"]
    assert (location[3]["main"], market[3]["main"]) == ("−50.0\u202f%", "−25.0\u202f%")
    assert rows["Hardware, amortised, tCO₂e"][1]["main"] == "not known"


def test_it_says_that_it_is_no_inventory_what_moves_and_what_is_not_kept(listed):
    said = " ".join(block["text"] for block in section(listed)["blocks"] if "text" in block)
    assert "none of its figures is in a total" in said
    assert "50 % of chat to zone:SE." in said
    assert "Limit not kept: chat: zone:SE lies outside" in said
    assert "cannot be computed: Workload 'gone' is not known." in said


def test_months_other_than_the_report_s_are_told(build):
    other = {**MOVED, "month_to": "2025-06", "today": R, "scenario": AFTER}
    said = " ".join(
        block["text"] for block in section(build(scenarios=[other]))["blocks"] if "text" in block
    )
    assert "2025-01 to 2025-06, which is not the period of this report" in said


def test_no_figure_of_the_inventory_hangs_on_scenarios(report, listed):
    assert {**listed, "scenarios": []} == report


def test_the_workbook_and_the_json_hold_them(listed):
    sheet = fastexcel.read_excel(workbook(listed)).load_sheet(
        "Scenarios", header_row=None, dtypes="string"
    )
    rows = {(row[0], row[1]): row for row in sheet.to_polars().rows()}
    heading = rows["Scenario", "State"]
    at = heading.index("Location-based, kgCO2e")
    assert [float(rows["North", state][at]) for state in ("today", "scenario")] == [4500, 2250]
    kept = json.loads(data.result_json(listed))["scenarios"]
    assert [scenario["name"] for scenario in kept] == ["North", "Old"]
