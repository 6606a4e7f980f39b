"""Which factor, and why: zone, period and method -> one factor, or a refusal with its reason.

The order of choice, first difference decides:

1. the most specific zone: the zone itself, then its parent, then the country;
2. direct before life-cycle;
3. a factor that covers the period, the shortest and then the finest first (a month's own goes
   before the mean of its year), before the nearest earlier one; where the span of the use is
   named, hourly factors over that span go before those over its month;
4. the user's own before the shipped one (`policy.factors.preference`);
5. the newer data year, then the newer release, then the id.

A later factor is never applied to an earlier period, a factor of 0 is a factor, and where nothing
fits the answer is a refusal, not a guess.
"""

from typing import Final

import polars as pl

from carbon.factors.averages import COMPLETE, with_period_means
from carbon.factors.spans import over_spans
from carbon.factors.wording import because, refusal
from carbon.policy import Policy

RESULT: Final = (
    "zone",
    "month",
    "method",
    "use_start",
    "use_end",
    "factor_id",
    "kg_co2e_per_kwh",
    "factor_zone",
    "basis",
    "gwp_set",
    "publisher",
    "release",
    "vintage",
    "licence",
    "document",
    "valid_from",
    "valid_to",
    "lag_years",
    "gsd2",
    "checked_against_original",
    "note",
    "why",
)
"""Columns of the answer."""

_PERIOD: Final = ("zone", "month", "method", "start", "end")
_SPAN: Final = ("use_start", "use_end")
_GASES: Final = {"CO2": "co2_kg_per_kwh", "CH4": "ch4_kg_per_kwh", "N2O": "n2o_kg_per_kwh"}
_FINENESS: Final = {"hour": 0, "month": 1, "year": 2}
_LENGTH: Final = 0.9
"""A factor that covers only the beginning of a period must be of about its length [1]: 365 days
of a financial year against 366 of a leap year."""

_DEPTH: Final = 4
"""Steps from a zone to its country that are followed; the shipped graph needs two."""


def resolve(
    factors: pl.DataFrame,
    zones: pl.DataFrame,
    gwp: pl.DataFrame,
    requests: pl.DataFrame,
    policy: Policy,
) -> pl.DataFrame:
    """Choose one factor for each zone, period and method.

    Args:
        factors: schema Factor; the library's and the workspace's together.
        zones: schema Zone.
        gwp: gwp_set, gas, gwp [kgCO2e/kg].
        requests: zone, month ("YYYY-MM", or "YYYY" for a whole year) and method; where the use
            took a part of that period, also use_start and use_end (exclusive, UTC), which
            hourly factors are averaged over. A row that occurs twice is answered once.
        policy: GWP set, preference between workspace and library, and uncertainty.

    Returns:
        One row per request, sorted by zone, month, method and span, with the columns RESULT.
        `kg_co2e_per_kwh` [kgCO2e/kWh] is in `gwp_set`; `lag_years` counts whole years between
        the year asked for and the factor's last one; `gsd2` is the 95 % factor of its
        uncertainty; a refused request has a null `factor_id` and the reason in `why`.
    """
    asked = _asked(requests)
    lineage = _lineage(asked["zone"], zones, factors["zone"])
    hourly = over_spans(asked, lineage, factors)
    asked = asked.join(
        _hours_there(hourly), on="request", how="left", validate="1:1", maintain_order="left"
    )
    # Spans of one period share its candidates: the best of them is looked for once.
    periods = asked.select(_PERIOD).unique(maintain_order=True).with_row_index("request")
    by_period = _choose(_candidates(periods, lineage, with_period_means(factors)), policy)
    candidates = _with_spans(asked, by_period, hourly)
    chosen = _choose(candidates, policy).with_columns(
        (pl.col("start").dt.year() - (pl.col("valid_to") - pl.duration(microseconds=1)).dt.year())
        .clip(lower_bound=0)
        .cast(pl.Int64)
        .alias("lag_years")
    )
    chosen = _in_gwp_set(chosen, gwp, policy.factors.gwp_set)
    chosen = chosen.with_columns(_gsd2(policy).alias("gsd2"), because(policy.factors.gwp_set))
    answered = asked.join(
        chosen.drop(column for column in asked.columns if column != "request"),
        on="request",
        how="left",
        validate="1:1",
        maintain_order="left",
    )
    reasons = refusal(asked, lineage, zones, factors)
    return answered.with_columns(pl.coalesce("why", reasons).alias("why")).select(RESULT)


