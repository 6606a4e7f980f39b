"""Samples of any Prometheus-shaped export -> a Reading: what every such reader ends with.

A row of the file is a sample; in a table with a column per series it is a row of the table. Every
sample of a metric that is known belongs to a sum, which says in `source_rows` how many it stands
for: those of one device (or of the whole table) in one span. That holds for samples that give no
energy of their own too: repeats of a GPU per pod or MIG instance, a power gauge beside an energy
counter, values that mean *not measured*. Samples of other metrics are no rows; a note names them.
"""

from collections import Counter as Tallied
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

import polars as pl

from carbon.activity.accept import activity_reading
from carbon.activity.source import Context, Problem, Reading, RefusalError
from carbon.activity.telemetry import spans
from carbon.activity.telemetry.inference import NAMES, Tally, tally_of
from carbon.activity.telemetry.meters import NAME_LABEL, Meter, meter_of
from carbon.activity.telemetry.metrics import METRICS, PARTS_OF
from carbon.tables import Rejections

MOST_W: Final = 1e7
"""No single device draws more [W]: a larger figure is in another unit."""

BLANK_64: Final = 9.2e18
"""Values from here on are DCGM's blanks of 64 bits: not measured."""

BLANK_32: Final = 2_147_483_632.0
"""Power from here on is a blank of 32 bits: not measured."""

NAMED: Final = 8
"""A note names at most so many metrics."""


@dataclass
class Samples:
    """What a reader found in a file.

    Attributes:
        name: file name.
        labels: of each series; the metric's name stands under `__name__`.
        frame: row_number, series (number of its labels), time (UTC), value (as the file has it,
            null where it says that nothing was measured).
        moments: row_number and time of every row, where a row holds several series; else None.
        rejections: rows set aside.
        notes: remarks that lose no row.
        local_times: whether times without a zone were met.
    """

    name: str
    labels: Sequence[Mapping[str, str]]
    frame: pl.DataFrame
    moments: pl.DataFrame | None = None
    rejections: Rejections = field(default_factory=Rejections)
    notes: list[Problem] = field(default_factory=list)
    local_times: bool = False


COLUMNS: Final = (
    pl.col("row_number").cast(pl.Int64),
    pl.col("series").cast(pl.UInt32),
    pl.col("time").cast(pl.Datetime("us", "UTC")),
    pl.col("value").cast(pl.Float64),
)
"""Columns of `Samples.frame`."""


def samples_reading(samples: Samples, format: str, context: Context) -> Reading:
    """The energy, requests and tokens that samples tell, by device or model and span.

    Args:
        samples: what the reader found.
        format: its name.
        context: policy (`telemetry`) and evidence id.

    Raises:
        RefusalError: no series is of a metric that is known.
    """
    known = _identify(samples)
    frame = samples.frame
    if samples.moments is None:
        taken = pl.Series([k is not None for k in known], dtype=pl.Boolean)
        frame = frame.filter(pl.lit(taken).gather(pl.col("series")))
    rows = frame.select("row_number") if samples.moments is None else samples.moments
    count = rows["row_number"].n_unique()
    aside = samples.rejections.rows
    count += len(aside.filter(~aside.is_in(rows["row_number"].implode())))
    frame = _in_units(frame, known, samples)
    frame = samples.rejections.keep(frame)
    moments = None if samples.moments is None else samples.rejections.keep(samples.moments)
    activity, notes = spans.activity_of(frame, moments, known, format, context)
    return activity_reading(
        activity,
        count,
        samples.rejections,
        context,
        [*samples.notes, *notes],
        local_times=samples.local_times,
    )


def _identify(samples: Samples) -> list[Meter | Tally | None]:
    """What each series is; notes what is left alone.

    Raises:
        RefusalError: nothing is known.
    """
    scraped = any(label.startswith("exported_") for labels in samples.labels for label in labels)
    known: list[Meter | Tally | None] = []
    reasons: dict[int, tuple[str, str]] = {}
    for index, labels in enumerate(samples.labels):
        tally = tally_of(labels, scraped=scraped)
        meter = meter_of(labels, scraped=scraped) if tally is None else None
        known.append(tally or (meter if isinstance(meter, Meter) else None))
        if isinstance(meter, str):
            reasons[index] = (labels.get(NAME_LABEL, "") or "a series without a name", meter)
    if not any(known):
        raise RefusalError(_nothing_known(samples))
    samples.notes.extend(_left_alone(samples, reasons))
    return known


