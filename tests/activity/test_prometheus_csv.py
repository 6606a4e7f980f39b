"""Samples as a table: labels in one column or in many, times as counts or dates, units in cells."""

from pathlib import Path

import pytest
from telemetry_files import START, reading, said

from carbon.activity.source import Context

DATA = Path(__file__).parents[1] / "data"
FORMAT = "prometheus-csv"


def test_the_example(context: Context) -> None:
    found = reading((DATA / "prometheus_samples.csv").read_bytes(), context, FORMAT)
    # 7200 J a minute for ten minutes; the container lies within the node, the core in the package
    assert found.activity.select("resource", "quantity", "source_rows").rows() == [
        ("k8s-1:cpu-0", pytest.approx(72_000 / 3.6e6), 22)
    ]
    assert "of its zones only package and dram count" in said(found)


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(
            ["metric,labels,timestamp,value"]
            + [
                f'nv_gpu_power_usage,"{{""gpu_uuid"": ""G""}}",{START + 60 * i},300' for i in (0, 1)
            ],
            id="labels as JSON",
        ),
        pytest.param(
            ["__name__,gpu_uuid,ts,value"]
            + [f"nv_gpu_power_usage,G,{(START + 60 * i) * 1000},3e2" for i in (0, 1)],
            id="a column a label",
        ),
        pytest.param(
            ["Time;Series;Value"]
            + [f'2026-11-02T00:0{i}:00Z;nv_gpu_power_usage{{gpu_uuid="G"}};300,0' for i in (0, 1)],
            id="series as text, decimal comma",
        ),
        pytest.param(
            ["Time,__name__,gpu_uuid,Value #A"]
            + [f"2026-11-02 00:0{i}:00,nv_gpu_power_usage,G,0.3 kW" for i in (0, 1)],
            id="labels to fields, with units",
        ),
    ],
)
def test_shapes_of_the_table(lines: list[str], context: Context) -> None:
    found = reading("\n".join(lines).encode(), context, FORMAT)
    assert found.activity.select("resource", "quantity").rows() == [("G", pytest.approx(0.005))]


def test_cells_that_cannot_be_read_are_set_aside(context: Context) -> None:
    rows = [
        f"nv_gpu_power_usage,G,{START},300",
        f"nv_gpu_power_usage,G,{START + 60},300",
        "nv_gpu_power_usage,G,17,300",
        f"nv_gpu_power_usage,G,{START + 120},three",
        f",G,{START + 180},300",
        f"nv_gpu_power_usage,G,{START + 240},",
    ]
    data = "\n".join(["metric,gpu_uuid,time,value", *rows]).encode()
    found = reading(data, context, FORMAT)
    assert found.quarantine.select("row_number", "column").rows() == [
        (4, "time"),
        (5, "value"),
        (6, "metric"),
    ]
    # The row without a value is a sample that measured nothing.
    assert found.activity["source_rows"].unique().to_list() == [3]
