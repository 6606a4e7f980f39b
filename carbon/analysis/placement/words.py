"""Shadow prices and conflicts in the words of an analyst."""

from collections.abc import Mapping, Sequence
from typing import Final

from carbon.analysis.placement.conflicts import NO_FACTOR, Conflict
from carbon.analysis.placement.prices import SHARES, ShadowPrice

YEAR_HOURS: Final = 8760.0
"""Hours of a year that is no leap year: what a period of other length is scaled to."""

WHOLE_YEARS: Final = (8760.0, 8784.0)
"""Lengths of a period that is a year already [h]."""

LISTED: Final = 5
"""Names that a sentence lists."""

GIVES: Final = {
    "allowed_regions": "Allowing {where}",
    "forbidden": "No longer forbidding {where}",
    "accelerators_by_region": "Every accelerator in {where}",
    "residency": "Lifting the residency of {subject}",
    "max_latency_ms": "Lifting the limit on latency of {subject}",
    "max_share_per_region": "{points} percentage points more in {where}",
    "capacity_share": "{points} percentage points more in {where}",
    "movable_share": "{points} percentage points more of {subject} that may move",
    "capacity_kwh": "{step:,.0f} kWh more capacity in {where}",
    "max_cost": "{step:,.2f} {currency} more in the period",
}
"""Constraint -> how it would give."""

STANDS: Final = {
    "whole": "Whole workloads do not fit: let them be divided, or raise a limit.",
    "max_cost": "The cost limit is too low: {need}.",
    "movable_share": "Too little may move of {whom}: {need}.",
    "max_share_per_region": "One region may take too little of all energy: {need}.",
    "capacity_share": "The capacity of {where} is too small: {need}.",
    "capacity_kwh": "The capacity of {where} is too small: {need}.",
    "allowed_regions": "No region that is allowed can take {whom}: allow another one.",
    "forbidden": "Regions are forbidden that {whom} would need: allow one of them.",
    "accelerators_by_region": "No region offers the accelerators of {whom}: name one that does.",
    "residency": "Residency leaves no place for {whom}: widen it.",
    "max_latency_ms": "No place is near enough to the users of {whom}: allow more latency.",
    NO_FACTOR: "No factor is known for {whom} anywhere: import one.",
}
"""Constraint -> that it stands in the way."""


def per_year(hours: float) -> float:
    """What turns an amount of a period into one of a year, by hours [1]; 1 for a whole year."""
    if hours <= 0 or hours in WHOLE_YEARS:
        return 1.0
    return YEAR_HOURS / hours


def price_in_words(
    price: ShadowPrice, method: str, hours: float, names: Mapping[str, str], currency: str | None
) -> str:
    """One sentence: what would change, and by how much it would lower which figure in a year.

    Args:
        price: of a constraint.
        method: "location" or "market".
        hours: of the period.
        names: place -> what people call it.
        currency: of costs.
    """
    step = price.step or 0.0
    gives = GIVES[price.constraint].format(
        where=_place(price.subject or "", names),
        subject=price.subject,
        points=f"{step * 100:.3g}",
        step=step,
        currency=currency or "of money",
    )
    amount = _mass(price.kg * per_year(hours))
    return f"{gives} would lower your {method}-based figure by {amount} a year."


def conflict_in_words(
    conflict: Conflict, names: Mapping[str, str], currency: str | None = None
) -> str:
    """One sentence: which constraint stands in the way, and the least that it would have to give.

    Args:
        conflict: of a question without an answer.
        names: place -> what people call it.
        currency: of costs.
    """
    return STANDS[conflict.constraint].format(
        whom=several(conflict.subjects),
        where=several([_place(subject, names) for subject in conflict.subjects]),
        need=_need(conflict, currency),
    )


def _need(conflict: Conflict, currency: str | None) -> str:
    if conflict.least is None:
        return "raise it together with another limit, since raising it alone does not help"
    if conflict.constraint == "max_cost":
        return f"the cheapest placement costs {conflict.least:,.2f} {currency or ''}".rstrip()
    if conflict.constraint in SHARES:
        return f"allow {conflict.least:.1%}"
    return f"it would take {conflict.least:.1%} of all energy"


def several(names: Sequence[str]) -> str:
    """Names with commas, up to LISTED, and how many more there are."""
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more


def _place(place: str, names: Mapping[str, str]) -> str:
    name = names.get(place, "").replace(" (", ", ").rstrip(")")
    return f"{place} ({name})" if name and name not in place else place


def _mass(kg: float) -> str:
    return f"{kg / 1000:,.3g} t" if kg >= 1000 else f"{kg:,.3g} kg"
