"""The set-ups of docs/how-to, run as they stand; what comes out of them is imported.

What needs a GPU cannot run here, and each page says what was not run.
"""

import http.server
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import polars as pl
import pytest
from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from servers import serving_prometheus

from carbon.activity import read
from carbon.activity.intake import open_payloads
from carbon.activity.source import Context, Payload
from carbon.portfolio import HowTo, Portfolio
from carbon.portfolio.how_to import read_page

DAY = "2026-11-02"
START = 1_793_577_600
"""2026-11-02T00:00:00Z [s since 1970]."""

TRAINING_S = 300


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, HowTo]:
    portfolio = Portfolio(tmp_path_factory.mktemp("pages") / "ws")
    return {page.name: page for page in portfolio.how_tos()}


@pytest.fixture
def portfolio(tmp_path: Path) -> Portfolio:
    return Portfolio(tmp_path / "ws")


def run_program(text: str, folder: Path, **variables: str) -> None:
    """Run a program of a page in a folder."""
    (folder / "program.py").write_text(text, "utf-8")
    done = subprocess.run(
        [sys.executable, "program.py"],
        cwd=folder,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=TRAINING_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def take(portfolio: Portfolio, file: Path) -> tuple[str | None, int, int]:
    """Format of a file, rows taken, rows set aside."""
    (result,) = portfolio.import_files([(file.name, file)]).files
    assert result.refusal is None, result.refusal
    return result.format, result.accepted, result.quarantined


def test_codecarbon(pages: Mapping[str, HowTo], portfolio: Portfolio, tmp_path: Path) -> None:
    (tmp_path / "measured").mkdir()
    run_program(pages["training"].code("train_codecarbon.py"), tmp_path)
    assert take(portfolio, tmp_path / "measured" / "emissions.csv") == ("codecarbon", 1, 0)
    (row,) = portfolio.footprint(["workload"], scope="all").to_dict()["rows"]
    assert row["workload"] == "ranker"
    assert row["energy_facility_kwh"] > 0


def test_mlflow(pages: Mapping[str, HowTo], portfolio: Portfolio, tmp_path: Path) -> None:
    store = {
        "MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path / 'runs.db'}",
        "MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL": "1",
    }
    run_program(pages["training"].code("train_mlflow.py"), tmp_path, **store)
    run_program(pages["training"].code("export_mlflow.py"), tmp_path, **store)
    assert take(portfolio, tmp_path / "mlflow-runs.jsonl") == ("mlflow-runs", 1, 0)
    (row,) = portfolio.footprint(["workload"], scope="all").to_dict()["rows"]
    assert row["workload"] == "ranker"
    assert row["energy_it_kwh"] > 0


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Receives OTLP and writes it as the collector's file exporter does: its address, the file."""
    target = tmp_path / "traces.jsonl"

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            batch = MessageToDict(ExportTraceServiceRequest.FromString(body))
            with target.open("a", encoding="utf-8") as out:
                out.write(json.dumps(batch) + "\n")
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", target
    server.shutdown()
    server.server_close()


def test_opentelemetry(
    pages: Mapping[str, HowTo],
    portfolio: Portfolio,
    collector: tuple[str, Path],
    tmp_path: Path,
) -> None:
    address, traces = collector
    program = pages["inference"].code("call_model.py")
    run_program(program, tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=address)
    format_, accepted, aside = take(portfolio, traces)
    assert (format_, accepted, aside) == ("otel-genai", 1, 0)


@pytest.mark.parametrize("page", ["cluster", "inference"])
def test_prometheus_takes_the_configuration(
    page: str, pages: Mapping[str, HowTo], require: Callable[[str], str], tmp_path: Path
) -> None:
    config = tmp_path / "prometheus.yml"
    config.write_text(pages[page].code("prometheus.yml"), "utf-8")
    command = [require("promtool"), "check", "config", str(config)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def samples() -> Iterator[str]:
    """Two hours: a GPU at 300 W, as its counter [mJ] tells, and a model that answers."""
    label = 'gpu="0",UUID="GPU-0",modelName="NVIDIA H100 80GB HBM3",Hostname="gpu-node-1"'
    yield "# TYPE DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION counter"
    for at in range(0, 7201, 30):
        yield f"DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{{{label}}} {at * 300_000} {START + at}"
    # Two tokens are read a second, and one is written.
    for name, rate in (("prompt", 2), ("generation", 1)):
        yield f"# TYPE vllm:{name}_tokens counter"
        for at in range(0, 7201, 30):
            series = f'vllm:{name}_tokens_total{{model_name="example-7b",instance="vllm-1:8000"}}'
            yield f"{series} {at * rate} {START + at}"
    yield "# EOF"


@pytest.fixture(scope="module")
def prometheus(
    require: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Address of a real server that holds the samples."""
    home = tmp_path_factory.mktemp("prometheus")
    with serving_prometheus(require, samples(), home) as address:
        yield address


def fetch(script: str, prometheus: str, folder: Path) -> None:
    """Run a script that fetches a day into a folder."""
    variables = {"PROMETHEUS": prometheus, "DAY": DAY, "TARGET": str(folder)}
    done = subprocess.run(
        ["sh", "-c", script],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_day_of_gpus_is_fetched(
    pages: Mapping[str, HowTo], prometheus: str, portfolio: Portfolio, tmp_path: Path
) -> None:
    fetch(pages["cluster"].code("fetch_prometheus.sh"), prometheus, tmp_path)
    file = tmp_path / f"prometheus-{DAY}.json"
    format_, _, aside = take(portfolio, file)
    assert (format_, aside) == ("prometheus-json", 0)
    total = portfolio.footprint([], scope="all").to_dict()["totals"]
    # 300 W for two hours; a range query repeats the last sample for up to five minutes.
    assert total["energy_it_kwh"] == pytest.approx(0.6, rel=1e-9)


def test_a_day_of_tokens_is_fetched(
    pages: Mapping[str, HowTo], prometheus: str, tmp_path: Path
) -> None:
    fetch(pages["inference"].code("fetch_inference.sh"), prometheus, tmp_path)
    file = tmp_path / f"inference-{DAY}.json"
    (payload,) = open_payloads(file.name, file.read_bytes())
    assert isinstance(payload, Payload)
    found = read(payload, Context("e" * 64)).activity
    tokens = found.group_by("quantity_kind", "model").agg(pl.col("quantity").sum())
    # two hours at 2 and at 1 tokens a second
    assert dict(zip(tokens["quantity_kind"], tokens["quantity"], strict=True)) == {
        "input_tokens": pytest.approx(14_400),
        "output_tokens": pytest.approx(7_200),
    }
    assert set(tokens["model"]) == {"example-7b"}


def test_the_lines_of_cron_and_of_the_service(pages: Mapping[str, HowTo], tmp_path: Path) -> None:
    page = pages["watched-folder"]
    unit, cron = page.code("carbon-watch.service"), page.code("carbon.cron")
    start = re.search(r"^ExecStart=(.+)$", unit, re.MULTILINE)
    line = re.search(r"^(?:\S+ ){5}(/.+)$", cron, re.MULTILINE)
    assert start is not None
    assert line is not None
    (tmp_path / "in").mkdir()
    shutil.copy(Path(__file__).parents[1] / "data" / "codecarbon_3.csv", tmp_path / "in")
    # The service runs until it is stopped; with --once it is the same command, which ends.
    for command in (line[1], f"{start[1]} --once"):
        program, *arguments = shlex.split(command.replace("/var/lib/carbon", str(tmp_path)))
        assert program == "/usr/local/bin/carbon"
        done = subprocess.run(
            [sys.executable, "-c", "from carbon.cli import main; main()", *arguments],
            env=os.environ | {"CARBON_WORKSPACE": str(tmp_path / "ws")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert len(Portfolio(tmp_path / "ws").footprint(["workload"], scope="all").rows) > 0


def test_a_page_is_read_into_words_and_code() -> None:
    page = read_page("x", "# Title\n\nOne\nline.\n\nWords.\n\n```sh do.sh\nls\n```\n\nMore.\n")
    assert (page.title, page.summary) == ("Title", "One line.")
    assert [(p.text, p.language, p.file) for p in page.parts] == [
        ("Words.", None, None),
        ("ls\n", "sh", "do.sh"),
        ("More.", None, None),
    ]


def test_every_page_says_what_was_run(pages: Mapping[str, HowTo]) -> None:
    for page in pages.values():
        words = "\n".join(part.text for part in page.parts if part.language is None)
        assert "Run by us:" in words, page.name
        assert "Not run by us:" in words or page.name == "cluster", page.name
