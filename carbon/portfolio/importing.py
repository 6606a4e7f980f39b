"""From a file as received to rows in the ledger: recognise, read, store evidence, append."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

import carbon
from carbon.activity import intake
from carbon.activity.source import Payload, Problem, RefusalError, RefusedMember
from carbon.portfolio.choices import metered, reading_choices
from carbon.portfolio.reading import FileReader, Read
from carbon.portfolio.results import FIRST_PROBLEMS, FilePreview, FileResult, ImportResult
from carbon.portfolio.sources import remember_zone, source_of
from carbon.tables.recognition import UnrecognisedError
from carbon.workspace.counting import rows_of, sums_up

HEAD_ROWS = 10
"""How many rows of a file the preview shows."""

_ISO = "%Y-%m-%dT%H:%M:%SZ"

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Importer(FileReader):
    """Takes files into a workspace, or says what that would give."""

    def import_files(
        self,
        sources: Sequence[tuple[str, bytes | Path]],
        who: str,
        progress: Progress | None = None,
    ) -> ImportResult:
        """Take files into the ledger; a file that cannot be taken is refused, the others go on."""
        results: list[FileResult] = []
        for done, (name, source) in enumerate(sources):
            if progress:
                progress(done, len(sources), f"Reading {name}")
            try:
                results.extend(
                    self._import_one(payload, evidence, who)
                    for payload, evidence in _payloads(name, _bytes(name, source))
                )
            except RefusalError as refusal:
                results.append(FileResult(name=name, refusal=str(refusal)))
        if progress:
            progress(len(sources), len(sources), "Done")
        return ImportResult(tuple(results))

    def preview(self, name: str, data: bytes) -> list[FilePreview]:
        """Read a file as an import would, and write nothing; an archive gives one a member."""
        try:
            payloads = list(_payloads(name, data))
        except RefusalError as refusal:
            return [FilePreview(name=name, refusal=str(refusal))]
        return [self._preview_one(payload, evidence) for payload, evidence in payloads]

    def set_aside(self, name: str, data: bytes) -> pl.DataFrame:
        """What would be set aside of one file if it were read now; nothing is written.

        Returns:
            row_number, column, value, reason.

        Raises:
            RefusalError: the whole file cannot be taken.
        """
        payload, evidence = next(_payloads(name, data))
        if isinstance(payload, RefusedMember):
            raise RefusalError(payload.reason)
        aside = self.read(payload, evidence).quarantine
        return aside.select("row_number", "column", "value", "reason")

    def _import_one(
        self, payload: Payload | RefusedMember, evidence: bytes, who: str
    ) -> FileResult:
        if isinstance(payload, RefusedMember):
            return FileResult(name=payload.name, refusal=payload.reason)
        try:
            read = self.read(payload, evidence)
        except RefusalError as refusal:
            return FileResult(name=payload.name, refusal=str(refusal))
        with self.workspace.ledger.lock():
            result = self._result(payload.name, read)
            self.workspace.evidence.put(evidence)
            described = {
                "evidence_id": read.evidence_id,
                "name": payload.name,
                "format": read.format,
                "rows": read.rows,
                "imported_by": who,
                "timezone": read.timezone,
                "mapping": read.mapping,
                "choices": reading_choices(self.policy) if metered(read.frames) else None,
                "replaces": sums_up(read.frames) or None,
            }
            received = {
                **described,
                "bytes": len(evidence),
                "received_at": datetime.now(UTC),
                "received_by": who,
                "reader_version": carbon.__version__,
            }
            self.workspace.commit_import(
                described,
                {
                    **read.frames,
                    "quarantine": read.quarantine,
                    "evidence": pl.DataFrame([received]),
                },
                anew=self._is_anew(read),
            )
            if self.timezone and read.timezone:
                remember_zone(self.workspace, read.format, payload.name, self.timezone)
        return result

    def _preview_one(self, payload: Payload | RefusedMember, evidence: bytes) -> FilePreview:
        if isinstance(payload, RefusedMember):
            return FilePreview(name=payload.name, refusal=payload.reason)
        try:
            read = self.read(payload, evidence)
        except UnrecognisedError as unsure:
            return FilePreview(payload.name, refusal=str(unsure), candidates=unsure.candidates)
        except RefusalError as refusal:
            return FilePreview(name=payload.name, refusal=str(refusal))
        result = self._result(payload.name, read)
        shown = next((frame for frame in read.frames.values() if frame.height), pl.DataFrame())
        return FilePreview(
            name=payload.name,
            format=read.format,
            title=self.title(read.format),
            confidence=read.confidence,
            reason=read.reason,
            alternatives=read.alternatives,
            rows=result.rows,
            accepted=result.accepted,
            quarantined=result.quarantined,
            duplicates=result.duplicates,
            period_start=result.period_start,
            period_end=result.period_end,
            head=_in_house_terms(shown),
            problems=result.problems,
            needs_timezone=read.timezone is not None and not read.timezone_given,
            timezone=read.timezone,
            source=source_of(read.format, payload.name),
        )

    def _is_anew(self, read: Read) -> bool:
        """Whether the file was taken before and is read otherwise now: by another format, mapping
        or time zone, or by other choices of the policy that readers of meters go by."""
        earlier = self.workspace.ledger.read("imports").filter(
            pl.col("evidence_id") == read.evidence_id
        )
        choices = reading_choices(self.policy) if metered(read.frames) else None
        now = (read.format, read.mapping, read.timezone, choices)
        columns = ("format", "mapping", "timezone", "choices")
        return bool(earlier.height and earlier.select(columns).row(-1) != now)

    def _result(self, name: str, read: Read) -> FileResult:
        """Count a file's rows: taken now, set aside, known from an earlier import."""
        accepted, aside, duplicates = self._counts(read)
        start, end = _period(read.frames)
        return FileResult(
            name=name,
            format=read.format,
            confidence=read.confidence,
            evidence_id=read.evidence_id,
            rows=read.rows,
            accepted=accepted,
            quarantined=len(aside),
            duplicates=duplicates,
            period_start=start,
            period_end=end,
            problems=(
                *_problems(read.quarantine, aside),
                *self._superseding(read),
                *read.notes,
            ),
        )

    def _counts(self, read: Read) -> tuple[int, set[int], int]:
        """Rows taken now, row numbers set aside, and how many an earlier import took."""
        if self._is_anew(read):
            return rows_of(read.frames), _rows(read.quarantine), 0
        if sums_up(read.frames):
            known = self.workspace.ledger.accepted_count(read.evidence_id)
            taken = rows_of(read.frames)
            return max(taken - known, 0), _rows(read.quarantine), min(known, taken)
        numbers = self.workspace.ledger.accepted_rows(read.evidence_id)
        rows = _rows(*read.frames.values())
        aside = _rows(read.quarantine)
        return len(rows - numbers), aside - numbers, len((rows | aside) & numbers)

    def _superseding(self, read: Read) -> tuple[Problem, ...]:
        """Say that the file takes the place of rows of earlier files, where it does."""
        if self._is_anew(read):
            return (
                Problem(
                    "The file was imported before, under another format, mapping or time zone: "
                    "this reading counts in the place of that one, which stays readable."
                ),
            )
        ledger, activity_rows = self.workspace.ledger, read.frames.get("activity")
        if activity_rows is None or ledger.knows(read.evidence_id):
            return ()
        earlier = ledger.current_activity().join(activity_rows, on="key", how="semi")
        count = earlier.select("evidence_id", "row_number").unique().height
        if not count:
            return ()
        rows = "1 row" if count == 1 else f"{count} rows"
        return (
            Problem(
                f"{rows} of earlier files stand for the same workload, place and period: this "
                "file's rows count in their place. They stay readable."
            ),
        )


