"""What changes besides the place: factors on each row's energy, hours and PUE."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from carbon.accounting.embodied import rates
from carbon.analysis.whatif.grids import Array
from carbon.analysis.whatif.scenario import EVERY, Changes, Hardware
from carbon.analysis.whatif.scenario_file import ScenarioError
from carbon.analysis.whatif.shares import of_workloads, unknown
from carbon.analysis.whatif.today import Today
from carbon.factors.library import Library
from carbon.policy import Policy


@dataclass(frozen=True)
class Scales:
    """Factors on rows.

    Attributes:
        work: IT energy, scenario / today [1].
        embodied: embodied carbon, scenario / today [1].
        pue: PUE of load that stays, or goes where none is known [1]; NaN where it does not change.
        shift: by hours of the day that take it, the share of each row's load that waits [1].
    """

    work: Array
    embodied: Array
    pue: Array
    shift: Mapping[int, Array]


def scales(today: Today, changes: Changes, library: Library, policy: Policy) -> Scales:
    """The factors of a scenario's changes.

    `work = growth x energy_per_unit x hardware x (1 - idle + idle / utilisation)`: what hardware
    draws whether used or not is spread over more work. `embodied = growth x hardware /
    utilisation`: carbon per accelerator-hour stays, hours change.

    Raises:
        ScenarioError: workloads or accelerators that are not known, all at once.
    """
    faults = _faults(today, changes, library)
    if faults:
        raise ScenarioError.of(faults)
    growth = _rowwise(today, changes.growth, 1.0)
    use = _rowwise(today, changes.utilisation, 1.0)
    idle = _rowwise(today, changes.idle_share, 0.0)
    work = growth * _rowwise(today, changes.energy_per_unit, 1.0) * (1 - idle + idle / use)
    embodied = growth / use
    for replaced in changes.hardware:
        rows = np.zeros(today.rows.height, dtype=bool)
        rows[today.names["accelerator"][replaced.from_accelerator]] = True
        rows &= of_workloads(today, replaced.workload)
        energy, carbon = _ratios(replaced, library, policy)
        work = np.where(rows, work * energy, work)
        embodied = np.where(rows, embodied * carbon, embodied)
    shift: dict[int, Array] = {}
    for waits in changes.time_shift:
        rows = of_workloads(today, waits.workload)
        before = shift.get(waits.hours, np.zeros(today.rows.height))
        shift[waits.hours] = np.where(rows, waits.share, before)
    return Scales(work, embodied, _rowwise(today, changes.pue, np.nan), shift)


def _rowwise(today: Today, by_workload: Mapping[str, float], otherwise: float) -> Array:
    """The number of each row's workload: its own, else that of all, else `otherwise`."""
    for_all = by_workload.get(EVERY, otherwise)
    if not set(by_workload) - {EVERY}:
        return np.full(today.rows.height, for_all)
    of_each = np.array([by_workload.get(name, for_all) for name in today.workloads])
    return of_each[today.workload_of]


def _ratios(replaced: Hardware, library: Library, policy: Policy) -> tuple[float, float]:
    """Energy per unit of work, and embodied carbon per unit of work, new / old [1].

    Where no throughput is stated hours stay; where an accelerator has no embodied figure its
    predecessor's stands in.
    """
    faster = replaced.throughput_ratio or 1.0
    energy = replaced.energy_ratio
    if energy is None:
        tdp = _figures(library.accelerators, "tdp_w", replaced)
        energy = tdp[1] / tdp[0] / faster
    per_hour = rates(library.embodied, policy)
    known = dict(per_hour.select("accelerator", "rate_central").iter_rows())
    old, new = known.get(replaced.from_accelerator), known.get(replaced.to_accelerator)
    carbon = new / old if old and new is not None else 1.0
    return energy, carbon / faster


def _figures(table: pl.DataFrame, column: str, replaced: Hardware) -> tuple[float, float]:
    known = dict(table.select("accelerator", column).iter_rows())
    return known[replaced.from_accelerator], known[replaced.to_accelerator]


def _faults(today: Today, changes: Changes, library: Library) -> list[str]:
    faults = []
    for name in ("growth", "energy_per_unit", "utilisation", "idle_share", "pue"):
        stated = getattr(changes, name)
        faults += [
            unknown(f"changes.{name}", workload, today.workloads)
            for workload in stated
            if workload != EVERY and workload not in today.names["workload"]
        ]
    for part in ("hardware", "time_shift"):
        for at, entry in enumerate(getattr(changes, part), 1):
            faults += [
                unknown(f"changes.{part}[{at}].workload", workload, today.workloads)
                for workload in entry.workload
                if workload != EVERY and workload not in today.names["workload"]
            ]
    if not changes.hardware:
        return faults
    tdp = dict(library.accelerators.select("accelerator", "tdp_w").iter_rows())
    used = list(today.names["accelerator"])
    for at, replaced in enumerate(changes.hardware, 1):
        where = f"changes.hardware[{at}]"
        if replaced.from_accelerator not in used:
            faults.append(unknown(f"{where}.from", replaced.from_accelerator, used))
        elif replaced.to_accelerator not in tdp:
            faults.append(unknown(f"{where}.to", replaced.to_accelerator, sorted(tdp)))
        elif replaced.energy_ratio is None:
            silent = [
                name
                for name in (replaced.from_accelerator, replaced.to_accelerator)
                if tdp.get(name) is None
            ]
            faults += [f"{where}: no TDP of {name} is known; state energy_ratio" for name in silent]
    return faults
