"""A published run as one row of activity, accounted for with the shipped library."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from carbon.accounting.pipeline import Inputs, footprint
from carbon.accounting.summary import summarise
from carbon.factors.library import load
from carbon.policy import Policy
from carbon.schema import Activity, Instrument, Workload


@pytest.fixture(scope="session")
def published() -> Callable[..., dict[str, Any]]:
    """The measures R of one activity row with the given columns."""

    def measures(**columns: Any) -> dict[str, Any]:
        empty = Activity.create_empty()
        row = {
            **dict.fromkeys(empty.columns),
            "evidence_id": "e" * 64,
            "row_number": 2,
            "format": "activity-template",
            "key": "k",
            "superseded_in_file": False,
            "workload": "run",
            "period_start": dt.datetime(2023, 1, 1, tzinfo=dt.UTC),
            "period_end": dt.datetime(2023, 2, 1, tzinfo=dt.UTC),
            **columns,
        }
        library = load()
        inputs = Inputs(
            activity=Activity.validate(pl.DataFrame([row], schema=empty.schema)),
            workloads=Workload.create_empty(),
            instruments=Instrument.create_empty(),
            factors=library.factors,
            library=library,
        )
        return summarise(footprint(inputs, Policy()), [], Policy()).row(0, named=True)

    return measures
