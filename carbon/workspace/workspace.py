"""One directory that holds everything of one portfolio."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import polars as pl

from carbon.workspace.errors import WorkspaceError
from carbon.workspace.events import EventLog
from carbon.workspace.evidence import EvidenceStore
from carbon.workspace.ledger import Commit, Ledger
from carbon.workspace.mending import Mending
from carbon.workspace.settings import Settings

POLICY_FILE: Final = "policy.toml"
_IMPORT: Final = "import"


class Workspace:
    """Evidence, ledger, event log, settings and policy of one portfolio.

    ```
    workspace/
      evidence/ab/abcdef...   files as received, named by sha256
      ledger/<table>/         Delta Lake
      journal.db              SQLite: the event log's hash chain, and the settings
      policy.toml             the methodological choices; absent = the defaults
      lock                    held by whoever writes
    ```

    An import is `put` and `commit_import`, both under `ledger.lock()`:

    ```
    with workspace.ledger.lock():
        evidence_id = workspace.evidence.put(data)
        workspace.commit_import({"evidence_id": evidence_id, ...}, {"activity": rows, ...})
    ```

    Raises:
        WorkspaceError: the path is a file, or cannot be written to.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        _prepare(self.path)
        self.evidence = EvidenceStore(self.path / "evidence")
        self.ledger = Ledger(self.path / "ledger", self.path / "lock")
        self.events = EventLog(self.path / "journal.db")
        self.settings = Settings(self.path / "journal.db")
        self.mending = Mending(self.ledger, self.events)

    @property
    def version(self) -> str:
        """Changes whenever imports, statements on workloads, decisions on rows that were set
        aside and on proposals, rules of assignment, settings or the policy change.

        Rows count only through `imports`, so no other table needs to be looked at.
        """
        tables = ("imports", "workload", "correction", "discard", "decision", "rule")
        state = [
            *(str(self.ledger.version(table)) for table in tables),
            repr(self.settings.all()),
            self.policy_text(),
        ]
        return hashlib.sha256("\0".join(state).encode()).hexdigest()[:32]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever imported."""
        return self.ledger.read("imports").is_empty()

    def policy_text(self) -> str:
        """The text of `policy.toml`; empty where there is none, which means the defaults."""
        file = self.path / POLICY_FILE
        return file.read_text("utf-8") if file.exists() else ""

    def save_policy(self, text: str, who: str = "") -> None:
        """Replace `policy.toml` in one step and log what it was before."""
        with self.ledger.lock():
            before = self.policy_text()
            if text == before:
                return
            temporary = self.path / f".{POLICY_FILE}"
            temporary.write_text(text, "utf-8")
            temporary.replace(self.path / POLICY_FILE)
            self.events.append(who, "policy", POLICY_FILE, before or None, text)

    def commit_import(
        self,
        import_row: Mapping[str, Any],
        frames: Mapping[str, pl.DataFrame],
        *,
        anew: bool = False,
    ) -> Commit:
        """`Ledger.commit`, and its event in the log; the event of an import that was cut off
        between the two is caught up on.
        """
        with self.ledger.lock():
            self._record_imports(recovered=True)
            commit = self.ledger.commit(import_row, frames, anew=anew)
            self._record_imports(recovered=False)
            return commit

    def verify(self) -> dict[str, Any]:
        """Re-hash all evidence, walk the event chain, and compare both with the ledger.

        Returns:
            `evidence` (files), `events`, `ok`, and `problems`: one sentence each.
        """
        with self.ledger.lock():
            problems = self.events.verify()
            if not problems:
                self._record_imports(recovered=True)
            problems = self.evidence.verify() + self._missing_evidence() + problems
            problems += self._vanished_imports()
            return {
                "evidence": len(self.evidence.ids()),
                "events": self.events.count(),
                "ok": not problems,
                "problems": problems,
            }

    def _record_imports(self, *, recovered: bool) -> None:
        """Log every committed import that the log does not know; the caller holds the lock."""
        logged = dict(self._logged_imports().group_by("evidence_id").len().iter_rows())
        imports = self.ledger.read("imports").with_columns(
            nth=pl.int_range(1, pl.len() + 1).over("evidence_id", order_by="sequence")
        )
        for row in imports.iter_rows(named=True):
            if row.pop("nth") > logged.get(row["evidence_id"], 0):
                after = {**row, "recovered": True} if recovered else row
                self.events.append(row["imported_by"], _IMPORT, row["name"], None, after)

    def _logged_imports(self) -> pl.DataFrame:
        """Events of imports: sequence, evidence_id."""
        return (
            self.events.all()
            .filter(pl.col("action") == _IMPORT)
            .select("sequence", evidence_id=pl.col("after").str.json_path_match("$.evidence_id"))
            .drop_nulls()
        )

    def _missing_evidence(self) -> list[str]:
        imports = self.ledger.read("imports").unique("evidence_id").sort("sequence")
        return [
            f"Evidence {row['evidence_id']} ({row['name']}) is named by an import and is not in "
            f"{self.path / 'evidence'}; restore it from a backup."
            for row in imports.iter_rows(named=True)
            if row["evidence_id"] not in self.evidence
        ]

    def _vanished_imports(self) -> list[str]:
        known = self.ledger.read("imports").select("evidence_id")
        gone = self._logged_imports().join(known, on="evidence_id", how="anti").sort("sequence")
        return [
            f"Event {sequence} records an import of {evidence_id}, which the ledger no longer has; "
            f"restore {self.path / 'ledger'} from a backup."
            for sequence, evidence_id in gone.iter_rows()
        ]


def _prepare(path: Path) -> None:
    if path.exists() and not path.is_dir():
        raise WorkspaceError(
            f"{path} is a file; a workspace is a directory. Name another place with --workspace "
            "or CARBON_WORKSPACE."
        )
    try:
        for part in ("evidence", "ledger"):
            (path / part).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkspaceError(
            f"The workspace {path} cannot be created ({error.strerror}). Name another place with "
            "--workspace or CARBON_WORKSPACE."
        ) from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise WorkspaceError(
            f"The workspace {path} cannot be written to. Change its permissions, or name another "
            "place with --workspace or CARBON_WORKSPACE."
        )
