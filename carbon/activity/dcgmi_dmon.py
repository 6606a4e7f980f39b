"""`dcgmi dmon -e 155,156 -d 1000`: power and energy of GPUs, without any time.

The start of the recording and its interval must be told in a first line that the user adds:

    # start=2026-11-02T18:00:00Z interval=1 host=dgx-07

A GPU's n-th line is then its sample at start + (n - 1) x interval [s]. The short names of the
fields vary by version: what begins with POW is power [W], TOTEC or ENERGY total energy [mJ]. The
header repeats; a row is a line of an entity.
"""

import re
from typing import Final

import polars as pl

from carbon.activity.source import Context, Head, Payload, Reading, Recognition, RefusalError
from carbon.activity.telemetry.cells import moments_of, values_of
from carbon.activity.telemetry.meters import NAME_LABEL
from carbon.activity.telemetry.samples import Samples, samples_reading
from carbon.tables import Rejections

NAME: Final = "dcgmi-dmon"
TITLE: Final = "dcgmi dmon (with a first line that tells start and interval)"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ("#Entity", "POWER", "TOTEC")

VARIABLE_MAP: Final = {
    "POW": "DCGM_FI_DEV_POWER_USAGE",
    "TOTEC": "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION",
    "ENERGY": "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION",
}
"""How a short name begins -> the field of DCGM."""

_HEADER: Final = re.compile(r"^#\s*Entity\b", re.IGNORECASE)
_UNITS: Final = re.compile(r"^\s*I[Dd]\b")
_ROW: Final = re.compile(r"^\s*(GPU(?:-[A-Z]+)?)\s+(\d+)\b")
_START: Final = re.compile(r"\bstart\s*=\s*(\S+)")
_INTERVAL: Final = re.compile(r"\binterval\s*=\s*(\d+(?:\.\d+)?)\s*(ms|s)?\b")
_HOST: Final = re.compile(r"\bhost\s*=\s*(\S+)")
_REMEDY: Final = (
    "Add a first line such as '# start=2026-11-02T18:00:00Z interval=1 host=dgx-07': when the "
    "recording began, and how many seconds lie between two samples (the -d of the command)."
)


def sniff(head: Head) -> Recognition:
    """A line `#Entity …` and lines `GPU 0 …`."""
    if head.kind != "text":
        return Recognition(0.0, f"the format does not come as {head.kind}")
    headed = any(_HEADER.match(line) for line in head.lines)
    rows = any(_ROW.match(line) for line in head.lines)
    if headed and rows:
        return Recognition(0.97, "has #Entity and lines of GPUs")
    return Recognition(0.0, "needs a line '#Entity POWER …' and lines 'GPU 0 …'")


def read(payload: Payload, context: Context) -> Reading:
    """Read a recording of dcgmi dmon.

    Args:
        payload: the text.
        context: zone of its start, where that names none; policy (`telemetry`).

    Returns:
        Energy of each GPU and span at tier T3, as `samples.samples_reading` gives it.

    Raises:
        RefusalError: start or interval are not told, or power and energy were not recorded.
    """
    lines = payload.text.split("\n")
    said = " ".join(line for line in lines[:10] if line.lstrip().startswith("#"))
    start, interval = _START.search(said), _INTERVAL.search(said)
    if start is None or interval is None:
        raise RefusalError(f"{payload.name} tells no times. {_REMEDY}")
    first = moments_of(pl.Series([start[1].replace("T", " ")]), context.timezone)
    if first["time"][0] is None:
        raise RefusalError(f"{payload.name}: '{start[1]}' is no moment. {_REMEDY}")
    step_us = round(float(interval[1]) * (1e3 if interval[2] == "ms" else 1e6))
    if not 0 < step_us <= 86_400_000_000:
        raise RefusalError(f"{payload.name}: the interval '{interval[1]}' cannot be. {_REMEDY}")
    fields = _fields(payload.name, lines)
    cells = _cells(lines, len(fields))
    ordinal = pl.int_range(pl.len()).over("entity")
    timed = cells.with_columns(
        time=pl.lit(first["time"]).first() + pl.duration(microseconds=ordinal * step_us)
    )
    host = _HOST.search(said)
    samples = _samples(payload.name, timed, fields, host[1] if host else None)
    samples.local_times = bool(first["local"][0])
    return samples_reading(samples, NAME, context)


