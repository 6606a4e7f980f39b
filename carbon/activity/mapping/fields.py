"""What a mapping may fill: the house's fields, what they are, and the units they may come in."""

from dataclasses import dataclass
from typing import Final, Literal

from carbon.schema import LIFECYCLES, RUN_STATUSES
from carbon.units import COUNT, ENERGY_KWH, HOURS, INTENSITY_KG_PER_KWH, MASS_KG, POWER_W

Kind = Literal["text", "number", "date"]
Target = Literal["activity", "reported"]

CLOCK: Final = "h:m:s"
"""Unit of durations as a clock shows them: `1:30:00`, or with days `2-01:30:00`."""

ONE: Final = "1"
"""The unit of what has none."""

_ENERGY: Final = ("kWh", "MWh", "Wh", "GWh", "J", "kJ", "MJ", "GJ", "mJ", "µJ")
_POWER: Final = ("W", "kW", "MW", "mW")
_MASS: Final = ("kg", "t", "g", "lb", "short ton", "kgCO2e", "tCO2e", "gCO2e", "MTCO2e", "mtCO2e")
_HOURS: Final = ("h", "min", "s", "d", CLOCK)
_COUNT: Final = (ONE, "k", "M", "B")
_SHARE: Final = (ONE, "%")
_INTENSITY: Final = ("kgCO2e/kWh", "gCO2e/kWh", "kgCO2e/MWh", "tCO2e/MWh", "lb/MWh")

FACTORS: Final[dict[str, float]] = {
    **{unit: ENERGY_KWH[unit] for unit in _ENERGY},
    **{unit: POWER_W[unit] for unit in _POWER},
    **{unit: MASS_KG[unit] for unit in _MASS},
    **{unit: INTENSITY_KG_PER_KWH[unit] for unit in _INTENSITY},
    **{unit: COUNT[unit] for unit in _COUNT if unit != ONE},
    "h": HOURS["h"],
    "min": HOURS["min"],
    "s": HOURS["s"],
    "d": HOURS["d"],
    CLOCK: 1.0,
    ONE: 1.0,
    "%": 0.01,
}
"""Unit of a bare number -> factor to the house's unit; no name stands for two units."""


@dataclass(frozen=True)
class FieldSpec:
    """A house field.

    Attributes:
        house: the column that it fills.
        title: its name in words.
        kind: text, number or date.
        units: units that a bare number of it may be in, the house's own first.
        in_cells: units that may stand in the cell itself, behind the number.
        values: the words that it may take, where they are few.
        negative: whether a number below zero can be.
    """

    house: str
    title: str
    kind: Kind = "text"
    units: tuple[str, ...] = ()
    in_cells: tuple[tuple[str, float], ...] = ()
    values: tuple[str, ...] = ()
    negative: bool = False


def _number(
    house: str,
    title: str,
    units: tuple[str, ...] = (ONE,),
    in_cells: dict[str, float] | None = None,
    *,
    negative: bool = False,
) -> FieldSpec:
    cells = tuple((in_cells or {}).items())
    return FieldSpec(house, title, "number", units, cells, negative=negative)


PERIOD: Final[dict[str, FieldSpec]] = {
    "start": FieldSpec("period_start", "Date, or start of the period", "date"),
    "end": FieldSpec("period_end", "End of the period", "date"),
    "duration": _number("duration", "Length of the period", _HOURS, HOURS),
}

QUANTITIES: Final[dict[str, FieldSpec]] = {
    "energy": _number("energy_kwh", "Energy", _ENERGY, ENERGY_KWH),
    "power": _number("power_w", "Mean power", _POWER, POWER_W),
    "accelerator_hours": _number("accelerator_hours", "Accelerator-hours", _HOURS, HOURS),
    "accelerator_count": _number("accelerator_count", "Number of accelerators"),
    "instance_hours": _number("instance_hours", "Instance-hours", _HOURS, HOURS),
    "instance_count": _number("instance_count", "Number of instances"),
    "vcpu_hours": _number("vcpu_hours", "vCPU-hours", _HOURS, HOURS),
    "gb_hours": _number("gb_hours", "Gigabyte-hours stored"),
    "gb_transferred": _number("gb_transferred", "Gigabytes transferred"),
    "requests": _number("requests", "Requests", _COUNT, COUNT),
    "input_tokens": _number("input_tokens", "Input tokens", _COUNT, COUNT),
    "output_tokens": _number("output_tokens", "Output tokens", _COUNT, COUNT),
    "cached_tokens": _number("cached_tokens", "Cached input tokens", _COUNT, COUNT),
    "reasoning_tokens": _number("reasoning_tokens", "Reasoning tokens", _COUNT, COUNT),
    "cost": _number("cost", "Cost", negative=True),
}
"""Fields that state how much; any one of them makes a row of activity count."""

