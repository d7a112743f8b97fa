# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One entry of a Registry.pol: a value to set, or a special instruction (MS-GPREG 2.2.1, 3.2.5.1.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

# winnt.h, MS-GPREG 2.2.1
REG_NONE, REG_SZ, REG_EXPAND_SZ, REG_BINARY, REG_DWORD, REG_DWORD_BIG_ENDIAN, REG_MULTI_SZ, REG_QWORD = (
    0, 1, 2, 3, 4, 5, 7, 11,
)  # fmt: skip
TYPES = frozenset({REG_SZ, REG_EXPAND_SZ, REG_BINARY, REG_DWORD, REG_DWORD_BIG_ENDIAN, REG_MULTI_SZ, REG_QWORD})
"""Types of a value; REG_NONE is no value's, it creates a key (`PolicyEntry.creates_key`)."""
_NUMBERS = {REG_DWORD: (4, "little"), REG_DWORD_BIG_ENDIAN: (4, "big"), REG_QWORD: (8, "little")}
LARGEST = 65535
"""Bytes of an entry's data (MS-GPREG 2.2.1, Size)."""
LONGEST_NAME = 259
"""UTF-16 code units of a value's name (MS-GPREG 2.2.1, Value)."""

CODEC = "utf-16-le"
CONTROL = re.compile("[\0-\x1f]")
_SPECIAL = re.compile(
    r"\*\*(?:(?P<del>del\.)|(?P<delvals>delvals\.?\Z)|(?P<deletevalues>deletevalues\Z)|(?P<deletekeys>deletekeys\Z)"
    r"|(?P<securekey>securekey\Z)|(?P<soft>soft\.))",
    re.IGNORECASE | re.ASCII,
)
"""MS-GPREG 3.2.5.1.2; `**DelVals` without the dot: learn.microsoft.com, Registry Policy File Format."""


DEL_VALS_NAME = "**delvals."
"""Under this name `effective` tells that a key's values are deleted; no value can have it."""


class Special(Enum):
    """What an entry does instead of setting its value (MS-GPREG 3.2.5.1.2)."""

    DEL_VALUE = "del"
    """`**Del.NAME` deletes the value NAME."""
    DEL_VALS = "delvals"
    """`**DelVals.` deletes all values of the key."""
    DELETE_VALUES = "deletevalues"
    """`**DeleteValues` deletes the values that its data names, with `;` between them."""
    DELETE_KEYS = "deletekeys"
    """`**DeleteKeys` deletes the subkeys that its data names, with `;` between them."""
    SECURE_KEY = "securekey"
    """`**SecureKey` sets the key's permissions."""
    SOFT = "soft"
    """`**soft.NAME` sets the value NAME where there is none."""


@dataclass(frozen=True)
class PolicyEntry:
    """One instruction.

    Args:
        key: The key below the hive; HKEY_LOCAL_MACHINE for the Machine folder's file.
        value_name: The value's name or a special's; empty for the key's default value.
        type: The registry type, for instance 4 for REG_DWORD.
        data: The data as it lies in the file, of a text its NUL included.
    """

    key: str
    value_name: str
    type: int
    data: bytes

    @classmethod
    def dword(cls, key: str, name: str, number: int) -> PolicyEntry:
        """An entry that sets a REG_DWORD."""
        return cls(key, name, REG_DWORD, number.to_bytes(4, "little"))

    @classmethod
    def string(cls, key: str, name: str, text: str) -> PolicyEntry:
        """An entry that sets a REG_SZ."""
        return cls(key, name, REG_SZ, f"{text}\0".encode(CODEC, "surrogatepass"))

    @classmethod
    def delete_value(cls, key: str, name: str) -> PolicyEntry:
        """An entry that deletes one value, spelt as the Group Policy editor does."""
        return cls.string(key, f"**del.{name}", " ")

    @classmethod
    def delete_values(cls, key: str) -> PolicyEntry:
        """An entry that deletes all values of the key; it stands before the values of a list."""
        return cls.string(key, "**delvals.", " ")

    @property
    def special(self) -> Special | None:
        """What the entry does instead of setting its value; None when it sets it."""
        match = _SPECIAL.match(self.value_name)
        return Special(match.lastgroup) if match else None

    @property
    def creates_key(self) -> bool:
        """Whether the entry creates its key and sets nothing."""
        return not self.value_name and self.type == REG_NONE and not self.data

    @property
    def plain_name(self) -> str | None:
        """The name of the one value concerned; None when the entry is about a whole key or a list of names."""
        if self.creates_key:
            return None
        match = _SPECIAL.match(self.value_name)
        if match is None:
            return self.value_name
        return self.value_name[match.end() :] if match.lastgroup in ("del", "soft") else None

    @property
    def number(self) -> int | None:
        """The number, of a REG_DWORD (either byte order) or REG_QWORD of the right size; else None."""
        size, order = _NUMBERS.get(self.type, (-1, "little"))
        return int.from_bytes(self.data, "big" if order == "big" else "little") if len(self.data) == size else None

    @property
    def text(self) -> str | None:
        """The text up to its NUL, of a REG_SZ or REG_EXPAND_SZ; None of another type or an odd size."""
        if self.type not in (REG_SZ, REG_EXPAND_SZ) or len(self.data) % 2:
            return None
        return self.data.decode(CODEC, "surrogatepass").partition("\0")[0]

    @property
    def texts(self) -> list[str] | None:
        """The texts of a REG_MULTI_SZ; None of another type or an odd size."""
        if self.type != REG_MULTI_SZ or len(self.data) % 2:
            return None
        found = self.data.decode(CODEC, "surrogatepass").split("\0")
        return [item for item in found if item]

    @property
    def raw(self) -> bytes:
        """The entry's bytes in a file."""
        head = f"[{self.key}\0;{self.value_name}\0;".encode(CODEC, "surrogatepass")
        type_, size = self.type.to_bytes(4, "little"), len(self.data).to_bytes(4, "little")
        return b"".join((head, type_, b";\0", size, b";\0", self.data, b"]\0"))

    def is_for(self, key: str, value_name: str) -> bool:
        """Whether this is about that one value: sets it, deletes it (`**del.`) or sets it softly (`**soft.`)."""
        name = self.plain_name
        return name is not None and name.lower() == value_name.lower() and self.is_in(key)

    def is_in(self, key: str) -> bool:
        """Whether this is about that key itself or its values; keys below it are others."""
        return folded_key(self.key) == folded_key(key)


def folded_key(key: str) -> str:
    """A key as one compares it: Windows ignores case and an outer backslash."""
    return key.strip("\\").lower()


def names_in(entry: PolicyEntry) -> list[str]:
    """The names in the data of `**DeleteValues` or `**DeleteKeys`."""
    return [name for name in (entry.text or "").split(";") if name]


def slot_of(entry: PolicyEntry) -> tuple[Special | None, str | None]:
    """What of its key an entry is about, in whatever spelling."""
    name = entry.plain_name
    return entry.special, None if name is None else name.lower()


def same_meaning(one: PolicyEntry, other: PolicyEntry) -> bool:
    """Whether two entries do the same; the data of a deletion means nothing (MS-GPREG 3.2.5.1.2)."""
    if slot_of(one) != slot_of(other) or not one.is_in(other.key):
        return False
    ignored = one.special in (Special.DEL_VALUE, Special.DEL_VALS)
    return ignored or (one.type, one.data) == (other.type, other.data)