def with_hours(asked: pl.Series, zones: pl.DataFrame, factors: pl.DataFrame) -> pl.Series:
    """Those of the zones asked for that have hourly factors, their own or a wider zone's.

    Only for these does it matter at which hours of a month energy was used.

    Args:
        asked: ids of zones.
        zones: schema Zone.
        factors: schema Factor.
    """
    hourly = factors.filter(pl.col("granularity") == "hour")["zone"].unique()
    if hourly.is_empty():
        return asked.clear()
    lineage = _lineage(asked, zones, factors["zone"])
    return lineage.filter(pl.col("factor_zone").is_in(hourly.implode()))["zone"].unique().sort()


def _asked(requests: pl.DataFrame) -> pl.DataFrame:
    """Each request once, numbered, with its period and the span that hours are averaged over."""
    instant = pl.Datetime("us", "UTC")
    blank = [pl.lit(None, instant).alias(c) for c in _SPAN if c not in requests.columns]
    key = ("zone", "month", "method", *_SPAN)
    return (
        requests.with_columns(blank)
        .select(pl.col(key[:3]).cast(pl.String), pl.col(_SPAN).cast(instant))
        .unique()
        .sort(key)
        .with_columns(start=_period_start())
        .with_columns(end=_period_end())
        .with_columns(
            span_start=pl.coalesce("use_start", "start"), span_end=pl.coalesce("use_end", "end")
        )
        .with_row_index("request")
    )


def _hours_there(hourly: pl.DataFrame) -> pl.DataFrame:
    """How far hourly factors cover each request, in the nearest zone that has any for its span."""
    return (
        hourly.sort("request", "level", "complete", descending=[False, False, True])
        .unique("request", keep="first", maintain_order=True)
        .select(
            "request", hourly_zone="factor_zone", hourly_level="level", hourly_complete="complete"
        )
    )


def _period_start() -> pl.Expr:
    """First moment of "YYYY-MM" or "YYYY"; null where it is neither."""
    month = pl.col("month")
    first = pl.when(month.str.len_chars() == 4).then(month + "-01").otherwise(month)
    return (
        (first + "-01")
        .str.to_datetime("%Y-%m-%d", strict=False, time_unit="us")
        .dt.replace_time_zone("UTC")
    )


def _period_end() -> pl.Expr:
    year = pl.col("month").str.len_chars() == 4
    return (
        pl.when(year)
        .then(pl.col("start").dt.offset_by("1y"))
        .otherwise(pl.col("start").dt.offset_by("1mo"))
    )


def _lineage(asked: pl.Series, zones: pl.DataFrame, factor_zones: pl.Series) -> pl.DataFrame:
    """Each zone asked for with the zones whose factors it may use: zone, factor_zone, level, label.

    A zone that only the factors name stands for itself; one that is written like a subdivision
    (`IT-NORD`) of a known country falls back to that country.
    """
    known = zones.select("zone", "parent")
    own = factor_zones.unique().to_frame("zone").join(known, on="zone", how="anti")
    prefix = pl.col("zone").str.extract(r"^([A-Z]{2})-")
    countries = zones.filter(kind="country")["zone"]
    own = own.with_columns(pl.when(prefix.is_in(countries.implode())).then(prefix).alias("parent"))
    parents = pl.concat([known, own])
    step = (
        asked.drop_nulls()
        .unique()
        .sort()
        .to_frame("zone")
        .with_columns(pl.col("zone").alias("factor_zone"))
        .join(parents.select("zone"), on="zone", how="semi")
    )
    steps = []
    for level in range(_DEPTH):
        steps.append(step.with_columns(pl.lit(level).alias("level")))
        step = (
            step.join(
                parents.rename({"zone": "factor_zone"}),
                on="factor_zone",
                how="left",
                validate="m:1",
                maintain_order="left",
            )
            .select("zone", pl.col("parent").alias("factor_zone"))
            .drop_nulls()
        )
    named = zones.select(factor_zone="zone", kind="kind", name="name")
    return pl.concat(steps).join(
        named, on="factor_zone", how="left", validate="m:1", maintain_order="left"
    )


def _candidates(
    periods: pl.DataFrame, lineage: pl.DataFrame, factors: pl.DataFrame
) -> pl.DataFrame:
    """Every factor that may answer for a period: of its zones and method, and none later."""
    return (
        periods.join(lineage, on="zone", how="inner", maintain_order="left")
        .join(
            factors.rename({"zone": "factor_zone"}),
            on=["factor_zone", "method"],
            how="inner",
            maintain_order="left",
        )
        .filter(pl.col("valid_from") <= pl.col("start"))
        .with_columns(covers=pl.col("valid_to") >= pl.col("end"), of_span=pl.lit(False))
        # A month inside the year asked for is a part of it, not an earlier period; a financial
        # year that began before it is.
        .filter(
            pl.col("covers")
            | (pl.col("valid_to") <= pl.col("start"))
            | (_hours("valid_from", "valid_to") >= _LENGTH * _hours("start", "end"))
        )
    )


