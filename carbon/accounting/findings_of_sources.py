"""What to ask about the sources: general IT, what two of them state, what has no place."""

from collections.abc import Iterator
from typing import Final

import polars as pl

from carbon.accounting.phrases import (
    KWH,
    count_rows,
    energy_of,
    in_kwh,
    listed,
    percent,
    source_lines,
    workloads_of,
)
from carbon.accounting.result import Finding, Footprint
from carbon.accounting.sums import ordered_sum
from carbon.schema import UNASSIGNED

SOURCE: Final = ("evidence_id", "row_number")


def of_sources(footprint: Footprint) -> Iterator[Finding]:
    """Findings about what the sources hold and what of it counts.

    Args:
        footprint: its lines, and what it left out.
    """
    yield from _general_it(footprint)
    yield from _left_out(footprint)
    yield from _superseded(footprint)
    yield from _several_sources(footprint)
    yield from _no_place(footprint)


def _general_it(footprint: Footprint) -> Iterator[Finding]:
    """Lines of bills that no rule calls AI."""
    general = footprint.general_it
    if general.is_empty():
        return
    lines = source_lines(general)
    costs = (
        general.filter(pl.col("quantity_kind") == "cost")
        .group_by("currency")
        .agg(ordered_sum(pl.col("quantity")))
        .sort("currency", nulls_last=True)
    )
    spent = " and ".join(
        f"{amount:,.0f} {currency or ''}".replace(",", "\u202f").strip()
        for currency, amount in costs.iter_rows()
    )
    services = listed(general["service"].drop_nulls())
    yield Finding(
        "general_it",
        "info",
        f"{lines:,} lines of bills are general IT and not counted".replace(",", "\u202f"),
        f"No rule of the policy calls them AI{f'; they cost {spent}' if spent else ''}"
        f"{f' ({services})' if services else ''}. Name services, SKUs or tags under billing in "
        "the policy, or tag the lines with their workload, where some of it is AI.",
    )


def _left_out(footprint: Footprint) -> Iterator[Finding]:
    """Rows that the policy or the model leaves out."""
    for reason, code, severity, title, detail in (
        (
            "gap_estimate",
            "gaps_not_counted",
            "warn",
            "of gaps in telemetry are estimated and not counted",
            "telemetry.estimate_gaps is off, so time that no meter saw has no energy. Close the "
            "gaps with another export, or let the estimates count.",
        ),
        (
            "support",
            "support_left_out",
            "info",
            "of supporting services are left out",
            "support.include is off: processors, memory, storage and network that bills list for "
            "AI workloads are in no figure.",
        ),
        (
            "host",
            "host_of_accelerators",
            "info",
            "of processors and memory beside accelerators are not counted on their own",
            "The server around an accelerator is modelled per accelerator, or measured with it.",
        ),
        (
            "declared",
            "boundary_left_out",
            "info",
            "are declared to be outside the boundary and left out",
            "The policy declares them out under boundary.left_out: {why}.",
        ),
        (
            "component",
            "boundary_component_out",
            "info",
            "of parts of the equipment are left out",
            "boundary.components_out in the policy leaves out {why}. Energy that was metered as a "
            "whole still holds them.",
        ),
    ):
        rows = _only(footprint.left_out, reason)
        if rows.is_empty():
            continue
        kwh = _stands_for(rows)
        amount = count_rows(rows) if kwh is None else f"{in_kwh(kwh)} in {count_rows(rows)}"
        said = detail.replace("{why}", listed(rows["why"].drop_nulls()))
        yield Finding(code, severity, f"{amount} {title}", said, kwh, workloads_of(rows))


def _only(left_out: pl.DataFrame, reason: str) -> pl.DataFrame:
    return left_out.filter(pl.col("reason") == reason) if left_out.width else left_out


def _stands_for(rows: pl.DataFrame) -> float | None:
    """Energy that the rows stand for [kWh]; None where none of it is known."""
    known = rows["kwh"].drop_nulls()
    return float(known.sum()) if len(known) else None


def _superseded(footprint: Footprint) -> Iterator[Finding]:
    """Energy that another source states better."""
    rows = footprint.superseded
    if rows.is_empty():
        return
    kwh = float(rows["kwh_not_counted"].fill_null(0.0).sum())
    pairs = rows.select(
        pl.format("{} by {}", "format", "superseded_by_format").unique().sort()
    ).to_series()
    yield Finding(
        "superseded_by_meter",
        "info",
        f"{count_rows(rows)} superseded: {in_kwh(kwh)} are counted from another source",
        "They state energy that another source sees as well: "
        f"{listed(pairs)}. One of them counts, as overlap.prefer in the policy says; the sources "
        "list each with what counts instead.",
        kwh,
        workloads_of(rows),
    )
    lost = rows.filter("rest_not_counted")
    if lost.height:
        yield Finding(
            "rest_of_node_not_counted",
            "warn",
            f"{count_rows(lost)} superseded by a meter that sees only part of the equipment",
            "What counts instead does not see all that these rows were of, so the rest is in no "
            "figure. Prefer the widest boundary (overlap.prefer), or import a meter of the rest.",
            float(lost["kwh_not_counted"].fill_null(0.0).sum()),
            workloads_of(lost),
        )


