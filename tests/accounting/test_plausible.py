"""Watts and hours that cannot be are flagged, wherever they are stated."""

import datetime as dt

import polars as pl
import pytest
from accounting_rows import FACTORS, LIBRARY, account, frame, use

from carbon.accounting.pipeline import Inputs, footprint
from carbon.inventory.assignment.rules import rule_from
from carbon.policy import Policy
from carbon.schema import Activity, Factor, Instrument, Workload


def flags(rows):
    lines = account(rows).lines
    return " | ".join(lines["flags"].drop_nulls().unique().sort())


def hours(quantity, **columns):
    return use(quantity_kind="accelerator_hours", quantity=quantity, accelerator="H100",
               country="DE", **columns)  # fmt: skip


def kwh(quantity, **columns):
    return use(quantity_kind="energy_it_kwh", quantity=quantity, country="DE", **columns)


@pytest.mark.parametrize(
    ("rows", "watts"),
    [
        # TDP 700 W: from 70 to 1,050 W nothing is said.
        ([hours(100.0, average_power_w=1100.0)], "1100.0 W"),
        ([hours(100.0, average_power_w=60.0)], "60.0 W"),
        ([hours(100.0, average_power_w=1000.0)], None),
        # kWh and hours beside each other: 110 kWh / 100 h.
        ([kwh(110.0, accelerator="H100"), hours(100.0)], "1100.0 W"),
        ([kwh(50.0, accelerator="H100"), hours(100.0)], None),
        # A meter that saw its one board through January: 744 h; 818.4 kWh are 1,100 W.
        ([kwh(818.4, accelerator="H100", component="accelerator", boundary="board", tier="T3",
              coverage=1.0, accelerator_count=1.0)], "1100.0 W"),
        # One that saw it idle at 50 W is right.
        ([kwh(37.2, accelerator="H100", component="accelerator", boundary="board", tier="T3",
              coverage=1.0, accelerator_count=1.0)], None),
        # An instance of eight; the row's watts are of one accelerator.
        ([use(quantity_kind="instance_hours", quantity=10.0, provider="aws", region="us-west-1",
              instance_type="p5.48xlarge", average_power_w=1100.0)], "1100.0 W"),
    ],
)  # fmt: skip
def test_implied_watts(rows, watts):
    found = flags(rows)
    assert (f"{watts} per accelerator" in found) if watts else found == ""


@pytest.mark.parametrize(
    ("row", "flagged"),
    [
        # Eight accelerators run 8 x 744 = 5,952 h in January.
        (hours(6100.0, accelerator_count=8.0), True),
        (hours(5952.0, accelerator_count=8.0), False),
        # The clocks' change and rounded days: 1 % is nothing.
        (hours(6000.0, accelerator_count=8.0), False),
        (hours(9e9), False),
        # 16 accelerators are two machines of eight: 2 x 744 = 1,488 h.
        (use(quantity_kind="instance_hours", quantity=1600.0, provider="aws", region="us-west-1",
             instance_type="p5.48xlarge", accelerator_count=16.0), True),
        (use(quantity_kind="instance_hours", quantity=1488.0, provider="aws", region="us-west-1",
             instance_type="p5.48xlarge", accelerator_count=16.0), False),
        # A line of a bill sums up many machines and says what one of them has.
        (use(quantity_kind="instance_hours", quantity=9000.0, provider="aws", region="us-west-1",
             instance_type="p5.48xlarge", accelerator_count=8.0, format="aws-cur"), False),
    ],
)  # fmt: skip
def test_hours_that_could_not_have_been_run(row, flagged):
    assert ("can run in its period" in flags([row])) is flagged


def test_a_share_of_a_row_implies_what_the_row_does():
    """Halves, and a cut by date, of a row that is fine are fine; emissions are cut with it."""
    rows = [
        kwh(500.0, accelerator="H100", stated_kg_co2e=200.0, accelerator_count=2.0),
        hours(1000.0, stated_kg_co2e=200.0, accelerator_count=2.0),
    ]
    rules = (
        rule_from(
            {
                "name": "halves",
                "takes": "any",
                "conditions": [{"column": "workload", "values": ["w"]}],
                "shares": [{"workload": "a", "share": 0.05}, {"workload": "b", "share": 0.5}],
                "effective_from": dt.date(2024, 1, 28),
            }
        ),
    )
    inputs = Inputs(
        activity=frame(Activity, rows),
        workloads=frame(Workload, []),
        instruments=frame(Instrument, []),
        factors=frame(Factor, FACTORS),
        library=LIBRARY,
        rules=rules,
    )
    lines = footprint(inputs, Policy()).lines
    assert set(lines["workload"]) == {"a", "b", "w"}
    assert lines["flags"].null_count() == lines.height, lines["flags"].to_list()


def test_no_flag_takes_a_row_away():
    result = account([hours(6100.0, accelerator_count=8.0, pue=1.0)])
    # 6,100 h x (700 + 150) W
    assert result.lines["energy_facility_kwh"].sum() == pytest.approx(6100 * 0.85)
    assert "implausible" in [finding.code for finding in result.findings]
    assert result.lines.filter(pl.col("flags").is_not_null()).height
