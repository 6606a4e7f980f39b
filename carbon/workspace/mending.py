"""What was decided on rows that were set aside: cells mended, rows discarded, rows restored.

Evidence is never touched: a correction stands beside its file, and is applied whenever that file
is read here. Both tables only grow; of one cell, and of one row, the last decision counts. Every
call is one event of the log, with what stood there and what stands there now.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import polars as pl

from carbon.workspace.events import EventLog
from carbon.workspace.ledger import Ledger

CELL: Final = ("evidence_id", "row_number", "column")
"""What names a cell; a null column is the line as a whole."""

_ROW: Final = CELL[:2]


class Mending:
    """Decisions on rows that were set aside, of one workspace."""

    def __init__(self, ledger: Ledger, events: EventLog) -> None:
        self._ledger = ledger
        self._events = events

    def correct(
        self, evidence_id: str, name: str, cells: pl.DataFrame, *, reason: str, who: str
    ) -> None:
        """Mend cells of one file.

        Args:
            evidence_id: the file.
            name: its name, for the log.
            cells: row_number, column, before, after; `before` is what the file says there, and
                equal to `after` where an earlier correction is taken back.
            reason: why, as the user states it; may be empty.
            who: who mends.
        """
        keys = ["row_number", "column"]
        stated = cells.select(*keys, "before", "after")
        earlier = self.corrections(evidence_id).select(*keys, mended="after")
        before = stated.join(
            earlier, on=keys, how="left", nulls_equal=True, validate="1:1", maintain_order="left"
        ).select(*keys, value=pl.coalesce("mended", "before"))
        after = stated.select(*keys, value="after")
        self._add("correction", evidence_id, stated, reason, who)
        self._events.append(
            who,
            "correct",
            name,
            {"evidence_id": evidence_id, "cells": before.to_dicts()},
            {"evidence_id": evidence_id, "cells": after.to_dicts(), "reason": reason},
        )

    def discard(
        self, evidence_id: str, name: str, rows: Sequence[int], *, reason: str, who: str
    ) -> None:
        """Decide that rows of a file are not to be taken."""
        self._decide(evidence_id, name, rows, reason, who, discarded=True)

    def restore(
        self, evidence_id: str, name: str, rows: Sequence[int], *, reason: str, who: str
    ) -> None:
        """Take the decision to discard rows of a file back."""
        self._decide(evidence_id, name, rows, reason, who, discarded=False)

    def corrections(self, evidence_id: str | None = None) -> pl.DataFrame:
        """The correction that counts of each cell, of one file or of all, in order of files and
        rows; one that was taken back is there too, with `after` equal to `before`.
        """
        return _last(self._ledger.read("correction"), CELL, evidence_id)

    def discarded(self, evidence_id: str | None = None) -> pl.DataFrame:
        """Rows that are discarded today: evidence_id, row_number, reason, who, at."""
        last = _last(self._ledger.read("discard"), _ROW, evidence_id)
        return last.filter("discarded").drop("sequence", "discarded")

    def _decide(
        self,
        evidence_id: str,
        name: str,
        rows: Sequence[int],
        reason: str,
        who: str,
        *,
        discarded: bool,
    ) -> None:
        numbers = sorted(set(rows))
        frame = pl.DataFrame({"row_number": numbers}, schema={"row_number": pl.Int64})
        flagged = frame.with_columns(discarded=pl.lit(discarded))
        self._add("discard", evidence_id, flagged, reason, who)
        stated = {"evidence_id": evidence_id, "rows": numbers}
        self._events.append(
            who,
            "discard" if discarded else "restore",
            name,
            {**stated, "discarded": not discarded},
            {**stated, "discarded": discarded, "reason": reason},
        )

    def _add(
        self, table: str, evidence_id: str, frame: pl.DataFrame, reason: str, who: str
    ) -> None:
        with self._ledger.lock():
            last = self._ledger.read(table)["sequence"].max()
            first = (int(str(last)) if last is not None else 0) + 1
            self._ledger.append(
                table,
                frame.with_columns(
                    sequence=pl.int_range(first, first + frame.height),
                    evidence_id=pl.lit(evidence_id),
                    reason=pl.lit(reason),
                    who=pl.lit(who),
                    at=pl.lit(datetime.now(UTC)),
                ),
            )


def _last(rows: pl.DataFrame, key: Sequence[str], evidence_id: str | None) -> pl.DataFrame:
    if evidence_id is not None:
        rows = rows.filter(pl.col("evidence_id") == evidence_id)
    return rows.sort("sequence").unique(key, keep="last").sort(key, nulls_last=True)
