"""Traces of what activity shows: workloads that sources name, and use that nobody claims.

Use that nobody claims is taken apart as finely as its rows tell (`parts`), then put together: what
names one cluster or scaling group; what one host carries; a machine, job or endpoint that another
source knows, by itself; all other machines of one kind in one account and region as one.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

import polars as pl

from carbon.inventory.assignment.rules import Condition
from carbon.inventory.discovery.traces import SAID, Trace, agreed
from carbon.inventory.discovery.words import (
    CLUSTERS,
    LABELS,
    OWNERS,
    TRACKERS,
    all_of,
    first_of,
    ids_of,
    source_of,
    tags_of,
)
from carbon.schema import METERED_KINDS

Parts = Sequence[Mapping[str, Any]]

PART: Final = (
    *("format", "provider", "account", "project", "region", "zone", "site", "service"),
    *("endpoint", "model", "lifecycle", "business_unit", "resource", "host", "instance_type"),
    *("accelerator", "owner", "tags"),
)
"""Columns that tell parts of unclaimed activity apart."""

LISTED: Final = 200
"""Up to so many resources a rule lists by name; of more it names what they have in common."""

_JOBS: Final = (("training-job", "job"), ("processing-job", "job"), ("endpoint", "endpoint"))
"""What a resource's path says it is."""


def parts(activity: pl.DataFrame, energy: pl.DataFrame) -> list[dict[str, Any]]:
    """Unclaimed activity as finely as its rows tell it apart.

    Args:
        activity: AI activity, `Activity` rows, each with the workload that it counts for.
        energy: evidence_id, row_number, resource, kwh [kWh], kg [kgCO2e] and accelerator of rows
            that count for no workload.

    Returns:
        One mapping a part, in a fixed order: the columns of PART, evidence_id, row_number, rows,
        used (whether it states more than a cost), metered (whether it states energy alone), first,
        last, accelerator_count, kwh, kg, and cost (currency -> amount).
    """
    row = ["evidence_id", "row_number", "resource"]
    once = pl.int_range(pl.len()).over(row) == 0
    rows = (
        activity.filter(pl.col("workload").is_null())
        .sort(*row, "quantity_kind", "period_start", "quantity", nulls_last=True)
        .join(
            energy.select(*row, "kwh", "kg", pl.col("accelerator").alias("_known")),
            on=row,
            how="left",
            validate="m:1",
            nulls_equal=True,
            maintain_order="left",
        )
        .with_columns(pl.when(once).then(pl.col("kwh", "kg")))
    )
    paid = pl.col("quantity_kind") == "cost"
    found = rows.group_by(PART, maintain_order=True).agg(
        pl.col("evidence_id", "row_number").first(),
        pl.col("accelerator_count").max(),
        pl.col("_known").drop_nulls().first(),
        pl.col("kwh", "kg").drop_nulls(),
        rows=pl.struct("evidence_id", "row_number").n_unique(),
        used=(~paid).any(),
        metered=pl.col("quantity_kind").is_in(METERED_KINDS).all(),
        first=pl.col("period_start").min(),
        last=pl.col("period_end").max(),
        costs=pl.struct("currency", "quantity").filter(paid),
    )
    return [_part(each) for each in found.iter_rows(named=True)]


def _part(row: dict[str, Any]) -> dict[str, Any]:
    cost: dict[str, float] = {}
    for paid in row.pop("costs"):
        currency = paid["currency"] or "not stated"
        cost[currency] = cost.get(currency, 0.0) + paid["quantity"]
    totals = {name: sum(row[name]) if row[name] else None for name in ("kwh", "kg")}
    return {**row, **totals, "accelerator": row["_known"] or row["accelerator"], "cost": cost}


def unclaimed(
    found: Iterable[Mapping[str, Any]], known: Collection[str], placed: Collection[str] = ()
) -> tuple[Trace, ...]:
    """Traces of unclaimed activity; meters whose energy another source states, and which therefore
    counts elsewhere or not at all, are none.

    Args:
        found: what `parts` gives.
        known: names (see `ids_of`) under which another source knows a thing: these stay apart.
        placed: those of them under which a file names work and the machines of that work alone:
            these stay apart from their cluster too.
    """
    every = [part for part in found if part["kwh"] is not None or not part["metered"]]
    keyed = sorted(
        ((_key(part, known, placed), at) for at, part in enumerate(every)), key=_in_order
    )
    traces = []
    for key, members in groupby(keyed, key=lambda pair: pair[0]):
        some = [every[at] for _, at in members]
        if any(part["used"] for part in some) or sum(_cost(some).values()) > 0:
            traces.append(_trace(key, some, every))
    return tuple(traces)


def _in_order(pair: tuple[tuple[str | None, ...], int]) -> tuple[tuple[str, ...], int]:
    return tuple(part or "" for part in pair[0]), pair[1]


