"""What a line's energy is of: which parts of which equipment, seen from where, under which names.

A line whose hours are modelled from TDP has two parts: the accelerators, and the host beside them.
A meter of the accelerators alone sees the first and not the second.
"""

from typing import Final

import polars as pl

from carbon.policy import Policy
from carbon.schema import BOUNDARIES, HOUR_KINDS, METERED_KINDS, UNASSIGNED

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

FED: Final = ("hosts", "host", "nodes", "node")
"""Tags of a rack's or a hall's meter that name the nodes it feeds, commas between them."""

FED_BY: Final = ("rack", "pdu")
"""Tags of a node's or a chip's meter that name the rack or PDU it hangs on."""

_PATH: Final = r"^(?:/|arn:).*[/:]([^/:]+)/*$"
"""The last name of a cloud's resource path, which is the name of the machine."""

_INDEX: Final = r"^(?:gpu|cpu)?[ _:-]?\d{1,3}$"
"""A bare index, which names a device of some host and none by itself."""


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
        accelerators that the part is of (null: not known, or it is not of accelerators), and sees,
        those that its meter sees (null: not known).
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
        *("format", "tier", "workload", "zone", "resource", "host", "sku", "tags"),
        of_host=pl.lit(False),
        gap=gap,
        pieces=_pieces(),
        rank=_rank(),
        known=pl.col("quantity_kind").is_in(METERED_KINDS) | pl.col("power_w").is_not_null(),
        start=start,
        end=end,
        seen_end=start + (period * seen).round().cast(pl.Int64),
        hours=run.fill_null(period),
        devices="use_accelerators",
        sees=pl.coalesce("accelerator_count", pl.when(pl.col("resource").is_not_null()).then(1.0)),
    )
    with_host = main.filter(stated["host_w"].fill_null(0.0) > 0).with_columns(
        of_host=pl.lit(True),
        pieces=pl.lit(PIECES["host"], pl.Int64),
        known=pl.lit(True),
        devices=pl.lit(None, pl.Float64),
    )
    return _like_their_meter(pl.concat([main, with_host])).with_row_index("part")


def names(parts: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """The names under which two parts may turn out to be one.

    A part *is* its resource, and from the node upwards its host; a chip or board is *within* its
    host. Meters of racks and halls are also the nodes that their tags say they feed, and what hangs
    on a rack is within it. Where the policy resolves by workload, a part is its workload in its
    grid zone, too.

    Args:
        parts: as `parts` gives them.
        policy: `overlap.same_workload`.

    Returns:
        part, name, within, by_workload; distinct.
    """
    upwards = pl.col("rank") >= NODE_RANK
    host = _plain("host").str.replace(r":\d{1,5}$", "")
    found = [
        _named(parts, _plain("resource").str.replace(_PATH, "$1")),
        _named(parts.filter(upwards), host),
        _named(parts.filter(~upwards), host, within=True),
        *_tagged(parts.filter(pl.col("rank") >= RACK), FED),
        *_tagged(parts.filter(pl.col("rank") < RACK), FED_BY, within=True),
    ]
    if policy.overlap.same_workload == "resolve":
        claimed = parts.filter(pl.col("workload") != UNASSIGNED, pl.col("zone").is_not_null())
        place = pl.concat_str("workload", "zone", separator="\x1f")
        found.append(_named(claimed, place, by_workload=True))
    return pl.concat(found).unique().sort("part", "name", "within", "by_workload")


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


def _rank() -> pl.Expr:
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
    """An estimate for a gap goes with its meter: it counts exactly where the meter would."""
    if not parts.select(pl.col("gap").any()).item():
        return parts
    meter = ["format", "resource", "host", "sku"]
    of = ("tier", "pieces", "rank")
    best = (
        parts.filter(~pl.col("gap"))
        .sort(*meter, "tier", "rank", "pieces", nulls_last=True)
        .unique(meter, keep="first", maintain_order=True)
        .select(*meter, *(pl.col(name).alias(f"_{name}") for name in of))
    )
    return (
        parts.join(
            best, on=meter, how="left", validate="m:1", nulls_equal=True, maintain_order="left"
        )
        .with_columns(
            pl.when("gap").then(pl.coalesce(f"_{name}", name)).otherwise(name).alias(name)
            for name in of
        )
        .drop(f"_{name}" for name in of)
    )


def _plain(column: str) -> pl.Expr:
    return pl.col(column).str.strip_chars().str.to_lowercase()


def _named(
    parts: pl.DataFrame, name: pl.Expr, *, within: bool = False, by_workload: bool = False
) -> pl.DataFrame:
    return parts.select(
        "part", name=name, within=pl.lit(within), by_workload=pl.lit(by_workload)
    ).filter(pl.col("name") != "", ~pl.col("name").str.contains(_INDEX))


def _tagged(
    parts: pl.DataFrame, tags: tuple[str, ...], *, within: bool = False
) -> list[pl.DataFrame]:
    """Names that stand in tags, several with commas, semicolons or blanks between them."""
    some = parts.filter(pl.col("tags").str.contains_any([f'"{tag}"' for tag in tags]))
    listed = [
        some.select(
            "part",
            name=pl.col("tags").str.json_path_match(f"$.{tag}").str.extract_all(r"[^\s,;]+"),
        ).explode("name")
        for tag in tags
    ]
    return [_named(found, _plain("name"), within=within) for found in listed]
