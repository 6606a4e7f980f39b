"""Which series of a file feed which meter, counter and user, by number: the joins' left sides."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from carbon.activity.telemetry.inference import Tally, counted
from carbon.activity.telemetry.meters import Extent, Meter, choose

NUMBER: Final = pl.UInt32
"""Type of the numbers that series, meters, users and bundles bear."""


@dataclass(frozen=True)
class Plan:
    """Numbers given to what the series of a file are; lists run over the series.

    Attributes:
        meters: number of the meter that a series feeds; None where it gives no energy.
        tallies: number of the counter of requests or tokens; None elsewhere.
        owners: number of the user; None where nobody is named.
        bundles: number of the device or server in whose sums the rows are counted.
        devices: the meters by number; `servers`: the counters by number.
        users: workload and project by number.
        meter_bundles, tally_bundles: bundle of each meter and counter.
        left_out: meters that give no energy, because another tells it.
    """

    meters: list[int | None]
    tallies: list[int | None]
    owners: list[int | None]
    bundles: list[int | None]
    devices: list[Meter]
    servers: list[Tally]
    users: list[tuple[str | None, str | None]]
    meter_bundles: list[int]
    tally_bundles: list[int]
    left_out: list[tuple[Meter, Meter]]


def plan_of(
    known: Sequence[Meter | Tally | None], extents: Mapping[int, Extent], *, together: bool
) -> Plan:
    """Give numbers to meters, counters, users and bundles.

    Args:
        known: what each series is.
        extents: number of a series -> first and last moment at which it has a value.
        together: whether rows of the file hold several series, so that all are one bundle.
    """
    at = [i for i, k in enumerate(known) if isinstance(k, Meter)]
    chosen, beside = choose([known[i] for i in at], [extents.get(i) for i in at])  # type: ignore[misc]
    tallied = [i for i, k in enumerate(known) if isinstance(k, Tally)]
    counts = counted([known[i] for i in tallied])  # type: ignore[misc]
    empty: list[int | None] = [None] * len(known)
    plan = Plan(empty, [*empty], [*empty], [*empty], [], [], [], [], [], [])
    bundles: dict[object, int] = {}
    meters: dict[object, int] = {}
    users: dict[tuple[str | None, str | None], int] = {}

    def bundle_of(thing: object) -> int:
        return 0 if together else bundles.setdefault(thing, len(bundles))

    for index, counts_here, other in zip(at, chosen, beside, strict=True):
        meter, winner = known[index], known[at[other]]
        assert isinstance(meter, Meter)
        assert isinstance(winner, Meter)
        plan.bundles[index] = bundle_of(winner.device)
        if not counts_here:
            plan.left_out.append((meter, winner))
            continue
        key = (meter.device, meter.name, meter.part)
        if key not in meters:
            meters[key] = len(meters)
            plan.devices.append(meter)
            plan.meter_bundles.append(bundle_of(meter.device))
        plan.meters[index] = meters[key]
        if meter.workload or meter.project:
            user = (meter.workload, meter.project)
            plan.owners[index] = users.setdefault(user, len(users))
    for index, counts_here in zip(tallied, counts, strict=True):
        tally = known[index]
        assert isinstance(tally, Tally)
        plan.bundles[index] = bundle_of(tally.server)
        if counts_here:
            plan.tallies[index] = len(plan.servers)
            plan.servers.append(tally)
            plan.tally_bundles.append(bundle_of(tally.server))
    plan.users.extend(users)
    return plan


def devices_of(plan: Plan) -> pl.DataFrame:
    """What a row says of its meter."""
    rows = [
        {
            "meter": number,
            "bundle": plan.meter_bundles[number],
            "kind": meter.kind,
            "sku": meter.name,
            "host": meter.host,
            "resource": meter.resource,
            "known_everywhere": meter.global_id or meter.host is not None,
            "standing": None if meter.global_id else meter.host,
            "accelerator": meter.accelerator,
            # The parts of a device are one device.
            "accelerator_count": 1.0 if meter.kind == "gpu" and not meter.part else None,
            "component": meter.described.component,
            "boundary": meter.described.boundary,
            "tier": meter.described.tier,
            "tags": _tags(meter),
        }
        for number, meter in enumerate(plan.devices)
    ]
    return pl.DataFrame(
        rows,
        schema={
            "meter": NUMBER,
            "bundle": NUMBER,
            "kind": pl.String,
            "sku": pl.String,
            "host": pl.String,
            "resource": pl.String,
            "known_everywhere": pl.Boolean,
            "standing": pl.String,
            "accelerator": pl.String,
            "accelerator_count": pl.Float64,
            "component": pl.String,
            "boundary": pl.String,
            "tier": pl.String,
            "tags": pl.String,
        },
        orient="row",
    )


def _tags(meter: Meter) -> str | None:
    return json.dumps(dict(sorted(meter.tags)), ensure_ascii=False) if meter.tags else None


def users_of(plan: Plan) -> pl.DataFrame:
    rows = [(number, *user) for number, user in enumerate(plan.users)]
    schema = {"owner": NUMBER, "workload": pl.String, "project": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def servers_of(plan: Plan) -> pl.DataFrame:
    numbers: dict[object, int] = {}
    rows = [
        {
            "tally": number,
            "bundle": plan.tally_bundles[number],
            "server": numbers.setdefault(tally.server, len(numbers)),
            "quantity_kind": tally.count.kind,
            "sku": tally.name,
            "kind": tally.count.service,
            "service": tally.count.service,
            "host": tally.host,
            "standing": tally.host,
            "model": tally.model,
            "workload": tally.workload,
            "project": tally.project,
        }
        for number, tally in enumerate(plan.servers)
    ]
    texts = ("quantity_kind", "sku", "kind", "service", "host", "standing", "model")
    schema = {"tally": NUMBER, "bundle": NUMBER, "server": NUMBER} | dict.fromkeys(
        (*texts, "workload", "project"), pl.String
    )
    return pl.DataFrame(rows, schema=schema, orient="row")
