"""The training baseline, worked out by hand. Germany: 0.4 kg/kWh location-based, residual 0.6."""

import polars as pl
import pytest
from accounting_rows import LIBRARY, account, at, use

from carbon.accounting.training import training
from carbon.policy import Policy

RUN = {
    "workload": "pretrain",
    "model": "M",
    "lifecycle": "training",
    "zone": "DE",
    "format": "mlflow-runs",
    "quantity_kind": "energy_it_kwh",
    "pue": 1.5,
}


def baseline(rows, *groups):
    """The baseline by columns: one dict a group."""
    found = training(account(rows), list(groups), LIBRARY.instances, Policy())
    return found.to_dicts()


def test_every_run_counts_and_how_each_ended_is_apart():
    rows = [
        use(**RUN, quantity=100.0, resource="r1", run_status="finished"),
        use(**RUN, quantity=40.0, resource="r2", run_status="failed", row_number=3),
        use(**RUN, quantity=10.0, resource="r3", run_status="preempted", row_number=4),
        use(**RUN, quantity=4.0, resource="t1", run_status="search", row_number=5),
        use(**RUN, quantity=6.0, resource="t2", run_status="search", row_number=6),
        use(**{**RUN, "lifecycle": "development"}, quantity=20.0, resource="d", row_number=7),
        use(**{**RUN, "lifecycle": "fine_tuning"}, quantity=20.0, resource="f", row_number=8),
        use(**{**RUN, "lifecycle": "inference_batch"}, quantity=1e6, row_number=9),
        use(**{**RUN, "model": "N"}, quantity=1e6, resource="n", row_number=10),
    ]
    (whole,) = (row for row in baseline(rows, "model") if row["model"] == "M")
    # 200 kWh IT x 1.5 = 300 kWh; x 0.4 = 120 kg; x 0.6 = 180 kg.
    assert whole["energy_it_kwh"] == pytest.approx(200.0)
    assert whole["energy_facility_kwh"] == pytest.approx(300.0)
    assert whole["location_kg_co2e"] == pytest.approx(120.0)
    assert whole["market_kg_co2e"] == pytest.approx(180.0)
    assert whole["runs"] == 7
    ended = {row["ended"]: row for row in baseline(rows[:8], "ended")}
    assert {name: row["energy_it_kwh"] for name, row in ended.items()} == pytest.approx(
        {"finished": 100.0, "failed": 40.0, "preempted": 10.0, "search": 10.0, "not_stated": 40.0}
    )
    assert ended["search"]["runs"] == 2


def test_hours_of_accelerators_of_nodes_and_of_the_clock_are_three_things():
    # Two machines of eight H100 for a day each, of which 12 hours overlap.
    machine = {
        **{name: RUN[name] for name in ("workload", "model", "lifecycle")},
        "provider": "aws",
        "region": "us-west-1",
        "instance_type": "p5.48xlarge",
        "quantity_kind": "instance_hours",
        "quantity": 24.0,
    }
    rows = [
        use(**machine, period_start=at("2024-01-02"), period_end=at("2024-01-03")),
        use(
            **machine,
            period_start=at("2024-01-02T12"),
            period_end=at("2024-01-03T12"),
            row_number=3,
        ),
    ]
    (row,) = baseline(rows, "model")
    assert row["node_hours"] == pytest.approx(48.0)
    assert row["accelerator_hours"] == pytest.approx(8 * 48.0)
    assert row["wall_hours"] == pytest.approx(36.0)


def test_accelerator_hours_are_node_hours_only_where_the_machine_is_known():
    own = {**RUN, "quantity_kind": "accelerator_hours", "accelerator": "NVIDIA H100"}
    (row,) = baseline([use(**own, quantity=80.0)], "model")
    assert row["accelerator_hours"] == pytest.approx(80.0)
    assert row["node_hours"] is None
    named = {**own, "provider": "aws", "region": "us-west-1", "instance_type": "p5.48xlarge"}
    (row,) = baseline([use(**named, quantity=80.0)], "model")
    assert row["node_hours"] == pytest.approx(10.0)


def test_kwh_alone_have_no_accelerator_hours_and_not_0():
    (row,) = baseline([use(**RUN, quantity=5.0)], "model")
    assert row["accelerator_hours"] is None
    assert row["node_hours"] is None
    assert row["wall_hours"] == pytest.approx(31 * 24.0)


def test_each_tier_stays_known_and_a_tdp_estimate_marks_the_whole():
    hours = {**RUN, "quantity_kind": "accelerator_hours", "accelerator": "NVIDIA H100", "pue": 1.0}
    rows = [
        use(**RUN, quantity=100.0, resource="a"),
        # 1 000 h x (700 + 150) W = 850 kWh.
        use(**hours, quantity=1000.0, resource="b", row_number=3),
    ]
    by_run = {row["run"]: row for row in baseline(rows, "run")}
    assert by_run["b"]["energy_facility_kwh"] == pytest.approx(850.0)
    assert (by_run["a"]["tier"], by_run["b"]["tier"]) == ("T2", "T5")
    assert baseline(rows, "model")[0]["tier"] == "T5"


def test_a_machine_of_a_bill_is_no_run_of_its_own():
    machine = {**RUN, "format": "aws-cur", "resource": "arn:aws:ec2:i-1"}
    rows = [use(**machine, quantity=5.0), use(**RUN, quantity=5.0, resource="r", row_number=3)]
    runs = training(account(rows), ["run"], LIBRARY.instances, Policy())
    assert runs["run"].to_list() == ["pretrain", "r"]
    assert runs.select(pl.col("energy_it_kwh").sum()).item() == pytest.approx(10.0)
