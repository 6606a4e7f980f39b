"""UK conversion factors: generation, losses, well-to-tank; the flat file and the full set."""

import io

import pytest
import xlsxwriter
from factor_files import DATA, read_bytes, read_example, said

from carbon.factors import check
from carbon.factors.library import load
from carbon.tables import RefusalError

FORMAT = "uk-desnz"


def found(reading) -> dict[str, float]:
    return dict(reading.factors.select("method", "kg_co2e_per_kwh").iter_rows())


def test_the_flat_file_gives_three_factors_of_gb():
    reading = read_example("uk_desnz_flat.csv", FORMAT)
    assert found(reading) == {"location": 0.1801, "td_loss": 0.0189, "upstream": 0.0455}
    assert set(reading.factors["zone"]) == {"GB"}
    assert reading.factors.filter(method="upstream")["basis"].item() == "lifecycle"
    assert reading.factors["valid_from"].dt.year().unique().to_list() == [2025]
    # Natural gas, the CO2 part, and the well-to-tank of the losses are no factors.
    assert reading.rows == 3 and "3 others" in said(reading)
    note = reading.factors.filter(method="upstream")["note"].item()
    assert "0.0041 kgCO2e/kWh" in note


def workbook(generation: object = 0.1801) -> bytes:
    """Sheets laid out as in the full set: titles, prose, labels printed once, tables apart."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.add_worksheet("Introduction").write(0, 0, "UK Government GHG Conversion Factors")
    parts = ["kg CO2e", "kg CO2e of CO2 per unit"]
    sheets = {
        "UK electricity": ("Country", [("Electricity generated", "Electricity: UK", generation)]),
        "Transmission and distribution": ("Type", [("T&D- UK electricity", "UK", 0.0189)]),
        "WTT- UK electricity": (
            "Country",
            [
                ("WTT- UK electricity (generation)", "UK", 0.0455),
                ("WTT- UK electricity (T&D)", "UK", 0.0041),
            ],
        ),
    }
    for name, (second, lines) in sheets.items():
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, ["UK Government GHG Conversion Factors for Company Reporting"])
        sheet.write_row(3, 0, ["Year:", 2025, "Version:", 1])
        sheet.write_row(8, 0, ["These factors are to be used for electricity bought in the UK."])
        row = 12
        for activity, label, value in lines:
            sheet.write_row(row, 0, ["Activity", second, "Unit", "Year", *parts])
            sheet.write_row(row + 1, 0, [activity, label, "kWh", 2025, value, 0.17])
            sheet.write_row(row + 2, 2, ["MWh", 2025, 180.1, 170])
            row += 6
    book.close()
    return buffer.getvalue()


def test_the_full_set_gives_the_same_factors():
    reading = read_bytes(workbook(), FORMAT, "factors.xlsx")
    assert found(reading) == {"location": 0.1801, "td_loss": 0.0189, "upstream": 0.0455}
    # The heading stands in row 13 of each sheet, the factor below it; 1000 more for each sheet.
    assert reading.factors["row_number"].to_list() == [14, 1014, 2014]


def test_a_factor_that_is_no_number_is_set_aside():
    reading = read_bytes(workbook("see note"), FORMAT, "factors.xlsx")
    assert "location" not in found(reading)
    assert reading.quarantine.select("row_number", "value").rows() == [(14, "see note")]


def test_the_publishers_own_file_confirms_a_shipped_factor():
    shipped = load().factors.filter(publisher="UK DESNZ (DEFRA)", method="location", zone="GB")
    shipped = shipped.filter(shipped["valid_from"].dt.year() == 2025)
    reading = read_bytes(workbook(shipped["kg_co2e_per_kwh"].item()), FORMAT, "factors.xlsx")
    assert shipped["factor_id"].item() in check.confirmed(load().factors, reading.factors)


def test_a_publication_without_uk_electricity_is_refused():
    text = (DATA / "uk_desnz_flat.csv").read_text("utf-8")
    lines = [line for line in text.splitlines() if "lectricity" not in line]
    with pytest.raises(RefusalError, match="no factor of UK electricity"):
        read_bytes("\n".join(lines).encode(), FORMAT)
