"""Energy by tier, its parts, its months: expected values are worked out beside each case."""

import polars as pl
import pytest
from accounting_rows import account, at, codes, component, policy, totals, use


def test_measured_watts_count_as_they_are_and_no_host_is_added():
    # 100 h x 400 W / 1000 = 40 kWh; x PUE 1.1 = 44 kWh.
    result = account(
        [use(zone="DE", quantity_kind="accelerator_hours", quantity=100.0, accelerator="H100",
             average_power_w=400.0, pue=1.1)]
    )  # fmt: skip
    assert component(result, "accelerator")["energy_it_kwh"] == pytest.approx(40.0)
    assert component(result, "overhead")["energy_facility_kwh"] == pytest.approx(4.0)
    assert totals(result)["energy_facility_kwh"] == pytest.approx(44.0)
    assert totals(result)["tier"] == "T4"
    assert "host" not in result.lines["component"].to_list()


def test_system_power_above_the_chips_tdp_is_not_capped():
    # Trap 7: a V100 system draws 330 W at a TDP of 300 W; here 770 W at a TDP of 700 W.
    row = use(zone="DE", quantity_kind="accelerator_hours", quantity=10.0, accelerator="H100",
              average_power_w=770.0, pue=1.0)  # fmt: skip
    assert totals(account([row]))["energy_it_kwh"] == pytest.approx(7.7)


def test_tdp_adds_the_host_as_a_component_and_the_pue_cools_both():
    # 100 h x 700 W = 70 kWh; host 100 h x 150 W = 15 kWh; (70 + 15) x (1.2 - 1) = 17 kWh.
    result = account(
        [use(provider="aws", region="us-west-1", quantity_kind="accelerator_hours",
             quantity=100.0, accelerator="NVIDIA H100")]
    )  # fmt: skip
    assert component(result, "accelerator")["energy_facility_kwh"] == pytest.approx(70.0)
    assert component(result, "host")["energy_facility_kwh"] == pytest.approx(15.0)
    overhead = component(result, "overhead")
    assert overhead["energy_facility_kwh"] == pytest.approx(17.0)
    assert overhead["energy_it_kwh"] == 0.0
    assert totals(result)["energy_it_kwh"] == pytest.approx(85.0)
    assert totals(result)["tier"] == "T5"


def test_the_tdp_is_taken_in_the_share_that_the_policy_says():
    # 100 h x 700 W x 0.8 = 56 kWh; the host is not scaled: 100 h x 100 W = 10 kWh.
    chosen = policy("[energy]\ntdp_utilisation = 0.8\nhost_w_per_accelerator = 100.0")
    row = use(zone="DE", quantity_kind="accelerator_hours", quantity=100.0, accelerator="H100")
    result = account([row], policy=chosen)
    assert component(result, "accelerator")["energy_it_kwh"] == pytest.approx(56.0)
    assert component(result, "host")["energy_it_kwh"] == pytest.approx(10.0)


def test_instance_hours_stand_for_all_accelerators_of_the_instance():
    # 10 h x 8 x 700 W = 56 kWh; host 10 h x 8 x 150 W = 12 kWh.
    result = account(
        [use(provider="aws", region="us-west-1", quantity_kind="instance_hours", quantity=10.0,
             instance_type="P5.48xlarge")]
    )  # fmt: skip
    assert component(result, "accelerator")["energy_it_kwh"] == pytest.approx(56.0)
    assert component(result, "host")["energy_it_kwh"] == pytest.approx(12.0)
    assert component(result, "accelerator")["accelerator_hours"] == pytest.approx(80.0)


def test_watts_given_for_an_instance_are_per_accelerator():
    # Trap 3: 10 instance-hours x 8 accelerators x 500 W = 40 kWh, not 5.
    result = account(
        [use(provider="aws", region="us-west-1", quantity_kind="instance_hours", quantity=10.0,
             instance_type="p5.48xlarge", average_power_w=500.0)]
    )  # fmt: skip
    assert totals(result)["energy_it_kwh"] == pytest.approx(40.0)
    assert totals(result)["tier"] == "T4"


