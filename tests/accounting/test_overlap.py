"""No kWh twice: bills, meters and trackers of one machine, each total worked out by hand."""

import json

import polars as pl
import pytest
from accounting_rows import account, at, codes, frame, policy, totals, use
from overlap_rows import CLOUD, HALL, bill, day, gpus, node, tracker
from recompute import agree, recompute

from carbon.accounting.explain import explain
from carbon.accounting.summary import select
from carbon.schema import Activity


def it_kwh(rows, text=""):
    return totals(account(rows, policy=policy(text)))["energy_it_kwh"]


def by_component(result):
    """IT energy by format and component."""
    sums = result.lines.group_by("format", "component").agg(pl.col("energy_it_kwh").sum())
    return {(form, component): kwh for form, component, kwh in sums.iter_rows()}


def test_ten_days_of_telemetry_within_a_billed_month():
    # Meters: 8 x 12 = 96 kWh. Bill: accelerators 4,166.4 x 21/31 = 2,822.4; its host stays, 892.8:
    # the meters of the accelerators do not see it. Together 3,811.2 kWh.
    result = account([bill(), *gpus(1, 10)])
    assert by_component(result) == {
        ("aws-cur", "accelerator"): pytest.approx(2822.4),
        ("aws-cur", "host"): pytest.approx(892.8),
        ("aws-cur", "overhead"): 0.0,
        ("prometheus-json", "accelerator"): pytest.approx(96.0),
        ("prometheus-json", "overhead"): 0.0,
    }
    # The region's PUE of 1.2 stands on what counts: 3,811.2 x 1.2.
    assert totals(result)["energy_facility_kwh"] == pytest.approx(3811.2 * 1.2)
    (row,) = result.superseded.to_dicts()
    assert (row["format"], row["component"], row["quantity"]) == ("aws-cur", "accelerator", 744.0)
    assert row["counted_share"] == pytest.approx(21 / 31)
    assert row["kwh_not_counted"] == pytest.approx(1344.0)
    assert row["superseded_by_format"] == "prometheus-json"
    assert row["superseded_by_evidence_id"] == "d" * 64
    assert "tier T3, board" in row["why"]
    assert "superseded_by_meter" in codes(result)
    assert "several_sources" not in codes(result)


def test_embodied_carbon_goes_with_the_hours_that_count():
    # Accelerator-hours: meters 8 x 240 h = 1,920; bill 8 x 744 x 21/31 = 4,032; together 5,952.
    result = account([bill(), *gpus(1, 10)])
    assert result.lines["accelerator_hours"].sum() == pytest.approx(5952.0)
    assert result.lines["accelerator_hours"].sum() == pytest.approx(8 * 744.0)


def test_a_meter_of_the_whole_machine_leaves_the_bill_its_embodied_carbon():
    # 31 days: the bill's energy is nothing, 100 kWh count; nobody else states accelerator-hours.
    result = account([bill(), node(1, 31)])
    assert totals(result)["energy_it_kwh"] == pytest.approx(100.0)
    assert result.lines["accelerator_hours"].sum() == pytest.approx(8 * 744.0)
    alone = totals(account([bill()]))["embodied_kg_co2e"]
    assert totals(result)["embodied_kg_co2e"] == pytest.approx(alone)
    assert sorted(result.superseded["component"]) == ["accelerator", "host"]
    assert result.superseded["counted_share"].to_list() == [0.0, 0.0]


def test_bill_meters_and_tracker_of_one_instance():
    # Days 1 to 10: the node's meter, 100 kWh. Days 11 to 20: accelerators of the tracker 80 kWh
    # (tier T3, seen from the node: wider than the meters' boards) and its rest 20 kWh. The meters
    # of days 6 to 25 (12 kWh each) count for days 21 to 25: 96 x 5/20 = 24 kWh. The bill: days 26
    # to 31 of its accelerators, 4,166.4 x 6/31 = 806.4; of its host days 21 to 31,
    # 892.8 x 11/31 = 316.8.
    rows = [bill(), node(1, 10), *tracker(11, 20), *gpus(6, 25)]
    result = account(rows)
    assert totals(result)["energy_it_kwh"] == pytest.approx(100 + 100 + 24 + 806.4 + 316.8)
    shares = {
        (row["format"], row["component"]): row["counted_share"]
        for row in result.superseded.to_dicts()
    }
    assert shares == {
        ("aws-cur", "accelerator"): pytest.approx(6 / 31),
        ("aws-cur", "host"): pytest.approx(11 / 31),
        ("prometheus-json", "accelerator"): pytest.approx(5 / 20),
    }
    assert not result.superseded["rest_not_counted"].any()


