"""Rows of published tables, accounted for with the shipped library."""

import datetime as dt
from typing import Any

import polars as pl

from carbon.accounting.pipeline import Footprint, Inputs, footprint
from carbon.factors.library import load
from carbon.policy import Policy
from carbon.schema import Activity, Instrument, Workload


def it_row(row: int, **columns: Any) -> dict[str, Any]:
    """A row of a table of runs, over the year 2023 unless told otherwise."""
    return {
        "evidence_id": "e" * 64,
        "row_number": row,
        "format": "activity-template",
        "key": f"k{row}",
        "superseded_in_file": False,
        "workload": f"run {row}",
        "period_start": dt.datetime(2023, 1, 1, tzinfo=dt.UTC),
        "period_end": dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
        **columns,
    }


def footprint_of(*rows: dict[str, Any]) -> Footprint:
    """The footprint of such rows under the default policy."""
    empty = Activity.create_empty()
    blank = dict.fromkeys(empty.columns)
    frame = pl.DataFrame([{**blank, **row} for row in rows], schema=empty.schema)
    library = load()
    inputs = Inputs(
        activity=Activity.validate(frame),
        workloads=Workload.create_empty(),
        instruments=Instrument.create_empty(),
        factors=library.factors,
        library=library,
    )
    return footprint(inputs, Policy())
