"""What rules come to: what each asks for and wins, what they leave, where they disagree.

Nothing here computes a footprint again. Energy and emissions of a row do not depend on whose it is,
but for what is stated of a workload (its accelerator or place where the row names none, whether it
is in scope, and energy that sources of one workload share): what a rule moves is therefore what the
footprint of today says of the row, and changes in those respects show once the rules are saved.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import polars as pl

from carbon.inventory.assignment.assign import assign
from carbon.inventory.assignment.claims import SCALED, TOGETHER, asked_for, name, within_dates
from carbon.inventory.assignment.rules import Rule
from carbon.schema import UNASSIGNED

FIGURES: Final = ("kwh", "location_kg", "market_kg", "embodied_kg")
"""What follows a row: facility energy [kWh], emissions by both methods [kgCO2e], and amortised
embodied carbon [kgCO2e]."""

THING: Final = ("evidence_id", "row_number", "resource", "host")
"""By what figures of footprint lines are found for rows of activity."""

STATES: Final = ("off", "matches nothing", "shadowed", "wins")
"""Of a rule: switched off; no row fits; every row that fits goes to a rule before it; in use."""


@dataclass(frozen=True)
class Coverage:
    """What a set of rules comes to, over activity that is AI.

    Attributes:
        rules: one row a rule, in their order: rule_id, name, state (one of STATES), rows_asked and
            kwh_asked (whatever comes before it), rows_won, kwh_won (what its shares give; null:
            nothing of it has an energy) and unknown_rows (won, without an energy).
        kinds: rule_id, quantity_kind, quantity (what its shares give, in the unit of the kind).
        conflicts: pairs of rules that both hold on rows: winner_id, winner, loser_id, loser, rows,
            kwh, other_owner (whether they give the rows to other workloads, or by other shares).
        unclaimed: before and after the rules: rows and kwh that no workload claims.
        total: rows and kwh of all activity, and of what rules give to workloads.
    """

    rules: pl.DataFrame
    kinds: pl.DataFrame
    conflicts: pl.DataFrame
    unclaimed: dict[str, float] = field(default_factory=dict)
    total: dict[str, float] = field(default_factory=dict)


def with_figures(activity: pl.DataFrame, figures: pl.DataFrame) -> pl.DataFrame:
    """Activity with what the footprint says of each thing that it is of.

    Args:
        activity: `Activity` rows that are AI, before any rule.
        figures: THING and FIGURES, one row a thing: sums over footprint lines.

    Returns:
        activity with FIGURES, `_leads` (true of one row of each thing and period, which bears
        them) and its part of the thing's figures by hours where several periods share them; null
        where the footprint holds no figure.
    """
    leads = pl.int_range(pl.len()).over(TOGETHER) == 0
    rows = activity.with_columns(_leads=leads)
    hours = (pl.col("period_end") - pl.col("period_start")).dt.total_microseconds()
    share = hours / hours.filter("_leads").sum().over(THING)
    return (
        rows.with_columns(_share=pl.when("_leads").then(share))
        .join(
            figures.select(*THING, *FIGURES),
            on=THING,
            how="left",
            validate="m:1",
            nulls_equal=True,
            maintain_order="left",
        )
        .with_columns(pl.col(figure) * pl.col("_share") for figure in FIGURES)
        .drop("_share")
    )


def coverage(rows: pl.DataFrame, rules: Sequence[Rule], files: Mapping[str, str]) -> Coverage:
    """What rules come to.

    Args:
        rows: as `with_figures` gives them.
        rules: in the order in which they are asked, those that are switched off among them.
        files: evidence_id -> name of the file.
    """
    asked = _in_dates(_asked(rows, rules, files), rows, rules)
    after = assigned(rows, rules, files)
    return Coverage(
        rules=_of_rules(rows, asked, after, rules),
        kinds=_kinds(after, rules),
        conflicts=_conflicts(rows, asked, rules),
        unclaimed={
            **_sums(rows.filter(pl.col("workload").is_null()), "before"),
            **_sums(after.filter(pl.col("workload").is_null()), "after"),
        },
        total={
            **_sums(rows, "in_all"),
            **_sums(after.filter(pl.col("rule_id").is_not_null()), "given"),
        },
    )


def assigned(rows: pl.DataFrame, rules: Sequence[Rule], files: Mapping[str, str]) -> pl.DataFrame:
    """Rows of `with_figures` after rules, each part with its part of the figures."""
    share = pl.col("assigned_share")
    return assign(rows, rules, files, scaled=(*SCALED, *FIGURES)).with_columns(
        pl.col(column) * share for column in (*SCALED, *FIGURES)
    )


def compare(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Workloads whose figures another set of rules changes.

    Args:
        before: as `assigned` gives them, under the rules that stand.
        after: the same rows under other rules.

    Returns:
        workload, and FIGURES `_before` and `_after` (null: nothing known), sorted by how much
        energy moves, the most first; only workloads that change.
    """
    both = _by_workload(before, "before").join(
        _by_workload(after, "after"), on="workload", how="full", coalesce=True, validate="1:1"
    )
    moved = pl.col("kwh_after").fill_null(0.0) - pl.col("kwh_before").fill_null(0.0)
    near = 1e-9 * pl.max_horizontal("kwh_before", "kwh_after", 1.0)
    rows = pl.col("rows_after").fill_null(0) != pl.col("rows_before").fill_null(0)
    return (
        both.with_columns(_moved=moved.abs())
        .filter((pl.col("_moved") > near) | rows)
        .sort("_moved", "workload", descending=[True, False])
        .drop("_moved")
    )


