"""Carbontracker's two log files: what a training used, and how it got there epoch by epoch.

How the file is got: `CarbonTracker(epochs=..., log_dir="logs")` writes both. Of one run import one
of them; where both are there the one imported last counts, because the names of the two files tell
that they are of one run.

* `*_carbontracker_output.log`: a block "Actual consumption", in kWh, with carbontracker's own PUE
  in it: facility energy. Blocks of one run are cumulative, so the last one counts. "Predicted
  consumption" is a forecast and is never taken. The tracker's emissions, which are grams, are kept
  to be compared.
* `*_carbontracker.log`: duration and average watts of each epoch by component, without PUE:
  energy of the boards (GPU) and chips (CPU).

Times are local, whatever the `Z` in the file names says.
"""

import re
from collections.abc import Iterator
from typing import Final

import polars as pl

from carbon.activity.accept import joined_key
from carbon.activity.own_emissions import keep_emissions
from carbon.activity.runs import run_reading, span_of_duration
from carbon.activity.sheet import Sheet, sheet_of
from carbon.activity.source import Context, Head, Payload, Problem, Reading, Recognition
from carbon.tables.payload import RefusalError
from carbon.tables.table import build_table
from carbon.units import ENERGY_KWH, J_PER_KWH, SECONDS_PER_HOUR

NAME: Final = "carbontracker"
TITLE: Final = "Carbontracker logs"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ("Actual consumption for N epoch(s)", "Time", "Energy")

VARIABLE_MAP: Final = {
    "timestamp": "period_end",
    "Time": "time",
    "(seconds)": "duration_s",
    "Energy": "energy_kwh",
    "Epochs": "epochs",
    "Co2eq": "emissions",
    "Watts of GPU": "gpu_w",
    "Watts of CPU": "cpu_w",
    "GPUs": "gpus",
}
"""What is picked out of the lines of either log; the names are those of the lines."""

_STAMP: Final = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:[,.]\d+)? - (.*)$")
_BLOCK: Final = re.compile(r"(?i)(actual|predicted) consumption(?: for (\d+) epoch\(s\))?:")
_LINE: Final = re.compile(r"(?i)^\s*(time|energy|co2eq):\s*(.+?)\s*$")
_EPOCH: Final = re.compile(r"\bEpoch (\d+):\s*$")
_DURATION: Final = re.compile(r"\bDuration: (.+?)\s*$")
_POWER: Final = re.compile(r"Average power usage \(W\) for (\w+): (.*)$")
_DEVICES: Final = re.compile(r"(?i)\bgpu with device\(s\) (.*?)\.(?=\s|$)")
_LENGTH: Final = re.compile(r"^(?:(\d+) days?, )?(\d+):(\d\d):(\d\d(?:\.\d+)?)$")
_FILE: Final = re.compile(
    r"^(?:(.+?)_)?(\d{4}-\d\d-\d\dT\d\d:?\d\d(?::?\d\d)?Z?)_carbontracker(?:_output)?\.log"
)
_WATTS: Final = re.compile(r"\d+(?:\.\d*)?(?:[eE][+-]?\d+)?")


def sniff(head: Head) -> Recognition:
    """Lines of either log."""
    if head.kind != "text":
        return Recognition(0.0, f"the format does not come as {head.kind}")
    text = "\n".join(head.lines)
    if "Average power usage (W) for" in text or re.search(r"(?i)carbontracker version", text):
        return Recognition(0.97, "has lines of carbontracker's standard log")
    if _BLOCK.search(text) and re.search(r"(?im)^\s*energy:\s.*kWh", text):
        return Recognition(0.97, "has blocks of carbontracker's output log")
    return Recognition(0.0, "also needs a line such as 'Actual consumption for 3 epoch(s):'")