def test_which_one_counts_is_the_policys_choice():
    rows = [bill(), node(1, 31), *gpus(1, 31)]
    assert it_kwh(rows) == pytest.approx(100.0)
    # Bill and node see as much; of equals the better tier.
    assert it_kwh(rows, '[overlap]\nprefer = "widest"') == pytest.approx(100.0)
    assert it_kwh([bill(), *gpus(1, 31)], '[overlap]\nprefer = "widest"') == pytest.approx(
        4166.4 + 892.8
    )
    # The narrowest: 8 x 12 kWh of the accelerators; the node's rest is lost, and told; the bill's
    # host is on the node's meter, which stands before it.
    narrow = account(rows, policy=policy('[overlap]\nprefer = "narrowest"'))
    assert totals(narrow)["energy_it_kwh"] == pytest.approx(96.0)
    assert "rest_of_node_not_counted" in codes(narrow)
    lost = narrow.superseded.filter(rest_not_counted=True)
    assert lost["format"].to_list() == ["redfish"]
    assert "only part of the equipment" in lost["why"][0]


def test_meters_of_some_accelerators_cover_the_machine_as_far_as_they_see():
    # Two of eight over 31 days: 2 x 12 = 24 kWh; the bill keeps six eighths of 4,166.4 = 3,124.8.
    result = account([bill(), *gpus(1, 31, seen=2)])
    assert totals(result)["energy_it_kwh"] == pytest.approx(24.0 + 3124.8 + 892.8)
    assert "It sees 2 of 8 accelerators." in result.superseded["why"][0]
    assert result.lines["accelerator_hours"].sum() == pytest.approx(8 * 744.0)


def test_a_machine_that_ran_for_some_hours_is_covered_by_as_many():
    # 120 h within the month; meters saw days 4 to 8, 120 h: nothing of the bill's chips is left.
    # Host: 120 h x 8 x 150 W = 144 kWh.
    rows = [bill(quantity=120.0), *gpus(4, 8)]
    assert it_kwh(rows) == pytest.approx(96.0 + 144.0)
    # Seen for one day of its five: 4/5 of 120 h x 5.6 kW = 537.6.
    assert it_kwh([bill(quantity=120.0), *gpus(4)]) == pytest.approx(96.0 + 537.6 + 144.0)


def test_accelerator_hours_of_a_bill_are_hours_of_that_many_accelerators():
    # 960 accelerator-hours of eight are 120 h; the same as above.
    sku = bill(quantity_kind="accelerator_hours", quantity=960.0, accelerator="H100",
               accelerator_count=8.0, instance_type=None)  # fmt: skip
    assert it_kwh([sku, *gpus(4, 8)]) == pytest.approx(96.0 + 144.0)


def test_time_that_a_meter_did_not_see_is_the_bills():
    # Half of each of 31 days seen: half of 4,166.4 kWh of the bill count.
    result = account([bill(), *gpus(1, 31, coverage=0.5)])
    assert totals(result)["energy_it_kwh"] == pytest.approx(96.0 + 2083.2 + 892.8)
    assert result.lines["accelerator_hours"].sum() == pytest.approx(8 * 744.0)


def gap(first, last=None, **columns):
    return [
        {**row, "component": "gap_estimate", "tier": "T4", "quantity": 6.0, "coverage": 0.5,
         "row_number": row["row_number"] + 1000}
        for row in gpus(first, last, **columns)
    ]  # fmt: skip


def test_an_estimate_for_a_gap_goes_with_its_meter():
    # Seen and estimated, the time is covered: 8 x (12 + 6) kWh, and of the bill its host.
    rows = [bill(), *gpus(1, 31, coverage=0.5), *gap(1, 31)]
    assert it_kwh(rows) == pytest.approx(8 * 18.0 + 892.8)
    # The node's meter (T2) stands before the meters (T3), and before their estimates (T4).
    assert it_kwh([*rows, node(1, 31)]) == pytest.approx(100.0)
    # A tracker of the same tier, seen from wider, stands before both as well.
    assert it_kwh([*rows, *tracker(1, 31)]) == pytest.approx(100.0)
    # Without the estimates the gap is the bill's again.
    left = account(rows, policy=policy("[telemetry]\nestimate_gaps = false"))
    assert totals(left)["energy_it_kwh"] == pytest.approx(96.0 + 2083.2 + 892.8)
    (finding,) = [f for f in left.findings if f.code == "gaps_not_counted"]
    assert finding.kwh == pytest.approx(48.0)


