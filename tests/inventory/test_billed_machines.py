"""Meters of rented machines: provider, region and workload come from the bill."""

import pytest
from test_ai_use import frame, line

from carbon.inventory.billed_machines import GIVEN, as_billed
from carbon.schema import Activity

BILL = {"resource": "i-0abc", "region": "us-west-2", "account": "1122", "workload": "llm"}


def meter(**columns):
    row = line(9, format="prometheus-json", provider=None, resource="GPU-5fd4f087", host="i-0abc")
    return {**row, "quantity_kind": "energy_it_kwh", "boundary": "board", **columns}


def given(meters, bills):
    return as_billed(frame(Activity, meters), frame(Activity, bills)).select(GIVEN).rows()


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"host": "I-0ABC:9400"},
        {"host": None, "resource": "arn:aws:ec2:us-west-2:1122:instance/i-0abc"},
    ],
    ids=["host", "with a port", "arn"],
)
def test_a_meter_is_of_the_machine_that_it_names(columns):
    assert given([meter(**columns)], [line(2, **BILL)]) == [("aws", "us-west-2", "1122", "llm")]


@pytest.mark.parametrize(
    "columns",
    [
        {"host": "i-0abd"},
        {"site": "Lyon"},
        {"zone": "FR"},
        {"boundary": None},
        {"host": None},
    ],
    ids=["another machine", "a site", "a zone", "no meter", "no host"],
)
def test_others_stay_as_they_are(columns):
    rows = [meter(**columns)]
    assert given(rows, [line(2, **BILL)]) == frame(Activity, rows).select(GIVEN).rows()


def test_the_meters_own_word_goes_first():
    assert given([meter(workload="ns/train")], [line(2, **BILL)])[0][3] == "ns/train"


def test_what_several_lines_say_differently_is_not_given():
    two = [line(2, **BILL), line(3, **BILL | {"workload": "chat"})]
    assert given([meter()], two) == [("aws", "us-west-2", "1122", None)]
    elsewhere = [line(2, **BILL), line(3, **BILL | {"region": "eu-west-1"})]
    assert given([meter()], elsewhere) == [(None, None, None, None)]
