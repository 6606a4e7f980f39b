"""The sample's bill and its week of telemetry: what counts, what does not, and how much."""

import gzip
import json
from itertools import pairwise

import polars as pl
import pytest

from carbon.portfolio import Portfolio
from carbon.portfolio.portfolio import SAMPLE

DAYS = 30 + 31 + 30 + 31 + 30
"""April, May and June, August and September: July was never exported."""


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    return Portfolio.sample(tmp_path_factory.mktemp("sample") / "workspace")


@pytest.fixture(scope="module")
def lines(sample: Portfolio) -> pl.DataFrame:
    return sample._footprint().lines


def energy(lines: pl.DataFrame, workload: str, component: str) -> float:
    """IT energy of the lines of a workload that the bill or the meters give [kWh]."""
    new = lines.filter(pl.col("format").is_in(["aws-cur", "prometheus-json"]))
    return float(new.filter(workload=workload, component=component)["energy_it_kwh"].sum())


def test_an_untagged_notebook_is_unassigned_from_the_tdp_of_its_accelerator(
    lines: pl.DataFrame,
) -> None:
    """ml.g4dn.xlarge, one T4 of 70 W, and 150 W of its host, day and night from 10 June on: 21 days
    of June, 31 of August, 30 of September.
    """
    hours = (21 + 31 + 30) * 24
    assert energy(lines, "(unassigned)", "accelerator") == pytest.approx(hours * 0.070)
    assert energy(lines, "(unassigned)", "host") == pytest.approx(hours * 0.150)


def test_the_disk_of_the_endpoint_is_supporting_energy_at_t6(lines: pl.DataFrame) -> None:
    """Its gp3 volume is billed as 133.3333 GB-months a day. In a month of d days that is
    133.3333 x d GB-months, of 24 x d hours each, at 1.2 W per TB.
    """
    gb_hours = sum(133.3333 * d * 24 * d for d in (30, 31, 30, 31, 30))
    of_disk = lines.filter(
        pl.col("format") == "aws-cur",
        pl.col("component") == "storage",
        pl.col("power_source").str.contains("SSD"),
    )
    assert of_disk["tier"].unique().to_list() == ["T6"]
    assert of_disk["energy_it_kwh"].sum() == pytest.approx(gb_hours * 1.2 / 1000 / 1000)


def test_supporting_services_belong_to_the_workload_that_their_tag_names(
    lines: pl.DataFrame,
) -> None:
    supporting = lines.filter(pl.col("tier") == "T6", pl.col("component") != "overhead")
    found = supporting.group_by("workload").agg(pl.col("component").unique().sort())
    assert dict(found.iter_rows()) == {
        "referral-triage": ["cpu", "memory", "network", "storage"],
        # Its machines stand in the workbook; its images are on the bill.
        "nightly-radiology-reread": ["storage"],
    }


def test_what_is_not_ai_on_the_bill_is_general_it(sample: Portfolio) -> None:
    """Machines and database of the patient portal (3 lines a day), the office's backup (1 a day),
    and in each of five months the tax on EC2, RDS and S3 of one account, on EC2, ECS and S3 of the
    other. Tax on SageMaker and on Bedrock, and Bedrock's credit, go with the AI.
    """
    general = sample.general_it()
    each = general.group_by("row_number").agg(pl.col("source_rows").max())
    assert each["source_rows"].sum() == 4 * DAYS + 6 * 5
    assert set(general["service"]) == {"AmazonEC2", "AmazonECS", "AmazonRDS", "AmazonS3"}
    assert set(general["workload"].drop_nulls()) == {"patient-portal"}


def test_tokens_bought_from_bedrock_are_use_without_energy(sample: Portfolio) -> None:
    finding = next(f for f in sample.findings() if f.code == "no_energy_stated")
    assert finding.workloads == ("discharge-letter-drafts",)


def test_the_gap_of_an_accelerator_is_estimated_and_never_bridged(lines: pl.DataFrame) -> None:
    """Samples stop at 13:20 and go on at 14:08: 48 minutes, 2880 s. The hours around them draw
    some 311.5 W (296 to 327), so the estimate is near 0.8 h x 0.3115 kW = 0.249 kWh.
    """
    gap = lines.filter(component="gap_estimate")
    assert set(gap["tier"]) == {"T4"}
    assert set(gap["workload"]) == {"genomics/docking-screen"}
    assert gap["energy_it_kwh"].sum() == pytest.approx(0.8 * 0.3115, rel=0.01)


def test_accelerators_count_and_the_meter_of_their_server_is_superseded(
    sample: Portfolio, lines: pl.DataFrame
) -> None:
    """What counts, added up from the samples by the trapezium rule, the blank left out."""
    seen = lines.filter(format="prometheus-json", component="accelerator")
    series = answer("reno-dcgm-week.json.gz")
    # The step over the change of jobs is of the second accelerator too: its series are one device.
    devices: dict[str, list[tuple[int, float]]] = {}
    for one in series:
        readings = [(int(at), float(value)) for at, value in one["values"]]
        known = [(at, watts) for at, watts in readings if watts < 1e6]
        devices.setdefault(one["metric"]["UUID"], []).extend(known)
    joules = sum(
        (first + second) / 2 * (then - at)
        for samples in devices.values()
        for (at, first), (then, second) in pairwise(samples)
        if then - at <= 300
    )
    assert seen["energy_it_kwh"].sum() == pytest.approx(joules / 3.6e6)

    superseded = sample.superseded()
    assert superseded.height == 7 * 24
    assert set(superseded["resource"]) == {"reno-h100-01"}
    (server,) = answer("reno-ipmi-week.json.gz")
    watts = [float(value) for _, value in server["values"]]
    whole = sum(watts) - (watts[0] + watts[-1]) / 2
    assert superseded["kwh_not_counted"].sum() == pytest.approx(whole * 60 / 3.6e6)


def test_telemetry_stands_where_the_policy_says(lines: pl.DataFrame) -> None:
    telemetry = lines.filter(pl.col("format") == "prometheus-json")
    assert telemetry["zone"].unique().to_list() == ["NWPP"]
    assert telemetry["location_kg"].null_count() == 0


def test_the_month_that_was_never_exported_is_a_gap_among_the_sources(sample: Portfolio) -> None:
    calendar = sample.source_calendar(None)
    gaps = calendar.filter(pl.col("state") == "gap")
    assert gaps.select("source", "month").rows() == [
        ("aws-cur · aws-cost-and-usage", "2026-07"),
    ]


def answer(name: str) -> list[dict]:
    data = gzip.decompress((SAMPLE / name).read_bytes())
    result: list[dict] = json.loads(data)["data"]["result"]
    return result