def test_a_cpu_instance_takes_its_modelled_power():
    # 50 h x 20 W = 1 kWh.
    result = account(
        [use(provider="aws", region="us-west-1", quantity_kind="instance_hours", quantity=50.0,
             instance_type="m5.large")]
    )  # fmt: skip
    line = component(result, "host")
    assert (line["energy_it_kwh"], line["tier"]) == (pytest.approx(1.0), "T4")


def test_no_pue_is_applied_to_what_a_facility_meter_shows():
    # Trap 1: 1,000 kWh metered with its cooling stays 1,000 kWh, whatever the default PUE is.
    result = account([use(zone="DE", quantity_kind="energy_facility_kwh", quantity=1000.0)])
    line = component(result, "facility")
    assert line["energy_facility_kwh"] == 1000.0
    assert line["energy_it_kwh"] is None
    assert totals(result)["energy_it_kwh"] is None
    assert totals(result)["location_kg_co2e"] == pytest.approx(400.0)


def test_the_rows_pue_divides_a_facility_meter_and_multiplies_an_it_meter():
    # Trap 2. Facility 1,250 kWh / 1.25 = 1,000 kWh IT; IT 1,000 kWh x 1.25 = 1,250 kWh facility.
    metered = account(
        [use(zone="DE", quantity_kind="energy_facility_kwh", quantity=1250.0, pue=1.25)]
    )
    measured = account([use(zone="DE", quantity_kind="energy_it_kwh", quantity=1000.0, pue=1.25)])
    for result in (metered, measured):
        assert totals(result)["energy_it_kwh"] == pytest.approx(1000.0)
        assert totals(result)["energy_facility_kwh"] == pytest.approx(1250.0)
        assert component(result, "overhead")["energy_facility_kwh"] == pytest.approx(250.0)


def test_a_pue_of_one_has_no_overhead_line_and_is_pointed_out():
    result = account([use(zone="DE", quantity_kind="energy_it_kwh", quantity=10.0, pue=1.0)])
    assert result.lines["component"].to_list() == ["it"]
    assert "pue_of_one" in codes(result)


@pytest.mark.parametrize(
    ("month", "place", "pue", "source"),
    [
        ("2024-01", {"provider": "aws", "region": "us-west-1"}, 1.2, "region 2024"),
        # 2023 has no figure of its own: that of 2021, not the nearer one of 2024.
        ("2023-01", {"provider": "aws", "region": "us-west-1"}, 1.3,
         "region 2021, 2 years before the use"),
        ("2022-01", {"provider": "aws", "region": "us-west-1"}, 1.3,
         "region 2021, 1 year before the use"),
        # Every figure is of a later year: none of them applies.
        ("2020-01", {"provider": "aws", "region": "us-west-1"}, 1.56, "policy default"),
        ("2024-01", {"zone": "DE"}, 1.56, "policy default"),
    ],
)  # fmt: skip
def test_the_pue_is_the_regions_of_the_year_else_the_policys(month, place, pue, source):
    start = at(month)
    result = account(
        [use(**place, period_start=start, period_end=start.replace(day=2),
             quantity_kind="energy_it_kwh", quantity=10.0)]
    )  # fmt: skip
    line = component(result, "it")
    assert (line["pue"], line["pue_source"]) == (pue, source)


def test_a_provider_may_have_a_default_pue_of_its_own():
    chosen = policy("[energy.default_pue_by_provider]\ngcp = 1.09")
    row = use(zone="DE", quantity_kind="energy_it_kwh", quantity=100.0)
    assert totals(account([{**row, "provider": "gcp"}], policy=chosen))[
        "energy_facility_kwh"
    ] == pytest.approx(109.0)
    assert totals(account([{**row, "provider": "aws"}], policy=chosen))[
        "energy_facility_kwh"
    ] == pytest.approx(156.0)


