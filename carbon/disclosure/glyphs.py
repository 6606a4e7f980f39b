"""Text of unknown origin -> text that the shipped fonts can print.

PDF/A-3a and PDF/UA-1 ask that every character has a glyph and a meaning: one name in a script
that no shipped font covers would stop the whole report. Such a character is printed as its
visible escape, `\\u{1f600}`; the bytes as received stay in the attached files.
"""

import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Final

from fontTools.ttLib import TTFont

FONTS: Final = Path(__file__).parent / "fonts"
FAMILIES: Final = (
    "Inter",
    "DejaVu Sans",
    "Droid Sans Fallback",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
)
"""In the order in which the template asks them for a glyph."""

_REGULAR: Final = (
    "Inter-Regular.otf",
    "DejaVuSans.ttf",
    "DroidSansFallback.ttf",
    "NotoSansDevanagari-Regular.ttf",
    "NotoSansThai-Regular.ttf",
)

ZERO_WIDTH_SPACE: Final = "\u200b"
_JOINERS: Final = frozenset("\u200c\u200d")
"""Formatting characters that Persian and Indic words are spelled with; every other one is
invisible or turns the reading order round, so it is shown instead of obeyed."""

_BREAK_AFTER: Final = frozenset("-_/.:,;=|+@&")
_LONGEST_WORD: Final = 30
_LONGEST_RUN: Final = 12
"""Characters after which a word without a natural break may be broken."""


@lru_cache(maxsize=1)
def covered() -> frozenset[int]:
    """Code points for which some shipped font has a glyph."""
    points: set[int] = set()
    for name in _REGULAR:
        with TTFont(FONTS / name, lazy=True) as font:
            points.update(font.getBestCmap())
    return frozenset(points)


def printable(text: str) -> str:
    """The text in NFC, every character that cannot be printed replaced by `\\u{hex}`.

    Control, private, unassigned and invisible formatting characters count as not printable;
    a space of any width stays a space.
    """
    return "".join(_shown(c) for c in unicodedata.normalize("NFC", text))


def breakable(text: str) -> str:
    """`printable`, with a zero-width space where a long word may be broken.

    After punctuation within a word, and after every 12 characters without any. Words of up to
    30 characters fit into the narrowest column for names and are left whole.
    """
    return " ".join(_broken(word) for word in printable(text).split(" "))


def _broken(word: str) -> str:
    if len(word) <= _LONGEST_WORD:
        return word
    out: list[str] = []
    run = 0
    for character in word:
        # A joiner or a mark belongs to the character before it: no break between them.
        attached = character in _JOINERS or unicodedata.category(character).startswith("M")
        if run >= _LONGEST_RUN and not attached:
            out.append(ZERO_WIDTH_SPACE)
            run = 0
        out.append(character)
        run = _LONGEST_RUN if character in _BREAK_AFTER else run + 1
    return "".join(out)


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Zs":
        return character if ord(character) in covered() else " "
    invisible = category in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
    formatting = category == "Cf" and character not in _JOINERS
    if invisible or formatting or ord(character) not in covered():
        return f"\\u{{{ord(character):x}}}"
    return character
