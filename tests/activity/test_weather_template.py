"""Temperatures of places and of a normal year: the weather template."""

import datetime as dt
from pathlib import Path

import pytest

from carbon import activity
from carbon.activity.intake import open_payloads
from carbon.activity.source import Context, Reading
from carbon.tables.payload import RefusalError

DATA = Path(__file__).parents[1] / "data"


def reading(data: bytes, context: Context) -> Reading:
    (payload,) = open_payloads("weather.csv", data)
    assert activity.recognise(payload)[0] == "weather-template"
    return activity.read(payload, context)


@pytest.fixture
def found(context: Context) -> Reading:
    return reading((DATA / "weather.csv").read_bytes(), context)


def test_rows_are_means_of_an_hour_a_day_or_a_month_at_a_place(found: Reading) -> None:
    rows = found.weather.to_dicts()
    assert found.rows == 17
    assert [(row["place"], row["span"], row["normal"], row["mean_temp_c"]) for row in rows] == [
        ("Lyon", "day", False, -2.5),
        ("Lyon", "day", False, 4.0),
        ("Lyon", "day", False, 27.4),
        ("Lyon", "day", True, 26.0),
        ("aws:us-east-1", "hour", False, 31.0),
        ("FR", "month", False, 21.2),
    ]
    # 1 230 kWh / 1 000 kWh = 1.23.
    assert [row["pue"] for row in rows] == [1.21, pytest.approx(1.23), 1.36, None, None, None]
    assert rows[4]["at"] == dt.datetime(2025, 7, 1, 13, tzinfo=dt.UTC)
    assert len({row["key"] for row in rows}) == 6
    assert any("means of whole months" in note.reason for note in found.notes)


def test_rows_that_cannot_be_are_set_aside_with_what_to_do(found: Reading) -> None:
    aside = found.quarantine.select("row_number", "column", "value").rows()
    assert aside == [
        (8, "date", "2025-07-01"),
        (9, "mean_temp_c", "81"),
        (10, "wet_bulb_c", "22"),
        (11, "pue", "0.9"),
        (12, "facility_kwh", "900"),
        (13, "facility_kwh", "1200"),
        (14, "pue", "1.5"),
        (15, None, None),
        (16, "region", "us-west-2"),
        (17, "mean_temp_c", None),
        (18, "normal", "perhaps"),
    ]
    assert found.weather.height + found.quarantine.height == found.rows


def test_fahrenheit_is_not_taken_for_celsius(context: Context) -> None:
    one = reading(b"site,date,mean_temp_c\nLyon,2025-01-01,41 F\n", context)
    assert one.weather.is_empty()
    assert one.quarantine["column"].to_list() == ["mean_temp_c"]


def test_a_file_without_a_place_is_refused_in_words(context: Context) -> None:
    (payload,) = open_payloads("weather.csv", b"date,mean_temp_c\n2025-01-01,3\n")
    with pytest.raises(RefusalError, match="also needs site or zone or region"):
        activity.read(payload, context)
