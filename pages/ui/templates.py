"""The templates to fill in: empty, with two example rows, and what each column means."""

from typing import Final

import streamlit as st

from carbon.schema import (
    FACTOR_METHODS,
    FIGURE_BOUNDARIES,
    LIFECYCLES,
    Activity,
    Asset,
    Factor,
    Instrument,
    OwnReference,
    Weather,
)
from pages.ui import numbers
from pages.ui.view import View

_PERIOD: Final = {
    "period_start": "first day (2026-01-01), month (2026-01) or moment, inclusive",
    "period_end": "last day, inclusive; exclusive where it has a time or is the first of a month",
}

_ACTIVITY: Final = {
    **_PERIOD,
    "workload": "name of the workload, the same in every file",
    "zone": "grid zone (CAMX, US-CA, GB), or a zone of your own factors",
    "country": "country code (FR) or name",
    "lifecycle": "one of " + ", ".join(LIFECYCLES),
    "provider": "aws, gcp, azure, …; empty for own hardware",
    "region": "the provider's region code; needs the provider",
    "site": "your own or colocated site, for your own orientation",
    "accelerator": "name of the accelerator, such as H100 or TPU v5e",
    "accelerator_count": "accelerators in use; hours are this times the period if none are given",
    "accelerator_hours": "hours times accelerators",
    "instance_count": "instances; hours are this times the period if none are given",
    "instance_hours": "hours times instances",
    "energy_kwh": "metered energy [kWh]; a unit may stand behind the number: 1.2 MWh",
    "energy_boundary": "it (servers; multiplied by the PUE) or facility (the building's meter); "
    "empty means it",
    "pue": "facility energy divided by IT energy, 1 or more. The row's own comes first, then the "
    "region's published one, then the policy's default",
    "requests": "requests served",
    "input_tokens": "tokens read",
    "output_tokens": "tokens written",
    "note": "free text",
}

_INSTRUMENT: Final = {
    **_PERIOD,
    "kind": "eac (certificate: GO, REC, REGO, I-REC), ppa, supplier_rate or green_tariff",
}

_HARDWARE: Final = {
    "item": "accelerator (H100, TPU v5e), server, or server-8-accelerators; a name that the "
    "library does not know needs kg_co2e_each",
    "kind": "accelerator or server; empty: a server where the item is called one",
    "count": "pieces that were bought",
    "lifetime_years": "service life [y]; empty: the policy's",
    "kg_co2e_each": "cradle-to-gate carbon of one piece [kgCO₂e], as its document says; a unit may "
    "stand behind it: 1.6 t. Empty: the library's figure",
}

_REFERENCES: Final = {
    "model": "model, or the service that runs it",
    "task": "what was asked of it, such as text generation",
    "per": "query, 1k_queries, 1k_tokens, 1m_tokens, 1k_output_tokens, 1m_output_tokens, "
    "training_run or gpu_hour",
    "energy_wh": "energy [Wh]; a unit may stand behind it: 1.2 kWh",
    "location_g": "location-based emissions [gCO₂e]; a unit may stand behind it: 25 t",
    "market_g": "market-based emissions [gCO₂e]; a unit may stand behind it",
    "boundary": "what the figure sees: one of "
    + ", ".join(FIGURE_BOUNDARIES)
    + "; empty: the document does not say, and it is compared with nothing",
    "edition": "edition or release, such as December 2025",
    "reference_id": "a stable name of your own; empty: publisher, edition, model, task, unit and "
    "boundary make it",
    "licence": "licence of the document; empty where it does not say",
    "with_embodied": "true where the emissions hold the hardware's own",
}

_WEATHER: Final = {
    "site": "your own or colocated site, as your activity names it",
    "provider": "aws, gcp or azure; beside a region",
    "region": "the provider's region code; needs the provider",
    "zone": "grid zone (CAMX, US-CA, GB), where neither a site nor a region is named",
    "date": "day (2025-07-01), month (2025-07) or hour (2025-07-01T13:00) that the row is the mean "
    "of",
    "mean_temp_c": "mean temperature outdoors [°C]",
    "wet_bulb_c": "mean wet-bulb temperature [°C]; for cooling towers it says more",
    "pue": "facility energy divided by IT energy, as metered; empty where the two energies are "
    "given",
    "facility_kwh": "facility energy of the span [kWh]; a unit may stand behind it: 1.2 MWh",
    "it_kwh": "IT energy of the span [kWh]; a unit may stand behind it",
    "normal": "true for rows of a normal year: one year of long-term means, or many years, whose "
    "degree days are averaged; empty for weather that was",
}

