"""BoAmps reports (Boavizta): one JSON document per task, with its measures of energy.

How the file is got: the reports of https://github.com/Boavizta/BoAmps, or CodeCarbon's
`BoAmpsOutput`; several may stand in one file, one a line or as a list.

A row is a measure. `powerConsumption` is *energy*, in kWh where no unit stands beside it. Measures
of one report that overlap in time are views of the same task by different instruments: the largest
counts, since it sees most of the machine. `measurementDateTime` is where a measure starts; in
reports that CodeCarbon wrote it is where it ends. CodeCarbon's energy holds PUE since its version
2.2.3; any other is energy of the equipment. A carbon intensity that a report states is kept as a
tag and never applied.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import polars as pl

from carbon.activity.accept import joined_key
from carbon.activity.documents import document_sheet, inner_rows, pick
from carbon.activity.lifecycle import LIFECYCLE_WORDS
from carbon.activity.places import PROVIDERS
from carbon.activity.runs import country_and_zone, run_reading, span_of_duration, stamp
from carbon.activity.sheet import Sheet, tags
from carbon.activity.source import Context, Head, Payload, Problem, Reading, Recognition
from carbon.tables.numbers import parse_number
from carbon.tables.recognition import by_columns
from carbon.units import ENERGY_KWH, SECONDS_PER_HOUR

NAME: Final = "boamps"
TITLE: Final = "BoAmps report (JSON)"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ("measures.powerConsumption", "task.taskStage", "environment.country")

VARIABLE_MAP: Final = {
    "measurementMethod": "method",
    "version": "version",
    "powerConsumption": "energy_kwh",
    "unit": "unit",
    "measurementDuration": "duration_s",
    "measurementDateTime": "at",
    "header.reportId": "report",
    "header.reportDatetime": "reported_at",
    "header.publisher.projectName": "project",
    "header.publisher.division": "business_unit",
    "task.taskStage": "stage",
    "task.taskFamily": "family",
    "task.nbRequest": "requests",
    "infrastructure.cloudProvider": "provider",
    "infrastructure.cloudInstance": "instance_type",
    "environment.country": "country_name",
    "environment.location": "location",
    "environment.powerSourceCarbonIntensity": "stated_intensity",
    "(model)": "model",
    "(parameters)": "parameters",
    "(gpu)": "accelerator",
    "(gpus)": "accelerator_count",
}
"""A measure and its report; the last four are picked out of lists of the report."""

REQUIRED: Final = ("powerConsumption",)
TAGGED: Final = ("family", "method", "version", "location", "stated_intensity")


def sniff(head: Head) -> Recognition:
    """A list of measures with powerConsumption."""
    measures = tuple(
        name.removeprefix("measures.") for name in head.columns if name.startswith("measures.")
    )
    return by_columns(
        Head(head.kind, (*measures, *head.columns), head.rows),
        REQUIRED,
        one_of=(("measurementMethod", "measurementDuration", "task.taskStage"),),
        optional=(*VARIABLE_MAP, *head.columns),
        kinds=("json", "jsonl"),
    )


def read(payload: Payload, context: Context) -> Reading:
    """Read BoAmps reports.

    Args:
        payload: one report, an array or lines of them.
        context: zone of local times; countries and zones that are known.

    Returns:
        Activity of tier T3: `energy_facility_kwh` (CodeCarbon since 2.2.3) or `energy_it_kwh`,
        `accelerator_hours` where the report lists GPUs, and `requests` of inference.

    Raises:
        RefusalError: no measure states powerConsumption.
    """
    sheet = document_sheet(payload, inner_rows(payload, _measures), VARIABLE_MAP, REQUIRED)
    sheet.require(["energy_kwh", "at", "duration_s"])
    sheet.numbers(
        {
            "energy_kwh": None,
            "duration_s": None,
            "requests": None,
            "accelerator_count": None,
        }
    )
    _to_kwh(sheet)
    _own_emissions(sheet)
    _period(sheet, context.timezone)
    _describe(sheet, context)
    _mark_views(sheet)
    key = joined_key(NAME, "resource", "workload", "method", stamp("period_start"))
    frame = _components(sheet).with_columns(key).drop("method")
    return run_reading(sheet, frame, NAME, context)


def _measures(report: dict[str, Any]) -> Iterable[Any] | None:
    """The measures of a report, each with what the report says of all of them."""
    measures = report.get("measures")
    if not isinstance(measures, list):
        return None
    shared = {name: pick(report, name) for name in VARIABLE_MAP if "." in name}
    shared |= _lists(report)
    plain = {k: v for k, v in shared.items() if v is not None and not isinstance(v, dict | list)}
    return [item | plain if isinstance(item, dict) else item for item in measures]


def _lists(report: dict[str, Any]) -> dict[str, Any]:
    """What is picked out of the lists of algorithms and components."""
    algorithm: dict[str, Any] = next(_objects(pick(report, "task.algorithms")), {})
    parts = _objects(pick(report, "infrastructure.components"))
    gpus = [part for part in parts if _kind(part) == "gpu"]
    named = {_device(part) for part in gpus} - {""}
    counts = [part.get("nbComponent") for part in gpus]
    # The name may say the number as well, as CodeCarbon writes it: `2 x Tesla V100S`.
    name = named.pop().split(" x ")[-1] if len(named) == 1 else ""
    whole = [n for n in counts if isinstance(n, int | float) and 0 < n < 1e6]
    return {
        "(model)": algorithm.get("foundationModelName") or algorithm.get("algorithmName"),
        "(parameters)": algorithm.get("parametersNumber"),
        "(gpu)": name or None,
        "(gpus)": sum(whole) if whole and len(whole) == len(gpus) else None,
    }


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    return (item for item in (value if isinstance(value, list) else ()) if isinstance(item, dict))


def _device(part: dict[str, Any]) -> str:
    """The component's own name; a name that only says that it is a GPU is none."""
    name = str(part.get("componentName") or "")
    return str(part.get("series") or "") if name.casefold() in ("", "gpu") else name


