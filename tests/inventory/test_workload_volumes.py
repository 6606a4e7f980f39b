"""How much a workload was used, and how long its runs took."""

import datetime as dt

import polars as pl
import pytest

from carbon.inventory.volumes import volumes, wall_hours
from carbon.schema import Activity


def rows(*given):
    empty = Activity.create_empty()
    fixed = {
        **dict.fromkeys(empty.columns),
        "evidence_id": "e" * 64,
        "format": "activity-template",
        "key": "k",
        "superseded_in_file": False,
    }
    numbered = [
        {**fixed, "row_number": n, **{k: v for k, v in row.items() if k != "assigned_share"}}
        for n, row in enumerate(given, 2)
    ]
    shares = [row.get("assigned_share", 1.0) for row in given]
    return pl.DataFrame(numbered, schema=empty.schema).with_columns(
        assigned_share=pl.Series(shares, dtype=pl.Float64)
    )


def used(kind, quantity, start, end, workload="chat", **more):
    return {
        "workload": workload,
        "quantity_kind": kind,
        "quantity": quantity,
        "period_start": start,
        "period_end": end,
        **more,
    }


def at(month, day=1, hour=0, minute=0):
    return dt.datetime(2026, month, day, hour, minute, tzinfo=dt.UTC)


def test_requests_and_tokens_are_summed_by_share():
    frame = rows(
        used("requests", 1000.0, at(1), at(2)),
        used("requests", 500.0, at(2), at(3), assigned_share=0.25),
        used("output_tokens", 7e6, at(1), at(2)),
        used("energy_it_kwh", 9.0, at(1), at(2)),
    )
    row = volumes(frame).row(0, named=True)
    # 1000 + 0.25 x 500
    assert (row["requests"], row["output_tokens"]) == (1125.0, 7e6)
    assert row["input_tokens"] is None


def test_a_row_that_straddles_the_period_counts_by_its_hours_inside():
    # January has 31 days and February 28: 590 requests in 59 days are 10 a day.
    frame = rows(used("requests", 590.0, at(1), at(3)))
    assert volumes(frame, "2026-02", "2026-02")["requests"].to_list() == [pytest.approx(280)]
    assert volumes(frame, "2026-03").is_empty()


def test_activity_that_nobody_claims_has_its_volume_too():
    frame = rows(used("requests", 5.0, at(1), at(2), workload=None))
    assert volumes(frame)["workload_id"].to_list() == ["(unassigned)"]


def test_wall_clock_hours_are_the_union_of_the_runs():
    run = {"format": "codecarbon", "quantity_kind": "energy_it_kwh", "quantity": 1.0}

    def ran(start, end, **more):
        return {**run, "workload": "train", "period_start": start, "period_end": end, **more}

    frame = rows(
        ran(at(1, 1, 0), at(1, 1, 10)),
        ran(at(1, 1, 2), at(1, 1, 3)),  # inside the first
        ran(at(1, 1, 8), at(1, 1, 12)),  # two hours more
        ran(at(1, 2, 0), at(1, 2, 0, 30)),  # half an hour, the next day
        ran(at(1), at(2), format="activity-template"),  # a month of a table is no run
        ran(at(1, 3, 0), at(1, 3, 1), format="activity-template", run_status="failed"),
    )
    # 10 + 2 + 0.5, and 1 of the row that says how it ended.
    assert wall_hours(frame)["wall_hours"].to_list() == [pytest.approx(13.5)]
