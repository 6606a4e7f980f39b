"""How much of the machine a figure sees: the boundary ladder.

chip -> accelerator board -> node (host, memory, network card) -> node and provisioned idle ->
facility (cooling and power distribution as well). A figure stands on the highest rung up to which
nothing is missing: accelerator watts times a PUE stay on the board's rung, because the host is not
in them. Figures on different rungs are never compared; the ladder that a provider published for one
production service says by how much they may differ.

Source: methodology of Google, Measuring the environmental impact of delivering AI at Google Scale
(arXiv:2508.15734), whose rungs for the median text prompt are 0.14, 0.20, 0.22 and 0.24 Wh.
"""

from typing import Final

import polars as pl

from carbon.accounting.sums import sum_by
from carbon.policy import Policy
from carbon.schema import FIGURE_BOUNDARIES

CHIP, BOARD, NODE, NODE_IDLE, FACILITY = FIGURE_BOUNDARIES

_SEEN: Final = {"chip": 0, "board": 1, "node": 2, "rack": 2, "facility": 2}
"""What a meter sees of the machine: chip, board, or all of it."""

_WHOLE_MACHINE: Final = 2


def seen(lines: pl.DataFrame) -> pl.DataFrame:
    """How much of its machine each line's energy belongs to: 0 chip, 1 board, 2 the whole node.

    Telemetry of a board and the rest of the same machine make a whole: where a host, or a row of a
    file, has energy of the node in a month beside that of its boards, all of it is the node's.

    Args:
        lines: `FootprintLine` rows.

    Returns:
        lines with `_seen`; null for overhead.
    """
    own = pl.col("boundary").replace_strict(_SEEN, default=_WHOLE_MACHINE, return_dtype=pl.Int8)
    machine = pl.coalesce("host", pl.concat_str("evidence_id", "row_number", separator=":"))
    return (
        lines.with_columns(
            _own=pl.when(pl.col("component") != "overhead").then(own), _machine=machine
        )
        .with_columns(_seen=pl.col("_own").max().over("_machine", "workload", "month"))
        .with_columns(_seen=pl.when(pl.col("component") != "overhead").then("_seen"))
        .drop("_own", "_machine")
    )


def rungs(
    lines: pl.DataFrame, groups: list[str], policy: Policy, *, with_idle: bool
) -> pl.DataFrame:
    """The rung of each group's figures: the lowest that carries a significant part of its energy.

    Args:
        lines: as `seen` gives them, with the columns of groups.
        groups: columns that make a group.
        policy: `readiness.significant_share`: what carries less of the energy does not lower the
            rung.
        with_idle: whether the figures bear idle capacity.

    Returns:
        groups, boundary_it and boundary (of the IT energy and of the facility energy), one row per
        group that has any energy.
    """
    kwh = pl.col("energy_facility_kwh")
    known = lines.filter(pl.col("_seen").is_not_null(), kwh > 0)
    lowest = (
        sum_by(known, [*groups, "_seen"], ["energy_facility_kwh"])
        .filter(kwh / kwh.sum().over(groups) > policy.readiness.significant_share)
        .group_by(groups, maintain_order=True)
        .agg(pl.col("_seen").min())
    )
    below = {0: CHIP, 1: BOARD}
    return lowest.select(
        *groups,
        boundary_it=pl.col("_seen").replace_strict(
            {**below, 2: NODE_IDLE if with_idle else NODE}, return_dtype=pl.String
        ),
        boundary=pl.col("_seen").replace_strict(
            {**below, 2: FACILITY if with_idle else NODE}, return_dtype=pl.String
        ),
    )


def published(references: pl.DataFrame) -> dict[str, float]:
    """The published ladder: rung -> Wh of the same request [Wh].

    Each part of the request's energy is added to the rung below; the figure of the chip alone is
    the one that the same publication gives for the narrow way of measuring.

    Args:
        references: `Reference` rows; those with a `part` make the ladder.
    """
    parts = dict(
        references.filter(pl.col("part").is_in(["accelerator", "host", "idle", "overhead"]))
        .select("part", "energy_wh")
        .iter_rows()
    )
    chip = references.filter(pl.col("part") == "chip")["energy_wh"].to_list()
    ladder = dict(zip([CHIP], chip, strict=False))
    height = 0.0
    for part, rung in zip(
        ("accelerator", "host", "idle", "overhead"), (BOARD, NODE, NODE_IDLE, FACILITY), strict=True
    ):
        if part not in parts:
            return ladder
        height += parts[part]
        ladder[rung] = height
    return ladder
