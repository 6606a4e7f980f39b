"""OpenMetrics text and promtool's lines: labels, times, comments, lines that are none."""

from dataclasses import replace
from pathlib import Path

import pytest
from telemetry_files import START, metered, payload_of, reading

from carbon.activity import read
from carbon.activity.source import Context
from carbon.activity.telemetry.label_sets import labels_of, series_of
from carbon.tables.payload import Correction

DATA = Path(__file__).parents[1] / "data"
FORMAT = "openmetrics"


def test_the_example(context: Context) -> None:
    found = reading((DATA / "openmetrics.txt").read_bytes(), context, FORMAT)
    rows = found.activity.select("quantity_kind", "component", "quantity").rows()
    assert rows == [
        # 0, 6000, 12 000, 18 000, then 3000 (the counter wrapped), 9000 J: four steps of 6000 J
        ("energy_it_kwh", "cpu", pytest.approx(24_000 / 3.6e6)),
        # 100 W by what was seen, for the minute of the wrap
        ("energy_it_kwh", "gap_estimate", pytest.approx(6_000 / 3.6e6)),
        # 500, 900, 1300, a restart, 100, 400: 400 + 400 + 100 + 300
        ("output_tokens", None, 1200),
        # 5, 9, 13, a restart, 1, 4: 4 + 4 + 1 + 3
        ("requests", None, 12),
    ]
    assert found.activity["source_rows"].to_list() == [6, 6, 10, 10]
    # The first sample stands in line 3, behind HELP and TYPE.
    assert found.activity["row_number"].min() == 3


def test_the_lines_of_a_dump(context: Context) -> None:
    found = reading((DATA / "promtool_dump.txt").read_bytes(), context, FORMAT)
    # 200 000 000 µW for 600 s
    assert found.activity["quantity"].to_list() == pytest.approx([200 * 600 / 3.6e6])
    assert found.activity["tags"].to_list() == ['{"job": "scaphandre"}']


@pytest.mark.parametrize(
    "unit", [pytest.param(1, id="s"), pytest.param(1000, id="ms"), pytest.param(10**6, id="us")]
)
def test_the_unit_of_times_is_told_by_their_size(unit: int, context: Context) -> None:
    lines = [f'nv_gpu_power_usage{{gpu_uuid="G"}} 300 {(START + at) * unit}' for at in (0, 60)]
    found = reading("\n".join(lines).encode(), context, FORMAT)
    assert found.activity["quantity"].to_list() == pytest.approx([0.005])


def test_lines_that_are_no_samples_are_set_aside(context: Context) -> None:
    lines = [
        *(f'nv_gpu_power_usage{{gpu_uuid="G"}} 300 {START + 60 * i}' for i in range(4)),
        f'nv_gpu_power_usage{{gpu_uuid="G"}} many {START}',
        'nv_gpu_power_usage{gpu_uuid="G"} 300',
        f'nv_gpu_power_usage{{gpu_uuid="G" 300 {START}',
        'nv_gpu_power_usage{gpu_uuid="G"} 300 17',
    ]
    found = reading("\n".join(lines).encode(), context, FORMAT)
    assert found.quarantine["row_number"].to_list() == [5, 6, 7, 8]
    assert (found.rows, metered(found)["source_rows"].item()) == (8, 4)


def test_a_line_that_the_user_retyped_is_read_as_typed(context: Context) -> None:
    first = f'nv_gpu_power_usage{{gpu_uuid="G"}} 300 {START}'
    wrong = f'nv_gpu_power_usage{{gpu_uuid="G"}} E {START + 60}'
    mended = Correction(2, None, wrong, wrong.replace("E", "300"))
    payload = replace(payload_of(f"{first}\n{wrong}\n".encode()), corrections=(mended,))
    found = read(payload, context, FORMAT)
    assert found.quarantine.height == 0
    assert found.activity["quantity"].to_list() == pytest.approx([0.005])


def test_exemplars_and_braces_in_values_are_no_labels() -> None:
    assert series_of('a{b="}, {",c="x\\"y\\\\z\\n"}') == {
        "__name__": "a",
        "b": "}, {",
        "c": 'x"y\\z\n',
    }
    assert series_of('{"a.b", c="d"}') == {"__name__": "a.b", "c": "d"}
    assert series_of("a{b=}") is None
    assert labels_of('{"gpu": 0, "host": "h"}') == {"gpu": "0", "host": "h"}
