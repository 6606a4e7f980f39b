"""Settings: small JSON values by name, beside the event log.

A setting is a convenience of the workspace (a remembered column mapping, the last period); a
methodological choice is not a setting but belongs to the policy.
"""

import json
from pathlib import Path
from typing import Any, Final

from carbon.workspace.journal import Journal

_SCHEMA: Final = "CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);"


class Settings:
    """JSON values by name."""

    def __init__(self, path: Path) -> None:
        self._journal = Journal(path, _SCHEMA)

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a setting, or `default` where it was never set."""
        with self._journal.reading() as connection:
            row = connection.execute(
                "SELECT value FROM settings WHERE name = ?", (name,)
            ).fetchone()
        return default if row is None else json.loads(row[0])

    def set(self, name: str, value: Any) -> None:
        """Set a value; any JSON value, `None` included."""
        with self._journal.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO settings VALUES (?, ?)",
                (name, json.dumps(value, sort_keys=True)),
            )

    def all(self) -> dict[str, Any]:
        """Every setting, by name."""
        with self._journal.reading() as connection:
            rows = connection.execute("SELECT name, value FROM settings ORDER BY name").fetchall()
        return {name: json.loads(value) for name, value in rows}
