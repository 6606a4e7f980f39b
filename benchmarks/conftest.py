"""What is printed behind the table of pytest-benchmark: a line per reader, and per slider."""

from statistics import quantiles
from typing import Any

import pytest
from measure import Cost

COSTS = pytest.StashKey[dict[str, Cost]]()
SLIDERS = pytest.StashKey[dict[str, list[float]]]()

HEADER = (
    f"{'format':28} {'example':26} {'rows':>8} {'aside':>7} {'MB':>6} {'s':>6} "
    f"{'rows/s':>10} {'peak MB':>8} {'ratio':>7} {'scan':12} {'growth':>6}"
)


def pytest_configure(config: pytest.Config) -> None:
    config.stash[COSTS] = {}
    config.stash[SLIDERS] = {}


@pytest.fixture(scope="session")
def every_reader(request: pytest.FixtureRequest) -> dict[str, Cost]:
    """Example -> what reading it cost; printed at the end."""
    return request.config.stash[COSTS]


@pytest.fixture(scope="session")
def sliders(request: pytest.FixtureRequest) -> dict[str, list[float]]:
    """Screen -> how long each step of its slider took to be drawn [ms]; printed at the end."""
    return request.config.stash[SLIDERS]


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any) -> None:
    _tell_sliders(terminalreporter)
    costs = terminalreporter.config.stash[COSTS]
    if not costs:
        return
    terminalreporter.write_sep("=", "every reader")
    terminalreporter.write_line(HEADER)
    for file, cost in sorted(costs.items(), key=lambda item: (item[1].format, item[0])):
        terminalreporter.write_line(_line(file, cost))
    terminalreporter.write_line(
        "ratio: time over the fastest plain scan of the same file. peak: memory above what stood "
        "after imports, the file's bytes with it.\n"
        "growth: exponent of time over size between a quarter of the file and the whole; 1 is "
        "linear."
    )


def _tell_sliders(terminalreporter: Any) -> None:
    """p50 and p95 of each screen, and both over those of the first, the empty fragment."""
    taken = terminalreporter.config.stash[SLIDERS]
    if not taken:
        return
    terminalreporter.write_sep("=", "slider to redrawn chart")
    base: tuple[float, ...] | None = None
    for name, times in taken.items():
        at = quantiles(times, n=20, method="inclusive")
        p50, p95 = at[9], at[18]
        base = base or (p50, p95)
        terminalreporter.write_line(
            f"{name:24} p50 {p50:5.0f} ms, {p50 / base[0]:4.1f} times the first; "
            f"p95 {p95:5.0f} ms, {p95 / base[1]:4.1f} times"
        )


def _line(file: str, cost: Cost) -> str:
    growth = "" if cost.growth is None else f"{cost.growth:6.2f}"
    return (
        f"{cost.format[:28]:28} {file[-26:]:26} {cost.rows:8,} {cost.aside:7,} {cost.file_mb:6.1f} "
        f"{cost.seconds:6.2f} {cost.rows_per_second:10,.0f} {cost.peak_mb:8.0f} "
        f"{cost.ratio:7.1f} {cost.scan:12} {growth:>6}"
    )
