"""Contractual instruments: which qualify, and which consumption each one covers.

GHG Protocol Scope 2 Guidance (2015), chapter 7: an instrument counts where it meets the Quality
Criteria, for consumption of its own market and period, MWh by MWh, and no further than the load.
"""

from itertools import pairwise
from typing import Any, Final

import polars as pl

from carbon.accounting.sums import sum_by
from carbon.exact import ratio
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


BLOCK: Final = ("zone", "market", "month", "start", "end")
"""A place's load between two dates on which any instrument starts or ends."""


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
    """Which share of each cell's load every instrument covers.

    Instruments take their turn in the order of `qualify`. Each covers the load of its market and
    period that is still open, pro rata, up to its volume: over its whole period
    (`factors.match_granularity = "annual"`), or month by month with its volume spread by hours
    ("monthly"). Of a use that an instrument's period (days in UTC) covers in part, that part of
    its hours is open to it.

    Args:
        load: cell, zone, market, month (YYYY-MM), use_start, use_end (exclusive, UTC), kwh [kWh],
            unique by cell.
        instruments: as `qualify` gives them.
        zones: `Zone` rows, for wider markets.
        policy: `factors.match_granularity` is used.

    Returns:
        Two frames. Cover: cell, instrument_id, kg_co2e_per_kwh, share [1] of the load. Use: the
        instruments with used_kwh [kWh] and matched (any load was in reach).
    """
    pieces = _pieces(load, instruments)
    blocks = _blocks(pieces, zones)
    monthly = policy.factors.match_granularity == "monthly"
    taken_parts: list[pl.DataFrame] = []
    used: list[float] = []
    matched: list[bool] = []
    for instrument in instruments.iter_rows(named=True):
        hit = _hit(instrument)
        matched.append(bool(blocks.select(hit.any()).item()))
        if instrument["failed"] is not None or not matched[-1]:
            used.append(0.0)
            continue
        blocks = blocks.with_columns(taken=_taken(instrument, hit, monthly))
        used.append(float(blocks["taken"].sum()))
        taken_parts.append(
            blocks.filter(pl.col("taken") > 0).select(
                *BLOCK,
                instrument_id=pl.lit(instrument["instrument_id"]),
                kg_co2e_per_kwh=pl.lit(instrument["kg_co2e_per_kwh"]),
                turn=pl.lit(len(used)),
                of_block=pl.col("taken") / pl.col("kwh"),
            )
        )
        blocks = blocks.with_columns(open_kwh=(pl.col("open_kwh") - pl.col("taken")).clip(0.0))
    use = instruments.with_columns(
        used_kwh=pl.Series(used, dtype=pl.Float64), matched=pl.Series(matched, dtype=pl.Boolean)
    )
    return _shares(pieces, taken_parts), use


def _hit(instrument: dict[str, Any]) -> pl.Expr:
    """The blocks that lie in the instrument's market and period."""
    market = str(instrument["market"]).strip()
    named = pl.col("reach").list.contains(market) | pl.col("reach").list.contains(market.upper())
    return (
        named
        & (pl.col("start") >= pl.lit(instrument["period_start"]))
        & (pl.col("end") <= pl.lit(instrument["period_end"]))
    )


def _taken(instrument: dict[str, Any], hit: pl.Expr, monthly: bool) -> pl.Expr:
    """kWh that the instrument takes of each block: pro rata to what is still open."""
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


def _pieces(load: pl.DataFrame, instruments: pl.DataFrame) -> pl.DataFrame:
    """The load cut at every date on which an instrument starts or ends, spread by hours.

    Returns:
        cell, the columns of BLOCK, month_start, month_end, part [1] of the cell's load and kwh.
    """
    month_start = pl.col("month").str.to_date("%Y-%m")
    months = load.select("month").unique().with_columns(month_start=month_start)
    months = months.with_columns(month_end=pl.col("month_start").dt.offset_by("1mo"))
    dates = pl.concat(
        [
            months["month_start"],
            months["month_end"],
            instruments["period_start"],
            instruments["period_end"],
        ]
    )
    cuts = dates.unique().sort().to_list()
    segments = (
        pl.DataFrame(list(pairwise(cuts)), schema={"start": pl.Date, "end": pl.Date}, orient="row")
        .with_columns(month=pl.col("start").dt.strftime("%Y-%m"))
        .join(months, on="month", how="inner", validate="m:1", maintain_order="left")
    )
    first = pl.max_horizontal("use_start", _midnight("start"))
    last = pl.min_horizontal("use_end", _midnight("end"))
    within = (last - first).dt.total_microseconds()
    whole = (pl.col("use_end") - pl.col("use_start")).dt.total_microseconds()
    return (
        load.join(segments, on="month", how="inner", maintain_order="left_right")
        .filter(within > 0)
        .with_columns(part=ratio(within, whole))
        .select(
            "cell", *BLOCK, "month_start", "month_end", "part", kwh=pl.col("kwh") * pl.col("part")
        )
    )


def _midnight(date: str) -> pl.Expr:
    """The first moment of a day in UTC."""
    return pl.col(date).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def _blocks(pieces: pl.DataFrame, zones: pl.DataFrame) -> pl.DataFrame:
    """The pieces of one place that lie between the same two dates, which share their cover."""
    stated = pieces.unique(BLOCK, keep="first", maintain_order=True).drop("cell", "part", "kwh")
    kwh = sum_by(pieces, BLOCK, ["kwh"])["kwh"]
    return (
        reach(stated.with_columns(kwh), zones)
        .with_columns(open_kwh="kwh")
        .sort("start", "market", "zone", nulls_last=True)
        .rechunk()
    )


def _shares(pieces: pl.DataFrame, taken: list[pl.DataFrame]) -> pl.DataFrame:
    """What instruments take of each block -> of each cell."""
    schema = {
        "cell": pl.UInt32,
        "instrument_id": pl.String,
        "kg_co2e_per_kwh": pl.Float64,
        "share": pl.Float64,
    }
    if not taken:
        return pl.DataFrame(schema=schema)
    parts = pieces.join(
        pl.concat(taken), on=BLOCK, how="inner", nulls_equal=True, maintain_order="left_right"
    ).with_columns(share=pl.col("part") * pl.col("of_block"))
    key = ["cell", "turn"]
    stated = parts.unique(key, keep="first", maintain_order=True).drop("share")
    return (
        sum_by(parts, key, ["share"])
        .join(stated, on=key, how="left", validate="1:1", maintain_order="left")
        .sort(key)
        .select(*schema)
    )
