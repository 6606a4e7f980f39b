"""What a line's energy is of: which parts of which equipment, seen from where.

A line whose hours are modelled from TDP has two parts: the accelerators, and the host beside them.
A meter of the accelerators alone sees the first and not the second.
"""

from typing import Final

import polars as pl

from carbon.schema import BOUNDARIES, HOUR_KINDS, METERED_KINDS

ACCELERATOR, CPU, MEMORY, REST, STORAGE, NETWORK = (1 << bit for bit in range(6))
NODE: Final = ACCELERATOR | CPU | MEMORY | REST

PIECES: Final = {
    "it": NODE,
    "accelerator": ACCELERATOR,
    "host": CPU | MEMORY | REST,
    "cpu": CPU,
    "memory": MEMORY,
    "storage": STORAGE,
    "network": NETWORK,
    "idle": NODE,
    "facility": NODE,
}
"""The equipment that a component's energy is of, as a set of bits."""

RANK: Final = {name: rank for rank, name in enumerate(BOUNDARIES)}
BOARD, NODE_RANK, RACK, FACILITY = (RANK[name] for name in ("board", "node", "rack", "facility"))

IDENTITY: Final = (
    *("resource", "host", "sku", "tags", "boundary", "coverage", "accelerator_count"),
)
"""Columns of activity by which meters are told apart."""

_NEIGHBOURS: Final = (
    ["format", "resource", "host", "sku"],
    ["format", "resource", "host", "boundary"],
    ["format", "host", "boundary"],
    ["format", "boundary"],
)
"""Whose example a meter follows of which nothing was measured, the nearest first."""


def parts(lines: pl.DataFrame, activity: pl.DataFrame) -> pl.DataFrame:
    """The parts of the energy that lines state.

    Args:
        lines: row (position in `activity`), format, component, tier, quantity_kind, quantity,
            month_share, use_hours, use_accelerators, use_start, use_end, power_w, host_w,
            workload, zone.
        activity: numbered by `row`; the columns of IDENTITY.

    Returns:
        part, line (position of its line), of_host, pieces (bits), rank (boundary), tier, known
        (whether an energy follows), gap, format, the columns of IDENTITY, workload, zone, start,
        end [µs], seen_end [µs] (where the meter saw only a share of the span: the end of a span of
        that length), hours [µs], the time that the machine ran as far as it is stated, devices, the
        accelerators that the part is of (null: not known), sees, those that its meter sees (null:
        it sees the machine as a whole, or how many is not known), and device: what tells meters of
        one view apart.
    """
    identity = activity.select(IDENTITY)[lines["row"]]
    start, end = (pl.col(name).dt.epoch("us") for name in ("use_start", "use_end"))
    period = end - start
    run = pl.min_horizontal(
        pl.col("use_hours") * pl.col("month_share") * 3.6e9, period.cast(pl.Float64)
    )
    stated = lines.hstack(identity).with_row_index("line")
    gap = pl.col("component") == "gap_estimate"
    seen = pl.when(gap).then(1.0).otherwise(pl.col("coverage").fill_null(1.0))
    main = stated.select(
        "line",
        *("format", "tier", "workload", "zone", "resource", "host", "sku", "tags", "boundary"),
        of_host=pl.lit(False),
        gap=gap,
        pieces=_pieces(),
        rank=rank(),
        known=pl.col("quantity_kind").is_in(METERED_KINDS) | pl.col("power_w").is_not_null(),
        start=start,
        end=end,
        seen_end=start + (period * seen).round().cast(pl.Int64),
        hours=run.fill_null(period),
        devices="use_accelerators",
        counted="accelerator_count",
    )
    with_host = main.filter(stated["host_w"].fill_null(0.0) > 0).with_columns(
        of_host=pl.lit(True),
        pieces=pl.lit(PIECES["host"], pl.Int64),
        known=pl.lit(True),
        devices=pl.lit(None, pl.Float64),
    )
    return _with_devices(_like_their_meter(pl.concat([main, with_host]))).with_row_index("part")


