"""One rented machine, seen by its bill, by meters of its accelerators and by a tracker: files that
are written here, and what every one of them counts for, by hand."""

import csv
import datetime as dt
import io
import json

import pytest

from carbon.portfolio import Portfolio

SEPTEMBER = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
POWER_W, ACCELERATORS = 250, 8


def bill() -> bytes:
    """September of a p4d.24xlarge (8 x A100 of 400 W): 720 h x 8 x 400 W = 2,304 kWh."""
    line = {
        "bill_payer_account_id": "012345678901",
        "line_item_usage_account_id": "001122334455",
        "line_item_line_item_type": "Usage",
        "line_item_usage_start_date": "2026-09-01T00:00:00Z",
        "line_item_usage_end_date": "2026-10-01T00:00:00Z",
        "line_item_product_code": "AmazonEC2",
        "line_item_usage_type": "USW2-BoxUsage:p4d.24xlarge",
        "line_item_operation": "RunInstances",
        "line_item_resource_id": "i-0abc",
        "line_item_usage_amount": "720.0",
        "line_item_currency_code": "USD",
        "line_item_unblended_cost": "23000",
        "product_region_code": "us-west-2",
        "pricing_unit": "Hrs",
        "resource_tags": '{"user_workload":"llm-ft"}',
    }
    text = io.StringIO()
    writer = csv.DictWriter(text, list(line))
    writer.writeheader()
    writer.writerow(line)
    return text.getvalue().encode()


def exporter(host_label: str) -> bytes:
    """Ten days of its accelerators: 8 x 250 W x 240 h = 480 kWh."""
    moments = range(0, 10 * 86_400 + 1, 300)
    start = int(SEPTEMBER.timestamp())
    result = [
        {
            "metric": {
                "__name__": "DCGM_FI_DEV_POWER_USAGE",
                "gpu": str(gpu),
                "UUID": f"GPU-5fd4f087-{gpu}",
                "modelName": "NVIDIA A100-SXM4-40GB",
                host_label: "i-0abc",
            },
            "values": [[start + moment, str(POWER_W)] for moment in moments],
        }
        for gpu in range(ACCELERATORS)
    ]
    answer = {"status": "success", "data": {"resultType": "matrix", "result": result}}
    return json.dumps(answer).encode()


def tracker() -> bytes:
    """Two days later in the month: 96 kWh of accelerators, 6 kWh of the rest."""
    row = {
        "timestamp": "2026-09-17T00:00:00",
        "project_name": "llm-ft",
        "run_id": "run-1",
        "duration": "172800",
        "emissions": "30",
        "emissions_rate": "0.0005",
        "cpu_power": "84",
        "gpu_power": "2000",
        "ram_power": "60",
        "cpu_energy": "4.0",
        "gpu_energy": "96.0",
        "ram_energy": "2.0",
        "energy_consumed": "102.0",
        "country_name": "United States",
        "country_iso_code": "USA",
        "region": "oregon",
        "cloud_provider": "aws",
        "cloud_region": "us-west-2",
        "codecarbon_version": "2.8.0",
        "gpu_count": "8",
        "gpu_model": "8 x NVIDIA A100-SXM4-40GB",
        "on_cloud": "Y",
    }
    return f"{','.join(row)}\n{','.join(row.values())}\n".encode()


@pytest.fixture(scope="module", params=["hostname", "instance"])
def portfolio(request, tmp_path_factory):
    made = Portfolio(tmp_path_factory.mktemp("instance"))
    files = [("cur.csv", bill()), ("dcgm.json", exporter(request.param))]
    made.import_files([*files, ("emissions.csv", tracker())], timezone="UTC")
    return made


def it_kwh(portfolio):
    rows = portfolio.footprint(["component"], scope="all").rows
    return dict(rows.select("component", "energy_it_kwh").iter_rows())


def test_bill_and_meters_count_once_and_the_tracker_is_asked_about(portfolio):
    # The bill keeps 20 of 30 days, 1,536 kWh, beside the meters' 480; its host 720 h x 8 x 150 W
    # = 864. The tracker names no machine: its 96 + 6 kWh count, and a finding says so.
    assert it_kwh(portfolio) == {
        "accelerator": pytest.approx(1536 + 480 + 96),
        "host": pytest.approx(864 + 6),
        "overhead": 0.0,
    }
    (finding,) = [f for f in portfolio.findings(scope="all") if f.code == "several_sources"]
    assert "aws-cur and codecarbon" in finding.detail


def test_what_the_meters_saw_is_of_the_bills_workload_and_region(portfolio):
    rows = portfolio.footprint(["workload", "region", "scope_category"], scope="all").rows
    assert rows.select("workload", "region", "scope_category").rows() == [
        ("llm-ft", "us-west-2", "scope_3_cat_1")
    ]
    assert portfolio.unplaced().is_empty()
    assert [row["workload_id"] for row in portfolio.workloads().to_dicts()] == ["llm-ft"]


def test_where_one_workload_is_one_machine_all_three_count_once(tmp_path):
    # Two of thirty days are the tracker's: of the bill stay 18 days of accelerators, 1,382.4, and
    # 28 days of host, 806.4.
    (tmp_path / "policy.toml").write_text('[overlap]\nsame_workload = "resolve"\n')
    portfolio = Portfolio(tmp_path)
    files = [("cur.csv", bill()), ("dcgm.json", exporter("hostname")), ("cc.csv", tracker())]
    portfolio.import_files(files, timezone="UTC")
    assert it_kwh(portfolio) == {
        "accelerator": pytest.approx(1382.4 + 480 + 96),
        "host": pytest.approx(806.4 + 6),
        "overhead": 0.0,
    }
    assert "several_sources" not in [f.code for f in portfolio.findings(scope="all")]
