"""The pedigree matrix: the worked numbers of the method, its sets, and scores that are stated."""

import math

import pytest
from accounting_rows import account, component, grid, policy, totals, use

from carbon.accounting.pedigree import BASIC, ENERGY, INDICATORS, SETS, by_tier, gsd2
from carbon.accounting.uncertainty import product
from carbon.policy import PolicyError

ROW = use(zone="DE", quantity_kind="energy_it_kwh", quantity=100.0, pue=1.0)


def score(of: str, name: str, scores: str) -> str:
    stated = "\n".join(
        f"{indicator} = {value}"
        for indicator, value in zip(INDICATORS, scores.split(), strict=True)
    )
    return f'[[uncertainty.scores]]\nof = "{of}"\nname = "{name}"\n{stated}\nreason = "seen"\n'


def test_the_worked_examples():
    activity = gsd2((2, 2, 2, 2, 3), BASIC["energy"])
    grid_factor = gsd2((2, 5, 3, 4, 4), 1.05)
    # Factors 1.05, 1.05, 1.02, 1.03, 1.01, 1.20.
    logs = [math.log(u) for u in (1.05, 1.05, 1.02, 1.03, 1.01, 1.20)]
    assert activity == pytest.approx(math.exp(math.hypot(*logs)))
    assert activity == pytest.approx(1.2195, abs=5e-5)
    # Factors 1.05 (basic), 1.05, 1.20, 1.10, 1.02, 1.50.
    assert grid_factor == pytest.approx(product(1.05, 1.05, 1.20, 1.10, 1.02, 1.50))
    assert product(1.05, 1.20, 1.10, 1.20, 1.02, 1.50) == pytest.approx(1.6367, abs=5e-5)
    assert product(1.2195, 1.6367) == pytest.approx(1.7009, abs=5e-5)


def test_a_worse_score_is_never_surer():
    for figures in SETS.values():
        assert set(figures) == set(INDICATORS)
        for by_score in figures.values():
            assert len(by_score) == 5
            assert by_score[0] == 1.0
            assert list(by_score) == sorted(by_score)


def test_the_empirical_set_is_published_as_gsd_and_squared():
    # Reliability 2 alone: GSD 1.54, so sigma = ln 1.54 and G = 1.54^2; others are G.
    assert gsd2((2, 1, 1, 1, 1), 1.0, "empirical") == pytest.approx(1.54**2)
    assert gsd2((2, 1, 1, 1, 1), 1.0, "expert") == pytest.approx(1.05)
    assert gsd2((2, 1, 1, 1, 1), 1.0, "ghg_protocol") == pytest.approx(1.10)


def test_a_score_beyond_the_matrix_is_refused():
    with pytest.raises(IndexError, match="not all 1 to 5"):
        gsd2((0, 1, 1, 1, 1), 1.05)
    with pytest.raises(PolicyError, match="reliability"):
        policy(score("energy", "w", "6 1 1 1 1"))


def test_default_scores_widen_from_tier_to_tier():
    for chosen in SETS:
        wanted = policy(f'[uncertainty]\ninputs = "pedigree"\npedigree_set = "{chosen}"')
        widths = list(by_tier(wanted).values())
        assert widths == sorted(widths)
        assert len(widths) == len(ENERGY) == 7
    assert by_tier(policy('[uncertainty]\ninputs = "pedigree"'))["T4"] == pytest.approx(
        1.2195, abs=5e-5
    )


def test_stated_scores_replace_the_tiers_figure():
    chosen = policy(score("energy", "w*", "2 2 2 2 3"))
    line = component(account([ROW], policy=chosen), "it")
    assert line["energy_gsd2"] == pytest.approx(1.2195, abs=5e-5)
    other = policy(score("energy", "x*", "2 2 2 2 3"))
    assert component(account([ROW], policy=other), "it")["energy_gsd2"] == pytest.approx(1.10)


def test_stated_scores_of_a_factor_reach_both_methods():
    chosen = policy(score("factor", "DE-location-*", "1 1 3 1 1"))
    # exp sqrt(ln^2 1.05 + ln^2 1.10) of the factor; energy T2 1.10.
    factor = math.exp(math.hypot(math.log(1.05), math.log(1.10)))
    spread = math.exp(math.hypot(math.log(1.10), math.log(factor)))
    measures = totals(account([ROW], factors=[grid("DE", 0.4)], policy=chosen))
    assert measures["location_high_kg"] == pytest.approx(40 * spread)
    # No residual mix: the grid average stands in, with the same figure.
    assert measures["market_high_kg"] == pytest.approx(40 * spread)


def test_a_factor_by_pedigree_is_scored_by_lag_place_and_basis():
    wanted = policy('[uncertainty]\ninputs = "pedigree"')

    def of(*factors):
        rows = [use(zone="CAMX", quantity_kind="energy_it_kwh", quantity=100.0, pue=1.0)]
        return component(account(rows, factors=list(factors), policy=wanted), "it")["location_gsd2"]

    assert of(grid("CAMX", 0.4)) == pytest.approx(1.05)
    # 2019 for 2024: lag 5 years, score 2: 1.03; the country's for a part of it: 1.01.
    assert of(grid("CAMX", 0.4, 2019)) == pytest.approx(product(1.05, 1.03))
    assert of(grid("US", 0.4, 2019)) == pytest.approx(product(1.05, 1.03, 1.01))


def test_the_scores_of_a_pue_and_of_an_embodied_figure():
    row = use(zone="DE", quantity_kind="accelerator_hours", quantity=100.0,
              accelerator="H100", average_power_w=500.0)  # fmt: skip
    plain = account([row])
    assert component(plain, "overhead")["pue_gsd2"] == pytest.approx(1.30)
    embodied = plain.lines.drop_nulls("embodied_kg")["embodied_gsd2"]
    # No range is published of either part: the basic factor of infrastructure.
    assert embodied.to_list() == [3.0]
    chosen = policy(
        score("pue", "policy default*", "1 1 1 1 1")
        + score("embodied", "NVIDIA H100*", "2 2 2 2 3")
    )
    better = account([row], policy=chosen)
    assert component(better, "overhead")["pue_gsd2"] == pytest.approx(1.05)
    wider = better.lines.drop_nulls("embodied_kg")["embodied_gsd2"].to_list()
    assert wider == [pytest.approx(product(3.0, 1.05, 1.02, 1.03, 1.01, 1.20))]
