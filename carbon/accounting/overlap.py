"""No kWh twice: the same energy seen by a bill, a meter and a tracker counts once.

Two parts are the same energy where they share a name (a device, a machine, a node; under
`overlap.same_workload = "resolve"` also a workload in one place), cover some of the same equipment,
overlap in time, and are of different formats or of different boundaries: chip < board < node < rack
< facility. Rows of one format with one boundary are parts of one account, never two views.

Of what overlaps the one counts that `overlap.prefer` puts first. The others count for the share of
their time that none before them covers:

    counted_share = 1 - covered hours / hours that the machine ran

Meters of accelerators cover a machine as far as they see its accelerators at the time: three of
eight cover three eighths. A meter of one of a job's nodes covers the job by that node's portion.
"""

from typing import Final, NamedTuple

import polars as pl

from carbon.accounting.covered import covered
from carbon.accounting.meters import ACCELERATOR, parts
from carbon.accounting.names import names
from carbon.accounting.superseded import SUPERSEDED, superseded
from carbon.policy import Policy
from carbon.schema import METERED_KINDS

KIND: Final = ("format", "rank", "tier", "pieces", "known")
"""What makes two parts alike in every rule: they never compete with each other."""

SEAT: Final = ("name", "by_workload", "within", "kind", "portion", "of")
"""How a part is held under a name: parts of one seat are covered alike by what stands before."""

ROUNDING: Final = 1e-9
"""Share below which what is left uncovered is rounding of the hours that a bill states."""


class Resolved(NamedTuple):
    """Lines with the shares that count, and what is superseded."""

    lines: pl.DataFrame
    superseded: pl.DataFrame


def resolve(lines: pl.DataFrame, activity: pl.DataFrame, policy: Policy) -> Resolved:
    """Which share of each line counts, so that no energy counts twice.

    Accelerator-hours, from which embodied carbon follows, are settled on their own: where the
    meter that counts states none, those of the bill stay.

    Args:
        lines: the parts of rows in months that carry energy, with power_w, host_w,
            accelerator_hours and what `meters.use_of_machine` says, as
            `carbon.accounting.months.spread` gives them.
        activity: every row that the footprint is of, in the order in which `row` numbers it.
        policy: the choices under `overlap`.

    Returns:
        lines with counted_share and host_share [1] (of the host that is modelled beside them) and
        accelerator_hours as they count (null where none do), without lines of which nothing
        counts; and the columns of SUPERSEDED, sorted.
    """
    whole = lines.with_columns(counted_share=pl.lit(1.0), host_share=pl.lit(1.0))
    nothing = pl.DataFrame(schema=SUPERSEDED)
    if not _may_overlap(lines, activity, policy):
        return Resolved(whole, nothing)
    found = parts(lines, activity)
    named = names(found, policy)
    shares = _shares(found, named, policy)
    if shares.is_empty():
        return Resolved(whole, nothing)
    embodied = (
        pl.col("accelerator_hours").is_not_null() & pl.col("embodied_kg_per_hour").is_not_null()
    )
    with_hours = lines.with_row_index("line").filter(embodied)["line"]
    hours = _shares(
        found.filter(~pl.col("of_host"), pl.col("line").is_in(with_hours.implode())).with_columns(
            pieces=pl.lit(ACCELERATOR, pl.Int64), known=pl.lit(True)
        ),
        named,
        policy,
    )
    return Resolved(
        _counted(whole, shares, hours),
        superseded(lines, activity, found, shares, policy),
    )


def _may_overlap(lines: pl.DataFrame, activity: pl.DataFrame, policy: Policy) -> bool:
    """Whether there is more than one view at all, and any name that two could share."""
    if lines.is_empty():
        return False
    stated = activity.select("format", "boundary")
    if stated.select(pl.struct("format", "boundary").n_unique()).item() < 2:
        return False
    named = activity.select(pl.col("resource", "host").is_not_null().any()).row(0)
    return any(named) or policy.overlap.same_workload == "resolve"


