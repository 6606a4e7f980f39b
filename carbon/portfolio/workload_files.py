"""The inventory as a file: handed out, edited elsewhere, and taken back."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any, Final

import polars as pl

from carbon.activity import intake
from carbon.inventory import roundtrip, sheets
from carbon.inventory.checks import CellProblem
from carbon.inventory.edits import Edited
from carbon.portfolio.inventory_verbs import Inventory
from carbon.portfolio.opened import PortfolioError
from carbon.tables import RefusalError, RefusedMember, read_table

KINDS: Final = ("csv", "xlsx")
"""Kinds of file that the inventory is handed out as."""

MOST_SAID: Final = 10
"""So many problems are named in one message; the preview lists them all."""


@dataclass(frozen=True)
class WorkloadFile:
    """What a file would change in the inventory.

    Attributes:
        name: file name.
        rows: rows of the file that name a workload.
        changes: workload, field, before, after (null: the statement is taken back).
        new: workloads that nobody named before, sorted.
        problems: why nothing of it can be taken, with row and column; empty where it can.
        notes: what is to be known of the file and stops nothing.
    """

    name: str
    rows: int
    changes: pl.DataFrame
    new: tuple[str, ...]
    problems: tuple[CellProblem, ...]
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The same as one JSON document."""
        return {
            "name": self.name,
            "rows": self.rows,
            "changes": self.changes.to_dicts(),
            "new": list(self.new),
            "problems": [problem.to_dict() for problem in self.problems],
            "notes": list(self.notes),
        }


class WorkloadFiles(Inventory):
    """The way of the inventory into a spreadsheet and back."""

    def export_workloads(self, kind: str) -> bytes:
        """The inventory as a file to edit: `csv` or `xlsx`.

        Raises:
            PortfolioError: another kind.
        """
        if kind not in KINDS:
            raise PortfolioError(f"The inventory is written as .csv or .xlsx, not as .{kind}.")
        rows = self.workloads()
        return roundtrip.csv(rows) if kind == "csv" else sheets.workbook(rows)

    def try_workloads(self, name: str, data: bytes) -> WorkloadFile:
        """What a file would change; nothing is kept.

        Raises:
            PortfolioError: it is no table.
        """
        return self._read_statements(name, data)[0]

    def import_workloads(
        self,
        name: str,
        data: bytes,
        *,
        add_new: bool = False,
        who: str | None = None,
        on: dt.date | None = None,
    ) -> WorkloadFile:
        """Take what a file states: all of it, or nothing.

        Args:
            name: file name, for messages.
            data: its bytes: CSV, XLSX, Parquet or JSON.
            add_new: whether workloads that nobody named are added.
            who: who states it.
            on: the day of decisions on the boundary; None for today.

        Raises:
            PortfolioError: it is no table, something in it cannot be kept, or it names new
                workloads and `add_new` is false.
        """
        with self._workspace.ledger.lock():
            file, found = self._read_statements(name, data, on)
            if file.problems:
                raise PortfolioError(f"Nothing of {name} was taken. {_said(file.problems)}")
            if file.new and not add_new:
                raise PortfolioError(
                    f"Nothing of {name} was taken: it names workloads that nobody named before "
                    f"({', '.join(file.new[:MOST_SAID])}). Confirm that they are new (--add-new), "
                    "or correct their names."
                )
            self._keep_statements(found, who)
            return file

    def _read_statements(
        self, name: str, data: bytes, on: dt.date | None = None
    ) -> tuple[WorkloadFile, Edited]:
        try:
            payload = intake.open_payloads(name, data)[0]
            if isinstance(payload, RefusedMember):
                raise RefusalError(payload.reason)
            table = read_table(payload, roundtrip.COLUMNS)
        except RefusalError as refusal:
            raise PortfolioError(str(refusal)) from refusal
        stated = roundtrip.read(table, self.workloads(), marked=payload.kind == "text")
        found = self.try_edits(stated.changes, may_add=True, on=on)
        of_cells = (replace(p, row=stated.rows.get(p.workload)) for p in found.problems)
        problems = sorted(
            (*stated.problems, *of_cells), key=lambda p: (p.row or 0, p.workload, p.field or "")
        )
        file = WorkloadFile(
            name=name,
            rows=len(stated.rows),
            changes=found.changes,
            new=found.new,
            problems=tuple(problems),
            notes=stated.notes,
        )
        return file, found


def _said(problems: tuple[CellProblem, ...]) -> str:
    said = " ".join(_in_words(problem) for problem in problems[:MOST_SAID])
    more = len(problems) - MOST_SAID
    return f"{said} And {more} more." if more > 0 else said


def _in_words(problem: CellProblem) -> str:
    where = "" if problem.row is None else f"Row {problem.row}, "
    return f"{where}{problem.field or 'workload'}: {problem.reason}"
