"""What to ask about the boundary: parts that it asks for and no source holds."""

from collections.abc import Iterator
from typing import Final

import polars as pl

from carbon.accounting.completeness import completeness
from carbon.accounting.phrases import in_kwh, listed, workloads_of
from carbon.accounting.result import Finding, Footprint
from carbon.factors.references import references

_TITLES: Final = {
    "host": "Only accelerators are metered",
    "idle": "Machines that stood ready are in no figure",
}


def of_boundary(footprint: Footprint) -> Iterator[Finding]:
    """Findings about parts of the declared boundary that are missing, with what they may be.

    A PUE of 1 has a finding of its own, and storage and network are not estimated.

    Args:
        footprint: its lines and its policy.
    """
    missing = completeness(footprint.lines, references().published, footprint.policy)
    for part, title in _TITLES.items():
        rows = missing.filter(pl.col("missing") == part)
        if rows.is_empty():
            continue
        low, high = (float(rows[f"{end}_share"].fill_null(0.0).sum()) for end in ("low", "high"))
        severe = high > footprint.policy.readiness.significant_share
        names = workloads_of(rows)
        who = "1 workload" if len(names) == 1 else f"{len(names)} workloads"
        yield Finding(
            f"boundary_without_{part}",
            "warn" if severe else "info",
            f"{title} for {who}: {_span(low, high)} of all energy may be missing",
            f"{listed(rows['why'])} By estimate {in_kwh(float(rows['low_kwh'].sum()))} to "
            f"{in_kwh(float(rows['high_kwh'].sum()))} ({listed(rows['how'])}). It is in no figure; "
            "import a meter of the node, or leave the part out of the boundary with the reason.",
            float(rows["of_kwh"].sum()),
            names,
        )


def _span(low: float, high: float) -> str:
    """`1.2% to 4.0%`; what rounds to nothing is said to be less than the last digit."""
    least = 0.001
    return "less than 0.1%" if high < least else f"{low:.1%} to {high:.1%}"
