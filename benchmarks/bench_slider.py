"""From a slider's step to the chart that is drawn again, in a browser: read the ratio.

Each round presses a key on a slider and waits for the last change of what it draws. The empty
fragment is Streamlit's own time for one slider and one line of text, on the same machine in the
same run; the screen adds the scenario, its figures and its chart.
"""

import os
import socket
import subprocess
import sys
import time
from calendar import monthrange
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from carbon.portfolio import Portfolio

ROOT = Path(__file__).parents[1]
ROUNDS = 40
ROWS = 200_000
IDLE = (
    '[data-testid="stApp"][data-test-connection-state="CONNECTED"]'
    '[data-test-script-state="notRunning"]'
)
CHROMIUM = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")

EMPTY = """
import streamlit as st

@st.fragment
def part():
    share = st.slider("Share that moves [%]", 0, 100, 100)
    st.html(f'<div class="wi-cards">{share}</div>')

part()
"""

WATCH = """
(drawn) => {
  const seen = {pressed: null, last: null};
  const inside = ({target}) =>
    (target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement)?.closest(drawn);
  new MutationObserver((changes) => {
    if (seen.pressed !== null && changes.some(inside)) seen.last = performance.now();
  }).observe(document.body, {
    subtree: true, childList: true, characterData: true, attributes: true,
    attributeFilter: ["d", "x", "y", "width", "height", "transform", "points"],
  });
  document.addEventListener("keydown", () => {
    seen.pressed = performance.now(); seen.last = null;
  }, true);
  window.seen = seen;
}
"""
QUIET = "() => window.seen.last !== null && performance.now() - window.seen.last > 250"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of the sample portfolio."""
    path = tmp_path_factory.mktemp("sample") / "ws"
    Portfolio.sample(path)
    return path


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of 200,000 rows: 500 workloads in eight zones over 24 months."""
    zones = ("CAMX", "DE", "FR", "GB", "SE", "US-TX", "JP", "IN")
    head = "workload,zone,site,period_start,period_end,energy_kwh,pue\n"
    lines = (
        f"w-{row % 500},{zones[row % 8]},Hall {row % 8},{_month(row % 24)},{row % 977 + 1},1.2\n"
        for row in range(ROWS)
    )
    path = tmp_path_factory.mktemp("large") / "ws"
    Portfolio(path).import_files([("large.csv", (head + "".join(lines)).encode())])
    return path


@pytest.mark.benchmark(group="slider to redrawn chart")
def bench_empty_fragment(benchmark, tmp_path, sliders):
    script = tmp_path / "empty.py"
    script.write_text(EMPTY, "utf-8")
    with _served(script, tmp_path / "ws") as base, _window() as page:
        page.goto(base)
        _press(benchmark, page, sliders, "empty fragment", ".stHtml")


@pytest.mark.benchmark(group="slider to redrawn chart")
def bench_sample(benchmark, sample, sliders):
    with _served(ROOT / "app.py", sample) as base, _window() as page:
        page.goto(f"{base}/what-if?workspace=own&target=aws%3Aeu-north-1")
        _press(benchmark, page, sliders, "what-if, sample", ".js-plotly-plot")


@pytest.mark.benchmark(group="slider to redrawn chart")
def bench_200_000_rows(benchmark, large, sliders):
    with _served(ROOT / "app.py", large) as base, _window() as page:
        page.goto(f"{base}/what-if?workspace=own&target=aws%3Aeu-north-1")
        _press(benchmark, page, sliders, "what-if, 200,000 rows", ".js-plotly-plot")


def _press(benchmark, page: Page, sliders: dict, name: str, drawn: str) -> None:
    """Step the slider of the share down, and note how long each step took to be drawn [ms]."""
    slider = page.get_by_role("slider", name="Share that moves")
    slider.wait_for(timeout=120_000)
    page.wait_for_selector(drawn, timeout=120_000)
    page.wait_for_selector(IDLE, timeout=120_000)
    page.wait_for_timeout(1500)
    page.evaluate(WATCH, drawn)
    slider.focus()
    taken: list[float] = []

    def step() -> None:
        page.keyboard.press("ArrowLeft")
        page.wait_for_function(QUIET, timeout=20_000)
        taken.append(page.evaluate("window.seen.last - window.seen.pressed"))

    step()
    taken.clear()  # the first draws what is drawn once
    benchmark.pedantic(step, rounds=ROUNDS)
    sliders[name] = taken


@contextmanager
def _window() -> Iterator[Page]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=list(CHROMIUM))
        yield browser.new_page(viewport={"width": 1280, "height": 1200})
        browser.close()


@contextmanager
def _served(script: Path, workspace: Path) -> Iterator[str]:
    """Streamlit with a script, on a free port, until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(script), f"--server.port={port}"],
        cwd=ROOT,
        env={**os.environ, "CARBON_WORKSPACE": str(workspace)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait_for(port: int) -> None:
    for _ in range(300):
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail("the server did not answer within 30 s")


def _month(number: int) -> str:
    """First and last day of a month, counted from January 2023."""
    year, month = 2023 + number // 12, number % 12 + 1
    last = monthrange(year, month)[1]
    return f"{year}-{month:02}-01,{year}-{month:02}-{last}"
