"""The browser that the tests of this folder share."""

from collections.abc import Callable, Iterator

import pytest
from browsing import QUIET
from playwright.sync_api import Browser, sync_playwright


@pytest.fixture(scope="session")
def chromium(require: Callable[[str], str]) -> Iterator[Browser]:
    """The system's browser."""
    path = require("chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=list(QUIET))
        yield browser
        browser.close()
