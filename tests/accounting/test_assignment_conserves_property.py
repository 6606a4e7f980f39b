"""Rules move energy and emissions between workloads; they neither make nor lose any.

A bill, the meters of its accelerators, the meter of the machine and a tracker of it overlap in
every way, and any rules with shares and dates give them to any workloads.
"""

import datetime as dt

import polars as pl
import pytest
from accounting_rows import FACTORS, LIBRARY, account, certificate, frame, totals, use
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from overlap_rows import bill, gpus, node, tracker
from recompute import agree, recompute

from carbon.accounting.explain import explain
from carbon.accounting.pipeline import Inputs, footprint
from carbon.inventory.assignment.rules import rule_from
from carbon.policy import Policy
from carbon.schema import Activity, Factor, Instrument, Workload

modest = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])

MEASURES = (
    *("energy_it_kwh", "energy_facility_kwh", "location_kg_co2e", "market_kg_co2e"),
    *("embodied_kg_co2e", "water_l"),
)
COVER = (certificate("half", 2000.0, market="US"),)


def owned(rows, rules=()):
    """The footprint of rows under rules, with a certificate that covers some of it."""
    inputs = Inputs(
        activity=frame(Activity, rows),
        workloads=frame(Workload, []),
        instruments=frame(Instrument, COVER),
        factors=frame(Factor, FACTORS),
        library=LIBRARY,
        rules=tuple(rules),
        files={"b" * 64: "bill.csv"},
    )
    return footprint(inputs, Policy())


@st.composite
def machines(draw):
    """A machine as some of its witnesses see it; the bill runs through the month."""
    rows = [bill(workload=draw(st.sampled_from([None, "w"])))]
    named = st.sampled_from([None, None, "w", "pod"])
    if draw(st.booleans()):
        first = draw(st.integers(1, 20))
        last = draw(st.integers(first, 31))
        rows += gpus(first, last, seen=draw(st.sampled_from([3, 8])), workload=draw(named))
    if draw(st.booleans()):
        first = draw(st.integers(1, 20))
        rows.append(node(first, draw(st.integers(first, 31)), workload=draw(named)))
    if draw(st.booleans()):
        first = draw(st.integers(1, 20))
        rows += tracker(first, draw(st.integers(first, 31)), workload=draw(named))
    if draw(st.booleans()):
        stated = {"workload": None, "row_number": 900, "country": "DE", "site": "Lab"}
        rows.append(use(**stated, quantity_kind="energy_it_kwh", quantity=50.0, pue=1.1))
        rows.append(use(**stated, quantity_kind="accelerator_hours", quantity=100.0,
                        accelerator="H100"))  # fmt: skip
    return rows


@st.composite
def rules(draw):
    found = []
    for number in range(draw(st.integers(1, 4))):
        column, values = draw(
            st.sampled_from([
                ("resource", ["i-1"]), ("resource", ["GPU-5fd4f087-0"]), ("host", ["i-*"]),
                ("format", ["aws-cur"]), ("format", ["*"]), ("workload", ["w"]),
                ("quantity_kind", ["accelerator_hours"]), ("file", ["bill*"]),
                ("site", ["Lab"]), ("component", ["accelerator"]),
            ])
        )  # fmt: skip
        weights = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
        whole = sum(weights) + draw(st.sampled_from([0, 2]))
        begin = draw(st.none() | st.integers(2, 28))
        found.append(
            rule_from(
                {
                    "rule_id": f"r{number}",
                    "name": f"r{number}",
                    "conditions": [{"column": column, "op": "like", "values": values}],
                    "shares": [
                        {"workload": f"w{n}", "share": weight / whole}
                        for n, weight in enumerate(weights)
                    ],
                    "takes": draw(st.sampled_from(["unclaimed", "any"])),
                    "effective_from": begin and dt.date(2024, 1, begin),
                }
            )
        )
    return found


@modest
@given(machines(), rules())
def test_no_kwh_and_no_kilogram_is_made_or_lost(rows, ruled):
    before, after = owned(rows), owned(rows, ruled)
    one, other = totals(before), totals(after)
    for measure in MEASURES:
        assert other[measure] == pytest.approx(one[measure], rel=1e-9), measure
    assert after.lines["line_id"].is_unique().all()
    # What does not count is moved in the same way.
    kwh = "kwh_not_counted"
    assert after.superseded[kwh].sum() == pytest.approx(before.superseded[kwh].sum(), abs=1e-9)


@modest
@given(machines(), rules())
def test_every_share_can_be_recomputed_from_its_explanation(rows, ruled):
    result = owned(rows, ruled)
    activity = frame(Activity, rows)
    for workload in result.lines["workload"].unique().sort():
        told = explain(result, activity, workload, None, Policy())
        again = recompute(told["lines"])
        for measure in MEASURES:
            assert agree(again[measure], told["figure"][measure]), (workload, measure)


@modest
@given(machines(), rules(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_byte(rows, ruled, random):
    shuffled = rows.copy()
    random.shuffle(shuffled)
    one, other = owned(rows, ruled), owned(shuffled, ruled)
    assert one.lines.write_csv() == other.lines.write_csv()
    assert one.superseded.write_csv() == other.superseded.write_csv()


def halves(column, value, **more):
    return rule_from(
        {
            "rule_id": "r",
            "name": "r",
            "conditions": [{"column": column, "values": [value]}],
            "shares": [{"workload": "a", "share": 0.5}, {"workload": "b", "share": 0.5}],
            **more,
        }
    )


def it_kwh(result):
    lines = result.lines.group_by("workload").agg(pl.col("energy_it_kwh").sum())
    return dict(lines.rows())


def test_workloads_get_the_same_whichever_of_bill_and_meter_counts():
    """Eight accelerators of 12 kWh each all January, the bill's host 8 x 150 W x 744 h = 892.8 kWh
    beside them: 96 + 892.8 = 988.8 kWh, half each. The rule names the bill alone.
    """
    rows = [bill(workload=None), *gpus(1, 31, workload=None)]
    found = it_kwh(owned(rows, [halves("format", "aws-cur")]))
    assert found == {"a": pytest.approx(494.4), "b": pytest.approx(494.4)}


def test_hours_given_away_beside_kwh_of_the_same_row_are_not_counted_twice():
    """50 kWh and 100 h of one row: the kWh count, whatever the rule asks for: 25 kWh each."""
    stated = {"workload": None, "country": "DE", "site": "Lab", "pue": 1.0}
    rows = [
        use(**stated, quantity_kind="energy_it_kwh", quantity=50.0),
        use(**stated, quantity_kind="accelerator_hours", quantity=100.0, accelerator="H100"),
    ]
    found = it_kwh(owned(rows, [halves("quantity_kind", "accelerator_hours")]))
    assert found == {"a": pytest.approx(25), "b": pytest.approx(25)}
    assert it_kwh(account(rows)) == {"(unassigned)": pytest.approx(50)}