def test_one_quantity_of_a_row_carries_its_energy():
    # kWh and hours of the same run are never added up.
    both = [
        use(zone="DE", quantity_kind="energy_it_kwh", quantity=50.0, pue=1.0),
        use(zone="DE", quantity_kind="accelerator_hours", quantity=100.0, accelerator="H100"),
        use(zone="DE", quantity_kind="requests", quantity=1e6),
    ]
    assert totals(account(both))["energy_facility_kwh"] == pytest.approx(50.0)
    apart = [both[0], {**both[1], "row_number": 3, "pue": 1.0}]
    assert totals(account(apart))["energy_facility_kwh"] == pytest.approx(50.0 + 85.0)


def test_hours_of_an_unknown_accelerator_give_way_to_a_known_instance():
    rows = [
        use(provider="aws", region="us-west-1", quantity_kind=kind, quantity=hours,
            accelerator="mystery", instance_type="p5.48xlarge", pue=1.0)
        for kind, hours in (("accelerator_hours", 80.0), ("instance_hours", 10.0))
    ]  # fmt: skip
    # The instance tells that the accelerators are eight H100: 80 h x (700 + 150) W = 68 kWh.
    assert totals(account(rows))["energy_it_kwh"] == pytest.approx(68.0)


@pytest.mark.parametrize("accelerator", ["mystery chip", "TPU v9", None])
def test_hours_without_watts_are_not_known_rather_than_zero(accelerator):
    result = account(
        [use(zone="DE", quantity_kind="accelerator_hours", quantity=100.0,
             accelerator=accelerator)]
    )  # fmt: skip
    line = component(result, "accelerator")
    assert line["energy_facility_kwh"] is None
    assert line["tier"] is None
    assert "energy not known" in line["flags"]
    measures = totals(result)
    assert measures["energy_facility_kwh"] is None
    assert measures["location_kg_co2e"] is None
    assert measures["location_coverage"] is None
    assert codes(result)[0] == "energy_unknown"


def test_hours_of_zero_are_zero_energy():
    result = account(
        [use(zone="DE", quantity_kind="accelerator_hours", quantity=0.0, accelerator="H100")]
    )
    assert totals(result)["energy_facility_kwh"] == 0.0
    assert totals(result)["location_kg_co2e"] == 0.0


def test_a_workloads_stated_accelerator_stands_in_where_the_rows_name_none():
    row = use(zone="DE", quantity_kind="accelerator_hours", quantity=100.0, pue=1.0)
    overlay = [{"workload_id": "w", "accelerator": "H100"}]
    assert totals(account([row], overlay=overlay))["energy_it_kwh"] == pytest.approx(85.0)


def test_a_period_over_months_is_spread_by_hours():
    # 30 January 12:00 to 2 February 00:00 = 60 h: 36 h in January, 24 h in February.
    result = account(
        [use(zone="DE", period_start=at("2024-01-30T12"), period_end=at("2024-02-02"),
             quantity_kind="energy_it_kwh", quantity=600.0, pue=1.0)]
    )  # fmt: skip
    by_month = dict(result.lines.select("month", "energy_it_kwh").iter_rows())
    assert by_month == {"2024-01": pytest.approx(360.0), "2024-02": pytest.approx(240.0)}


def test_a_period_that_ends_with_the_month_stays_in_it():
    result = account([use(zone="DE", quantity_kind="energy_it_kwh", quantity=1.0)])
    assert result.lines["month"].unique().to_list() == ["2024-01"]


def test_parts_measured_apart_share_one_overhead_line():
    # CodeCarbon: GPU 60 kWh and the rest 40 kWh, both inside the PUE of 1.25.
    # IT 48 + 32 = 80 kWh; overhead 100 - 80 = 20 kWh.
    result = account(
        [use(zone="DE", quantity_kind="energy_facility_kwh", quantity=kwh, pue=1.25, component=part,
             tier="T3") for part, kwh in (("accelerator", 60.0), ("host", 40.0))]
    )  # fmt: skip
    assert component(result, "accelerator")["energy_it_kwh"] == pytest.approx(48.0)
    assert component(result, "host")["energy_it_kwh"] == pytest.approx(32.0)
    assert component(result, "overhead")["energy_facility_kwh"] == pytest.approx(20.0)
    assert totals(result)["tier"] == "T3"


