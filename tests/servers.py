"""Programs of the system that a test starts on a free port of this machine, and stops again."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import requests

PATIENCE_S = 180
"""How long a server may take to answer; a machine under load takes its time."""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serving(
    command: Sequence[str], ready: str, log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Run a server until the block ends.

    Args:
        command: program and arguments.
        ready: address that answers 200 once it can be asked.
        log: where its output goes.
        environment: variables beside those of the test.
    """
    started = {
        "env": {**os.environ, **(environment or {})},
        # A server may start helpers of its own, which end with their group.
        "start_new_session": True,
    }
    with (
        log.open("wb") as out,
        subprocess.Popen(command, stdout=out, stderr=out, **started) as process,
    ):
        try:
            _await(process, ready, log)
            yield
        finally:
            process.terminate()
            try:
                process.wait(timeout=PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def prometheus_blocks(require: Callable[[str], str], samples: Iterable[str], home: Path) -> Path:
    """Folder of data of a Prometheus that holds samples in OpenMetrics."""
    text, data = home / "samples.om", home / "data"
    text.write_text("\n".join(samples) + "\n")
    make = [require("promtool"), "tsdb", "create-blocks-from", "openmetrics", str(text), str(data)]
    subprocess.run(make, check=True, capture_output=True)
    return data


@contextlib.contextmanager
def serving_prometheus(
    require: Callable[[str], str], samples: Iterable[str], home: Path
) -> Iterator[str]:
    """Address of a real Prometheus that holds samples in OpenMetrics and scrapes nothing."""
    config = home / "prometheus.yml"
    config.write_text("global:\n  scrape_interval: 15s\n")
    data = prometheus_blocks(require, samples, home)
    address = f"127.0.0.1:{free_port()}"
    server = [
        require("prometheus"),
        f"--config.file={config}",
        f"--storage.tsdb.path={data}",
        # The samples lie in the past or the future of whoever runs this.
        "--storage.tsdb.retention.time=100y",
        f"--web.listen-address={address}",
    ]
    with serving(server, f"http://{address}/-/ready", home / "log"):
        yield f"http://{address}"


def _await(process: subprocess.Popen[bytes], ready: str, log: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        with contextlib.suppress(requests.RequestException):
            if requests.get(ready, timeout=5).ok:
                return
        time.sleep(0.1)
    raise RuntimeError(f"no answer from {ready}: {log.read_text()[-2000:]}")
