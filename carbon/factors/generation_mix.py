"""A grid's generation by fuel -> the average intensity of each hour.

    intensity [kg/kWh] = sum over fuels(generation x emissions of the fuel) / sum(generation)

Services that give generation and no emissions (EIA, ENTSO-E) are read so. It is the intensity of
what is *generated* in the zone: imports are not known here. Storage gives back what was generated
before, and is left out; so are fuels without a figure, and an hour of which they are more than
`MOST_UNKNOWN` gets no factor. The figures of the fuels are `data/factors/generation_by_fuel.csv`.
"""

from typing import Final

import polars as pl

from carbon.factors.library import load
from carbon.tables import Problem, Rejections

STORAGE: Final = "storage"
"""A fuel that is no fuel: it is left out of the mix."""

MOST_UNKNOWN: Final = 0.1
"""Largest share of an hour's generation whose fuel has no figure [1]."""

USUAL: Final = 0.9
"""A code that is there in this share of a zone's hours is expected in every hour [1]."""

_HOUR: Final = ("zone", "valid_from")


def hourly_intensity(
    frame: pl.DataFrame, fuels: str, rejections: Rejections, *, column: str
) -> tuple[pl.DataFrame, tuple[Problem, ...]]:
    """The average intensity of each zone and hour, for each basis that the set of figures has.

    Args:
        frame: one row per zone, interval and code: row_number, zone, start (UTC), code (the
            publisher's), fuel (of the set; STORAGE; null: no figure), mw (mean power over the
            interval [MW], or energy of the hour [MWh]; below zero counts as none), and `own`
            (false where the row repeats an earlier one into a later interval). Rows that
            `rejections` names stay in, so that their hours are known to be incomplete.
        fuels: set of figures in `load().generation`: "US" or "IPCC".
        rejections: where the rows of an hour go that is not whole, generates nothing, or is
            mostly of fuels without a figure.
        column: the file's own name of the quantity.

    Returns:
        zone, valid_from, valid_to, granularity, basis, gases, kg_co2e_per_kwh [kg/kWh],
        row_number, source_rows; and what to say of the file.
    """
    frame = frame.with_columns(pl.col("start").dt.truncate("1h").alias("valid_from"))
    _reject_incomplete(frame, rejections, column)
    numbered = _numbered(frame)
    kept = rejections.keep(frame).drop_nulls("valid_from")
    power = (
        kept.sort("row_number", "start")
        .group_by(*_HOUR, "code", maintain_order=True)
        .agg(pl.col("mw").clip(lower_bound=0).mean(), pl.col("fuel").first())
        .filter(pl.col("fuel").ne_missing(pl.lit(STORAGE)))
    )
    figures = load().generation.filter(set=fuels).select("fuel", "basis", "gases", "kg_per_kwh")
    parts = [
        _intensity(power, figures.filter(basis=basis)).with_columns(pl.lit(basis).alias("basis"))
        for basis in sorted(figures["basis"].unique())
    ]
    hours = pl.concat(parts)
    _reject_empty(hours, kept, rejections, column)
    factors = hours.join(numbered, on=_HOUR, how="left", validate="m:1", maintain_order="left")
    factors = rejections.keep(factors).filter(_usable(), pl.col("row_number").is_not_null())
    notes = _notes(kept, power)
    return (
        factors.with_columns(
            (pl.col("valid_from") + pl.duration(hours=1)).alias("valid_to"),
            pl.lit("hour").alias("granularity"),
        ).sort("row_number", "valid_from", "basis"),
        notes,
    )


def _intensity(power: pl.DataFrame, figures: pl.DataFrame) -> pl.DataFrame:
    """The weighted mean of one basis, and the share of generation without a figure."""
    joined = power.join(
        figures, on="fuel", how="left", validate="m:1", maintain_order="left"
    ).with_columns(pl.col("kg_per_kwh").is_not_null().alias("known"))
    known = pl.col("mw").filter("known")
    weighted = (pl.col("mw") * pl.col("kg_per_kwh")).filter("known")
    return joined.group_by(_HOUR, maintain_order=True).agg(
        (weighted.sum() / known.sum()).alias("kg_co2e_per_kwh"),
        pl.col("mw").sum().alias("total"),
        (1 - known.sum() / pl.col("mw").sum()).alias("unknown"),
        pl.when((pl.col("gases") == "CO2").any())
        .then(pl.lit("CO2"))
        .otherwise(pl.lit("CO2e"))
        .alias("gases"),
    )


def _usable() -> pl.Expr:
    return (pl.col("total") > 0) & (pl.col("unknown") <= MOST_UNKNOWN)


