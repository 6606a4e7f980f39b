"""The kernel of every bill: lines -> sums per everything that tells lines apart, and UTC month.

A pure function over a LazyFrame, run by the streaming engine: a bill of ten million lines has some
ten thousand sums, and whatever costs more than adding up (what a SKU means, what tags say) is done
on the sums alone.

Sums are exact, so that they do not depend on the order in which threads add: each number is held as
a whole number of 2^-50, and whole numbers of 128 bits are added up. What that cuts off a line is
less than 10^-15 of a unit.
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

from carbon.tables.dates import EARLIEST, LATEST

STEP: Final = 2.0**50
"""Steps in one unit. A power of two, so that scaling itself rounds nothing."""

MOST: Final = 1e21
"""A number of a line beyond this is no quantity and no price; of those below it, a hundred and more
can be added up in 128 bits."""

NUMBERS: Final = ("quantity", "cost")

MOMENT: Final = pl.Datetime("us", "UTC")


def sum_lines(
    lines: pl.LazyFrame,
    keys: Sequence[str],
    carried: Sequence[str],
    measures: Sequence[pl.Expr] = (),
) -> pl.DataFrame:
    """Sums of lines that agree in every key, in all that is carried, and in the month of `start`.

    Args:
        lines: row_number; start, end (UTC); quantity and cost (null: not stated); keys (text);
            carried columns of any type (tags, records); odd (whether the line cannot be taken).
        keys: text columns that tell lines apart.
        carried: columns that do so too, compared by their hash: records and lists cost too much to
            be compared whole. Two that differ and hash alike would need 2^32 variants of the same
            keys.
        measures: further sums that are wanted.

    Returns:
        One row a sum, by first line: row_number (of the first), lines (how many), month, start,
        end, `<number> (steps)` and `<number> (stated)` for quantity and cost, keys, carried, odd.
    """
    month = pl.col("start").dt.truncate("1mo").alias("month")
    hashed = [pl.struct(carried).hash().alias("(carried)")] if carried else []
    sums = lines.group_by(*keys, "odd", month, *hashed).agg(
        pl.col("row_number").min(),
        pl.len().cast(pl.Int64).alias("lines"),
        pl.col("start").min(),
        pl.col("end").max(),
        *[_steps(name).sum().alias(f"{name} (steps)") for name in NUMBERS],
        *[pl.col(name).count().alias(f"{name} (stated)") for name in NUMBERS],
        *[pl.col(name).first() for name in carried],
        *measures,
    )
    return sums.collect(engine="streaming").drop("(carried)", strict=False).sort("row_number")


def merge_sums(sums: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Sums whose keys became equal, as one.

    Args:
        sums: as `sum_lines` gives them.
        keys: columns that must agree, beside the month.
    """
    return (
        sums.group_by(*keys, "month")
        .agg(
            pl.col("row_number").min(),
            pl.col("lines").sum(),
            pl.col("start").min(),
            pl.col("end").max(),
            *[pl.col(f"{name} (steps)").sum() for name in NUMBERS],
            *[pl.col(f"{name} (stated)").sum() for name in NUMBERS],
        )
        .sort("row_number")
    )


def total(name: str) -> pl.Expr:
    """The sum of a number in its own unit; null where no line states it."""
    steps = pl.col(f"{name} (steps)").cast(pl.Float64) / STEP
    return pl.when(pl.col(f"{name} (stated)") > 0).then(steps).alias(name)


def odd_line() -> pl.Expr:
    """Whether a line cannot be added up as it stands: no period, or an impossible one, or a number
    that is none."""
    numbers = [~pl.col(name).is_between(-MOST, MOST) for name in NUMBERS]
    within = pl.col("start").is_between(EARLIEST, LATEST) & pl.col("end").is_between(
        EARLIEST, LATEST
    )
    return pl.any_horizontal(
        ~within.fill_null(False),
        (pl.col("end") < pl.col("start")).fill_null(True),
        *[number.fill_null(False) for number in numbers],
    )


def _steps(name: str) -> pl.Expr:
    whole = (pl.col(name) * STEP).round().cast(pl.Int128, strict=False)
    return pl.when(~pl.col("odd")).then(whole)
