"""A scenario over 500 workloads x 24 months x 40 regions against plain sums: read the ratio.

The plain sum is what no scenario can do without: energy by workload and month, share by workload
and region, factor by region and month, multiplied and added up in one einsum, once for each
method. A scenario adds PUE, contracts, embodied carbon, water, intervals, the listing of moves and
limits.
"""

from calendar import monthrange

import numpy as np
import pytest

from carbon.analysis.whatif.compute import whatif
from carbon.analysis.whatif.scenario import Scenario, sequential_shares
from carbon.factors.library import load
from carbon.portfolio import Portfolio
from carbon.portfolio.whatif_verbs import Stage

WORKLOADS, MONTHS, REGIONS = 500, 24, 40
GROUP = f"a scenario over {WORKLOADS} workloads x {MONTHS} months x {REGIONS} regions"
ZONES = ("CAMX", "DE", "FR", "GB", "SE", "US-TX", "JP", "IN")
HEAD = "workload,zone,site,period_start,period_end,energy_kwh,pue\n"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Arrays of a workspace with a row for each workload and month, in eight sites."""
    lines = (
        f"w-{load},{ZONES[load % 8]},Hall {load % 8},{_month(month)},{load % 97 + month + 1},1.2\n"
        for load in range(WORKLOADS)
        for month in range(MONTHS)
    )
    portfolio = Portfolio(tmp_path_factory.mktemp("whatif"))
    portfolio.import_files([("activity.csv", (HEAD + "".join(lines)).encode())])
    return portfolio.whatif_stage()


@pytest.fixture(scope="module")
def scenario(stage: Stage) -> Scenario:
    """Half of every workload, spread over the regions, each with a share of it."""
    _, places, _ = stage
    targets = [
        place for place, kind in zip(places.ids, places.kinds, strict=True) if kind == "region"
    ]
    pairs = [place.split(":", 1) for place in targets[:REGIONS]]
    assert len(pairs) == REGIONS
    moves = [
        {"share": share, "to_provider": provider, "to_region": region}
        for share, (provider, region) in zip(
            sequential_shares([0.5 / REGIONS] * REGIONS), pairs, strict=True
        )
    ]
    return Scenario.model_validate({"moves": moves})


@pytest.mark.benchmark(group=GROUP)
def bench_plain_einsum(benchmark):
    rng = np.random.default_rng(1)
    energy = rng.random((WORKLOADS, MONTHS))
    shares = rng.random((WORKLOADS, REGIONS))
    factor = rng.random((REGIONS, MONTHS))

    def plain():
        return [
            np.einsum("wm,wr,rm->wr", energy, shares, factor, optimize="optimal") for _ in range(2)
        ]

    assert benchmark(plain)[0].shape == (WORKLOADS, REGIONS)


@pytest.mark.benchmark(group=GROUP)
def bench_whatif(benchmark, stage, scenario):
    now, places, policy = stage
    assert now.it_kwh.shape == (WORKLOADS, MONTHS)
    outcome = benchmark(whatif, now, places, scenario, policy, load())
    assert len(outcome.moves) == REGIONS
    assert outcome.scenario["energy_it_kwh"] == pytest.approx(outcome.baseline["energy_it_kwh"])


@pytest.mark.benchmark(group=GROUP)
def bench_whatif_one_move(benchmark, stage):
    now, places, policy = stage
    move = {"share": 0.4, "to_provider": "aws", "to_region": "eu-north-1"}
    outcome = benchmark(
        whatif, now, places, Scenario.model_validate({"moves": [move]}), policy, load()
    )
    assert outcome.moves[0]["energy_kwh"] > 0


def _month(number: int) -> str:
    """First and last day of a month from 2024 on, as two columns."""
    year, month = 2024 + number // 12, number % 12 + 1
    return f"{year}-{month:02}-01,{year}-{month:02}-{monthrange(year, month)[1]}"
