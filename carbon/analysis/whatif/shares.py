"""Where load runs after the moves: the share that stays, and the share at each target."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from carbon.analysis.whatif.grids import Array, Ints
from carbon.analysis.whatif.places import Places
from carbon.analysis.whatif.scenario import EVERY, GROUPS, Move
from carbon.analysis.whatif.scenario_file import ScenarioError
from carbon.analysis.whatif.today import Today


@dataclass(frozen=True)
class Target:
    """A place that load moves to.

    Attributes:
        place: its position in `Places`.
        pue: PUE that the move states [1]; None where the place's own holds.
    """

    place: int
    pue: float | None


@dataclass(frozen=True)
class Step:
    """What one move took.

    Attributes:
        move: the move.
        target: position in `Placement.targets`.
        rows: the rows that it names: their positions, or all.
        taken: share of these rows' load that it took from where they stayed (line 0) and from the
            first targets (lines 1 and on), as many as it may take from: lines x rows [1].
        arrives: the same, over lines [1].
    """

    move: Move
    target: int
    rows: Ints | slice
    taken: Array
    arrives: Array


@dataclass(frozen=True)
class Placement:
    """Where load runs.

    Attributes:
        targets: places that load moved to.
        shares: rows x (1 + targets), rows add up to 1; column 0 stays where it is today.
        steps: what each move took, in order.
    """

    targets: tuple[Target, ...]
    shares: Array
    steps: tuple[Step, ...]


def placed(today: Today, places: Places, moves: Sequence[Move]) -> Placement:
    """Apply moves in order.

    `x[t] += s (x[d1] + x[d2] + ...)`, `x[d] *= 1 - s` for every place d that the move takes from:
    all but the target, or what its `from_...` names.

    Raises:
        ScenarioError: names of workloads or places that are not known, all at once, with the
            nearest ones.
    """
    faults = [
        fault for at, move in enumerate(moves, 1) for fault in _faults(at, move, today, places)
    ]
    if faults:
        raise ScenarioError.of(faults)
    goals = [Target(_target(move, places), move.pue) for move in moves]
    targets = tuple(dict.fromkeys(goals))
    shares = np.zeros((1 + len(targets), today.rows.height))
    shares[0] = 1.0
    # Targets are in the order of their first move: beyond those so far nothing has load yet.
    filled = 1
    steps = []
    for move, goal in zip(moves, goals, strict=True):
        at = 1 + targets.index(goal)
        filled = max(filled, at + 1)
        takes = move.share * _takes(places, move, at, targets[: filled - 1])
        rows = _positions(named(today, move))
        lines = filled if takes[1:].any() else 1
        taken = shares[:lines, rows] * takes[:lines, None]
        taken[0] *= _leaves(today, move)[rows]
        shares[:lines, rows] -= taken
        arrives = taken.sum(axis=0)
        shares[at, rows] += arrives
        steps.append(Step(move, at - 1, rows, taken, arrives))
    return Placement(targets, np.ascontiguousarray(shares.T), tuple(steps))


def _positions(rows: NDArray[np.bool_]) -> Ints | slice:
    """Of all rows a slice, which copies nothing."""
    return slice(None) if rows.all() else np.flatnonzero(rows)


def named(today: Today, move: Move) -> NDArray[np.bool_]:
    """The rows whose workload a move names."""
    hit = of_workloads(today, move.workload)
    for group in GROUPS:
        wanted = getattr(move, group)
        if wanted:
            hit &= _of(today, group, wanted)
    return hit


def of_workloads(today: Today, names: Iterable[str]) -> NDArray[np.bool_]:
    """The rows of workloads; "*" names every one."""
    wanted = list(names)
    if EVERY in wanted:
        return np.ones(today.rows.height, dtype=bool)
    return _of(today, "workload", wanted)


def _of(today: Today, group: str, names: Iterable[str]) -> NDArray[np.bool_]:
    hit = np.zeros(today.rows.height, dtype=bool)
    for name in names:
        hit[today.names[group].get(name, [])] = True
    return hit


def _takes(places: Places, move: Move, goal: int, targets: Sequence[Target]) -> NDArray[np.float64]:
    """1 for each line of shares that a move takes from: all but its goal, or what it names."""
    takes = np.ones(1 + len(targets))
    if move.from_place is not None:
        takes[1:] = 0.0
    elif _names_origin(move):
        takes[1:] = _lies_in(places.table[[target.place for target in targets]], move)
    takes[goal] = 0.0
    return takes


def _leaves(today: Today, move: Move) -> NDArray[np.bool_]:
    """Rows that a move takes from where they are today."""
    leaves = ~_is(today, move)
    if _names_origin(move):
        leaves &= _lies_in(today.rows, move)
    if move.from_place is not None:
        leaves &= np.asarray(today.stands["place"] == move.from_place, dtype=bool)
    return leaves


def _names_origin(move: Move) -> bool:
    return any((move.from_zone, move.from_provider, move.from_region, move.from_site))


def _lies_in(where: pl.DataFrame, move: Move) -> NDArray[np.bool_]:
    """What a move's `from_...` names; everything where it names nothing."""
    hit = np.ones(where.height, dtype=bool)
    for column in ("provider", "region", "site"):
        wanted = getattr(move, f"from_{column}")
        if wanted is not None:
            hit &= where[column].eq_missing(pl.Series([wanted], dtype=pl.String)).to_numpy()
    if move.from_zone is not None:
        wanted = move.from_zone
        within = (pl.col("zone") == wanted) | (pl.col("country") == wanted)
        hit &= where.select(within.fill_null(False)).to_series().to_numpy()
    return hit


def _is(today: Today, move: Move) -> NDArray[np.bool_]:
    """Rows that are at the target of a move already."""
    if move.to_zone is None:
        return np.asarray(today.stands["place"] == target_name(move), dtype=bool)
    return np.asarray(today.stands["zone"] == move.to_zone, dtype=bool)


def target_name(move: Move) -> str:
    """The name of the place that a move goes to."""
    if move.to_region is not None:
        return f"{move.to_provider}:{move.to_region}"
    return f"site:{move.to_site}" if move.to_site is not None else f"zone:{move.to_zone}"


def _target(move: Move, places: Places) -> int:
    at = places.position(target_name(move))
    if at is None:  # pragma: no cover - `_faults` has refused it
        raise ScenarioError(f"there is no place {target_name(move)!r}")
    return at


def _faults(at: int, move: Move, today: Today, places: Places) -> list[str]:
    faults = []
    strange = [
        name for name in move.workload if name != EVERY and name not in today.names["workload"]
    ]
    faults += [unknown(f"moves[{at}].workload", name, today.workloads) for name in strange]
    for group in GROUPS:
        faults += [
            unknown(f"moves[{at}].{group}", name, list(today.names[group]))
            for name in getattr(move, group)
            if name not in today.names[group]
        ]
    if move.from_place is not None and move.from_place not in today.stands["place"]:
        there = today.rows["place"].unique().sort().to_list()
        faults.append(unknown(f"moves[{at}].from_place", move.from_place, there))
    target = target_name(move)
    if places.position(target) is None:
        faults.append(unknown(f"moves[{at}]: place", target, places.ids))
    return faults


def unknown(where: str, name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.5)
    said = f"did you mean {', '.join(near)}?" if near else f"there are {', '.join(known[:8])}"
    return f"{where} {name!r} is not known in these months; {said}"
