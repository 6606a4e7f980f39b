"""The evidence store: every file as received, named by the sha256 of its bytes.

`evidence/ab/abcdef...`: written to a temporary name, synced, renamed, and never rewritten. A kill
at any moment leaves either no file or the whole file under its name.
"""

import hashlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from carbon.workspace.errors import WorkspaceError

_TEMPORARY: Final = "."
"""Names that begin so are writes that were cut off; nothing reads them."""


class EvidenceStore:
    """Files by content. Two puts of the same bytes are one file."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def path(self, evidence_id: str) -> Path:
        """Where the bytes of `evidence_id` lie, or would lie."""
        return self._root / evidence_id[:2] / evidence_id

    def __contains__(self, evidence_id: str) -> bool:
        return self.path(evidence_id).is_file()

    def put(self, data: bytes) -> str:
        """Store bytes; returns their sha256. Bytes that are there already are left alone."""
        evidence_id = hashlib.sha256(data).hexdigest()
        target = self.path(evidence_id)
        if target.exists():
            return evidence_id
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.parent / f"{_TEMPORARY}{uuid.uuid4().hex}"
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o444)
        temporary.rename(target)
        for directory in (target.parent, self._root):
            _sync_directory(directory)
        return evidence_id

    def get(self, evidence_id: str) -> bytes:
        """The bytes of a file, re-hashed on the way out.

        Raises:
            WorkspaceError: the file is missing, or its bytes are no longer those received.
        """
        target = self.path(evidence_id)
        if not target.is_file():
            raise WorkspaceError(
                f"Evidence {evidence_id} is missing from {self._root}; restore it from a backup "
                "or import the file again."
            )
        data = target.read_bytes()
        if hashlib.sha256(data).hexdigest() != evidence_id:
            raise WorkspaceError(_changed(evidence_id, target))
        return data

    def ids(self) -> list[str]:
        """The names of all files in the store, sorted."""
        return sorted(path.name for path in self._files())

    def verify(self) -> list[str]:
        """Re-hash every file; one sentence for each whose bytes no longer match its name."""
        return [
            _changed(path.name, path)
            for path in sorted(self._files())
            if _hash_file(path) != path.name
        ]

    def _files(self) -> Iterator[Path]:
        for path in self._root.glob("*/*"):
            if path.is_file() and not path.name.startswith(_TEMPORARY):
                yield path


def _changed(evidence_id: str, path: Path) -> str:
    return (
        f"Evidence {evidence_id} at {path} no longer has the bytes that were received; "
        "restore it from a backup."
    )


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_directory(directory: Path) -> None:
    """Make a rename durable. Only POSIX can sync a directory; elsewhere the rename stands alone."""
    if os.name != "posix":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