def _numbered(frame: pl.DataFrame) -> pl.DataFrame:
    """The row number of each hour, and how many rows of the file begin in it.

    A row that is repeated into later hours is counted where it begins; an hour without rows of
    its own bears the number of the hour before.
    """
    own = pl.col("row_number").filter("own")
    return (
        frame.drop_nulls("valid_from")
        .sort(*_HOUR, "row_number")
        .group_by(_HOUR, maintain_order=True)
        .agg(own.min(), own.n_unique().cast(pl.Int64).alias("source_rows"))
        .with_columns(
            pl.col("row_number").forward_fill().over("zone"),
            pl.when(pl.col("source_rows") > 1).then("source_rows").alias("source_rows"),
        )
    )


def _reject_incomplete(frame: pl.DataFrame, rejections: Rejections, column: str) -> None:
    """Set aside the rest of an hour of which a row is set aside, or a usual code is missing."""
    of_hour = frame.drop_nulls("valid_from").filter("own")
    bad = of_hour.filter(pl.col("row_number").is_in(rejections.rows.implode()))
    broken = bad.group_by(_HOUR).agg(pl.col("row_number").min().alias("bad"))
    rejections.add_where(
        _of_hours(of_hour, broken),
        ~pl.col("row_number").is_in(rejections.rows.implode()),
        pl.format("row {} of the same hour is set aside: the mix of that hour is not whole", "bad"),
        column=column,
    )
    present = frame.drop_nulls("valid_from").select(*_HOUR, "code").unique()
    hours = present.select(_HOUR).unique()
    usual = (
        present.group_by("zone", "code")
        .len()
        .join(hours.group_by("zone").len("hours"), on="zone", how="left", validate="m:1")
        .filter(pl.col("len") >= USUAL * pl.col("hours"))
    )
    lacking = (
        hours.join(usual.select("zone", "code"), on="zone", how="inner", validate="m:m")
        .join(present, on=[*_HOUR, "code"], how="anti")
        .sort(*_HOUR, "code")
        .group_by(_HOUR, maintain_order=True)
        .agg(pl.col("code").str.join(", ").alias("codes"))
    )
    rejections.add_where(
        _of_hours(of_hour, lacking),
        pl.lit(True),
        pl.format(
            "this hour lacks {}, which nearly every hour has: the mix is not whole. Fetch the "
            "period again; some services cut long answers off",
            "codes",
        ),
        column=column,
    )


def _of_hours(frame: pl.DataFrame, hours: pl.DataFrame) -> pl.DataFrame:
    return frame.unique("row_number", keep="first", maintain_order=True).join(
        hours, on=_HOUR, how="inner", validate="m:1", maintain_order="left"
    )


def _reject_empty(
    hours: pl.DataFrame, kept: pl.DataFrame, rejections: Rejections, column: str
) -> None:
    """Set aside the rows of hours that give no factor of any basis."""
    own = kept.filter("own")
    with_fuel = hours.group_by(_HOUR).agg(
        _usable().any().alias("usable"),
        pl.col("total").max(),
        (pl.col("unknown").min() * 100).round(0).cast(pl.Int64, strict=False),
    )
    rows = own.unique("row_number", keep="first", maintain_order=True).join(
        with_fuel, on=_HOUR, how="left", validate="m:1", maintain_order="left"
    )
    nothing = pl.col("total").fill_null(0) <= 0
    rejections.add_where(
        rows,
        nothing,
        "nothing was generated in this hour, so that it has no intensity",
        column=column,
    )
    rejections.add_where(
        rows,
        ~nothing & ~pl.col("usable").fill_null(False),
        pl.format("{} % of this hour's generation is of fuels without a figure", "unknown"),
        column=column,
    )


def _notes(kept: pl.DataFrame, power: pl.DataFrame) -> tuple[Problem, ...]:
    said = [
        "Hourly factors are the generation of each fuel times an average figure of that fuel, over "
        "the generation: an estimate. Imports are not in it."
    ]
    storage = kept.filter(pl.col("fuel") == STORAGE)["code"].unique().sort()
    if storage.len():
        said.append(f"Storage and pumping are left out of the mix: {', '.join(storage)}.")
    unknown = power.filter(pl.col("fuel").is_null())["code"].unique().sort()
    if unknown.len():
        said.append(f"No figure is known for {', '.join(unknown)}: left out of the mix.")
    below = kept.filter(pl.col("mw") < 0, pl.col("fuel").ne_missing(pl.lit(STORAGE))).height
    if below:
        said.append(f"Negative generation (plants that draw power) counts as none: {below} of it.")
    return tuple(Problem(sentence) for sentence in said)
