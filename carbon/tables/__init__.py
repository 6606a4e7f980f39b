"""Tables as they come: text, workbooks, Parquet and JSON, read once for every room that needs it.

Cells stay text until a reader says what they are; then numbers and dates are read by the rules in
`numbers` and `dates`, and what cannot be read is set aside with row, column, value and reason.
"""

from collections.abc import Iterable

from carbon.tables.columnar import parquet_table
from carbon.tables.dates import day_first, parse_instant
from carbon.tables.delimited import read_delimited
from carbon.tables.names import match_names
from carbon.tables.numbers import blank_to_null, decimal_mark, parse_number
from carbon.tables.payload import Context, Payload, Problem, RefusalError, RefusedMember
from carbon.tables.records import records_table
from carbon.tables.rejections import Rejections
from carbon.tables.table import Table
from carbon.tables.workbook import read_workbook

__all__ = [
    "Context",
    "Payload",
    "Problem",
    "RefusalError",
    "RefusedMember",
    "Rejections",
    "Table",
    "blank_to_null",
    "day_first",
    "decimal_mark",
    "match_names",
    "parse_instant",
    "parse_number",
    "read_table",
]

PEEK_CHARACTERS = 200_000
PEEK_ROWS = 50


def read_table(
    payload: Payload, known: Iterable[str], *, peek: bool = False, records: str = ""
) -> Table:
    """The table in a text file, a workbook, a Parquet file or a list of JSON objects.

    Args:
        payload: the file; its `corrections` stand in the table in place of what the file says.
        known: column names that are looked for; they tell header, delimiter and sheet.
        peek: read only the beginning, to recognise the format.
        records: in nested JSON the path of the lists that hold the rows, as `data.results`.

    Raises:
        RefusalError: the file holds no such table; the message names the file and the remedy.
    """
    if payload.kind == "xlsx":
        rows = PEEK_ROWS if peek else None
        return read_workbook(payload.name, payload.data, known, rows, payload.corrections)
    if payload.kind == "parquet":
        rows = PEEK_ROWS if peek else None
        return parquet_table(payload.name, payload.data, rows, payload.corrections)
    if payload.kind == "text":
        text = _beginning(payload.text) if peek else payload.text
        return read_delimited(payload.name, text, known, payload.corrections)
    return records_table(payload, records)


def _beginning(text: str) -> str:
    """The first characters, up to a whole line."""
    if len(text) <= PEEK_CHARACTERS:
        return text
    return text[: text.rfind("\n", 0, PEEK_CHARACTERS) + 1] or text[:PEEK_CHARACTERS]