def _fields(name: str, lines: list[str]) -> list[str | None]:
    """The field of DCGM in each column behind the entity; None where it is of no use here.

    Raises:
        RefusalError: there is neither power nor energy.
    """
    header = next((line for line in lines if _HEADER.match(line)), "")
    words = _HEADER.sub("", header).split()
    fields = [
        next((f for start, f in VARIABLE_MAP.items() if word.upper().startswith(start)), None)
        for word in words
    ]
    if not any(fields):
        raise RefusalError(
            f"{name} holds neither power nor energy: its columns are {', '.join(words) or 'none'}. "
            "Record them with dcgmi dmon -e 155,156."
        )
    return fields


def _cells(lines: list[str], width: int) -> pl.DataFrame:
    """row_number, line, entity and the cells of each row; too few cells leave them all null."""
    text = pl.col("line").str.strip_chars()
    rows = (
        pl.DataFrame({"line": pl.Series(lines, dtype=pl.String)})
        .with_row_index("row_number", offset=1)
        .with_columns(pl.col("row_number").cast(pl.Int64), line=text)
        .filter(
            (pl.col("line") != "")
            & ~pl.col("line").str.starts_with("#")
            & ~pl.col("line").str.contains(_UNITS.pattern)
        )
    )
    words = pl.col("line").str.extract_all(r"\S+")
    fits = pl.col("line").str.contains(_ROW.pattern) & (words.list.len() == width + 2)
    return rows.with_columns(
        fits=fits,
        entity=pl.when(fits).then(words.list.head(2).list.join(" ")),
        words=pl.when(fits).then(words.list.slice(2)),
    )


def _samples(name: str, cells: pl.DataFrame, fields: list[str | None], host: str | None) -> Samples:
    rejections = Rejections()
    reason = f"the line should be 'GPU 0' and {len(fields)} values"
    rejections.add_where(cells, ~pl.col("fits"), reason, value=pl.col("line").str.head(200))
    good = cells.filter("fits")
    # An instance (GPU-I) shows a part of its GPU.
    gpus = [e for e in good["entity"].unique(maintain_order=True) if e.startswith("GPU ")]
    if not gpus:
        raise RefusalError(
            f"{name} has no line of a GPU, such as 'GPU 0 612.340'. Record it again."
        )
    labels: list[dict[str, str]] = []
    parts = [pl.DataFrame(schema={"row_number": pl.Int64, "series": pl.UInt32})]
    for index, metric in enumerate(fields):
        if metric is None:
            continue
        numbers = {gpu: len(labels) + n for n, gpu in enumerate(gpus)}
        for entity in numbers:
            named = {NAME_LABEL: metric, "gpu": entity.split()[1]}
            labels.append(named | ({"Hostname": host} if host else {}))
        part = good.filter(pl.col("entity").is_in(gpus))
        text = part.select(pl.col("words").list.get(index)).to_series()
        value = values_of(text, None)
        part = part.with_columns(
            value["value"],
            value["reason"],
            cell=text,
            series=pl.col("entity").replace_strict(numbers, return_dtype=pl.UInt32),
        )
        wrong = pl.col("reason").is_not_null()
        rejections.add_where(part, wrong, pl.col("reason"), column=metric, value="cell")
        parts.append(part.select("row_number", "series", "time", "value"))
    frame = rejections.keep(pl.concat(parts, how="diagonal"))
    moments = rejections.keep(good.select("row_number", "time"))
    return Samples(name, labels, frame, moments=moments, rejections=rejections)
