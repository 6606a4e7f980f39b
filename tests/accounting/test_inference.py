"""Inference per request and per token, worked out by hand.

California: 0.2 kg/kWh; the region's PUE is 1.2. Germany: 0.4 location-based, residual mix 0.6. An
H100 has a TDP of 700 W and 164 kg embodied; its eighth of a server 5 700 / 8 = 712.5 kg; both over
4 years of 8 760 h: 876.5 / 35 040 = 0.0250143 kg an hour.
"""

import math

import polars as pl
import pytest
from accounting_rows import account, at, frame, policy, use

from carbon.accounting.inference import (
    accelerator_wh_per_1000_queries,
    cells,
    per_request_and_token,
    serving,
)
from carbon.accounting.usage import usage
from carbon.inventory.assignment.assign import assign
from carbon.inventory.assignment.rules import rule_from
from carbon.policy import Policy
from carbon.schema import Activity, Workload

CHAT = {"workload": "chat", "model": "M", "lifecycle": "inference_realtime", "zone": "DE"}
ENERGY = {**CHAT, "quantity_kind": "energy_it_kwh", "pue": 1.5}


def served(rows, *, chosen=None, by=("endpoint",), overlay=(), rules=()):
    """What serves, of rows written by hand."""
    choices = chosen or Policy()
    footprint = account(rows, overlay=overlay, policy=choices)
    activity = assign(frame(Activity, rows), rules)
    stated = frame(Workload, overlay)
    volumes = usage(activity, stated, footprint.lines, choices)
    return serving(footprint, volumes, choices, by)


def figure(serves, per="query", groups=("model",), chosen=None):
    """The one row of a kind of figure."""
    rows = per_request_and_token(serves, list(groups), chosen or Policy())
    found = rows.filter(pl.col("per") == per)
    assert found.height == 1, found
    return found.row(0, named=True)


def test_energy_and_requests_of_different_files_meet_by_workload_and_month():
    rows = [
        use(**ENERGY, quantity=100.0, row_number=2),
        use(**CHAT, quantity_kind="requests", quantity=50_000.0, evidence_id="f" * 64),
        use(**CHAT, quantity_kind="input_tokens", quantity=4e6, evidence_id="f" * 64),
        use(**CHAT, quantity_kind="cached_tokens", quantity=1e6, evidence_id="f" * 64),
        use(**CHAT, quantity_kind="output_tokens", quantity=1e6, evidence_id="f" * 64),
        use(**CHAT, quantity_kind="reasoning_tokens", quantity=4e5, evidence_id="f" * 64),
    ]
    serves = served(rows)
    # 100 kWh IT x 1.5 = 150 kWh. 150 000 Wh / 50 000 = 3 Wh; x 0.4 g/Wh = 1.2 g; residual 1.8 g.
    query = figure(serves)
    assert query["energy_it_wh"] == pytest.approx(2.0)
    assert query["energy_wh"] == pytest.approx(3.0)
    assert query["overhead_wh"] == pytest.approx(1.0)
    assert query["location_g"] == pytest.approx(1.2)
    assert query["market_g"] == pytest.approx(1.8)
    # 150 000 Wh / 1 000 thousand output tokens = 150 Wh. Cached tokens are in the input, reasoning
    # tokens in the output: 5 000 thousand in all, 30 Wh.
    assert figure(serves, "1k_output_tokens")["energy_wh"] == pytest.approx(150.0)
    assert figure(serves, "1k_tokens")["energy_wh"] == pytest.approx(30.0)


def test_the_interval_of_a_figure_is_that_of_its_energy_and_its_factor():
    rows = [
        use(**ENERGY, quantity=100.0),
        use(**CHAT, quantity_kind="requests", quantity=50_000.0),
    ]
    query = figure(served(rows))
    # Metered at the node: tier T2, 1.10; a direct factor of its year has 1.10 as well.
    assert query["energy_low_wh"] == pytest.approx(3.0 / 1.10)
    assert query["energy_high_wh"] == pytest.approx(3.0 * 1.10)
    both = math.exp(math.sqrt(2 * math.log(1.10) ** 2))
    assert query["location_low_g"] == pytest.approx(1.2 / both)
    assert query["location_high_g"] == pytest.approx(1.2 * both)


