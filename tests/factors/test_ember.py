"""Ember: three layouts, life-cycle figures of countries, and what is no factor."""

import pytest
from factor_files import DATA, figures, read_bytes, read_example, said

from carbon.tables import RefusalError

FORMAT = "ember"


def test_the_release_gives_total_generation_of_countries():
    reading = read_example("ember_yearly.csv", FORMAT)
    assert figures(reading) == {
        ("DE", "lifecycle", "2024-01-01T00"): pytest.approx(0.350),
        ("DE", "lifecycle", "2025-01-01T00"): pytest.approx(0.330),
        ("XK", "lifecycle", "2025-01-01T00"): pytest.approx(0.950),
    }
    assert set(reading.factors["granularity"]) == {"year"}
    # Wind, demand and the world are no rows of factors.
    assert reading.rows == 5
    assert "3 of other measures" in said(reading)


def test_the_latest_year_is_provisional():
    reading = read_example("ember_yearly.csv", FORMAT)
    notes = dict(reading.factors.select("vintage", "note").iter_rows())
    assert notes["2024"] is None and "provisional" in notes["2025"]


def test_a_negative_figure_and_an_unknown_country_are_set_aside():
    aside = read_example("ember_yearly.csv", FORMAT).quarantine
    assert aside.select("row_number", "value").rows() == [(8, "RUR"), (9, "-2")]


def test_the_long_format_gives_its_intensity_rows():
    reading = read_example("ember_long.csv", FORMAT)
    assert figures(reading) == {("FR", "lifecycle", "2023-01-01T00"): pytest.approx(0.05604)}
    assert reading.rows == 1


def test_the_api_gives_months():
    reading = read_example("ember_api.json", FORMAT)
    assert figures(reading) == {
        ("DE", "lifecycle", "2025-01-01T00"): pytest.approx(0.4105),
        ("DE", "lifecycle", "2025-02-01T00"): pytest.approx(0.380),
    }
    assert reading.factors["valid_to"].dt.strftime("%Y-%m-%d").to_list() == [
        "2025-02-01",
        "2025-03-01",
    ]


def test_a_monthly_release_has_dates():
    text = (DATA / "ember_yearly.csv").read_text("utf-8")
    monthly = text.replace(",Year,", ",Date,").replace(",2024,", ",2024-06-01,")
    monthly = monthly.replace(",2025,", ",2025-06-01,")
    reading = read_bytes(monthly.encode(), FORMAT)
    assert set(reading.factors["granularity"]) == {"month"}
    assert figures(reading)["DE", "lifecycle", "2024-06-01T00"] == pytest.approx(0.350)


def test_a_file_without_an_intensity_is_refused():
    text = (DATA / "ember_yearly.csv").read_text("utf-8").replace("Total generation", "Coal")
    with pytest.raises(RefusalError, match="no emissions intensity of a country"):
        read_bytes(text.encode(), FORMAT)


def test_a_country_and_year_with_two_figures_keeps_the_first():
    lines = [
        "Area,Country code,Year,Area type,Category,Subcategory,Variable,Unit,Value",
        *(
            f"France,FRA,2023,Country,Power sector emissions,CO2 intensity,x,gCO2/kWh,{value}"
            for value in (56, 66)
        ),
    ]
    reading = read_bytes("\n".join(lines).encode(), FORMAT)
    assert figures(reading) == {("FR", "lifecycle", "2023-01-01T00"): pytest.approx(0.056)}
    assert reading.quarantine.select("row_number", "column", "value").rows() == [(3, "Value", "66")]
