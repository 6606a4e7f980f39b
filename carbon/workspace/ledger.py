"""The ledger: Delta Lake tables that only grow.

Delta commits one table at a time. An import therefore writes its rows under a fresh `import_id`
and, last, one row to `imports`; readers count only rows whose import is there. A kill between any
two writes leaves rows that nobody counts, and the next import of the file starts clean.
"""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import polars as pl
from deltalake import DeltaTable
from filelock import FileLock, Timeout

from carbon.workspace import current
from carbon.workspace.counting import rows_of, sums_up
from carbon.workspace.errors import WorkspaceError
from carbon.workspace.tables import ACCEPTED, TABLES, empty, shape

LOCK_WAIT_S: Final = 300.0
"""How long an import waits for another one to finish [s]."""

_KEYED: Final = (
    *("activity", "reported", "instrument", "sighting", "asset", "reference"),
    "weather",
)
"""Tables whose rows name what a later file supersedes."""

COMPACT_AT_FILES: Final = 64
"""Small files of a table beyond which a commit merges them."""


@dataclass(frozen=True)
class Commit:
    """What an import came to.

    Attributes:
        row: the row of `imports`: counts as they are after rows known before were left out.
        changed: false where the file brought nothing new, and nothing was written.
    """

    row: dict[str, Any]
    changed: bool


