"""The pages under docs/ that are generated say what the code says."""

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


def test_the_page_of_formats_is_what_the_readers_say() -> None:
    page = runpy.run_path(str(DOCS / "formats.py"))["formats_page"]()
    assert (DOCS / "formats.md").read_text("utf-8") == page, "run `python docs/formats.py`"