def read(payload: Payload, context: Context) -> Reading:
    """Read one of Carbontracker's logs.

    Args:
        payload: either file.
        context: zone of its local times.

    Returns:
        Activity of tier T3. Output log: `energy_facility_kwh` of each block of actual consumption,
        all but the last of a run marked `superseded_in_file`. Standard log, per epoch:
        `energy_it_kwh` of accelerators and processors (watts x seconds / 3.6e6), and
        `accelerator_hours`.

    Raises:
        RefusalError: neither a block of actual consumption nor an epoch is in the file.
    """
    lines = list(enumerate(payload.text.split("\n"), start=1))
    blocks, predicted = _blocks(lines)
    epochs = [] if blocks else _epochs(lines)
    if not blocks and not epochs:
        forecast = " It only holds a prediction, which is no measurement." if predicted else ""
        raise RefusalError(
            f"{payload.name} holds no actual consumption and no epoch of carbontracker.{forecast} "
            "Let a training end, and import its log."
        )
    sheet = _sheet(payload, blocks or epochs)
    sheet.require(["period_end", "time", *(["energy_kwh"] if blocks else [])])
    sheet.reject(
        pl.col("time").is_not_null() & pl.col("duration_s").is_null(),
        "this is not a duration such as 0:37:12",
        "time",
    )
    if predicted and blocks:
        sheet.notes.append(Problem(f"Blocks of predicted consumption were not taken: {predicted}."))
    sheet.numbers({"duration_s": None, "energy_kwh": ENERGY_KWH, "epochs": None, "gpus": None})
    keep_emissions(sheet, "emissions", kg=1e-3)
    sheet.instants(["period_end"], context.timezone)
    span_of_duration(sheet, "period_end")
    workload, run = _run(payload.name)
    accelerator = _accelerator(payload.text)
    frame = _actual(sheet) if blocks else _by_component(sheet, accelerator)
    last = sheet.rejections.keep(sheet.frame)["period_end"].max()
    start = run or (str(last) if last is not None else "")
    return run_reading(
        sheet,
        frame.with_columns(
            pl.lit(workload).alias("workload"),
            pl.lit("training").alias("lifecycle"),
            pl.lit(f"{workload} {start}").alias("resource"),
        ).with_columns(joined_key(NAME, "resource")),
        NAME,
        context,
    )


Row = dict[str, str | None]


def _blocks(lines: list[tuple[int, str]]) -> tuple[list[tuple[int, Row]], int]:
    """Blocks of actual consumption by the number of their heading, and how many are predicted."""
    found: list[tuple[int, Row]] = []
    predicted, at, current = 0, None, None
    for number, line in lines:
        stamped, heading = _STAMP.match(line), _BLOCK.search(line)
        if stamped:
            at, current = stamped[1], None
        if heading:
            current = {"timestamp": at, "Epochs": heading[2]}
            if heading[1].casefold() == "actual":
                found.append((number, current))
            else:
                predicted += 1
        elif current is not None and (item := _LINE.match(line)):
            current[item[1].capitalize()] = item[2]
    return found, predicted


def _epochs(lines: list[tuple[int, str]]) -> list[tuple[int, Row]]:
    """Epochs by the number of their line."""
    found: list[tuple[int, Row]] = []
    for number, line in _whole(lines):
        stamped = _STAMP.match(line)
        if stamped and (epoch := _EPOCH.search(line)):
            found.append((number, {"timestamp": stamped[1], "Epochs": epoch[1]}))
        elif found and (length := _DURATION.search(line)):
            found[-1][1].setdefault("Time", length[1])
        elif found and (power := _POWER.search(line)):
            watts = [float(word) for word in _WATTS.findall(power[2])]
            kind = power[1].upper()
            found[-1][1][f"Watts of {kind}"] = repr(sum(watts)) if watts else None
            if kind == "GPU":
                found[-1][1]["GPUs"] = str(len(watts)) if watts else None
    return found


