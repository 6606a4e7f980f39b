"""Why a factor was chosen, or why none was: one plain sentence or two per request."""

import polars as pl

from carbon.factors.averages import COMPLETE

_METHOD = {
    "location": "location-based",
    "residual": "residual-mix",
    "supplier": "supplier",
    "upstream": "upstream",
    "td_loss": "transmission-loss",
}


def because(wanted_gwp: str) -> pl.Expr:
    """The sentence for a chosen factor, as column `why`.

    Reads zone, month, method, factor_zone, kind, name, level, basis, publisher, release, vintage,
    covers, of_span, use_start, use_end, lag_years, parts, complete, finest, gwp_set, recomputed,
    hourly_zone, hourly_level and hourly_complete.
    """
    return pl.concat_str(
        _fallback(), _which(), _period(), pl.lit("."), _mean(), _too_few(), _gwp(wanted_gwp)
    ).alias("why")


def refusal(
    asked: pl.DataFrame, lineage: pl.DataFrame, zones: pl.DataFrame, factors: pl.DataFrame
) -> pl.Series:
    """The sentence for each request as if it were refused.

    Args:
        asked: zone, month, method, start, end, span and hourly coverage of each request.
        lineage: zone, factor_zone: the zones whose factors a zone may use.
        zones: schema Zone.
        factors: schema Factor.
    """
    earliest = (
        lineage.join(
            factors.select("method", "valid_from", factor_zone="zone"),
            on="factor_zone",
            how="inner",
        )
        .group_by("zone", "method")
        .agg(pl.col("valid_from").min().alias("earliest"))
    )
    known = pl.col("zone").is_in(pl.concat([zones["zone"], factors["zone"]]).unique().implode())
    method = pl.col("method").replace(_METHOD)
    return (
        asked.join(
            earliest, on=["zone", "method"], how="left", validate="m:1", maintain_order="left"
        )
        .select(
            pl.when(pl.col("zone").is_null())
            .then(pl.lit("No grid zone is stated, so no factor was looked up."))
            .when(pl.col("start").is_null())
            .then(
                pl.format(
                    "'{}' is not a period; write 2025-03 for a month or 2025 for a year.",
                    pl.col("month").fill_null(""),
                )
            )
            .when(~known)
            .then(
                pl.format(
                    "Zone '{}' is not known: neither the library nor the workspace has it. "
                    "Correct it, or import a factor for it with the factor template.",
                    "zone",
                )
            )
            .when(pl.col("earliest").is_null())
            .then(
                pl.format(
                    "No {} factor for {} in the library or the workspace. "
                    "Import one with the factor template.",
                    method,
                    "zone",
                )
            )
            .when(pl.col("hourly_complete").is_not_null())
            .then(
                pl.format(
                    "No {} factor for {} covers {}: hourly factors for {} are there, but cover "
                    "only {} % of it, and their mean is taken from {} % on. Import the other "
                    "hours, or a factor of the whole month or year.",
                    method,
                    "zone",
                    _asked_for(),
                    "hourly_zone",
                    _percent("hourly_complete"),
                    pl.lit(f"{COMPLETE:.0%}".rstrip("%")),
                )
            )
            .when(pl.col("earliest") >= pl.col("end"))
            .then(
                pl.format(
                    "No {} factor for {} begins by {}: the earliest is of {}, and a later factor "
                    "is never applied to an earlier period.",
                    method,
                    "zone",
                    "month",
                    pl.col("earliest").dt.strftime("%Y-%m"),
                )
            )
            .otherwise(
                pl.format(
                    "No {} factor for {} covers {}: those that begin by then hold for too small a "
                    "part of it, or for single hours before it. Import a factor of the whole month "
                    "or year.",
                    method,
                    "zone",
                    "month",
                )
            )
        )
        .to_series()
    )


def _label(zone: str) -> pl.Expr:
    """A zone as a reader knows it: `eGRID subregion CAMX`, `BR (Brazil)`, or its bare id."""
    return (
        pl.when(pl.col("kind") == "egrid_subregion")
        .then(pl.format("eGRID subregion {}", zone))
        .when(pl.col("name").is_not_null())
        .then(pl.format("{} ({})", zone, "name"))
        .otherwise(zone)
    )


