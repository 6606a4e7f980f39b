"""Amortised embodied carbon of accelerators and their share of a server.

SCI's `M = TE x TS x RS` (ISO/IEC 21031), per accelerator-hour:

    rate = TE_accelerator / (L_accelerator x 8760 x U)
         + TE_server / accelerators_per_server / (L_server x 8760 x U)

U charges idle life to used hours; no pool of idle embodied carbon is kept beside it, so that it is
never counted twice.
"""

from typing import Final

import polars as pl

from carbon.accounting.sums import sum_by
from carbon.policy import Policy
from carbon.schema import HOUR_KINDS, METERED_KINDS, USAGE_KINDS

HOURS_PER_YEAR: Final = 8760.0
"""Hours of a service year, as the amortisation conventions count it."""

MICROSECONDS_PER_HOUR: Final = 3.6e9


def rates(embodied: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Embodied carbon per accelerator-hour.

    Args:
        embodied: `Embodied` rows.
        policy: the choices under `embodied`.

    Returns:
        accelerator, embodied_kg_per_hour [kgCO2e/h], embodied_source; one row per accelerator
        whose figure is known.
    """
    choices = policy.embodied
    life_hours = choices.accelerator_lifetime_years * HOURS_PER_YEAR * choices.utilisation
    per_hour = pl.col("central_kg") / life_hours
    source = pl.format(
        f"{{}}: {{}} kg over {choices.accelerator_lifetime_years:g} y", "item", _plain("central_kg")
    )
    server = _server(embodied, choices.accelerators_per_server) if choices.include_server else None
    if server is not None:
        name, kg = server
        server_hours = choices.server_lifetime_years * HOURS_PER_YEAR * choices.utilisation
        per_hour = per_hour + kg / choices.accelerators_per_server / server_hours
        source = pl.format(
            "{} + 1/{} of {}: {} kg over {} y",
            source,
            pl.lit(choices.accelerators_per_server),
            pl.lit(name),
            pl.lit(f"{kg:g}"),
            pl.lit(f"{choices.server_lifetime_years:g}"),
        )
    if choices.utilisation != 1:
        source = pl.format("{}, used {} of its life", source, pl.lit(f"{choices.utilisation:.0%}"))
    return (
        embodied.filter(pl.col("kind") == "accelerator")
        .sort("item")
        .select(
            accelerator="item",
            embodied_kg_per_hour=per_hour,
            embodied_source=source,
        )
    )


def accelerator_hours(chosen: pl.DataFrame, rows: pl.DataFrame, rate: pl.DataFrame) -> pl.DataFrame:
    """Accelerator-hours behind each row that carries energy, and their embodied rate.

    A row of hours brings its own. Where kWh carry the energy of a source row, the hours that the
    same row states beside them go to one of its parts: the accelerator, else the first. Where a
    meter of accelerators states none, they are `accelerators x hours of the period x the share of
    it that the meter saw`.

    Args:
        chosen: the rows that carry energy, with their period and the meter's coverage.
        rows: every row that could have, with the same `source`.
        rate: as `rates` gives it.

    Returns:
        chosen with accelerator_hours (of the whole quantity [h]), embodied_kg_per_hour and
        embodied_source.
    """
    hours = (
        rows.filter(pl.col("quantity_kind").is_in(HOUR_KINDS))
        .with_columns(
            hours=pl.when(pl.col("quantity_kind") == "accelerator_hours")
            .then(pl.col("quantity"))
            .otherwise(pl.col("quantity") * pl.col("instance_accelerators"))
        )
        .filter(pl.col("hours").is_not_null())
        .join(rate, on="accelerator", how="left", validate="m:1", maintain_order="left")
    )
    own = hours.select("row", "hours", "embodied_kg_per_hour", "embodied_source")
    known = pl.concat([own, _beside_kwh(chosen, hours), _seen_by_meter(chosen, hours, rate)])
    return chosen.join(
        known.rename({"hours": "accelerator_hours"}),
        on="row",
        how="left",
        validate="1:1",
        maintain_order="left",
    )


def amortise(lines: pl.DataFrame) -> pl.DataFrame:
    """Embodied carbon of each line: accelerator-hours in the month x rate.

    Unknown stays unknown: a line without hours, or of hardware without a figure, has null.

    Args:
        lines: accelerator_hours of the whole quantity, month_share, assigned_share,
            equity_share,
            embodied_kg_per_hour.

    Returns:
        lines with accelerator_hours of the month [h] and embodied_kg [kgCO2e].
    """
    carries = pl.col("accelerator_hours").is_not_null()
    return (
        lines.with_columns(
            pl.col("accelerator_hours")
            * pl.col("month_share")
            * pl.col("assigned_share")
            * pl.col("equity_share"),
            pl.when(carries).then(pl.col("embodied_kg_per_hour")).alias("embodied_kg_per_hour"),
            pl.when(carries).then(pl.col("embodied_source")).alias("embodied_source"),
        )
    ).with_columns(embodied_kg=pl.col("accelerator_hours") * pl.col("embodied_kg_per_hour"))


def _beside_kwh(chosen: pl.DataFrame, hours: pl.DataFrame) -> pl.DataFrame:
    """Hours stated beside kWh, keyed by the one row that carries them."""
    carrier = (
        chosen.filter(pl.col("quantity_kind").is_in([*METERED_KINDS, *USAGE_KINDS]))
        .sort("source", (pl.col("component") != "accelerator").fill_null(True), "row")
        .unique("source", keep="first", maintain_order=True)
        .select("source", "row")
    )
    # Instance-hours and accelerator-hours of one row are the same machines: the first kind counts.
    kinds = hours.filter(pl.col("quantity_kind") == pl.col("quantity_kind").min().over("source"))
    rate, hours_sum = pl.col("embodied_kg_per_hour"), pl.col("hours")
    stated = kinds.group_by("source", maintain_order=True).agg(
        rate.first(), pl.col("embodied_source").first(), complete=rate.null_count() == 0
    )
    return (
        sum_by(kinds.with_columns(kg=hours_sum * rate), ["source"], ["hours", "kg"])
        .join(stated, on="source", how="left", validate="1:1", maintain_order="left")
        .with_columns(
            embodied_kg_per_hour=pl.when(pl.col("complete") & (hours_sum > 0))
            .then(pl.col("kg") / hours_sum)
            .when("complete")
            .then(rate),
            embodied_source=pl.when("complete").then(pl.col("embodied_source")),
        )
        .join(carrier, on="source", how="inner", validate="1:1", maintain_order="left")
        .select("row", "hours", "embodied_kg_per_hour", "embodied_source")
    )


def _seen_by_meter(chosen: pl.DataFrame, hours: pl.DataFrame, rate: pl.DataFrame) -> pl.DataFrame:
    """Hours of accelerators that a meter saw at work, of source rows that state none."""
    period = (pl.col("period_end") - pl.col("period_start")).dt.total_microseconds()
    seen = pl.col("accelerator_count") * pl.col("coverage") * period / MICROSECONDS_PER_HOUR
    return (
        chosen.filter(
            pl.col("quantity_kind").is_in(METERED_KINDS),
            pl.col("component") == "accelerator",
            ~pl.col("source").is_in(hours["source"].unique().implode()),
        )
        .with_columns(hours=seen)
        .filter(pl.col("hours").is_not_null())
        .join(rate, on="accelerator", how="left", validate="m:1", maintain_order="left")
        .select("row", "hours", "embodied_kg_per_hour", "embodied_source")
    )


def _server(embodied: pl.DataFrame, accelerators: int) -> tuple[str, float] | None:
    """The server whose share an accelerator carries: of that many accelerators, else any."""
    servers = embodied.filter(
        (pl.col("kind") == "server") & pl.col("item").str.contains("accelerator", literal=True)
    ).sort((~pl.col("item").str.contains(f"{accelerators}-accelerator", literal=True)), "item")
    if servers.is_empty():
        return None
    item, kg = servers.select("item", "central_kg").row(0)
    return str(item), float(kg)


def _plain(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String).str.strip_suffix(".0")
