"""Writes `docs/formats.md` from what the readers say of themselves: `python docs/formats.py`."""

import inspect
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from carbon import activity
from carbon.activity.mapping.reader import MappedReader
from carbon.factors import readers as factor_files

TARGET = Path(__file__).with_suffix(".md")

INTRODUCTION = """\
# Formats

Generated from the readers by `python docs/formats.py`; `carbon formats` lists them too. A file is
recognised by its content, with a confidence and a reason; below a threshold, or where two formats
fit alike, the app and the command line ask. Anything that is not here is read by a mapping: the
Mapping screen says what the columns mean, and saves it for the next file (`carbon import --mapping
NAME`). Headings give the name for `--format`.
"""


def formats_page() -> str:
    """The page, as Markdown."""
    readers = list(activity.READERS.values())
    mapped = [reader for reader in readers if isinstance(reader, MappedReader)]
    own = [reader for reader in readers if not isinstance(reader, MappedReader)]
    return (
        "\n".join(
            [
                INTRODUCTION,
                "## Use of electricity, hardware and models; providers' own figures; contracts\n",
                *_sections(own),
                "## Emission factors and grid data\n",
                *_sections(factor_files.READERS.values()),
                "## Mappings that come with the product\n",
                *(_mapping(reader) for reader in sorted(mapped, key=lambda r: r.NAME)),
            ]
        ).rstrip()
        + "\n"
    )


def _sections(readers: Iterable[Any]) -> list[str]:
    return [_section(reader) for reader in sorted(readers, key=lambda r: r.NAME)]


def _section(reader: Any) -> str:
    said = inspect.cleandoc(reader.__doc__ or "")
    columns = ", ".join(f"`{column}`" for column in reader.EXAMPLE_COLUMNS)
    found = f"\nRecognised by, among others: {columns}.\n" if columns else ""
    return f"### {reader.NAME}\n\n*{reader.TITLE}.* {said}\n{found}"


def _mapping(reader: MappedReader) -> str:
    about = reader.mapping
    columns = ", ".join(f"`{column}`" for column in reader.EXAMPLE_COLUMNS)
    return f"### {reader.NAME}\n\n*{about.title}.* Columns: {columns}.\n"


if __name__ == "__main__":
    TARGET.write_text(formats_page(), "utf-8")