def _kind(part: dict[str, Any]) -> str:
    return str(part.get("componentType") or part.get("componentName") or "").casefold()


def _to_kwh(sheet: Sheet) -> None:
    """Energy by the unit beside it; without one it is kWh."""
    unit = pl.col("unit").fill_null("kWh")
    factor = unit.replace_strict(ENERGY_KWH, default=None, return_dtype=pl.Float64)
    sheet.reject(
        factor.is_null(), f"this unit is not known; use one of {', '.join(ENERGY_KWH)}", "unit"
    )
    sheet.frame = sheet.frame.with_columns((pl.col("energy_kwh") * factor).alias("energy_kwh"))


def _own_emissions(sheet: Sheet) -> None:
    """The report's carbon intensity x its energy; the intensity is in g/kWh."""
    intensity = parse_number(sheet.frame["stated_intensity"], bare=1e-3)[0]
    kg = pl.when(intensity >= 0).then(pl.col("energy_kwh") * intensity)
    sheet.frame = sheet.frame.with_columns(kg.alias("stated_kg_co2e"))


def _period(sheet: Sheet, timezone: str) -> None:
    """From the moment and the length of a measure; CodeCarbon's moment is the end."""
    sheet.frame = sheet.frame.with_columns(pl.col("at").alias("written"))
    sheet.instants(["at"], timezone)
    at_end = (_by_codecarbon() & (pl.col("written") == pl.col("reported_at"))).fill_null(False)
    sheet.frame = sheet.frame.with_columns(pl.col("at").alias("period_start"))
    span_of_duration(sheet, "period_start")
    length = pl.col("period_end") - pl.col("period_start")
    sheet.frame = sheet.frame.with_columns(
        pl.when(at_end).then(pl.col("at") - length).otherwise("period_start").alias("period_start"),
        pl.when(at_end).then(pl.col("at")).otherwise("period_end").alias("period_end"),
    )


def _by_codecarbon() -> pl.Expr:
    return pl.col("method").str.to_lowercase().str.replace_all("[ _-]", "") == "codecarbon"


