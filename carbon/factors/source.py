"""What every reader of factor files takes and gives.

A reader is a module under `carbon.factors` with the names of an activity reader (NAME, TITLE,
PROVIDER, EXAMPLE_COLUMNS, VARIABLE_MAP, `sniff(head)`), and `read(payload, context)` that gives a
`FactorReading`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import polars as pl

from carbon.schema import Factor, Quarantine
from carbon.tables.payload import Context, Payload, Problem
from carbon.tables.recognition import Head, Recognition

__all__ = ["Context", "FactorReader", "FactorReading", "Head", "Payload", "Problem", "Recognition"]


@dataclass(frozen=True)
class FactorReading:
    """Every data row of a factor file: `rows` = distinct row numbers of factors + quarantine."""

    rows: int
    factors: pl.DataFrame = field(default_factory=Factor.create_empty)
    quarantine: pl.DataFrame = field(default_factory=Quarantine.create_empty)
    notes: tuple[Problem, ...] = ()


class FactorReader(Protocol):
    """What a module that reads factor files offers."""

    NAME: str
    TITLE: str
    PROVIDER: str | None
    EXAMPLE_COLUMNS: Sequence[str]
    VARIABLE_MAP: Mapping[str, str]

    def sniff(self, head: Head) -> Recognition: ...

    def read(self, payload: Payload, context: Context) -> FactorReading: ...
