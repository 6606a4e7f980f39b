"""EcoLogits: modelled impacts of calls to model APIs, one record per request.

How the file is got: write `response.impacts.model_dump()` of every response as a line of JSON,
beside the moment, the provider, the model and, where they are known, the tokens:
`{"timestamp": "...", "provider": "openai", "model": "gpt-4o", "impacts": {...}}`.

Energy is of use alone (`usage.energy`; embodied impacts have none), in kWh, with the PUE of
EcoLogits' data centres in it. A range is taken at its mean. It is a model's estimate per token:
tier T6. Its emissions follow from a life-cycle mix of its own, so they are not taken.

EcoLogits' OpenTelemetry gauges (`ecologits_energy` in J, `ecologits_gwp` in g) hold the *last*
request, not a sum: between two scrapes any number of requests may have come and gone. No total
follows from them, so the readers of Prometheus' exports refuse them (`metrics.PARTS_OF`) and take
the counter of requests alone.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

import polars as pl

from carbon.activity.accept import joined_key
from carbon.activity.documents import document_sheet, inner_rows
from carbon.activity.runs import country_and_zone, epochs_as_dates, run_reading
from carbon.activity.sheet import Sheet
from carbon.activity.source import Context, Head, Payload, Problem, Reading, Recognition
from carbon.activity.usage import hourly, read_tokens
from carbon.tables.payload import RefusalError
from carbon.tables.recognition import THRESHOLD, by_columns
from carbon.tables.records import Entry, flatten_keys
from carbon.units import ENERGY_KWH

NAME: Final = "ecologits"
TITLE: Final = "EcoLogits impacts (JSON)"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ("timestamp", "model", "impacts.usage.energy.value")

VARIABLE_MAP: Final = {
    "timestamp": "at",
    "provider": "provider",
    "model": "model",
    "application": "workload",
    "project": "project",
    "electricity_mix_zone": "place",
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "energy.value": "mean",
    "energy.value.min": "low",
    "energy.value.max": "high",
    "energy.unit": "unit",
}
"""The record's names, once `impacts` and `usage` around them are taken off."""

OTHER_NAMES: Final = {
    "created_at": "timestamp",
    "created": "timestamp",
    "time": "timestamp",
    "datetime": "timestamp",
    "model_name": "model",
    "workload": "application",
    "service.name": "application",
    "prompt_tokens": "input_tokens",
    "completion_tokens": "output_tokens",
    "output_token_count": "output_tokens",
}
"""What people call the fields that they write beside the impacts -> the name that is read."""

ENERGY: Final = ("energy.value", "energy.value.min")
MOST_KWH: Final = 1e6
"""More energy than any request has."""

BY: Final = ("workload", "project", "provider", "model", "country", "zone")


def sniff(head: Head) -> Recognition:
    """Energy and gwp of impacts."""
    around = {name.split(".impacts.")[0] + "." for name in head.columns if ".impacts." in name}
    prefix = around.pop() if len(around) == 1 else ""
    columns = tuple(dict.fromkeys(_bare(name.removeprefix(prefix)) for name in head.columns))
    found = by_columns(
        Head(head.kind, columns, head.rows),
        (),
        one_of=(ENERGY, ("gwp.value", "gwp.value.min"), ("timestamp", "model")),
        optional=(*VARIABLE_MAP, *columns),
        kinds=("json", "jsonl"),
    )
    fits = found.confidence >= THRESHOLD
    return replace(found, reason="has impacts with energy and gwp") if fits else found


