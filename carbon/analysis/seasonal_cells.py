"""Which part of a footprint a seasonal index speaks of, and why the rest is left as it is.

An index applies where the factor that a line was computed with is monthly or finer and the zone of
that factor has an index of the same publisher. With an annual factor there is no season in the
figure, and an index would put an error in.
"""

from typing import Final

import polars as pl

from carbon.accounting.result import Footprint
from carbon.accounting.sums import sum_by
from carbon.analysis.seasonal_index import SERIES, Indices, no_indices

INDEXED: Final = "indexed"
ANNUAL: Final = "annual"
OTHER_PERIOD: Final = "other period"
NO_INDEX: Final = "no index"
ROW_FACTOR: Final = "row factor"

TREATMENTS: Final = (INDEXED, ANNUAL, OTHER_PERIOD, NO_INDEX, ROW_FACTOR)
"""What a part of a footprint is to a seasonal index."""

KEYS: Final = (*SERIES, "treatment", "workload", "month")
"""What a cell is of."""

NOWHERE: Final = "(no zone)"
"""Zone of lines whose place nobody knows and whose row brings a factor of its own."""

_MONTH_AND_A_BIT: Final = pl.duration(days=32)


def seasonal_cells(footprint: Footprint, indices: Indices) -> pl.DataFrame:
    """Location-based emissions and their energy, by what an index may say of them.

    Args:
        footprint: the lines of the period and boundary.
        indices: as `seasonal_index` gives them.

    Returns:
        KEYS, kg [kgCO2e, location-based] and kwh [kWh of facility energy], sorted by KEYS. `zone`
        is the factor's where that is monthly or finer, whether it has an index or not, and the
        line's elsewhere. Lines without a factor are left out.
    """
    known = footprint.lines.filter(pl.col("location_kg").is_not_null())
    answered = footprint.factors_used.filter(pl.col("method") == "location").select(
        "factor_id",
        "factor_zone",
        "publisher",
        "valid_from",
        "valid_to",
        factor_basis="basis",
    )
    series = indices.rows.select(SERIES).unique().with_columns(has_index=pl.lit(True))
    lines = known.join(
        answered.unique("factor_id", keep="first", maintain_order=True),
        left_on="location_factor_id",
        right_on="factor_id",
        how="left",
        validate="m:1",
        maintain_order="left",
    ).join(
        series.rename({"zone": "factor_zone", "basis": "factor_basis"}),
        on=["factor_zone", "factor_basis", "publisher"],
        how="left",
        validate="m:1",
        maintain_order="left",
    )
    fine = pl.col("treatment").is_in([INDEXED, NO_INDEX])
    cells = lines.with_columns(treatment=_treatment()).select(
        pl.when(fine).then("factor_zone").otherwise("zone").fill_null(NOWHERE).alias("zone"),
        pl.when(fine).then("factor_basis").alias("basis"),
        pl.col("publisher"),
        "treatment",
        "workload",
        "month",
        kg="location_kg",
        kwh="energy_facility_kwh",
    )
    return sum_by(cells, list(KEYS), ["kg", "kwh"]).sort(KEYS, nulls_last=True)


def treatments(footprint: Footprint) -> dict[str, float]:
    """Facility energy with a location-based figure by what an index may say of it [kWh].

    No index is asked for: what a month's own factor was used for counts as NO_INDEX.
    """
    cells = seasonal_cells(footprint, no_indices())
    sums = sum_by(cells, ["treatment"], ["kwh"]).sort("treatment")
    return dict(sums.iter_rows())


def with_index(cells: pl.DataFrame, indices: Indices) -> pl.DataFrame:
    """Cells with the index of their calendar month: index, low, high [1]; 1 where none applies."""
    calendar = pl.col("month").str.slice(5, 2).cast(pl.Int64)
    return (
        cells.with_columns(calendar=calendar)
        .join(
            indices.rows.select(*SERIES, "index", "low", "high", calendar="month"),
            on=[*SERIES, "calendar"],
            how="left",
            validate="m:1",
            maintain_order="left",
        )
        .with_columns(
            pl.when(pl.col("treatment") == INDEXED).then(name).otherwise(1.0).alias(name)
            for name in ("index", "low", "high")
        )
        .drop("calendar")
    )


def _treatment() -> pl.Expr:
    """What an index may say of a line; the factor's own period tells how fine it is."""
    start = (pl.col("month") + "-01").str.to_datetime("%Y-%m-%d", time_unit="us", time_zone="UTC")
    within = (pl.col("valid_from") >= start) & (pl.col("valid_to") <= start.dt.offset_by("1mo"))
    short = (pl.col("valid_to") - pl.col("valid_from")) < _MONTH_AND_A_BIT
    return (
        pl.when(pl.col("valid_from").is_null())
        .then(pl.lit(ROW_FACTOR))
        .when(~within & short)
        .then(pl.lit(OTHER_PERIOD))
        .when(~within)
        .then(pl.lit(ANNUAL))
        .when(pl.col("has_index").is_null())
        .then(pl.lit(NO_INDEX))
        .otherwise(pl.lit(INDEXED))
    )
