"""How numbers and dates of a mapped file are written, its periods and its time zones."""

from datetime import datetime

import pytest
from mapping_rows import at, energies, mapping, text

from carbon.activity.mapping.model import Mapping
from carbon.activity.mapping.reader import MappedReader
from carbon.activity.source import Context


@pytest.mark.parametrize(
    ("style", "cell", "value"),
    [
        ("1,234.5", "1,234", 1234.0),
        ("1,234.5", "1,234,567.5", 1234567.5),
        ("1.234,5", "1.234", 1234.0),
        ("1.234,5", "1,5", 1.5),
        ("1 234,5", "1 234,25", 1234.25),
        ("1'234.5", "1'234.25", 1234.25),
        ("auto", "1.234,5", 1234.5),
        ("auto", "1,234.5", 1234.5),
    ],
)
def test_a_number_style_that_is_stated(
    context: Context, style: str, cell: str, value: float
) -> None:
    meaning = mapping('[fields.energy]\ncolumn = "use"', f'period = "month"\nnumbers = "{style}"')
    reading = MappedReader(meaning).read(text(["date;job;use", f"2025-03;chat;{cell}"]), context)
    assert energies(reading) == [value]


@pytest.mark.parametrize(("style", "cell"), [("1,234.5", "12,5"), ("1.234,5", "12.5")])
def test_a_number_that_contradicts_the_stated_style_is_set_aside(
    context: Context, style: str, cell: str
) -> None:
    meaning = mapping('[fields.energy]\ncolumn = "use"', f'period = "month"\nnumbers = "{style}"')
    reading = MappedReader(meaning).read(text(["date;job;use", f"2025-03;chat;{cell}"]), context)
    mark = "." if style.endswith(".5") else ","
    assert reading.quarantine["reason"].to_list() == [
        f"this is not a number with '{mark}' as its decimal mark"
    ]


def test_one_field_may_be_written_in_another_style(context: Context) -> None:
    meaning = mapping(
        '[fields.energy]\ncolumn = "use"\nstyle = "1.234,5"\n[fields.requests]\ncolumn = "n"',
        'period = "month"\nnumbers = "1,234.5"',
    )
    reading = MappedReader(meaning).read(
        text(["date;job;use;n", "2025-03;chat;1.234;1,234"]), context
    )
    found = dict(reading.activity.select("quantity_kind", "quantity").iter_rows())
    assert found == {"energy_it_kwh": 1234.0, "requests": 1234.0}


@pytest.mark.parametrize(
    ("style", "cell", "day"),
    [
        ("auto", "2025-03-04", at(2025, 3, 4)),
        ("auto", "14/3/2025", at(2025, 3, 14)),
        ("day first", "4/3/2025", at(2025, 3, 4)),
        ("month first", "4/3/2025", at(2025, 4, 3)),
        ("epoch s", "1741046400", at(2025, 3, 4)),  # 20 151 days of 86 400 s since 1970
        ("epoch ms", "1741046400000", at(2025, 3, 4)),
        ("%d %b %Y", "04 Mar 2025", at(2025, 3, 4)),
        ("%m/%d/%y", "3/4/25", at(2025, 3, 4)),
        ("%Y%m%d", "20250304", at(2025, 3, 4)),
    ],
)
def test_a_date_style_that_is_stated(
    context: Context, style: str, cell: str, day: datetime
) -> None:
    meaning = mapping('[fields.energy]\ncolumn = "use"', f'period = "day"\ndates = "{style}"')
    reading = MappedReader(meaning).read(text(["date;job;use", f"{cell};chat;1"]), context)
    assert reading.quarantine.is_empty()
    (row,) = reading.activity.to_dicts()
    assert (row["period_start"], (row["period_end"] - row["period_start"]).days) == (day, 1)


def test_a_date_that_contradicts_the_stated_style_is_set_aside(context: Context) -> None:
    meaning = mapping('[fields.energy]\ncolumn = "use"', 'period = "day"\ndates = "day first"')
    reading = MappedReader(meaning).read(
        text(["date;job;use", "12/31/2025;a;1", "soon;b;1"]), context
    )
    assert reading.quarantine.select("row_number", "value").rows() == [
        (2, "12/31/2025"),
        (3, "soon"),
    ]


