"""The SQLite file that the event log and the settings share.

Writers take turns through `BEGIN IMMEDIATE`: two writers that append to a chain at once would
fork it. Each operation opens its own connection, so threads and processes need no care.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from carbon.workspace.errors import WorkspaceError

WAIT_S: Final = 60.0
"""How long a writer waits for its turn [s]."""


class Journal:
    """One SQLite database with its tables made on first use."""

    def __init__(self, path: Path, schema: str) -> None:
        self._path = path
        self._schema = schema

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection for queries; the tables exist."""
        with self._connected() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection inside one transaction that no other writer shares."""
        with self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(
                sqlite3.connect(self._path, timeout=WAIT_S, isolation_level=None)
            ) as connection:
                connection.executescript(self._schema)
                yield connection
        except sqlite3.Error as error:
            raise WorkspaceError(
                f"{self._path} cannot be used ({error}); wait for other writers to finish, "
                "check the disk, or restore the file from a backup."
            ) from error
