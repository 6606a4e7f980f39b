"""The hardware template: what was bought, row by row."""

from datetime import date
from pathlib import Path

import pytest

from carbon import activity
from carbon.activity.intake import open_payloads
from carbon.activity.source import Context, Reading
from carbon.tables.payload import RefusalError

DATA = Path(__file__).parents[1] / "data"
HEADER = (
    b"asset_id,item,count,purchased_on,kind,lifetime_years,kg_co2e_each,low_kg_each,high_kg_each\n"
)


def reading(data: bytes, context: Context) -> Reading:
    (payload,) = open_payloads("assets.csv", data)
    assert activity.recognise(payload)[0] == "hardware-template"
    return activity.read(payload, context)


def test_pieces_days_lives_and_figures_are_read(context: Context) -> None:
    found = reading((DATA / "hardware_template.csv").read_bytes(), context)
    assert found.rows == 7
    assert found.assets["asset_id"].to_list() == ["LOT-1", "LOT-2", "LOT-3"]
    cards, servers, more = found.assets.to_dicts()
    assert (cards["kind"], cards["count"], cards["kg_co2e_each"]) == ("accelerator", 16.0, None)
    assert cards["purchased_on"] == date(2023, 7, 1)
    assert (servers["kind"], servers["lifetime_years"]) == ("server", 5.0)
    # 1.313 t = 1,313 kg.
    assert servers["kg_co2e_each"] == pytest.approx(1313.0)
    assert (servers["low_kg_each"], servers["high_kg_each"]) == (800.0, 2600.0)
    assert more["kind"] == "accelerator"
    assert cards["key"] != servers["key"]


def test_rows_that_cannot_be_are_set_aside_with_their_reason(context: Context) -> None:
    found = reading((DATA / "hardware_template.csv").read_bytes(), context)
    assert found.quarantine.select("row_number", "column", "value").rows() == [
        (5, "count", "-8"),
        (6, "asset_id", "LOT-1"),
        (7, "retired_on", "2023-01-01"),
        (8, "kind", "board"),
    ]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (b"a,H100,0,2024-01-01,,,,,\n", "count"),
        (b"a,H100,1.5,2024-01-01,,,,,\n", "count"),
        (b"a,H100,x,2024-01-01,,,,,\n", "count"),
        (b"a,H100,1,soon,,,,,\n", "purchased_on"),
        (b"a,,1,2024-01-01,,,,,\n", "item"),
        (b"a,H100,1,2024-01-01,,0,,,\n", "lifetime_years"),
        (b"a,H100,1,2024-01-01,,,,100,\n", "kg_co2e_each"),
        (b"a,H100,1,2024-01-01,,,150,200,\n", "low_kg_each"),
        (b"a,H100,1,2024-01-01,,,150,,120\n", "high_kg_each"),
    ],
)
def test_what_cannot_be_names_its_column(context: Context, row: bytes, column: str) -> None:
    found = reading(HEADER + row + b"z,H100,1,2024-01-01,,,,,\n", context)
    assert found.assets["asset_id"].to_list() == ["z"]
    assert found.quarantine["column"].to_list() == [column]


def test_a_figure_without_a_document_is_remarked(context: Context) -> None:
    found = reading(HEADER + b"a,H100,1,2024-01-01,,,150,,\n", context)
    assert any("without a document" in note.reason for note in found.notes)


def test_a_file_without_a_required_column_is_refused(context: Context) -> None:
    (payload,) = open_payloads("assets.csv", b"asset_id,item,count\na,H100,1\n")
    with pytest.raises(RefusalError, match="purchased_on"):
        activity.read(payload, context, format="hardware-template")