def _with_devices(parts: pl.DataFrame) -> pl.DataFrame:
    """Add how many accelerators a part is of and sees, and what tells its device."""
    chips = pl.col("pieces") == ACCELERATOR
    # A tracker that sees the machine's accelerators says how many; a board is one by itself.
    board = (pl.col("rank") < NODE_RANK) & pl.col("resource").is_not_null()
    sees = pl.when(chips).then(pl.coalesce("counted", pl.when(board).then(1.0)))
    # Meters of a run bear its name all of them, and are told apart by their metric.
    several = pl.col("sku").n_unique().over("format", "resource") > 1
    return parts.with_columns(
        sees=sees,
        devices=pl.coalesce("devices", sees),
        device=pl.concat_str(
            "resource", pl.when(several).then("sku"), separator="\x1f", ignore_nulls=True
        ).fill_null(""),
    ).drop("counted")


def use_of_machine() -> dict[str, pl.Expr]:
    """What a row of hours says of its machine.

    Returns:
        use_hours [h], that the machine ran: instance-hours, accelerator-hours / accelerators; null
        where they are not stated: then it is taken to have run through its period. A bill's month
        of a machine that ran for a hundred hours is covered once a meter saw it for a hundred.
        use_accelerators [1]: accelerators of the machine.
    """
    kind = pl.col("quantity_kind")
    hours = kind.is_in(HOUR_KINDS)
    accelerators = pl.when(hours).then(pl.coalesce("instance_accelerators", "accelerator_count"))
    return {
        "use_hours": pl.when(kind == "instance_hours")
        .then(pl.col("quantity"))
        .when((kind == "accelerator_hours") & (accelerators > 0))
        .then(pl.col("quantity") / accelerators),
        "use_accelerators": accelerators,
    }


def _pieces() -> pl.Expr:
    return pl.col("component").replace_strict(PIECES, default=NODE, return_dtype=pl.Int64)


def rank() -> pl.Expr:
    """What the meter sees, as the row says; else as its kind implies.

    Hours are of machines; a facility's energy is a hall's where a meter saw it, and of a machine
    where somebody worked it out.
    """
    kind, component = pl.col("quantity_kind"), pl.col("component")
    inner = component.is_in(["accelerator", "cpu", "memory"])
    implied = (
        pl.when((kind == "energy_facility_kwh") & (pl.col("tier") == "T1"))
        .then(FACILITY)
        .when((kind == "energy_it_kwh") & inner)
        .then(BOARD)
        .otherwise(NODE_RANK)
    )
    stated = pl.col("boundary").replace_strict(RANK, default=None, return_dtype=pl.Int64)
    return stated.fill_null(implied.cast(pl.Int64))


def _like_their_meter(parts: pl.DataFrame) -> pl.DataFrame:
    """An estimate for a gap goes with its meter: it counts exactly where the meter would.

    A meter of which nothing but gaps is known goes with its neighbours: with another of its
    resource, else with another of its host, else with any of its format that sees as much.
    """
    if not parts.select(pl.col("gap").any()).item():
        return parts
    of = ("tier", "pieces", "rank")
    measured = parts.filter(~pl.col("gap"))
    for depth, meter in enumerate(_NEIGHBOURS):
        best = (
            measured.sort(*meter, "tier", "rank", "pieces", nulls_last=True)
            .unique(meter, keep="first", maintain_order=True)
            .select(*meter, *(pl.col(name).alias(f"_{name}{depth}") for name in of))
        )
        parts = parts.join(
            best, on=meter, how="left", validate="m:1", nulls_equal=True, maintain_order="left"
        )
    found = {name: [f"_{name}{depth}" for depth in range(len(_NEIGHBOURS))] for name in of}
    alone = {
        # All of a format's samples may lie too far apart.
        "tier": pl.when(pl.col("rank") < NODE_RANK).then(pl.lit("T3")).otherwise(pl.lit("T2")),
        "pieces": pl.when(pl.col("rank") == BOARD).then(ACCELERATOR).otherwise("pieces"),
        "rank": pl.col("rank"),
    }
    return parts.with_columns(
        pl.when("gap").then(pl.coalesce(*found[name], alone[name])).otherwise(name).alias(name)
        for name in of
    ).drop(name for names in found.values() for name in names)
