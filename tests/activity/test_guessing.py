"""A first guess at unknown columns: by header, unit and cells, in words that a person can check."""

import io
import json

import polars as pl
import pytest

from carbon.activity.mapping.guessing import Guess, guess
from carbon.activity.mapping.reader import MappedReader
from carbon.activity.source import Context, Payload, RefusalError

GERMAN = """\
Stromverbrauch der Cluster;;;;
Monat;Team;Job;Verbrauch [MWh];Land
01/2025;NLP;chat;1.234,5;FR
02/2025;NLP;chat;1.100,25;FR
;;Total;2.334,75;
"""


def of(text: str) -> Guess:
    return guess(Payload("f.csv", "text", text))


def columns(found: Guess) -> dict[str, tuple[str, ...]]:
    return {name: origin.columns for name, origin in found.mapping.fields.items()}


def test_a_german_spreadsheet_is_guessed_and_read_as_guessed(context: Context) -> None:
    found = of(GERMAN)
    assert columns(found) == {
        "start": ("Monat",),
        "business_unit": ("Team",),
        "workload": ("Job",),
        "energy": ("Verbrauch [MWh]",),
        "country": ("Land",),
    }
    assert (found.mapping.dates, found.mapping.period) == ("%m/%Y", "month")
    assert found.mapping.skip[0].values == ("Total",)
    assert found.why["energy"] == "the header says “verbrauch”, in MWh"
    reading = MappedReader(found.mapping).read(Payload("f.csv", "text", GERMAN), context)
    # 1 234.5 MWh and 1 100.25 MWh; the total is no row of its own.
    assert reading.activity["quantity"].to_list() == [1_234_500.0, 1_100_250.0]


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("Energy (kWh)", "kWh"),
        ("Energy [Wh]", "Wh"),
        ("energy_mwh", "MWh"),  # nobody writes milliwatt-hours; and it is marked as a guess
        ("energy_mj", ""),  # mJ or MJ: both are written, and only a person knows
        ("energy_MWh", "MWh"),
        ("Consumption in GWh", "GWh"),
        ("joules", "J"),
        ("Energy", ""),
    ],
)
def test_the_unit_of_a_header(header: str, unit: str) -> None:
    found = of(f"day,job,{header}\n2025-03-04,a,5\n2025-03-05,a,6\n")
    assert found.mapping.fields["energy"].columns == (header,)
    assert found.mapping.fields["energy"].unit == unit
    assert ("its unit is not told" in found.why["energy"]) == (not unit)


@pytest.mark.parametrize(
    ("cells", "period", "dates"),
    [
        (["2025-03-04", "2025-03-05"], "day", "auto"),
        (["2025-03-01", "2025-04-01"], "month", "auto"),
        (["2025-03", "2025-04"], "month", "auto"),
        (["Mar 2025", "Apr 2025"], "month", "%b %Y"),
        (["2025-03-04 10:00", "2025-03-04 11:00", "2025-03-04 12:00"], "hour", "auto"),
        (["2025-03-04 10:00", "2025-03-04 10:15", "2025-03-04 10:30"], "quarter_hour", "auto"),
        (["1741082400", "1741086000", "1741089600"], "hour", "epoch s"),
        (["1741082400000", "1741086000000", "1741089600000"], "hour", "epoch ms"),
        (["14.03.2025", "15.03.2025"], "day", "auto"),
        (["14.03.25", "15.03.25"], "day", "%d.%m.%y"),
        (["2024", "2025"], "year", "%Y"),
    ],
)
def test_the_period_and_style_of_dates(cells: list[str], period: str, dates: str) -> None:
    found = of("date;job;kwh\n" + "".join(f"{cell};a;5\n" for cell in cells))
    assert columns(found)["start"] == ("date",)
    assert (found.mapping.period, found.mapping.dates) == (period, dates)


def test_dates_that_can_be_read_two_ways_are_left_to_a_person() -> None:
    found = of("date,job,kwh\n3/4/2025,a,5\n4/4/2025,a,5\n")
    assert columns(found)["start"] == ("date",)
    assert found.why["dates"] == "day and month cannot be told apart: say which comes first"


