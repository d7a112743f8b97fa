# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Registry.pol as the Registry client-side extension reads it (MS-GPREG 2.2.1)."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass

from .registry import (
    REG_BINARY,
    REG_DWORD,
    REG_EXPAND_SZ,
    REG_MULTI_SZ,
    REG_QWORD,
    REG_SZ,
    Data,
)

HEADER = b"PReg\x01\x00\x00\x00"  # signature and version, MS-GPREG 2.2.1
_TYPES = frozenset({1, 2, 3, 4, 5, 7, 11})
_LARGEST = 65535  # bytes of one entry's data
_LONGEST_NAME = 259  # characters of a value's name
_BIG_ENDIAN = 5  # REG_DWORD_BIG_ENDIAN


class PolError(Exception):
    """The file is no Registry.pol; the text says where and why."""


@dataclass(frozen=True)
class Instruction:
    """One entry: key below the hive, value name (or a special's), type, data as they lie in the file."""

    key: str
    name: str
    kind: int
    data: bytes


class _Reader:
    """Walks over the bytes; every length comes from the file and is checked."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.place = len(HEADER)

    def ended(self) -> bool:
        return self.place >= len(self._content)

    def sign(self, wanted: str) -> None:
        """One delimiter."""
        found = self._content[self.place : self.place + 2]
        if found != wanted.encode("utf-16-le"):
            raise PolError(f"no {wanted!r} at byte {self.place}")
        self.place += 2

    def text(self) -> str:
        """Characters up to a NUL."""
        end = self.place
        while self._content[end : end + 2] != b"\0\0":
            if end + 2 > len(self._content):
                raise PolError(f"a text that does not end at byte {self.place}")
            end += 2
        text = self._content[self.place : end].decode("utf-16-le", "surrogatepass")
        self.place = end + 2
        return text

    def number(self) -> int:
        """32 bits, little-endian."""
        raw = self.take(4)
        return int(struct.unpack("<I", raw)[0])

    def take(self, size: int) -> bytes:
        """So many bytes."""
        raw = self._content[self.place : self.place + size]
        if len(raw) < size:
            raise PolError(f"the file ends in an entry at byte {self.place}")
        self.place += size
        return raw


def parse(content: bytes) -> list[Instruction]:
    """All entries in order.

    Raises:
        PolError: The signature is another one, or an entry is not as MS-GPREG 2.2.1 has it.
    """
    if content[: len(HEADER)] != HEADER:
        raise PolError("the signature or version is another one")
    reader, found = _Reader(content), list[Instruction]()
    while not reader.ended():
        reader.sign("[")
        key = reader.text()
        reader.sign(";")
        name = reader.text()
        reader.sign(";")
        kind = reader.number()
        reader.sign(";")
        size = reader.number()
        reader.sign(";")
        if not key or size > _LARGEST or kind not in _TYPES or len(name) > _LONGEST_NAME:
            raise PolError(f"an entry out of range before byte {reader.place}")
        data = reader.take(size)
        reader.sign("]")
        found.append(Instruction(key, name, kind, data))
    return found


def encode(instructions: Iterable[Instruction]) -> bytes:
    """A whole file."""
    parts = [HEADER]
    for item in instructions:
        head = f"[{item.key}\0;{item.name}\0;".encode("utf-16-le")
        numbers = struct.pack("<I", item.kind) + b";\0" + struct.pack("<I", len(item.data)) + b";\0"
        parts.append(head + numbers + item.data + b"]\0")
    return b"".join(parts)


def to_bytes(kind: int, data: Data) -> bytes:
    """A value as it lies in a Registry.pol."""
    if isinstance(data, bytes):
        return data
    if isinstance(data, int):
        if kind == _BIG_ENDIAN:
            return struct.pack(">I", data)
        return struct.pack("<Q" if kind == REG_QWORD else "<I", data)
    if isinstance(data, list):
        return ("".join(f"{item}\0" for item in data) + "\0").encode("utf-16-le")
    return f"{data}\0".encode("utf-16-le")


def from_bytes(kind: int, data: bytes) -> Data:
    """A value as the registry gives it; what does not fit its type stays bytes, as the registry keeps it."""
    sizes = {REG_DWORD: "<I", REG_QWORD: "<Q"}
    if kind in sizes and len(data) == struct.calcsize(sizes[kind]):
        return int(struct.unpack(sizes[kind], data)[0])
    if kind in (REG_SZ, REG_EXPAND_SZ) and len(data) % 2 == 0:
        return data.decode("utf-16-le", "surrogatepass").partition("\0")[0]
    if kind == REG_MULTI_SZ and len(data) % 2 == 0:
        return [item for item in data.decode("utf-16-le", "surrogatepass").split("\0") if item]
    return data


def instruction(key: str, name: str, data: Data, kind: int | None = None) -> Instruction:
    """An entry from a plain value; its type follows from the data when none is given."""
    if kind is None:
        kind = (
            REG_DWORD
            if isinstance(data, int)
            else REG_BINARY
            if isinstance(data, bytes)
            else REG_MULTI_SZ
            if isinstance(data, list)
            else REG_SZ
        )
    return Instruction(key, name, kind, to_bytes(kind, data))