class Ledger:
    """The Delta tables of a workspace."""

    def __init__(self, root: Path, lock: Path) -> None:
        self._root = root
        self._lock = FileLock(lock, timeout=LOCK_WAIT_S)
        self._seen: dict[str, tuple[int, pl.DataFrame]] = {}

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Take turns with other writers, across threads and processes; may be nested.

        Raises:
            WorkspaceError: another writer held the lock for `LOCK_WAIT_S`.
        """
        try:
            self._lock.acquire()
        except Timeout as error:
            raise WorkspaceError(
                f"Another import is writing to {self._root.parent} and did not finish within "
                f"{LOCK_WAIT_S:.0f} s; wait for it, or end it, and try again."
            ) from error
        try:
            yield
        finally:
            self._lock.release()

    def version(self, table: str) -> int:
        """Number of the table's latest Delta commit; -1 where nothing was ever written."""
        log = self._root / table / "_delta_log"
        if not log.is_dir():
            return -1
        commits = (entry.stem for entry in log.glob("*.json"))
        return max((int(stem) for stem in commits if stem.isdecimal()), default=-1)

    def append(self, table: str, frame: pl.DataFrame, import_id: str | None = None) -> None:
        """Append rows in one atomic commit; `import_id` stamps them where the table has one."""
        if import_id is not None:
            frame = frame.with_columns(import_id=pl.lit(import_id))
        shape(table, frame).write_delta(
            self._root / table, mode="append", delta_write_options={"schema_mode": "merge"}
        )

    def read(self, table: str) -> pl.DataFrame:
        """The table's committed rows in its schema; rows of a cut-off import are not there."""
        rows = self._scan(table)
        if "import_id" in TABLES[table] and table != "imports":
            imports = current.standing(self._scan("imports")).select("import_id")
            return rows.join(imports, on="import_id", how="semi", maintain_order="left")
        if table == "evidence":
            committed = self._scan("imports").select("evidence_id")
            rows = rows.join(committed, on="evidence_id", how="semi", maintain_order="left")
            return rows.unique("evidence_id", keep="first", maintain_order=True)
        return rows.sort("sequence") if table == "imports" else rows

    def knows(self, evidence_id: str) -> bool:
        """Whether a committed import names this file."""
        return evidence_id in self._scan("imports")["evidence_id"]

    def accepted_rows(self, evidence_id: str) -> set[int]:
        """Row numbers of a file that committed imports took; they would be duplicates now."""
        return _row_numbers(self._accepted(evidence_id), ACCEPTED)

    def accepted_count(self, evidence_id: str) -> int:
        """How many rows of a file committed imports took; a sum stands for all of its rows."""
        return rows_of(self._accepted(evidence_id))

    def _accepted(self, evidence_id: str) -> dict[str, pl.DataFrame]:
        """The rows that standing imports of a file took, by table."""
        imports = current.standing(self._scan("imports"))
        imports = imports.filter(pl.col("evidence_id") == evidence_id)
        if imports.is_empty():
            return {}
        of_the_file = pl.col("import_id").is_in(imports["import_id"].implode())
        return {table: self._scan(table).filter(of_the_file) for table in ACCEPTED}

    def commit(
        self,
        import_row: Mapping[str, Any],
        frames: Mapping[str, pl.DataFrame],
        *,
        anew: bool = False,
    ) -> Commit:
        """Take a file's rows: frames first, the row of `imports` last.

        Under the lock, rows that committed imports of the same file took before are left out and
        counted as duplicates. Where nothing is left that the ledger does not know, nothing is
        written. Rows that are sums are written whole, and replace those of earlier imports of the
        file, as soon as they stand for another number of its rows.

        Args:
            import_row: columns of `Import`, and `bytes` and `reader_version` of the file; needed
                are evidence_id, name, format, rows and imported_by. Counts, sequence, id, and
                time and period where they are not given, are filled in here.
            frames: table -> rows, of activity, reported, instrument, factor and quarantine; and
                evidence, one row that describes the file, where more is known of it than above.
            anew: the file is read otherwise than before (another mapping, another time zone): all
                of its rows are written, and take the place of those of earlier imports.
        """
        with self.lock():
            evidence_id = import_row["evidence_id"]
            if sums_up(frames) or anew:
                fresh = dict(frames)
            else:
                known = self.accepted_rows(evidence_id)
                fresh = {table: _without(frame, known) for table, frame in frames.items()}
            row = self._import_row(import_row, frames, fresh, anew=anew)
            if not anew and not self._is_new(row, fresh):
                return Commit(row, changed=False)
            self._write(row, fresh)
            return Commit(row, changed=True)

    def edit_workloads(self, rows: pl.DataFrame) -> None:
        """Add the analyst's statements: whole rows of `Workload`, which replace earlier ones; a
        row whose column `deleted` is true takes the workload back as a whole.
        """
        with self.lock():
            last = self._scan("workload")["edit"].max()
            edit = (int(str(last)) if last is not None else 0) + 1
            self.append("workload", rows.with_columns(edit=pl.lit(edit, pl.Int64)))

    def workloads(self) -> pl.DataFrame:
        """The latest statement on each workload that was not deleted, sorted by workload."""
        rows = self._scan("workload").sort("edit", maintain_order=True)
        latest = rows.unique("workload_id", keep="last").sort("workload_id")
        return latest.filter(~pl.col("deleted").fill_null(False)).drop("edit", "deleted")

    def edit_rules(self, rows: pl.DataFrame) -> None:
        """Add whole rows of `AssignmentRule`, which replace earlier ones of the same id."""
        with self.lock():
            last = self._scan("rule")["edit"].max()
            edit = (int(str(last)) if last is not None else 0) + 1
            self.append("rule", rows.with_columns(edit=pl.lit(edit, pl.Int64)))

    def rules(self) -> pl.DataFrame:
        """The latest edit of each rule of assignment, sorted by id; deleted ones say so."""
        rows = self._scan("rule").sort("edit", maintain_order=True)
        return rows.unique("rule_id", keep="last").sort("rule_id")

    def edit_plans(self, rows: pl.DataFrame) -> None:
        """Add whole rows of `Plan`, which replace earlier ones of the same id."""
        with self.lock():
            last = self._scan("plan")["edit"].max()
            edit = (int(str(last)) if last is not None else 0) + 1
            self.append("plan", rows.with_columns(edit=pl.lit(edit, pl.Int64)))

    def plans(self) -> pl.DataFrame:
        """The latest edit of each scenario, target and measure that stands, sorted by id."""
        rows = self._scan("plan").sort("edit", maintain_order=True)
        latest = rows.unique("plan_id", keep="last").sort("plan_id")
        return latest.filter(~pl.col("deleted"))

    def decide(self, row: Mapping[str, Any]) -> None:
        """Add a decision on a proposal: columns of `Decision`; the sequence is filled in here."""
        with self.lock():
            last = self._scan("decision")["sequence"].max()
            sequence = (int(str(last)) if last is not None else 0) + 1
            self.append("decision", _one_row("decision", {**row, "sequence": sequence}))

    def decisions(self) -> pl.DataFrame:
        """The last decision on each proposal, sorted by proposal."""
        rows = self._scan("decision").sort("sequence", maintain_order=True)
        return rows.unique("proposal_id", keep="last").sort("proposal_id")

    def current_activity(self) -> pl.DataFrame:
        """Activity that counts; see `current.split_activity`."""
        return current.split_activity(self.read("activity"), self.read("imports"))[0]

    def superseded_activity(self) -> pl.DataFrame:
        """Activity that a later row or file replaces; it stays readable."""
        return current.split_activity(self.read("activity"), self.read("imports"))[1]

    def current_reported(self) -> pl.DataFrame:
        """Provider-reported figures that count; see `current.split_reported`."""
        return current.split_reported(self.read("reported"), self.read("imports"))[0]

    def superseded_reported(self) -> pl.DataFrame:
        """Provider-reported figures that were restated or are seen in more detail elsewhere."""
        return current.split_reported(self.read("reported"), self.read("imports"))[1]

    def current_instruments(self) -> pl.DataFrame:
        """Contractual instruments that count."""
        return current.current_keyed(self.read("instrument"), self.read("imports"))

    def current_factors(self) -> pl.DataFrame:
        """The user's own factors that count."""
        return current.current_factors(self.read("factor"), self.read("imports"))

    def current_sightings(self) -> pl.DataFrame:
        """What discovery's files say exists, as the latest of them say it."""
        return current.current_sightings(self.read("sighting"), self.read("imports"))

    def current_assets(self) -> pl.DataFrame:
        """Hardware that was bought, as the latest files say it."""
        return current.current_keyed(self.read("asset"), self.read("imports"))

    def current_references(self) -> pl.DataFrame:
        """Published figures that the user brought, as the latest files say them."""
        return current.current_keyed(self.read("reference"), self.read("imports"))

    def current_weather(self) -> pl.DataFrame:
        """Temperatures of places and of normal years, as the latest files say them."""
        return current.current_keyed(self.read("weather"), self.read("imports"))

    def current_quarantine(self) -> pl.DataFrame:
        """Rows that are set aside today, and that no corrected version of their file mends."""
        imports = self.read("imports")
        aside = current.current_quarantine(self.read("quarantine"), imports)
        if aside.is_empty() or imports["name"].is_unique().all():
            return aside
        columns = ["evidence_id", "row_number", "key"]
        taken = [self.read(table).select(columns) for table in _KEYED]
        return current.without_mended(aside, imports, pl.concat(taken))

    def _scan(self, table: str) -> pl.DataFrame:
        """The table as last committed. A version never changes, so a frame read once is kept,
        save for the one table that may be large.
        """
        version = self.version(table)
        if version < 0:
            return empty(table)
        kept = self._seen.get(table)
        if kept is not None and kept[0] == version:
            return kept[1]
        delta = DeltaTable(self._root / table, version=version)
        frame = shape(table, pl.read_delta(delta))
        if table != "activity":
            self._seen[table] = (version, frame)
        return frame

    def _import_row(
        self,
        given: Mapping[str, Any],
        frames: Mapping[str, pl.DataFrame],
        fresh: Mapping[str, pl.DataFrame],
        *,
        anew: bool,
    ) -> dict[str, Any]:
        aside = _row_numbers(fresh, ("quarantine",))
        if sums_up(fresh) or anew:
            known = 0 if anew else self.accepted_count(given["evidence_id"])
            accepted, dropped = max(rows_of(fresh) - known, 0), min(rows_of(fresh), known)
        else:
            taken = _row_numbers(fresh, ACCEPTED)
            every = _row_numbers(frames, (*ACCEPTED, "quarantine"))
            accepted, dropped = len(taken), len(every - taken - aside)
        start, end = _period(fresh)
        last = self._scan("imports")["sequence"].max()
        return {
            "imported_at": datetime.now(UTC),
            "period_start": start,
            "period_end": end,
            **{name: value for name, value in given.items() if value is not None},
            "import_id": given.get("import_id") or uuid.uuid4().hex,
            "sequence": (int(str(last)) if last is not None else 0) + 1,
            "accepted": accepted,
            "quarantined": len(aside),
            "duplicates": int(given.get("duplicates") or 0) + dropped,
            **({"replaces": True} if anew else {}),
        }

    def _is_new(self, row: Mapping[str, Any], fresh: Mapping[str, pl.DataFrame]) -> bool:
        """Whether the ledger lacks anything of this import."""
        evidence = pl.col("evidence_id") == row["evidence_id"]
        if self.read("imports").filter(evidence).is_empty() or row["accepted"]:
            return True
        columns = ["row_number", "column", "value", "reason"]
        before = self.current_quarantine().filter(evidence).select(columns)
        now = shape("quarantine", fresh.get("quarantine", empty("quarantine"))).select(columns)
        return not before.sort(columns).equals(now.sort(columns))

    def _write(self, row: Mapping[str, Any], fresh: Mapping[str, pl.DataFrame]) -> None:
        for table, frame in fresh.items():
            if frame.height and table != "evidence":
                stamped = frame.with_columns(evidence_id=pl.lit(row["evidence_id"]))
                self.append(table, stamped, row["import_id"])
        if not self.knows(row["evidence_id"]):
            described = fresh.get("evidence", _one_row("evidence", _file(row)))
            self.append("evidence", described)
        self.append("imports", _one_row("imports", row))
        for table in (*fresh, "evidence", "imports"):
            self._compact(table)

    def _compact(self, table: str) -> None:
        """Merge small files when there are many; readers of the old ones are not disturbed."""
        commits = self.version(table) + 1
        if commits and commits % COMPACT_AT_FILES == 0:
            DeltaTable(self._root / table).optimize.compact()