def test_parts_of_a_row_that_are_alike_keep_apart_line_ids():
    rows = [use(zone="DE", quantity_kind="energy_it_kwh", quantity=kwh, pue=1.0) for kwh in (1, 2)]
    result = account(rows)
    assert result.lines["line_id"].to_list() == [
        "eeeeeeeeeeee:2:2024-01:it",
        "eeeeeeeeeeee:2:2024-01:it:2",
    ]
    assert totals(result)["energy_it_kwh"] == 3.0


@pytest.mark.parametrize(
    ("watts", "flagged"), [(69.0, True), (71.0, False), (1049.0, False), (1051.0, True)]
)
def test_watts_outside_a_tenth_to_one_and_a_half_tdp_are_flagged_and_kept(watts, flagged):
    # 700 W: 0.1 x = 70 W, 1.5 x = 1,050 W.
    result = account(
        [use(zone="DE", quantity_kind="accelerator_hours", quantity=10.0, accelerator="H100",
             average_power_w=watts, pue=1.0)]
    )  # fmt: skip
    line = component(result, "accelerator")
    assert (line["flags"] is not None) == flagged
    assert line["energy_it_kwh"] == pytest.approx(watts / 100)
    assert ("implausible" in codes(result)) == flagged


def test_node_hours_given_as_gpu_hours_show_up_as_implausible_watts():
    # Trap 3: eight GPUs used 560 kWh in 100 node-hours: 5,600 W "per accelerator".
    result = account(
        [
            use(zone="DE", quantity_kind="energy_it_kwh", quantity=560.0, pue=1.0,
                accelerator="H100"),
            use(zone="DE", quantity_kind="accelerator_hours", quantity=100.0, pue=1.0,
                accelerator="H100"),
        ]
    )  # fmt: skip
    assert "5600.0 W per accelerator is 8.0 x the TDP" in component(result, "it")["flags"]


def test_use_without_any_energy_is_named_and_adds_nothing():
    result = account([use(zone="DE", quantity_kind="output_tokens", quantity=1e9)])
    assert result.lines.is_empty()
    assert result.unmetered["workload"].to_list() == ["w"]
    assert codes(result) == ["no_energy_stated"]
    assert totals(result)["energy_facility_kwh"] is None


def test_a_bill_without_use_is_not_missing_energy():
    result = account([use(zone="DE", quantity_kind="cost", quantity=12.0)])
    assert result.unmetered.is_empty()
    assert codes(result) == []


def test_two_thirds_of_the_energy_at_one_tier_and_five_percent_at_a_worse_one():
    # 96 kWh at T1 and 4 kWh at T4 (4 %): T1. With 6 kWh at T4 (5.9 %): T4.
    def mixed(modelled: float) -> list[dict]:
        return [
            use(zone="DE", quantity_kind="energy_facility_kwh", quantity=96.0),
            use(row_number=3, zone="DE", quantity_kind="accelerator_hours", quantity=modelled,
                average_power_w=1000.0, pue=1.0),
        ]  # fmt: skip

    assert totals(account(mixed(4.0)))["tier"] == "T1"
    assert totals(account(mixed(6.0)))["tier"] == "T4"


def test_lines_of_a_year_of_months_carry_the_whole_quantity_and_their_share():
    result = account(
        [use(zone="DE", period_start=at("2024-01"), period_end=at("2025-01"),
             quantity_kind="energy_facility_kwh", quantity=8784.0)]
    )  # fmt: skip
    lines = result.lines
    # 2024 has 366 x 24 = 8,784 h: one kWh an hour, 31 x 24 = 744 in January, 696 in February.
    assert lines.height == 12
    assert lines["quantity"].unique().to_list() == [8784.0]
    assert lines["energy_facility_kwh"].to_list()[:2] == [
        pytest.approx(744.0),
        pytest.approx(696.0),
    ]
    assert lines.select(pl.col("month_share").sum()).item() == pytest.approx(1.0)
