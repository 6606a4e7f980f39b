"""What a careful reader would ask of energy that is worked out from requests and tokens."""

from collections.abc import Iterator

import polars as pl

from carbon.accounting.phrases import KWH, energy_of, listed, percent, workloads_of
from carbon.accounting.result import Finding, Footprint
from carbon.schema import USAGE_KINDS


def of_usage(footprint: Footprint) -> Iterator[Finding]:
    """Findings about energy from use: how much rests on it, and which models are not known.

    Args:
        footprint: lines, unknown_models, usage_twice and policy are looked at.
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
    yield from _several_sources(footprint)
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


def _several_sources(footprint: Footprint) -> Iterator[Finding]:
    """Requests or tokens that two kinds of source state of one workload: perhaps the same."""
    rows = footprint.usage_twice
    if rows.is_empty():
        return
    formats = rows.select(pl.format("{} and {}", "format", "format_by")).to_series()
    kinds = rows["quantity_kinds"].str.split(", ").explode().str.replace("_", " ")
    first, last = rows.select(first=pl.col("month").min(), last=pl.col("month").max()).row(0)
    when = f"in {first}" if first == last else f"from {first} to {last}"
    count = rows["workload"].n_unique()
    yield Finding(
        "usage_several_sources",
        "warn",
        f"{count} workload{' takes its' if count == 1 else 's take their'} use from two kinds of "
        "source",
        f"{listed(formats)} both state {listed(kinds)} of {listed(rows['workload'])}, {when}, and "
        "both count. If they describe the same requests, figures per request and per token are too "
        "small: declare one of the files out (boundary.left_out in the policy, column file), or "
        "name the endpoint or model that each is of, where they are different requests.",
        workloads=workloads_of(rows),
    )