def _shares(found: pl.DataFrame, named: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """The share of each superseded part that counts.

    Returns:
        part, line, of_host, counted_share, by (the part that supersedes it), rest (whether some of
        its equipment is not seen by what supersedes it), sees and devices (how many accelerators of
        how many; null where that is not the question); only parts of which less than all counts.
    """
    kinds = _in_order(found, policy)
    numbered = found.join(
        kinds, on=KIND, how="left", validate="m:1", nulls_equal=True, maintain_order="left"
    )
    held = named.join(
        numbered.select(
            *("part", "kind", "start", "end", "seen_end", "device", "devices", "sees"),
        ),
        on="part",
        how="inner",
        validate="m:1",
        maintain_order="left",
    ).with_columns(of=_accelerators())
    held = held.filter(pl.col("kind").n_unique().over("name", "by_workload") > 1)
    pairs = _pairs(held, kinds)
    if pairs.is_empty():
        return pl.DataFrame(schema={"part": pl.UInt32})
    groups = _groups(held, pairs)
    spans = (
        groups.members.join(pairs, on="seat", how="inner", maintain_order="left_right")
        .join(
            held.select(
                "name", "by_workload", "part", "start", "device", "sees",
                end="seen_end", within_by="within", kind_by="kind",
            ),
            on=["name", "by_workload", "within_by", "kind_by"],
            how="inner",
            maintain_order="left_right",
        )
        .select(
            *("group", "name", "device", "start", "end"), weight=_weight(),
            most="portion", view="kind_by", rank="kind_by", by="part",
        )
    )  # fmt: skip
    losers = groups.losers.join(
        numbered.select(*("part", "line", "of_host", "kind", "pieces", "start", "end", "hours")),
        on="part",
        how="left",
        validate="1:1",
        maintain_order="left",
    )
    seen = _seen(groups.members, pairs, held)
    left = 1 - pl.col("covered") / pl.col("hours")
    return (
        covered(losers, spans)
        .filter(pl.col("covered") > 0)
        .join(seen, on="group", how="left", validate="m:1", maintain_order="left")
        .with_columns(
            counted_share=pl.when(left > ROUNDING).then(left).otherwise(0.0),
            rest=(pl.col("pieces") & ~pl.col("seen")) != 0,
        )
        .select("part", "line", "of_host", "counted_share", "by", "rest", "sees", "devices")
    )


def _accelerators() -> pl.Expr:
    """Of how many accelerators a part is, as it is held under a name: those of all its kind."""
    alike = ["name", "within", "by_workload", "kind"]
    beside = pl.col("device").n_unique().over(alike).cast(pl.Float64)
    return (
        pl.when(pl.col("within") & pl.col("sees").is_not_null()).then(beside).otherwise("devices")
    )


def _weight() -> pl.Expr:
    """The share of a part that a device sees which stands before it."""
    share = (pl.col("sees") / pl.col("of")).clip(0.0, 1.0)
    return pl.min_horizontal(share.fill_null(1.0), "portion")


def _in_order(found: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """The kinds of parts, numbered in the order in which they count.

    What gives no energy comes last; equals go by how much they cover, then by the format's name.
    """
    tier, widest = pl.col("tier"), -pl.col("rank")
    order = {
        "tier": (tier, widest),
        "widest": (widest, tier),
        "narrowest": (pl.col("rank"), tier),
    }[policy.overlap.prefer]
    how_much = -pl.col("pieces").bitwise_count_ones().cast(pl.Int64)
    return (
        found.select(KIND)
        .unique()
        .sort(~pl.col("known"), *order, how_much, "pieces", "format", nulls_last=True)
        .with_row_index("kind")
    )


def _pairs(held: pl.DataFrame, kinds: pl.DataFrame) -> pl.DataFrame:
    """Which kind stands before which, under which name.

    Returns:
        seat (number of the columns of SEAT), these, within_by, kind_by, pieces_by.
    """
    place = ["name", "by_workload", "within", "kind"]
    seats = (
        held.select(SEAT)
        .unique()
        .join(kinds, on="kind", how="left", validate="m:1")
        .sort(SEAT, nulls_last=True)
        .with_row_index("seat")
    )
    others = seats.drop("seat", "portion", "of").unique(place)
    both = seats.join(others, on=["name", "by_workload"], how="inner", suffix="_by")
    rank, rank_by = pl.col("rank"), pl.col("rank_by")
    within, within_by = pl.col("within"), pl.col("within_by")
    contains = (
        pl.when(within == within_by)
        .then(~within)
        .when(within)
        .then(rank < rank_by)
        .otherwise(rank_by < rank)
    )
    other_view = (pl.col("format") != pl.col("format_by")) | (
        (rank != rank_by) & ~pl.col("by_workload")
    )
    return (
        both.filter(
            pl.col("kind_by") < pl.col("kind"),
            (pl.col("pieces") & pl.col("pieces_by")) != 0,
            contains,
            other_view,
        )
        .select("seat", *SEAT, "within_by", "kind_by", "pieces_by")
        .sort("seat", "kind_by", "within_by")
    )


class _Groups(NamedTuple):
    """Parts that the same parts stand before: members (group, seat), losers (part, group)."""

    members: pl.DataFrame
    losers: pl.DataFrame


def _groups(held: pl.DataFrame, pairs: pl.DataFrame) -> _Groups:
    """Parts by all the seats at which another stands before them."""
    seats = pairs.select("seat", *SEAT).unique()
    seated = (
        held.join(seats, on=SEAT, how="inner", validate="m:1", nulls_equal=True)
        .sort("part", "seat")
        .group_by("part", maintain_order=True)
        .agg(pl.col("seat"))
        .with_columns(_key=pl.col("seat").cast(pl.List(pl.String)).list.join(" "))
    )
    keys = seated.select("_key", "seat").unique("_key").sort("_key").with_row_index("group")
    losers = seated.join(keys.select("_key", "group"), on="_key", how="left", validate="m:1")
    return _Groups(
        keys.select("group", "seat").explode("seat"),
        losers.select("part", "group").sort("part"),
    )


def _seen(members: pl.DataFrame, pairs: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """What stands before each group sees.

    Returns:
        group, seen (equipment, bits), sees (accelerators; null where it sees the machine as a
        whole, or how many it sees is not known) and devices (of how many).
    """
    seat = ["name", "by_workload", "within_by", "kind_by"]
    devices = (
        held.select("name", "by_workload", "device", "sees", within_by="within", kind_by="kind")
        .group_by(*seat, "device")
        .agg(pl.col("sees").max(), known=pl.col("sees").is_not_null().all())
        .group_by(seat)
        .agg(pl.col("sees").sum(), pl.col("known").all())
        .with_columns(sees=pl.when("known").then("sees"))
        .drop("known")
    )
    return (
        members.join(pairs, on="seat", how="inner")
        .join(devices, on=seat, how="left", validate="m:1")
        .group_by("group")
        .agg(
            seen=pl.col("pieces_by").bitwise_or(),
            sees=pl.when(pl.col("sees").is_not_null().all()).then(pl.col("sees").max()),
            devices=pl.col("of").max(),
        )
    )


def _counted(whole: pl.DataFrame, shares: pl.DataFrame, hours: pl.DataFrame) -> pl.DataFrame:
    """Lines with the shares that count, without those of which nothing does."""
    columns = {"counted_share": ~pl.col("of_host"), "host_share": pl.col("of_host")}
    numbered = whole.drop(*columns).with_row_index("line")
    for column, where in columns.items():
        share = shares.filter(where).select("line", pl.col("counted_share").alias(column))
        numbered = numbered.join(
            share, on="line", how="left", validate="1:1", maintain_order="left"
        ).with_columns(pl.col(column).fill_null(1.0))
    embodied = pl.DataFrame(schema={"line": pl.UInt32, "_embodied": pl.Float64})
    if not hours.is_empty():
        embodied = hours.select("line", _embodied="counted_share")
    own = pl.col("_embodied").fill_null(
        # Hours without an embodied rate go the way of the energy.
        pl.when(pl.col("embodied_kg_per_hour").is_null()).then("counted_share").otherwise(1.0)
    )
    gone = pl.col("counted_share") == 0
    return (
        numbered.join(embodied, on="line", how="left", validate="1:1", maintain_order="left")
        .with_columns(
            accelerator_hours=pl.when(own > 0).then(pl.col("accelerator_hours") * own),
            # Of what counts for nothing, nothing is unknown.
            power_w=pl.when(gone & ~pl.col("quantity_kind").is_in(METERED_KINDS))
            .then(pl.col("power_w").fill_null(0.0))
            .otherwise("power_w"),
            flags=pl.when(~gone).then("flags"),
        )
        .filter(
            (pl.col("counted_share") > 0)
            | pl.col("accelerator_hours").is_not_null()
            | ((pl.col("host_w").fill_null(0.0) > 0) & (pl.col("host_share") > 0))
        )
        .drop("line", "_embodied")
    )