def _holds_pue() -> pl.Expr:
    """CodeCarbon from 2.2.3 on; a version that is not stated is taken as a newer one."""
    parts = pl.col("version").str.extract_groups(r"^v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?").struct
    number = sum(
        (
            parts.field(str(i)).cast(pl.Int64).fill_null(0) * weight
            for i, weight in ((1, 1_000_000), (2, 1_000), (3, 1))
        ),
        pl.lit(0),
    )
    return _by_codecarbon() & (pl.col("version").is_null() | (number >= 2_002_003))


def _describe(sheet: Sheet, context: Context) -> None:
    places = country_and_zone(sheet.frame["country_name"], context)
    stage = pl.col("stage").str.to_lowercase().str.replace_all(r"[\s\-/_]+", "_")
    provider = pl.col("provider").str.to_lowercase()
    described = sheet.frame.select(name for name in TAGGED if sheet.has(name))
    sheet.frame = sheet.frame.with_columns(
        places["country"],
        places["zone"],
        stage.replace_strict(LIFECYCLE_WORDS, default=None, return_dtype=pl.String).alias(
            "lifecycle"
        ),
        provider.replace(PROVIDERS).alias("provider"),
        pl.coalesce("project", "model", "family").alias("workload"),
        pl.col("report").alias("resource"),
        _holds_pue().fill_null(False).alias("(facility)"),
        tags(described) if described.width else pl.lit(None, pl.String).alias("tags"),
    )


def _mark_views(sheet: Sheet) -> None:
    """Of measures of one report that overlap, mark all but the largest."""
    good = sheet.rejections.keep(sheet.frame).filter(pl.col("resource").is_not_null())
    starts, until = pl.col("period_start"), pl.col("period_end").cum_max().shift().over("resource")
    ordered = good.sort("resource", "period_start", "row_number").with_columns(
        (starts >= until).fill_null(True).cum_sum().over("resource").alias("(task)")
    )
    best = (
        ordered.sort("energy_kwh", "row_number", descending=[True, False])
        .group_by("resource", "(task)", maintain_order=True)
        .agg(pl.col("row_number").first())
    )["row_number"]
    others = ordered.filter(~pl.col("row_number").is_in(best.implode()))["row_number"]
    sheet.frame = sheet.frame.with_columns(
        pl.col("row_number").is_in(others.implode()).alias("superseded_in_file")
    )
    if len(others):
        sheet.notes.append(
            Problem(
                f"Measures of a task that a larger one of the same time covers: {len(others)}; "
                "only the largest counts.",
                row=int(others[0]),
                column=sheet.column("energy_kwh"),
            )
        )


def _components(sheet: Sheet) -> pl.DataFrame:
    energy, facility = pl.col("energy_kwh"), pl.col("(facility)")
    # A report counts its requests once, however many measures it has.
    first = sheet.rejections.keep(sheet.frame).filter(~pl.col("superseded_in_file"))
    asked = first.unique("resource", keep="first", maintain_order=True)["row_number"]
    hours = pl.col("accelerator_count") * pl.col("duration_s") / SECONDS_PER_HOUR
    parts = [
        (facility & energy.is_not_null(), "energy_facility_kwh", energy, "it"),
        (~facility & energy.is_not_null(), "energy_it_kwh", energy, "it"),
        (pl.col("accelerator_count") > 0, "accelerator_hours", hours, "accelerator"),
        (
            (pl.col("requests") > 0) & pl.col("row_number").is_in(asked.implode()),
            "requests",
            pl.col("requests"),
            None,
        ),
    ]
    kept = (
        *("row_number", "superseded_in_file", "workload", "model", "parameters", "lifecycle"),
        *("project", "business_unit", "provider", "country", "zone", "instance_type", "resource"),
        *("period_start", "period_end", "tags", "method", "accelerator", "accelerator_count"),
        "stated_kg_co2e",
    )
    return pl.concat(
        sheet.frame.filter(where).select(
            *kept,
            pl.lit(kind).alias("quantity_kind"),
            quantity.alias("quantity"),
            pl.lit(component, pl.String).alias("component"),
            pl.lit("board" if component == "it" else None, pl.String).alias("boundary"),
            pl.lit("T3" if component == "it" else None, pl.String).alias("tier"),
        )
        for where, kind, quantity, component in parts
    )
