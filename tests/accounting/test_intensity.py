"""Rows of `carbon intensity`, worked out by hand. Germany: 0.4 kg/kWh, residual mix 0.6."""

import polars as pl
import pytest
from accounting_rows import account, at, frame, use

from carbon.accounting.inference import serving
from carbon.accounting.intensity import ROW, expected_requests, intensity
from carbon.accounting.summary import select
from carbon.accounting.usage import usage
from carbon.inventory.assignment.assign import assign
from carbon.inventory.workloads import inventory
from carbon.policy import Policy
from carbon.schema import Activity, Workload

CHAT = {"workload": "chat", "model": "M", "lifecycle": "inference_realtime", "zone": "DE"}
TRAIN = {**CHAT, "workload": "pretrain", "lifecycle": "training"}
KWH = {"quantity_kind": "energy_it_kwh", "pue": 1.5}
ROWS = (
    use(**CHAT, **KWH, quantity=100.0),
    use(**CHAT, quantity_kind="requests", quantity=50_000.0, row_number=3),
    use(**TRAIN, **KWH, quantity=2000.0, row_number=4),
)


def figures(rows=ROWS, overlay=(), groups=("workload", "model"), month_from=None):
    """Every figure per unit of rows written by hand."""
    policy = Policy()
    whole = account(rows, overlay=overlay)
    chosen = select(whole, month_from)
    activity, stated = assign(frame(Activity, rows), ()), frame(Workload, overlay)
    served = usage(activity, stated, whole.lines, policy).filter(
        pl.col("month") >= (month_from or "")
    )
    known = expected_requests(inventory(activity, stated, policy), whole.lines)
    found = intensity(chosen, serving(chosen, served, policy), known, list(groups), policy)
    assert found.columns == [*groups, *ROW]
    return {(*(row[name] for name in groups), row["per"]): row for row in found.to_dicts()}


def test_a_request_and_a_training():
    rows = figures()
    assert set(rows) == {("chat", "M", "query"), ("pretrain", "M", "training_run")}
    # 150 kWh / 50 000 = 3 Wh, x 0.4 = 1.2 g, x 0.6 = 1.8 g.
    query = rows["chat", "M", "query"]
    assert (query["energy_wh"], query["location_g"], query["market_g"]) == pytest.approx(
        (3.0, 1.2, 1.8)
    )
    assert query["training_share_g"] is None
    # 2 000 x 1.5 = 3 000 kWh = 3e6 Wh; x 0.4 = 1.2e6 g; x 0.6 = 1.8e6 g.
    training = rows["pretrain", "M", "training_run"]
    assert (training["energy_wh"], training["location_g"], training["market_g"]) == pytest.approx(
        (3e6, 1.2e6, 1.8e6)
    )


def test_training_is_spread_over_stated_requests_in_a_column_of_its_own():
    stated = {"workload_id": "chat", "expected_requests": "1000000"}
    query = figures(overlay=[stated])["chat", "M", "query"]
    # 1 200 kg / 1 000 000 = 1.2 g a request; the use itself stays as it was.
    assert query["training_share_g"] == pytest.approx(1.2)
    assert query["location_g"] == pytest.approx(1.2)


def test_requests_of_all_workloads_that_serve_the_model_share_its_training():
    second = {**CHAT, "workload": "rag"}
    rows = (
        *ROWS,
        use(**second, **KWH, quantity=1.0, row_number=5),
        use(**second, quantity_kind="requests", quantity=10.0, row_number=6),
    )
    stated = [
        {"workload_id": "chat", "expected_requests": "900000"},
        {"workload_id": "rag", "expected_requests": "100000"},
        {"workload_id": "pretrain", "expected_requests": "5"},
    ]
    found = figures(rows, overlay=stated)
    assert found["rag", "M", "query"]["training_share_g"] == pytest.approx(1.2)


def test_training_before_the_period_is_in_the_share():
    later = {"period_start": at("2024-06"), "period_end": at("2024-07")}
    rows = (
        use(**CHAT, **KWH, **later, quantity=100.0),
        use(**CHAT, **later, quantity_kind="requests", quantity=50_000.0, row_number=3),
        ROWS[2],
    )
    stated = {"workload_id": "chat", "expected_requests": "1000000"}
    found = figures(rows, overlay=[stated], month_from="2024-06")
    assert found["chat", "M", "query"]["training_share_g"] == pytest.approx(1.2)
    assert ("pretrain", "M", "training_run") not in found


def test_per_training_is_over_the_runs_there_were():
    run = {**TRAIN, **KWH, "format": "mlflow-runs"}
    rows = (
        use(**run, quantity=30.0, resource="a", run_status="finished"),
        use(**run, quantity=10.0, resource="b", run_status="failed", row_number=3),
    )
    training = figures(rows)["pretrain", "M", "training_run"]
    # (30 + 10) x 1.5 = 60 kWh / 2 runs.
    assert (training["units"], training["energy_wh"]) == (2.0, pytest.approx(30_000.0))


def test_an_accelerator_hour_bears_its_host_its_cooling_and_its_hardware():
    rows = (
        use(**CHAT, quantity_kind="accelerator_hours", accelerator="NVIDIA H100", pue=1.2,
            quantity=100.0),
        # Storage is a service beside the machine.
        use(**CHAT, **KWH, component="storage", quantity=50.0, row_number=3),
    )  # fmt: skip
    hour = figures(rows)["chat", "M", "gpu_hour"]
    # (700 + 150) W x 1.2 = 1 020 Wh. 876.5 kg / 35 040 h = 25.0143 g.
    assert hour["energy_wh"] == pytest.approx(1020.0)
    assert hour["embodied_g"] == pytest.approx(876.5 / 35_040 * 1000)
    assert hour["location_g"] == pytest.approx(1020.0 * 0.4)


def test_by_model_workloads_are_divided_together():
    rows = (
        *ROWS,
        use(**{**CHAT, "workload": "rag"}, **KWH, quantity=200.0, row_number=5),
        use(**{**CHAT, "workload": "rag"}, quantity_kind="requests", quantity=10_000.0,
            row_number=6),
    )  # fmt: skip
    # (150 + 300) kWh / 60 000 requests.
    assert figures(rows, groups=("model",))["M", "query"]["energy_wh"] == pytest.approx(7.5)


def test_the_same_rows_in_another_order_give_the_same_figures():
    assert figures(ROWS[::-1]) == figures(ROWS)
