"""How much of a machine, or of a job on several, its meters see; by hand."""

import polars as pl
import pytest
from accounting_rows import account, codes, totals, use
from overlap_rows import CLOUD, HALL, bill, day, gpus, node, tracker

from carbon.accounting.names import nodes_of

OWN = {**HALL, "provider": None, "region": None}


def it_kwh(rows):
    return totals(account(rows))["energy_it_kwh"]


def test_devices_that_were_seen_at_different_times_do_not_add_up():
    # Days 1 to 10 four of eight, days 11 to 31 all of them. Of the bill's 4,166.4 kWh stay
    # 4/8 x 10/31 = 672; the meters tell 4 x 12 + 8 x 12 = 144; the host 892.8.
    rows = [bill(), *gpus(1, 10, seen=4), *gpus(11, 31)]
    assert it_kwh(rows) == pytest.approx(672 + 144 + 892.8)


def test_a_device_that_two_exporters_saw_is_one_device():
    # Two of eight, by two formats: two eighths of the bill go, 3,124.8 kWh stay.
    smi = [{**row, "format": "nvidia-smi", "evidence_id": "a" * 64, "sku": "power.draw"}
           for row in gpus(1, 31, seen=2)]  # fmt: skip
    dcgm = gpus(1, 31, seen=2, sku="DCGM_FI_DEV_POWER_USAGE")
    assert it_kwh([bill(), *dcgm, *smi]) == pytest.approx(24.0 + 3124.8 + 892.8)


def test_a_tracker_of_one_accelerator_leaves_the_seven_beside_it():
    # The tracker (80 kWh of one accelerator, 20 kWh of the rest) stands before the boards, being
    # wider: of the eight boards' 96 kWh an eighth is its own. 100 + 84.
    one = [{**row, "accelerator_count": 1.0} if row["component"] == "accelerator" else row
           for row in tracker(1, 31)]  # fmt: skip
    result = account([*one, *gpus(1, 31)])
    assert totals(result)["energy_it_kwh"] == pytest.approx(100.0 + 84.0)
    assert "It sees 1 of 8 accelerators." in result.superseded["why"][0]
    # The bill's accelerators are the tracker's by an eighth, the boards' by all: 0 kWh are left.
    # Its host is the tracker's.
    assert it_kwh([bill(), *one, *gpus(1, 31)]) == pytest.approx(100.0 + 84.0)
    # Without the boards seven eighths of its 4,166.4 kWh are: 3,645.6.
    assert it_kwh([bill(), *one]) == pytest.approx(100.0 + 3645.6)


def run_of_four(**columns):
    """A day of a run on four accelerators: 24 h x 4 x 300 W = 28.8 kWh, and no meter of it."""
    return use(
        **{
            **OWN,
            "evidence_id": "1" * 64,
            "format": "wandb-runs",
            "resource": "abc123",
            "quantity_kind": "accelerator_hours",
            "quantity": 96.0,
            "average_power_w": 300.0,
            "accelerator": "H100",
            "accelerator_count": 4.0,
            "tier": "T4",
            **day(1),
            **columns,
        }
    )


def sampled(number, component, kwh, **columns):
    """What a meter of the run's own told of one accelerator in that day's first six hours."""
    return use(
        **{
            **OWN,
            "evidence_id": "2" * 64,
            "format": "wandb-system",
            "row_number": 2 + number,
            "resource": "abc123",
            "sku": f"system.gpu.{number}.powerWatts",
            "quantity_kind": "energy_it_kwh",
            "quantity": kwh,
            "component": component,
            "boundary": "board",
            "tier": "T4" if component == "gap_estimate" else "T3",
            "coverage": None if component == "gap_estimate" else 1.0,
            "accelerator_count": 1.0,
            **day(1, 1),
            **columns,
        }
    )


def test_a_meter_of_which_all_is_a_gap_goes_with_its_neighbours():
    # GPU 0 was measured, 10 kWh; of GPU 1 two samples lie too far apart, 5 kWh by estimate. Both
    # count; the hours of the run give way for two of its four accelerators: 14.4 kWh stay.
    rows = [run_of_four(), sampled(0, "accelerator", 10.0), sampled(1, "gap_estimate", 5.0)]
    result = account(rows)
    accelerators = result.lines.filter(pl.col("component") != "host")
    assert accelerators["energy_it_kwh"].sum() == pytest.approx(10 + 5 + 14.4)
    (lost,) = result.superseded.to_dicts()
    assert (lost["format"], lost["counted_share"]) == ("wandb-runs", pytest.approx(0.5))


def test_a_format_of_which_all_is_a_gap_stands_where_its_meters_would():
    # Samples once an hour, say: 5 kWh for one of four accelerators; three quarters of 28.8 stay.
    rows = [run_of_four(), sampled(1, "gap_estimate", 5.0)]
    accelerators = account(rows).lines.filter(pl.col("component") != "host")
    assert accelerators["energy_it_kwh"].sum() == pytest.approx(5 + 21.6)


