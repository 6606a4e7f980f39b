"""Rows of meters: processors, memory, gaps, and the accelerators that a meter saw."""

import pytest
from accounting_rows import account, at, codes, component, totals, use

DAY = {"period_start": at("2024-01-01"), "period_end": at("2024-01-02")}
# H100: 164 kg over 4 years of 8,760 h, and an eighth of a server of 5,700 kg.
RATE = 164 / (4 * 8760) + 5700 / 8 / (4 * 8760)


def meter(**columns):
    """A day of an accelerator's board at 300 W: 7.2 kWh."""
    return use(
        **{
            "format": "prometheus-json",
            "zone": "DE",
            "pue": 1.0,
            "host": "dgx-07",
            "resource": "GPU-0",
            "quantity_kind": "energy_it_kwh",
            "quantity": 7.2,
            "component": "accelerator",
            "boundary": "board",
            "tier": "T3",
            "coverage": 1.0,
            "accelerator": "NVIDIA H100",
            "accelerator_count": 1.0,
            **DAY,
            **columns,
        }
    )


def test_a_meter_of_accelerators_has_their_hours_by_period_and_coverage():
    # 1 x 24 h x 0.75 = 18 h.
    line = component(account([meter(coverage=0.75)]), "accelerator")
    assert line["accelerator_hours"] == pytest.approx(18.0)
    assert line["embodied_kg"] == pytest.approx(18.0 * RATE)
    assert line["flags"] is None


@pytest.mark.parametrize(
    "columns",
    [
        {"accelerator_count": None},
        {"coverage": None},
        {"component": "it"},
        {"component": "gap_estimate"},
    ],
    ids=["no count", "no coverage", "whole node", "gap"],
)
def test_hours_are_never_invented(columns):
    result = account([meter(**columns)])
    assert result.lines["accelerator_hours"].null_count() == result.lines.height


def test_hours_that_a_row_states_stand_before_hours_that_follow():
    stated = meter(quantity_kind="accelerator_hours", quantity=10.0, coverage=None)
    result = account([meter(), stated])
    assert result.lines["accelerator_hours"].sum() == pytest.approx(10.0)


def test_unknown_hardware_has_hours_and_no_embodied_carbon():
    line = component(account([meter(accelerator="mystery")]), "accelerator")
    assert line["accelerator_hours"] == pytest.approx(24.0)
    assert line["embodied_kg"] is None


def test_an_idle_accelerator_is_no_mistake_and_an_impossible_one_is():
    # 24 h at 50 W is 7 % of the TDP: idle. 24 h at 1,400 W is twice the TDP: two accelerators?
    assert "implausible" not in codes(account([meter(quantity=1.2)]))
    assert "implausible" in codes(account([meter(quantity=33.6)]))


def test_what_is_estimated_for_a_gap_says_nothing_of_watts():
    # A quarter of the day at 300 W: 1.8 kWh in 6 h. The other 18 h are estimated as 5.4 kWh: all
    # 7.2 kWh beside the 6 h would be 1,200 W, 1.7 times the TDP.
    seen = meter(quantity=1.8, coverage=0.25)
    gap = meter(component="gap_estimate", quantity=5.4, tier="T4", coverage=None)
    assert "implausible" not in codes(account([seen, gap]))
    # What was seen does count: 9.6 kWh in 8 h are 1,200 W.
    assert "implausible" in codes(account([meter(quantity=9.6, coverage=1 / 3)]))


def test_two_workloads_of_one_hour_share_its_watts():
    # Each has half of the day at 600 W, 7.2 kWh in 12 h; 14.4 kWh beside 12 h would be 1,200 W.
    rows = [meter(workload=name, coverage=0.5) for name in ("first", "second")]
    result = account(rows)
    assert result.lines["accelerator_hours"].sum() == pytest.approx(24.0)
    assert "implausible" not in codes(result)


def test_processors_memory_and_gaps_are_lines_of_their_own():
    rows = [
        meter(row_number=2, component="cpu", boundary="chip", resource="dgx-07:0", quantity=3.0,
              accelerator=None, accelerator_count=None),
        meter(row_number=3, component="memory", boundary="chip", resource="dgx-07:0:dram",
              quantity=1.0, accelerator=None, accelerator_count=None),
        meter(row_number=4, component="gap_estimate", quantity=2.0, tier="T4", coverage=0.1),
        meter(row_number=5),
    ]  # fmt: skip
    result = account(rows)
    assert component(result, "cpu")["energy_it_kwh"] == 3.0
    assert component(result, "memory")["energy_it_kwh"] == 1.0
    assert component(result, "gap_estimate")["energy_it_kwh"] == 2.0
    assert component(result, "gap_estimate")["energy_gsd2"] == 1.3
    # One format, different boundaries, no node above them: 3 + 1 + 2 + 7.2 kWh.
    assert totals(result)["energy_it_kwh"] == pytest.approx(13.2)
    assert result.superseded.is_empty()
