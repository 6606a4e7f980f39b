"""Where a row's electricity is drawn: grid zone, country and market boundary."""

import polars as pl

from carbon.factors.library import Library


def locate(rows: pl.DataFrame, library: Library) -> pl.DataFrame:
    """Grid zone, country and market boundary of each row.

    The row's own zone, else that of the provider's region, else the country. The country is the
    zone's, else the one that the row names, else the region's; a zone of the user's own factors
    that is written like a subdivision (`IT-NORD`) lies in that country. The market boundary,
    within which instruments may be used, is the country; a zone of which no country is known is
    its own.

    Args:
        rows: provider, region, zone, country.
        library: `regions` and `zones` are used.

    Returns:
        rows with zone, country (ISO 3166-1 alpha-2) and market filled in where known.
    """
    regions = library.regions.select(
        "provider", "region", region_zone="zone", region_country="country"
    )
    zones = library.zones.select("zone", zone_country="country")
    countries = library.zones.filter(pl.col("kind") == "country")["zone"]
    prefix = pl.col("zone").str.extract(r"^([A-Z]{2})-")
    written = pl.when(prefix.is_in(countries.implode())).then(prefix)
    return (
        rows.join(
            regions,
            on=["provider", "region"],
            how="left",
            validate="m:1",
            maintain_order="left",
        )
        .with_columns(zone=pl.coalesce("zone", "region_zone", "country"))
        .join(zones, on="zone", how="left", validate="m:1", maintain_order="left")
        .with_columns(country=pl.coalesce("zone_country", "country", "region_country", written))
        .with_columns(market=pl.coalesce("country", "zone"))
        .drop("region_zone", "region_country", "zone_country")
    )
