"""The instrument template."""

from datetime import date
from pathlib import Path

from carbon.activity import read
from carbon.activity.intake import open_payloads
from carbon.activity.source import Context, Reading

DATA = Path(__file__).parents[1] / "data"


def reading(data: bytes, context: Context) -> Reading:
    (payload,) = open_payloads("i.csv", data)
    return read(payload, context)


def test_volume_rate_period_and_criteria_are_read(context: Context) -> None:
    found = reading((DATA / "instruments.csv").read_bytes(), context)
    assert (found.rows, found.quarantine.height) == (2, 0)
    first, second = found.instruments.to_dicts()
    assert (first["kind"], first["market"], first["kwh"]) == ("eac", "FR", 500_000.0)
    assert first["kg_co2e_per_kwh"] == 0.0
    # An end on the first of a month is exclusive; another day counts whole.
    assert (first["period_start"], first["period_end"]) == (date(2025, 1, 1), date(2026, 1, 1))
    assert (second["market"], second["period_end"]) == ("GB", date(2026, 1, 1))
    assert [first[f"q{i}"] for i in range(1, 9)] == [True] * 5 + [None, None, True]
    assert [second[f"q{i}"] for i in range(1, 9)] == [
        True,
        True,
        False,
        True,
        True,
        True,
        None,
        None,
    ]
    assert first["key"] == "GO-FR-1"


def test_rows_that_cannot_be_are_set_aside(context: Context) -> None:
    found = reading(
        b"instrument_id,kind,market,period_start,period_end,kwh,kg_co2e_per_kwh,q1\n"
        b"a,offset,FR,2025-01,2025-12,1,0,\n"
        b"b,REC,Atlantis,2025-01,2025-12,1,0,\n"
        b"c,ppa,FR,2025-01,2025-12,-1,0,\n"
        b"d,ppa,FR,2025-12,2025-01,1,0,\n"
        b"e,ppa,FR,2025-01,2025-12,1,0,maybe\n"
        b"f,ppa,FR,2025-01,2025-12,1,,\n"
        b"g,go,FR,2025-01,2025-12,1,0,\n",
        context,
    )
    assert found.instruments["instrument_id"].to_list() == ["g"]
    assert found.quarantine.select("row_number", "column", "value").rows() == [
        (2, "kind", "offset"),
        (3, "market", "Atlantis"),
        (4, "kwh", "-1"),
        (5, "period_end", "2025-01"),
        (6, "q1", "maybe"),
        (7, "kg_co2e_per_kwh", None),
    ]


def test_instruments_that_will_cover_nothing_are_named(context: Context) -> None:
    found = reading(
        b"instrument_id,kind,market,period_start,period_end,kwh,kg_co2e_per_kwh,q1,q2\n"
        b"good,REC,FR,2025-01,2025-12,1,0,yes,\n"
        b"bad,REC,FR,2025-01,2025-12,1,0,yes,no\n"
        b"open,REC,FR,2025-01,2025-12,1,0,,\n",
        context,
    )
    assert found.instruments.height == 3
    assert [(note.row, note.reason) for note in found.notes] == [
        (3, "bad will cover no consumption: a quality criterion is answered with no."),
        (
            4,
            "open will cover no consumption: none of the quality criteria q1 to q8 is answered.",
        ),
    ]