def _nothing_known(samples: Samples) -> str:
    names = list(dict.fromkeys(labels.get(NAME_LABEL, "") for labels in samples.labels))
    if not any(names):
        return (
            f"{samples.name}: its series have no metric name, as results of sum(), rate() or "
            "increase() have none. Export the metric itself, such as DCGM_FI_DEV_POWER_USAGE or "
            "node_rapl_package_joules_total."
        )
    why = {PARTS_OF[name]: name for name in names if name in PARTS_OF}
    if why and all(name in PARTS_OF for name in names if name):
        reasons = "; ".join(f"{name}: {reason}" for reason, name in sorted(why.items()))
        return f"{samples.name} holds no metric from which energy follows. {reasons}."
    every = [*METRICS, *NAMES]
    near = [m for n in names[:50] for m in get_close_matches(n, every, n=2, cutoff=0.5)]
    offered = list(dict.fromkeys(near))[:NAMED] or every[:NAMED]
    return (
        f"{samples.name} holds {', '.join(filter(None, names[:NAMED]))}: none of these is known as "
        "a metric of power, energy, requests or tokens. Near to them are "
        f"{', '.join(offered)}. If it is one by another name, say so on the Mapping screen."
    )


def _left_alone(samples: Samples, reasons: Mapping[int, tuple[str, str]]) -> list[Problem]:
    """A note for each reason, with the metrics and how many samples."""
    if not reasons:
        return []
    per_series = dict(samples.frame.group_by("series").len().iter_rows())
    totals: dict[str, Tallied[str]] = {}
    for index, (name, reason) in reasons.items():
        totals.setdefault(reason, Tallied())[name] += per_series.get(index, 0)
    notes = []
    for reason, names in sorted(totals.items()):
        shown = ", ".join(f"{n} ({c})" for n, c in sorted(names.items())[:NAMED])
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        notes.append(Problem(f"Samples not looked at: {shown}{more}: {reason}."))
    return notes


def _in_units(
    frame: pl.DataFrame, known: Sequence[Meter | Tally | None], samples: Samples
) -> pl.DataFrame:
    """Values in W, J or ones; what means *not measured* null; what cannot be set aside."""
    scale = pl.Series(
        [k.metric.scale if isinstance(k, Meter) else 1.0 for k in known], dtype=pl.Float64
    )
    gauge = pl.Series(
        [isinstance(k, Meter) and k.metric.measures == "power" for k in known], dtype=pl.Boolean
    )
    ours = pl.Series([k is not None for k in known], dtype=pl.Boolean)
    names = pl.Series([labels.get(NAME_LABEL) for labels in samples.labels], dtype=pl.String)
    series, value = pl.col("series"), pl.col("value")
    frame = frame.filter(pl.lit(ours).gather(series))
    blank = ~value.is_finite() | (value >= BLANK_64)
    blank |= (
        pl.lit(gauge).gather(series) & (value >= BLANK_32) & (pl.lit(scale).gather(series) == 1)
    )
    scaled = frame.with_columns(
        value=pl.when(~blank).then(value * pl.lit(scale).gather(series)), raw="value"
    )
    watts = pl.lit(gauge).gather(series) & (value > MOST_W)
    wrong = scaled.filter(((value < 0) | watts).fill_null(False)).with_columns(
        column=pl.lit(names).gather(series), raw=pl.col("raw").cast(pl.String)
    )
    reason = (
        pl.when(value < 0)
        .then(pl.lit("the value is negative, which cannot be"))
        .otherwise(
            pl.lit(
                "no device draws more than 10 MW; the values are in another unit than this metric's"
            )
        )
    )
    samples.rejections.add(wrong.select("row_number", "column", value="raw", reason=reason))
    return scaled.drop("raw")
