"""Bytes -> characters, without ever turning a name into mojibake in silence."""

import codecs
import re
from typing import Final

from charset_normalizer import from_bytes

from carbon.tables.payload import RefusalError

SAMPLE_BYTES: Final = 1_000_000
"""How much of a file is looked at to tell a legacy encoding; the whole file must then decode."""

LEGACY_ENCODINGS: Final = [
    "cp1252",
    "cp1250",
    "cp1251",
    "cp932",
    "euc_jp",
    "gb18030",
    "big5",
    "cp949",
]
"""Encodings that spreadsheets of the last thirty years wrote; nothing more exotic is guessed."""

NOT_LATIN: Final = ["cp1251", "cp932", "euc_jp", "gb18030", "big5", "cp949"]
"""Those of them in which other scripts are written."""

_NOT_IN_CP1252: Final = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")

_HIGH: Final = re.compile(r"[^\x00-\x7f]")
_LONG_RUN: Final = re.compile(
    r"(?<![A-Za-z\u0080-\uffff])[^\x00-\x7f]{3,}(?![A-Za-z\u0080-\uffff])"
)
"""No word in Latin letters has none of the plain ones; words of other scripts have none at all."""

_UNUSUAL: Final = re.compile("[ƒˆ‰˜†‡¢¤¥¦¨¬\xad¯±´¶¸×÷]")
"""Signs that few Western texts hold, and that bytes of other scripts make when read as cp1252."""

_MOST: Final = 0.5
"""The share of characters above ASCII that speak against cp1252, from which on it is not taken."""

_SIGN_IN_A_WORD: Final = re.compile(r"[A-Za-zÀ-ÿ][¹³¿¾£¥¼][A-Za-zÀ-ÿ]")
"""`Za¿ó³æ`: what the Polish `Zażółć` of cp1250 looks like when it is read as cp1252."""

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 with BOM"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)

_MAX_CONTROL_SHARE: Final = 0.01
"""Control characters beyond this share of the first characters mean that it is no text."""


def decode(name: str, data: bytes) -> tuple[str, str, tuple[str, ...]]:
    """Decode a text file.

    A byte-order mark decides; then UTF-8; then UTF-16 without a mark (every second byte zero);
    then UTF-8 with a few damaged bytes, which become U+FFFD and cost only their own rows; then a
    legacy encoding, which is a guess and is said to be one.

    Args:
        name: file name, for messages.
        data: the bytes.

    Returns:
        text, name of the encoding, warnings (sentences).

    Raises:
        RefusalError: the bytes are not text.
    """
    text, encoding, warnings = _characters(name, data)
    head = text[:100_000]
    controls = sum(1 for c in head if c < " " and c not in "\t\n\r\f\x1a")
    if controls > _MAX_CONTROL_SHARE * max(len(head), 1):
        raise RefusalError(
            f"{name}: this is not a text file (it holds binary data). Give the export as CSV, "
            "XLSX, JSON or Parquet."
        )
    return text.replace("\r\n", "\n").replace("\r", "\n"), encoding, warnings


def _characters(name: str, data: bytes) -> tuple[str, str, tuple[str, ...]]:
    for mark, codec, label in _BOMS:
        if data.startswith(mark):
            return _damaged(data, codec, label)
    bare = _utf16_without_mark(data)
    if bare:
        return _damaged(data, bare, "UTF-16")
    try:
        return data.decode("utf-8"), "UTF-8", ()
    except UnicodeDecodeError:
        pass
    text = data.decode("utf-8", errors="replace")
    bad = text.count("\ufffd")
    good = sum(1 for c in text if c > "\x7f") - bad
    if good > bad:
        return _damaged(data, "utf-8", "UTF-8")
    return _legacy(name, data)


def _damaged(data: bytes, codec: str, label: str) -> tuple[str, str, tuple[str, ...]]:
    """Decode with replacement; the rows that hold U+FFFD are set aside later, by the table."""
    try:
        return data.decode(codec), label, ()
    except UnicodeDecodeError:
        text = data.decode(codec, errors="replace").removeprefix("\ufeff")
        return text, label, (f"Some bytes are not valid {label}; their rows are set aside.",)


def _utf16_without_mark(data: bytes) -> str | None:
    head = data[:4000]
    if len(head) < 4:
        return None
    even, odd = head[0::2].count(0) / len(head[0::2]), head[1::2].count(0) / len(head[1::2])
    if odd > 0.6 and even < 0.1:
        return "utf-16-le"
    if even > 0.6 and odd < 0.1:
        return "utf-16-be"
    return None


def _guess(data: bytes) -> str | None:
    """The likeliest legacy encoding.

    Statistics of letters say little about a table with a handful of accents, so cp1252, which
    Excel writes in Western Europe, is taken wherever its bytes allow and nothing in them speaks
    clearly of another script or of cp1250.
    """
    if _NOT_IN_CP1252.search(data):
        return _best(data, LEGACY_ENCODINGS)
    western = data[:SAMPLE_BYTES].decode("cp1252")
    high = len(_HIGH.findall(western))
    in_runs = sum(len(run) for run in _LONG_RUN.findall(western))
    if max(in_runs, len(_UNUSUAL.findall(western))) >= _MOST * max(high, 1):
        other = _best(data, NOT_LATIN)
        if other:
            return other
    return "cp1250" if _SIGN_IN_A_WORD.search(western) else "cp1252"


def _best(data: bytes, encodings: list[str]) -> str | None:
    best = from_bytes(data[:SAMPLE_BYTES], cp_isolation=encodings).best()
    return best.encoding if best else None


def _legacy(name: str, data: bytes) -> tuple[str, str, tuple[str, ...]]:
    for codec in filter(None, (_guess(data), "cp1252")):
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        return (
            text,
            codec,
            (
                f"The file is not UTF-8; it was read as {codec}. Check names with accents, or "
                "save it as UTF-8.",
            ),
        )
    raise RefusalError(
        f"{name}: its characters are neither UTF-8 nor any encoding known here. Save it as CSV "
        "UTF-8 and import it again."
    )
