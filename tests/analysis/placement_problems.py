"""Small questions of placement for tests, and a judge who shares no code with the solver."""

import itertools

import numpy as np
from hypothesis import strategies as st

from carbon.analysis.placement import Barrier, Placement, Problem

PLACES = ("zone:DE", "aws:eu-north-1", "zone:FR", "aws:us-east-1")


def problem(kg, energy=None, home=None, **fields):
    """A question of loads a, b, c …, at home in the first place unless told."""
    kg = np.asarray(kg, dtype=float)
    loads, places = kg.shape
    return Problem(
        workloads=tuple("abcdefgh"[:loads]),
        places=PLACES[:places],
        home=np.zeros(loads, dtype=np.int64) if home is None else np.asarray(home),
        kg=kg,
        energy_kwh=np.ones(loads) if energy is None else np.asarray(energy, dtype=float),
        **fields,
    )


def barrier(bars, name="allowed_regions", by="place"):
    return Barrier(name, np.asarray(bars, dtype=bool), by)


def judge(asked: Problem, answer: Placement, slack: float = 1e-8) -> None:
    """Every constraint in plain Python; a share anywhere that is not allowed fails."""
    total = sum(asked.energy_kwh)
    for load, name in enumerate(asked.workloads):
        row = answer.shares[load]
        assert abs(sum(row) - 1.0) < 1e-9, name
        assert min(row) >= 0.0
        for at, place in enumerate(asked.places):
            if row[at] > 0:
                assert np.isfinite(asked.kg[load, at]), (name, place)
                for stands in asked.barriers:
                    assert not stands.bars[load, at], (stands.name, name, place)
        free = 1.0 if asked.movable is None else asked.movable[load]
        assert 1.0 - row[asked.home[load]] <= free + slack
        if asked.whole:
            leaves = [share for at, share in enumerate(row) if at != asked.home[load] and share > 0]
            assert not leaves or (len(leaves) == 1 and abs(leaves[0] - free) < slack)
    for at in range(len(asked.places)):
        energy = sum(
            asked.energy_kwh[load] * answer.shares[load, at] for load in range(len(asked.workloads))
        )
        if asked.max_share is not None:
            assert energy <= asked.max_share[at] * total + slack * total
        if asked.capacity_kwh is not None:
            assert energy <= asked.capacity_kwh[at] + slack * total
    if asked.budget is not None:
        cost = sum_where(asked.cost, answer.shares)
        assert cost <= asked.budget + slack * max(abs(asked.budget), 1.0)


def sum_where(rates, shares):
    return sum(rates[at] * shares[at] for at in np.ndindex(shares.shape) if shares[at] > 0)


def best_by_grid(asked: Problem, steps: int) -> float | None:
    """The least kg over every placement in shares of 1 / steps, by trying them all."""
    loads, places = asked.kg.shape
    rows = [
        np.array(counts) / steps
        for counts in itertools.product(range(steps + 1), repeat=places)
        if sum(counts) == steps
    ]
    found = None
    for chosen in itertools.product(rows, repeat=loads):
        shares = np.array(chosen)
        try:
            judge(asked, Placement(True, shares, None, None, np.zeros(places), 0.0), 1e-9)
        except AssertionError:
            continue
        kg = sum_where(asked.kg, shares)
        found = kg if found is None else min(found, kg)
    return found


@st.composite
def questions(draw, loads=3, places=3, *, whole=False, tied=True):
    """Questions with few numbers, so that ties and tight limits are common."""
    n, p = draw(st.integers(1, loads)), draw(st.integers(2, places))
    few = st.sampled_from([0.0, 1.0, 2.0, 3.0, 5.0, 8.0])

    def table(of):
        return np.array([[draw(of) for _ in range(p)] for _ in range(n)])

    fields = {}
    if draw(st.booleans()):
        fields["barriers"] = (
            barrier(table(st.sampled_from([False, False, True]))),
            barrier(table(st.sampled_from([False, False, False, True])), "residency", "workload"),
        )
    halves = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])
    if tied and draw(st.booleans()):
        fields["max_share"] = np.array([draw(halves) for _ in range(p)])
    if tied and draw(st.booleans()):
        fields["capacity_kwh"] = np.array(
            [draw(st.sampled_from([1.0, 2.0, 4.0, np.inf])) for _ in range(p)]
        )
    if draw(st.booleans()):
        fields["movable"] = np.array([draw(halves) for _ in range(n)])
    if tied and draw(st.booleans()):
        fields["cost"] = table(few)
        fields["budget"] = draw(st.sampled_from([1.0, 4.0, 9.0, 16.0]))
    return problem(
        table(few),
        energy=[draw(st.sampled_from([1.0, 2.0, 4.0])) for _ in range(n)],
        home=np.array([draw(st.integers(0, p - 1)) for _ in range(n)]),
        whole=whole,
        **fields,
    )
