"""Which rule wins which row, or which part of its time.

All rows that one row of a file gives for one device and period go together: where a rule holds of
one of them, it holds of all. A meter of a machine that a bill names answers to the rules as the
machine's bill does, unless a rule asks for the meter itself: so whichever of the two counts, the
same workloads get the energy.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Final

import polars as pl

from carbon.exact import ratio
from carbon.inventory.assignment.predicates import columns_of, holds, with_asked
from carbon.inventory.assignment.rules import NUMBER_COLUMNS, Rule
from carbon.inventory.billed_machines import machine_of
from carbon.schema import BILL_FORMATS, HOUR_KINDS

TOGETHER: Final = (
    *("evidence_id", "row_number", "resource", "host", "period_start", "period_end"),
)
"""What rows share that are quantities of one thing: its kWh, hours, requests and cost."""

SCALED: Final = ("quantity", "stated_kg_co2e")
"""Columns of which a part of a row has its part, by hours."""


def claims(
    activity: pl.DataFrame,
    rules: Sequence[Rule],
    files: Mapping[str, str],
    *,
    scaled: Sequence[str] = SCALED,
) -> pl.DataFrame:
    """Cut rows where a rule begins or ends, and say who wins each part.

    A row is cut only where its owner changes.

    Args:
        activity: `Activity` rows.
        rules: in the order in which they are asked, enabled ones only.
        files: evidence_id -> name of the file.
        scaled: columns that are cut in proportion to the time.

    Returns:
        activity with `_row` (the position of the row that it is, or is part of) and `_rule` (the
        position of the rule that wins it; null: none), in the order of activity, then of time.
    """
    rows = activity.with_row_index("_row")
    asked = asked_for(activity, rules, files)
    undated = [n for n, rule in enumerate(rules) if _dates(rule) == (None, None)]
    first = pl.coalesce(
        *(pl.when(name(n)).then(pl.lit(n, pl.Int32)) for n in undated),
        pl.lit(None, pl.Int32),
    )
    rows = rows.hstack(asked).with_columns(_rule=first).drop(asked.columns)
    matters = {
        n: asked[name(n)] & (rows["_rule"].is_null() | (rows["_rule"] > n)) & _meets(rule, rows)
        for n, rule in enumerate(rules)
        if n not in undated
    }
    if not any(series.any() for series in matters.values()):
        return rows
    dated = pl.DataFrame([series.alias(name(n)) for n, series in matters.items()])
    some = dated.select(pl.any_horizontal(pl.all())).to_series()
    parts = _parts(rows.filter(some), dated.filter(some), rules, sorted(matters))
    return pl.concat([rows.filter(~some), _cut(rows, parts, scaled)]).sort("_row", "period_start")


def asked_for(
    activity: pl.DataFrame, rules: Sequence[Rule], files: Mapping[str, str]
) -> pl.DataFrame:
    """Which rules ask for which rows, whatever comes before them and whatever their dates.

    Args:
        activity: `Activity` rows.
        rules: whose conditions are asked.
        files: evidence_id -> name of the file.

    Returns:
        One Boolean column a rule, called `name(position)`; never null.
    """
    unclaimed = pl.col("workload").is_null()
    tests = [
        (holds(rule.conditions) & (unclaimed if rule.takes == "unclaimed" else True)).alias(name(n))
        for n, rule in enumerate(rules)
    ]
    asked = _answers(with_asked(activity, rules, files), tests, columns_of(rules))
    return _follow_bills(_together(asked, activity), activity)


def _answers(rows: pl.DataFrame, tests: list[pl.Expr], columns: Sequence[str]) -> pl.DataFrame:
    """Tests of rows, asked once of rows that say the same in what the tests are about."""
    about = list(dict.fromkeys([*columns, "workload"]))
    distinct = rows.select(about).unique()
    if distinct.height > rows.height / 2 or set(NUMBER_COLUMNS) & set(about):
        return rows.select(tests)
    return (
        rows.select(about)
        .join(
            distinct.with_columns(tests),
            on=about,
            how="left",
            validate="m:1",
            nulls_equal=True,
            maintain_order="left",
        )
        .drop(about)
    )


def name(position: int) -> str:
    """The column of a rule."""
    return f"rule_{position}"


def within_dates(rule: Rule) -> pl.Expr:
    """Whether some of a row's period lies within a rule's dates."""
    begin, end = _dates(rule)
    inside = pl.lit(True)
    if begin is not None:
        inside = inside & (pl.col("period_end") > begin)
    if end is not None:
        inside = inside & (pl.col("period_start") < end)
    return inside


def _together(asked: pl.DataFrame, activity: pl.DataFrame) -> pl.DataFrame:
    """Where a rule asks for one quantity of a thing, it asks for all of them."""
    several = activity.select(pl.len().over(TOGETHER) > 1).to_series()
    if not several.any() or not asked.width:
        return asked
    numbered = asked.with_row_index("_row")
    group = activity.filter(several).select(pl.struct(TOGETHER).rank("dense")).to_series()
    joined = numbered.filter(several).with_columns(
        pl.col(asked.columns).any().over(group.alias("_group"))
    )
    return pl.concat([numbered.filter(~several), joined]).sort("_row").drop("_row")


def _follow_bills(asked: pl.DataFrame, activity: pl.DataFrame) -> pl.DataFrame:
    """Meters that no rule asks for are asked for as the bill of their machine is.

    Where lines of the machine's hours differ in which rules ask for them, nothing is known of the
    meter.
    """
    if not asked.width:
        return asked
    bill = pl.col("format").is_in(BILL_FORMATS)
    of_machine = activity.select(
        bill & pl.col("quantity_kind").is_in(HOUR_KINDS) & pl.col("region").is_not_null()
    ).to_series()
    of_meter = (
        activity.select(
            ~bill & pl.col("boundary").is_not_null() & pl.col("site").is_null()
        ).to_series()
        & ~asked.select(pl.any_horizontal(pl.all())).to_series()
    )
    place = ["provider", "region"]
    machines = (
        activity.filter(of_machine)
        .select(*place, _machine=machine_of("resource"), _of="workload")
        .hstack(asked.filter(of_machine))
        .drop_nulls("_machine")
        .group_by("_machine")
        .agg(
            pl.struct("provider", "region", "_of", *asked.columns).n_unique().alias("_kinds"),
            pl.all().first(),
        )
        .filter(pl.col("_kinds") == 1, pl.any_horizontal(asked.columns))
        .drop("_kinds")
    )
    if machines.is_empty() or not of_meter.any():
        return asked
    meters = (
        activity.with_row_index("_row")
        .filter(of_meter)
        .select("_row", *place, "workload", _host=machine_of("host"), _self=machine_of("resource"))
    )
    found = pl.concat(
        [
            meters.join(machines, left_on=[own, *place], right_on=["_machine", *place])
            .filter(pl.col("workload").is_null() | pl.col("workload").eq_missing(pl.col("_of")))
            .select("_row", *asked.columns)
            for own in ("_host", "_self")
        ]
    ).unique("_row", keep="first", maintain_order=True)
    numbered = asked.with_row_index("_row")
    own = numbered.join(found, on="_row", how="anti", maintain_order="left")
    return pl.concat([own, found]).sort("_row").drop("_row")


def _meets(rule: Rule, rows: pl.DataFrame) -> pl.Series:
    return rows.select(within_dates(rule)).to_series()


def _parts(
    rows: pl.DataFrame, dated: pl.DataFrame, rules: Sequence[Rule], positions: Sequence[int]
) -> pl.DataFrame:
    """The parts of rows that rules with dates ask for: _row, _rule and the part of the period."""
    asked = rows.select("_row", "period_start", "period_end", "_rule").hstack(dated)
    at = [pl.col("period_start"), pl.col("period_end")]
    for n in positions:
        for moment in _dates(rules[n]):
            if moment is not None:
                inside = (pl.col("period_start") < moment) & (pl.col("period_end") > moment)
                instant = pl.lit(moment).cast(pl.Datetime("us", "UTC"))
                at.append(pl.when(pl.col(name(n)) & inside).then(instant))
    moments = pl.concat_list(at).list.drop_nulls().list.unique().list.sort()
    pieces = (
        asked.with_columns(_at=moments)
        .with_columns(
            period_start=pl.col("_at").list.head(pl.col("_at").list.len() - 1),
            period_end=pl.col("_at").list.slice(1),
        )
        .drop("_at")
        .explode("period_start", "period_end")
        .with_columns(_rule=pl.coalesce(*(_wins(rules[n], n) for n in positions), "_rule"))
    )
    changes = pl.col("_rule").ne_missing(pl.col("_rule").shift()) | (
        pl.col("_row") != pl.col("_row").shift()
    )
    return (
        pieces.with_columns(_run=changes.fill_null(True).cum_sum())
        .group_by("_run", maintain_order=True)
        .agg(pl.col("_row", "period_start", "_rule").first(), pl.col("period_end").last())
        .drop("_run")
    )


def _wins(rule: Rule, position: int) -> pl.Expr:
    """The rule's position where a piece lies within its dates and it asks for the row."""
    begin, end = _dates(rule)
    wins = pl.col(name(position))
    if begin is not None:
        wins = wins & (pl.col("period_start") >= begin)
    if end is not None:
        wins = wins & (pl.col("period_end") <= end)
    return pl.when(wins).then(pl.lit(position, pl.Int32))


def _cut(rows: pl.DataFrame, parts: pl.DataFrame, scaled: Sequence[str]) -> pl.DataFrame:
    """Rows as their parts, each with its share of the quantity by hours."""
    whole = _length("period_start", "period_end")
    share = ratio(_length("_start", "_end"), whole)
    return (
        rows.drop("_rule")
        .join(
            parts.rename({"period_start": "_start", "period_end": "_end"}),
            on="_row",
            how="inner",
            validate="1:m",
        )
        .with_columns(pl.col(column) * share for column in scaled)
        .with_columns(period_start="_start", period_end="_end")
        .select(rows.columns)
    )


def _length(start: str, end: str) -> pl.Expr:
    return (pl.col(end) - pl.col(start)).dt.total_microseconds()


def _dates(rule: Rule) -> tuple[datetime | None, datetime | None]:
    return _moment(rule.effective_from), _moment(rule.effective_to)


def _moment(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), UTC)
