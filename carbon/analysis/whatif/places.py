"""Places where load may run: regions, grid zones and own sites, with figures by month."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
import polars as pl

from carbon.accounting.efficiency import nearest_year
from carbon.accounting.location import REQUESTED_METHODS
from carbon.analysis.whatif.clean_hours import clean_hours
from carbon.analysis.whatif.grids import Array, Ints, codes
from carbon.analysis.whatif.today import Today
from carbon.factors import resolver
from carbon.factors.library import Library
from carbon.policy import Policy

PLACE: Final = (
    *("place", "kind", "name", "provider", "region", "site"),
    *("zone", "country", "market", "latitude", "longitude"),
)

KINDS: Final = ("region", "zone", "site")


@dataclass(frozen=True)
class Rates:
    """A rate by place and month.

    Attributes:
        kg_per_kwh: places x months [kg/kWh]; NaN where there is none.
        ln_gsd2: ln of its 95 % factor [1]; 0 where there is none.
        factor: position in `Places.factors`; -1 where there is none.
    """

    kg_per_kwh: Array
    ln_gsd2: Array
    factor: Ints


@dataclass(frozen=True)
class Places:
    """Candidate places; arrays are places x months, NaN where nothing is known.

    Attributes:
        months: YYYY-MM, those of `Today`.
        table: PLACE; `place` is unique, in order.
        location: grid average, location-based.
        bought: market-based without contracts, for purchased compute: residual mix, else grid
            average.
        drawn: the same for Scope 2 load: the supplier's factor, else residual mix, else average.
        pue: the region's published figure of the year, or the nearest earlier one; for an own site
            today's [1].
        wue: site water per IT energy [L/kWh].
        grid_water: water of generation per facility energy [L/kWh].
        clean: places x months x 24: mean factor of each day's k + 1 cleanest hours / mean of all
            hours [1]; NaN where the zone has no hourly factors.
        why: place, month, method and why that factor, in words.
        factors: id of each factor.
        at: position of each place, by its name in lower case.
        homes: where each row of `Today` runs: its own place, else its zone; -1 where not known.
        markets: market boundaries, in order.
        market_of, market_of_rows: position in `markets` of each place and of each row of `Today`;
            one past the last where none is known.
        memory: answers given before, so that what no scenario changes is computed once.
    """

    months: tuple[str, ...]
    table: pl.DataFrame
    location: Rates
    bought: Rates
    drawn: Rates
    pue: Array
    wue: Array
    grid_water: Array
    clean: Array
    why: pl.DataFrame
    factors: tuple[str, ...]
    at: Mapping[str, int]
    homes: Ints
    markets: tuple[str, ...]
    market_of: Ints
    market_of_rows: Ints
    memory: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Names of the places, in order."""
        return tuple(self.table["place"])

    @cached_property
    def points(self) -> tuple[Array, Array]:
        """Latitude and longitude of each place [deg]; NaN where not known."""
        latitude, longitude = (
            self.table[name].to_numpy().astype(np.float64) for name in ("latitude", "longitude")
        )
        return latitude, longitude

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """What each place is: one of KINDS."""
        return tuple(self.table["kind"])

    @cached_property
    def pue_names(self) -> tuple[str, ...]:
        """The published PUE of each place, as figures of today share it."""
        pairs = self.table.select(
            pl.when(pl.col("kind") == "region")
            .then(pl.format("PUE {} {}", "provider", "region"))
            .otherwise(pl.format("PUE {}", "place"))
        )
        return tuple(pairs.to_series())

    def position(self, place: str) -> int | None:
        """Where a place stands in the arrays, in any case of letters; None if it is not known."""
        return self.at.get(place.casefold())


def places(today: Today, factors: pl.DataFrame, library: Library, policy: Policy) -> Places:
    """Every place with a factor: regions of the library, zones, and sites of today's footprint.

    Args:
        today: its months are asked for; its rows name sites and zones of the user's own.
        factors: `Factor` rows, of the library and of the workspace.
        library: regions, zones, efficiency and GWP sets.
        policy: how factors are resolved.
    """
    table = _table(today, factors, library)
    months = today.months
    answers = _answers(table, months, factors, library, policy)
    ids = sorted(answers["factor_id"].drop_nulls().unique())
    location = _rates(answers, table, months, ids, ("location",))
    known = ~np.isnan(location.kg_per_kwh).all(axis=1)
    keep = known | table["place"].is_in(today.rows["place"].unique().implode()).to_numpy()
    table = table.filter(pl.Series(keep))
    markets = sorted({*table["market"].drop_nulls(), *today.markets})
    why = (
        table.select("place", "zone")
        .join(answers.select("zone", "month", "method", "why"), on="zone", how="inner")
        .select("place", "month", "method", "why")
        .sort("place", "month", "method")
    )
    return Places(
        months=months,
        table=table,
        location=_rates(answers, table, months, ids, ("location",)),
        bought=_rates(answers, table, months, ids, ("residual", "location")),
        drawn=_rates(answers, table, months, ids, ("supplier", "residual", "location")),
        pue=_pue(table, today, library),
        wue=_efficiency(table, months, library, "wue_l_per_kwh", later=True),
        grid_water=_generation(table, months, library),
        clean=clean_hours(table["zone"], months, factors),
        why=why,
        factors=tuple(ids),
        at={name.casefold(): at for at, name in enumerate(table["place"])},
        homes=_homes(table, today),
        markets=tuple(markets),
        market_of=_market(table["market"], markets),
        market_of_rows=_market(today.rows["market"], markets),
    )


def _homes(table: pl.DataFrame, today: Today) -> Ints:
    names = today.rows.select("place", zone=pl.format("zone:{}", "zone")).fill_null("")
    own, zone = (codes(names[column], table["place"].to_list()) for column in ("place", "zone"))
    return np.where(own >= 0, own, zone)


