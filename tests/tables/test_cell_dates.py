"""Dates and times as people, trackers and spreadsheets write them."""

from datetime import UTC, datetime

import polars as pl
import pytest

from carbon.tables import RefusalError, day_first, parse_instant


def read(cells: list[str | None], timezone: str = "UTC", serial: bool = False) -> pl.DataFrame:
    column = pl.Series("d", cells, dtype=pl.String)
    return parse_instant(column, timezone, day_first([column]), serial_dates=serial)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cell", "moment", "precision"),
    [
        ("2025-03-04", at(2025, 3, 4), "day"),
        ("2025/03/04", at(2025, 3, 4), "day"),
        ("20250304", at(2025, 3, 4), "day"),
        ("04.03.2025", at(2025, 3, 4), "day"),
        ("2025-03", at(2025, 3, 1), "month"),
        ("2025-03-04T10:30", at(2025, 3, 4, 10, 30), "time"),
        ("2025-03-04 10:30:15Z", at(2025, 3, 4, 10, 30, 15), "time"),
        ("2025-03-04T10:30:15.250+02:00", at(2025, 3, 4, 8, 30, 15, 250_000), "time"),
        ("2025-03-04T10:30:15-0530", at(2025, 3, 4, 16, 0, 15), "time"),
        ("2025-03-04 10:30 UTC", at(2025, 3, 4, 10, 30), "time"),
        ("14/03/2025", at(2025, 3, 14), "day"),
        ("03/14/2025 1:05 PM", at(2025, 3, 14, 13, 5), "time"),
        ("3/3/2025", at(2025, 3, 3), "day"),
    ],
)
def test_a_date_is_read(cell: str, moment: datetime, precision: str) -> None:
    (row,) = read([cell]).to_dicts()
    assert (row["instant"], row["precision"], row["reason"]) == (moment, precision, None)


def test_one_day_above_twelve_decides_the_order_of_the_column() -> None:
    assert read(["3/4/2025", "31/4/2025", "13/4/2025"])["instant"].to_list() == [
        at(2025, 4, 3),
        None,
        at(2025, 4, 13),
    ]
    assert read(["3/4/2025", "4/13/2025"])["instant"][0] == at(2025, 3, 4)


def test_day_and_month_that_cannot_be_told_apart_are_refused() -> None:
    (row,) = read(["3/4/2025"]).to_dicts()
    assert row["instant"] is None
    assert row["reason"] == "day and month cannot be told apart; write 2025-03-04"
    both = read(["3/4/2025", "13/4/2025", "4/13/2025"])
    assert both["instant"].to_list() == [None, at(2025, 4, 13), at(2025, 4, 13)]


def test_a_local_time_is_read_in_its_zone_and_a_date_is_a_utc_label() -> None:
    frame = read(["2025-07-01 12:00", "2025-07-01"], "Europe/Paris")
    assert frame["instant"].to_list() == [at(2025, 7, 1, 10), at(2025, 7, 1)]
    assert frame["local"].to_list() == [True, False]


def test_the_hours_that_daylight_saving_repeats_or_skips_are_read() -> None:
    # Paris 2025: 02:30 on 30 March does not exist (clocks go 02:00 -> 03:00, UTC 01:00);
    # 02:30 on 26 October comes twice, first at UTC 00:30.
    frame = read(["2025-03-30 02:30", "2025-10-26 02:30"], "Europe/Paris")
    assert frame["instant"].to_list() == [at(2025, 3, 30, 1, 30), at(2025, 10, 26, 0, 30)]


def test_day_numbers_are_dates_in_a_workbook_only() -> None:
    # 45717 days after 1899-12-30 is 2025-03-01.
    assert read(["45717", "45717.5"], serial=True)["instant"].to_list() == [
        at(2025, 3, 1),
        at(2025, 3, 1, 12),
    ]
    assert read(["45717"])["reason"][0] is not None


def test_dates_that_do_not_exist_fail_with_a_remedy() -> None:
    reasons = read(["2025-02-30", "2025-03-04T25:00", "soon"])["reason"].to_list()
    assert reasons[0] == "this date does not exist; write it as 2025-03-04"
    assert reasons[1] == reasons[0]
    assert reasons[2] == "this is not a date; write 2025-03-04 or 2025-03-04T10:30:00Z"


def test_an_empty_cell_is_no_failure() -> None:
    assert read([None, "NA"]).select("instant", "reason").null_count().row(0) == (2, 2)


def test_an_unknown_time_zone_is_refused_by_name() -> None:
    with pytest.raises(RefusalError, match="'Mars/Olympus' is not known"):
        read(["2025-01-01"], "Mars/Olympus")


@pytest.mark.parametrize("timezone", ["UTC", "Asia/Tokyo", "America/Los_Angeles"])
@pytest.mark.parametrize(
    "cell",
    [
        "0001-01-01",
        "0001-01-01T00:30:00",
        "1989-12-31",
        "9999-12-31",
        "9999-12-31T23:59:59",
        "9999-12-31T23:59:59-12:00",
        "2100-01-02",
        "9999-12",
        "31.12.2999",
    ],
)
def test_a_date_out_of_all_reason_is_refused_in_every_zone(cell: str, timezone: str) -> None:
    (row,) = read([cell], timezone).to_dicts()
    assert row["instant"] is None
    assert row["reason"].startswith("this date lies outside of 1990 to 2100; write ")


def test_the_ends_of_the_span_are_within_it() -> None:
    rows = read(["1990-01-01", "2100-01-01"])
    assert rows["instant"].to_list() == [at(1990, 1, 1), at(2100, 1, 1)]
    # Midnight in Tokyo on the first day is still 1989 in UTC.
    assert read(["1990-01-01T00:00:00"], "Asia/Tokyo")["instant"].to_list() == [None]
