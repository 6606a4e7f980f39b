"""What the tests need of the system beside Python, and what happens when it is missing.

A test that drives a program of the system asks for it with `require("chromium")`. Where it is
missing the test is left out, and the run ends by naming what was left out and the one command that
installs it. With `CARBON_REQUIRE_ALL=1`, as in CI, the test fails instead.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Final

import pytest
from hypothesis import settings

PACKAGES: Final = {
    "chromium": "chromium",
    "qpdf": "qpdf",
    "pdftotext": "poppler-utils",
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "prometheus-node-exporter": "prometheus-node-exporter",
}
"""Program -> the Debian package that brings it."""

LEFT_OUT: Final = "needs the program "

settings.register_profile("default", deadline=None)
settings.register_profile("long", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def program(name: str) -> str:
    """Path of a program of the system; leaves the test out, or fails it, where there is none."""
    found = shutil.which(name)
    if found:
        return found
    reason = f"{LEFT_OUT}{name}"
    if os.environ.get("CARBON_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def require() -> Callable[[str], str]:
    """`require("chromium")`: its path, or the test is left out."""
    return program


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what was left out, and the command that installs it."""
    missing = sorted(set(_missing(terminalreporter)))
    if missing:
        packages = " ".join(sorted({PACKAGES.get(name, name) for name in missing}))
        terminalreporter.write_sep("=", "left out")
        terminalreporter.write_line(
            f"Tests that drive {', '.join(missing)} were left out. To run them:\n"
            f"    sudo apt-get install -y {packages}"
        )


def _missing(terminalreporter: pytest.TerminalReporter) -> Iterator[str]:
    for report in terminalreporter.stats.get("skipped", []):
        reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else ""
        if LEFT_OUT in reason:
            yield reason.split(LEFT_OUT, 1)[1].strip()
