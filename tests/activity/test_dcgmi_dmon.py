"""dcgmi dmon: times from the first line, power beside energy, lines that do not fit."""

from pathlib import Path

import pytest
from telemetry_files import payload_of, reading

from carbon.activity import read
from carbon.activity.source import Context, RefusalError

DATA = Path(__file__).parents[1] / "data"
FORMAT = "dcgmi-dmon"


def test_the_example(context: Context) -> None:
    found = reading((DATA / "dcgmi_dmon.txt").read_bytes(), context, FORMAT)
    # 21 samples a second apart. GPU 0: 500 000 mJ a step by its counter; GPU 1 has none: 400 W,
    # one N/A in between.
    assert found.activity.select("resource", "quantity", "sku").rows() == [
        ("dgx-07:gpu-0", pytest.approx(10_000 / 3.6e6), "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION"),
        ("dgx-07:gpu-1", pytest.approx(8_000 / 3.6e6), "DCGM_FI_DEV_POWER_USAGE"),
    ]
    assert found.activity["source_rows"].to_list() == [42, 42]
    assert found.activity["period_start"][0].isoformat() == "2026-11-02T18:00:00+00:00"
    assert found.activity["period_end"][0].isoformat() == "2026-11-02T18:00:20+00:00"


def recording(first: str, *rows: str, header: str = "#Entity   POWER") -> bytes:
    return "\n".join([first, header, "ID        W", *rows, ""]).encode()


def test_an_interval_may_be_in_milliseconds(context: Context) -> None:
    rows = ["GPU 0     360"] * 11
    found = reading(
        recording("# start=2026-11-02 18:00:00Z interval=500ms", *rows), context, FORMAT
    )
    # 360 W for 5 s
    assert found.activity["quantity"].to_list() == pytest.approx([360 * 5 / 3.6e6])


@pytest.mark.parametrize(
    "first",
    ["", "# start=2026-11-02T18:00:00Z", "# interval=1", "# start=then interval=1"],
)
def test_without_start_and_interval_it_is_refused_with_the_remedy(
    first: str, context: Context
) -> None:
    with pytest.raises(RefusalError, match="Add a first line such as '# start="):
        read(payload_of(recording(first, "GPU 0     360", "GPU 0     360")), context)


def test_instances_of_a_gpu_are_not_added_to_it(context: Context) -> None:
    rows = ["GPU 0     360", "GPU-I 1   N/A", "GPU 0     360", "GPU-I 1   N/A"]
    found = reading(recording("# start=2026-11-02T18:00:00Z interval=1", *rows), context, FORMAT)
    assert found.activity.select("quantity", "source_rows").rows() == [
        (pytest.approx(360 / 3.6e6), 4)
    ]


def test_a_line_that_does_not_fit_is_set_aside(context: Context) -> None:
    rows = ["GPU 0     360", "GPU 0", "GPU 0     360"]
    found = reading(recording("# start=2026-11-02T18:00:00Z interval=1", *rows), context, FORMAT)
    assert found.quarantine["row_number"].to_list() == [5]
    assert found.rows == 3


def test_a_recording_of_other_fields_is_refused(context: Context) -> None:
    data = recording("# start=2026-11-02T18:00:00Z interval=1", "GPU 0 40", header="#Entity TMPTR")
    with pytest.raises(RefusalError, match="dmon -e 155,156"):
        read(payload_of(data), context)
