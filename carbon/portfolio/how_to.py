"""Set-ups that feed the baseline, as docs/how-to tells them: one text for the app and the docs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from carbon.portfolio.opened import Opened, PortfolioError

FOLDER: Final = Path(__file__).parents[2] / "docs" / "how-to"

ORDER: Final = ("training", "cluster", "inference", "watched-folder")
"""Names of the pages, in the order in which they are offered."""

_FENCE: Final = re.compile(r"^```(\S+)(?: (\S+))?\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
_TITLE: Final = re.compile(r"\A# (.+)\n+")


@dataclass(frozen=True)
class Part:
    """A piece of a page: words, or something to copy.

    Attributes:
        text: Markdown, or the code as it is to be copied.
        language: of code; None for words.
        file: the name under which the code is to be saved, where it has one.
    """

    text: str
    language: str | None = None
    file: str | None = None


@dataclass(frozen=True)
class HowTo:
    """A page.

    Attributes:
        name: its file's name without the ending.
        title: its heading.
        summary: what it brings, in a sentence or two.
        parts: the rest, in order.
    """

    name: str
    title: str
    summary: str
    parts: tuple[Part, ...]

    def code(self, file: str) -> str:
        """The code to be saved under a name.

        Raises:
            KeyError: the page has no such code.
        """
        return {part.file: part.text for part in self.parts if part.language}[file]


def read_page(name: str, text: str) -> HowTo:
    """A page of its Markdown: a heading, a paragraph, then words and fenced code.

    The line that opens code names its language and, behind a blank, the file to save it as.

    Raises:
        ValueError: it has no heading.
    """
    heading = _TITLE.match(text)
    if heading is None:
        raise ValueError(f"{name} has no heading")
    summary, _, rest = text[heading.end() :].partition("\n\n")
    return HowTo(name, heading[1], " ".join(summary.split()), tuple(_parts(rest)))


def _parts(text: str) -> Iterator[Part]:
    at = 0
    for fence in _FENCE.finditer(text):
        yield from _words(text[at : fence.start()])
        yield Part(fence[3], fence[1], fence[2])
        at = fence.end()
    yield from _words(text[at:])


def _words(text: str) -> Iterator[Part]:
    if text.strip():
        yield Part(text.strip())


class HowTos(Opened):
    """The verb that gives set-ups."""

    def how_tos(self) -> tuple[HowTo, ...]:
        """Every set-up that feeds the baseline, in order.

        Raises:
            PortfolioError: the installation lacks its docs.
        """
        try:
            return tuple(
                read_page(name, (FOLDER / f"{name}.md").read_text("utf-8")) for name in ORDER
            )
        except OSError as error:
            raise PortfolioError(
                f"The installation lacks {error.filename}. Install it again, with its docs folder."
            ) from error