def _file(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the table `evidence` says of an import's file."""
    return {
        "bytes": None,
        "reader_version": "",
        **row,
        "received_at": row["imported_at"],
        "received_by": row["imported_by"],
    }


def _one_row(table: str, row: Mapping[str, Any]) -> pl.DataFrame:
    columns = TABLES[table]
    return pl.DataFrame([{name: row.get(name) for name in columns}], schema=columns)


def _without(frame: pl.DataFrame, known: set[int]) -> pl.DataFrame:
    if not known or "row_number" not in frame.columns:
        return frame
    return frame.filter(~pl.col("row_number").is_in(sorted(known)))


def _row_numbers(frames: Mapping[str, pl.DataFrame], tables: tuple[str, ...]) -> set[int]:
    numbers: set[int] = set()
    for table in tables:
        frame = frames.get(table)
        if frame is not None and "row_number" in frame.columns:
            numbers.update(frame["row_number"].drop_nulls().to_list())
    return numbers


def _period(frames: Mapping[str, pl.DataFrame]) -> tuple[datetime | None, datetime | None]:
    """First and last moment of what was taken: activity's periods, else the reported months."""
    activity, reported = frames.get("activity"), frames.get("reported")
    if activity is not None and activity.height:
        start, end = activity.select(pl.col("period_start").min(), pl.col("period_end").max()).row(
            0
        )
        return start, end
    if reported is not None and reported.height:
        month = pl.col("month").cast(pl.Datetime("us", "UTC"))
        start, end = reported.select(start=month.min(), end=month.max().dt.offset_by("1mo")).row(0)
        return start, end
    return None, None
