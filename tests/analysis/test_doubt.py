"""The doubt of a footprint: its centre is the footprint's own, and its interval too."""

import math

import pytest
from accounting_rows import account, grid, policy, totals, use

from carbon.accounting.summary import summarise
from carbon.analysis.doubt import doubt
from carbon.analysis.parts import parts

METERED = use(zone="DE", quantity_kind="energy_facility_kwh", quantity=100.0, workload="meter")
HOURS = use(zone="DE", quantity_kind="accelerator_hours", quantity=1000.0, accelerator="H100",
            workload="hours", row_number=3, key="k3")  # fmt: skip
ROWS = [METERED, HOURS]


@pytest.mark.parametrize("method", ["location", "market"])
def test_the_centre_and_the_interval_are_those_of_the_footprint(method):
    footprint = account(ROWS)
    found = doubt(footprint, footprint.policy, method, ["workload"], draws=1000)
    measures = totals(footprint)
    assert found.total["kg"] == pytest.approx(measures[f"{method}_kg_co2e"], rel=1e-12)
    assert found.total["low_kg"] == pytest.approx(measures[f"{method}_low_kg"], rel=1e-9)
    assert found.total["high_kg"] == pytest.approx(measures[f"{method}_high_kg"], rel=1e-9)
    by = summarise(footprint, ["workload"], footprint.policy)
    for end in ("low", "high"):
        assert found.rows[f"{end}_kg"].to_list() == pytest.approx(
            by[f"{method}_{end}_kg"].to_list(), rel=1e-9
        )
    assert found.rows["kg"].sum() == pytest.approx(found.total["kg"], rel=1e-12)


def test_the_whole_of_a_default_pue_and_a_tier_by_hand():
    # 1 000 h x (700 + 150 W) = 850 kWh IT, x 0.56 = 476 kWh overhead, x 0.4 kg.
    # T5 1.50 of the energy, 1.30 of the PUE in the overhead, 1.10 of the factor.
    footprint = account([HOURS], factors=[grid("DE", 0.4)])
    found = doubt(footprint, footprint.policy, draws=1000)
    of_pue = 476 / 1326 * math.log(1.3)
    spread = math.exp(math.hypot(math.log(1.5), of_pue, math.log(1.1)))
    assert found.total["kg"] == pytest.approx(1326 * 0.4)
    assert found.total["gsd2"] == pytest.approx(spread)
    # ln 1.5 = 0.405, ln 1.1 = 0.0953, 0.359 x ln 1.3 = 0.0942.
    names = ["hours", "DE-location-direct-2024", "policy default 1.56"]
    assert found.drivers["kind"].to_list() == ["workload", "factor", "pue"]
    assert found.drivers["name"].to_list() == names
    called = ["hours", "DE 2024, test", "policy default 1.56"]
    assert found.drivers["label"].to_list() == called
    # Measured, its energy is 1.10: (ln 1.1, of_pue, ln 1.1).
    best = found.measure_next.row(0, named=True)
    then = math.exp(math.hypot(math.log(1.1), of_pue, math.log(1.1)))
    assert (best["kind"], best["name"]) == ("workload", "hours")
    assert best["high_kg"] == pytest.approx(1326 * 0.4 * then)


def test_the_share_measured_by_energy_and_by_emissions():
    # 100 kWh metered in France at 0.05, 1 326 kWh by hours in Germany at 0.4.
    rows = [{**METERED, "zone": "FR"}, HOURS]
    footprint = account(rows, factors=[grid("DE", 0.4), grid("FR", 0.05)])
    found = doubt(footprint, footprint.policy, draws=100)
    assert found.measured_kwh == pytest.approx(100 / 1426)
    assert found.measured_kg == pytest.approx(5 / (5 + 530.4))
    assert found.tiers["tier"].to_list() == ["T1", "T5"]
    assert found.tiers["kg_share"].sum() == pytest.approx(1)


def test_embodied_carbon_is_a_sum_of_its_own():
    # One H100 of 164 kg over 4 years and 1/8 of 5 700 kg, 1 000 h of 35 040; no range published.
    footprint = account([HOURS])
    found = doubt(footprint, footprint.policy, "embodied", draws=2000)
    kg = 1000 * (164 / 35040 + 5700 / 8 / 35040)
    assert found.total["kg"] == pytest.approx(kg)
    assert found.total["high_kg"] == pytest.approx(3 * kg)
    assert found.drivers["kind"].to_list() == ["embodied"]
    assert found.measure_next.is_empty()


def test_a_server_that_accelerators_share_is_one_draw():
    twice = [HOURS, {**HOURS, "workload": "other", "row_number": 4, "key": "k4"}]
    footprint = account(twice)
    assert doubt(footprint, footprint.policy, "embodied", draws=100).total["gsd2"] == pytest.approx(
        3
    )


def test_what_is_not_known_is_in_no_part_and_zero_is_certain():
    unknown = account([METERED], factors=[])
    found = doubt(unknown, unknown.policy, draws=100)
    assert found.total["kg"] is None
    assert found.measured_kg is None
    assert found.drivers.is_empty()
    zero = account([METERED], factors=[grid("DE", 0.0)])
    found = doubt(zero, zero.policy, draws=100)
    assert (found.total["low_kg"], found.total["high_kg"], found.total["gsd2"]) == (0.0, 0.0, 1.0)
    assert found.total["mc_gsd2"] == 1.0
    assert found.measured_kg is None
    assert found.measured_kwh == 1.0


def test_draws_and_seed_are_the_policys_unless_told():
    footprint = account(ROWS, policy=policy("[uncertainty]\ndraws = 150\nseed = 9"))
    found = doubt(footprint, footprint.policy)
    assert (found.draws, found.seed) == (150, 9)
    assert found.to_dict()["pedigree_set"] == "expert"
    again = doubt(footprint, footprint.policy, draws=150, seed=9)
    assert again.total == found.total
    assert (
        doubt(footprint, footprint.policy, seed=10).total["mc_low_kg"] != found.total["mc_low_kg"]
    )


def test_a_method_that_does_not_exist():
    with pytest.raises(ValueError, match="location, market, embodied"):
        parts(account(ROWS), "both")