def test_watts_at_uneven_times_are_given_no_length() -> None:
    found = of("time,host,power [W]\n2025-03-04 10:00,a,300\n2025-03-04 10:07,a,310\n"
               "2025-03-04 11:01,a,310\n")  # fmt: skip
    assert found.mapping.period == "span"
    assert "say how long each of them lasts" in found.why["period"]
    assert any("hour, day" in sentence for sentence in found.mapping.lacks())
    assert found.why["workload"] == "no header names a workload; the host may"


def test_runs_with_start_end_hours_and_tokens() -> None:
    found = of(
        "Started,Ended,Model name,GPU type,# GPUs,GPU hours,Prompt tokens,Completion tokens,PUE\n"
        "2025-03-04 10:00,2025-03-04 12:00,llama,H100,8,16,1000,200,1.2\n"
    )
    assert columns(found) == {
        "start": ("Started",),
        "end": ("Ended",),
        "model": ("Model name",),
        "workload": ("Model name",),
        "accelerator": ("GPU type",),
        "accelerator_count": ("# GPUs",),
        "accelerator_hours": ("GPU hours",),
        "input_tokens": ("Prompt tokens",),
        "output_tokens": ("Completion tokens",),
        "pue": ("PUE",),
    }
    assert found.mapping.period == "span"


def test_emissions_without_use_are_a_providers_own_figures() -> None:
    found = of(
        "Year,Month,Service,Region,Scope 1 (mtCO2e),Scope 2 LBM (mtCO2e),Scope 3 (mtCO2e)\n"
        "2025,1,VM,eu,1,2,3\n"
    )
    assert found.mapping.target == "reported"
    assert found.mapping.fields["scope_2_location"].unit == "mtCO2e"
    assert found.mapping.fields["start"].columns == ("Year", "Month")
    assert found.mapping.lacks() == ("Say which provider these figures are from.",)


def test_what_the_file_holds_may_be_stated() -> None:
    text = "month,job,kwh,co2 (kg)\n2025-03,a,5,2\n"
    assert guess(Payload("f.csv", "text", text)).mapping.target == "activity"
    reported = guess(Payload("f.csv", "text", text), target="reported").mapping
    assert (reported.target, reported.fields["carbon"].unit) == ("reported", "kg")


def test_a_table_that_says_nothing_is_guessed_as_nothing() -> None:
    found = of("a,b\nx,1\n")
    assert not found.mapping.fields
    assert len(found.mapping.lacks()) == 3


@pytest.mark.parametrize("kind", ["xlsx", "parquet", "json", "jsonl", "nested"])
def test_every_kind_of_file(kind: str) -> None:
    rows = [
        {"date": "2025-03-04", "job": "chat", "energy_kWh": 2.5},
        {"date": "2025-03-05", "job": "chat", "energy_kWh": 3.5},
    ]
    frame, buffer = pl.DataFrame(rows), io.BytesIO()
    if kind == "xlsx":
        frame.write_excel(buffer)
        payload = Payload("f.xlsx", kind, data=buffer.getvalue())
    elif kind == "parquet":
        frame.write_parquet(buffer)
        payload = Payload("f.parquet", kind, data=buffer.getvalue())
    elif kind == "json":
        payload = Payload("f.json", kind, json.dumps(rows))
    elif kind == "jsonl":
        payload = Payload("f.jsonl", kind, "\n".join(json.dumps(row) for row in rows))
    else:
        payload = Payload("f.json", "json", json.dumps({"ok": True, "page": {"runs": rows}}))
    found = guess(payload)
    prefix = "page.runs." if kind == "nested" else ""
    assert found.mapping.records == ("page.runs" if kind == "nested" else "")
    assert found.mapping.fields["energy"].columns == (f"{prefix}energy_kWh",)
    assert found.mapping.fields["energy"].unit == "kWh"
    assert found.mapping.fields["start"].columns == (f"{prefix}date",)


def test_what_is_no_table_is_refused() -> None:
    with pytest.raises(RefusalError):
        of("")
