"""IEA: a licensed table of countries and years that the user names; nothing is guessed."""

import pytest
from factor_files import read_bytes, read_example

from carbon.factors.readers import READERS
from carbon.tables import Payload, RefusalError
from carbon.tables.recognition import UnrecognisedError, recognise

FORMAT = "iea-emission-factors"


def by_year(reading) -> dict[tuple[str, str], float]:
    return {
        (zone, vintage): kg
        for zone, vintage, kg in reading.factors.select(
            "zone", "vintage", "kg_co2e_per_kwh"
        ).iter_rows()
    }


def test_countries_and_years_alone_are_asked_about():
    payload = Payload("f.csv", "text", "Country,2022,2023\nFrance,70,50\n")
    with pytest.raises(UnrecognisedError) as asked:
        recognise(payload, READERS)
    assert asked.value.candidates[0][0] == FORMAT


def test_a_workbook_is_known_by_its_sheet_and_gives_a_factor_a_year():
    reading = read_example("iea_emission_factors.xlsx", FORMAT)
    assert by_year(reading) == {
        ("FR", "2021"): pytest.approx(0.0605),
        ("FR", "2022"): pytest.approx(0.07025),
        ("FR", "2023"): pytest.approx(0.050),
        ("CN", "2021"): pytest.approx(0.600),
        ("CN", "2022"): pytest.approx(0.590),
        ("CN", "2023"): pytest.approx(0.580),
        ("KR", "2022"): pytest.approx(0.450),
        ("KR", "2023"): pytest.approx(0.440),
    }
    assert reading.quarantine.select("row_number", "value").rows() == [(8, "OECD Americas")]
    assert set(reading.factors["licence"]) == {"user-supplied; IEA terms, not to be passed on"}


def test_years_as_rows_are_read_in_the_unit_of_the_header():
    data = b"Country,Year,kgCO2/kWh\nFrance,2023,0.05\nJapan,2023,0.45\n"
    reading = read_bytes(data, FORMAT, format=FORMAT)
    assert by_year(reading) == {("FR", "2023"): 0.05, ("JP", "2023"): 0.45}


def test_figures_a_thousand_times_too_small_are_refused():
    data = b"Country,2022,2023\nFrance,0.05,0.06\nJapan,0.45,0.44\n"
    with pytest.raises(RefusalError, match="Name the column by its unit"):
        read_bytes(data, FORMAT, format=FORMAT)


def test_a_country_that_stands_twice_with_two_figures_keeps_the_first():
    table = "Region/Country/Economy,2022,2023\nFrance,70,50\nFrance,70,51\nSpain,80,90\n"
    reading = read_bytes(table.encode(), FORMAT, format=FORMAT)
    assert by_year(reading)["FR", "2023"] == pytest.approx(0.050)
    assert reading.quarantine.select("row_number", "column", "value").rows() == [(3, "2023", "51")]
