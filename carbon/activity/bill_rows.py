"""Sums of a bill's lines in house terms -> rows of activity.

Each sum gives what was used, where its lines state a use that counts, and what it cost. Lines that
state none (tax, credits, fees, negations, things nobody derives energy from) give their cost alone;
where the bill states no cost that is 0, so that every line is accounted for.

*Corrections.* A provider takes usage back by a line with a negative quantity. Within its sum it
nets out. A sum below zero corrects usage that stands elsewhere (an earlier bill): it gives its cost
and a note, and takes nothing away, because energy that was used is not given back by a refund.

*What a later bill supersedes.* The key names bill, account, service, SKU, resource and place, the
billing month and the month of use, and the first moment of use. So the same month exported again
takes the place of an earlier, partial export; the numbered parts of one export, or exports by day
or week, stand beside each other; and a correction of September in October's bill leaves
September's rows alone.
"""

from collections.abc import Callable, Sequence
from typing import Final

import polars as pl

from carbon.activity.accept import activity_reading, joined_key
from carbon.activity.bill_layout import Lines
from carbon.activity.bill_lines import merge_sums, total
from carbon.activity.source import Context, Problem, Reading

USE: Final = {
    "kind": pl.String,
    "unit_factor": pl.Float64,
    "size": pl.Float64,
    "monthly": pl.Boolean,
    "cached": pl.Boolean,
    "component": pl.String,
    "medium": pl.String,
    "instance_type": pl.String,
    "accelerator": pl.String,
    "accelerator_count": pl.Float64,
    "model": pl.String,
}
"""What a SKU means: quantity kind (null: no use that counts), units of it per unit of the bill, GB
of a disk that is billed whole, whether that is by the month (it is then multiplied by the month's
hours), whether tokens were read from a cache, and what the use is of."""

PLACE: Final = (
    "provider",
    "payer",
    "account",
    "project",
    "region",
    "country",
    "service",
    "sku",
    "resource",
    "host",
    "currency",
    "tags",
    "billing_month",
)

COUNTED: Final = "counts"

_KEY: Final = (
    "provider",
    "payer",
    "account",
    "service",
    "sku",
    "resource",
    pl.coalesce("region", "country"),
    "billing_month",
    pl.col("month").dt.strftime("%Y-%m"),
    pl.col("start").dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
)


def bill_reading(lines: Lines, sums: pl.DataFrame, format: str, context: Context) -> Reading:
    """The rows of a bill.

    Args:
        lines: as read.
        sums: their sums, with the columns of PLACE and USE, and `counts` (whether lines of this
            type of charge state usage); what is missing is not known.
        format: name of the reader.
        context: of which the evidence id is used.

    Returns:
        Activity: usage (hours, GB-hours, GB, tokens) and cost, per sum and UTC month.
    """
    merged = merge_sums(_whole(sums), [*PLACE, *USE, COUNTED]).with_columns(
        total("quantity"), total("cost")
    )
    used = pl.col("kind").is_not_null() & pl.col(COUNTED) & pl.col("quantity").is_not_null()
    rows = merged.with_columns(
        (used & (pl.col("quantity") >= 0)).alias("(used)"),
        (used & (pl.col("quantity") < 0)).alias("(taken back)"),
        joined_key(format, *_KEY),
    )
    parts = [_usage(rows), _cached(rows), _cost(rows)]
    frame = pl.concat(parts, how="diagonal").with_columns(
        pl.lit(context.evidence_id).alias("evidence_id"),
        pl.lit(format).alias("format"),
        pl.lit(False).alias("superseded_in_file"),
    )
    notes = [*lines.notes, *_notes(rows)]
    return activity_reading(frame, lines.rows, lines.rejections, context, notes)


def with_uses(
    sums: pl.DataFrame, on: Sequence[str], uses: Callable[[pl.DataFrame], pl.DataFrame]
) -> pl.DataFrame:
    """Sums with what their SKU means, found once for each distinct one.

    Args:
        sums: the columns of `on`, basis and unit_factor.
        on: columns by which meanings differ.
        uses: distinct rows of those columns -> the same with the columns of USE.
    """
    keys = [*on, "basis", "unit_factor"]
    meant = uses(sums.select(keys).unique(maintain_order=True))
    missing = [n for n in USE if n not in meant.columns]
    meant = meant.with_columns(pl.lit(None, USE[name]).alias(name) for name in missing)
    return sums.join(
        meant.select(*keys, *[name for name in USE if name not in keys]),
        on=keys,
        how="left",
        nulls_equal=True,
        validate="m:1",
        maintain_order="left",
    )


