"""A real Prometheus, filled with known samples: what its answers give is what the hand computes."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import requests
from servers import prometheus_blocks, serving_prometheus
from telemetry_files import START, metered, reading, said

from carbon.activity.source import Context
from carbon.policy import Policy, Telemetry

STEP = 15
DCGM = 'gpu="{gpu}",UUID="GPU-{gpu}",modelName="NVIDIA H100 80GB HBM3",Hostname="dgx-07"'


@pytest.fixture(scope="module")
def context(context: Context) -> Context:
    """Spans of a day: one row a device and day is easily added up by hand."""
    return replace(context, policy=Policy(telemetry=Telemetry(resolution="day")))


def power(at: int) -> float:
    """GPU 0: 300 W for an hour, then 500 W for an hour."""
    return 300 if at < 3600 else 500


def samples() -> Iterator[str]:
    """Two hours of samples in OpenMetrics, seconds since 1970."""
    yield "# TYPE DCGM_FI_DEV_POWER_USAGE gauge"
    for at in range(0, 7201, STEP):
        yield f"DCGM_FI_DEV_POWER_USAGE{{{DCGM.format(gpu=0)}}} {power(at)} {START + at}"
    for at in range(0, 7201, STEP):
        # GPU 1: 400 W, and nothing from 00:30 to 01:00.
        if not 1800 < at < 3600:
            yield f"DCGM_FI_DEV_POWER_USAGE{{{DCGM.format(gpu=1)}}} 400 {START + at}"
    yield "# TYPE DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION counter"
    for at in range(0, 7201, STEP):
        # GPU 2: 200 W in mJ; the driver is loaded anew at 01:00, and the counter with it.
        since = at if at < 3600 else at - 3600 + STEP
        labels = DCGM.format(gpu=2)
        yield (f"DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{{{labels}}} {since * 200_000} {START + at}")
    yield "# EOF"


@pytest.fixture(scope="module")
def prometheus(
    require: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Address of a server that holds the samples."""
    home = tmp_path_factory.mktemp("prometheus")
    with serving_prometheus(require, samples(), home) as address:
        yield address


def ask(address: str, path: str, **params: Any) -> bytes:
    answer = requests.get(f"{address}/api/v1/{path}", params=params, timeout=60)
    answer.raise_for_status()
    return answer.content


def by_gpu(frame: pl.DataFrame) -> dict[str, float]:
    return dict(frame.select("resource", "quantity").iter_rows())


def test_raw_samples_give_the_energy_that_the_hand_computes(
    prometheus: str, context: Context
) -> None:
    query = '{__name__=~"DCGM_FI_DEV_.+"}[2h1m]'
    data = ask(prometheus, "query", query=query, time=START + 7200)
    found = reading(data, context, "prometheus-json")
    assert by_gpu(metered(found)) == {
        # 239 steps at 300 W, one from 300 to 500 W, 240 at 500 W, of 15 s each
        "GPU-0": pytest.approx((239 * 300 + 400 + 240 * 500) * 15 / 3.6e6, rel=1e-12),
        # half an hour and an hour at 400 W
        "GPU-1": pytest.approx(0.4 * 1.5, rel=1e-12),
        # 239 steps, the new value of 15 s since the restart, 240 steps: 2 h at 200 W
        "GPU-2": pytest.approx(0.4, rel=1e-12),
    }
    (gap,) = found.activity.filter(component="gap_estimate").to_dicts()
    # 1800 s at 400 W, not seen
    assert (gap["resource"], gap["quantity"]) == ("GPU-1", pytest.approx(0.2, rel=1e-12))
    assert (gap["tier"], gap["note"][:20]) == ("T4", "estimated for 1800 s")
    assert found.rows == 481 + 481 - 119 + 481


def test_a_range_query_gives_the_same_but_for_staleness(prometheus: str, context: Context) -> None:
    data = ask(
        prometheus,
        "query_range",
        query="DCGM_FI_DEV_POWER_USAGE",
        start=START,
        end=START + 7200,
        step=60,
    )
    found = reading(data, context, "prometheus-json")
    # Read each minute: 59 steps at 300 W, one from 300 to 500 W, 60 at 500 W.
    assert by_gpu(metered(found))["GPU-0"] == pytest.approx(
        (59 * 300 + 400 + 60 * 500) * 60 / 3.6e6, rel=1e-12
    )
    # The server repeats the last sample for five minutes less a step: the gap is that much shorter.
    (gap,) = found.activity.filter(component="gap_estimate").to_dicts()
    assert metered(found).filter(resource="GPU-1")["quantity"].item() + gap[
        "quantity"
    ] == pytest.approx(0.8, rel=1e-12)


def test_what_promtool_prints_of_a_query_is_read(
    prometheus: str, require: Callable[[str], str], context: Context
) -> None:
    command = [require("promtool"), "query", "range", "-o", "json"]
    span = [f"--start={START}", f"--end={START + 3600}", "--step=60s"]
    printed = subprocess.run(
        [*command, *span, prometheus, 'DCGM_FI_DEV_POWER_USAGE{gpu="1"}'],
        check=True,
        capture_output=True,
    ).stdout
    assert printed.lstrip().startswith(b"[")
    assert reading(printed, context, "prometheus-json").activity["resource"][0] == "GPU-1"


def test_what_promtool_dumps_is_read(
    prometheus: str,
    require: Callable[[str], str],
    tmp_path: Path,
    context: Context,
) -> None:
    data = prometheus_blocks(require, samples(), tmp_path)
    # A data directory that no server has run on lacks the log that promtool looks for.
    (data / "wal").mkdir()
    dump = [require("promtool"), "tsdb", "dump", str(data)]
    dumped = subprocess.run(dump, check=True, capture_output=True).stdout
    found = reading(dumped, context, "openmetrics")
    assert metered(found)["quantity"].sum() == pytest.approx(
        (239 * 300 + 400 + 240 * 500) * 15 / 3.6e6 + 0.6 + 0.4, rel=1e-12
    )


def test_what_the_server_computed_itself_is_refused_for_want_of_a_name(
    prometheus: str, context: Context
) -> None:
    query = "increase(DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION[1h])/3.6e9"
    data = ask(
        prometheus, "query_range", query=query, start=START + 3600, end=START + 7200, step=3600
    )
    with pytest.raises(ValueError, match="no metric name"):
        reading(data, context, "prometheus-json")


def test_an_error_and_an_empty_answer_are_refused_in_their_own_words(
    prometheus: str, context: Context
) -> None:
    too_fine = requests.get(
        f"{prometheus}/api/v1/query_range",
        params={"query": "up", "start": START, "end": START + 86_400, "step": 1},
        timeout=60,
    )
    assert too_fine.status_code == 400
    with pytest.raises(ValueError, match="exceeded maximum resolution"):
        reading(too_fine.content, context, "prometheus-json")
    empty = ask(prometheus, "query_range", query="up", start=START, end=START + 60, step=15)
    with pytest.raises(ValueError, match="no series"):
        reading(empty, context, "prometheus-json")
    moment = ask(prometheus, "query", query="DCGM_FI_DEV_POWER_USAGE", time=START + 60)
    with pytest.raises(ValueError, match="one value a series"):
        reading(moment, context, "prometheus-json")


def test_whole_days_are_advised(prometheus: str, context: Context) -> None:
    data = ask(prometheus, "query", query="DCGM_FI_DEV_POWER_USAGE[2h]", time=START + 7200)
    assert "ends at 2026-11-02 02:00 UTC, inside a day" in said(
        reading(data, context, "prometheus-json")
    )
