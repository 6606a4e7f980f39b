"""What the accounting takes and gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from carbon.factors.library import Library
from carbon.inventory.assignment.rules import Rule
from carbon.policy import Policy


@dataclass(frozen=True)
class Inputs:
    """Everything that a footprint is computed from.

    Attributes:
        activity: `Activity` rows that count: what a later file supersedes is already gone.
        workloads: `Workload` rows, one per workload_id: what the analyst stated.
        instruments: `Instrument` rows that count.
        factors: `Factor` rows, of the shipped library and of the workspace.
        library: zones, regions, hardware and the GWP sets.
        rules: who owns which activity, in the order in which they are asked.
        files: evidence_id -> name of the file, for rules about files.
    """

    activity: pl.DataFrame
    workloads: pl.DataFrame
    instruments: pl.DataFrame
    factors: pl.DataFrame
    library: Library
    rules: tuple[Rule, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """Something that a careful reader would ask before the figures are handed on.

    Attributes:
        code: stable name of the kind of finding.
        severity: "block", "warn" or "info".
        title: one line.
        detail: what it means and what to do.
        kwh: facility energy concerned [kWh]; None where it is not about energy.
        workloads: the workloads concerned, sorted.
    """

    code: str
    severity: str
    title: str
    detail: str
    kwh: float | None = None
    workloads: tuple[str, ...] = ()


@dataclass(frozen=True)
class Footprint:
    """The result, with every step kept.

    Attributes:
        lines: `FootprintLine` rows: source row x month x component.
        market: `MarketLine` rows: how each line's market-based figure is made up.
        factors_used: one row per request that was answered (zone, month, method) with the factor
            chosen and why, as `factors.resolver.resolve` gives it.
        findings: what to ask before the figures are handed on.
        instruments: one row per instrument: kwh, used_kwh [kWh], failed (criteria that fail, in
            words; null where it qualifies) and matched (whether any load was in reach).
        unmetered: rows that state use but no quantity from which energy follows: evidence_id,
            row_number, workload, month, quantity_kinds, in_scope.
        superseded: parts of rows, by month, that another source states better, with what counts
            instead: the columns of `carbon.accounting.superseded.SUPERSEDED`.
        general_it: rows of bills that no rule calls AI, as `carbon.inventory.ai_use.split` gives
            them; they are in no line.
        left_out: rows, and parts of the equipment, that the policy or the model leaves out, with
            the reason: the columns of `carbon.accounting.exclusions.LEFT_OUT`.
        unknown_models: models behind an API whose energy cannot be estimated, with the known names
            nearest to theirs: the columns of `carbon.accounting.usage_energy.UNKNOWN`.
        usage_twice: workloads, months and models whose requests or tokens two formats state: the
            columns of `carbon.accounting.usage_sources.TWICE`.
        unplaced: rows of which no grid zone is known, with the name of the host, site or account
            whose place would tell, as `carbon.accounting.place.unplaced` gives them.
        policy: the choices under which it was computed.
    """

    lines: pl.DataFrame
    market: pl.DataFrame
    factors_used: pl.DataFrame
    findings: tuple[Finding, ...] = ()
    instruments: pl.DataFrame = field(default_factory=pl.DataFrame)
    unmetered: pl.DataFrame = field(default_factory=pl.DataFrame)
    superseded: pl.DataFrame = field(default_factory=pl.DataFrame)
    general_it: pl.DataFrame = field(default_factory=pl.DataFrame)
    left_out: pl.DataFrame = field(default_factory=pl.DataFrame)
    unknown_models: pl.DataFrame = field(default_factory=pl.DataFrame)
    usage_twice: pl.DataFrame = field(default_factory=pl.DataFrame)
    unplaced: pl.DataFrame = field(default_factory=pl.DataFrame)
    policy: Policy = field(default_factory=Policy)
