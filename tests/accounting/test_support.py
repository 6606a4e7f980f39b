"""Supporting services: published coefficients by hand."""

import polars as pl
import pytest
from accounting_rows import account, codes, component, frame, policy, totals, use
from recompute import agree, recompute

from carbon.accounting.explain import explain
from carbon.accounting.support import watts
from carbon.factors.library import load
from carbon.schema import Activity

CLOUD = {
    "provider": "aws",
    "region": "us-west-1",
    "format": "aws-cur",
    "service": "AmazonSageMaker",
}


def served(kind, quantity, **columns):
    return use(**{**CLOUD, "quantity_kind": kind, "quantity": quantity, **columns})


def test_vcpus_take_the_mean_of_the_providers_architectures():
    # aws: min (0.5 + 1.5) / 2 = 1, max (2 + 4) / 2 = 3; at 50 %: 1 + 0.5 x (3 - 1) = 2 W.
    # 1,000 vCPU-hours x 2 W / 1000 = 2 kWh; PUE of the region 1.2: 2.4 kWh.
    result = account([served("vcpu_hours", 1000.0)])
    line = component(result, "cpu")
    assert line["energy_it_kwh"] == pytest.approx(2.0)
    assert line["tier"] == "T6"
    assert "mean of 2 aws architectures (Cloud Carbon Footprint)" in line["power_source"]
    assert totals(result)["energy_facility_kwh"] == pytest.approx(2.4)


def test_vcpus_of_a_provider_without_figures_take_the_mean_of_all():
    # min (0.5 + 1.5 + 2) / 3 = 4/3, max (2 + 4 + 6) / 3 = 4; at 25 %: 4/3 + 0.25 x 8/3 = 2 W.
    chosen = policy("[support]\nvcpu_utilisation = 0.25")
    row = served("vcpu_hours", 500.0, provider="other", region=None, zone="DE", pue=1.0)
    result = account([row], policy=chosen)
    assert component(result, "cpu")["energy_it_kwh"] == pytest.approx(1.0)


def test_measured_use_of_the_processors_takes_the_place_of_the_policys():
    # aws: min 1, max 3; measured use 37 %: 1 + 0.37 x (3 - 1) = 1.74 W.
    # 1,000 vCPU-hours x 1.74 W = 1.74 kWh; beside it 500 at the policy's 50 %: 500 x 2 W = 1 kWh.
    rows = [
        served("vcpu_hours", 1000.0, utilisation=0.37),
        served("vcpu_hours", 500.0, row_number=3),
    ]
    result = account(rows)
    by_row = dict(
        result.lines.filter(component="cpu").select("row_number", "energy_it_kwh").iter_rows()
    )
    assert by_row == {2: pytest.approx(1.74), 3: pytest.approx(1.0)}
    first = result.lines.filter(component="cpu", row_number=2).row(0, named=True)
    assert first["power_source"].startswith(
        "1.74 W per vCPU: measured use 37 % between 1 and 3 W, mean of 2 aws"
    )
    assert first["tier"] == "T6"


@pytest.mark.parametrize(
    ("kind", "quantity", "columns", "expected"),
    [
        # 10,000 GB-hours x 0.392 W / 1000 = 3.92 kWh.
        ("gb_hours", 10_000.0, {"component": "memory"}, ("memory", 3.92, "0.392 W per GB")),
        # 1 TB for 1,000 h: 1e6 GB-hours x 1.2 W / 1000 GB / 1000 = 1.2 kWh; on HDD 0.65 kWh.
        ("gb_hours", 1e6, {"component": "storage", "medium": "ssd"}, ("storage", 1.2, "of SSD (C")),
        ("gb_hours", 1e6, {"component": "storage", "medium": "hdd"}, ("storage", 0.65, "of HDD")),
        ("gb_hours", 1e6, {"medium": "hdd"}, ("storage", 0.65, "of HDD")),
        # Not stated: the higher of the two.
        ("gb_hours", 1e6, {"component": "storage"}, ("storage", 1.2, "medium not stated")),
        # 5,000 GB x 0.001 kWh = 5 kWh.
        ("gb_transferred", 5000.0, {}, ("network", 5.0, "0.001 kWh per GB")),
    ],
    ids=["memory", "ssd", "hdd", "hdd by medium", "unknown medium", "network"],
)
def test_coefficients(kind, quantity, columns, expected):
    part, kwh, words = expected
    line = component(account([served(kind, quantity, **columns)]), part)
    assert line["energy_it_kwh"] == pytest.approx(kwh)
    assert words in line["power_source"]
    assert line["location_kg"] == pytest.approx(kwh * 0.2)
    assert line["energy_gsd2"] == 2.0


def test_a_coefficient_of_the_policy_is_not_called_published():
    chosen = policy("[support]\nmemory_w_per_gb = 0.5")
    line = component(
        account([served("gb_hours", 2000.0, component="memory")], policy=chosen), "memory"
    )
    assert line["energy_it_kwh"] == pytest.approx(1.0)
    assert line["power_source"] == "0.5 W per GB of memory (policy)"


def test_gb_hours_of_nothing_named_have_no_known_energy():
    result = account([served("gb_hours", 1000.0)])
    assert totals(result)["energy_facility_kwh"] is None
    assert "energy_unknown" in codes(result)
    assert "memory or of storage" in result.lines["flags"][0]


