# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One member, or some, out of a tar stream that a host sent.

The stream is hostile: only members asked for, by their exact names, are looked at, each has to be a regular
file within the limit, and nothing in the stream ever becomes a path on the controller. Read are the
forms bsdtar writes (libarchive's tar(5): ustar, pax and GNU); everything else is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .._errors import ArchiveError

_BLOCK = 512
_MAX_EXTENSION = 64 * 1024
"""Bytes of one pax or GNU extension: it holds names and times."""
_MAX_MEMBERS = 10_000

_REGULAR = (b"0", b"\0")
_PAX, _PAX_GLOBAL, _GNU_NAME, _GNU_LINK = b"x", b"g", b"L", b"K"
_OCTAL = re.compile(rb" *([0-7]{0,12})[ \0]*")
_PAX_RECORD = re.compile(rb"([0-9]{1,6}) ")
_PAX_REFUSED = ("GNU.sparse.", "SCHILY.realsize")
"""A sparse file's stored bytes are not its content."""


@dataclass
class _Extensions:
    """What pax and GNU extension members say about the member that follows them."""

    name: str | None = None
    size: int | None = None
    sparse: bool = False


@dataclass(frozen=True)
class _Member:
    name: str
    kind: bytes
    offset: int
    size: int
    modified: int = 0


@dataclass(frozen=True)
class TarFile:
    """A regular file.

    Attributes:
        content: Its bytes.
        modified: When it was last written, in seconds since 1970 (UTC), as the host says.
    """

    content: bytes
    modified: int


def _number(data: bytes) -> int:
    """A header's number: octal text, or base 256 with the top bit set (GNU, star)."""
    if data[:1] and data[0] & 0x80:
        if data[0] & 0x40:
            raise ArchiveError("the archive has a member of negative size.")
        return int.from_bytes(bytes([data[0] & 0x3F]) + data[1:], "big")
    match = _OCTAL.fullmatch(data)
    if match is None:
        raise ArchiveError("the archive has a header that is none.")
    return int(match[1] or b"0", 8)


def _text(data: bytes) -> str:
    return data.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _check_sum(header: bytes) -> None:
    # The sum counts its own field as blanks (POSIX pax, ustar interchange format).
    expected = sum(header[:148]) + sum(header[156:]) + 8 * 0x20
    if _number(header[148:156]) != expected:
        raise ArchiveError("the archive has a damaged header.")


def _header_name(header: bytes) -> str:
    name = _text(header[:100])
    prefix = _text(header[345:500]) if header[257:263] == b"ustar\0" else ""
    return f"{prefix}/{name}" if prefix else name


def _pax_records(data: bytes) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(data):
        match = _PAX_RECORD.match(data, position)
        end = position + int(match[1]) if match else 0
        if match is None or not match.end() < end <= len(data) or data[end - 1 : end] != b"\n":
            raise ArchiveError("the archive has a damaged pax extension.")
        key, equals, value = data[match.end() : end - 1].partition(b"=")
        if not equals:
            raise ArchiveError("the archive has a damaged pax extension.")
        yield key.decode("utf-8", "replace"), value.decode("utf-8", "surrogateescape")
        position = end


def _apply_pax(data: bytes, extensions: _Extensions) -> None:
    for key, value in _pax_records(data):
        if key == "path":
            extensions.name = value
        elif key == "size":
            if not re.fullmatch("[0-9]{1,19}", value):
                raise ArchiveError("the archive has a damaged pax extension.")
            extensions.size = int(value)
        elif key.startswith(_PAX_REFUSED):
            extensions.sparse = True


def _extend(archive: bytes, member: _Member, extensions: _Extensions) -> None:
    """Note what an extension member says."""
    if member.size > _MAX_EXTENSION:
        raise ArchiveError("the archive has an oversize extension.")
    data = archive[member.offset : member.offset + member.size]
    if member.kind == _PAX:
        _apply_pax(data, extensions)
    elif member.kind == _GNU_NAME:
        extensions.name = _text(data)


def _members(archive: bytes) -> Iterator[_Member]:
    """The members in order, extensions applied and left out."""
    position, extensions = 0, _Extensions()
    for _count in range(_MAX_MEMBERS):
        header = archive[position : position + _BLOCK]
        if len(header) < _BLOCK:
            raise ArchiveError("the archive ends too early.", hint="The transfer was cut, or tar failed on the host.")
        if not any(header):
            return
        _check_sum(header)
        kind, position = header[156:157], position + _BLOCK
        is_extension = kind in (_PAX, _PAX_GLOBAL, _GNU_NAME, _GNU_LINK)
        size = _number(header[124:136])
        if not is_extension and extensions.size is not None:
            size = extensions.size
        member = _Member(extensions.name or _header_name(header), kind, position, size)
        if position + size > len(archive):
            raise ArchiveError("the archive ends too early.", hint="The transfer was cut, or tar failed on the host.")
        if kind == _PAX_GLOBAL:
            raise ArchiveError("the archive has a global extension, which tar does not write by itself.")
        if is_extension:
            _extend(archive, member, extensions)
        else:
            modified = _number(header[136:148])
            yield _Member(member.name, b"S" if extensions.sparse else kind, position, size, modified)
            extensions = _Extensions()
        position += -(-size // _BLOCK) * _BLOCK
    raise ArchiveError(f"the archive has more than {_MAX_MEMBERS} members.")


def read_member(archive: bytes, name: str, *, limit: int) -> bytes:
    """The content of one regular file in a tar stream.

    Args:
        archive: The whole stream; its size is the caller's to cap.
        name: The member's exact name. Of several members of that name the first counts.
        limit: The most bytes the file may have.

    Raises:
        ArchiveError: No such member, no regular file, too large, cut, damaged, or no tar stream at all.
    """
    for member in _members(archive):
        if member.name != name:
            continue
        if member.kind not in _REGULAR:
            raise ArchiveError("what came back from the host under the file's name is no regular file.")
        if member.size > limit:
            raise ArchiveError(f"the file is larger than {limit} bytes; it was not read.")
        return archive[member.offset : member.offset + member.size]
    raise ArchiveError("the archive does not have the file that was asked for.")


def read_members(archive: bytes, names: Iterable[str], *, limit: int) -> dict[str, TarFile]:
    """Some regular files of a tar stream that has nothing else in it.

    Args:
        archive: The whole stream; its size is the caller's to cap.
        names: The exact names it may have; those that are missing are missing in the result.
        limit: The most bytes each file may have.

    Raises:
        ArchiveError: Another member, one twice, no regular file, too large, cut, damaged, or no tar stream at all.
    """
    wanted = frozenset(names)
    found: dict[str, TarFile] = {}
    for member in _members(archive):
        if member.name not in wanted or member.name in found or member.kind not in _REGULAR:
            raise ArchiveError("the archive has something else in it than the files that were asked for.")
        if member.size > limit:
            raise ArchiveError(f"a file in the archive is larger than {limit} bytes.")
        content = archive[member.offset : member.offset + member.size]
        found[member.name] = TarFile(content, member.modified)
    return found
