"""Location-based: every kWh at the average factor of the grid that it is drawn from."""

from typing import Final

import polars as pl

from carbon.policy import Policy

REQUESTED_METHODS: Final = ("location", "residual", "supplier")
"""What is asked of the resolver for each zone and month."""


def requests(asked: pl.DataFrame) -> pl.DataFrame:
    """The factors to ask for: every zone and month or span, by method.

    Args:
        asked: as `cells.ask` gives them.

    Returns:
        ask, zone, month, use_start, use_end (null for the whole month), method.
    """
    methods = pl.DataFrame({"method": REQUESTED_METHODS})
    return (
        asked.filter(pl.col("zone").is_not_null())
        .rename({"span_start": "use_start", "span_end": "use_end"})
        .join(methods, how="cross")
    )


def row_factor_id() -> pl.Expr:
    """How a factor that a row itself brings is named: `row:<evidence, 12 digits>:<row>`."""
    return pl.format("row:{}:{}", pl.col("evidence_id").str.head(12), "row_number")


def location_based(lines: pl.DataFrame, resolved: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """`kg = facility kWh x factor`: the row's own location factor, else the zone's.

    Source: GHG Protocol Scope 2 Guidance (2015): sub-national, else national grid average.

    Args:
        lines: ask, energy_facility_kwh, location_factor_kg_per_kwh, factor_source.
        resolved: the resolver's answers by `ask`; those of method `location` are used.
        policy: `uncertainty.factor_row` is the 95 % factor of a row's own factor.

    Returns:
        lines with location_factor_id, location_factor_kg_per_kwh [kg/kWh], location_basis,
        location_why, location_gsd2 [1], location_kg [kg], and grid_kg_per_kwh, the zone's own
        factor, for comparison. Null where there is no factor: never 0.
    """
    grid = resolved.filter(pl.col("method") == "location").select(
        "ask",
        grid_factor_id="factor_id",
        grid_kg_per_kwh="kg_co2e_per_kwh",
        grid_basis="basis",
        grid_why="why",
        grid_gsd2="gsd2",
    )
    own = pl.col("row_location_factor").is_not_null()
    document = pl.when(pl.col("factor_source").is_not_null()).then(
        pl.format("Factor of the row itself, from {}.", "factor_source")
    )
    return (
        lines.rename({"location_factor_kg_per_kwh": "row_location_factor"})
        .join(grid, on="ask", how="left", validate="m:1", maintain_order="left")
        .with_columns(
            location_factor_id=pl.when(own).then(row_factor_id()).otherwise("grid_factor_id"),
            location_factor_kg_per_kwh=pl.coalesce("row_location_factor", "grid_kg_per_kwh"),
            location_basis=pl.when(own).then(pl.lit("row")).otherwise("grid_basis"),
            location_why=pl.when(own)
            .then(document.otherwise(pl.lit("Factor of the row itself; no document is named.")))
            .otherwise(
                pl.col("grid_why").fill_null("No place is known, so no factor can be looked up.")
            ),
            location_gsd2=pl.when(own)
            .then(pl.lit(policy.uncertainty.factor_row))
            .otherwise("grid_gsd2"),
        )
        .with_columns(
            location_kg=pl.col("energy_facility_kwh") * pl.col("location_factor_kg_per_kwh")
        )
        .drop("grid_factor_id", "grid_basis", "grid_why", "grid_gsd2")
    )
