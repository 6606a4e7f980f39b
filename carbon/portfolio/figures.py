"""Figures of a period: the totals, their parts, and what stands beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from carbon.accounting.pipeline import Footprint
from carbon.accounting.summary import select, summarise
from carbon.accounting.sums import ordered_known_sum, ordered_sum
from carbon.policy import Policy
from carbon.schema import MEASURES


@dataclass(frozen=True)
class Result:
    """A footprint by some columns.

    `totals` holds the measures R of the whole; `rows` the `by` columns and R, sorted.
    """

    period_start: str | None
    period_end: str | None
    policy_hash: str
    totals: dict[str, Any]
    rows: pl.DataFrame

    def to_dict(self) -> dict[str, Any]:
        """The answer of `carbon footprint`."""
        return {
            "period_start": self.period_start,
            "period_end": self.period_end,
            "policy_hash": self.policy_hash,
            "totals": self.totals,
            "rows": self.rows.to_dicts(),
        }


@dataclass(frozen=True)
class Headline:
    """What the first screen shows: each scope category on its own, both methods.

    `compute_total` adds them up and is not a GHG Protocol total. `share_measured` is the share of
    energy at tiers T1 to T3, null where there is none.
    """

    scope_2: dict[str, Any] | None
    scope_3_cat_1: dict[str, Any] | None
    compute_total: dict[str, Any]
    share_measured: float | None
    period_start: str | None
    period_end: str | None


def result(footprint: Footprint, by: Sequence[str], policy: Policy) -> Result:
    """Sum a footprint, already cut to its period and boundary, by columns.

    Args:
        footprint: the lines that count.
        by: columns to sum by; none gives the totals alone.
        policy: the choices under which it was computed.
    """
    totals = totals_of(footprint, policy)
    rows = summarise(footprint, by, policy) if by else pl.DataFrame([totals], strict=False)
    months = footprint.lines["month"]
    return Result(
        period_start=_text(months.min()),
        period_end=_text(months.max()),
        policy_hash=policy.hash,
        totals=totals,
        rows=rows,
    )


def totals_of(footprint: Footprint, policy: Policy) -> dict[str, Any]:
    """R of the whole: one row, nulls where nothing is known."""
    rows = summarise(footprint, [], policy)
    return rows.row(0, named=True) if rows.height else dict.fromkeys(MEASURES)


def headline(footprint: Footprint, policy: Policy) -> Headline:
    """Totals by scope category and as a whole."""
    by_category = {
        row["scope_category"]: row
        for row in summarise(footprint, ["scope_category"], policy).to_dicts()
    }
    months = footprint.lines["month"]
    return Headline(
        scope_2=by_category.get("scope_2"),
        scope_3_cat_1=by_category.get("scope_3_cat_1"),
        compute_total=totals_of(footprint, policy),
        share_measured=share_measured(footprint),
        period_start=_text(months.min()),
        period_end=_text(months.max()),
    )


def between(
    footprint: Footprint, month_from: str | None, month_to: str | None, scope: str
) -> Footprint:
    """The lines of a period inside the boundary (`in`), or all of them (`all`)."""
    return select(footprint, month_from, month_to, scope)


def share_measured(footprint: Footprint) -> float | None:
    """Facility energy at tiers T1 to T3 as a share of all that is known [1]."""
    kwh = pl.col("energy_facility_kwh")
    measured = kwh.filter(pl.col("tier").is_in(["T1", "T2", "T3"])).sum()
    share: float | None = footprint.lines.select(
        pl.when(kwh.sum() > 0).then(measured / kwh.sum())
    ).item()
    return share


def rungs(footprint: Footprint) -> pl.DataFrame:
    """Facility energy and emissions on each rung of the market-based hierarchy.

    Returns:
        market, scope_category, rung, kwh [kWh], kg_co2e [kg], asserted_kwh [kWh], sorted.
    """
    lines = footprint.lines.select("line_id", "market", "scope_category")
    return (
        footprint.market.join(lines, on="line_id", how="inner", validate="m:1")
        .group_by("market", "scope_category", "rung")
        .agg(
            ordered_sum(pl.col("kwh")),
            ordered_sum(pl.col("kg_co2e")),
            ordered_sum(pl.col("kwh").filter("asserted")).alias("asserted_kwh"),
        )
        .sort("market", "scope_category", "rung", nulls_last=True)
    )


def map_points(footprint: Footprint, regions: pl.DataFrame, zones: pl.DataFrame) -> pl.DataFrame:
    """Energy and emissions by place, with where to draw it.

    A cloud region is drawn at its own coordinates, anything else at its grid zone's point; a place
    without a known point keeps null coordinates, so that the table beside the map is complete.

    Returns:
        place, zone, country, iso3, latitude, longitude [deg], energy_facility_kwh [kWh],
        location_kg, market_kg [kg], kg_per_kwh [kg/kWh] and country_kg_per_kwh [kg/kWh], the
        same over all places of the country, largest first.
    """
    place = pl.coalesce(
        pl.when(pl.col("provider").is_not_null() & pl.col("region").is_not_null()).then(
            pl.concat_str("provider", pl.lit(" "), "region")
        ),
        "site",
        "zone",
    )
    where = regions.select(
        "provider", "region", pl.col("latitude", "longitude").name.prefix("region_")
    )
    points = zones.select("zone", "iso3", pl.col("latitude", "longitude").name.prefix("zone_"))
    in_country = (pl.col("location_kg").sum() / pl.col("known_kwh").sum()).over("iso3")
    return (
        footprint.lines.with_columns(place=place)
        .group_by("place", "provider", "region", "zone", "country")
        .agg(
            *map(ordered_known_sum, ("energy_facility_kwh", "location_kg", "market_kg")),
            known_kwh=ordered_sum(
                pl.col("energy_facility_kwh").filter(pl.col("location_kg").is_not_null())
            ),
        )
        .join(where, on=["provider", "region"], how="left", validate="m:1")
        .join(points, on="zone", how="left", validate="m:1")
        .select(
            "place",
            "zone",
            "country",
            "iso3",
            latitude=pl.coalesce("region_latitude", "zone_latitude"),
            longitude=pl.coalesce("region_longitude", "zone_longitude"),
            energy_facility_kwh="energy_facility_kwh",
            location_kg="location_kg",
            market_kg="market_kg",
            kg_per_kwh=pl.when(pl.col("known_kwh") > 0).then(
                pl.col("location_kg") / pl.col("known_kwh")
            ),
            country_kg_per_kwh=pl.when(
                pl.col("iso3").is_not_null() & (pl.col("known_kwh").sum().over("iso3") > 0)
            ).then(in_country),
        )
        .sort("location_kg", "place", descending=[True, False], nulls_last=True)
    )


def reported_totals(reported: pl.DataFrame) -> pl.DataFrame:
    """Providers' own totals by month and method, as they report them; never part of a footprint.

    Args:
        reported: the `Reported` rows that count.

    Returns:
        provider, month (YYYY-MM), method, kg_co2e [kg], model_version, sorted.
    """
    return (
        reported.filter(pl.col("scope") == "total")
        .group_by("provider", pl.col("month").dt.strftime("%Y-%m"), "method")
        .agg(ordered_sum(pl.col("kg_co2e")), pl.col("model_version").max())
        .sort("provider", "month", "method")
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
