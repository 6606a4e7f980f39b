"""A small workbook laid out as EPA's eGRID data file is, written without the importer."""

import io
from collections.abc import Mapping, Sequence

import xlsxwriter

RATES = (
    ("CO2RTA", "CO2 total output emission rate"),
    ("CH4RTA", "CH4 total output emission rate"),
    ("N2ORTA", "N2O total output emission rate"),
    ("C2ERTA", "CO2 equivalent total output emission rate"),
)

CAMX_2023 = (428.464, 0.026, 0.003, 429.983)
"""SRL23 of eGRID2023 rev2: CO2, CH4, N2O and CO2e [lb/MWh]."""


def workbook(
    subregions: Mapping[str, Sequence[object]],
    *,
    year: int = 2023,
    states: Mapping[str, Sequence[object]] | None = None,
    nation: Sequence[object] | None = None,
    unit: str = "lb/MWh",
    gas_unit: str | None = None,
    without: str = "",
) -> bytes:
    """The bytes of a workbook with sheets SRL, ST, US and GGL of a data year."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.add_worksheet("Contents").write(0, 0, f"eGRID{year}")
    two = f"{year % 100:02}"
    levels = (
        ("SRL", "SR", ("SUBRGN", "SRNAME"), subregions),
        ("ST", "ST", ("PSTATABB", "FIPSST"), states or {"CA": CAMX_2023}),
        ("US", "US", (), {"US": nation or CAMX_2023}),
    )
    for prefix, code, areas, rows in levels:
        sheet = book.add_worksheet(prefix + two)
        header = [("YEAR", "Data Year")]
        header += [(area, f"Name of {area}") for area in areas]
        # Other rates stand between, as in the real file: the importer must go by code.
        header += [(f"{code}NOXRTA", f"NOx annual rate ({unit})")]
        for name, words in RATES:
            of = gas_unit if gas_unit and name in ("CH4RTA", "N2ORTA") else unit
            header += [(code + name, f"eGRID annual {words} ({of})")]
        header = [pair for pair in header if pair[0] != without]
        sheet.write_row(0, 0, [words for _, words in header])
        sheet.write_row(1, 0, [name for name, _ in header])
        for index, (area, values) in enumerate(rows.items()):
            cells = {"YEAR": year, f"{code}NOXRTA": 0.5}
            cells |= dict.fromkeys(areas, area)
            cells |= {code + name: v for (name, _), v in zip(RATES, values, strict=True)}
            for column, (name, _) in enumerate(header):
                if cells[name] is not None:
                    sheet.write(index + 2, column, cells[name])
    loss = book.add_worksheet("GGL" + two)
    loss.write_row(0, 0, ["Data Year", "Region", "Grid gross loss"])
    loss.write_row(1, 0, ["YEAR", "REGION", "GGRSLOSS"])
    loss.write_row(2, 0, [year, "Western", 0.041])
    book.close()
    return buffer.getvalue()
