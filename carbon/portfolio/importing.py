"""From a file as received to rows in the ledger: recognise, read, store evidence, append."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as Names
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

import carbon
from carbon import activity
from carbon.activity import Reader, hardware, instruments, intake, published, template
from carbon.activity.mapping.model import PREFIX, Mapping
from carbon.activity.mapping.reader import MappedReader
from carbon.activity.source import Context, Payload, Problem, RefusalError, RefusedMember
from carbon.factors import readers as factor_files
from carbon.factors import template as factor_template
from carbon.factors.library import Library, context_maps
from carbon.factors.source import FactorReading
from carbon.policy import Policy
from carbon.portfolio import mapped
from carbon.portfolio.choices import metered, reading_choices
from carbon.portfolio.decisions import corrections_of, keep_out, unsettles
from carbon.portfolio.examples import EXAMPLES
from carbon.portfolio.results import FIRST_PROBLEMS, FilePreview, FileResult, ImportResult
from carbon.portfolio.sources import remember_zone, source_of, zone_of
from carbon.tables.payload import Correction
from carbon.tables.recognition import Sniffer, UnrecognisedError, recognise
from carbon.workspace import Workspace
from carbon.workspace.counting import rows_of, sums_up

HEAD_ROWS = 10
"""How many rows of a file the preview shows."""

_ISO = "%Y-%m-%dT%H:%M:%SZ"

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class _Read:
    """One file as read: what it is, its rows by ledger table, and what to say about it."""

    evidence_id: str
    format: str
    confidence: float
    reason: str
    alternatives: tuple[str, ...]
    rows: int
    frames: dict[str, pl.DataFrame]
    quarantine: pl.DataFrame
    notes: tuple[Problem, ...]
    timezone: str | None = None
    timezone_given: bool = False
    mapping: str | None = None


@dataclass(frozen=True)
class Importer:
    """Takes files into one workspace.

    Attributes:
        workspace: where they go.
        library: the shipped tables, for the places that readers may know.
        policy: its default time zone is used.
        format: reader to use instead of the recognised one.
        timezone: IANA zone of local times that carry none; it is remembered for their source.
        mapping: what the columns mean, for files that no reader knows.
        factors_only: refuse whatever is no factor file.
        trial: cells mended for a preview alone, beside those that the workspace keeps.
    """

    workspace: Workspace
    library: Library
    policy: Policy
    format: str | None = None
    timezone: str | None = None
    mapping: Mapping | None = None
    factors_only: bool = False
    trial: tuple[Correction, ...] = ()

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
        aside = self._read(payload, evidence).quarantine
        return aside.select("row_number", "column", "value", "reason")

    def _import_one(
        self, payload: Payload | RefusedMember, evidence: bytes, who: str
    ) -> FileResult:
        if isinstance(payload, RefusedMember):
            return FileResult(name=payload.name, refusal=payload.reason)
        try:
            read = self._read(payload, evidence)
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
            read = self._read(payload, evidence)
        except UnrecognisedError as unsure:
            return FilePreview(payload.name, refusal=str(unsure), candidates=unsure.candidates)
        except RefusalError as refusal:
            return FilePreview(name=payload.name, refusal=str(refusal))
        result = self._result(payload.name, read)
        shown = next((frame for frame in read.frames.values() if frame.height), pl.DataFrame())
        return FilePreview(
            name=payload.name,
            format=read.format,
            title=self._title(read.format),
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

    def mapped_by(self, mapping: Mapping | None) -> "Importer":
        """The same, for files whose columns a mapping explains."""
        return replace(self, mapping=mapping)

    def context(self, format: str, payload: Payload, evidence_id: str = "") -> Context:
        """What the reader of a format may know of the world."""
        timezone, given = self._zone(format, payload.name, evidence_id)
        return Context(
            evidence_id=evidence_id,
            timezone=timezone,
            timezone_given=given,
            policy=self.policy,
            **context_maps(self.library, self.workspace.ledger.current_factors()),
        )

    def _zone(self, format: str, name: str, evidence_id: str) -> tuple[str, bool]:
        """The zone of local times of a file, and whether anybody named it.

        It is the one that is named now, else the one that was named for an earlier file of the
        same source, else that under which the very same file was read before, else the policy's.
        """
        named = self.timezone or zone_of(self.workspace, format, name)
        before = self.workspace.ledger.read("imports").filter(
            pl.col("evidence_id") == evidence_id, pl.col("timezone").is_not_null()
        )["timezone"]
        last = before[-1] if len(before) else self.policy.energy.default_timezone
        return named or last, named is not None

    def _is_anew(self, read: _Read) -> bool:
        """Whether the file was taken before and is read otherwise now: by another format, mapping
        or time zone, or by other choices of the policy that readers of meters go by."""
        earlier = self.workspace.ledger.read("imports").filter(
            pl.col("evidence_id") == read.evidence_id
        )
        choices = reading_choices(self.policy) if metered(read.frames) else None
        now = (read.format, read.mapping, read.timezone, choices)
        columns = ("format", "mapping", "timezone", "choices")
        return bool(earlier.height and earlier.select(columns).row(-1) != now)

    def _title(self, name: str) -> str:
        own = self._readers()
        return own[name].TITLE if name in own else factor_files.READERS[name].TITLE

    def _readers(self) -> dict[str, Reader]:
        """Every reader of activity: those that ship, and the workspace's own mappings."""
        own: dict[str, Reader] = {**activity.READERS, **mapped.readers(self.workspace)}
        if self.mapping is not None:
            own[self.mapping.format] = MappedReader(self.mapping)
        elif self.format and self.format.startswith(PREFIX) and self.format not in own:
            recorded = mapped.recorded(self.workspace, self.format)
            if recorded is not None:
                own[self.format] = recorded
        return own

    def _result(self, name: str, read: _Read) -> FileResult:
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

    def _counts(self, read: _Read) -> tuple[int, set[int], int]:
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

    def _superseding(self, read: _Read) -> tuple[Problem, ...]:
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

    def _read(self, payload: Payload, evidence: bytes) -> _Read:
        """Recognise a file and read it with the reader of its format."""
        evidence_id = hashlib.sha256(evidence).hexdigest()
        mended = (*corrections_of(self.workspace, evidence_id), *self.trial)
        payload = replace(payload, corrections=mended)
        own = self._readers()
        readers: dict[str, Sniffer] = {**own, **factor_files.READERS}
        named = self.mapping.format if self.mapping else self.format
        name, recognition, others = recognise(payload, readers, named)
        if self.factors_only and name not in factor_files.READERS:
            raise RefusalError(
                f"{payload.name} holds no emission factors: it is recognised as {name}. Take it in "
                "with `carbon import`."
            )
        context = self.context(name, payload, evidence_id)
        frames, rest = _frames(own.get(name), name, payload, context)
        frames, aside = self._decided(payload, evidence_id, frames, rest.quarantine)
        warnings = tuple(Problem(warning) for warning in payload.warnings)
        return _Read(
            evidence_id=evidence_id,
            format=name,
            confidence=recognition.confidence,
            reason=recognition.reason,
            alternatives=tuple(other for other, _ in others),
            rows=rest.rows,
            frames=frames,
            quarantine=aside,
            notes=(*warnings, *rest.notes),
            timezone=context.timezone if getattr(rest, "local_times", False) else None,
            timezone_given=context.timezone_given,
            mapping=mapped.as_recorded(getattr(own.get(name), "mapping", None)),
        )

    def _decided(
        self,
        payload: Payload,
        evidence_id: str,
        frames: dict[str, pl.DataFrame],
        quarantine: pl.DataFrame,
    ) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
        """The rows as users decided on them; no correction unsettles what was taken before."""
        ledger = self.workspace.ledger
        if payload.corrections and unsettles(self.workspace, evidence_id, frames):
            raise RefusalError(
                f"{payload.name}: with these corrections rows that were taken would be read "
                "otherwise. Write the cells in the style of the others of their column."
            )
        discarded = self.workspace.mending.discarded(evidence_id)
        if discarded.is_empty():
            return frames, quarantine
        return keep_out(frames, quarantine, discarded, ledger.accepted_rows(evidence_id))