def _several_sources(footprint: Footprint) -> Iterator[Finding]:
    """Workloads whose energy two kinds of source state for one month: perhaps the same kWh.

    What is known to be two views of one thing was settled already, and what a bill moves or stores
    no meter of a machine sees.
    """
    lines = footprint.lines.filter(
        KWH.is_not_null(),
        pl.col("workload") != UNASSIGNED,
        ~pl.col("quantity_kind").is_in(["gb_hours", "gb_transferred"]),
    )
    if footprint.policy.overlap.same_workload == "resolve":
        # What names a workload and a place was settled, and what was not overlaps in no moment.
        lines = lines.filter(pl.col("zone").is_null())
    by_format = lines.group_by("workload", "month", "format").agg(ordered_sum(KWH))
    several = by_format.filter(pl.len().over("workload", "month") > 1)
    if several.is_empty():
        return
    rows = _rows_by_format(lines.join(several, on=["workload", "month", "format"], how="semi"))
    pairs = rows.join(rows, on=["workload", "month"], suffix="_by").filter(
        pl.col("format") < pl.col("format_by"),
        pl.col("begin") < pl.col("end_by"),
        pl.col("begin_by") < pl.col("end"),
    )
    # Of a pair one side may be settled with the other row by row: then nothing is left to ask.
    settled = _settled(footprint, lines)
    there, back = ["format", "format_by"], ["format_by", "format"]
    key = ["workload", "month"]
    twice = (
        pairs.join(settled, on=[*key, *there], how="left")
        .join(settled, left_on=[*key, *back], right_on=[*key, *there], how="left", suffix="_back")
        .filter(
            pl.col("rows") > pl.col("settled").fill_null(0),
            pl.col("rows_by") > pl.col("settled_back").fill_null(0),
        )
        .select(
            *key,
            pl.concat_list("format", "format_by").alias("format"),
            formats=pl.format("{} and {}", "format", "format_by"),
        )
        .sort(*key, "formats")
    )
    if twice.height:
        asked = by_format.join(twice.explode("format"), on=[*key, "format"], how="semi").sort(
            *key, "format"
        )
        count = twice["workload"].n_unique()
        who = "1 workload takes" if count == 1 else f"{count} workloads take"
        yield Finding(
            "several_sources",
            "warn",
            f"{who} energy from two kinds of source",
            f"In the same month, {listed(twice['formats'].unique().sort())}. They name no device "
            "in common. If they describe the same run, its energy counts twice: leave one of them "
            "out, or set overlap.same_workload to resolve.",
            kwh=float(asked["energy_facility_kwh"].sum()),
            workloads=workloads_of(twice),
        )


def _rows_by_format(lines: pl.DataFrame) -> pl.DataFrame:
    """workload, month, format, rows (of files), begin and end (of all of them)."""
    key = ["workload", "month", "format"]
    times = lines.group_by(key).agg(begin=pl.col("use_start").min(), end=pl.col("use_end").max())
    rows = lines.select(*key, *SOURCE).unique().group_by(key).agg(rows=pl.len())
    return rows.join(times, on=key, how="left", validate="1:1")


def _settled(footprint: Footprint, lines: pl.DataFrame) -> pl.DataFrame:
    """How many rows that count in part gave way to which format.

    Returns:
        workload, month, format, format_by, settled.
    """
    counted = lines.select(*SOURCE, "month", "workload", "format").unique()
    gave_way = footprint.superseded.select(
        *SOURCE, "month", format_by="superseded_by_format"
    ).unique()
    return (
        counted.join(gave_way, on=[*SOURCE, "month"], how="inner")
        .group_by("workload", "month", "format", "format_by")
        .agg(settled=pl.len())
    )


def _no_place(footprint: Footprint) -> Iterator[Finding]:
    """Energy of which nobody says where it was drawn."""
    placeless = footprint.lines.filter(KWH.is_not_null(), pl.col("zone").is_null())
    if placeless.is_empty():
        return
    unplaced = footprint.unplaced
    names = unplaced["name"].drop_nulls() if unplaced.width else pl.Series([], dtype=pl.String)
    where = (
        f"State under boundary.places in the policy where {listed(names)} stand"
        f"{'s' if names.n_unique() == 1 else ''}: a grid zone, or provider:region"
        if len(names)
        else "Their files name no host, site, account or workload to state it of: give them a "
        "workload by a rule (AI inventory, Rules), and state where it runs"
    )
    kwh, total = energy_of(placeless), energy_of(footprint.lines)
    significant = kwh > total * footprint.policy.readiness.significant_share
    yield Finding(
        "no_place",
        "block" if significant else "warn",
        f"{percent(kwh, total)} of energy has no place",
        f"{in_kwh(kwh)} take no grid factor and no PUE of a region, so they are outside the "
        f"emissions and lower the coverage. {where}.",
        kwh,
        workloads_of(placeless),
    )