def _by_workload(rows: pl.DataFrame, when: str) -> pl.DataFrame:
    known = [
        # A sum over nothing known is not known.
        pl.when(pl.col(figure).is_not_null().any())
        .then(pl.col(figure).drop_nulls().sort().sum())
        .alias(f"{figure}_{when}")
        for figure in FIGURES
    ]
    return (
        rows.with_columns(pl.col("workload").fill_null(UNASSIGNED))
        .group_by("workload")
        .agg(_row_count().alias(f"rows_{when}"), *known)
    )


def _asked(rows: pl.DataFrame, rules: Sequence[Rule], files: Mapping[str, str]) -> pl.DataFrame:
    """As `asked_for`; rules that are switched off are asked each by itself, and change nothing."""
    on = [n for n, rule in enumerate(rules) if rule.enabled]
    asked = asked_for(rows, [rules[n] for n in on], files)
    columns = dict(zip(on, asked.get_columns(), strict=True))
    for n, rule in enumerate(rules):
        if n not in columns:
            columns[n] = asked_for(rows, [rule], files).to_series()
    return pl.DataFrame([columns[n].alias(name(n)) for n in sorted(columns)])


def _in_dates(asked: pl.DataFrame, rows: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
    """Which rules ask for which rows within their dates."""
    inside = rows.select(within_dates(rule).alias(name(n)) for n, rule in enumerate(rules))
    return asked.select(
        (pl.col(column) & inside[column].alias("_inside")).alias(column) for column in asked.columns
    )


def _of_rules(
    rows: pl.DataFrame, asked: pl.DataFrame, after: pl.DataFrame, rules: Sequence[Rule]
) -> pl.DataFrame:
    won = after.filter(pl.col("rule_id").is_not_null()).group_by("rule_id").agg(
        _row_count().alias("rows_won"),
        _known_sum("kwh").alias("kwh_won"),
        pl.struct("evidence_id", "row_number")
        .filter(pl.col("_leads") & pl.col("kwh").is_null())
        .n_unique()
        .cast(pl.Int64)
        .alias("unknown_rows"),
    )  # fmt: skip
    listed = []
    for n, rule in enumerate(rules):
        mine = rows.filter(asked[name(n)])
        listed.append((rule.rule_id, rule.name, rule.enabled, *mine.select(_measured()).row(0)))
    shape = {
        "rule_id": pl.String,
        "name": pl.String,
        "enabled": pl.Boolean,
        "rows_asked": pl.Int64,
        "kwh_asked": pl.Float64,
    }
    state = (
        pl.when(~pl.col("enabled"))
        .then(pl.lit(STATES[0]))
        .when(pl.col("rows_asked") == 0)
        .then(pl.lit(STATES[1]))
        .when(pl.col("rows_won") == 0)
        .then(pl.lit(STATES[2]))
        .otherwise(pl.lit(STATES[3]))
    )
    return (
        pl.DataFrame(listed, schema=shape, orient="row")
        .join(won, on="rule_id", how="left", validate="1:1", maintain_order="left")
        .with_columns(pl.col("rows_won", "unknown_rows").fill_null(0))
        .with_columns(state=state)
        .select(
            *("rule_id", "name", "state", "rows_asked", "kwh_asked", "rows_won", "kwh_won"),
            "unknown_rows",
        )
    )


def _kinds(after: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
    order = {rule.rule_id: n for n, rule in enumerate(rules)}
    return (
        after.filter(pl.col("rule_id").is_not_null(), pl.col("quantity_kind") != "cost")
        .group_by("rule_id", "quantity_kind")
        .agg(pl.col("quantity").sort().sum())
        .sort(pl.col("rule_id").replace_strict(order, return_dtype=pl.Int64), "quantity_kind")
    )


def _conflicts(rows: pl.DataFrame, asked: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
    """Pairs of rules that hold on the same rows, the one that is asked first first."""
    on = [n for n, rule in enumerate(rules) if rule.enabled]
    shape = {
        **dict.fromkeys(("winner_id", "winner", "loser_id", "loser"), pl.String),
        "rows": pl.Int64,
        "kwh": pl.Float64,
        "other_owner": pl.Boolean,
    }
    several = asked.select(pl.sum_horizontal(name(n) for n in on) > 1).to_series() if on else None
    if several is None or not several.any():
        return pl.DataFrame(schema=shape)
    both = rows.filter(several).hstack(asked.filter(several))
    found = []
    for place, n in enumerate(on):
        first = both.filter(pl.col(name(n)))
        for m in on[place + 1 :] if first.height else []:
            shared = first.filter(pl.col(name(m)))
            if shared.height and _ever_both(rules[n], rules[m]):
                found.append((
                    rules[n].rule_id, rules[n].name, rules[m].rule_id, rules[m].name,
                    *shared.select(_measured()).row(0),
                    _owners(rules[n]) != _owners(rules[m]),
                ))  # fmt: skip
    return pl.DataFrame(found, schema=shape, orient="row")


def _ever_both(one: Rule, other: Rule) -> bool:
    """Whether there is a day on which both hold."""
    begins = max(rule.effective_from or date.min for rule in (one, other))
    return begins < min(rule.effective_to or date.max for rule in (one, other))


def _owners(rule: Rule) -> dict[str, float]:
    return {share.workload: round(share.share, 9) for share in rule.shares}


def _measured() -> list[pl.Expr]:
    return [_row_count().alias("rows"), _known_sum("kwh").alias("kwh")]


def _row_count() -> pl.Expr:
    """Rows of files."""
    return pl.struct("evidence_id", "row_number").n_unique().cast(pl.Int64)


def _known_sum(column: str) -> pl.Expr:
    """The sum of what is known; null where nothing is. Sorted, so that no bit depends on order."""
    known = pl.col(column).drop_nulls()
    return pl.when(pl.col(column).is_not_null().any()).then(known.sort().sum())


def _sums(rows: pl.DataFrame, when: str) -> dict[str, float]:
    count, kwh = rows.select(_measured()).row(0)
    return {f"rows_{when}": count, f"kwh_{when}": kwh or 0.0}
