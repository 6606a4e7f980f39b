"""Amortised embodied carbon of accelerators and their share of a server.

SCI's `M = TE x TS x RS` (ISO/IEC 21031), per accelerator-hour:

    rate = TE_accelerator / (L_accelerator x 8760 x U)
         + TE_server / accelerators_per_server / (L_server x 8760 x U)

U charges idle life to used hours; no pool of idle embodied carbon is kept beside it, so that it is
never counted twice.
"""

from typing import Final

import polars as pl

from carbon.accounting.embodied_hosts import ENDS, MACHINE, machine_hours
from carbon.accounting.sums import sum_by
from carbon.factors.library import Library
from carbon.policy import Policy
from carbon.schema import HOUR_KINDS, METERED_KINDS, USAGE_KINDS

HOURS_PER_YEAR: Final = 8760.0
"""Hours of a service year, as the amortisation conventions count it."""

MICROSECONDS_PER_HOUR: Final = 3.6e9


RATES: Final = tuple(f"rate_{end}" for end in ENDS)
"""Low, central and high rate [kgCO2e/h], as they are called until lines have them."""

_SERVER: Final = r"\+ 1/\d+ of ([^:]+):"
"""Where `embodied_source` names the server that an accelerator bears a share of."""

CARRIED: Final = ("hours", *RATES, "embodied_source", "embodied_of")
"""What a row of hours gives the row that carries its energy."""