def _whole(lines: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Lines, a list of watts that goes over several of them as one."""
    held: tuple[int, str] | None = None
    for number, line in lines:
        if held is not None and not _STAMP.match(line):
            held = (held[0], f"{held[1]} {line}")
        else:
            if held is not None:
                yield held
            held = (number, line)
        if held[1].count("[") == held[1].count("]"):
            yield held
            held = None
    if held is not None:
        yield held


def _sheet(payload: Payload, found: list[tuple[int, Row]]) -> Sheet:
    rows = [row for _, row in found]
    names = list(VARIABLE_MAP)
    cells = pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in names},
        schema=dict.fromkeys(names, pl.String),
    )
    numbers = pl.Series("row_number", [number for number, _ in found], dtype=pl.Int64)
    table = build_table(
        payload.name, cells, numbers, names, 1, decimal=".", corrections=payload.corrections
    )
    sheet = sheet_of(payload.name, table, VARIABLE_MAP, ())
    seconds = pl.Series("duration_s", [_seconds(t) for t in sheet.frame["time"]], dtype=pl.String)
    sheet.frame = sheet.frame.with_columns(seconds)
    return sheet


def _seconds(written: str | None) -> str | None:
    """`1 day, 2:03:04.5` in seconds."""
    parts = _LENGTH.match((written or "").strip())
    if parts is None:
        return None
    days, hours, minutes, seconds = (float(part or 0) for part in parts.groups())
    return repr(days * 86400 + hours * SECONDS_PER_HOUR + minutes * 60 + seconds)


def _actual(sheet: Sheet) -> pl.DataFrame:
    """Blocks as rows; a block that a longer one of the same run follows is superseded."""
    blocks = sheet.rejections.keep(sheet.frame).sort("row_number")
    later = pl.col("duration_s").shift(-1) >= pl.col("duration_s")
    sheet.notes.append(
        Problem("The energy holds carbontracker's own PUE, a constant of its version.")
    )
    return blocks.select(
        "row_number",
        *("period_start", "period_end", "stated_kg_co2e"),
        later.fill_null(False).alias("superseded_in_file"),
        pl.lit("energy_facility_kwh").alias("quantity_kind"),
        pl.col("energy_kwh").alias("quantity"),
        pl.lit("it").alias("component"),
        pl.lit("board").alias("boundary"),
        pl.lit("T3").alias("tier"),
    )


def _by_component(sheet: Sheet, accelerator: str | None) -> pl.DataFrame:
    """Epochs as rows: accelerators, processors, and hours of accelerators."""
    sheet.numbers({"gpu_w": None, "cpu_w": None})
    sheet.reject(
        pl.col("gpu_w").is_null() & pl.col("cpu_w").is_null(),
        "the epoch states no watts; carbontracker measured nothing in it",
    )
    seconds = pl.col("duration_s")
    parts = [
        ("energy_it_kwh", pl.col("gpu_w") * seconds / J_PER_KWH, "accelerator", "board"),
        ("energy_it_kwh", pl.col("cpu_w") * seconds / J_PER_KWH, "cpu", "chip"),
        ("accelerator_hours", pl.col("gpus") * seconds / SECONDS_PER_HOUR, "accelerator", None),
    ]
    good = sheet.rejections.keep(sheet.frame)
    return pl.concat(
        good.filter(quantity.is_not_null()).select(
            "row_number",
            *("period_start", "period_end"),
            pl.lit(kind).alias("quantity_kind"),
            quantity.alias("quantity"),
            pl.lit(part).alias("component"),
            pl.lit(accelerator if part == "accelerator" else None, pl.String).alias("accelerator"),
            (pl.col("gpus") if part == "accelerator" else pl.lit(None, pl.Float64)).alias(
                "accelerator_count"
            ),
            pl.lit(boundary, pl.String).alias("boundary"),
            pl.lit("T3" if boundary else None, pl.String).alias("tier"),
        )
        for kind, quantity, part, boundary in parts
    )


def _run(name: str) -> tuple[str, str | None]:
    """Name and start of a run, by the name of its file."""
    parts = _FILE.match(re.split(r"[/\\]| › ", name)[-1])
    if parts is None:
        return NAME, None
    return parts[1] or NAME, parts[2]


def _accelerator(text: str) -> str | None:
    """The devices' common name; None where they differ or are not named."""
    found = _DEVICES.search(text)
    names = {word.strip() for word in found[1].split(",")} if found else set()
    return names.pop() if len(names) == 1 else None
