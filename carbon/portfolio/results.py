"""What an import says of each file: what became of it, or what would."""

from dataclasses import dataclass, field
from typing import Any

import polars as pl

from carbon.tables.payload import Problem
from carbon.tables.recognition import Recognition

FIRST_PROBLEMS = 20
"""How many problems of a file an answer names; the rest are in `carbon quarantine`."""


@dataclass(frozen=True)
class FileResult:
    """What became of one file. Rows in = accepted + quarantined + duplicates, or a refusal."""

    name: str
    format: str | None = None
    confidence: float = 0.0
    evidence_id: str | None = None
    rows: int = 0
    accepted: int = 0
    quarantined: int = 0
    duplicates: int = 0
    period_start: str | None = None
    period_end: str | None = None
    problems: tuple[Problem, ...] = ()
    refusal: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The file's entry in the answer of `carbon import`."""
        problems = list(self.problems)
        if self.refusal:
            problems.insert(0, Problem(self.refusal))
        return {
            "name": self.name,
            "format": self.format,
            "confidence": self.confidence,
            "evidence_id": self.evidence_id,
            "rows": self.rows,
            "accepted": self.accepted,
            "quarantined": self.quarantined,
            "duplicates": self.duplicates,
            "period_start": self.period_start,
            "period_end": self.period_end,
            "problems": [problem.to_dict() for problem in problems[:FIRST_PROBLEMS]],
        }


@dataclass(frozen=True)
class ImportResult:
    """What became of every file of one import."""

    files: tuple[FileResult, ...]

    @property
    def refused(self) -> tuple[FileResult, ...]:
        return tuple(file for file in self.files if file.refusal)

    @property
    def quarantined(self) -> int:
        return sum(file.quarantined for file in self.files)

    def to_dict(self) -> dict[str, Any]:
        return {"files": [file.to_dict() for file in self.files]}


@dataclass(frozen=True)
class FilePreview:
    """What an import of the file would give, without writing anything.

    `head` holds the first rows in house terms. A file that no format fits well enough is refused
    with `candidates`: formats that may be meant, best first, each with how sure that is and why.
    `timezone` is the zone under which local times were read, None where there are none;
    `needs_timezone` says that nobody named it yet, for this file or for an earlier one of its
    `source`.
    """

    name: str
    format: str | None = None
    title: str = ""
    confidence: float = 0.0
    reason: str = ""
    alternatives: tuple[str, ...] = ()
    rows: int = 0
    accepted: int = 0
    quarantined: int = 0
    duplicates: int = 0
    period_start: str | None = None
    period_end: str | None = None
    head: pl.DataFrame = field(default_factory=pl.DataFrame)
    problems: tuple[Problem, ...] = ()
    needs_timezone: bool = False
    timezone: str | None = None
    source: str = ""
    refusal: str | None = None
    candidates: tuple[tuple[str, Recognition], ...] = ()
