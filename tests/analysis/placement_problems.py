"""Small questions of placement for tests, and a judge who shares no code with the solver."""

import itertools

import numpy as np
from hypothesis import strategies as st

from carbon.analysis.placement import Barrier, Cap, Placement, Problem

PLACES = ("zone:DE", "aws:eu-north-1", "zone:FR", "aws:us-east-1")


def problem(kg, energy=None, home=None, **fields):
    """A question of loads a, b, c …, at home in the first place unless told."""
    kg = np.asarray(kg, dtype=float)
    loads, places = kg.shape
    return Problem(
        workloads=fields.pop("workloads", tuple("abcdefgh"[:loads])),
        places=PLACES[:places],
        home=np.zeros(loads, dtype=np.int64) if home is None else np.asarray(home),
        kg=kg,
        energy_kwh=np.ones(loads) if energy is None else np.asarray(energy, dtype=float),
        **fields,
    )


def most(kwh, name="max_share_per_region"):
    """A cap on each place but those of `inf`."""
    return tuple(
        Cap(name, PLACES[at], limit, places=np.arange(len(kwh)) == at)
        for at, limit in enumerate(kwh)
        if np.isfinite(limit)
    )


def movable(share, energy, load=0):
    """At most a share of one load may leave."""
    loads = np.arange(len(energy)) == load
    return Cap("movable_share", "abcdefgh"[load], share * energy[load], loads=loads, away=True)


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
        if asked.whole:
            assert set(np.round(row, 12)) <= {0.0, 1.0}
    for cap in asked.caps:
        energy = 0.0
        for load, at in np.ndindex(answer.shares.shape):
            here = cap.places is None or cap.places[at]
            ours = cap.loads is None or cap.loads[load]
            if here and ours and not (cap.away and at == asked.home[load]):
                energy += asked.energy_kwh[load] * answer.shares[load, at]
        assert energy <= cap.kwh + slack * total, (cap.constraint, cap.subject)
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
    energy = [draw(st.sampled_from([1.0, 2.0, 4.0])) for _ in range(n)]
    if tied:
        shares = [draw(st.sampled_from([0.25, 0.5, 0.75, 1.0, np.inf])) for _ in range(p)]
        caps = most(np.array(shares) * sum(energy))
        caps += most([draw(st.sampled_from([1.0, 2.0, 4.0, np.inf])) for _ in range(p)], "capacity")
        caps += tuple(
            movable(draw(halves), energy, load) for load in range(n) if draw(st.booleans())
        )
        fields["caps"] = caps
    if tied and draw(st.booleans()):
        fields["cost"] = table(few)
        fields["budget"] = draw(st.sampled_from([1.0, 4.0, 9.0, 16.0]))
    return problem(
        table(few),
        energy=energy,
        home=np.array([draw(st.integers(0, p - 1)) for _ in range(n)]),
        whole=whole,
        **fields,
    )
