"""What a fix writes, cell by cell; every expected cell is written by hand."""

import polars as pl
import pytest

from carbon.tables import RefusalError
from carbon.tables.fixes import Fix, fixed


def apply(cells: list[str | None], *rule: str, mark: str = ".") -> list[str | None]:
    series = pl.Series("c", cells, dtype=pl.String)
    return fixed(series, Fix(*rule), mark).to_list()


def test_a_unit_is_written_behind_the_number_whatever_stood_there() -> None:
    cells = ["12", "12 mwh", "1 234,5MegaWattHours", "-3.5e2 x", None, "none"]
    assert apply(cells, "unit", "MWh") == [
        "12 MWh", "12 MWh", "1 234,5 MWh", "-3.5e2 MWh", None, "none",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("style", "cells", "expected"),
    [
        ("day first", ["03/04/2025", "4.3.2025"], ["2025-04-03", "2025-03-04"]),
        ("month first", ["03/04/2025", "12/31/2025"], ["2025-03-04", "2025-12-31"]),
        ("%d %b %Y", ["3 Apr 2025", "soon"], ["2025-04-03", "soon"]),
        ("%b %Y", ["Apr 2025"], ["2025-04"]),
        ("%d.%m.%y %H:%M", ["03.04.25 13:30"], ["2025-04-03T13:30:00"]),
        ("day first", ["03/04/2025 13:30Z"], ["2025-04-03T13:30:00Z"]),
    ],
)
def test_dates_of_a_style_are_written_as_iso(style, cells, expected) -> None:
    assert apply(cells, "dates", style) == expected


@pytest.mark.parametrize(
    ("used", "mark", "cells", "expected"),
    [
        (",", ".", ["1.234,5", "12,5 kWh", "7"], ["1234.5", "12.5 kWh", "7"]),
        (".", ".", ["1,234.5", "1 234"], ["1234.5", "1234"]),
        # Three decimals could be thousands: a fourth says that they are not.
        (",", ".", ["1,234"], ["1.2340"]),
        # A file that writes commas keeps writing commas.
        (".", ",", ["1.234"], ["1,2340"]),
        (".", ";", ["1,234.5"], ["1234,5"]),
    ],
)
def test_decimals_are_written_so_that_they_cannot_be_misread(used, mark, cells, expected) -> None:
    assert apply(cells, "decimal", used, mark=mark) == expected


def test_text_is_replaced_set_and_stripped() -> None:
    assert apply(["us_west", None], "replace", "_", "-") == ["us-west", None]
    assert apply(["x", None], "set", " CAMX ") == ["CAMX", "CAMX"]
    assert apply(["x"], "set", "") == [None]
    assert apply(["~12*", "**"], "strip", "~*") == ["12", None]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (("unit", "parsecs"), "Unit 'parsecs' is not known"),
        (("decimal", ";"), "a point or a comma"),
        (("dates", "sideways"), "'sideways' is not known"),
        (("replace", ""), "which text"),
        (("strip", ""), "which characters"),
        (("mend",), "There is no fix 'mend'"),
    ],
)
def test_what_is_no_fix_is_refused_in_words(rule, words) -> None:
    with pytest.raises(RefusalError, match=words):
        apply(["1"], *rule)
