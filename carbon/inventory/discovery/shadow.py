"""Shadow AI: use of accelerators and AI services that no workload claims, and whose it may be."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from carbon.inventory.assignment.rules import Condition
from carbon.inventory.discovery.proposal import Proposal, identity
from carbon.inventory.discovery.traces import Trace


@dataclass(frozen=True)
class Shadow:
    """Unclaimed use of one kind in one place.

    Attributes:
        group_id: the same whenever the same files are looked at.
        where: the account or project, else the site, else the system that shows it.
        name: what a person would call it.
        says: what its sources say, in words.
        source: the system that shows it.
        provider, account, region, site, service: where they are stated.
        machine: instance type or accelerator.
        energy_kwh: facility energy [kWh]; None: not known.
        location_kg: location-based emissions [kgCO2e]; None: not known.
        cost: currency -> amount.
        rows: rows of files [1].
        first_month, last_month: YYYY-MM.
        owner, owner_why: whose it is, likely, and what says so; None: nothing does.
        evidence_id, row_number: the first row of it.
        conditions: of a rule that would claim it.
        general: whether the rule would take a whole account or service, today's and later use.
        ignored: the reason, where a proposal of it was ignored.
        trace: what it is made of.
    """

    group_id: str
    where: str
    name: str
    says: str
    source: str
    provider: str | None
    account: str | None
    region: str | None
    site: str | None
    service: str | None
    machine: str | None
    energy_kwh: float | None
    location_kg: float | None
    cost: Mapping[str, float]
    rows: int
    first_month: str
    last_month: str
    owner: str | None
    owner_why: str | None
    evidence_id: str
    row_number: int
    conditions: tuple[Condition, ...]
    general: bool
    ignored: str | None
    trace: Trace

    def to_dict(self) -> dict[str, Any]:
        """The group as JSON takes it; its rule in words."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        del plain["trace"]
        plain["cost"] = dict(self.cost)
        plain["conditions"] = [each.in_words() for each in self.conditions]
        return plain


@dataclass(frozen=True)
class Known:
    """What else tells whose unclaimed use is.

    Attributes:
        by_account: account -> owner of most workloads in it, as `owners_by_account` gives it.
        by_name: name of a machine or cluster -> owner and what says so, as other systems tell it.
        ignored: reference -> why a proposal of it was ignored.
    """

    by_account: Mapping[str, str]
    by_name: Mapping[str, tuple[str, str]]
    ignored: Mapping[str, str]


def owners_by_name(proposals: Iterable[Proposal]) -> dict[str, tuple[str, str]]:
    """Owner of each machine and cluster that a file of discovery tells, and what says so."""
    found: dict[str, tuple[str, str]] = {}
    for proposal in proposals:
        teller = next((t for t in proposal.traces if t.declared and t.said.get("owner")), None)
        if teller is None:
            continue
        why = f"{teller.owner_why or 'an owner'} in {teller.source.capitalize()}"
        for trace in proposal.traces:
            for name in sorted(trace.ids | trace.groups):
                found.setdefault(name, (str(teller.said["owner"]), why))
    return found


def shadow(traces: Sequence[Trace], known: Known) -> tuple[Shadow, ...]:
    """Unclaimed use, most energy first, then dearest, then by name.

    Args:
        traces: of unclaimed activity.
        known: what else tells whose it is.
    """
    groups = [_group(trace, known) for trace in traces]
    return tuple(
        sorted(
            groups,
            key=lambda each: (
                -(each.energy_kwh or 0.0),
                -sum(each.cost.values()),
                each.where,
                each.name,
                each.group_id,
            ),
        )
    )


def owners_by_account(activity: pl.DataFrame, inventory: pl.DataFrame) -> dict[str, str]:
    """The owner of most workloads in each account.

    Args:
        activity: AI activity, `Activity` rows with the workload that they count for.
        inventory: workload_id and owner.
    """
    named = (
        activity.filter(pl.col("account").is_not_null())
        .select("account", workload_id="workload")
        .unique()
        .join(
            inventory.select("workload_id", "owner").filter(pl.col("owner").is_not_null()),
            on="workload_id",
            how="inner",
            validate="m:1",
        )
    )
    counted: dict[str, Counter[str]] = {}
    for account, owner in named.select("account", "owner").sort("account", "owner").iter_rows():
        counted.setdefault(account, Counter())[owner] += 1
    return {
        account: min(owners, key=lambda owner: (-owners[owner], owner))
        for account, owners in counted.items()
    }