def test_a_month_without_a_count_is_left_out_of_the_division_and_said():
    february = {"period_start": at("2024-02"), "period_end": at("2024-03"), "row_number": 3}
    rows = [
        use(**ENERGY, quantity=100.0),
        use(**{**ENERGY, **february}, quantity=300.0),
        use(**CHAT, quantity_kind="requests", quantity=1000.0),
    ]
    query = figure(served(rows))
    # January alone: 150 kWh / 1 000 = 150 Wh; of 600 kWh of facility energy 150, a quarter.
    assert query["energy_wh"] == pytest.approx(150.0)
    assert query["unit_coverage"] == pytest.approx(0.25)


def test_a_month_with_no_request_is_provisioned_capacity_and_is_borne():
    february = {"period_start": at("2024-02"), "period_end": at("2024-03"), "row_number": 3}
    rows = [
        use(**ENERGY, quantity=100.0),
        use(**{**ENERGY, **february}, quantity=50.0),
        use(**CHAT, quantity_kind="requests", quantity=1000.0),
        use(**{**CHAT, **february}, quantity_kind="requests", quantity=0.0),
    ]
    serves = served(rows)
    # (150 + 75) kWh / 1 000 requests.
    assert figure(serves)["energy_wh"] == pytest.approx(225.0)
    assert cells(serves).select("month", "provisioned").rows() == [
        ("2024-01", False),
        ("2024-02", True),
    ]


def test_endpoints_are_told_apart_where_energy_and_usage_both_know_them():
    rows = [
        use(**ENERGY, quantity=10.0, endpoint="/a"),
        use(**ENERGY, quantity=40.0, endpoint="/b", row_number=3),
        use(**CHAT, quantity_kind="requests", quantity=100.0, endpoint="/a", row_number=4),
        use(**CHAT, quantity_kind="requests", quantity=100.0, endpoint="/b", row_number=5),
    ]
    found = per_request_and_token(served(rows), ["endpoint"], Policy())
    # 15 kWh / 100 and 60 kWh / 100.
    energy = dict(found.filter(per="query").select("endpoint", "energy_wh").iter_rows())
    assert energy == pytest.approx({"/a": 150.0, "/b": 600.0})


def test_endpoints_that_only_the_usage_knows_are_divided_as_one():
    rows = [
        use(**ENERGY, quantity=50.0),
        use(**CHAT, quantity_kind="requests", quantity=100.0, endpoint="/a", row_number=4),
        use(**CHAT, quantity_kind="requests", quantity=100.0, endpoint="/b", row_number=5),
    ]
    found = per_request_and_token(served(rows), ["endpoint"], Policy()).filter(per="query")
    # 75 kWh / 200 requests.
    assert found.select("endpoint", "energy_wh").rows() == [(None, pytest.approx(375.0))]


def test_batch_size_and_accelerator_are_dimensions():
    h100 = {"accelerator": "NVIDIA H100", "accelerator_count": 1.0}
    rows = [
        use(**ENERGY, **h100, quantity=10.0, batch_size=1.0),
        use(**ENERGY, **h100, quantity=10.0, batch_size=8.0, row_number=3),
        use(**CHAT, quantity_kind="requests", quantity=100.0, batch_size=1.0, row_number=2),
        use(**CHAT, quantity_kind="requests", quantity=400.0, batch_size=8.0, row_number=3),
    ]
    serves = served(rows, by=("batch_size", "accelerator"))
    found = per_request_and_token(serves, ["batch_size", "accelerator"], Policy())
    assert found.filter(per="query").select("batch_size", "accelerator", "energy_wh").rows() == [
        (1.0, "NVIDIA H100", pytest.approx(150.0)),
        (8.0, "NVIDIA H100", pytest.approx(37.5)),
    ]


def test_training_energy_is_in_no_request():
    rows = [
        use(**ENERGY, quantity=10.0),
        use(**{**ENERGY, "lifecycle": "training"}, quantity=1e6, row_number=3),
        use(**CHAT, quantity_kind="requests", quantity=100.0),
    ]
    assert figure(served(rows))["energy_wh"] == pytest.approx(150.0)