def rates(embodied: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Embodied carbon per accelerator-hour.

    Low and high are the sums of the parts' own; where a server has no low or high figure its
    central one stands in.

    Args:
        embodied: `Embodied` rows.
        policy: the choices under `embodied`.

    Returns:
        accelerator, rate_low, rate_central and rate_high [kgCO2e/h] (low and high null where the
        accelerator has none) and embodied_source; one row per accelerator whose figure is known.
    """
    choices = policy.embodied
    life_hours = _life_hours(choices.accelerator_lifetime_years, policy)
    per_hour = {end: pl.col(f"{end}_kg") / life_hours for end in ENDS}
    source = pl.format(
        f"{{}}: {{}} kg over {choices.accelerator_lifetime_years:g} y", "item", _plain("central_kg")
    )
    server = _server(embodied, choices.accelerators_per_server) if choices.include_server else None
    if server is not None:
        name, kg = server
        server_hours = _life_hours(choices.server_lifetime_years, policy)
        share = choices.accelerators_per_server * server_hours
        per_hour = {end: rate + kg[end] / share for end, rate in per_hour.items()}
        source = pl.format(
            "{} + 1/{} of {}: {} kg over {} y",
            source,
            pl.lit(choices.accelerators_per_server),
            pl.lit(name),
            pl.lit(f"{kg['central']:g}"),
            pl.lit(f"{choices.server_lifetime_years:g}"),
        )
    if choices.utilisation != 1:
        source = pl.format("{}, used {} of its life", source, pl.lit(f"{choices.utilisation:.0%}"))
    return (
        embodied.filter(pl.col("kind") == "accelerator")
        .sort("item")
        .select(
            accelerator="item",
            **{f"rate_{end}": rate for end, rate in per_hour.items()},
            embodied_source=source,
        )
    )


def _life_hours(years: float, policy: Policy) -> float:
    """Hours over which a piece's carbon is spread: U charges its idle life to the used ones [h]."""
    return years * HOURS_PER_YEAR * policy.embodied.utilisation


def hours_behind(
    chosen: pl.DataFrame, rows: pl.DataFrame, library: Library, policy: Policy
) -> pl.DataFrame:
    """Hours of hardware behind each row that carries energy, and their embodied rate.

    A row of hours brings its own. Where kWh carry the energy of a source row, the hours that the
    same row states beside them go to one of its parts: the accelerator, else the first. Where a
    meter of accelerators states none, they are `accelerators x hours of the period x the share of
    it that the meter saw`. Machines without accelerators bring their own hours
    (`carbon.accounting.embodied_hosts`).

    Args:
        chosen: the rows that carry energy, with their period and the meter's coverage.
        rows: every row that could have, with the same `source`.
        library: `embodied` and `platforms` are used.
        policy: the choices under `embodied`.

    Returns:
        chosen with accelerator_hours (of accelerators, or of the machine without any, of the whole
        quantity [h]), embodied_kg_per_hour, its low and high, embodied_source and embodied_of.
    """
    rate = rates(library.embodied, policy)
    hours = (
        rows.filter(pl.col("quantity_kind").is_in(HOUR_KINDS))
        .with_columns(
            hours=pl.when(pl.col("quantity_kind") == "accelerator_hours")
            .then(pl.col("quantity"))
            .otherwise(pl.col("quantity") * pl.col("instance_accelerators"))
        )
        .filter(pl.col("hours").is_not_null())
        .join(rate, on="accelerator", how="left", validate="m:1", maintain_order="left")
        .with_columns(embodied_of=pl.lit("accelerator"))
    )
    life = _life_hours(policy.embodied.server_lifetime_years, policy)
    keys = ["row", "source", "quantity_kind", *CARRIED]
    hours = pl.concat(
        [hours.select(keys), machine_hours(rows, library, policy, life).select(keys)]
    ).sort("row")
    own = hours.select("row", *CARRIED)
    known = pl.concat([own, _beside_kwh(chosen, hours), _seen_by_meter(chosen, hours, rate)])
    names = {"hours": "accelerator_hours", "rate_central": "embodied_kg_per_hour"}
    return chosen.join(
        known.rename(names),
        on="row",
        how="left",
        validate="1:1",
        maintain_order="left",
    )


def amortise(lines: pl.DataFrame) -> pl.DataFrame:
    """Embodied carbon of each line: hours in the month x rate.

    Unknown stays unknown: a line without hours, or of hardware without a figure, has null.

    Args:
        lines: accelerator_hours of the whole quantity, month_share, assigned_share, equity_share,
            embodied_kg_per_hour with its low and high, and embodied_of.

    Returns:
        lines with embodied_hours of the month [h], accelerator_hours (the same, where they are of
        accelerators), embodied_kg, embodied_low_kg and embodied_high_kg [kgCO2e].
    """
    hours = (
        pl.col("accelerator_hours")
        * pl.col("month_share")
        * pl.col("assigned_share")
        * pl.col("equity_share")
    )
    carries = pl.col("embodied_hours").is_not_null()
    about = ("embodied_kg_per_hour", "rate_low", "rate_high", "embodied_source")
    of_machine = pl.col("embodied_of").eq_missing(pl.lit(MACHINE))
    return (
        lines.with_columns(embodied_hours=hours)
        .with_columns(
            *(pl.when(carries).then(pl.col(column)).alias(column) for column in about),
            accelerator_hours=pl.when(~of_machine).then("embodied_hours"),
        )
        .with_columns(
            embodied_kg=pl.col("embodied_hours") * pl.col("embodied_kg_per_hour"),
            embodied_low_kg=pl.col("embodied_hours") * pl.col("rate_low"),
            embodied_high_kg=pl.col("embodied_hours") * pl.col("rate_high"),
        )
        .drop("rate_low", "rate_high", "embodied_of")
    )


def gsd2(policy: Policy) -> pl.Expr:
    """95 % factor of each line's embodied carbon [1]; null where it has none.

    The farther end of the published range, as a ratio to the central figure; where no range is
    published, `uncertainty.embodied`.

    Args:
        policy: `uncertainty.embodied` is used.
    """
    kg, low, high = (pl.col(f"embodied_{name}") for name in ("kg", "low_kg", "high_kg"))
    ranged = pl.max_horizontal(high / kg, kg / low)
    known = low.is_not_null() & high.is_not_null() & (low > 0) & (kg > 0) & (ranged > 1)
    return pl.when(kg.is_not_null()).then(
        pl.when(known).then(ranged).otherwise(pl.lit(policy.uncertainty.embodied))
    )


def shared() -> pl.Expr:
    """Which published figure a line's embodied carbon rests on: drawn once wherever it is used.

    Accelerators that bear a share of one server's figure share it, and it is the larger part of
    what they bear: they are taken as one input, which is the wider of the two ways.
    """
    server = pl.col("embodied_source").str.extract(_SERVER)
    return pl.coalesce(server, "embodied_source")


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
    hours_sum, masses = pl.col("hours"), [f"kg_{end}" for end in ENDS]
    weighed = kinds.with_columns(
        hours_sum.mul(pl.col(rate)).alias(kg) for rate, kg in zip(RATES, masses, strict=True)
    )
    stated = kinds.group_by("source", maintain_order=True).agg(
        pl.col(*RATES, "embodied_source", "embodied_of").first(),
        *(
            (pl.col(rate).null_count() == 0).alias(f"complete_{end}")
            for rate, end in zip(RATES, ENDS, strict=True)
        ),
    )
    mean = [
        pl.when(pl.col(f"complete_{end}") & (hours_sum > 0))
        .then(pl.col(f"kg_{end}") / hours_sum)
        .when(f"complete_{end}")
        .then(pl.col(f"rate_{end}"))
        .alias(f"rate_{end}")
        for end in ENDS
    ]
    return (
        sum_by(weighed, ["source"], ["hours", *masses])
        .join(stated, on="source", how="left", validate="1:1", maintain_order="left")
        .with_columns(
            *mean, embodied_source=pl.when("complete_central").then(pl.col("embodied_source"))
        )
        .join(carrier, on="source", how="inner", validate="1:1", maintain_order="left")
        .select("row", *CARRIED)
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
        .with_columns(embodied_of=pl.lit("accelerator"))
        .select("row", *CARRIED)
    )


def _server(embodied: pl.DataFrame, accelerators: int) -> tuple[str, dict[str, float]] | None:
    """The server whose share an accelerator carries: of that many accelerators, else any."""
    servers = embodied.filter(
        (pl.col("kind") == "server") & pl.col("item").str.contains("accelerator", literal=True)
    ).sort((~pl.col("item").str.contains(f"{accelerators}-accelerator", literal=True)), "item")
    if servers.is_empty():
        return None
    central = pl.col("central_kg")
    row = servers.select(
        "item", central, low=pl.coalesce("low_kg", central), high=pl.coalesce("high_kg", central)
    ).row(0, named=True)
    kg = {"low": row["low"], "central": row["central_kg"], "high": row["high"]}
    return str(row["item"]), kg


def _plain(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String).str.strip_suffix(".0")
