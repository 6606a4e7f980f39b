"""The report's charts as numbers: the template draws them, without a browser.

Each carries the sentence that says what is seen, for those who cannot see it, and stands beside
a table of the same figures.
"""

import math
from typing import Any, Final

from carbon.disclosure.blocks import CATEGORY_SHORT, LIFECYCLE_WORDS, Block, Units, is_estimated
from carbon.disclosure.calendar import MONTHS
from carbon.disclosure.numbers import plain, significant
from carbon.schema import LIFECYCLES

LOCATION: Final = "#0F766E"
MARKET: Final = "#2563EB"
LIFECYCLE_COLOURS: Final = {
    "training": "#7C3AED",
    "fine_tuning": "#BE185D",
    "inference_batch": "#65A30D",
    "inference_realtime": "#0891B2",
    "development": "#92400E",
    "shared": "#DC2626",
    None: "#64748B",
}
"""The same as on screen, and none of them a method's."""
LARGEST: Final = 12
"""Workloads that the bar chart shows; the table beside it has them all."""


def methods(content: dict[str, Any], units: Units) -> Block | None:
    """Scope 2 and category 1, each by both methods, with the 95 % interval as a thin range."""
    bars = []
    for category in content["results"]["categories"]:
        for method, words, colour in (
            ("location", "location-based", LOCATION),
            ("market", "market-based", MARKET),
        ):
            kg = category[f"{method}_kg_co2e"]
            if kg is None:
                continue
            bars.append(
                {
                    "label": f"{CATEGORY_SHORT[category['scope_category']]}, {words}",
                    "value": units.in_mass(kg),
                    "low": units.in_mass(category[f"{method}_low_kg"]),
                    "high": units.in_mass(category[f"{method}_high_kg"]),
                    "shown": units.headline(kg),
                    "colour": colour,
                    "hatched": False,
                }
            )
    said = "; ".join(f"{b['label']} {b['shown']}" for b in bars)
    return _bars(
        f"Emissions by scope category and method, {units.mass}CO₂e, with 95 % intervals",
        f"Bar chart. {said}.",
        bars,
    )


def workloads(content: dict[str, Any], units: Units) -> Block | None:
    """The largest workloads, location-based; hatched where the energy is estimated."""
    rows = [r for r in content["results"]["by_workload"] if r["location_kg_co2e"] is not None]
    bars = [
        {
            "label": row["workload"],
            "value": units.in_mass(row["location_kg_co2e"]),
            "low": units.in_mass(row["location_low_kg"]),
            "high": units.in_mass(row["location_high_kg"]),
            "shown": units.headline(row["location_kg_co2e"]),
            "colour": LOCATION,
            "hatched": is_estimated(row),
        }
        for row in rows[:LARGEST]
    ]
    said = "; ".join(f"{b['label']} {b['shown']}" for b in bars[:3])
    return _bars(
        f"Largest workloads, location-based, {units.mass}CO₂e, with 95 % intervals; hatched where "
        "most of the energy is estimated",
        f"Bar chart of the {len(bars)} largest workloads. The largest: {said}.",
        bars,
    )


def months(content: dict[str, Any], units: Units) -> Block | None:
    """Location-based emissions by month, stacked by lifecycle."""
    of_month = [r["month"] for r in content["results"]["by_month"]]
    cells = {
        (r["month"], r["lifecycle"]): units.in_mass(r["location_kg_co2e"])
        for r in content["results"]["by_month_lifecycle"]
    }
    present = {lifecycle for (_, lifecycle), value in cells.items() if value}
    totals = [sum(cells.get((m, p)) or 0.0 for p in present) for m in of_month]
    series = [
        {
            "name": LIFECYCLE_WORDS[lifecycle],
            "colour": LIFECYCLE_COLOURS[lifecycle],
            "values": [cells.get((m, lifecycle)) or 0.0 for m in of_month],
        }
        for lifecycle in (*LIFECYCLES, None)
        if lifecycle in present
    ]
    if not series:
        return None
    top = max(range(len(totals)), key=lambda i: totals[i])
    low = min(range(len(totals)), key=lambda i: totals[i])
    return {
        "kind": "stack",
        "caption": f"Emissions by month and lifecycle, location-based, {units.mass}CO₂e",
        "alt": f"Stacked bar chart of {len(of_month)} months. The highest is {of_month[top]} with "
        f"{significant(totals[top])} {units.mass}, the lowest {of_month[low]} with "
        f"{significant(totals[low])} {units.mass}.",
        "months": [_month_label(m, first=i == 0) for i, m in enumerate(of_month)],
        "series": series,
        "ticks": ticks(max(totals)),
    }


def _month_label(month: str, *, first: bool) -> dict[str, str]:
    """The month's short name, and the year under the first month and each January."""
    year, number = month.split("-")
    name = MONTHS[int(number) - 1][:3]
    return {"name": name, "year": year if first or number == "01" else ""}


def ticks(largest: float) -> list[dict[str, Any]]:
    """Round values of an axis from 0 to at least the largest: steps of 1, 2, 2.5 or 5 x 10^n."""
    if largest <= 0:
        return [{"value": 0.0, "label": "0"}, {"value": 1.0, "label": "1"}]
    rough = largest / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * (1 - 1e-9))
    count = math.ceil(largest / step * (1 - 1e-9))
    return [{"value": i * step, "label": plain(i * step)} for i in range(count + 1)]


def _bars(caption: str, alt: str, bars: list[dict[str, Any]]) -> Block | None:
    """Horizontal bars on one scale; nothing where there is nothing to show."""
    if not bars:
        return None
    ends = [b["high"] if b["high"] is not None else b["value"] for b in bars]
    return {
        "kind": "bars",
        "caption": caption,
        "alt": alt,
        "bars": bars,
        "ticks": ticks(max(ends)),
    }