def test_two_exports_of_accelerators_share_devices_and_not_only_their_host():
    # nvidia-smi saw GPU-0 and GPU-1 as well, and a GPU-9 of the same host: 8 x 12 + 12 kWh.
    smi = [
        {**row, "format": "nvidia-smi", "evidence_id": "a" * 64, "resource": name}
        for row, name in zip(
            gpus(1, seen=3), ["gpu-5FD4F087-0", "GPU-5fd4f087-1", "GPU-9aa0c1d2-0"], strict=True
        )
    ]
    result = account([*gpus(1), *smi])
    assert totals(result)["energy_it_kwh"] == pytest.approx(108.0)
    assert result.superseded["resource"].to_list() == ["GPU-5fd4f087-0", "GPU-5fd4f087-1"]
    assert result.superseded["format"].unique().to_list() == ["prometheus-json"]


def test_chips_boards_and_nodes_of_one_export_nest():
    # One format: the node's meter holds the accelerators and the processors of its host.
    own = {**HALL, "provider": None, "region": None, "format": "prometheus-json"}
    processors = use(
        **{
            **own,
            "evidence_id": "d" * 64,
            "row_number": 900,
            "resource": "i-1:0",
            "host": "i-1",
            "quantity_kind": "energy_it_kwh",
            "quantity": 30.0,
            "component": "cpu",
            "boundary": "chip",
            "tier": "T3",
            **day(1),
        }
    )
    rows = [*gpus(1, **own), processors]
    # Side by side they are parts: 96 + 30 kWh.
    assert it_kwh(rows) == pytest.approx(126.0)
    assert it_kwh([*rows, node(1, **own)]) == pytest.approx(100.0)
    # Another node's meter holds none of them.
    other = node(1, **own | {"host": "i-2", "resource": "i-2"})
    assert it_kwh([*rows, other]) == pytest.approx(226.0)


def test_what_hangs_on_a_rack_is_on_its_meter():
    own = {**HALL, "provider": None, "region": None}
    rack = node(1, **own | {"format": "pdu", "resource": "PDU-7", "host": None, "boundary": "rack",
                            "quantity": 500.0, "tags": '{"hosts": "i-1, i-2"}'})  # fmt: skip
    nodes = [node(1, **own), node(1, **own | {"host": "i-2", "resource": "i-2", "row_number": 7}),
             node(1, **own | {"host": "i-3", "resource": "i-3", "row_number": 8})]  # fmt: skip
    # i-1 and i-2 are on it, i-3 is not: 500 + 100.
    assert it_kwh([rack, *nodes]) == pytest.approx(600.0)
    # The same, told by the nodes.
    plain = {**rack, "tags": None}
    tagged = [{**row, "tags": '{"rack": "pdu-7"}'} for row in nodes[:2]]
    assert it_kwh([plain, *tagged, nodes[2]]) == pytest.approx(600.0)


@pytest.mark.parametrize(
    ("resource", "host"),
    [
        ("i-1", "I-1"),
        ("arn:aws:ec2:us-west-1:123456789012:instance/i-1", "i-1"),
        ("/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/node-1",
         "node-1"),
        ("//compute.googleapis.com/projects/p/zones/z/instances/node-1", "node-1:9100"),
    ],
    ids=["case", "arn", "azure path", "google path"],
)  # fmt: skip
def test_names_of_one_machine(resource, host):
    # Wholly covered by its meters: 96 kWh, and the bill's host.
    rows = [bill(resource=resource), *gpus(1, 31, host=host)]
    assert it_kwh(rows) == pytest.approx(96.0 + 892.8)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"resource": "i-2"}, {}),
        ({"resource": None}, {}),
        ({"resource": "run/train"}, {"host": "train"}),
        ({"resource": "0"}, {"resource": "0", "host": None}),
        ({"period_start": at("2024-02"), "period_end": at("2024-03")}, {}),
    ],
    ids=["other machine", "no name", "task of a run", "bare index", "other month"],
)
def test_what_shares_no_name_or_time_is_left_alone(one, other):
    result = account([bill(**one), *gpus(1, 31, **other)])
    assert result.superseded.is_empty()
    assert totals(result)["energy_it_kwh"] == pytest.approx(96.0 + 4166.4 + 892.8)
    assert (result.lines["counted_share"] == 1.0).all()


def test_what_is_only_suspected_stays_a_finding_until_the_policy_says_otherwise():
    # The tracker names a run, no machine: 100 kWh beside the bill's 5,059.2.
    rows = [bill(), *tracker(1, 31, host=None)]
    result = account(rows)
    assert totals(result)["energy_it_kwh"] == pytest.approx(5159.2)
    assert "several_sources" in codes(result)
    chosen = policy('[overlap]\nsame_workload = "resolve"')
    resolved = account(rows, policy=chosen)
    assert totals(resolved)["energy_it_kwh"] == pytest.approx(100.0)
    assert "several_sources" not in codes(resolved)
    # Another place, or nobody's work: not the same.
    away = [{**row, "region": None, "provider": None, "zone": "DE"} for row in rows[1:]]
    assert account([bill(), *away], policy=chosen).superseded.is_empty()
    nobody = [{**row, "workload": None} for row in [bill(), *tracker(1, 31, host=None)]]
    assert account(nobody, policy=chosen).superseded.is_empty()


