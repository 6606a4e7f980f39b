"""What holds of any rules on any activity: nothing is lost, doubled or moved by order."""

import datetime as dt
import json

import polars as pl
import pytest
from assignment_rows import activity, by_hand, moment, row
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carbon.inventory.assignment.assign import assign
from carbon.inventory.assignment.rules import rule_from

modest = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])

NAMES = st.sampled_from([None, "gpu-a", "gpu-b", "GPU-C"])


@st.composite
def rows(draw):
    found = []
    for number in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, 60))
        hours = draw(st.integers(1, 24 * 40))
        team = draw(st.sampled_from([None, "red", "blue"]))
        found.append(
            row(
                2 + number,
                workload=draw(st.sampled_from([None, None, "own", "gpu-a"])),
                account=draw(NAMES),
                tags=None if team is None else json.dumps({"team": team}),
                quantity=float(draw(st.integers(0, 1000))),
                period_start=moment(start),
                period_end=moment(start) + dt.timedelta(hours=hours),
            )
        )
    return found


@st.composite
def conditions(draw):
    column = draw(st.sampled_from(["account", "workload", "tag:team", "quantity"]))
    if column == "quantity":
        return {
            "column": column,
            "op": draw(st.sampled_from(["at_least", "below"])),
            "values": [str(draw(st.integers(0, 1000)))],
        }
    op = draw(st.sampled_from(["is", "is_not", "like", "not_like", "present", "absent"]))
    values = st.sampled_from(["gpu-a", "gpu-b", "gpu-*", "red", "b*", "own"])
    return {
        "column": column,
        "op": op,
        "values": []
        if op in ("present", "absent")
        else draw(st.lists(values, min_size=1, max_size=2)),
    }


@st.composite
def rules(draw):
    found = []
    for number in range(draw(st.integers(0, 5))):
        weights = draw(st.lists(st.integers(1, 5), min_size=1, max_size=3))
        whole = sum(weights) + draw(st.sampled_from([0, 0, 3]))
        begin = draw(st.none() | st.integers(0, 90))
        length = draw(st.none() | st.integers(1, 60))
        end = None if length is None else (begin or 0) + length
        found.append(
            rule_from(
                {
                    "rule_id": f"r{number}",
                    "name": f"rule {number}",
                    "conditions": draw(st.lists(conditions(), min_size=1, max_size=2)),
                    "shares": [
                        {"workload": f"w{place}", "share": weight / whole}
                        for place, weight in enumerate(weights)
                    ],
                    "takes": draw(st.sampled_from(["unclaimed", "any"])),
                    "effective_from": None if begin is None else moment(begin).date(),
                    "effective_to": None if end is None else moment(end).date(),
                    "enabled": draw(st.sampled_from([True, True, True, False])),
                }
            )
        )
    return found


@modest
@given(rows(), rules())
def test_nothing_is_lost_and_nothing_doubled(stated, ruled):
    found = assign(activity(*stated), ruled)
    share = pl.col("assigned_share")
    amounts = found.group_by("row_number").agg((pl.col("quantity") * share).sum())
    for number, amount in amounts.rows():
        assert amount == pytest.approx(stated[number - 2]["quantity"], rel=1e-9)
    # Of every piece of time the shares are 1, and the pieces are the whole period.
    pieces = found.group_by("row_number", "period_start", "period_end").agg(share.sum())
    assert pieces["assigned_share"].to_list() == pytest.approx([1.0] * pieces.height, rel=1e-9)
    hours = pieces.group_by("row_number").agg(
        (pl.col("period_end") - pl.col("period_start")).sum().dt.total_seconds()
    )
    assert dict(hours.rows()) == {
        each["row_number"]: int((each["period_end"] - each["period_start"]).total_seconds())
        for each in stated
    }


@modest
@given(rows(), rules())
def test_it_is_what_a_person_would_do_row_by_row(stated, ruled):
    found = assign(activity(*stated), ruled).select(
        *("row_number", "workload", "period_start", "period_end", "quantity"),
        *("assigned_share", "rule_id"),
    )
    expected = by_hand(stated, ruled)
    got = sorted(found.rows(), key=str)
    order = [tuple(part[index] for index in (0, 1, 2, 3, 6)) for part in expected]
    assert sorted([tuple(part[i] for i in (0, 1, 2, 3, 6)) for part in got], key=str) == sorted(
        order, key=str
    )
    amounts = {(p[0], p[1], p[2], p[6]): (p[4], p[5]) for p in expected}
    for part in got:
        assert (part[4], part[5]) == pytest.approx(amounts[part[0], part[1], part[2], part[6]])


@modest
@given(rows(), rules(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(stated, ruled, random):
    shuffled = stated.copy()
    random.shuffle(shuffled)
    by = ["row_number", "assigned_part"]
    one = assign(activity(*stated), ruled).sort(by)
    other = assign(activity(*shuffled), ruled).sort(by)
    assert one.equals(other)
    # The number of a part is of one part only.
    assert one.select(pl.struct(by).is_unique().all()).item()