def _key(
    part: Mapping[str, Any], known: Collection[str], placed: Collection[str]
) -> tuple[str | None, ...]:
    """What a part is put together by; its first member says how."""
    source, tags = source_of(part["format"]), tags_of(part["tags"])
    where = (source, part["provider"], part["account"], part["site"], part["region"])
    names = ids_of(part["resource"], part["host"]) if part["resource"] else frozenset[str]()
    by_itself = ("resource", *where, part["resource"])
    if source == "billing" and not names.isdisjoint(placed):
        return by_itself
    if cluster := first_of(tags, CLUSTERS):
        return ("cluster", *where, *cluster)
    if source != "billing" and part["host"]:
        return ("host", *where, part["host"].casefold())
    if not names.isdisjoint(known):
        return by_itself
    label = first_of(tags, [name for name in LABELS if name != "name"])
    owner = first_of(tags, OWNERS)
    return ("kind", *where, *_kind(part), *(pair and pair[1] for pair in (label, owner)))


def _kind(part: Mapping[str, Any]) -> tuple[str | None, ...]:
    """The kind of machine or service that a part is of."""
    if part["instance_type"] or part["accelerator"]:
        return part["project"], part["service"], part["instance_type"] or part["accelerator"]
    return part["project"], part["service"], part["model"]


def _trace(
    key: tuple[str | None, ...],
    some: Parts,
    every: Parts,
) -> Trace:
    first, how, source = some[0], str(key[0]), str(key[1])
    tags = [tags_of(part["tags"]) for part in some]
    said = {column: agreed(part.get(column) for part in some) for column in SAID}
    owners = [pair for pair in (first_of(each, OWNERS) for each in tags) if pair]
    owner = agreed(value for _, value in owners)
    conditions, general = _conditions(key, some, every)
    known = [part[name] for part in some for name in ("kwh",) if part[name] is not None]
    kg = [part["kg"] for part in some if part["kg"] is not None]
    return Trace(
        source=source,
        reference=f"{source}:" + "/".join((how, *(part or "" for part in key[2:]))),
        sighted_as=_sighted(how, first),
        name=_name(how, key, some),
        says=_says(how, key, some),
        evidence_id=first["evidence_id"],
        row_number=first["row_number"],
        said={
            name: value
            for name, value in {**said, "owner": said["owner"] or owner}.items()
            if value is not None
        },
        ids=ids_of(*(name for part in some for name in (part["resource"], part["host"]))),
        groups=frozenset[str]().union(*(all_of(each, CLUSTERS) for each in tags)),
        labels=frozenset[str]().union(*(all_of(each, LABELS) for each in tags)),
        conditions=conditions,
        general=general,
        generic=_is_generic(how, some),
        first=min(part["first"] for part in some),
        last=max(part["last"] for part in some),
        rows=sum(part["rows"] for part in some),
        kwh=sum(known) if known else None,
        kg=sum(kg) if kg else None,
        cost=_cost(some),
        owner_why=None if said["owner"] or not owner else f"tag {owners[0][0]}",
    )


def _cost(some: Parts) -> dict[str, float]:
    total: dict[str, float] = {}
    for part in some:
        for currency, amount in part["cost"].items():
            total[currency] = total.get(currency, 0.0) + amount
    return dict(sorted(total.items()))


def _sighted(how: str, part: Mapping[str, Any]) -> str:
    if how == "cluster":
        return "cluster"
    path = (part["resource"] or "").casefold()
    for hint, kind in _JOBS:
        if hint in path:
            return kind
    if source_of(part["format"]) != "billing":
        return "device" if how == "kind" else "machine"
    return "machine" if part["instance_type"] or part["accelerator"] else "service"


def _name(how: str, key: tuple[str | None, ...], some: Parts) -> str:
    if how in ("cluster", "host"):
        return str(key[-1])
    if labels := _labelled(some):
        return labels
    first = some[0]
    if how == "resource":
        return first["host"] or str(first["resource"]).rsplit("/", 1)[-1]
    what = first["instance_type"] or first["model"] or first["accelerator"] or first["service"]
    where = first["project"] or first["account"] or first["site"]
    if not where and not first["provider"]:
        return f"{what or 'devices'} without a host"
    return f"{what or 'use'} in {where or first['region'] or first['provider']}"


def _labelled(some: Parts) -> str | None:
    """The one label that all who bear any agree on."""
    pairs = [first_of(tags_of(part["tags"]), LABELS) for part in some]
    label: str | None = agreed(pair and pair[1] for pair in pairs)
    return label


def _is_generic(how: str, some: Parts) -> bool:
    return how == "kind" and _labelled(some) is None


def _says(how: str, key: tuple[str | None, ...], some: Parts) -> str:
    """What the source says, in words."""
    first = some[0]
    things = len({part["resource"] or part["host"] for part in some})
    what = first["instance_type"] or first["accelerator"] or first["model"]
    many = f"{things} resources" if things > 1 else f"{first['resource'] or 'use'}"
    of = f" of {what}" if what else ""
    service = f" on {first['service']}" if first["service"] else ""
    account = f", account {first['account']}" if first["account"] else ""
    if how == "cluster":
        return f"{many}{of}{service} with tag {key[-2]} = {key[-1]}{account}"
    if how == "host":
        devices = "1 device" if things == 1 else f"{things} devices"
        return f"meters of {devices}{of} on {key[-1]}"
    return f"{many}{of}{service}{account}, claimed by no workload"


