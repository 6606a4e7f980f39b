"""A server of the test's own and a browser that reaches nothing beyond this machine."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

ROOT = Path(__file__).parents[2]
IDLE = (
    '[data-testid="stApp"][data-test-connection-state="CONNECTED"]'
    '[data-test-script-state="notRunning"]'
)
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--no-first-run")  # fmt: skip


@dataclass
class Visit:
    """One reader's browser window on a server.

    Attributes:
        page: the window.
        base: the server's address.
        outside: requests to anywhere but this machine, which were stopped.
        failures: errors that the page's scripts wrote.
    """

    page: Page
    base: str
    outside: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def open(self, path: str = "") -> None:
        """Go to an address and wait until it stands still."""
        self.page.goto(f"{self.base}/{path}")
        self.settle()

    def settle(self) -> None:
        """Wait until the app has nothing left to do."""
        for _ in range(2):
            self.page.wait_for_timeout(300)
            self.page.wait_for_selector(IDLE, timeout=90_000)
            self.page.wait_for_selector('[data-stale="true"]', state="detached", timeout=90_000)
            self.page.wait_for_selector(
                '[data-testid="stSkeleton"]', state="detached", timeout=90_000
            )

    def text(self) -> str:
        """Everything that can be read in the window, one piece a line, narrow spaces as plain."""
        pieces = self.page.locator("body").inner_text().replace("\u202f", " ").split("\n")
        return "\n".join(piece.strip() for piece in pieces if piece.strip())


@contextmanager
def serve(workspace: Path, *options: str) -> Iterator[str]:
    """The app on a free port, with its own workspace and home."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = workspace.with_name("home")
    home.mkdir(exist_ok=True)
    log = (home / f"server-{port}.log").open("wb")
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}", *options],
        cwd=ROOT,
        env={**os.environ, "CARBON_WORKSPACE": str(workspace), "HOME": str(home)},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/healthz", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)
        log.close()


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert server.poll() is None, "the server stopped before it answered"
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    pytest.fail(f"{address} did not answer within 30 s")


@contextmanager
def visit(browser: Browser, base: str, **options: object) -> Iterator[Visit]:
    """A fresh window; what would leave this machine is stopped and noted."""
    context = browser.new_context(accept_downloads=True, **options)  # type: ignore[arg-type]
    window = Visit(context.new_page(), base)

    def route(request: Route) -> None:
        address = request.request.url
        if address.startswith((base, "data:", "blob:")):
            request.continue_()
        else:
            window.outside.append(address)
            request.abort()

    context.route("**/*", route)
    window.page.on("pageerror", lambda error: window.failures.append(str(error)))
    try:
        yield window
    finally:
        context.close()
