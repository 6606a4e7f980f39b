"""95 % intervals: worked numbers of the pedigree method, and correlation."""

import math

import polars as pl
import pytest
from accounting_rows import account, at, component, grid, policy, totals, use
from hypothesis import given
from hypothesis import strategies as st

from carbon.accounting.uncertainty import interval, product


def parts(rows):
    """(workload, factor, kg, energy 95 % factor, factor's 95 % factor)."""
    names = ["workload", "factor", "kg", "energy_gsd2", "factor_gsd2"]
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(group=pl.lit("g"))


def gsd2(rows) -> float:
    return interval(parts(rows), ["group"])["gsd2"].item()


def test_pedigree_scores_multiply_up_as_published():
    # Scores (2, 2, 2, 2, 3) and the basic factor 1.05; grid factor scores with U_b 1.05.
    assert product(1.05, 1.05, 1.02, 1.03, 1.01, 1.20) == pytest.approx(1.2195, abs=5e-5)
    assert product(1.05, 1.20, 1.10, 1.20, 1.02, 1.50) == pytest.approx(1.6367, abs=5e-5)


def test_a_product_of_two_inputs():
    assert product(1.2195, 1.6367) == pytest.approx(1.7009, abs=5e-5)
    assert gsd2([("w", "f", 10.0, 1.2195, 1.6367)]) == pytest.approx(1.7009, abs=5e-5)


def test_a_sum_of_independent_parts():
    rows = [
        ("a", "f", 100.0, 1.2195, 1.0),
        ("b", "g", 50.0, 1.6367, 1.0),
        ("c", "h", 10.0, 1.05, 1.0),
    ]
    assert gsd2(rows) == pytest.approx(1.2186, abs=5e-5)


def test_a_factor_that_many_share_is_drawn_once():
    # Trap 21: a hundred workloads on one factor are no surer of it than one is.
    shared = [(f"w{n}", "f", 1.0, 1.0, 1.5) for n in range(100)]
    own = [(f"w{n}", f"f{n}", 1.0, 1.0, 1.5) for n in range(100)]
    assert gsd2(shared) == pytest.approx(1.5)
    assert gsd2(own) == pytest.approx(math.exp(math.log(1.5) / 10))


def test_the_energy_of_one_workload_is_fully_correlated():
    months = [("w", f"f{n}", 1.0, 1.3, 1.0) for n in range(12)]
    assert gsd2(months) == pytest.approx(1.3)


def test_low_and_high_of_one_measured_row():
    # 100 kWh x 0.4 kg = 40 kg; T2 1.10 and a direct factor of its year 1.10:
    # G = exp sqrt(2 x ln^2 1.1) = 1.1443.
    row = use(zone="DE", quantity_kind="energy_it_kwh", quantity=100.0, pue=1.0)
    measures = totals(account([row]))
    spread = math.exp(math.sqrt(2) * math.log(1.1))
    assert measures["location_low_kg"] == pytest.approx(40 / spread)
    assert measures["location_high_kg"] == pytest.approx(40 * spread)


def test_each_year_that_a_factor_lags_widens_the_interval():
    # A direct factor two years behind: 1.10 x 1.05^2; energy T1 1.05.
    row = use(zone="DE", quantity_kind="energy_facility_kwh", quantity=100.0)
    measures = totals(account([row], factors=[grid("DE", 0.4, 2022)]))
    factor = 1.1 * 1.05**2
    spread = math.exp(math.hypot(math.log(1.05), math.log(factor)))
    assert measures["location_high_kg"] == pytest.approx(40 * spread)


def test_overhead_on_the_default_pue_is_less_sure_than_on_a_stated_one():
    # T2 1.10; on the default PUE the overhead's is exp sqrt(ln^2 1.1 + ln^2 1.3) = 1.3220.
    row = use(zone="DE", quantity_kind="energy_it_kwh", quantity=100.0)
    by_default, stated = account([row]), account([{**row, "pue": 1.56}])
    assert component(by_default, "it")["energy_gsd2"] == pytest.approx(1.1)
    assert component(by_default, "overhead")["energy_gsd2"] == pytest.approx(1.3220, abs=5e-5)
    assert component(stated, "overhead")["energy_gsd2"] == pytest.approx(1.1)
    # ln 1.1 of the workload's energy, ln 1.3 of the PUE in 56 of 156 kWh, ln 1.1 of the factor.
    of_pue = 56 / 156 * math.log(1.3)
    spread = math.exp(math.hypot(math.log(1.1), of_pue, math.log(1.1)))
    assert totals(by_default)["location_high_kg"] == pytest.approx(62.4 * spread, rel=1e-4)
    chosen = policy("[uncertainty]\ndefault_pue = 1.0")
    alike = component(account([row], policy=chosen), "overhead")["energy_gsd2"]
    assert alike == pytest.approx(1.1)


