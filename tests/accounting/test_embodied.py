"""Amortised embodied carbon and water."""

from dataclasses import replace

import polars as pl
import pytest
from accounting_rows import LIBRARY, SOURCED, account, at, component, frame, policy, totals, use

from carbon.accounting.embodied import rates
from carbon.schema import Embodied

ALONE = "[embodied]\ninclude_server = false\n"


def hours(**columns):
    """100 accelerator-hours of an H100 (164 kg) in Germany."""
    return use(zone="DE", quantity_kind="accelerator_hours", quantity=100.0, accelerator="H100",
               **columns)  # fmt: skip


def embodied_kg(rows, text: str = ALONE):
    chosen = policy(text)
    return totals(account(rows, policy=chosen), chosen)["embodied_kg_co2e"]


def test_an_accelerator_is_amortised_over_its_life():
    # 164 kg / (4 y x 8,760 h) = 0.0046804 kg/h; x 100 h.
    assert embodied_kg([hours()]) == pytest.approx(100 * 164 / 35040)


def test_its_share_of_the_server_is_added():
    # + 5,700 kg / 8 / (4 y x 8,760 h) per hour.
    expected = 100 * (164 / 35040 + 5700 / 8 / 35040)
    assert embodied_kg([hours()], "") == pytest.approx(expected)


def test_utilisation_charges_idle_life_to_used_hours_and_no_pool_is_kept():
    # Trap 13: U = 0.85 widens the rate by 1 / 0.85, and nothing else carries embodied carbon.
    result = account([hours()], policy=policy(ALONE + "utilisation = 0.85"))
    carried = result.lines.filter(result.lines["embodied_kg"].is_not_null())
    assert carried["component"].to_list() == ["accelerator"]
    assert carried["embodied_kg"].to_list() == [pytest.approx(100 * 164 / 35040 / 0.85)]


@pytest.mark.parametrize(
    ("kg", "years", "utilisation", "expected"),
    [
        # The magnitudes that studies print for one GPU of 463 kg: 0.0132 and 0.0155 kg/h.
        (463.0, 4.0, 1.0, 0.0132),
        (463.0, 4.0, 0.85, 0.0155),
        # 150 kg over 6 years at 85 % (the BLOOM study's convention): 150 / (52,560 x 0.85).
        (150.0, 6.0, 0.85, 0.00336),
    ],
)
def test_rates_are_those_that_studies_print(kg, years, utilisation, expected):
    chosen = policy(f"{ALONE}accelerator_lifetime_years = {years}\nutilisation = {utilisation}")
    figures = pl.DataFrame(
        {"item": ["GPU"], "kind": ["accelerator"],
         "low_kg": [kg], "central_kg": [kg], "high_kg": [kg]}
    )  # fmt: skip
    assert rates(figures, chosen)["rate_central"].item() == pytest.approx(expected, abs=5e-5)


def test_instance_hours_carry_all_accelerators_of_the_instance():
    row = use(provider="aws", region="us-west-1", quantity_kind="instance_hours", quantity=10.0,
              instance_type="p5.48xlarge")  # fmt: skip
    assert embodied_kg([row]) == pytest.approx(80 * 164 / 35040)


def test_hours_beside_metered_energy_carry_embodied_carbon_once():
    rows = [
        use(zone="DE", quantity_kind="energy_facility_kwh", quantity=50.0, pue=1.25,
            component=part) for part in ("host", "accelerator")
    ] + [hours(pue=1.25)]  # fmt: skip
    result = account(rows, policy=policy(ALONE))
    line = component(result, "accelerator")
    assert line["accelerator_hours"] == pytest.approx(100.0)
    assert line["embodied_kg"] == pytest.approx(100 * 164 / 35040)
    assert result.lines["embodied_kg"].drop_nulls().len() == 1


def test_embodied_carbon_follows_the_months_of_the_hours():
    # 61 days: 31 in January, 30 in February and March 1st, 2024 (29 + 1).
    row = hours(period_end=at("2024-03-02"))
    result = account([row], policy=policy(ALONE))
    months = result.lines.filter(result.lines["embodied_kg"].is_not_null())
    whole = 100 * 164 / 35040
    assert months["embodied_kg"].to_list() == [
        pytest.approx(whole * days / 61) for days in (31, 29, 1)
    ]


@pytest.mark.parametrize(
    "row",
    [
        {"quantity_kind": "energy_it_kwh"},
        {"quantity_kind": "accelerator_hours", "accelerator": "TPU v9", "average_power_w": 200.0},
    ],
)
def test_unknown_embodied_carbon_is_unknown_and_not_zero(row):
    assert embodied_kg([use(zone="DE", quantity=10.0, **row)]) is None


def test_amortised_embodied_carbon_stays_out_of_both_methods():
    # Trap 12: owned hardware is booked in full in category 2; the amortised figure stands beside.
    with_server, alone = policy(""), policy(ALONE)
    first, second = account([hours()], policy=with_server), account([hours()], policy=alone)
    for measure in ("location_kg_co2e", "market_kg_co2e"):
        assert totals(first)[measure] == totals(second)[measure]
    assert totals(first)["embodied_kg_co2e"] != totals(second)["embodied_kg_co2e"]


def test_water_takes_site_wue_per_it_energy_and_generation_per_facility_energy():
    # Trap 23: 100 kWh IT x 0.5 L + 120 kWh facility x 2 L = 290 L, not 120 x 2.5 = 300 L.
    row = use(provider="aws", region="us-west-1", quantity_kind="energy_it_kwh", quantity=100.0)
    assert totals(account([row]))["water_l"] == pytest.approx(290.0)


