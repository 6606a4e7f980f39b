"""The event log: who did what, each event carrying the hash of the one before.

`hash = sha256(canonical JSON of {sequence, at, who, action, object, before, after,
previous_hash})`; canonical means sorted keys, no spaces, ASCII escapes. The first event's
`previous_hash` is 64 zeros. A second table keeps the head (last sequence and hash), written in
the same transaction, so that events cut off at the end are missed too.
"""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import polars as pl

from carbon.schema import Event
from carbon.workspace.journal import Journal

GENESIS: Final = "0" * 64
"""The `previous_hash` of the first event."""

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS events (
    sequence INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    before TEXT,
    after TEXT,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS head (
    only INTEGER PRIMARY KEY CHECK (only = 1), sequence INTEGER NOT NULL, hash TEXT NOT NULL
);
"""
_TIME: Final = "%Y-%m-%dT%H:%M:%S%.6f%:z"
_COLUMNS: Final = (
    "sequence",
    "at",
    "who",
    "action",
    "object",
    "before",
    "after",
    "previous_hash",
    "hash",
)


class EventLog:
    """An append-only, hash-chained log in SQLite."""

    def __init__(self, path: Path) -> None:
        self._journal = Journal(path, _SCHEMA)

    def append(
        self,
        who: str,
        action: str,
        object: str,  # the column's name in every table and export
        before: Any = None,
        after: Any = None,
    ) -> int:
        """Add one event and return its sequence.

        Args:
            who: who did it.
            action: what was done: import, edit, policy, ...
            object: on what.
            before: any JSON value; None where there was nothing.
            after: any JSON value; None where nothing is left.
        """
        with self._journal.writing() as connection:
            head = connection.execute("SELECT sequence, hash FROM head").fetchone()
            last, previous_hash = head or (0, GENESIS)
            event = {
                "sequence": last + 1,
                "at": datetime.now(UTC).isoformat(timespec="microseconds"),
                "who": who,
                "action": action,
                "object": object,
                "before": None if before is None else _canonical(before),
                "after": None if after is None else _canonical(after),
                "previous_hash": previous_hash,
            }
            event["hash"] = chain_hash(event)
            connection.execute(
                f"INSERT INTO events VALUES ({', '.join('?' * len(_COLUMNS))})",
                [event[column] for column in _COLUMNS],
            )
            connection.execute(
                "INSERT OR REPLACE INTO head VALUES (1, ?, ?)", (last + 1, event["hash"])
            )
        return last + 1

    def all(self) -> pl.DataFrame:
        """Every event in order; frame in the schema `Event`."""
        rows, _ = self._rows()
        frame = pl.DataFrame(
            rows,
            schema={column: pl.Int64 if column == "sequence" else pl.String for column in _COLUMNS},
            orient="row",
        )
        return frame.with_columns(
            pl.col("at").str.to_datetime(
                "%Y-%m-%dT%H:%M:%S%.6f%:z", time_unit="us", time_zone="UTC"
            )
        ).select(Event.column_names())

    def count(self) -> int:
        """How many events there are."""
        return len(self._rows()[0])

    def verify(self) -> list[str]:
        """Walk the chain; an empty list, or one sentence that names the first broken link."""
        rows, head = self._rows()
        expected, previous_hash = 1, GENESIS
        for row in rows:
            event = dict(zip(_COLUMNS, row, strict=True))
            if event["sequence"] != expected:
                return [
                    f"Event {expected} is missing: the log goes from event {expected - 1} to "
                    f"event {event['sequence']}. Restore the log from a backup."
                ]
            if chain_hash(event) != event["hash"]:
                return [
                    f"Event {expected} ({event['action']} of {event['object']}) was altered after "
                    "it was written. Restore the log from a backup."
                ]
            if event["previous_hash"] != previous_hash:
                return [
                    f"Event {expected} does not follow event {expected - 1}: one of them was "
                    "replaced. Restore the log from a backup."
                ]
            expected, previous_hash = expected + 1, event["hash"]
        if head != (expected - 1, previous_hash):
            return [
                f"The log ends at event {expected - 1} and should end at event {head[0]}: events "
                "were removed from its end. Restore the log from a backup."
            ]
        return []

    def _rows(self) -> tuple[list[tuple[Any, ...]], tuple[int, str]]:
        with self._journal.reading() as connection:
            # One transaction: the head must be the head of these very rows.
            connection.execute("BEGIN")
            rows = connection.execute(
                f"SELECT {', '.join(_COLUMNS)} FROM events ORDER BY sequence"
            ).fetchall()
            head = connection.execute("SELECT sequence, hash FROM head").fetchone()
            connection.execute("COMMIT")
        return rows, head or (0, GENESIS)


def chain_hash(event: dict[str, Any]) -> str:
    """sha256 of an event's canonical JSON, its own `hash` left out."""
    content = {name: value for name, value in event.items() if name != "hash"}
    return hashlib.sha256(_canonical(content).encode()).hexdigest()


def _canonical(value: Any) -> str:
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=_plain
    )


def _plain(value: Any) -> str:
    """Dates and paths as text; anything else has no place in the log."""
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"an event cannot hold {type(value).__name__}")
