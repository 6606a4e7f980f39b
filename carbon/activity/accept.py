"""The last step of every reader: rows against their schema, and the file's rows accounted for."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import dataframely as dy
import polars as pl

from carbon.activity.source import Context, Problem, Reading
from carbon.schema import Activity, Asset, Instrument, OwnReference, Reported, Sighting, Weather
from carbon.tables import Rejections

Table = Literal["reported", "instruments", "sightings", "assets", "references", "weather"]
"""Fields of a Reading other than activity."""

_TABLES: Final[Mapping[Table, tuple[type[dy.Schema], Sequence[str]]]] = {
    "reported": (Reported, ["scope", "method"]),
    "instruments": (Instrument, ["instrument_id"]),
    "sightings": (Sighting, ["reference"]),
    "assets": (Asset, ["asset_id"]),
    "references": (OwnReference, ["reference_id"]),
    "weather": (Weather, ["at"]),
}
"""Their schemas, and the columns by which their rows are sorted."""

KNOWN_PROVIDERS: Final = ("aws", "gcp", "azure")

_RULES: Final = {
    "period_not_empty": "the period ends before it starts",
    "only_costs_are_negative": "the quantity is negative, which cannot be",
    "nullability": "a value is missing that every row needs",
    "min": "the value is below what can be",
    "primary_key": "the same row stands twice",
}
"""Rules of the schemas, in words; rules that readers check themselves never get this far."""


def accept(
    schema: type[dy.Schema], frame: pl.DataFrame, rejections: Rejections, order: Sequence[str]
) -> pl.DataFrame:
    """The rows that pass their schema, in a fixed order; every other row is set aside.

    A row of the file that gives several rows here is taken as a whole or not at all.

    Args:
        schema: Activity, Reported, Instrument, Sighting, Asset or OwnReference.
        frame: rows in house columns; columns that are missing become null.
        rejections: where rows that fail go.
        order: columns by which the result is sorted, after `row_number`.
    """
    types = schema.create_empty().schema
    whole = frame.select(
        pl.col(name).cast(dtype) if name in frame.columns else pl.lit(None, dtype).alias(name)
        for name, dtype in types.items()
    )
    _, failure = schema.filter(rejections.keep(whole))
    failed = failure.details() if len(failure) else None
    if failed is not None:
        for rule in failure.counts():
            rejections.add_where(failed, _failed(rule), _in_words(rule), column=_column(rule))
    return rejections.keep(whole).sort("row_number", *order, maintain_order=True)


def _failed(rule: str) -> pl.Expr:
    return pl.col(rule).cast(pl.String) == "invalid"


def _in_words(rule: str) -> str:
    column, _, what = rule.rpartition("|")
    words = _RULES.get(what, f"it breaks the rule '{what}' of the table")
    return f"{column}: {words}" if column else words


def _column(rule: str) -> str | None:
    return rule.rpartition("|")[0] or None


def activity_reading(
    frame: pl.DataFrame,
    rows: int,
    rejections: Rejections,
    context: Context,
    notes: Sequence[Problem],
    *,
    local_times: bool = False,
) -> Reading:
    """A Reading of activity; says under which zone local times were read."""
    accepted = accept(Activity, frame, rejections, ["quantity_kind", "component"])
    remarks = list(notes)
    if local_times and not context.timezone_given:
        remarks.insert(
            0,
            Problem(
                f"Times without a time zone were read as {context.timezone}. If they are local "
                "times of another zone, name it (--timezone Europe/Berlin)."
            ),
        )
    return Reading(
        rows=rows,
        activity=accepted,
        quarantine=rejections.frame(context.evidence_id),
        notes=tuple(remarks),
        local_times=local_times,
    )


def reading_of(
    frame: pl.DataFrame,
    rows: int,
    rejections: Rejections,
    context: Context,
    notes: Sequence[Problem],
    *,
    table: Table,
) -> Reading:
    """A Reading of one table other than activity."""
    schema, order = _TABLES[table]
    accepted: dict[str, Any] = {table: accept(schema, frame, rejections, order)}
    return Reading(
        rows=rows,
        quarantine=rejections.frame(context.evidence_id),
        notes=tuple(notes),
        **accepted,
    )


def place_key() -> tuple[pl.Expr, ...]:
    """Provider, region and place of a key: the same place gives the same, however it is spelled.

    A zone says more than its country; a region of a provider whose regions are known says more
    than a country beside it.
    """
    provider, region, country = pl.col("provider"), pl.col("region"), pl.col("country")
    placed = region.is_not_null() & provider.is_in(KNOWN_PROVIDERS)
    return provider, region, pl.coalesce("zone", pl.when(~placed.fill_null(False)).then(country))


def joined_key(name: str, *parts: str | pl.Expr) -> pl.Expr:
    """What a later file supersedes: format and columns with `|` between, an absent one empty."""
    texts = [pl.col(part) if isinstance(part, str) else part for part in parts]
    return pl.concat_str(
        pl.lit(name), *[t.cast(pl.String).fill_null("") for t in texts], separator="|"
    ).alias("key")
