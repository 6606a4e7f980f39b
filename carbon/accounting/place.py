"""Where a row's electricity is drawn: grid zone, country and market boundary."""

from typing import Final

import polars as pl

from carbon.factors.library import Library
from carbon.inventory.patterns import matches
from carbon.policy import Policy
from carbon.schema import UNASSIGNED

STANDS_BY: Final = ("host", "site", "account", "workload")
"""What a name in `boundary.places` may be of, the most specific first."""

_NOWHERE: Final = pl.all_horizontal(pl.col("zone", "region", "country").is_null())


def stand(rows: pl.DataFrame, library: Library, policy: Policy) -> pl.DataFrame:
    """Give rows that say no place the place of their host, site, account or workload.

    The first entry of `policy.boundary.places` whose name or pattern fits any of them holds:
    a grid zone, or `provider:region`. A row of that very provider takes the region, with its PUE;
    any other row only the region's grid zone: another operator's hall is not its own.

    Args:
        rows: zone, region, country, provider, host, site, account, workload.
        library: `regions` and `zones` are used.
        policy: `boundary.places`.

    Returns:
        rows with zone and region filled in where an entry fits.
    """
    places = policy.boundary.places
    if not places or not rows.select(_NOWHERE.any()).item():
        return rows
    names = rows.filter(_NOWHERE).select("provider", *STANDS_BY).unique()
    entry = [
        pl.when(pl.any_horizontal(matches(column, [name]) for column in STANDS_BY)).then(pl.lit(at))
        for name, at in places.items()
    ]
    found = names.with_columns(_at=pl.coalesce(entry)).filter(pl.col("_at").is_not_null())
    placed = _places(found["_at"], library)
    own = pl.col("provider") == pl.col("_provider")
    found = found.join(placed, on="_at", how="left", validate="m:1", maintain_order="left").select(
        "provider",
        *STANDS_BY,
        _region=pl.when(own).then("_region"),
        _zone=pl.when(~own.fill_null(False)).then("_zone"),
    )
    return (
        rows.join(
            found,
            on=["provider", *STANDS_BY],
            how="left",
            validate="m:1",
            nulls_equal=True,
            maintain_order="left",
        )
        .with_columns(
            region=pl.when(_NOWHERE).then("_region").otherwise("region"),
            zone=pl.when(_NOWHERE).then("_zone").otherwise("zone"),
        )
        .drop("_region", "_zone")
    )


def _places(entries: pl.Series, library: Library) -> pl.DataFrame:
    """What each entry stands for: provider and region, and the grid zone.

    An entry that neither list knows is a zone of the user's own factors.
    """
    zones = {zone.casefold(): zone for zone in library.zones["zone"]}
    regions = {
        f"{provider}:{region}".casefold(): (provider, region, zone)
        for provider, region, zone in library.regions.select(
            "provider", "region", "zone"
        ).iter_rows()
    }
    found = []
    for entry in entries.unique().sort():
        word = entry.strip()
        provider, region, zone = regions.get(
            word.casefold(), (None, None, zones.get(word.casefold(), word))
        )
        found.append((entry, provider, region, zone))
    names = ("_at", "_provider", "_region", "_zone")
    return pl.DataFrame(found, schema=dict.fromkeys(names, pl.String), orient="row")


def unplaced(rows: pl.DataFrame, activity: pl.DataFrame) -> pl.DataFrame:
    """Rows of which no grid zone is known, and the name under which a place could be stated.

    Args:
        rows: as `locate` gives them; `row` is their position in `activity`.
        activity: the columns of STANDS_BY.

    Returns:
        evidence_id, row_number, workload, in_scope, month (YYYY-MM), kind (one of STANDS_BY, or
        null where none is known) and name.
    """
    nowhere = rows.filter(pl.col("zone").is_null())
    there = [pl.when(pl.col(column) != UNASSIGNED).then(column) for column in STANDS_BY]
    kind = [
        pl.when(named.is_not_null()).then(pl.lit(column))
        for column, named in zip(STANDS_BY, there, strict=True)
    ]
    names = activity.select(kind=pl.coalesce(kind), name=pl.coalesce(there))
    return nowhere.select(
        *("evidence_id", "row_number", "workload", "in_scope"),
        month=pl.col("period_start").dt.strftime("%Y-%m"),
    ).with_columns(names[nowhere["row"]])


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