def job(**columns):
    """A job of 24 h on two nodes, of eight accelerators each: 100 kWh by the batch system."""
    return node(
        1,
        **{**OWN, "format": "slurm-sacct", "evidence_id": "5" * 64, "resource": "48213",
           "host": "dgx[07-08]", "quantity": 100.0, **columns},
    )  # fmt: skip


def test_a_job_on_two_nodes_holds_the_accelerators_of_both():
    # 8 x 12 kWh on each of three nodes; those of dgx-09 are another job's: 100 + 96.
    boards = [
        {**row, **OWN, "host": f"dgx{n:02}", "resource": f"{n}-{row['resource']}",
         "row_number": 100 * n + row["row_number"]}
        for n in (7, 8, 9)
        for row in gpus(1)
    ]  # fmt: skip
    assert it_kwh([job(), *boards]) == pytest.approx(100.0 + 96.0)


def test_the_meter_of_one_node_covers_a_job_on_two_by_half():
    # A meter of dgx-07 by itself stands before the batch system (its name comes first): 60 kWh,
    # and half of the job's 100.
    one = node(1, **OWN, resource="bmc-7", host="dgx07", quantity=60.0)
    assert it_kwh([job(), one]) == pytest.approx(60.0 + 50.0)
    # With meters of its boards as well, which lie within it, no more: half of the job stays.
    boards = [{**row, **OWN, "host": "dgx07"} for row in gpus(1)]
    assert it_kwh([job(), one, *boards]) == pytest.approx(60.0 + 50.0)
    # With both nodes' meters nothing of it is left.
    other = node(1, **OWN, resource="bmc-8", host="dgx08", quantity=70.0) | {"row_number": 9}
    assert it_kwh([job(), one, other]) == pytest.approx(130.0)


def test_hours_of_a_job_on_two_nodes_of_which_one_is_metered():
    # 384 accelerator-hours of 16: 384 x 700 W = 268.8 kWh, half of it on dgx-07, which boards (96)
    # and the node's own meter (120, wider and of a better tier) see. Host: 384 x 150 W = 57.6,
    # half of which is on that meter. 120 + 134.4 + 28.8.
    hours = job(quantity_kind="accelerator_hours", quantity=384.0, accelerator="H100",
                accelerator_count=16.0, tier=None, component=None, coverage=None)  # fmt: skip
    one = node(1, **OWN, resource="bmc-7", host="dgx07", quantity=120.0)
    boards = [{**row, **OWN, "host": "dgx07"} for row in gpus(1)]
    assert it_kwh([hours, one, *boards]) == pytest.approx(120.0 + 134.4 + 28.8)
    assert it_kwh([hours, *boards]) == pytest.approx(96.0 + 134.4 + 57.6)


def test_a_host_with_and_without_its_domain_is_one_host():
    one = node(1, **OWN, resource="bmc", host="dgx-07")
    boards = [{**row, **OWN, "host": "DGX-07.example.org:9400"} for row in gpus(1)]
    assert it_kwh([one, *boards]) == pytest.approx(100.0)
    # Where two domains have a dgx-07, nobody knows which one is meant: 100 + 96 + 96.
    away = [{**row, "host": "dgx-07.example.com", "resource": f"x{row['resource']}",
             "row_number": 500 + row["row_number"]} for row in boards]  # fmt: skip
    assert it_kwh([one, *boards, *away]) == pytest.approx(292.0)
    # Addresses are no names with domains.
    first = node(1, **OWN, resource="bmc", host="10.0.0.1")
    second = [{**row, "host": "10"} for row in boards]
    assert it_kwh([first, *second]) == pytest.approx(196.0)


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("dgx-07", ["dgx-07"]),
        ("dgx[07-08]", ["dgx07", "dgx08"]),
        ("dgx[7-8,10],login1", ["dgx7", "dgx8", "dgx10", "login1"]),
        ("r[1-2]n[09-10]-ib", ["r1n09-ib", "r1n10-ib", "r2n09-ib", "r2n10-ib"]),
        ("a1, b2", ["a1", "b2"]),
        ("dgx[08-07]", ["dgx[08-07]"]),
        ("dgx[0-999999]", ["dgx[0-999999]"]),
        ("dgx[a-b]", ["dgx[a-b]"]),
        ("dgx[1-2", ["dgx[1-2"]),
        ("[::1]", ["[::1]"]),
    ],
)
def test_lists_of_nodes(text, nodes):
    assert nodes_of(text) == nodes


def test_a_bill_of_which_meters_saw_some_may_still_count_twice_beside_a_tracker():
    # Days 1 to 10 are settled between the bill and the meters. The tracker names no machine, and
    # that its 100 kWh are the bill's as well stays a question.
    rows = [bill(), *gpus(1, 10, workload=None), *tracker(15, 16, host=None)]
    result = account(rows)
    assert "several_sources" in codes(result)
    (finding,) = [f for f in result.findings if f.code == "several_sources"]
    assert "aws-cur and codecarbon" in finding.detail
    assert "prometheus" not in finding.detail
    # What is settled is no question.
    assert "several_sources" not in codes(account([bill(), *gpus(1, 10)]))
    assert CLOUD["workload"] in finding.workloads