def test_parts_of_one_row_count_together_and_never_beside_its_hours():
    # m5.large: 10 h x 20 W = 0.2 kWh; its vCPUs and memory are inside.
    parts = [
        served("vcpu_hours", 20.0),
        served("gb_hours", 80.0, component="memory"),
    ]
    machine = served("instance_hours", 10.0, instance_type="m5.large")
    assert totals(account([machine, *parts]))["energy_it_kwh"] == pytest.approx(0.2)
    # A type that nobody knows: 20 x 2 W + 80 x 0.392 W = 71.36 Wh.
    strange = served("instance_hours", 10.0, instance_type="m99.large")
    result = account([strange, *parts])
    assert totals(result)["energy_it_kwh"] == pytest.approx(0.07136)
    assert totals(result)["energy_facility_kwh"] == pytest.approx(0.07136 * 1.2)


def test_a_cpu_machine_of_an_ai_service_takes_its_modelled_power():
    # SageMaker's ml.m5.large is an m5.large: 50 h x 20 W = 1 kWh.
    row = served("instance_hours", 50.0, instance_type="ml.m5.large")
    line = component(account([row]), "host")
    assert (line["energy_it_kwh"], line["tier"]) == (pytest.approx(1.0), "T4")


def test_the_host_of_an_accelerator_is_not_counted_twice():
    # 100 h x 700 W = 70 kWh and 100 h x 150 W = 15 kWh of host; its cores add nothing.
    rows = [
        use(**CLOUD, row_number=2, quantity_kind="accelerator_hours", quantity=100.0,
            accelerator="H100"),
        use(**CLOUD, row_number=3, quantity_kind="vcpu_hours", quantity=1000.0, component="host"),
        use(**CLOUD, row_number=4, quantity_kind="gb_hours", quantity=9000.0, component="host"),
    ]  # fmt: skip
    result = account(rows)
    assert totals(result)["energy_it_kwh"] == pytest.approx(85.0)
    (finding,) = [f for f in result.findings if f.code == "host_of_accelerators"]
    assert finding.title.startswith("2 rows")
    assert result.unmetered.is_empty()


def test_the_policy_may_leave_supporting_services_out_and_says_so():
    rows = [
        served("gb_transferred", 5000.0),
        served("gb_hours", 5.0, row_number=3, component="memory"),
    ]
    result = account(rows, policy=policy("[support]\ninclude = false"))
    assert result.lines.is_empty()
    assert "support_left_out" in codes(result)
    assert result.left_out["reason"].to_list() == ["support", "support"]


def test_general_it_is_in_no_figure_and_told():
    rows = [
        served("gb_transferred", 1000.0),
        served("gb_hours", 1e9, row_number=3, service="AmazonS3", component="storage",
               source_rows=40, workload=None),
        served("cost", 120.0, row_number=3, service="AmazonS3", currency="USD", source_rows=40,
               workload=None),
        served("cost", 30.0, row_number=4, service="AmazonEC2", currency="USD", workload=None),
    ]  # fmt: skip
    result = account(rows)
    # 1,000 GB x 0.001 kWh = 1 kWh.
    assert totals(result)["energy_it_kwh"] == pytest.approx(1.0)
    assert result.general_it.height == 3
    (finding,) = [f for f in result.findings if f.code == "general_it"]
    assert finding.title.startswith("41 lines")
    assert "150 USD" in finding.detail
    assert "AmazonEC2, AmazonS3" in finding.detail


def test_supporting_services_are_recomputed_from_their_lines():
    rows = [
        served("vcpu_hours", 123.0),
        served("gb_hours", 456.0, component="memory"),
        served("gb_hours", 7e6, row_number=3, component="storage", medium="hdd"),
        served("gb_transferred", 88.0, row_number=4),
    ]
    result = account(rows)
    answer = explain(result, frame(Activity, rows), "w", None, policy(""))
    for measure, value in recompute(answer["lines"]).items():
        assert agree(answer["figure"][measure], value), measure
    assert "88 GB x 1 Wh / 1000 (0.001 kWh per GB (Cloud Carbon Footprint))" in answer["formula"]
    assert "123 vCPU-hours x 2 W / 1000" in answer["formula"]


def test_shipped_coefficients_cover_the_three_clouds():
    rows = pl.DataFrame(
        {
            "quantity_kind": ["vcpu_hours"] * 3,
            "component": pl.Series([None] * 3, dtype=pl.String),
            "medium": pl.Series([None] * 3, dtype=pl.String),
            "provider": ["aws", "azure", "gcp"],
            "utilisation": pl.Series([None] * 3, dtype=pl.Float64),
            "power_w": pl.Series([None] * 3, dtype=pl.Float64),
            "power_source": pl.Series([None] * 3, dtype=pl.String),
            "tier": pl.Series([None] * 3, dtype=pl.String),
        }
    )
    powers = watts(rows, load().vcpu_power, policy(""))["power_w"].to_list()
    # gcp: min 0.70025, max 3.189852 (means of nine architectures): 1.945 W at 50 %.
    assert powers[2] == pytest.approx(0.70025 + 0.5 * (3.189852 - 0.70025), rel=1e-6)
    assert all(1.5 < power < 3.0 for power in powers)