ACTIVITY: Final[dict[str, FieldSpec]] = {
    "workload": FieldSpec("workload", "Workload"),
    **PERIOD,
    **QUANTITIES,
    "boundary": FieldSpec(
        "boundary",
        "What the meter sees",
        values=("it", "chip", "board", "node", "rack", "facility"),
    ),
    "average_power": _number("average_power_w", "Mean power per accelerator", _POWER, POWER_W),
    "pue": _number("pue", "PUE", _SHARE, {"%": 0.01}),
    "coverage": _number("coverage", "Share of the period measured", _SHARE, {"%": 0.01}),
    "location_factor": _number(
        "location_factor_kg_per_kwh",
        "Location-based factor",
        _INTENSITY,
        INTENSITY_KG_PER_KWH,
    ),
    "market_factor": _number(
        "market_factor_kg_per_kwh", "Market-based factor", _INTENSITY, INTENSITY_KG_PER_KWH
    ),
    "factor_source": FieldSpec("factor_source", "Document of the factors"),
    "zone": FieldSpec("zone", "Grid zone"),
    "country": FieldSpec("country", "Country"),
    "provider": FieldSpec("provider", "Cloud provider or vendor"),
    "region": FieldSpec("region", "Cloud region"),
    "site": FieldSpec("site", "Own or colocated site"),
    "account": FieldSpec("account", "Account, subscription or project id"),
    "model": FieldSpec("model", "Model"),
    "lifecycle": FieldSpec("lifecycle", "Lifecycle", values=LIFECYCLES),
    "project": FieldSpec("project", "Project"),
    "business_unit": FieldSpec("business_unit", "Business unit"),
    "owner": FieldSpec("owner", "Owner"),
    "accelerator": FieldSpec("accelerator", "Accelerator"),
    "instance_type": FieldSpec("instance_type", "Instance type"),
    "architecture": FieldSpec("architecture", "Architecture"),
    "parameters": FieldSpec("parameters", "Number of parameters"),
    "dataset_size": FieldSpec("dataset_size", "Size of the data set"),
    "service": FieldSpec("service", "Service"),
    "sku": FieldSpec("sku", "SKU or meter"),
    "resource": FieldSpec("resource", "Device, run or resource"),
    "host": FieldSpec("host", "Host"),
    "endpoint": FieldSpec("endpoint", "Endpoint or route"),
    "run_status": FieldSpec("run_status", "How a run ended", values=RUN_STATUSES),
    "batch_size": _number("batch_size", "Batch size"),
    "currency": FieldSpec("currency", "Currency"),
    "note": FieldSpec("note", "Note"),
}
"""Fields of activity: what was used, where, when and by what."""

FIGURES: Final[dict[str, tuple[str, str]]] = {
    "total": ("total", "unspecified"),
    "total_location": ("total", "location"),
    "total_market": ("total", "market"),
    "scope_1": ("scope_1", "unspecified"),
    "scope_2": ("scope_2", "unspecified"),
    "scope_2_location": ("scope_2", "location"),
    "scope_2_market": ("scope_2", "market"),
    "scope_3": ("scope_3", "unspecified"),
    "scope_3_location": ("scope_3", "location"),
    "scope_3_market": ("scope_3", "market"),
}
"""Field of a figure whose scope and method its column names -> scope, method."""

REPORTED: Final[dict[str, FieldSpec]] = {
    "start": FieldSpec("period_start", "Month", "date"),
    "provider": FieldSpec("provider", "Provider"),
    "carbon": _number("carbon", "Emissions", _MASS, MASS_KG, negative=True),
    "scope": FieldSpec("scope", "Scope", values=("total", "scope_1", "scope_2", "scope_3")),
    "method": FieldSpec("method", "Method", values=("location", "market", "unspecified")),
    **{
        name: _number(
            name,
            f"Emissions, {scope.replace('_', ' ')}"
            + ("" if method == "unspecified" else f", {method}-based"),
            _MASS,
            MASS_KG,
            negative=True,
        )
        for name, (scope, method) in FIGURES.items()
    },
    "payer_account": FieldSpec("payer_account", "Billing account"),
    "account": FieldSpec("account", "Account, project or subscription"),
    "service": FieldSpec("service", "Service"),
    "region": FieldSpec("region", "Region"),
    "resource": FieldSpec("resource", "Resource"),
    "model_version": FieldSpec("model_version", "Version of the provider's model"),
}
"""Fields of a provider's own figures."""

FIELDS: Final[dict[Target, dict[str, FieldSpec]]] = {"activity": ACTIVITY, "reported": REPORTED}