def test_a_rules_share_takes_its_part_of_the_requests_too():
    rows = [
        use(workload=None, quantity_kind="requests", quantity=900.0, account="a"),
        use(**ENERGY, quantity=10.0, row_number=3),
    ]
    rule = rule_from(
        {
            "rule_id": "r",
            "name": "split",
            "conditions": [{"column": "account", "op": "is", "values": ["a"]}],
            "shares": [
                {"workload": "chat", "share": 1 / 3},
                {"workload": "other", "share": 2 / 3},
            ],
        }
    )
    serves = served(rows, rules=(rule,))
    # A third of 900 requests is chat's: 15 kWh / 300 = 50 Wh.
    row = figure(serves, groups=("workload",))
    assert (row["workload"], row["units"]) == ("chat", pytest.approx(300.0))
    assert row["energy_wh"] == pytest.approx(50.0)


def test_the_share_of_a_site_under_equity_share_is_undone():
    chosen = policy(
        '[boundary]\nconsolidation_approach = "equity_share"\n'
        '[boundary.equity_share]\n"Joint lab" = 0.4\n'
    )
    rows = [
        use(**ENERGY, site="Joint lab", quantity=100.0),
        use(**CHAT, quantity_kind="requests", quantity=50_000.0),
    ]
    query = figure(served(rows, chosen=chosen), chosen=chosen)
    assert query["energy_wh"] == pytest.approx(3.0)
    assert query["location_g"] == pytest.approx(1.2)
    assert query["market_g"] == pytest.approx(1.8)


HOURS = {"quantity_kind": "accelerator_hours", "accelerator": "NVIDIA H100", "pue": 1.0,
         "site": "hall", "average_power_w": 500.0}  # fmt: skip


def shared_hall():
    """A hall with 20 kWh that nobody claims beside 300 and 100 reserved accelerator-hours."""
    return [
        use(**CHAT, **HOURS, quantity=300.0),
        use(**{**CHAT, "workload": "rag", "model": "N"}, **HOURS, quantity=100.0, row_number=3),
        use(workload=None, zone="DE", site="hall", pue=1.0, quantity_kind="energy_it_kwh",
            quantity=20.0, row_number=4),
        use(**CHAT, quantity_kind="requests", quantity=1000.0, row_number=5),
        use(**{**CHAT, "workload": "rag", "model": "N"}, quantity_kind="requests", quantity=1000.0,
            row_number=6),
    ]  # fmt: skip


def test_what_nobody_claims_is_borne_by_reserved_accelerator_hours():
    serves = served(shared_hall())
    found = per_request_and_token(serves, ["workload"], Policy()).filter(per="query")
    rows = {row["workload"]: row for row in found.to_dicts()}
    # chat: 300 h x 500 W = 150 kWh and 3/4 of 20 kWh; rag: 50 kWh and 1/4 of it.
    assert rows["chat"]["energy_wh"] == pytest.approx(165.0)
    assert rows["chat"]["idle_wh"] == pytest.approx(15.0)
    assert rows["rag"]["energy_wh"] == pytest.approx(55.0)
    assert rows["rag"]["idle_wh"] == pytest.approx(5.0)
    assert rows["chat"]["location_g"] == pytest.approx(165.0 * 0.4)
    assert rows["chat"]["market_g"] == pytest.approx(165.0 * 0.6)
    assert serves.pool.rows() == [("site hall", "2024-01", 20.0, True)]
    assert rows["chat"]["boundary"] == "facility"


def test_idle_capacity_of_a_shared_site_is_physical_too():
    chosen = policy(
        '[boundary]\nconsolidation_approach = "equity_share"\n'
        '[boundary.equity_share]\n"hall" = 0.4\n'
    )
    serves = served(shared_hall(), chosen=chosen)
    found = per_request_and_token(serves, ["workload"], chosen).filter(per="query")
    rows = {row["workload"]: row for row in found.to_dicts()}
    # As if all of the hall were one's own: 150 kWh and 3/4 of 20 kWh, over 1,000 requests.
    assert rows["chat"]["idle_wh"] == pytest.approx(15.0)
    assert rows["chat"]["energy_wh"] == pytest.approx(165.0)
    assert rows["chat"]["market_g"] == pytest.approx(165.0 * 0.6)