def test_two_bills_of_one_account_count_once():
    # The provider's own export and FOCUS: equals but for their names.
    focus = bill(evidence_id="a" * 64, format="focus", row_number=9)
    result = account([bill(), focus])
    assert totals(result)["energy_it_kwh"] == pytest.approx(4166.4 + 892.8)
    assert result.superseded["format"].to_list() == ["focus", "focus"]


def test_two_files_of_one_format_are_one_account():
    # A later export supersedes by its key, before the accounting; here both lines are meant.
    assert it_kwh([bill(), bill(row_number=3)]) == pytest.approx(2 * (4166.4 + 892.8))


def test_what_gives_no_energy_never_stands_before_what_does():
    # A machine that nobody knows: its bill gives no energy, and the meters' counts.
    strange = bill(instance_type="x1.strange", accelerator="H100")
    rows = [strange, *gpus(1, 31)]
    result = account(rows, policy=policy('[overlap]\nprefer = "widest"'))
    assert totals(result)["energy_it_kwh"] == pytest.approx(96.0)
    assert "energy_unknown" not in codes(result)


def test_storage_and_network_of_a_machine_are_on_no_meter_of_it():
    # 5,000 GB x 0.001 = 5 kWh beside the node's 100.
    moved = bill(quantity_kind="gb_transferred", quantity=5000.0, instance_type=None)
    assert it_kwh([moved, node(1, 31)]) == pytest.approx(105.0)
    # vCPUs are: 1,000 vCPU-hours x 2 W = 2 kWh are among the node's 100.
    cores = bill(quantity_kind="vcpu_hours", quantity=1000.0, instance_type=None, service=None,
                 sku="ml-tokens")  # fmt: skip
    assert it_kwh([cores, node(1, 31)]) == pytest.approx(100.0)


def test_requests_and_tokens_and_cost_always_stay():
    rows = [bill(), bill(quantity_kind="cost", quantity=9.0), node(1, 31),
            use(**CLOUD, row_number=5, quantity_kind="requests", quantity=7.0)]  # fmt: skip
    result = account(rows)
    assert result.superseded["quantity_kind"].unique().to_list() == ["instance_hours"]


def test_a_row_over_months_keeps_each_months_share():
    # 60 days of January and February 2024 (leap year), 1,440 h; meters saw January's 31 days.
    # February keeps 29/60 of 1,440 h x 8 x 700 W = 8,064 kWh: 3,897.6; January nothing.
    row = bill(quantity=1440.0, period_end=at("2024-03"))
    result = account([row, *gpus(1, 31)])
    accelerators = result.lines.filter(component="accelerator", format="aws-cur")
    by_month = dict(accelerators.select("month", "energy_it_kwh").iter_rows())
    assert by_month == {"2024-02": pytest.approx(3897.6)}
    assert select(result, "2024-01", "2024-01", "all").superseded.height == 1
    assert select(result, "2024-02", "2024-02", "all").superseded.is_empty()


def test_a_facility_meter_counts_for_what_is_on_it():
    # A hall's meter that names its nodes stands before their meters: 900 kWh, all in.
    own = {**HALL, "provider": None, "region": None}
    hall = node(
        1,
        **own
        | {
            "format": "activity-template",
            "quantity_kind": "energy_facility_kwh",
            "quantity": 900.0,
            "component": None,
            "boundary": None,
            "tier": "T1",
            "pue": None,
            "resource": None,
            "host": None,
            "tags": '{"nodes": "i-1 i-2"}',
        },
    )
    result = account([hall, node(1, **own)])
    assert totals(result)["energy_facility_kwh"] == pytest.approx(900.0)


@pytest.mark.parametrize("text", ["", '[overlap]\nprefer = "widest"'])
def test_every_line_is_recomputed_from_what_explain_says(text):
    chosen = policy(text)
    rows = [bill(), node(1, 4), *tracker(11, 20), *gpus(3, 25, coverage=0.75), *gap(3, 25)]
    result = account(rows, policy=chosen)
    answer = json.loads(json.dumps(explain(result, frame(Activity, rows), "w", None, chosen)))
    for measure, value in recompute(answer["lines"]).items():
        assert agree(answer["figure"][measure], value), measure
    assert len(answer["superseded"]) == result.superseded.height > 0


def test_the_formula_shows_the_share():
    rows = [bill(), *gpus(1, 10)]
    answer = explain(account(rows), frame(Activity, rows), "w", None, policy(""))
    assert (
        "744 instance-hours x 0.677419 (the rest another source states) x 5\u202f600 W"
        in (answer["formula"])
    )
