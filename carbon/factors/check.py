"""Shipped factors against the publisher's own file: which are confirmed, which differ.

The shipped tables were transcribed. Importing the publisher's file gives the same figures at
first hand; a shipped one is confirmed when every figure that both state agrees to half a unit in
the last place that the shipped one carries.
"""

from typing import Final

import polars as pl

from carbon.units import INTENSITY_KG_PER_KWH

_KEY: Final = ("publisher", "zone", "method", "basis", "valid_from", "valid_to")
_FIGURES: Final = ("kg_co2e_per_kwh", "co2_kg_per_kwh", "ch4_kg_per_kwh", "n2o_kg_per_kwh")
_UNIT: Final = {"U.S. EPA": INTENSITY_KG_PER_KWH["lb/MWh"]}
"""Unit in which a publisher rounds [kgCO2e/kWh]; kg/kWh where it is not named."""

_MOST_DECIMALS: Final = 6
_NOISE: Final = 1e-6
"""What is left of a rounded figure after two conversions, in units of its last place."""


def confirmed(library_factors: pl.DataFrame, imported: pl.DataFrame) -> list[str]:
    """Ids of the shipped factors that the publisher's own file confirms, sorted.

    Args:
        library_factors: schema Factor, as shipped.
        imported: schema Factor, of the workspace; only rows that come from a publisher's own file
            (`checked_against_original`) are compared.
    """
    compared = _compared(library_factors, imported)
    return compared.filter("agrees")["factor_id"].unique().sort().to_list()


def differences(library_factors: pl.DataFrame, imported: pl.DataFrame) -> pl.DataFrame:
    """Figures in which a shipped factor and the publisher's own file differ.

    Args:
        library_factors: schema Factor, as shipped.
        imported: schema Factor, of the workspace.

    Returns:
        factor_id (the shipped one), figure (column), shipped and original [kg/kWh], sorted.
    """
    compared = _compared(library_factors, imported).filter(~pl.col("agrees"))
    parts = [
        compared.filter(~pl.col(f"{figure} agrees")).select(
            "factor_id",
            pl.lit(figure).alias("figure"),
            pl.col(figure).alias("shipped"),
            pl.col(f"{figure}_original").alias("original"),
        )
        for figure in _FIGURES
    ]
    return pl.concat(parts).sort("factor_id", "figure")


def _compared(library_factors: pl.DataFrame, imported: pl.DataFrame) -> pl.DataFrame:
    """Shipped factors that the imported file also gives, with `agrees` over all and per figure."""
    originals = (
        imported.filter("checked_against_original")
        .select(*_KEY, "gwp_set", *_FIGURES)
        .unique(_KEY, keep="first", maintain_order=True)
    )
    both = library_factors.join(originals, on=_KEY, how="inner", suffix="_original", validate="m:1")
    unit = pl.col("publisher").replace_strict(_UNIT, default=1.0)
    both = both.with_columns(_agreement(figure, unit) for figure in _FIGURES)
    verdicts = [pl.col(f"{figure} agrees") for figure in _FIGURES]
    stated = pl.any_horizontal(verdict.is_not_null() for verdict in verdicts)
    return both.with_columns(
        (stated & pl.all_horizontal(verdict.fill_null(True) for verdict in verdicts)).alias(
            "agrees"
        )
    )


def _agreement(figure: str, unit: pl.Expr) -> pl.Expr:
    """Whether a figure agrees; null where one side does not state it, or in another GWP set."""
    shipped, original = pl.col(figure) / unit, pl.col(f"{figure}_original") / unit
    step = _last_place(shipped)
    agrees = (shipped - original).abs() <= step * (0.5 + _NOISE)
    if figure == "kg_co2e_per_kwh":
        same_set = pl.col("gwp_set").eq_missing(pl.col("gwp_set_original"))
        agrees = pl.when(same_set).then(agrees)
    return agrees.alias(f"{figure} agrees")


def _last_place(value: pl.Expr) -> pl.Expr:
    """One unit in the last decimal place that a rounded figure carries."""
    places = pl.lit(10.0**-_MOST_DECIMALS)
    for decimals in reversed(range(_MOST_DECIMALS)):
        scaled = value * 10.0**decimals
        exact = (scaled - scaled.round()).abs() < _NOISE * 10.0
        places = pl.when(exact).then(10.0**-decimals).otherwise(places)
    return places
