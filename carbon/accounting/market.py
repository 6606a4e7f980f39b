"""Market-based: each line's energy cut into slices on the rungs of the hierarchy.

GHG Protocol Scope 2 Guidance (2015), table 6.3: `kg = sum(kwh_i x rate_i) + rest x residual mix`.

Scope 2: the row's own market factor; instruments; the supplier's factor; the residual mix; else
the row's location factor or the grid average stands in, disclosed. Category 1 (purchased compute):
the provider's claim on the row; the residual mix; else the same stand-ins. Instruments and
suppliers are the reporter's own and never reach it. What no instrument covers takes the residual
mix, never the grid average while a residual mix exists.
"""

from typing import Final

import polars as pl

from carbon.accounting.location import row_factor_id
from carbon.accounting.sums import sum_by
from carbon.policy import Policy

RUNGS: Final = (
    "row_factor",
    "instrument",
    "supplier",
    "residual",
    "row_location",
    "grid_average",
)
"""The hierarchy, highest rung first."""

NOTHING_LEFT: Final = 1e-12
"""Share of a line below which what is left uncovered is rounding, not energy."""

SLICE: Final = ("line", "rung", "source_id", "kwh", "kg_co2e_per_kwh", "asserted", "gsd2")


def open_to_instruments() -> pl.Expr:
    """Lines that instruments may cover: Scope 2 load inside the boundary, without its own rate."""
    return (
        (pl.col("scope_category") == "scope_2")
        & pl.col("in_scope")
        & pl.col("market_factor_kg_per_kwh").is_null()
        & pl.col("energy_facility_kwh").is_not_null()
    )


