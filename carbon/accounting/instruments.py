"""Contractual instruments: which qualify, and which consumption each one covers.

GHG Protocol Scope 2 Guidance (2015), chapter 7: an instrument counts where it meets the Quality
Criteria, for consumption of its own market and period, MWh by MWh, and no further than the load.
"""

from itertools import pairwise
from typing import Any, Final

import polars as pl

from carbon.accounting.sums import sum_by
from carbon.policy import Policy

KIND_ORDER: Final = ("eac", "ppa", "supplier_rate", "green_tariff")
"""The hierarchy among instruments: certificates, contracts, supplier rates, tariffs."""

CRITERIA: Final = {
    "q1": "conveys the direct emission rate",
    "q2": "is the only instrument with that claim",
    "q3": "is tracked and retired for the reporter",
    "q4": "is issued and redeemed close to the consumption",
    "q5": "comes from the market of the consumption",
    "q6": "rests on delivered electricity",
    "q7": "transfers all claims",
    "q8": "stands beside a residual mix, or its absence is disclosed",
}
"""The eight Scope 2 Quality Criteria, as they complete `the instrument ...`."""


def qualify(instruments: pl.DataFrame) -> pl.DataFrame:
    """Instruments in the order in which they cover load, with the criteria that each one fails.

    An instrument fails where any criterion is answered with no, or none is answered at all.

    Args:
        instruments: `Instrument` rows.

    Returns:
        instruments with `failed` (in words; null where it qualifies), sorted.
    """
    failures = [
        pl.when(~pl.col(q)).then(pl.lit(f"criterion {q[1]} ({words})"))
        for q, words in CRITERIA.items()
    ]
    unanswered = pl.all_horizontal(pl.col(q).is_null() for q in CRITERIA)
    failed = pl.concat_str(failures, separator=", ", ignore_nulls=True)
    rank = pl.col("kind").replace_strict(
        list(KIND_ORDER), list(range(len(KIND_ORDER))), return_dtype=pl.Int64
    )
    return instruments.with_columns(
        failed=pl.when(unanswered)
        .then(pl.lit("no criterion is answered"))
        .when(failed != "")
        .then(failed)
    ).sort(rank, "instrument_id", "period_start", "evidence_id", "row_number")


def reach(places: pl.DataFrame, zones: pl.DataFrame) -> pl.DataFrame:
    """The market names that mean each place: its zone, every wider zone, and its country.

    Args:
        places: zone, market.
        zones: `Zone` rows.

    Returns:
        places with `reach`, a list of names.
    """
    parents = zones.select("zone", "parent")
    iso3 = zones.filter(pl.col("kind") == "country").select(market="zone", iso3="iso3")
    wider = places.with_columns(up0="zone")
    levels = ["up0"]
    while wider[levels[-1]].null_count() < wider.height and len(levels) <= zones.height:
        name = f"up{len(levels)}"
        wider = wider.join(
            parents.rename({"zone": levels[-1], "parent": name}),
            on=levels[-1],
            how="left",
            validate="m:1",
            maintain_order="left",
        )
        levels.append(name)
    return wider.join(iso3, on="market", how="left", validate="m:1", maintain_order="left").select(
        *places.columns, reach=pl.concat_list(*levels, "market", "iso3").list.drop_nulls()
    )


