"""nvidia-smi's CSV: units, words in brackets, repeated and missing headers, local times."""

from dataclasses import replace
from pathlib import Path

import pytest
from telemetry_files import metered, reading, said

from carbon.activity.source import Context, RefusalError

DATA = Path(__file__).parents[1] / "data"
HEADER = "timestamp, index, uuid, name, power.draw [W]"


def log(*cells: str, header: str = HEADER, gpu: str = "GPU-0a1b2c3d-1") -> bytes:
    """A line each minute with the given power."""
    lines = [
        f"2026/11/02 18:{minute:02d}:00.000, 0, {gpu}, NVIDIA H100 80GB HBM3, {cell}"
        for minute, cell in enumerate(cells)
    ]
    return "\n".join([header, *lines, ""]).encode()


def test_the_example(context: Context) -> None:
    found = reading((DATA / "nvidia_smi.csv").read_bytes(), context, "nvidia-smi")
    # 25 lines of each GPU, 5 s apart: 120 s at 600 W and, over one [N/A], at 660 W
    assert found.activity.select("row_number", "source_rows", "quantity", "tier").rows() == [
        (2, 25, pytest.approx(600 * 120 / 3.6e6), "T3"),
        (3, 25, pytest.approx(660 * 120 / 3.6e6), "T3"),
    ]
    assert found.rows == 50
    assert found.activity["accelerator"].unique().to_list() == ["NVIDIA H100 80GB HBM3"]
    assert found.local_times
    assert "The header stands here again" in said(found)


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        pytest.param(HEADER, "300.00 W", id="units in both"),
        pytest.param(HEADER, "300.00", id="nounits"),
        pytest.param("timestamp, index, uuid, name, power.draw", "300.00 W", id="in cells"),
        pytest.param(
            "timestamp, index, gpu_uuid, gpu_name, power.draw.average [W]", "300", id="avg"
        ),
    ],
)
def test_units_stand_in_the_header_or_in_cells(header: str, cell: str, context: Context) -> None:
    found = reading(log(cell, cell, cell, header=header), context, "nvidia-smi")
    assert found.activity["quantity"].to_list() == pytest.approx([300 * 120 / 3.6e6])


@pytest.mark.parametrize("word", ["[N/A]", "[Not Supported]", "[Unknown Error]", "N/A"])
def test_words_say_that_nothing_was_measured(word: str, context: Context) -> None:
    found = reading(log("300 W", word, "300 W"), context, "nvidia-smi")
    assert (found.rows, found.quarantine.height) == (3, 0)
    assert found.activity["quantity"].to_list() == pytest.approx([300 * 120 / 3.6e6])


def test_times_are_local(context: Context) -> None:
    paris = replace(context, timezone="Europe/Paris", timezone_given=True)
    found = reading(log("300 W", "300 W"), paris, "nvidia-smi").activity
    assert found["period_start"].item().isoformat() == "2026-11-02T17:00:00+00:00"


def test_a_log_without_a_header_is_refused_with_the_remedy(context: Context) -> None:
    data = log("300 W", "300 W").split(b"\n", 1)[1]
    with pytest.raises(RefusalError, match="Leave out `noheader`"):
        reading(data, context, "nvidia-smi")


def test_a_cell_that_is_no_power_is_set_aside(context: Context) -> None:
    found = reading(log("300 W", "300 °C", "300 W"), context, "nvidia-smi")
    assert found.quarantine.select("row_number", "column", "value").rows() == [
        (3, "power.draw [W]", "300 °C")
    ]
    assert metered(found)["quantity"].to_list() == pytest.approx([300 * 120 / 3.6e6])


def test_gpus_without_a_uuid_are_told_apart_by_their_index(context: Context) -> None:
    lines = [
        f"2026/11/02 18:{minute:02d}:00.000, {gpu}, {100 * (gpu + 1)} W"
        for minute in range(3)
        for gpu in (0, 1)
    ]
    data = "\n".join(["timestamp, index, power.draw [W]", *lines]).encode()
    found = reading(data, context, "nvidia-smi")
    assert found.activity["quantity"].to_list() == pytest.approx(
        [100 * 120 / 3.6e6, 200 * 120 / 3.6e6]
    )
    assert "Export the UUID too" in said(found)
