"""The result for machines: JSON, and CSV tables that a spreadsheet opens without obeying them."""

import json
import re
from typing import Any, Final

import polars as pl

from carbon.accounting.pipeline import Footprint
from carbon.accounting.summary import select
from carbon.disclosure.sources import FACTOR_COLUMNS
from carbon.schema import FootprintLine

_TRIGGERS: Final = r"^[=+\-@\t\r]"
"""First characters for which a spreadsheet takes a cell for a formula."""


def result_json(content: dict[str, Any]) -> bytes:
    """The content model as UTF-8 JSON: indented, keys sorted, the same bytes each time."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, indent=2, allow_nan=False)
    return (text + "\n").encode()


def attachments(content: dict[str, Any], footprint: Footprint) -> dict[str, bytes]:
    """The machine-readable files that travel inside the PDF.

    Args:
        content: what `content.content` gave.
        footprint: the footprint it was made of; cut to the content's period and boundary here.
    """
    period, scope = content["period"], content["boundary"]["scope"]
    chosen = select(footprint, period["start"], period["end"], scope=scope)
    return {
        "factors.csv": factors_csv(content),
        "lines.csv": lines_csv(chosen),
        "result.json": result_json(content),
    }


def lines_csv(footprint: Footprint) -> bytes:
    """Every line of the footprint as CSV, in the order of files and rows.

    The footprint is printed as it is given: cut it to the period and boundary first.
    """
    order = ("evidence_id", "row_number", "month", "component", "line_id")
    return csv(footprint.lines.select(FootprintLine.column_names()).sort(*order, nulls_last=True))


def factors_csv(content: dict[str, Any]) -> bytes:
    """The factors that a report's figures rest on, with their documents, as CSV."""
    if not content["factors"]:
        return csv(pl.DataFrame(schema=dict.fromkeys(FACTOR_COLUMNS, pl.String)))
    rows = [
        {k: "; ".join(v) if isinstance(v, list) else v for k, v in factor.items()}
        for factor in content["factors"]
    ]
    return csv(pl.DataFrame(rows, infer_schema_length=None))


def csv(frame: pl.DataFrame) -> bytes:
    """A frame as UTF-8 CSV; text that a spreadsheet would run gets a leading apostrophe."""
    text = pl.col(pl.String)
    safe = frame.with_columns(
        pl.when(text.str.contains(_TRIGGERS)).then("'" + text).otherwise(text).name.keep()
    )
    headed = safe.rename({c: f"'{c}" for c in safe.columns if re.match(_TRIGGERS, c)})
    return headed.write_csv().encode()
