"""Today beside the scenario: both methods with their intervals, and what moves along with them.

All of it is one piece of HTML: it is drawn again at every move of a slider, and each element that
Streamlit draws costs time.
"""

import html
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pages.ui import numbers, words

Figures = Mapping[str, Any]
"""The measures R of a footprint row, and cost where prices are known."""

ALL_BUT_DUST: Final = 0.999
"""Share of the energy whose price must be known before two costs are compared."""

ARROW: Final = '<span class="wi-arrow">\u2192</span>'


def cards(today: Figures, scenario: Figures, methods: Sequence[str]) -> str:
    """A card for each method: today -> scenario, in tonnes and per cent, with both intervals.

    Args:
        today: the measures as they are.
        scenario: the measures as they would be.
        methods: `location`, `market` or both.
    """
    return (
        '<div class="wi-cards">'
        + "".join(_card(today, scenario, method) for method in methods)
        + "</div>"
    )


def told(sentence: str) -> str:
    """What the scenario is, above its figures."""
    return f'<div class="wi-told">{html.escape(sentence)}</div>'


def facts(pairs: Sequence[tuple[str, str, str | None]]) -> str:
    """What else changes: name, as it is today, as it would be; None where there is one alone."""
    told = "".join(
        f"<div><dt>{html.escape(name)}</dt><dd>"
        + (
            html.escape(before)
            if after is None
            else f'<span class="wi-before">{html.escape(before)}</span> {ARROW} '
            f"{html.escape(after)}"
        )
        + "</dd></div>"
        for name, before, after in pairs
    )
    return f'<dl class="wi-facts">{told}</dl>'


def beside(outcome: Any) -> list[tuple[str, str, str | None]]:
    """Energy, water, embodied carbon and cost of an outcome, each in words."""
    today, after, cost = outcome.baseline, outcome.scenario, outcome.cost
    pairs: list[tuple[str, str, str | None]] = [
        (name, write(today[measure]), write(after[measure]))
        for name, measure, write in (
            ("Facility energy", "energy_facility_kwh", numbers.energy),
            ("Water", "water_l", _water),
            ("Embodied, amortised", "embodied_kg_co2e", numbers.mass),
        )
    ]
    if cost["scenario"] is None:
        return [*pairs, ("Cost", "no prices known", None)]
    known = min(cost["today_known_share"], cost["scenario_known_share"])
    if known < ALL_BUT_DUST:
        part = f"prices known of {numbers.percent(known)} of the energy"
        return [*pairs, ("Cost", part, None)]
    return [*pairs, ("Cost", _money(cost, "today"), _money(cost, "scenario"))]


def change(today: float | None, scenario: float | None, method: str) -> str:
    """What the scenario would do to a method's figure, in a sentence."""
    if today is None or scenario is None:
        return "The change is not known."
    named = f"your {words.METHODS[method].lower()} figure"
    by = scenario - today
    if math.isclose(today, scenario, rel_tol=1e-9, abs_tol=1e-9):
        return f"would leave {named} as it is"
    verb = "lower" if by < 0 else "raise"
    share = percent(today, scenario)
    return f"would {verb} {named} by {numbers.mass(abs(by))}" + (f" ({share})" if share else "")


def percent(today: float | None, scenario: float | None) -> str:
    """The change in per cent with its sign; nothing where there is no whole to take it of."""
    return numbers.relative(scenario / today - 1) if today and scenario is not None else ""


def _card(today: Figures, scenario: Figures, method: str) -> str:
    measure = f"{method}_kg_co2e"
    before, after = today[measure], scenario[measure]
    end = max(
        (
            figures[name]
            for figures in (today, scenario)
            for name in (measure, f"{method}_high_kg")
            if figures[name] is not None
        ),
        default=0.0,
    )
    return (
        f'<div class="wi-card {method}"><div class="wi-name">{words.METHODS[method]}</div>'
        f'<div class="wi-figures"><span class="wi-before">{numbers.mass(before)}</span> {ARROW} '
        f'{numbers.mass(after)} <span class="wi-unit">CO\u2082e</span></div>'
        f'<div class="wi-change">{change(before, after, method)}</div>'
        + _range("today", "Today", today, method, end)
        + _range("scenario", "Scenario", scenario, method, end)
        + f'<div class="wi-interval">{_intervals(today, scenario, method)}</div></div>'
    )


def _range(kind: str, name: str, figures: Figures, method: str, end: float) -> str:
    """One thin range on the scale that today and the scenario share."""
    value = figures[f"{method}_kg_co2e"]
    low, high = figures[f"{method}_low_kg"], figures[f"{method}_high_kg"]
    if value is None or low is None or high is None:
        return ""
    scale = 100 / max(end * 1.04, math.ulp(1.0))
    return (
        f'<div class="wi-row {kind}" aria-hidden="true"><span>{name}</span>'
        f'<div class="range {method}"><span class="range-interval" '
        f'style="left:{scale * low:.2f}%;width:{scale * (high - low):.2f}%"></span>'
        f'<span class="range-figure" style="left:{scale * value:.2f}%"></span></div></div>'
    )


def _intervals(today: Figures, scenario: Figures, method: str) -> str:
    said = []
    for name, figures in (("today", today), ("scenario", scenario)):
        low, high = figures[f"{method}_low_kg"], figures[f"{method}_high_kg"]
        said.append(f"{name} {_ends(low, high)}")
    text = f"95{numbers.THIN}% interval: {', '.join(said)}"
    coverage = scenario[f"{method}_coverage"]
    if coverage is not None and coverage < 1:
        text += f". {numbers.percent(coverage)} of the scenario's energy finds a factor"
    return text


def _ends(low: float | None, high: float | None) -> str:
    """Both ends of an interval [kgCO2e], in the unit of the upper one."""
    if low is None or high is None:
        return numbers.NOT_KNOWN
    size, unit = (1e3, "t") if abs(high) >= 1e3 else (1.0, "kg")
    ends = f"{numbers.significant(low / size)} to {numbers.significant(high / size)}"
    return f"{ends}{numbers.THIN}{unit}"


def _water(litres: float | None) -> str:
    """Water [L] in cubic metres or litres."""
    if litres is None:
        return numbers.NOT_KNOWN
    size, unit = (1e3, "m³") if abs(litres) >= 1e3 else (1.0, "L")
    return f"{numbers.significant(litres / size)}{numbers.THIN}{unit}"


def _money(cost: Figures, state: str) -> str:
    amount = cost[state]
    if amount is None:
        return numbers.NOT_KNOWN
    return f"{numbers.significant(amount)}{numbers.THIN}{cost['currency'] or ''}".rstrip()