def _bytes(name: str, source: bytes | Path) -> bytes:
    if isinstance(source, bytes):
        return source
    try:
        if source.is_dir():
            raise RefusalError(
                f"{name} is a folder. Name the files in it, for example {name}/*.csv."
            )
        intake.check_size(name, source.stat().st_size)
        return source.read_bytes()
    except FileNotFoundError as error:
        raise RefusalError(f"{name} does not exist. Check the path.") from error
    except PermissionError as error:
        raise RefusalError(f"{name} may not be read. Check its permissions.") from error


def _payloads(name: str, data: bytes) -> Iterator[tuple[Payload | RefusedMember, bytes]]:
    """Each file in what was received, with the bytes that stand as its evidence."""
    found = intake.open_payloads(name, data)
    for item in found:
        if isinstance(item, Payload) and len(found) > 1:
            yield item, item.data
        else:
            yield item, data


def _rows(*frames: pl.DataFrame) -> set[int]:
    return {row for frame in frames if frame.height for row in frame["row_number"].to_list()}


def _problems(quarantine: pl.DataFrame, rows: set[int]) -> list[Problem]:
    listed = quarantine.filter(pl.col("row_number").is_in(sorted(rows))).head(FIRST_PROBLEMS)
    return [
        Problem(row["reason"], row["row_number"], row["column"], row["value"])
        for row in listed.iter_rows(named=True)
    ]


def _period(frames: dict[str, pl.DataFrame]) -> tuple[str | None, str | None]:
    """First and last moment that the taken rows speak of, ISO-8601 UTC."""
    for table, first, last in (
        ("activity", "period_start", "period_end"),
        ("reported", "month", "month"),
        ("instrument", "period_start", "period_end"),
        ("factor", "valid_from", "valid_to"),
        ("sighting", "first_seen", "last_seen"),
        ("asset", "purchased_on", "purchased_on"),
        ("weather", "at", "at"),
    ):
        frame = frames.get(table)
        if frame is not None and table == "weather":
            # A normal year is of no time.
            frame = frame.filter(~pl.col("normal"))
        if frame is not None and frame.height:
            end = pl.col(last).cast(pl.Datetime("us", "UTC")).max()
            start = pl.col(first).cast(pl.Datetime("us", "UTC")).min()
            if table == "reported":
                end = end.dt.offset_by("1mo")
            moments = frame.select(start=start, end=end).row(0)
            # What a configuration declares has no time of its own.
            said = [moment and moment.strftime(_ISO) for moment in moments]
            return said[0], said[1]
    return None, None


def _in_house_terms(frame: pl.DataFrame) -> pl.DataFrame:
    """The first rows, without columns that say nothing."""
    head = frame.head(HEAD_ROWS).drop("import_id", "evidence_id", "key", "format", strict=False)
    return head.select(column.name for column in head if column.null_count() < head.height)
