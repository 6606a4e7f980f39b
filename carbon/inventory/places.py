"""Where activity stands whose source does not say: the places that the policy names."""

import polars as pl

from carbon.inventory.known import Known
from carbon.inventory.patterns import matches
from carbon.policy import Policy

STANDS_BY = ("host", "site", "account")
"""What a name in `boundary.places` may be of."""


def placed(activity: pl.DataFrame, policy: Policy, known: Known) -> pl.DataFrame:
    """Give rows without zone, region and country the place of their host, site or account.

    The first entry of `boundary.places` that fits holds, as in the accounting: a grid zone, or
    `provider:region`, which is the region of a row of that provider and only the region's grid
    zone for any other.

    Args:
        activity: `Activity` rows.
        policy: `boundary.places`.
        known: `region_zones` and `zones` are used.

    Returns:
        activity with zone and region filled in where an entry fits.
    """
    places = policy.boundary.places
    if not places:
        return activity
    nowhere = pl.all_horizontal(pl.col("zone", "region", "country").is_null())
    zones = {
        f"{provider}:{region}".casefold(): (provider, region, zone)
        for provider, region, zone in known.region_zones.select(
            "provider", "region", "zone"
        ).iter_rows()
    }
    zone, region = [], []
    for name, at in places.items():
        fits = pl.any_horizontal(matches(column, [name]) for column in STANDS_BY)
        word = at.strip()
        provider, code, drawn = zones.get(
            word.casefold(), (None, None, known.zones.get(word.casefold(), word))
        )
        own = pl.lit(False) if provider is None else pl.col("provider").eq_missing(provider)
        # Each entry that fits says both, so that a later one never completes an earlier one.
        zone.append(pl.when(fits).then(pl.when(own).then(pl.lit("")).otherwise(pl.lit(drawn))))
        region.append(pl.when(fits).then(pl.when(own).then(pl.lit(code)).otherwise(pl.lit(""))))
    return activity.with_columns(
        zone=pl.when(nowhere).then(pl.coalesce(zone).replace("", None)).otherwise("zone"),
        region=pl.when(nowhere).then(pl.coalesce(region).replace("", None)).otherwise("region"),
    )
