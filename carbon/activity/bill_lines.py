"""The kernel of every bill: lines -> sums per everything that tells lines apart, and UTC month.

A pure function over a LazyFrame, run by the streaming engine: a bill of ten million lines has some
ten thousand sums, and whatever costs more than adding up (what a SKU means, what tags say) is done
on the sums alone.

Sums are exact, so that they do not depend on the order in which threads add: each number is held
as its whole part and its fraction in steps of 2^-80, whole numbers of 128 bits are added up, and
only their sums become floats again.
"""

import operator
from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from typing import Final

import polars as pl

from carbon.tables.dates import EARLIEST, LATEST

STEPS: Final = 2.0**80
"""Steps in a fraction of one: what is not smaller than a hundred-millionth keeps every bit. A power
of two, so that scaling itself rounds nothing."""

MOST: Final = 1e24
"""A number of a line beyond this is no quantity and no price."""

HASH: Final = "(carried)"

NUMBERS: Final = ("quantity", "cost")

MOMENT: Final = pl.Datetime("us", "UTC")


def sum_lines(
    lines: pl.LazyFrame,
    keys: Sequence[str],
    carried: Sequence[str],
    *,
    keep: bool = True,
    month: datetime | None = None,
    measures: Sequence[pl.Expr] = (),
) -> pl.DataFrame:
    """Sums of lines that agree in every key, in all that is carried, and in the month of `start`.

    Args:
        lines: row_number; start, end (UTC); quantity and cost (null: not stated); keys (text);
            carried columns of any type (tags, records).
        keys: text columns that tell lines apart.
        carried: columns that do so too, compared by their hash: records and lists cost too much to
            be compared whole. Two that differ and hash alike would need some 2^32 variants of the
            same keys.
        keep: whether what is carried is given too. It keeps the lines that it came with in memory.
        month: first day of the month in which every line starts, where that is known.
        measures: further sums that are wanted.

    Returns:
        One row a sum, by first line: row_number (of the first), lines (how many), month, start,
        end; of quantity and cost `(whole)`, `(steps)` and `(stated)`; keys, carried, their hash
        under HASH, measures.
    """
    starts = [] if month else [pl.col("start").dt.truncate("1mo").alias("month")]
    sums = lines.group_by(*keys, *starts, _hash(carried)).agg(
        pl.col("row_number").min(),
        pl.len().cast(pl.Int64).alias("lines"),
        pl.col("start").min(),
        pl.col("end").max(),
        *[part for name in NUMBERS for part in _parts(name)],
        *[pl.col(name).first() for name in carried if keep],
        *measures,
    )
    found = sums.collect(engine="streaming")
    if month:
        found = found.with_columns(pl.lit(month, MOMENT).alias("month"))
    return found.select(sorted(found.columns)).sort("row_number")


def _hash(columns: Sequence[str]) -> pl.Expr:
    """Hash of several columns. Of a record of them it would take twice the time."""
    hashes = [pl.col(name).hash(seed) for seed, name in enumerate(columns)]
    none = pl.lit(0, pl.UInt64)
    return reduce(operator.xor, hashes, none).alias(HASH)


def merge_sums(sums: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Sums that agree in these columns and the month, as one; other columns are as of the first.

    Args:
        sums: as `sum_lines` gives them.
        keys: columns that must agree, beside the month.
    """
    added = [f"{name} ({part})" for name in NUMBERS for part in _PARTS]
    merged = (
        sums.lazy()
        .group_by(*keys, "month")
        .agg(
            pl.col("row_number").min(),
            pl.col("lines").sum(),
            pl.col("start").min(),
            pl.col("end").max(),
            *[pl.col(name).sum() for name in added],
        )
        .collect()
    )
    rest = sums.select("row_number", *[c for c in sums.columns if c not in merged.columns])
    whole = merged.join(rest, on="row_number", how="left", validate="1:1")
    return whole.select(sums.columns).sort("row_number")


def total(name: str) -> pl.Expr:
    """The sum of a number in its own unit; null where no line states it."""
    fraction = pl.col(f"{name} (steps)").cast(pl.Float64) / STEPS
    whole = pl.col(f"{name} (whole)").cast(pl.Float64)
    return pl.when(pl.col(f"{name} (stated)") > 0).then(whole + fraction).alias(name)


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


_PARTS: Final = ("whole", "steps", "stated")


def _parts(name: str) -> list[pl.Expr]:
    """Sums of whole parts and of fractions, and how many lines state the number."""
    number = pl.col(name)
    whole = number.floor()
    steps = (number - whole) * STEPS
    return [
        whole.cast(pl.Int128, strict=False).sum().alias(f"{name} (whole)"),
        steps.cast(pl.Int128, strict=False).sum().alias(f"{name} (steps)"),
        number.count().alias(f"{name} (stated)"),
    ]