def cover(
    load: pl.DataFrame, instruments: pl.DataFrame, zones: pl.DataFrame, policy: Policy
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Which share of each place's monthly load every instrument covers.

    Instruments take their turn in the order of `qualify`. Each covers the load of its market and
    period that is still open, pro rata, up to its volume: over its whole period
    (`factors.match_granularity = "annual"`), or month by month with its volume spread by hours
    ("monthly"). A month that an instrument's period covers in part is open to it in that part.

    Args:
        load: zone, market, month (YYYY-MM), kwh [kWh], unique by the first three.
        instruments: as `qualify` gives them.
        zones: `Zone` rows, for wider markets.
        policy: `factors.match_granularity` is used.

    Returns:
        Two frames. Cover: zone, market, month, instrument_id, kg_co2e_per_kwh, share [1] of the
        load. Use: the instruments with used_kwh [kWh] and matched (any load was in reach).
    """
    cells = _cells(reach(load, zones), instruments)
    monthly = policy.factors.match_granularity == "monthly"
    taken_parts: list[pl.DataFrame] = []
    used: list[float] = []
    matched: list[bool] = []
    for instrument in instruments.iter_rows(named=True):
        hit = _hit(instrument)
        matched.append(bool(cells.select(hit.any()).item()))
        if instrument["failed"] is not None or not matched[-1]:
            used.append(0.0)
            continue
        cells = cells.with_columns(taken=_taken(instrument, hit, monthly))
        used.append(float(cells["taken"].sum()))
        taken_parts.append(
            cells.filter(pl.col("taken") > 0).select(
                *("zone", "market", "month", "load_kwh", "taken"),
                instrument_id=pl.lit(instrument["instrument_id"]),
                kg_co2e_per_kwh=pl.lit(instrument["kg_co2e_per_kwh"]),
                turn=pl.lit(len(used)),
            )
        )
        cells = cells.with_columns(open_kwh=(pl.col("open_kwh") - pl.col("taken")).clip(0.0))
    use = instruments.with_columns(
        used_kwh=pl.Series(used, dtype=pl.Float64), matched=pl.Series(matched, dtype=pl.Boolean)
    )
    return _shares(taken_parts), use


def _hit(instrument: dict[str, Any]) -> pl.Expr:
    """The cells that lie in the instrument's market and period."""
    market = str(instrument["market"]).strip()
    named = pl.col("reach").list.contains(market) | pl.col("reach").list.contains(market.upper())
    return (
        named
        & (pl.col("start") >= pl.lit(instrument["period_start"]))
        & (pl.col("end") <= pl.lit(instrument["period_end"]))
    )


def _taken(instrument: dict[str, Any], hit: pl.Expr, monthly: bool) -> pl.Expr:
    """kWh that the instrument takes of each cell: pro rata to what is still open."""
    kwh = pl.lit(instrument["kwh"])
    open_kwh = pl.when(hit).then(pl.col("open_kwh")).otherwise(0.0)
    if monthly:
        start, end = instrument["period_start"], instrument["period_end"]
        days_in_month = (
            pl.min_horizontal(pl.col("month_end"), pl.lit(end))
            - pl.max_horizontal(pl.col("month_start"), pl.lit(start))
        ).dt.total_days()
        volume, total = kwh * days_in_month / (end - start).days, open_kwh.sum().over("month")
    else:
        volume, total = kwh, open_kwh.sum()
    return (
        pl.when(total > 0).then(open_kwh * pl.min_horizontal(volume, total) / total).otherwise(0.0)
    )


def _cells(load: pl.DataFrame, instruments: pl.DataFrame) -> pl.DataFrame:
    """The load cut at every date on which an instrument starts or ends, spread by days."""
    month_start = pl.col("month").str.to_date("%Y-%m")
    load = load.with_columns(
        month_start=month_start, month_end=month_start.dt.offset_by("1mo"), load_kwh="kwh"
    ).sort("month", "market", "zone", nulls_last=True)
    dates = pl.concat(
        [
            load["month_start"],
            load["month_end"],
            instruments["period_start"],
            instruments["period_end"],
        ]
    )
    cuts = dates.unique().sort().to_list()
    segments = pl.DataFrame(
        list(pairwise(cuts)), schema={"start": pl.Date, "end": pl.Date}, orient="row"
    ).with_columns(month=pl.col("start").dt.strftime("%Y-%m"))
    days = (pl.col("end") - pl.col("start")).dt.total_days()
    return (
        load.join(segments, on="month", how="inner", maintain_order="left_right")
        .with_columns(
            open_kwh=pl.col("kwh")
            * days
            / (pl.col("month_end") - pl.col("month_start")).dt.total_days()
        )
        .rechunk()
    )


def _shares(taken: list[pl.DataFrame]) -> pl.DataFrame:
    schema = {
        "zone": pl.String,
        "market": pl.String,
        "month": pl.String,
        "instrument_id": pl.String,
        "kg_co2e_per_kwh": pl.Float64,
        "share": pl.Float64,
    }
    if not taken:
        return pl.DataFrame(schema=schema)
    parts = pl.concat(taken)
    key = ["zone", "market", "month", "turn"]
    stated = parts.unique(key, keep="first", maintain_order=True).drop("taken")
    return (
        sum_by(parts, key, ["taken"])
        .join(stated, on=key, how="left", validate="1:1", nulls_equal=True, maintain_order="left")
        .with_columns(share=pl.col("taken") / pl.col("load_kwh"))
        .sort("month", "market", "zone", "turn", nulls_last=True)
        .select(*schema)
    )