@pytest.mark.parametrize(
    ("period", "cell", "start", "end"),
    [
        ("minute", "2025-03-04 10:31", at(2025, 3, 4, 10, 31), at(2025, 3, 4, 10, 32)),
        ("five_minutes", "2025-03-04 10:30", at(2025, 3, 4, 10, 30), at(2025, 3, 4, 10, 35)),
        ("quarter_hour", "2025-03-04 10:30", at(2025, 3, 4, 10, 30), at(2025, 3, 4, 10, 45)),
        ("half_hour", "2025-03-04 10:30", at(2025, 3, 4, 10, 30), at(2025, 3, 4, 11)),
        ("hour", "2025-03-04 10:00", at(2025, 3, 4, 10), at(2025, 3, 4, 11)),
        ("day", "2025-03-04 10:31", at(2025, 3, 4), at(2025, 3, 5)),
        ("month", "2025-03-04", at(2025, 3, 1), at(2025, 4, 1)),
        ("quarter", "2025-05-04", at(2025, 4, 1), at(2025, 7, 1)),
        ("year", "2025-05-04", at(2025, 1, 1), at(2026, 1, 1)),
    ],
)
def test_the_period_of_one_date(
    context: Context, period: str, cell: str, start: datetime, end: datetime
) -> None:
    meaning = mapping('[fields.energy]\ncolumn = "use"', f'period = "{period}"')
    reading = MappedReader(meaning).read(text(["date,job,use", f"{cell},chat,1"]), context)
    (row,) = reading.activity.to_dicts()
    assert (row["period_start"], row["period_end"]) == (start, end)


def test_start_and_end_and_a_constant_end(context: Context) -> None:
    span = '[fields.energy]\ncolumn = "use"\n[fields.end]\n{}'
    rows = ["date,job,use,until", "2025-03-01,chat,1,2025-03-31", "2025-03-05,chat,1,2025-03-04"]
    reading = MappedReader(mapping(span.format('column = "until"'), 'period = "span"')).read(
        text(rows), context
    )
    # The 31st counts whole; the fourth comes before the fifth.
    assert reading.activity["period_end"].to_list() == [at(2025, 4, 1)]
    assert "ends before it starts" in reading.quarantine["reason"][0]
    constant = MappedReader(mapping(span.format("constant = 2025-06-30"), 'period = "span"')).read(
        text(rows), context
    )
    assert constant.activity["period_end"].to_list() == [at(2025, 7, 1), at(2025, 7, 1)]


def test_year_and_month_in_two_columns_and_date_and_time(context: Context) -> None:
    two = Mapping.from_toml(
        'name = "two"\nperiod = "month"\n[fields.workload]\nconstant = "hall"\n'
        '[fields.start]\ncolumns = ["year", "month"]\nseparator = "-"\n'
        '[fields.energy]\ncolumn = "use"\n[fields.zone]\nconstant = "FR"'
    )
    reading = MappedReader(two).read(text(["year,month,use", "2025,3,5", "2025,12,6"]), context)
    assert reading.activity["period_start"].to_list() == [at(2025, 3, 1), at(2025, 12, 1)]
    assert reading.activity["workload"].to_list() == ["hall", "hall"]


def test_local_times_are_read_in_the_zone_of_the_mapping_through_a_change_of_clocks(
    context: Context,
) -> None:
    # Berlin, 30 March 2025: 02:00 CET (01:00 UTC) becomes 03:00 CEST; 26 October 03:00 CEST
    # (01:00 UTC) becomes 02:00 CET.
    meaning = mapping(
        '[fields.energy]\ncolumn = "use"', 'period = "hour"\ntimezone = "Europe/Berlin"'
    )
    cells = {
        "2025-03-30 01:00": at(2025, 3, 30, 0),
        "2025-03-30 02:00": at(2025, 3, 30, 1),  # skipped: the same instant as 03:00
        "2025-03-30 03:00": at(2025, 3, 30, 1),
        "2025-10-26 02:00": at(2025, 10, 26, 0),  # comes twice: its first occurrence
        "2025-10-26 03:00": at(2025, 10, 26, 2),
    }
    reading = MappedReader(meaning).read(
        text(["date,job,use", *[f"{cell},chat,1" for cell in cells]]), context
    )
    assert reading.activity["period_start"].to_list() == list(cells.values())
    assert not reading.local_times
    assert reading.notes == ()


def test_a_day_is_that_of_its_own_clock(context: Context) -> None:
    meaning = mapping(
        '[fields.energy]\ncolumn = "use"', 'period = "day"\ntimezone = "Europe/Berlin"'
    )
    reading = MappedReader(meaning).read(
        text(["date,job,use", "2025-03-05 00:30,chat,1", "2025-03-04T23:30:00Z,chat,1"]), context
    )
    # Half past midnight in Berlin is the fifth there; a time of UTC is labelled by UTC.
    assert reading.activity["period_start"].to_list() == [at(2025, 3, 5), at(2025, 3, 4)]


def test_without_a_zone_the_user_is_asked(context: Context) -> None:
    meaning = mapping('[fields.energy]\ncolumn = "use"', 'period = "hour"')
    reading = MappedReader(meaning).read(text(["date,job,use", "2025-03-05 00:30,c,1"]), context)
    assert reading.local_times
    assert "--timezone" in reading.notes[0].reason
