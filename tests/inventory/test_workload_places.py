"""Where workloads stand that name no place, and what discovery's files say of them."""

import datetime as dt
import json

import polars as pl
import pytest

from carbon.inventory.known import Known
from carbon.inventory.workloads import inventory
from carbon.policy import Policy
from carbon.schema import Activity, Decision, Sighting, Workload

KNOWN = Known(
    zones={"fr": "FR"},
    region_zones=pl.DataFrame(
        {"provider": ["aws"], "region": ["eu-west-1"], "zone": ["IE"]},
    ),
    instances=pl.DataFrame(
        {
            "provider": ["aws"],
            "instance_type": ["p4d.24xlarge"],
            "accelerator": ["NVIDIA A100"],
            "accelerator_count": [8.0],
        }
    ),
)


def frame(schema, *rows):
    empty = schema.create_empty()
    return pl.DataFrame([{**dict.fromkeys(empty.columns), **r} for r in rows], schema=empty.schema)


def used(**stated):
    return frame(
        Activity,
        {
            "evidence_id": "e" * 64,
            "row_number": 2,
            "format": "f",
            "key": "k",
            "superseded_in_file": False,
            "quantity_kind": "energy_it_kwh",
            "quantity": 1.0,
            "workload": "w",
            "period_start": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
            "period_end": dt.datetime(2026, 2, 1, tzinfo=dt.UTC),
            **stated,
        },
    )


def listed(activity, places=None, **more):
    policy = Policy.from_toml("")
    if places:
        lines = "\n".join(f'"{name}" = "{at}"' for name, at in places.items())
        policy = Policy.from_toml(f"[boundary.places]\n{lines}")
    return inventory(activity, Workload.create_empty(), policy, known=KNOWN, **more).row(
        0, named=True
    )


@pytest.mark.parametrize(
    ("stated", "places", "zone", "region"),
    [
        ({"host": "node-7"}, {"node-*": "FR"}, "FR", None),
        ({"host": "node-7"}, {"node-*": "aws:eu-west-1"}, "IE", None),
        ({"account": "1", "provider": "aws"}, {"1": "aws:eu-west-1"}, "IE", "eu-west-1"),
        ({"host": "node-7"}, {"other": "FR"}, None, None),
        ({"host": "node-7"}, {"node-7": "FR", "node-*": "aws:eu-west-1"}, "FR", None),
        # What the source says itself stands.
        ({"host": "node-7", "zone": "DE"}, {"node-*": "FR"}, "DE", None),
        ({"provider": "aws", "region": "eu-west-1"}, {}, "IE", "eu-west-1"),
        ({"country": "SE"}, {}, "SE", None),
    ],
)
def test_a_workload_stands_where_its_source_or_the_policy_says(stated, places, zone, region):
    row = listed(used(**stated), places)
    assert (row["zone"], row["region"]) == (zone, region)
    # Of the seven that a reader asks first a place is all that is stated, or nothing is.
    assert row["missing"] == ("everything" if zone is None else "all but place")


def test_the_accelerators_of_an_instance_type_are_known():
    row = listed(used(provider="aws", instance_type="ml.P4d.24xlarge"))
    assert (row["accelerator"], row["accelerator_count"]) == ("NVIDIA A100", "8")


def seen(**stated):
    fixed = {
        "evidence_id": "s" * 64,
        "row_number": 1,
        "format": "terraform-json",
        "key": "k1",
        "reference": "aws_instance.gpu",
        "sighted_as": "machine",
        "why": "it has accelerators",
    }
    return {**fixed, **stated}


def decided(decision="accepted", **proposal):
    return frame(
        Decision,
        {
            "sequence": 1,
            "proposal_id": "p",
            "decision": decision,
            "workload": "w",
            "proposal": json.dumps({"evidence": [proposal]}),
            "at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
            "who": "Ana",
        },
    )


NOTHING = frame(Decision)


@pytest.mark.parametrize(
    ("sighting", "decisions", "owner"),
    [
        (seen(owner="Bo"), decided(reference="/aws_instance.gpu"), "Bo"),
        (seen(owner="Bo", account="1"), decided(reference="1/aws_instance.gpu"), "Bo"),
        (seen(owner="Bo", account="1"), decided(reference="2/aws_instance.gpu"), None),
        (
            seen(owner="Bo", account="1", region="r"),
            decided(reference="1/r/aws_instance.gpu"),
            "Bo",
        ),
        (seen(owner="Bo"), decided(key="k1"), "Bo"),
        (seen(owner="Bo"), decided("ignored", key="k1"), None),
        (seen(owner="Bo"), NOTHING, None),
        (seen(owner="Bo", workload="w"), NOTHING, "Bo"),
    ],
)
def test_what_was_accepted_as_a_workload_says_what_nobody_else_does(sighting, decisions, owner):
    sightings = frame(Sighting, sighting)
    row = listed(used(), sightings=sightings, decisions=decisions)
    assert row["owner"] == owner


def test_activity_stands_above_what_discovery_saw():
    sightings = frame(Sighting, seen(owner="Bo", model="m", accelerator_count=4.0))
    row = listed(used(owner="Ana"), sightings=sightings, decisions=decided(key="k1"))
    assert (row["owner"], row["model"], row["accelerator_count"]) == ("Ana", "m", "4")