def _market(names: pl.Series, markets: list[str]) -> Ints:
    at = codes(names, markets)
    return np.where(at < 0, len(markets), at)


def _table(today: Today, factors: pl.DataFrame, library: Library) -> pl.DataFrame:
    null = pl.lit(None, pl.String)
    regions = library.regions.select(
        place=pl.format("{}:{}", "provider", "region"),
        kind=pl.lit("region"),
        name=pl.coalesce("name", "region"),
        provider="provider",
        region="region",
        site=null,
        zone="zone",
        country="country",
        latitude="latitude",
        longitude="longitude",
    )
    own = factors["zone"].unique().to_frame("zone")
    known = library.zones.select("zone", "name", "country", "latitude", "longitude")
    named = pl.concat(
        [own, today.rows.select("zone").drop_nulls(), regions.select("zone")]
    ).unique()
    countries = library.zones.filter(kind="country")["zone"]
    prefix = pl.col("zone").str.extract(r"^([A-Z]{2})-")
    zones = named.join(known, on="zone", how="left", validate="1:1").select(
        place=pl.format("zone:{}", "zone"),
        kind=pl.lit("zone"),
        name=pl.coalesce("name", "zone"),
        provider=null,
        region=null,
        site=null,
        zone="zone",
        country=pl.coalesce("country", pl.when(prefix.is_in(countries.implode())).then(prefix)),
        latitude="latitude",
        longitude="longitude",
    )
    sites = (
        today.rows.filter(pl.col("place").str.starts_with("site:"))
        .unique("place", keep="first", maintain_order=True)
        .join(known.drop("name", "country"), on="zone", how="left", validate="m:1")
        .select(
            "place",
            kind=pl.lit("site"),
            name="site",
            provider=null,
            region=null,
            site="site",
            zone="zone",
            country="country",
            latitude="latitude",
            longitude="longitude",
        )
    )
    rank = pl.col("kind").replace_strict(list(KINDS), [0, 1, 2], return_dtype=pl.Int64)
    return (
        pl.concat([regions, zones, sites])
        .with_columns(market=pl.coalesce("country", "zone"))
        .sort(rank, "place")
        .select(PLACE)
    )


def _answers(
    table: pl.DataFrame,
    months: tuple[str, ...],
    factors: pl.DataFrame,
    library: Library,
    policy: Policy,
) -> pl.DataFrame:
    requests = (
        table.select("zone")
        .drop_nulls()
        .unique()
        .sort("zone")
        .join(pl.DataFrame({"month": months}, schema={"month": pl.String}), how="cross")
        .join(pl.DataFrame({"method": REQUESTED_METHODS}), how="cross")
    )
    return resolver.resolve(factors, library.zones, library.gwp, requests, policy)


def _rates(
    answers: pl.DataFrame,
    table: pl.DataFrame,
    months: tuple[str, ...],
    ids: list[str],
    methods: tuple[str, ...],
) -> Rates:
    """The first of the methods that has a factor, for each place and month."""
    zones = table["zone"].drop_nulls().unique().sort().to_list()
    shape = (len(zones) + 1, len(months))
    kg, ln = np.full(shape, np.nan), np.zeros(shape)
    code = np.full(shape, -1, dtype=np.int64)
    for method in reversed(methods):
        found = answers.filter(
            pl.col("method") == method,
            pl.col("factor_id").is_not_null(),
            pl.col("zone").is_in(zones),
        )
        at = (codes(found["zone"], zones), codes(found["month"], list(months)))
        kg[at] = found["kg_co2e_per_kwh"].to_numpy()
        ln[at] = found["gsd2"].log().to_numpy()
        code[at] = codes(found["factor_id"], ids)
    # A place of no known zone takes the last row, which holds nothing.
    row = codes(table["zone"], zones)
    return Rates(kg[row], ln[row], code[row])


def _efficiency(
    table: pl.DataFrame, months: tuple[str, ...], library: Library, measure: str, *, later: bool
) -> Array:
    years = [int(month[:4]) for month in months]
    wanted = (
        table.filter(pl.col("kind") == "region")
        .select("provider", "region")
        .join(pl.DataFrame({"year": sorted(set(years))}, schema={"year": pl.Int64}), how="cross")
    )
    found = nearest_year(wanted, library.efficiency, measure, later=later)
    figures = np.full((table.height, len(months)), np.nan)
    place = codes(
        found.select(pl.format("{}:{}", "provider", "region")).to_series(), table["place"].to_list()
    )
    for at, year, figure in zip(place, found["year"], found[measure], strict=True):
        figures[at, [stated == year for stated in years]] = figure
    return figures


def _pue(table: pl.DataFrame, today: Today, library: Library) -> Array:
    """Published figures of regions; of an own site what its load shows today."""
    pue = _efficiency(table, today.months, library, "pue", later=False)
    for at, place in enumerate(table["place"]):
        if not place.startswith("site:"):
            continue
        here = (today.rows["place"] == place).to_numpy()
        it = today.it_kwh[here].sum()
        if it > 0:
            pue[at] = (today.facility_kwh[here].sum() - today.blind_kwh[here].sum()) / it
    return pue


def _generation(table: pl.DataFrame, months: tuple[str, ...], library: Library) -> Array:
    water = table.join(
        library.regions.select("provider", "region", "water_l_per_kwh"),
        on=["provider", "region"],
        how="left",
        validate="m:1",
        maintain_order="left",
    )["water_l_per_kwh"]
    column = water.to_numpy().astype(np.float64).reshape(-1, 1)
    return np.repeat(column, len(months), axis=1)
