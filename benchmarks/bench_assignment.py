"""Fifty rules over 200,000 rows against one plain look-up of the same tags: read the ratio.

Every row has tags of its own, so that nothing is saved by rows that say the same.
"""

import datetime as dt

import polars as pl
import pytest

from carbon.inventory.assignment.assign import assign
from carbon.inventory.assignment.rules import Rule, rule_from
from carbon.schema import Activity

ROWS = 200_000
RULES = 50
GROUP = "50 rules over 200,000 activity rows"


@pytest.fixture(scope="module")
def activity() -> pl.DataFrame:
    """A month of each row, forty teams by tag, sixty accounts; nobody claims any."""
    row = pl.col("row_number")
    start = pl.datetime(2025, 1, 1, time_zone="UTC").dt.cast_time_unit("us")
    tags = ('{"run":"', row.cast(pl.String), '","team":"t', (row % 40).cast(pl.String), '"}')
    begins = start + pl.duration(days=row % 300)
    stated = pl.select(row_number=pl.int_range(1, ROWS + 1, dtype=pl.Int64)).select(
        row,
        evidence_id=pl.lit("e" * 64),
        format=pl.lit("activity-template"),
        key=row.cast(pl.String),
        superseded_in_file=pl.lit(False),
        account=pl.format("acc-{}", row % 60),
        tags=pl.concat_str([pl.lit(part) if isinstance(part, str) else part for part in tags]),
        period_start=begins,
        period_end=begins + pl.duration(days=30),
        quantity_kind=pl.lit("energy_it_kwh"),
        quantity=pl.lit(1.0),
    )
    missing = [
        pl.lit(None, dtype).alias(name)
        for name, dtype in Activity.create_empty().schema.items()
        if name not in stated.columns
    ]
    return stated.with_columns(missing).select(Activity.column_names())


@pytest.fixture(scope="module")
def rules() -> list[Rule]:
    """Two conditions and a half each; every fifth begins in June and cuts rows."""
    return [
        rule_from(
            {
                "rule_id": f"r{n}",
                "name": f"rule {n}",
                "conditions": [
                    {"column": "tag:team", "op": "like", "values": [f"t{n}*"]},
                    {"column": "account", "op": "like", "values": ["acc-*"]},
                ],
                "shares": [{"workload": f"w{n}", "share": 0.5}],
                "effective_from": None if n % 5 else dt.date(2025, 6, 1),
            }
        )
        for n in range(RULES)
    ]


@pytest.mark.benchmark(group=GROUP)
def bench_plain_look_up(benchmark, activity):
    def look_up():
        return activity.with_columns(team=pl.col("tags").str.json_path_match("$.team"))

    assert benchmark(look_up)["team"].n_unique() == 40


@pytest.mark.benchmark(group=GROUP)
def bench_assign(benchmark, activity, rules):
    found = benchmark.pedantic(assign, [activity, rules], rounds=3, warmup_rounds=1)
    moved = found["quantity"] * found["assigned_share"]
    assert moved.sum() == pytest.approx(ROWS)