def _group(trace: Trace, known: Known) -> Shadow:
    said = trace.said
    account, project = said.get("account"), said.get("project")
    owner, why = _owner(trace, known)
    where = " · ".join(dict.fromkeys(part for part in (account, project) if part))
    first, last = _months(trace.first, trace.last)
    return Shadow(
        group_id=identity(trace.reference).replace("proposal-", "shadow-"),
        where=where or said.get("site") or said.get("provider") or trace.source,
        name=trace.name,
        says=trace.says,
        source=trace.source,
        provider=said.get("provider"),
        account=account,
        region=said.get("region"),
        site=said.get("site"),
        service=said.get("service"),
        machine=said.get("instance_type") or said.get("accelerator"),
        energy_kwh=trace.kwh,
        location_kg=trace.kg,
        cost=trace.cost,
        rows=trace.rows,
        first_month=first,
        last_month=last,
        owner=owner,
        owner_why=why,
        evidence_id=trace.evidence_id,
        row_number=trace.row_number,
        conditions=trace.conditions,
        general=trace.general,
        ignored=known.ignored.get(trace.reference),
        trace=trace,
    )


def _owner(trace: Trace, known: Known) -> tuple[str | None, str | None]:
    """Whose it is, likely: as its tag or row says, as another system says of the same machines, as
    most of what else runs in the account, else whoever answers for the account.
    """
    if owner := trace.said.get("owner"):
        return str(owner), trace.owner_why or "the file names the owner"
    names = sorted(trace.ids | trace.groups)
    if told := next((known.by_name[name] for name in names if name in known.by_name), None):
        return told
    account = trace.said.get("account")
    if account in known.by_account:
        return known.by_account[str(account)], f"owns what else runs in account {account}"
    if account:
        return f"whoever answers for account {account}", "no tag names a person or a team"
    return None, None


def _months(first: datetime | None, last: datetime | None) -> tuple[str, str]:
    if first is None or last is None:
        return "", ""
    end = last - timedelta(microseconds=1)
    return f"{first:%Y-%m}", f"{end:%Y-%m}"


@dataclass(frozen=True)
class Totals:
    """All unclaimed use.

    Attributes:
        groups: how many groups of it there are [1].
        energy_kwh: facility energy of those of which it is known [kWh]; None: of none.
        location_kg: location-based emissions, likewise [kgCO2e].
        cost: currency -> amount.
        unknown: groups of which no energy is known [1].
        places: where, source, groups [1], energy_kwh [kWh] and location_kg [kgCO2e] of each account
            or site, most energy first.
        paid: where, currency and cost, dearest first.
    """

    groups: int
    energy_kwh: float | None
    location_kg: float | None
    cost: Mapping[str, float]
    unknown: int
    places: pl.DataFrame
    paid: pl.DataFrame


def totals(groups: Sequence[Shadow]) -> Totals:
    """Unclaimed use as a whole, and by account or site; sums are in the order of the groups."""
    rows = pl.DataFrame(
        [(g.where, g.source, g.energy_kwh, g.location_kg) for g in groups],
        schema={
            **dict.fromkeys(("where", "source"), pl.String),
            **dict.fromkeys(("energy_kwh", "location_kg"), pl.Float64),
        },
        orient="row",
    )
    places = (
        rows.group_by("where", maintain_order=True)
        .agg(
            pl.col("source").unique().sort().str.join(", "),
            pl.col("energy_kwh", "location_kg").drop_nulls(),
            groups=pl.len().cast(pl.Int64),
        )
        .with_columns(
            pl.when(pl.col(name).list.len() > 0).then(pl.col(name).list.sum()).alias(name)
            for name in ("energy_kwh", "location_kg")
        )
        .select("where", "source", "groups", "energy_kwh", "location_kg")
        .sort("energy_kwh", "where", descending=[True, False], nulls_last=True)
    )
    amounts = [(g.where, *pair) for g in groups for pair in g.cost.items()]
    names = {"where": pl.String, "currency": pl.String, "cost": pl.Float64}
    paid = (
        pl.DataFrame(amounts, schema=names, orient="row")
        .group_by("where", "currency", maintain_order=True)
        .agg(pl.col("cost"))
        .with_columns(pl.col("cost").list.sum())
        .sort("cost", "where", "currency", descending=[True, False, False])
    )
    cost: dict[str, float] = {}
    for _, currency, amount in paid.iter_rows():
        cost[currency] = cost.get(currency, 0.0) + amount
    return Totals(
        groups=len(groups),
        energy_kwh=_known(rows["energy_kwh"]),
        location_kg=_known(rows["location_kg"]),
        cost=dict(sorted(cost.items())),
        unknown=rows["energy_kwh"].null_count(),
        places=places,
        paid=paid,
    )


def _known(values: pl.Series) -> float | None:
    known = values.drop_nulls().to_list()
    return sum(known) if known else None


def find(groups: Iterable[Shadow], group_id: str) -> Shadow | None:
    """The group of an id."""
    return next((each for each in groups if each.group_id == group_id), None)
