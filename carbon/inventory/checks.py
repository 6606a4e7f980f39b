"""What a cell of the inventory may hold, and what to write instead where it may not."""

import datetime as dt
import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from carbon.inventory.fields import KINDS, STATED, TITLES
from carbon.inventory.known import Known
from carbon.schema import LIFECYCLES, UNASSIGNED

LONGEST: Final = 2_000
"""Characters that a cell may hold."""

LONGEST_NAME: Final = 200
"""Characters of a workload's name."""

_YES: Final = ("yes", "true", "1", "y", "in", "inside")
_NO: Final = ("no", "false", "0", "n", "out", "outside")

_SCALES: Final = {"": 1.0, "k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}
_PARAMETERS: Final = re.compile(r"([\d.]+(?:e\+?\d{1,2})?)\s*([kmbt]?)(?:\s*parameters)?", re.I)


@dataclass(frozen=True)
class CellProblem:
    """A statement that cannot be kept.

    Attributes:
        workload: of which workload.
        field: the column; None where the whole workload is at fault.
        value: what was written.
        reason: what is wrong, and what to write.
        row: row of a file, where it came from one.
    """

    workload: str
    field: str | None
    value: str | None
    reason: str
    row: int | None = None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def in_words(self) -> str:
        """One sentence: where, and what."""
        where = f"Workload '{self.workload}'"
        return (
            f"{where}, {TITLES.get(self.field, self.field)}: {self.reason}"
            if (self.field)
            else f"{where}: {self.reason}"
        )


class CellError(ValueError):
    """What a cell holds cannot be kept; the message says what to write."""


def checked(field: str, value: Any, known: Known) -> Any:
    """A cell as the inventory keeps it; a blank takes the statement back (None).

    Args:
        field: the column.
        value: what was written: text, a number, yes or no.
        known: grid zones and providers.

    Raises:
        CellError: the column does not exist or may not be edited, or cannot hold this.
    """
    if field not in STATED:
        near = difflib.get_close_matches(field, STATED, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise CellError(
            f"'{field}' follows from the sources and cannot be edited."
            if field in TITLES
            else f"there is no column '{field}'.{hint}"
        )
    if KINDS[field] == "yes_no":
        return _yes_no(value)
    text = None if value is None else " ".join(str(value).split()) or None
    if text is None:
        return None
    if len(text) > LONGEST:
        raise CellError(f"the text has {len(text)} characters; write at most {LONGEST}.")
    return _CHECKS.get(field, _CHECKS.get(KINDS[field], _as_written))(text, known)


def placed(row: Mapping[str, Any], known: Known) -> tuple[str | None, str | None]:
    """The region of a workload as its provider calls it, and what is wrong with it.

    A provider that the library does not know may have any region.

    Args:
        row: provider and region.
        known: regions of each provider.
    """
    regions = known.regions.get(str(row["provider"] or "").casefold())
    region = row["region"]
    if regions is None or region is None:
        return region, None
    try:
        return _one_of(region, regions, f"region of {row['provider']}", "its code"), None
    except CellError as error:
        return region, str(error)


def parameters(row: Mapping[str, Any]) -> str | None:
    """What is wrong with the parameters: more of them active than there are."""
    total, active = (_many(row[name]) for name in ("parameters", "active_parameters"))
    if total is not None and active is not None and active > total:
        return (
            f"{row['active_parameters']} active parameters are more than the "
            f"{row['parameters']} in total."
        )
    return None


def name(workload: str) -> str | None:
    """What is wrong with the name of a new workload."""
    if not workload:
        return "a workload needs a name."
    if workload == UNASSIGNED:
        return f"{UNASSIGNED} is what nobody claims; choose another name."
    if len(workload) > LONGEST_NAME:
        return f"the name has {len(workload)} characters; write at most {LONGEST_NAME}."
    if not workload.isprintable():
        return "the name holds characters that cannot be printed."
    return None


def lifecycle(text: str) -> str:
    """One of LIFECYCLES; `Fine-tuning` is fine_tuning."""
    code = re.sub(r"[\s\-,]+", "_", text.casefold())
    if code in LIFECYCLES:
        return code
    raise CellError(f"'{text}' is not known; use one of {', '.join(LIFECYCLES)}.")


def number(text: str) -> str:
    """The text of a number of 0 or more: `1 000` is 1000."""
    plain = "".join(text.split()).replace("_", "")
    try:
        value = float(plain)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise CellError(f"'{text}' is not a number of 0 or more; write it as 1000 or 0.24.")
    return plain


def day(text: str) -> str:
    """A calendar day, YYYY-MM-DD."""
    try:
        return dt.date.fromisoformat(text[:10] if "T" in text else text).isoformat()
    except ValueError as error:
        raise CellError(f"'{text}' is not a day; write it as 2026-03-31.") from error


def _yes_no(value: Any) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    word = str(value).strip().casefold()
    if not word:
        return None
    if word in _YES or word in _NO:
        return word in _YES
    raise CellError(f"'{value}' is neither yes nor no.")


def _provider(text: str, known: Known) -> str:
    """A provider's code where it is known; another provider stands as it is written."""
    code = text.casefold()
    if code in known.regions or not known.regions:
        return code if code in known.regions else text
    near = difflib.get_close_matches(code, sorted(known.regions), n=1, cutoff=0.6)
    if near:
        raise CellError(f"'{text}' is not known. Did you mean '{near[0]}'?")
    return text


def _one_of(text: str, names: Mapping[str, str], what: str, how: str) -> str:
    if not names:
        return text
    found = names.get(text.casefold())
    if found is not None:
        return found
    near = difflib.get_close_matches(text.casefold(), sorted(names), n=3, cutoff=0.7)
    meant = ", ".join(f"'{one}'" for one in _distinct(names[one] for one in near))
    raise CellError(
        f"'{text}' is no {what} that is known."
        + (f" Did you mean {meant}?" if meant else f" Write {how}.")
    )


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _many(text: str | None) -> float | None:
    """A number of parameters: `7B`, `1.3T`, `405e9`, `7 000 000 000`."""
    plain = re.sub(r"(?<=\d)[ ,_\u202f\u00a0](?=\d{3})", "", text or "").strip()
    found = _PARAMETERS.fullmatch(plain)
    try:
        return float(found[1]) * _SCALES[found[2].casefold()] if found else None
    except ValueError:
        return None


def _as_written(text: str, known: Known) -> str:
    return text


_CHECKS: Final[dict[str, Callable[[str, Known], str]]] = {
    "lifecycle": lambda text, known: lifecycle(text),
    "number": lambda text, known: number(text),
    "date": lambda text, known: day(text),
    "zone": lambda text, known: _one_of(
        text, known.zones, "grid zone", "an id as FR, US-CA or CAMX"
    ),
    "provider": _provider,
}
"""Field, else kind of field -> what its text becomes."""
