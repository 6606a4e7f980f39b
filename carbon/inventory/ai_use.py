"""Which lines of a bill are AI, and whose: the rules of the policy, applied to what the bill says.

Rows of other formats (templates, trackers, telemetry) are AI by being declared. What is left is
general IT: it takes no part in the footprint, and is kept apart, never dropped in silence.
"""

import json
import re
from collections.abc import Iterable
from typing import Final

import polars as pl

from carbon.inventory.billed_machines import as_billed
from carbon.inventory.patterns import matches
from carbon.policy import Policy
from carbon.schema import BILL_FORMATS

SOURCE: Final = ("evidence_id", "row_number")

RULE_COLUMNS: Final = ("account", "project", "service", "sku")
"""What a rule `name=pattern` may be about, beside tags of that name."""

CATEGORY_TAGS: Final = ("servicecategory", "service-category")
"""Tags under which a bill's reader keeps the service category of FOCUS."""

GENERAL: Final = (
    *("evidence_id", "row_number", "source_rows", "format", "provider", "account", "project"),
    *("region", "service", "sku", "resource", "instance_type", "workload", "period_start"),
    *("period_end", "quantity_kind", "quantity", "currency", "tags"),
)
"""Columns of general IT that a reader of the bill may ask for."""

_PREFIX: Final = re.compile(r"^user[:_]")