def read(payload: Payload, context: Context) -> Reading:
    """Read records of impacts.

    Args:
        payload: JSON lines or an array, a record per request.
        context: zone of local times; countries and zones that are known.

    Returns:
        Activity of tier T6: `energy_facility_kwh` (mean of a range), requests and tokens, summed by
        application, provider, model, place and hour (UTC).

    Raises:
        RefusalError: no record states energy, or none a time.
    """
    if payload.kind not in ("json", "jsonl"):
        raise RefusalError(
            f"{payload.name} is no JSON. Write response.impacts of every request as a line of JSON."
        )
    sheet = _open(payload)
    sheet.require(["at", "model"])
    # Some vendors write seconds since 1970 into `created`.
    epochs_as_dates(sheet, "at")
    sheet.instants(["at"], context.timezone)
    read_tokens(sheet, ("input_tokens", "output_tokens"))
    _energy(sheet)
    places = country_and_zone(sheet.frame["place"], context)
    sheet.frame = sheet.frame.with_columns(
        places["country"],
        places["zone"],
        pl.col("provider").str.to_lowercase(),
        pl.lit(1.0).alias("requests"),
        pl.col("at").dt.strftime("%M:%S%.6f").alias("call"),
    )
    kinds = ("energy_facility_kwh", "requests", "input_tokens", "output_tokens")
    sums = hourly(sheet.rejections.keep(sheet.frame), BY, kinds, "call")
    energy = pl.col("quantity_kind") == "energy_facility_kwh"
    return run_reading(
        sheet,
        sums.with_columns(
            pl.lit("inference_realtime").alias("lifecycle"),
            pl.when(energy).then(pl.lit("it")).alias("component"),
            pl.when(energy).then(pl.lit("T6")).alias("tier"),
            joined_key(NAME, *BY, "period_start", "first_call"),
        ).drop("first_call"),
        NAME,
        context,
    )


def _open(payload: Payload) -> Sheet:
    found = inner_rows(payload, _records)
    rows = [
        item if item.value is None else Entry(item.row, _flat(item.value), item.fault, item.text)
        for item in found
    ]
    sheet = document_sheet(payload, rows, VARIABLE_MAP)
    if not any(sheet.has(house) for house in ("mean", "low")):
        raise RefusalError(
            f"{payload.name} has no impacts.usage.energy.value. Write response.impacts as it is."
        )
    if not sheet.has("at"):
        raise RefusalError(
            f"{payload.name} says nowhere when a request was made. Write its time beside its "
            "impacts, as timestamp."
        )
    return sheet


def _records(document: dict[str, Any]) -> Iterable[Any] | None:
    """The records of a wrapper such as {"requests": [...]}."""
    lists = [value for value in document.values() if isinstance(value, list)]
    holds = [items for items in lists if items and all(_has_impacts(item) for item in items)]
    return holds[0] if holds else None


def _has_impacts(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("impacts"), dict)


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    """A record under the names of VARIABLE_MAP; energy of use before the total."""
    flat: dict[str, Any] = {}
    for path, value in flatten_keys(record).items():
        name = _bare(path)
        of_use = path.removeprefix("impacts.").startswith("usage.energy")
        if name in VARIABLE_MAP and (of_use or flat.get(name) is None):
            flat[name] = value
    return flat


def _bare(path: str) -> str:
    name = path.removeprefix("impacts.").removeprefix("usage.")
    return OTHER_NAMES.get(name, name)


def _energy(sheet: Sheet) -> None:
    """Energy of use [kWh], of a range its mean."""
    sheet.numbers({"mean": None, "low": None, "high": None})
    factor = pl.col("unit").fill_null("kWh").replace_strict(ENERGY_KWH, default=None)
    sheet.reject(factor.is_null(), "this unit of energy is not known; EcoLogits writes kWh", "unit")
    middle = (pl.col("low") + pl.col("high")) / 2
    sheet.reject(pl.col("low") > pl.col("high"), "the range ends below its start", "low")
    kwh = pl.coalesce("mean", middle) * factor
    sheet.frame = sheet.frame.with_columns(kwh.alias("energy_facility_kwh"))
    sheet.reject(
        pl.col("energy_facility_kwh").is_null()
        & pl.all_horizontal(pl.col(f"{name} (raw)").is_null() for name in ("mean", "low", "high")),
        "the record states no energy; EcoLogits did not know the model",
    )
    sheet.reject(pl.col("energy_facility_kwh") > MOST_KWH, "no request uses as much energy", "mean")
    ranges = sheet.rejections.keep(sheet.frame).filter(pl.col("mean").is_null()).height
    if ranges:
        sheet.notes.append(
            Problem(f"Records whose energy is a range, taken at its mean: {ranges}.")
        )