def load(lines: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """Facility energy that instruments may cover, by cell.

    Args:
        lines: with the `cell` of each.
        places: the cells, as `cells.number` gives them.

    Returns:
        cell, zone, market, month, use_start, use_end, kwh [kWh], sorted.
    """
    open_lines = lines.filter(open_to_instruments())
    by_cell = sum_by(open_lines, ["cell"], ["energy_facility_kwh"])
    return (
        by_cell.rename({"energy_facility_kwh": "kwh"})
        .join(places, on="cell", how="left", validate="1:1", maintain_order="left")
        .select("cell", "zone", "market", "month", "use_start", "use_end", "kwh")
        .sort("cell")
    )


def slices(
    lines: pl.DataFrame, cover: pl.DataFrame, resolved: pl.DataFrame, policy: Policy
) -> pl.DataFrame:
    """Every line's facility energy on the rungs that supply it.

    Args:
        lines: numbered by `line`, with cell, ask, scope and the row's own factors.
        cover: what instruments cover, as `instruments.cover` gives it.
        resolved: the resolver's answers by `ask` and method.
        policy: `uncertainty.factor_row` is the 95 % factor of rates that rows and instruments
            state.

    Returns:
        The columns of SLICE: kwh [kWh], kg_co2e_per_kwh [kg/kWh], sorted by line and rung. A line
        of which some energy finds no rate at all has less kwh here than it uses.
    """
    stated = pl.lit(policy.uncertainty.factor_row)
    known = lines.filter(pl.col("energy_facility_kwh").is_not_null()).with_columns(
        kwh="energy_facility_kwh"
    )
    own = known.filter(pl.col("market_factor_kg_per_kwh").is_not_null()).select(
        "line",
        rung=pl.lit("row_factor"),
        source_id=row_factor_id(),
        kwh="kwh",
        kg_co2e_per_kwh="market_factor_kg_per_kwh",
        asserted=pl.col("factor_source").is_null(),
        gsd2=stated,
    )
    others = known.filter(pl.col("market_factor_kg_per_kwh").is_null())
    covered = _covered(others, cover, stated)
    rest = _rest(others, covered, resolved, stated)
    rank = pl.col("rung").replace_strict(
        list(RUNGS), list(range(len(RUNGS))), return_dtype=pl.Int64
    )
    return (
        pl.concat([own, covered, rest])
        .select(SLICE)
        .with_columns(kg_co2e=pl.col("kwh") * pl.col("kg_co2e_per_kwh"), _rank=rank)
        .sort("line", "_rank", "source_id", "kg_co2e_per_kwh", "kwh")
        .drop("_rank")
        .rechunk()
    )


def market_based(lines: pl.DataFrame, sliced: pl.DataFrame) -> pl.DataFrame:
    """Sum the slices of each line.

    Args:
        lines: numbered by `line`.
        sliced: as `slices` gives them.

    Returns:
        lines with market_kg [kg] (null where nothing found a rate), market_kwh_covered,
        asserted_kwh [kWh], market_rung (carries most of the line) and market_gsd2 [1], the slices'
        95 % factors weighted by their kg and taken as fully correlated within the line.
    """
    alone = pl.col("line").is_unique()
    summed = {
        "market_kg": pl.col("kg_co2e"),
        "market_kwh_covered": pl.col("kwh"),
        "asserted_kwh": pl.when("asserted").then(pl.col("kwh")).otherwise(0.0),
    }
    numbered = sliced.with_row_index("slice")
    singles = numbered.filter(alone).select(
        "line", **summed, market_gsd2="gsd2", slice=pl.col("slice").cast(pl.UInt32)
    )
    shared = numbered.filter(~alone).select(
        "line", "slice", "gsd2", **summed, spread=pl.col("kg_co2e") * pl.col("gsd2").log()
    )
    largest = shared.group_by("line", maintain_order=True).agg(
        widest=pl.col("gsd2").max(),
        # Slices of a line follow each other: where the largest one is, counted from the first.
        slice=pl.col("slice").first() + pl.col("market_kwh_covered").arg_max(),
    )
    several = (
        sum_by(shared, ["line"], [*summed, "spread"])
        .join(largest, on="line", how="left", validate="1:1", maintain_order="left")
        .with_columns(
            market_gsd2=pl.when(pl.col("market_kg") > 0)
            .then((pl.col("spread") / pl.col("market_kg")).exp())
            .otherwise("widest")
        )
        .select(singles.columns)
        .cast(singles.schema)
    )
    by_line = pl.concat([singles, several])
    return lines.join(
        by_line.with_columns(market_rung=sliced["rung"].gather(by_line["slice"])).drop("slice"),
        on="line",
        how="left",
        validate="1:1",
        maintain_order="left",
    )


def _covered(lines: pl.DataFrame, cover: pl.DataFrame, gsd2: pl.Expr) -> pl.DataFrame:
    """What instruments cover of each line: the share of its cell."""
    return (
        lines.filter(open_to_instruments())
        .select("line", "cell", "kwh")
        .join(cover, on="cell", how="inner", maintain_order="left_right")
        .select(
            "line",
            rung=pl.lit("instrument"),
            source_id="instrument_id",
            kwh=pl.col("kwh") * pl.col("share"),
            kg_co2e_per_kwh="kg_co2e_per_kwh",
            asserted=pl.lit(False),
            gsd2=gsd2,
        )
    )


def _rest(
    lines: pl.DataFrame, covered: pl.DataFrame, resolved: pl.DataFrame, gsd2: pl.Expr
) -> pl.DataFrame:
    """What no instrument covers, on the first rung that has a rate for it."""
    by_line = sum_by(covered, ["line"], ["kwh"]).rename({"kwh": "covered_kwh"})
    open_lines = (
        lines.select(
            "line",
            "kwh",
            "ask",
            "scope_category",
            "row_location_factor",
            "factor_source",
            row_id=row_factor_id(),
        )
        .join(by_line, on="line", how="left", validate="1:1", maintain_order="left")
        .with_columns(left=pl.col("kwh") - pl.col("covered_kwh").fill_null(0.0))
        .filter(pl.col("covered_kwh").is_null() | (pl.col("left") > NOTHING_LEFT * pl.col("kwh")))
    )
    for method in ("supplier", "residual", "location"):
        open_lines = open_lines.join(
            _answers(resolved, method),
            on="ask",
            how="left",
            validate="m:1",
            maintain_order="left",
        )
    supplier = (pl.col("scope_category") == "scope_2") & pl.col("supplier_id").is_not_null()
    return (
        open_lines.with_columns(
            rung=pl.when(supplier)
            .then(pl.lit("supplier"))
            .when(pl.col("residual_id").is_not_null())
            .then(pl.lit("residual"))
            .when(pl.col("row_location_factor").is_not_null())
            .then(pl.lit("row_location"))
            .when(pl.col("location_id").is_not_null())
            .then(pl.lit("grid_average"))
        )
        .filter(pl.col("rung").is_not_null())
        .select(
            "line",
            "rung",
            source_id=_of_rung("supplier_id", "residual_id", "row_id", "location_id"),
            kwh="left",
            kg_co2e_per_kwh=_of_rung(
                "supplier_rate", "residual_rate", "row_location_factor", "location_rate"
            ),
            asserted=pl.lit(False),
            gsd2=_of_rung("supplier_gsd2", "residual_gsd2", gsd2, "location_gsd2"),
        )
    )


def _answers(resolved: pl.DataFrame, method: str) -> pl.DataFrame:
    return resolved.filter((pl.col("method") == method) & pl.col("factor_id").is_not_null()).select(
        "ask",
        pl.col("factor_id").alias(f"{method}_id"),
        pl.col("kg_co2e_per_kwh").alias(f"{method}_rate"),
        pl.col("gsd2").alias(f"{method}_gsd2"),
    )


def _of_rung(
    supplier: str | pl.Expr, residual: str | pl.Expr, row: str | pl.Expr, grid: str | pl.Expr
) -> pl.Expr:
    rung = pl.col("rung")
    return (
        pl.when(rung == "supplier")
        .then(supplier)
        .when(rung == "residual")
        .then(residual)
        .when(rung == "row_location")
        .then(row)
        .otherwise(grid)
    )