def test_by_policy_what_nobody_claims_stays_apart_and_the_rung_says_so():
    chosen = policy("[inference]\ninclude_idle_pool = false\n")
    serves = served(shared_hall(), chosen=chosen)
    found = per_request_and_token(serves, ["workload"], chosen).filter(per="query")
    rows = {row["workload"]: row for row in found.to_dicts()}
    assert rows["chat"]["energy_wh"] == pytest.approx(150.0)
    assert rows["chat"]["idle_wh"] is None
    assert rows["chat"]["boundary"] == "node"
    assert serves.pool["energy_facility_kwh"].to_list() == [20.0]


def test_shares_of_a_pool_add_up_to_the_pool():
    serves = served(shared_hall())
    idle = serves.lines.lines.filter(pl.col("component") == "idle")
    assert idle["energy_facility_kwh"].sum() == pytest.approx(20.0)
    assert idle["market_kg"].sum() == pytest.approx(20.0 * 0.6)
    slices = serves.lines.sliced.join(idle, on="line_id", how="semi")
    assert slices["kwh"].sum() == pytest.approx(20.0)


BOARD = {**ENERGY, "component": "accelerator", "boundary": "board"}


def test_watts_of_boards_stay_on_the_boards_rung_however_much_cooling_is_added():
    rows = [
        use(**BOARD, quantity=10.0, host="n1"),
        use(**CHAT, quantity_kind="requests", quantity=10_000.0),
    ]
    serves = served(rows)
    query = figure(serves)
    assert (query["boundary"], query["boundary_it"]) == ("board", "board")
    # In the manner of the AI Energy Score: 10 kWh of accelerators / 10 000 x 1 000 = 1 000 Wh.
    only = accelerator_wh_per_1000_queries(serves, ["model"])
    assert only["accelerator_wh_per_1000_queries"].to_list() == [pytest.approx(1000.0)]


def test_boards_with_the_rest_of_their_node_are_the_node():
    rows = [
        use(**BOARD, quantity=10.0, host="n1"),
        use(**{**BOARD, "component": "host", "boundary": "node"}, quantity=5.0, host="n1",
            row_number=3),
        use(**CHAT, quantity_kind="requests", quantity=10_000.0),
    ]  # fmt: skip
    query = figure(served(rows))
    assert (query["boundary"], query["boundary_it"]) == ("facility", "node_idle")


def test_without_a_meter_of_boards_there_is_no_figure_of_accelerators_alone():
    serves = served(shared_hall())
    assert accelerator_wh_per_1000_queries(serves, ["model"]).is_empty()


def test_an_embedding_has_no_output_and_an_answer_alone_is_no_total():
    embedding = [
        use(**ENERGY, quantity=10.0),
        use(**CHAT, quantity_kind="input_tokens", quantity=1e6),
    ]
    assert figure(served(embedding), "1k_tokens")["energy_wh"] == pytest.approx(15.0)
    speech = [
        use(**ENERGY, quantity=10.0),
        use(**CHAT, quantity_kind="output_tokens", quantity=1e6),
    ]
    found = per_request_and_token(served(speech), ["model"], Policy())
    assert found["per"].to_list() == ["1k_output_tokens"]


def test_a_workload_without_a_lifecycle_serves_once_requests_say_so():
    bare = {**ENERGY, "lifecycle": None}
    rows = [
        use(**bare, quantity=10.0),
        use(**{**CHAT, "lifecycle": None}, quantity_kind="requests", quantity=1000.0),
    ]
    assert figure(served(rows))["energy_wh"] == pytest.approx(15.0)


def test_unknown_energy_gives_no_figure_rather_than_0():
    rows = [
        use(**CHAT, quantity_kind="accelerator_hours", accelerator="unheard of", quantity=10.0),
        use(**CHAT, quantity_kind="requests", quantity=1000.0),
    ]
    assert per_request_and_token(served(rows), ["model"], Policy()).is_empty()