def billing_month(column: str) -> pl.Expr:
    """The month of a bill (YYYY-MM) from its text: `2026-09-01...`, `202609`, `09/01/2026`."""
    text = pl.col(column)
    return pl.coalesce(
        text.str.replace(r"^(\d{4})-?(\d{2}).*$", "$1-$2").str.extract(r"^(\d{4}-\d{2})$", 1),
        text.str.replace(r"^(\d{2})/\d{2}/(\d{4}).*$", "$2-$1").str.extract(r"^(\d{4}-\d{2})$", 1),
    ).alias("billing_month")


def _whole(sums: pl.DataFrame) -> pl.DataFrame:
    """Every column of PLACE and USE; what a sum does not count has no meaning of use."""
    types = dict.fromkeys(PLACE, pl.String) | USE | {COUNTED: pl.Boolean}
    return sums.with_columns(
        (pl.col(name).cast(dtype) if name in sums.columns else pl.lit(None, dtype)).alias(name)
        for name, dtype in types.items()
    ).with_columns(pl.col(COUNTED).fill_null(False))


def _described(rows: pl.DataFrame) -> list[pl.Expr]:
    return [
        pl.col("row_number"),
        pl.col("lines").alias("source_rows"),
        pl.col("key"),
        pl.col("start").alias("period_start"),
        pl.col("end").alias("period_end"),
        *[pl.col(n) for n in PLACE if n not in ("payer", "billing_month", "currency")],
        pl.col("model"),
        pl.col("instance_type"),
        pl.col("accelerator"),
        pl.col("accelerator_count"),
    ]


def _usage(rows: pl.DataFrame) -> pl.DataFrame:
    """What was used: quantity x units of the house per unit of the bill (x hours of the month)."""
    hours = pl.when("monthly").then(_hours_of_month()).otherwise(1.0)
    return rows.filter("(used)").select(
        *_described(rows),
        pl.col("kind").alias("quantity_kind"),
        (pl.col("quantity") * pl.col("unit_factor") * pl.col("size").fill_null(1.0) * hours).alias(
            "quantity"
        ),
        "component",
        "medium",
    )


def _cached(rows: pl.DataFrame) -> pl.DataFrame:
    """Tokens read from a cache: a bill lists them apart, and in the house they are part of the
    input, so that they are stated as both."""
    cached = pl.col("(used)") & pl.col("cached").fill_null(False)
    return rows.filter(cached).select(
        *_described(rows),
        pl.lit("cached_tokens").alias("quantity_kind"),
        (pl.col("quantity") * pl.col("unit_factor")).alias("quantity"),
    )


def _cost(rows: pl.DataFrame) -> pl.DataFrame:
    """What it cost; of lines that state no use, 0 where no cost is stated either."""
    silent = pl.when(pl.col("cost").is_null()).then(pl.lit("the bill states no cost"))
    back = pl.when("(taken back)").then(
        pl.format(
            "usage of {} was taken back: it corrects what another bill states, and counts nothing",
            pl.col("quantity"),
        )
    )
    return rows.filter(pl.col("cost").is_not_null() | ~pl.col("(used)")).select(
        *_described(rows),
        pl.lit("cost").alias("quantity_kind"),
        pl.col("cost").fill_null(0.0).alias("quantity"),
        "currency",
        pl.coalesce(back, silent).alias("note"),
    )


def _hours_of_month() -> pl.Expr:
    month = pl.col("month")
    return (month.dt.offset_by("1mo") - month).dt.total_hours().cast(pl.Float64)


def _notes(rows: pl.DataFrame) -> list[Problem]:
    taken = rows.filter("(taken back)")
    if taken.is_empty():
        return []
    return [
        Problem(
            f"{taken.height} sums of lines take usage back that stands in another bill; they count "
            "no energy, and none is subtracted.",
            row=int(taken["row_number"][0]),
        )
    ]