def test_a_default_pue_that_many_share_is_drawn_once():
    # n workloads of 100 kWh IT each on PUE 1.56: energies of their own, one PUE, one factor.
    n = 25
    rows = [
        use(zone="DE", quantity_kind="energy_it_kwh", quantity=100.0, workload=f"w{i}",
            row_number=2 + i, key=f"k{i}")
        for i in range(n)
    ]  # fmt: skip
    many = totals(account(rows))
    energy = math.log(1.1) / math.sqrt(n)
    spread = math.exp(math.hypot(energy, 56 / 156 * math.log(1.3), math.log(1.1)))
    assert many["location_high_kg"] == pytest.approx(n * 62.4 * spread, rel=1e-9)


def test_a_regions_published_pue_is_less_sure_the_older_it_is():
    # aws us-west-1 has 1.3 of 2021 and 1.2 of 2024; 2023 takes that of 2021, two years before.
    row = use(provider="aws", region="us-west-1", quantity_kind="energy_it_kwh", quantity=100.0)
    of_year = component(account([row], factors=[grid("CAMX", 0.4)]), "overhead")
    assert of_year["pue_gsd2"] == pytest.approx(1.10)
    earlier = {**row, "period_start": at("2023-01"), "period_end": at("2023-02")}
    older = component(account([earlier], factors=[grid("CAMX", 0.4, 2023)]), "overhead")
    assert older["pue_gsd2"] == pytest.approx(1.10 * 1.05**2)
    assert older["energy_gsd2"] == pytest.approx(product(1.10, 1.10 * 1.05**2))


def test_rows_of_one_file_that_state_one_rate_took_it_from_one_place():
    # Twelve rows at 0.4 are one factor; at rates of their own they are twelve.
    def high(rates):
        rows = [
            use(zone="DE", quantity_kind="energy_facility_kwh", quantity=100.0, workload=f"w{i}",
                row_number=2 + i, key=f"k{i}", location_factor_kg_per_kwh=rate)
            for i, rate in enumerate(rates)
        ]  # fmt: skip
        measures = totals(account(rows))
        return measures["location_high_kg"] / measures["location_kg_co2e"]

    energy = math.log(1.05) / math.sqrt(12)
    assert high([0.4] * 12) == pytest.approx(math.exp(math.hypot(energy, math.log(1.05))))
    own = high([0.4 + i * 1e-12 for i in range(12)])
    assert own == pytest.approx(math.exp(math.hypot(energy, energy)), rel=1e-6)


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"),
            st.sampled_from("fgh"),
            st.floats(0.001, 1e6),
            st.floats(1, 5),
            st.floats(1, 5),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_a_sum_is_never_less_sure_than_its_parts_all_at_once(rows):
    # Sharing everything is the worst case: G is at most that of the widest part.
    found = gsd2(rows)
    widest = max(product(energy, factor) for *_, energy, factor in rows)
    assert 1 <= found <= widest * (1 + 1e-9)
    alike = [("a", "f", kg, energy, factor) for _, _, kg, energy, factor in rows]
    assert found <= gsd2(alike) * (1 + 1e-9)


def test_an_interval_of_zero_kg_is_zero_and_of_nothing_known_is_unknown():
    row = use(zone="DE", quantity_kind="energy_facility_kwh", quantity=100.0)
    zero = totals(account([row], factors=[grid("DE", 0.0)]))
    assert (zero["location_low_kg"], zero["location_high_kg"]) == (0.0, 0.0)
    nothing = totals(account([row], factors=[]))
    assert nothing["location_low_kg"] is None


def test_tiers_take_the_policys_factors():
    row = use(zone="DE", quantity_kind="energy_facility_kwh", quantity=100.0,
              location_factor_kg_per_kwh=0.4)  # fmt: skip
    chosen = policy("[uncertainty]\nfactor_row = 1.0\n[uncertainty.energy_by_tier]\nT1 = 2.0")
    assert totals(account([row], policy=chosen))["location_high_kg"] == pytest.approx(80.0)