_FACTOR: Final = {
    "valid_from": "first day, month or year it applies to",
    "valid_to": "last day, month or year, inclusive; exclusive where it has a time or is the first "
    "of a month",
    "zone": "grid zone or country; a name of your own becomes a zone that activity may state",
    "method": "one of " + ", ".join(FACTOR_METHODS),
    "gwp_set": "SAR, AR4, AR5 or AR6; empty where not stated",
    "kg_co2e_per_kwh": "the factor [kgCO₂e/kWh]; a unit may stand behind it: 195 g/kWh. Empty "
    "where the three gases are given",
}

_HOW: Final = {
    "activity-template": (
        Activity,
        _ACTIVITY,
        ("workload", "period_start", "period_end"),
        "Also required: a place (region with its provider, or zone, or country), and one quantity "
        "(energy_kwh, accelerator_hours, accelerator_count, instance_hours, instance_count, "
        "requests or tokens). Energy is computed from the best one; the others are kept. Columns "
        "that you may add: run_id, run_status (finished, failed, preempted, search, running), "
        "endpoint, batch_size; any other becomes a tag.",
    ),
    "instrument-template": (
        Instrument,
        _INSTRUMENT,
        (
            "instrument_id",
            "kind",
            "market",
            "period_start",
            "period_end",
            "kwh",
            "kg_co2e_per_kwh",
        ),
        "q1 to q8 are the Scope 2 Quality Criteria: true, false, or empty where one does not "
        "apply. An instrument with a false, or with no answer at all, covers nothing.",
    ),
    "hardware-template": (
        Asset,
        _HARDWARE,
        ("asset_id", "item", "count", "purchased_on"),
        "A later file with the same asset_id replaces the asset. What is bought is booked whole "
        "in its year (category 2) and never added to the amortised figures of models.",
    ),
    "references-template": (
        OwnReference,
        _REFERENCES,
        ("model", "per", "publisher", "document"),
        "Also required: energy_wh, location_g or market_g. What you bring stands beside your "
        "models' figures (Models) and is in no total. A CSV of the AI Energy Score leaderboard is "
        "recognised as it is.",
    ),
    "weather-template": (
        Weather,
        _WEATHER,
        ("date", "mean_temp_c"),
        "Also required: a place (site, zone, or region with its provider). Twelve months of daily "
        "means with a metered PUE, and a normal year, let Seasonality tell cooling from trend. "
        "Weather is in no figure of the footprint.",
    ),
    "factor-template": (
        Factor,
        _FACTOR,
        ("zone", "valid_from", "valid_to", "method", "basis"),
        "Also required: kg_co2e_per_kwh, or CO₂, CH₄ and N₂O together with gwp_set.",
    ),
}
"""Template -> the schema that its columns become, its own words, required columns, and the rest."""


def draw(view: View) -> None:
    """The downloads of every template, and how to fill it in."""
    files: dict[str, bytes] = view.ask("templates")
    for name in _HOW:
        with st.container(gap="xsmall", key=f"template_{name}"):
            with st.container(horizontal=True):
                _download(files, f"{name}.csv", f"{name}.csv")
                _download(files, f"{name}-example.csv", "Example rows")
            header = files[f"{name}.csv"].decode().strip().split(",")
            with st.expander("How to fill it in", icon=":material/help:"):
                st.markdown(how(name, header))


def how(name: str, header: list[str]) -> str:
    """What a template's columns mean, as Markdown; required ones first and in bold."""
    schema, own, required, rest = _HOW[name]
    known = schema.columns()
    lines = [f"Required: {', '.join(f'**{numbers.plain(column)}**' for column in required)}. "]
    lines.append(numbers.plain(rest) + "\n")
    for column in sorted(header, key=lambda column: column not in required):
        said = own.get(column) or known[column].description or ""
        shown = numbers.plain(column)
        lines.append(f"- {f'**{shown}**' if column in required else shown}: {numbers.plain(said)}")
    return "\n".join(lines)


def _download(files: dict[str, bytes], name: str, title: str) -> None:
    st.download_button(
        title,
        data=files[name],
        file_name=name,
        mime="text/csv",
        key=f"download_{name}",
        on_click="ignore",
        icon=":material/download:",
    )