def test_water_of_a_place_nobody_publishes_is_unknown_and_not_zero():
    row = use(zone="DE", quantity_kind="energy_it_kwh", quantity=100.0)
    assert totals(account([row]))["water_l"] is None


def test_water_without_it_energy_counts_generation_and_says_so():
    row = use(
        provider="aws", region="us-west-1", quantity_kind="energy_facility_kwh", quantity=100.0
    )
    line = component(account([row]), "facility")
    assert line["water_l"] == pytest.approx(200.0)
    assert "site WUE not known" in line["water_source"]


RANGED = replace(
    LIBRARY,
    embodied=frame(
        Embodied,
        [
            {**SOURCED, "item": "NVIDIA H100", "kind": "accelerator", "low_kg": 100.0,
             "central_kg": 164.0, "high_kg": 300.0, "boundary": "card"},
            {**SOURCED, "item": "server-8-accelerators", "kind": "server", "low_kg": 2500.0,
             "central_kg": 5700.0, "boundary": "server"},
            {**SOURCED, "item": "server", "kind": "server", "low_kg": 1000.0,
             "central_kg": 1300.0, "high_kg": 2500.0, "boundary": "server"},
        ],
    ),
    platforms=pl.DataFrame(
        {
            "provider": ["aws", "aws", "aws"],
            "instance_type": ["m5.large", "m5.xlarge", "c6g.large"],
            "vcpu": [2.0, 4.0, 2.0],
            "platform_vcpu": [96.0, 96.0, 64.0],
            "platform_kg": [1600.0, 1600.0, 1200.0],
        }
    ),
)  # fmt: skip
"""Figures with their range, and platforms of instances."""

LIFE = 4 * 8760.0


def test_low_and_high_stand_beside_the_amortised_figure():
    line = component(account([hours()], library=RANGED), "accelerator")
    # 100 h x (card / life + server / 8 / life); the server has no high, its central stands in.
    assert line["embodied_low_kg"] == pytest.approx(100 * (100 + 2500 / 8) / LIFE)
    assert line["embodied_kg"] == pytest.approx(100 * (164 + 5700 / 8) / LIFE)
    assert line["embodied_high_kg"] == pytest.approx(100 * (300 + 5700 / 8) / LIFE)


def test_an_unknown_range_is_unknown_and_not_the_figure_itself():
    line = component(account([hours()], policy=policy(ALONE)), "accelerator")
    assert line["embodied_kg"] is not None
    assert (line["embodied_low_kg"], line["embodied_high_kg"]) == (None, None)


def cpu_machine(**columns):
    """10 hours of an m5.large, which has no accelerator."""
    given = {"quantity_kind": "instance_hours", "quantity": 10.0, "instance_type": "m5.large"}
    return use(provider="aws", region="us-west-1", **{**given, **columns})


def test_a_machine_without_accelerators_bears_its_share_of_its_platform():
    # 10 h x 1,600 kg x 2 / 96 / (4 y x 8,760 h); a server may be 1,000 to 2,500 kg.
    line = component(account([cpu_machine()], library=RANGED), "host")
    assert line["embodied_kg"] == pytest.approx(10 * 1600 * 2 / 96 / LIFE)
    assert line["embodied_low_kg"] == pytest.approx(10 * 1000 * 2 / 96 / LIFE)
    assert line["embodied_high_kg"] == pytest.approx(10 * 2500 * 2 / 96 / LIFE)
    assert line["embodied_hours"] == pytest.approx(10.0)
    assert line["accelerator_hours"] is None
    assert line["embodied_source"] == (
        "m5.large: 2 of the 96 vCPUs of its platform, 1600.0 kg, over 4 y"
    )


def test_vcpu_hours_bear_the_mean_of_the_providers_platforms():
    # Two platforms: (1,600 + 1,200) / 2 = 1,400 kg of (96 + 64) / 2 = 80 vCPUs: 17.5 kg each.
    row = cpu_machine(quantity_kind="vcpu_hours", instance_type=None)
    line = component(account([row], library=RANGED), "cpu")
    assert line["embodied_kg"] == pytest.approx(10 * 17.5 / LIFE)


def test_a_machine_that_no_platform_is_known_of_bears_nothing_known():
    row = cpu_machine(instance_type="z9.large", average_power_w=50.0, accelerator_count=1.0)
    assert totals(account([row], library=RANGED))["embodied_kg_co2e"] is None


def test_a_meter_of_a_machine_takes_the_energy_and_leaves_the_embodied_carbon():
    meter = use(provider="aws", region="us-west-1", quantity_kind="energy_it_kwh", quantity=0.1,
                format="ipmi", evidence_id="f" * 64, resource="i-1", boundary="node",
                tier="T2")  # fmt: skip
    result = account([cpu_machine(resource="i-1", format="aws-cur"), meter], library=RANGED)
    assert totals(result)["energy_it_kwh"] == pytest.approx(0.1)
    assert totals(result)["embodied_kg_co2e"] == pytest.approx(10 * 1600 * 2 / 96 / LIFE)


def test_idle_life_is_charged_once_in_all_hardware():
    # Trap 13: U = 0.5 doubles every rate; no line of the component idle bears embodied carbon.
    rows = [hours(), cpu_machine(row_number=3), hours(row_number=4, workload=None)]
    half = account(rows, library=RANGED, policy=policy("[embodied]\nutilisation = 0.5"))
    full = account(rows, library=RANGED)
    assert totals(half)["embodied_kg_co2e"] == pytest.approx(2 * totals(full)["embodied_kg_co2e"])
    assert set(half.lines.filter(pl.col("embodied_kg").is_not_null())["component"]) == {
        "accelerator", "host",
    }  # fmt: skip
