"""Programs of the system that a test starts on a free port of this machine, and stops again."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
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