def _frames(
    reader: Reader | None, name: str, payload: Payload, context: Context
) -> tuple[dict[str, pl.DataFrame], activity.Reading | FactorReading]:
    """The rows of a file by ledger table, and the reading that they are from."""
    if reader is None:
        factors = factor_files.READERS[name].read(payload, context)
        return {"factor": factors.factors}, factors
    reading = reader.read(payload, context)
    return {
        "activity": reading.activity,
        "reported": reading.reported,
        "instrument": reading.instruments,
        "sighting": reading.sightings,
        "asset": reading.assets,
        "reference": reading.references,
    }, reading


def formats(own: Names[str, Reader] | None = None) -> list[dict[str, Any]]:
    """The formats that can be imported, in the order of their names.

    Args:
        own: readers of a workspace's own mappings.
    """
    described = [
        (reader.NAME, reader.TITLE, reader.PROVIDER, reader.EXAMPLE_COLUMNS)
        for readers in (
            activity.READERS.values(),
            (own or {}).values(),
            factor_files.READERS.values(),
        )
        for reader in readers
    ]
    return [
        {"name": name, "title": title, "provider": provider, "example_columns": list(columns)}
        for name, title, provider, columns in sorted(described, key=lambda row: row[0])
    ]


def templates() -> dict[str, bytes]:
    """Templates to fill in, by file name: each as a header alone, and with two example rows."""
    columns = {
        template.NAME: template.COLUMNS,
        instruments.NAME: instruments.VARIABLE_MAP,
        hardware.NAME: hardware.VARIABLE_MAP,
        published.NAME: published.VARIABLE_MAP,
        factor_template.NAME: factor_template.VARIABLE_MAP,
    }
    files = {}
    for name, header in columns.items():
        empty = dict.fromkeys(header, "")
        filled = pl.DataFrame([{**empty, **row} for row in EXAMPLES[name]])
        files[f"{name}.csv"] = filled.clear().write_csv().encode()
        files[f"{name}-example.csv"] = filled.write_csv(quote_style="necessary").encode()
    return files


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
    ):
        frame = frames.get(table)
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