def _fallback() -> pl.Expr:
    """What the zone asked for lacks: any factor of its own, or a direct one."""
    method = pl.col("method").replace(_METHOD)
    expects_direct = pl.col("method").is_in(["location", "residual", "supplier"])
    return (
        pl.when(pl.col("level") > 0)
        .then(pl.format("No {} factor for {} itself: ", method, "zone"))
        .when((pl.col("basis") == "lifecycle") & expects_direct)
        .then(pl.format("No direct factor for {}: ", _label("factor_zone")))
        .otherwise(pl.lit(""))
    )


def _which() -> pl.Expr:
    """Whose factor it is, on what basis, of which data year."""
    lifecycle = pl.col("basis") == "lifecycle"
    named_already = (
        lifecycle
        & (pl.col("level") == 0)
        & pl.col("method").is_in(["location", "residual", "supplier"])
    )
    source = pl.concat_str("publisher", "release", separator=", ", ignore_nulls=True)
    data_year = (
        pl.when(pl.col("vintage").is_not_null())
        .then(pl.format(", data year {}", "vintage"))
        .otherwise(pl.lit(""))
    )
    where = (
        pl.when(named_already)
        .then(pl.lit("life-cycle factor of "))
        .when(lifecycle)
        .then(pl.format("{}, life-cycle factor of ", _label("factor_zone")))
        .otherwise(pl.format("{}, ", _label("factor_zone")))
    )
    return pl.concat_str(where, source, data_year)


def _period() -> pl.Expr:
    """How the factor's period stands to the one asked for."""
    lag = pl.col("lag_years")
    return (
        pl.when("covers")
        .then(pl.format(", for {}", "month"))
        .when(lag == 0)
        .then(pl.format(", applied to {}: nearest earlier period", "month"))
        .when(lag == 1)
        .then(pl.format(", applied to {}: nearest earlier vintage, 1 year behind", "month"))
        .otherwise(
            pl.format(", applied to {}: nearest earlier vintage, {} years behind", "month", lag)
        )
    )


def _mean() -> pl.Expr:
    """What a mean is made of; of hours over the span of the use, also which span."""
    over = pl.format("{}, {} % of it covered.", _asked_for(), _percent("complete"))
    return (
        pl.when(pl.col("of_span") & (pl.col("parts") == 1))
        .then(pl.format(" Hourly factor over {}", over))
        .when("of_span")
        .then(pl.format(" Mean of {} hourly factors over {}", "parts", over))
        .when(pl.col("parts").is_not_null())
        .then(
            pl.format(
                " Mean of {} {}ly factors, which cover {} % of the hours.",
                "parts",
                "finest",
                (pl.col("complete") * 100).round(1),
            )
        )
        .otherwise(pl.lit(""))
    )


def _too_few() -> pl.Expr:
    """That hourly factors of the zone chosen, or of a nearer one, leave out too much to be used."""
    passed_over = (pl.col("hourly_complete") < COMPLETE) & (
        pl.col("hourly_level") <= pl.col("level")
    )
    return (
        pl.when(passed_over)
        .then(
            pl.format(
                " Hourly factors for {} are there, but cover only {} % of {}.",
                "hourly_zone",
                _percent("hourly_complete"),
                _asked_for(),
            )
        )
        .otherwise(pl.lit(""))
    )


def _asked_for() -> pl.Expr:
    """The span of the use where it is named, else the period."""
    moment = "%Y-%m-%d %H:%M"
    span = pl.format(
        "{} to {} UTC",
        pl.col("use_start").dt.strftime(moment),
        pl.col("use_end").dt.strftime(moment),
    )
    return pl.when(pl.col("use_start").is_not_null()).then(span).otherwise("month")


def _percent(share: str) -> pl.Expr:
    """A share in percent, cut rather than rounded: what falls short of a bound must read so."""
    return (pl.col(share) * 1000 + 1e-6).floor() / 10


def _gwp(wanted: str) -> pl.Expr:
    return (
        pl.when("recomputed")
        .then(pl.lit(f" Computed from its gases with the {wanted} potentials."))
        .when(pl.col("gwp_set").is_not_null() & (pl.col("gwp_set") != wanted))
        .then(
            pl.format(" Published in {} and kept in it: its gases are not known apart.", "gwp_set")
        )
        .when(pl.col("gases") == "CO2")
        .then(pl.lit(" CO2 alone: the publisher counts no CH4 and N2O."))
        .otherwise(pl.lit(""))
    )