def _with_spans(asked: pl.DataFrame, by_period: pl.DataFrame, hourly: pl.DataFrame) -> pl.DataFrame:
    """The candidates of each request: the best of its period, and the means over its own span."""
    shared = asked.join(
        by_period.drop("request"),
        on=_PERIOD,
        how="inner",
        validate="m:1",
        nulls_equal=True,
        maintain_order="left",
    )
    covering = hourly.filter(pl.col("use_start").is_not_null(), pl.col("complete") >= COMPLETE)
    means = covering.join(
        asked.select("request", pl.col("^hourly_.*$")),
        on="request",
        how="left",
        validate="m:1",
        maintain_order="left",
    ).with_columns(covers=pl.lit(True), of_span=pl.lit(True))
    return pl.concat([shared, means.select(shared.columns)])


def _hours(start: str, end: str) -> pl.Expr:
    return (pl.col(end) - pl.col(start)).dt.total_seconds() / 3600


def _choose(candidates: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """The best candidate of each request, by the order that the module names."""
    fineness = pl.col("finest").replace_strict(_FINENESS, return_dtype=pl.Int8)
    length = pl.col("granularity").replace_strict(_FINENESS, return_dtype=pl.Int8)
    preference = {origin: rank for rank, origin in enumerate(policy.factors.preference)}
    keys: dict[str, tuple[pl.Expr, bool]] = {
        "request": (pl.col("request"), False),
        "level": (pl.col("level"), False),
        "lifecycle": (pl.col("basis") == "lifecycle", False),
        "covers": (pl.col("covers"), True),
        # Only what covers the period competes on fineness; the rest on how late it ends. A month's
        # own factor goes before the mean of its year, however fine what that is made of.
        "of_span": (pl.col("of_span"), True),
        "shortest": (pl.when("covers").then(length), False),
        "fineness": (pl.when("covers").then(fineness), False),
        "ends": (pl.when(~pl.col("covers")).then("valid_to"), True),
        "longest": (pl.when(~pl.col("covers")).then(length), True),
        "published": (pl.when(~pl.col("covers")).then(fineness), True),
        "origin": (
            pl.col("origin").replace_strict(preference, default=len(preference)),
            False,
        ),
        "vintage": (pl.col("vintage"), True),
        "release": (pl.col("release"), True),
        "factor_id": (pl.col("factor_id"), False),
    }
    return candidates.sort(
        [expr for expr, _ in keys.values()],
        descending=[descending for _, descending in keys.values()],
        nulls_last=True,
    ).unique("request", keep="first", maintain_order=True)


def _in_gwp_set(chosen: pl.DataFrame, gwp: pl.DataFrame, wanted: str) -> pl.DataFrame:
    """The figure in the policy's GWP set: CO2 + GWP(CH4) x CH4 + GWP(N2O) x N2O [kgCO2e/kWh].

    A figure that is published in that set is kept as published; so is one whose gases are not
    known apart, and `gwp_set` then says what it is in.
    """
    potentials = dict(gwp.filter(gwp_set=wanted).select("gas", "gwp").iter_rows())
    total = pl.sum_horizontal(
        (pl.col(column) * potentials[gas] for gas, column in _GASES.items()), ignore_nulls=False
    )
    recompute = total.is_not_null() & pl.col("gwp_set").ne_missing(wanted)
    return chosen.with_columns(
        pl.when(recompute).then(total).otherwise("kg_co2e_per_kwh").alias("kg_co2e_per_kwh"),
        pl.when(recompute).then(pl.lit(wanted)).otherwise("gwp_set").alias("gwp_set"),
        recompute.alias("recomputed"),
    )


def _gsd2(policy: Policy) -> pl.Expr:
    """95 % factor of a lognormal: that of its basis x (per year of lag) ^ lag [1]."""
    choice = policy.uncertainty
    basis = (
        pl.when(pl.col("basis") == "lifecycle")
        .then(choice.factor_lifecycle)
        .otherwise(choice.factor_direct)
    )
    return basis * pl.lit(choice.per_year_of_lag).pow(pl.col("lag_years"))