def split(
    activity: pl.DataFrame, policy: Policy, instances: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Activity that is AI, and what bills hold beside it.

    A line of a bill is AI where its service, its SKU or a tag fits a rule of `policy.billing`,
    where it is of an accelerator or of a machine that carries one, or where it names a workload
    that has AI rows: the storage and the network of a workload are part of it. `not_ai` wins over
    all of them. All rows that one line gives are of one kind. A line that names no workload takes
    the one of its tags.

    Args:
        activity: `Activity` rows that count.
        policy: the rules under `billing`.
        instances: `CloudInstance` rows: which machines carry an accelerator.

    Returns:
        The AI rows, with `workload` filled in from tags, and meters of billed machines with what
        `as_billed` gives them; and general IT: the columns of GENERAL and
        month (YYYY-MM of its start), sorted.
    """
    bill = pl.col("format").is_in(BILL_FORMATS)
    bills, declared = activity.filter(bill), activity.filter(~bill)
    if bills.is_empty():
        return activity, _general(bills)
    words = _tag_words(bills["tags"], policy)
    bills = _name_workloads(bills, words, policy)
    by_rule, never = _by_rule(words, policy), _never(words, policy)
    bills = _mark_accelerated(bills, instances).with_columns(
        ai=(by_rule | (pl.lit(policy.billing.accelerators_are_ai) & pl.col("accelerated")))
        .any()
        .over(SOURCE),
        never=never.any().over(SOURCE),
    )
    named = pl.concat(
        [declared["workload"], bills.filter(pl.col("ai") & ~pl.col("never"))["workload"]]
    )
    of_workload = pl.col("workload").is_in(named.drop_nulls().unique().implode())
    bills = bills.with_columns(ai=(pl.col("ai") | of_workload.fill_null(False)) & ~pl.col("never"))
    chosen = bills.filter("ai").select(activity.columns)
    return pl.concat([as_billed(declared, chosen), chosen]), _general(bills.filter(~pl.col("ai")))


def _general(rows: pl.DataFrame) -> pl.DataFrame:
    month = pl.col("period_start").dt.strftime("%Y-%m")
    order = ("evidence_id", "row_number", "quantity_kind", "quantity")
    return rows.select(*GENERAL, month=month).sort(order)


def _mark_accelerated(bills: pl.DataFrame, instances: pl.DataFrame) -> pl.DataFrame:
    """Whether a line is of an accelerator, of a machine with one, or of such a machine's host."""
    with_one = instances.filter(pl.col("accelerator").is_not_null()).select(
        "provider", _machine=pl.col("instance_type").str.to_lowercase(), _carries=pl.lit(True)
    )
    machine = pl.col("instance_type").str.strip_chars().str.to_lowercase().str.strip_prefix("ml.")
    return (
        bills.with_columns(_machine=machine)
        .join(
            with_one.unique(["provider", "_machine"]),
            on=["provider", "_machine"],
            how="left",
            validate="m:1",
            maintain_order="left",
        )
        .with_columns(
            accelerated=pl.col("accelerator").is_not_null()
            | pl.col("_carries").fill_null(False)
            | (pl.col("component") == "host").fill_null(False)
        )
        .drop("_machine", "_carries")
    )


def _by_rule(words: pl.DataFrame, policy: Policy) -> pl.Expr:
    rules = policy.billing
    category = words.filter(
        pl.col("word").is_in(CATEGORY_TAGS), matches("value", rules.ai_services)
    )
    return pl.any_horizontal(
        matches("service", rules.ai_services),
        matches("sku", rules.ai_skus),
        _tagged(category),
        *[_fits(rule, words) for rule in rules.ai_tags],
    )


def _never(words: pl.DataFrame, policy: Policy) -> pl.Expr:
    return pl.any_horizontal(pl.lit(False), *[_fits(rule, words) for rule in policy.billing.not_ai])


def _fits(rule: str, words: pl.DataFrame) -> pl.Expr:
    """Whether a line fits `name=pattern`: a tag of that name, or one of RULE_COLUMNS."""
    name, pattern = _rule(rule)
    tagged = _tagged(words.filter(pl.col("word") == name, matches("value", [pattern])))
    return tagged | matches(name, [pattern]) if name in RULE_COLUMNS else tagged


def _rule(rule: str) -> tuple[str, str]:
    """Name and pattern of a rule; a bare name asks only that the tag is there."""
    name, _, pattern = rule.partition("=")
    return _word(name), pattern or "*"


def _tagged(words: pl.DataFrame) -> pl.Expr:
    return pl.col("tags").is_in(words["tags"].unique().implode()).fill_null(False)


def _word(name: str) -> str:
    """A tag's name as bills differ in it: case, `-` for `_`, the prefix of a user's own tag."""
    return _PREFIX.sub("", name.strip().casefold()).replace("_", "-").replace(" ", "-")


def _tag_words(tags: pl.Series, policy: Policy) -> pl.DataFrame:
    """Tags that any rule asks for: tags (as they stand), word (the tag's name) and value."""
    rules = policy.billing
    asked = {_rule(rule)[0] for rule in (*rules.ai_tags, *rules.not_ai)}
    asked |= {*map(_word, rules.workload_tags), *CATEGORY_TAGS}
    spelled = sorted({word.replace("-", dash) for word in asked for dash in "-_ "})
    distinct = tags.drop_nulls().unique().sort()
    some = distinct.filter(distinct.str.contains_any(spelled, ascii_case_insensitive=True))
    found = [
        (text, _word(name), str(value))
        for text in some
        for name, value in _members(text)
        if _word(name) in asked and value is not None
    ]
    names = ("tags", "word", "value")
    return pl.DataFrame(found, schema=dict.fromkeys(names, pl.String), orient="row")


def _members(text: str) -> Iterable[tuple[str, object]]:
    try:
        members = json.loads(text)
    except ValueError:
        return ()
    return members.items() if isinstance(members, dict) else ()


def _name_workloads(bills: pl.DataFrame, words: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """The workload of each line: as the row names it, else by the first tag that is there."""
    ranks = {
        _word(name): rank for rank, name in reversed(list(enumerate(policy.billing.workload_tags)))
    }
    named = (
        words.with_columns(pl.col("value").str.strip_chars())
        .filter(pl.col("word").is_in(list(ranks)), pl.col("value") != "")
        .sort(
            "tags",
            pl.col("word").replace_strict(
                list(ranks), list(ranks.values()), return_dtype=pl.Int64, default=len(ranks)
            ),
            "value",
        )
        .unique("tags", keep="first", maintain_order=True)
        .select("tags", _workload="value")
    )
    return (
        bills.join(named, on="tags", how="left", validate="m:1", maintain_order="left")
        .with_columns(pl.coalesce("workload", "_workload"))
        .drop("_workload")
    )
