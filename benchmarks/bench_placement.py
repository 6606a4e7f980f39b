"""The least-carbon placement of 500 workloads over 40 regions against the solver alone.

The solver alone is what no answer can do without: the linear program as HiGHS takes it, built
beforehand. A placement builds it, tells alike placements apart by a second program, and an answer
adds figures of every place, moves, the what-if of them, and what ten limits cost, each solved anew.
"""

from calendar import monthrange

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_array

from carbon.analysis.placement import Cap, Problem, place
from carbon.portfolio import Portfolio

WORKLOADS, REGIONS, MONTHS = 500, 40, 12
MOST = 0.06
"""Of all energy in one region, so that seventeen regions are needed."""

GROUP = f"a placement of {WORKLOADS} workloads over {REGIONS} regions"
ZONES = ("CAMX", "DE", "FR", "GB", "SE", "US-TX", "JP", "IN")
HEAD = "workload,zone,site,period_start,period_end,energy_kwh,pue\n"


@pytest.fixture(scope="module")
def problem() -> Problem:
    """Energies over five orders of magnitude, one factor a region, a limit on each of them."""
    made = np.random.default_rng(1)
    energy = 10 ** made.uniform(0, 5, WORKLOADS)
    return Problem(
        workloads=tuple(f"w-{load}" for load in range(WORKLOADS)),
        places=tuple(f"region-{at}" for at in range(REGIONS)),
        home=made.integers(0, REGIONS, WORKLOADS),
        kg=energy[:, None]
        * made.uniform(0.01, 0.8, REGIONS)
        * made.uniform(1, 1.2, (WORKLOADS, 1)),
        energy_kwh=energy,
        caps=tuple(
            Cap(
                "max_share_per_region",
                f"region-{at}",
                MOST * float(energy.sum()),
                np.arange(REGIONS) == at,
            )
            for at in range(REGIONS)
        ),
    )


@pytest.mark.benchmark(group=GROUP)
def bench_solver_alone(benchmark, problem):
    cells = WORKLOADS * REGIONS
    rows, columns = np.divmod(np.arange(cells), REGIONS)
    each = csr_array((np.ones(cells), (rows, np.arange(cells))), shape=(WORKLOADS, cells))
    share = problem.energy_kwh[rows] / problem.energy_kwh.sum()
    caps = csr_array((share, (columns, np.arange(cells))), shape=(REGIONS, cells))
    kg = problem.kg.ravel() / problem.kg.max()
    most, one = np.full(REGIONS, MOST), np.ones(WORKLOADS)

    def solve():
        return linprog(kg, A_ub=caps, b_ub=most, A_eq=each, b_eq=one, method="highs-ds")

    assert benchmark(solve).success


@pytest.mark.benchmark(group=GROUP)
def bench_place(benchmark, problem):
    assert benchmark(place, problem).feasible


@pytest.mark.benchmark(group=GROUP)
def bench_optimise(benchmark, tmp_path):
    lines = (
        f"w-{load},{ZONES[load % 8]},Hall {load % 8},{_month(month)},{load % 97 + month + 1},1.2\n"
        for load in range(WORKLOADS)
        for month in range(1, MONTHS + 1)
    )
    portfolio = Portfolio(tmp_path)
    portfolio.import_files([("activity.csv", (HEAD + "".join(lines)).encode())])
    _, places, _ = portfolio.whatif_stage()
    regions = [id for id, kind in zip(places.ids, places.kinds, strict=True) if kind == "region"]
    asked = {
        "constraints": {"allowed_regions": regions[:REGIONS], "max_share_per_region": MOST},
    }
    found = benchmark(portfolio.optimise, asked)
    assert found.feasible
    assert found.shadow_prices


def _month(number: int) -> str:
    """First and last day of a month of 2025, as two columns."""
    return f"2025-{number:02}-01,2025-{number:02}-{monthrange(2025, number)[1]}"
