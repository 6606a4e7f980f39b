"""What a careful reader would ask of energy that is worked out from requests and tokens."""

from collections.abc import Iterator

import polars as pl

from carbon.accounting.phrases import KWH, energy_of, listed, percent, workloads_of
from carbon.accounting.result import Finding, Footprint
from carbon.schema import USAGE_KINDS


def of_usage(footprint: Footprint) -> Iterator[Finding]:
    """Findings about energy from use: how much rests on it, and which models are not known.

    Args:
        footprint: lines, unknown_models and policy are looked at.
    """
    lines, policy = footprint.lines, footprint.policy
    part = lines.filter(pl.col("quantity_kind").is_in(USAGE_KINDS) & KWH.is_not_null())
    kwh, total = energy_of(part), energy_of(lines)
    if total and kwh / total > policy.readiness.significant_share:
        yield Finding(
            "energy_from_use",
            "warn",
            f"{percent(kwh, total)} of energy is worked out from requests and tokens",
            "Nobody measured it: figures of a request or a token, stated for the workload or "
            "estimated by EcoLogits' method, stand in (tier T6). The provider's own figures, or a "
            "meter, narrow the interval.",
            kwh,
            workloads_of(part),
        )
    unknown = footprint.unknown_models
    if unknown.is_empty():
        return
    names = unknown.select(pl.format("{}/{}", "provider", "model")).to_series()
    near = unknown.filter(pl.col("nearest") != "")
    hint = "" if near.is_empty() else " Known names like theirs: " + listed(near["nearest"]) + "."
    yield Finding(
        "api_model_unknown",
        "warn",
        f"No energy is known of {unknown.select('provider', 'model').n_unique()} models behind "
        "an API",
        f"EcoLogits does not list {listed(names)}, so their tokens have no energy.{hint} Where "
        "one of them is meant, state it as the workload's API model (provider/model); else state "
        "Wh per 1,000 output tokens or per request with its document.",
        workloads=workloads_of(unknown),
    )
