"""What is to be said of telemetry that was read: doubles, gaps, shared devices, cut spans."""

from collections.abc import Sequence
from typing import Final

import polars as pl

from carbon.activity.source import Problem
from carbon.activity.telemetry.kernel import KWH_PER_TICK, MICRO, SPAN_US, Reduced
from carbon.activity.telemetry.meters import Meter
from carbon.policy import Telemetry

NOTHING: Final = "nothing was measured in this time"
"""Note of a row whose samples hold no value."""


def notes_of(
    left_out: Sequence[tuple[Meter, Meter]],
    reduced: Reduced,
    samples: pl.DataFrame,
    rows: pl.DataFrame,
    telemetry: Telemetry,
) -> list[Problem]:
    """Remarks on a file's meters; none of them loses a row.

    Args:
        left_out: meters that give no energy, with the one that tells it.
        reduced: energy and gaps.
        samples: series, time, shared (several users at one moment), one a moment.
        rows: the rows of activity.
        telemetry: limits of gaps, and the span.
    """
    notes = [
        *_doubles(left_out),
        *_gaps(reduced, telemetry),
        *_cut_spans(samples, telemetry),
    ]
    shared = samples.filter("shared")["series"].n_unique()
    if shared:
        notes.append(
            Problem(
                f"{_devices(shared)} stand several times at one moment, for several pods or "
                "instances: each figure is the whole device's, it counts once, and such moments "
                "belong to no workload."
            )
        )
    blind = rows.filter(pl.col("note") == NOTHING)["resource"].n_unique()
    if blind:
        notes.append(
            Problem(
                f"{_devices(blind)} measured nothing in a {telemetry.resolution} or more, "
                "though samples are there: such rows have no energy and a coverage of 0."
            )
        )
    nameless = rows.filter(~pl.col("known_everywhere"))["resource"].n_unique()
    if nameless:
        notes.append(
            Problem(
                f"{_devices(nameless)} are named neither by a UUID nor by a host, so that a later "
                "export of the same time would count beside this one. Export the UUID too."
            )
        )
    return notes


def _devices(count: int) -> str:
    return f"{count} device{'' if count == 1 else 's'}"


def _doubles(left_out: Sequence[tuple[Meter, Meter]]) -> list[Problem]:
    pairs: dict[tuple[str, str], set[object]] = {}
    for loser, winner in left_out:
        pairs.setdefault((loser.name, winner.name), set()).add(loser.device)
    return [
        Problem(
            f"{loser} and {winner} tell the same energy of {_devices(len(devices))}: there "
            f"{winner} counts, and the samples of {loser} are kept without energy."
        )
        for (loser, winner), devices in sorted(pairs.items())
    ]


def _gaps(reduced: Reduced, telemetry: Telemetry) -> list[Problem]:
    if reduced.gaps.is_empty():
        return []
    gaps = reduced.gaps
    hours = gaps["unseen_us"].sum() / MICRO / 3600
    known = gaps.filter(pl.col("ticks").is_not_null())
    kwh = int(known["ticks"].sum()) * KWH_PER_TICK
    notes = [
        Problem(
            f"{hours:.4g} device-hours of {_devices(gaps['series'].n_unique())} were not measured. "
            f"Their energy is estimated as {kwh:.4g} kWh (component gap_estimate, T4)."
        )
    ]
    if known.height < gaps.height:
        unknown = gaps.filter(pl.col("ticks").is_null())["unseen_us"].sum() / MICRO / 3600
        notes.append(
            Problem(
                f"For {unknown:.4g} device-hours of these no reading nearby tells anything, and "
                "nothing is estimated."
            )
        )
    never = set(gaps["series"]) - set(reduced.energy["series"])
    if never:
        notes.append(
            Problem(
                f"Of {_devices(len(never))} no two samples are near enough to be taken as one "
                f"measurement (limit {telemetry.gap_limit_s:g} s, or {telemetry.gap_limit_steps:g} "
                "of their median steps): all of their energy is an estimate. Export a finer step; "
                "or, where each value is the mean over its step, raise telemetry.gap_limit_s."
            )
        )
    return notes


def _cut_spans(samples: pl.DataFrame, telemetry: Telemetry) -> list[Problem]:
    """Where the file begins or ends well inside a span."""
    if samples.is_empty():
        return []
    span, time = SPAN_US[telemetry.resolution], pl.col("time").to_physical()
    first, last = samples.select(first=time.min(), last=time.max()).row(0)
    slack = telemetry.gap_limit_s * MICRO
    begins = first % span > slack
    ends = 0 < last % span < span - slack
    if not begins and not ends:
        return []
    where = [
        f"{word} at {moment:%Y-%m-%d %H:%M} UTC"
        for word, moment, cut in (
            ("begins", samples.select(pl.col("time").min()).item(), begins),
            ("ends", samples.select(pl.col("time").max()).item(), ends),
        )
        if cut
    ]
    inside = {"hour": "an hour", "day": "a day"}[telemetry.resolution]
    return [
        Problem(
            f"The file {' and '.join(where)}, inside {inside}. The rest of it counts from another "
            "export, where one saw it; time that no export saw is in no figure."
        )
    ]
