"""Water: `E_IT x WUE_site + E_facility x water of generation`."""

import polars as pl

from carbon.accounting.efficiency import nearest_year
from carbon.factors.library import Library


def use(lines: pl.DataFrame, library: Library) -> pl.DataFrame:
    """Water of each line [L].

    WUE (ISO/IEC 30134-9) is site water per *IT* energy; the water of generation is per facility
    energy. A part that is not known adds nothing and the source says so; where neither is known
    water is null, not 0.

    Args:
        lines: provider, region, year, energy_it_kwh, energy_facility_kwh.
        library: `efficiency` (WUE by region and year) and `regions` (water of generation).

    Returns:
        lines with wue_l_per_kwh, source_water_l_per_kwh [L/kWh], water_l [L], water_source.
    """
    wue = nearest_year(
        lines.select("provider", "region", "year"),
        library.efficiency,
        "wue_l_per_kwh",
        later=True,
    )
    generation = library.regions.select(
        "provider", "region", source_water_l_per_kwh="water_l_per_kwh"
    )
    site = pl.col("energy_it_kwh") * pl.col("wue_l_per_kwh")
    source = pl.col("energy_facility_kwh") * pl.col("source_water_l_per_kwh")
    return (
        lines.join(
            wue,
            on=["provider", "region", "year"],
            how="left",
            validate="m:1",
            maintain_order="left",
        )
        .join(
            generation,
            on=["provider", "region"],
            how="left",
            validate="m:1",
            maintain_order="left",
        )
        .with_columns(
            water_l=pl.when(site.is_not_null() | source.is_not_null()).then(
                site.fill_null(0.0) + source.fill_null(0.0)
            ),
            water_source=_source(site.is_not_null(), source.is_not_null()),
        )
        .drop("wue_l_per_kwh_year")
    )


def _source(site: pl.Expr, generation: pl.Expr) -> pl.Expr:
    region = pl.format("site WUE of the region {}", "wue_l_per_kwh_year")
    return (
        pl.when(site & generation)
        .then(pl.format("{}; generation of the region's grid", region))
        .when(site)
        .then(pl.format("{}; generation not known", region))
        .when(generation)
        .then(pl.lit("generation of the region's grid; site WUE not known"))
    )
