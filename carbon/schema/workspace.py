"""Tables of the workspace itself."""

import dataframely as dy

from carbon.schema.columns import instant, text


class Evidence(dy.Schema):
    """A file as received."""

    evidence_id = text("sha256 of the bytes", nullable=False)
    name = text("file name as received", nullable=False)
    format = text("reader that took it", nullable=False)
    bytes = dy.Int64(min=0, description="size [B]")
    received_at = instant("when it came")
    received_by = text("who brought it", nullable=False)
    reader_version = text("version of the product that read it", nullable=False)


class Import(dy.Schema):
    """One committed import: readers of the ledger count only rows whose import is here."""

    import_id = text("unique", nullable=False)
    sequence = dy.Int64(min=1, description="order of imports; later supersedes earlier")
    evidence_id = text("the file", nullable=False)
    name = text("file name", nullable=False)
    format = text("reader", nullable=False)
    rows = dy.Int64(min=0, description="data rows in the file")
    accepted = dy.Int64(min=0, description="rows taken by this import")
    quarantined = dy.Int64(min=0, description="rows set aside")
    duplicates = dy.Int64(min=0, description="rows accepted by an earlier import")
    period_start = instant("first moment of accepted activity", nullable=True)
    period_end = instant("last moment of accepted activity", nullable=True)
    imported_at = instant("when")
    imported_by = text("who", nullable=False)
    timezone = text("zone under which local times were read; null where there were none")
    mapping = text("mapping by which it was read, JSON; null where a reader knew the format")
    choices = text("choices of the policy that its reading rests on, JSON; null where none do")
    replaces = dy.Bool(
        nullable=True,
        description="a whole new reading: rows of earlier imports of the same file do not count",
    )


class Correction(dy.Schema):
    """A cell of a file that a user mended; the last one of a cell counts. Evidence is untouched."""

    sequence = dy.Int64(min=1, description="order of corrections")
    evidence_id = text("the file", nullable=False)
    row_number = dy.Int64(min=1, description="row in the file as the user sees it")
    column = text("the file's own column name; null where the whole line was retyped")
    before = text("the text as it stands in the file; null for an empty cell")
    after = text("the text that is read in its place")
    reason = text("why, as the user states it")
    at = instant("when")
    who = text("who", nullable=False)


class Discard(dy.Schema):
    """A decision that a row is not to be taken, or that it is after all; the last one counts."""

    sequence = dy.Int64(min=1, description="order of decisions")
    evidence_id = text("the file", nullable=False)
    row_number = dy.Int64(min=1, description="row in the file as the user sees it")
    discarded = dy.Bool(nullable=False, description="false: restored")
    reason = text("why, as the user states it")
    at = instant("when")
    who = text("who", nullable=False)


class Event(dy.Schema):
    """Who did what; each event carries the hash of the one before."""

    sequence = dy.Int64(min=1, description="position in the chain")
    at = instant("when")
    who = text("who", nullable=False)
    action = text("what: import, edit, freeze, ...", nullable=False)
    object = text("on what", nullable=False)
    before = text("JSON before")
    after = text("JSON after")
    previous_hash = text("hash of the previous event", nullable=False)
    hash = text("sha256 of this event's canonical JSON and previous_hash", nullable=False)
