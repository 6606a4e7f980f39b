"""gzip and ZIP, inflated within bounds that hold for the bytes that really come out."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final

from carbon.tables.payload import RefusalError

MAX_INFLATED: Final = 1 << 30
"""No file may grow beyond this when unpacked [B]."""

MAX_RATIO: Final = 200
"""Nor beyond this many times its packed size, once it is larger than FREE_INFLATED."""

FREE_INFLATED: Final = 64 << 20
"""Up to here [B] the ratio is not looked at: small tables of one repeated value pack very well."""

MAX_MEMBERS: Final = 1000
_CHUNK: Final = 1 << 20

_JUNK: Final = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


def gunzip(name: str, data: bytes) -> bytes:
    """The content of a gzip file; several members are joined, as gzip itself does.

    Raises:
        RefusalError: damaged, cut off, or larger than the bounds.
    """
    parts, size, rest = [], 0, data
    while rest:
        inflater = zlib.decompressobj(wbits=31)
        feed = rest
        try:
            while not inflater.eof:
                part = inflater.decompress(feed, _CHUNK)
                feed = inflater.unconsumed_tail
                if not part and not feed and not inflater.eof:
                    raise RefusalError(f"{name}: the gzip file is cut off. Fetch it again.")
                parts.append(part)
                size += len(part)
                check_growth(name, size, len(data))
        except zlib.error as error:
            raise RefusalError(f"{name}: the gzip file is damaged. Fetch it again.") from error
        rest = inflater.unused_data.lstrip(b"\0")
    return b"".join(parts)


class MemberError(RefusalError):
    """One file of an archive is damaged, encrypted, or packed in an unknown way."""


def members(name: str, data: bytes) -> Iterator[tuple[str, bytes | MemberError]]:
    """The files in a ZIP archive, in its order, without folders and what systems leave behind.

    A file that cannot be unpacked comes as the error that says why; the others go on.

    Raises:
        RefusalError: the archive is damaged, has too many members, or is larger than the bounds.
    """
    archive = open_zip(name, data)
    infos = [i for i in archive.infolist() if not i.is_dir() and not is_junk(i.filename)]
    if len(infos) > MAX_MEMBERS:
        raise RefusalError(
            f"{name} holds {len(infos)} files, and at most {MAX_MEMBERS} are read from one "
            "archive. Split it."
        )
    total = 0
    for info in infos:
        try:
            content = _inflate(name, archive, info, total, len(data))
        except MemberError as error:
            yield info.filename, error
            continue
        total += len(content)
        yield info.filename, content


def check_zip_growth(name: str, data: bytes) -> None:
    """Inflate an archive once, within bounds, and throw the bytes away.

    Raises:
        RefusalError: as `members`.
    """
    archive = open_zip(name, data)
    total = 0
    for info in archive.infolist():
        total += _inflate_size(name, archive, info, total, len(data))


def open_zip(name: str, data: bytes) -> zipfile.ZipFile:
    """Open a ZIP archive from memory.

    Raises:
        RefusalError: it is damaged or cut off.
    """
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError) as error:
        raise RefusalError(
            f"{name}: the ZIP archive is damaged or cut off. Fetch it again."
        ) from error


def is_junk(filename: str) -> bool:
    """Whether a member is something that an operating system adds, not the user."""
    return filename.startswith(_JUNK[0]) or filename.rsplit("/", 1)[-1] in _JUNK


def check_growth(name: str, inflated: int, packed: int) -> None:
    """Raise a RefusalError where unpacked bytes pass the bounds."""
    if inflated > MAX_INFLATED:
        raise RefusalError(
            f"{name} unpacks to more than {MAX_INFLATED >> 20} MiB. Split it and import the parts."
        )
    if inflated > FREE_INFLATED and inflated > MAX_RATIO * max(packed, 1):
        raise RefusalError(
            f"{name} unpacks to more than {MAX_RATIO} times its size, as no real export does. "
            "Unpack it yourself and import the file."
        )


def _inflate(
    name: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo, before: int, packed: int
) -> bytes:
    return b"".join(_chunks(name, archive, info, before, packed))


def _inflate_size(
    name: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo, before: int, packed: int
) -> int:
    return sum(len(part) for part in _chunks(name, archive, info, before, packed))


def _chunks(
    name: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo, before: int, packed: int
) -> Iterator[bytes]:
    if info.flag_bits & 1:
        raise MemberError(
            f"{name}: {info.filename} is encrypted. Unpack the archive with its password and "
            "import the files."
        )
    size = before
    try:
        with archive.open(info) as stream:
            while part := stream.read(_CHUNK):
                size += len(part)
                check_growth(name, size, packed)
                yield part
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        if isinstance(error, RefusalError):
            raise
        raise MemberError(
            f"{name}: {info.filename} in the archive is damaged. Fetch it again."
        ) from error
    except (NotImplementedError, RuntimeError) as error:
        raise MemberError(
            f"{name}: {info.filename} is packed in a way that is not supported. Unpack the "
            "archive and import the files."
        ) from error