def _conditions(
    key: tuple[str | None, ...],
    some: Parts,
    every: Parts,
) -> tuple[tuple[Condition, ...], bool]:
    """What the parts, and no other unclaimed part, have in common; and whether it is general."""
    how, first = key[0], some[0]
    account = (_is("account", first["account"]),) if first["account"] else ()
    if how == "cluster":
        return (_is(f"tag:{key[-2]}", str(key[-1])), *account), False
    if how == "host":
        return (_is("host", *(part["host"] for part in some)),), False
    if how == "resource" and first_of(tags_of(first["tags"]), CLUSTERS):
        return (_is("resource", first["resource"]), *account), False
    columns = [
        name
        for name in ("provider", "account", "project", "region", "service")
        if first[name] is not None
    ]
    if kind := next((n for n in ("instance_type", "model") if first[n] is not None), None):
        columns.append(kind)
    alike = [part for part in every if all(part[name] == first[name] for name in columns)]
    resources = {part["resource"] for part in some}
    # Named machines are claimed by their names: another one of the kind may be another workload.
    named = how == "resource" and None not in resources and len(resources) <= LISTED
    if (
        columns
        and not named
        and (len(alike) == len(some) or None in resources or len(resources) > LISTED)
    ):
        shared = tuple(_is(name, first[name]) for name in columns)
        more = (Condition(column="resource", op="absent"),) if resources == {None} else ()
        return (*shared, *(more if len(alike) > len(some) else ())), True
    return (_is("resource", *(name for name in resources if name)), *account), False


def _is(column: str, *values: str) -> Condition:
    return Condition(column=column, op="is", values=tuple(sorted(set(values))))


def claimed(activity: pl.DataFrame, energy: pl.DataFrame) -> tuple[Trace, ...]:
    """One trace for each workload that a system names, and system.

    Args:
        activity: AI activity, `Activity` rows, each with the workload that it counts for.
        energy: evidence_id, row_number, resource, workload, kwh [kWh] and kg [kgCO2e] of rows.
    """
    formats = activity["format"].unique().sort().to_list()
    named = (
        activity.filter(pl.col("workload").is_not_null())
        .sort("period_end", "evidence_id", "row_number", "quantity_kind", "resource")
        .with_columns(
            _source=pl.col("format").replace_strict(
                formats, [source_of(name) for name in formats], return_dtype=pl.String
            )
        )
    )
    of_format = activity.select("evidence_id", "format").unique("evidence_id")
    amounts: dict[tuple[str, str], list[float]] = {}
    for row in energy.join(of_format, on="evidence_id", how="left", validate="m:1").iter_rows(
        named=True
    ):
        if row["kwh"] is not None and row["format"]:
            amounts.setdefault((row["workload"], source_of(row["format"])), []).append(row["kwh"])
    found = (
        named.group_by("workload", "_source", maintain_order=True)
        .agg(
            pl.col(SAID).drop_nulls().last(),
            pl.col("evidence_id", "row_number").first(),
            pl.col("resource", "host", "tags").drop_nulls().unique().sort(),
            first=pl.col("period_start").min(),
            last=pl.col("period_end").max(),
            rows=pl.struct("evidence_id", "row_number").n_unique(),
            by_rule=pl.col("rule_id").is_not_null().all(),
        )
        .sort("workload", "_source")
    )
    return tuple(
        _claimed(row, amounts.get((row["workload"], row["_source"])))
        for row in found.iter_rows(named=True)
    )


def _claimed(row: Mapping[str, Any], kwh: list[float] | None) -> Trace:
    source, tags = row["_source"], [tags_of(text) for text in row["tags"]]
    is_run = source in TRACKERS
    what = f"{len(row['resource'])} runs" if is_run else f"{row['rows']} rows"
    by = "by a rule" if row["by_rule"] else f"as {row['workload']}"
    return Trace(
        source=source,
        reference=f"{source}:workload/{row['workload']}",
        sighted_as="experiment" if is_run else "service" if source != "billing" else "machine",
        name=row["workload"],
        says=f"{what.removesuffix('s') if what.startswith('1 ') else what} {by}",
        evidence_id=row["evidence_id"],
        row_number=row["row_number"],
        said={column: row[column] for column in SAID if row[column] is not None},
        workload=row["workload"],
        claimed=True,
        by_rule=row["by_rule"],
        ids=ids_of(*row["host"], *(() if is_run else row["resource"])),
        runs=frozenset(str(name).casefold() for name in row["resource"]) if is_run else frozenset(),
        groups=frozenset[str]().union(*(all_of(each, CLUSTERS) for each in tags)),
        labels=frozenset[str]().union(*(all_of(each, LABELS) for each in tags)),
        first=row["first"],
        last=row["last"],
        rows=row["rows"],
        kwh=sum(kwh) if kwh else None,
    )
