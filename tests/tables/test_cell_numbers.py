"""Numbers as people and spreadsheets write them."""

import polars as pl
import pytest

from carbon.tables import decimal_mark, parse_number
from carbon.units import ENERGY_KWH, INTENSITY_KG_PER_KWH, POWER_W


def read(
    cells: list[str | None], delimiter: str | None = ",", units: object = None
) -> list[object]:
    """Values of a column that decides its own decimal mark; a failed cell gives its reason."""
    column = pl.Series("q", cells, dtype=pl.String)
    mark = decimal_mark([column], delimiter, None)
    values, reasons = parse_number(column, units, mark)
    return [reason or value for value, reason in zip(values, reasons, strict=True)]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1,234.5", 1234.5),
        ("1.234,5", 1234.5),
        ("1 234,5", 1234.5),
        ("1\u202f234,5", 1234.5),
        ("1'234.5", 1234.5),
        ("1,234,567", 1234567.0),
        ("1.234.567", 1234567.0),
        ("0,125", 0.125),
        ("12,5", 12.5),
        (" 7 ", 7.0),
        ("1e3", 1000.0),
        ("-2.5", -2.5),
        ("\u22122.5", -2.5),
        ("+4", 4.0),
        (".5", 0.5),
        ("\uff11\uff12", 12.0),
    ],
)
def test_a_number_that_is_clear_by_itself_is_read_whatever_the_delimiter(
    cell: str, value: float
) -> None:
    for delimiter in (",", ";", "\t", "|"):
        assert read([cell], delimiter) == [value]


def test_one_thousand_or_one_point_two_is_decided_by_the_other_numbers() -> None:
    assert read(["1,234", "0,5"], ",") == [1.234, 0.5]
    assert read(["1,234", "0.5"], ";") == [1234.0, 0.5]
    assert read(["1.234", "0,5"], ",") == [1234.0, 0.5]


def test_without_other_numbers_the_delimiter_decides() -> None:
    assert read(["1,234"], ",") == [1234.0]
    assert read(["1.234"], ",") == [1.234]
    assert read(["1,234"], ";") == [1.234]


def test_what_stays_open_is_refused_and_names_both_meanings() -> None:
    (reason,) = read(["1.234"], ";")
    assert "1.234 or 1234" in str(reason)
    values = read(["1,5", "1.5", "1,234"], ",")
    assert values[:2] == [1.5, 1.5]
    assert "1.234 or 1234" in str(values[2])


def test_one_slip_among_many_does_not_make_the_others_doubtful() -> None:
    cells = ["0.5"] * 20 + ["0,5", "1.234"]
    assert read(cells, ",")[-2:] == [0.5, 1.234]


def test_units_in_cells_are_converted() -> None:
    assert read(["12 kWh", "1.2 MWh", "3.6 MJ", "5"], ",", ENERGY_KWH) == pytest.approx(
        [12.0, 1200.0, 1.0, 5.0]
    )
    assert read(["0.3 kW", "310W"], ",", POWER_W) == pytest.approx([300.0, 310.0])
    # 429.983 lb/MWh x 0.45359237 kg/lb / 1000 kWh/MWh
    (rate,) = read(["429.983 lb/MWh"], ",", INTENSITY_KG_PER_KWH)
    assert rate == pytest.approx(429.983 * 0.45359237 / 1000, rel=1e-15)


def test_an_unknown_unit_is_named_with_the_known_ones() -> None:
    (reason,) = read(["12 kWhh"], ",", ENERGY_KWH)
    assert str(reason).startswith("unit 'kWhh' is not known; use one of kWh, ")
    (reason,) = read(["12 kWh"], ",", None)
    assert str(reason) == "unit 'kWh' is not known; use one of no unit"


def test_case_carries_meaning_in_units() -> None:
    (reason,) = read(["12 mWh"], ",", ENERGY_KWH)
    assert "mWh" in str(reason)


@pytest.mark.parametrize("cell", ["", "NA", "n/a", "null", "-", "nan", "None", "  ", None])
def test_what_is_not_stated_is_null_and_no_failure(cell: str | None) -> None:
    assert read([cell]) == [None]


@pytest.mark.parametrize("cell", ["abc", "inf", "1.2.3", "12 34", "1,2,3", "--1", "1/2"])
def test_what_is_no_number_fails(cell: str) -> None:
    (reason,) = read([cell])
    assert isinstance(reason, str)


def test_a_number_beyond_floating_point_fails() -> None:
    assert read(["1e999"]) == ["this number is too large to be meant"]
