"""Residual mixes of AIB and Green-e: tables that the user brings, read by their words."""

import io

import pytest
import xlsxwriter
from factor_files import DATA, read_bytes, read_example

from carbon.tables import RefusalError

LB = 0.45359237  # kg per lb, exact


def by_zone(reading) -> dict[str, float]:
    assert set(reading.factors["method"]) == {"residual"}
    return dict(reading.factors.select("zone", "kg_co2e_per_kwh").iter_rows())


def test_aib_gives_the_residual_mix_of_countries():
    reading = read_example("aib_residual_mix.csv", "aib-residual-mix")
    # 170.25 g/kWh, with a decimal comma in the file
    assert by_zone(reading) == {"BE": pytest.approx(0.17025), "DE": pytest.approx(0.7005)}
    assert set(reading.factors["gases"]) == {"CO2"}
    assert set(reading.factors["valid_from"].dt.year()) == {2025}
    assert not reading.factors["checked_against_original"].any()


def test_full_disclosure_is_not_zero():
    aside = read_example("aib_residual_mix.csv", "aib-residual-mix").quarantine
    assert aside.select("row_number", "value").rows() == [(5, "NA"), (6, "Ruritania")]
    assert "not zero" in aside["reason"][0]


def test_of_a_workbook_the_sheet_of_residual_mixes_is_read():
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    for name, value in (("Production Mixes", 100), ("Residual Mixes", 171.01)):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, ["European mixes 2025"])
        sheet.write_row(2, 0, ["Country", "Renewable", "gCO2/kWh"])
        sheet.write_row(3, 0, ["BE", 0.1, value])
    book.close()
    reading = read_bytes(buffer.getvalue(), "aib-residual-mix", "mixes.xlsx")
    assert by_zone(reading) == {"BE": pytest.approx(0.17101)}


def test_greene_gives_subregions_of_its_data_year_not_its_edition():
    reading = read_example("greene_residual_mix.csv", "green-e-residual-mix")
    # 450.5 lb/MWh x 0.45359237 / 1000; 1,000.25 lb/MWh
    assert by_zone(reading) == {
        "CAMX": pytest.approx(450.5 * LB / 1000),
        "ERCT": pytest.approx(1000.25 * LB / 1000),
    }
    assert set(reading.factors["valid_from"].dt.year()) == {2023}
    assert reading.quarantine.select("row_number", "value").rows() == [(5, "ZZZZ")]


def test_columns_are_found_by_their_words():
    data = b"data_year,egrid_subregion,published_adjusted_rate_lb_per_mwh\n2022,NYUP,250\n"
    reading = read_bytes(data, "green-e-residual-mix")
    assert by_zone(reading) == {"NYUP": pytest.approx(250 * LB / 1000)}
    assert set(reading.factors["valid_from"].dt.year()) == {2022}


@pytest.mark.parametrize(
    ("example", "format", "year"),
    [
        ("aib_residual_mix.csv", "aib-residual-mix", "2025"),
        ("greene_residual_mix.csv", "green-e-residual-mix", "202"),
    ],
    ids=["aib", "green-e"],
)
def test_a_table_that_tells_no_year_is_refused(example, format, year):
    text = (DATA / example).read_text("utf-8").replace(year, "")
    with pytest.raises(RefusalError, match="does not say of which year"):
        read_bytes(text.encode(), format)


@pytest.mark.parametrize(
    ("format", "header", "zone"),
    [
        ("aib-residual-mix", "Country,Year,Residual mix (gCO2/kWh)", "FR"),
        ("green-e-residual-mix", "eGRID Subregion,Year,Residual Mix Rate (lb/MWh)", "CAMX"),
    ],
    ids=["aib", "green-e"],
)
def test_a_zone_that_is_given_twice_with_two_figures_keeps_the_first(format, header, zone):
    lines = [header, f"{zone},2023,55", f"{zone},2023,66", f"{zone},2023,55", f"{zone},2022,60"]
    reading = read_bytes("\n".join(lines).encode(), format)
    assert reading.factors["row_number"].to_list() == [2, 4, 5]
    aside = reading.quarantine.row(0, named=True)
    assert (aside["row_number"], aside["value"]) == (3, "66")
    assert "row 2 states this zone's figure already" in aside["reason"]
