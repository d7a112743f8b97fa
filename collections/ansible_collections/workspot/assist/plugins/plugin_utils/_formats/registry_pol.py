# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Registry.pol, the file in which a Group Policy object keeps its registry settings (MS-GPREG 2.2.1).

The file is walked by its lengths and NULs, never split at `[`, `;` or `]`, all of which names and data may hold.
An entry's four fields decide its bytes wholly, so every file that is read at all is written back to the byte,
and an entry that nobody touches keeps its bytes.

Beyond the grammar of MS-GPREG 2.2.1 three things are read, because valid files have them: characters outside
ASCII (a helper's name), an empty value name (a key's default value), and the type REG_NONE with an empty name and
without data, which creates the key alone (learn.microsoft.com, Registry Policy File Format: "only the registry key
is created"; "CREATEKEY" of Microsoft's LGPO.exe).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from .._errors import InvalidOption, RegistryPolMalformed
from .registry_pol_entry import (
    CODEC,
    CONTROL,
    DEL_VALS_NAME,
    LARGEST,
    LONGEST_NAME,
    REG_NONE,
    TYPES,
    PolicyEntry,
    Special,
    folded_key,
    names_in,
    same_meaning,
    slot_of,
)

__all__ = [
    "DEL_VALS_NAME",
    "Effect",
    "PolicyEntry",
    "RegistryPol",
    "Special",
    "build_registry_pol",
    "effective",
    "folded_key",
    "parse_registry_pol",
    "replaced",
    "replaced_list",
]

HEADER = b"PReg\x01\x00\x00\x00"
"""Signature, and version 1 (MS-GPREG 2.2.1)."""


@dataclass(frozen=True)
class RegistryPol:
    """A Registry.pol: its entries in the order in which Windows processes them."""

    entries: tuple[PolicyEntry, ...]


class _Reader:
    """Walks over the bytes once; every length comes from the file and is checked against it."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.place = len(HEADER)

    def sign(self, sign: bytes, where: str) -> None:
        """One delimiter, a UTF-16 character."""
        if self.data[self.place : self.place + 2] != sign + b"\0":
            raise RegistryPolMalformed(f"{sign.decode()!r} {where}", offset=self.place)
        self.place += 2

    def text(self, what: str, longest: int | None = None) -> str:
        """Characters up to a NUL that stands at an even distance."""
        start = self.place
        end = self.data.find(b"\0\0", start)
        while end >= 0 and (end - start) % 2:
            end = self.data.find(b"\0\0", end + 1)
        if end < 0:
            raise RegistryPolMalformed(f"{what} that ends with a NUL", offset=start)
        if longest is not None and end - start > 2 * longest:
            raise RegistryPolMalformed(f"{what} of at most {longest} characters", offset=start)
        text = self.data[start:end].decode(CODEC, "surrogatepass")
        control = CONTROL.search(text)
        if control:
            before = text[: control.start()].encode(CODEC, "surrogatepass")
            raise RegistryPolMalformed(f"{what} without control characters", offset=start + len(before))
        self.place = end + 2
        return text

    def number(self, what: str) -> int:
        """32 bits, little-endian."""
        return int.from_bytes(self.take(4, what), "little")

    def take(self, size: int, what: str) -> bytes:
        """So many bytes."""
        if len(self.data) - self.place < size:
            raise RegistryPolMalformed(f"{what} of {size} bytes, and the file ends", offset=self.place)
        self.place += size
        return self.data[self.place - size : self.place]


def _read_entry(reader: _Reader) -> PolicyEntry:
    reader.sign(b"[", "before an entry")
    start = reader.place
    key = reader.text("a key")
    if not key.strip("\\"):
        raise RegistryPolMalformed("the name of a key", offset=start)
    reader.sign(b";", "after the key")
    name = reader.text("a value name", LONGEST_NAME)
    reader.sign(b";", "after the value name")
    kind = reader.number("a type")
    if kind not in TYPES and (name or kind != REG_NONE):
        raise RegistryPolMalformed(f"a registry type, not {kind}", offset=reader.place - 4)
    reader.sign(b";", "after the type")
    size = reader.number("a size")
    largest = LARGEST if kind in TYPES else 0
    if size > largest:
        raise RegistryPolMalformed(f"a size of at most {largest}, not {size}", offset=reader.place - 4)
    reader.sign(b";", "after the size")
    data = reader.take(size, "data")
    reader.sign(b"]", "after the data")
    return PolicyEntry(key, name, kind, data)


def parse_registry_pol(data: bytes) -> RegistryPol:
    """Read a Registry.pol.

    Args:
        data: The whole file; its size is the caller's to cap. Just the header is a file without settings; no bytes
            at all are no Registry.pol, and what an empty file means is the caller's to say.

    Raises:
        RegistryPolMalformed: The first byte that does not fit, and what was expected there.
    """
    for place, byte in enumerate(HEADER):
        if data[place : place + 1] != bytes((byte,)):
            what = "the signature PReg" if place < 4 else "version 1"
            raise RegistryPolMalformed(f"{what}", offset=place)
    reader, entries = _Reader(data), list[PolicyEntry]()
    while reader.place < len(data):
        entries.append(_read_entry(reader))
    return RegistryPol(tuple(entries))


def build_registry_pol(pol: RegistryPol) -> bytes:
    """The file's bytes; what was read comes back to the byte.

    Raises:
        InvalidOption: An entry that the format can not hold; no such file would be read again.
    """
    return b"".join((HEADER, *(_built(entry) for entry in pol.entries)))


def _built(entry: PolicyEntry) -> bytes:
    reason = None
    if not entry.key.strip("\\") or CONTROL.search(entry.key):
        reason = "its key is empty or has control characters"
    elif CONTROL.search(entry.value_name) or len(entry.value_name.encode(CODEC, "surrogatepass")) > 2 * LONGEST_NAME:
        reason = f"its name is longer than {LONGEST_NAME} characters or has control characters"
    elif len(entry.data) > LARGEST or not (entry.type in TYPES or entry.creates_key):
        reason = f"its data has more than {LARGEST} bytes or an unknown type"
    if reason:
        raise InvalidOption(f"Registry.pol can not hold the value {entry.value_name[:60]!r}: {reason}.")
    return entry.raw


@dataclass(frozen=True)
class Effect:
    """What a file leaves of one value.

    Args:
        kind: `set` or `delete`.
        entry: The entry that decides it.
    """

    kind: Literal["set", "delete"]
    entry: PolicyEntry


@dataclass
class _Tree:
    """Keys with values as the registry nests them; built only for files that delete keys."""

    path: str | None = None
    subkeys: dict[str, _Tree] = field(default_factory=dict)

    def add(self, path: str) -> None:
        """Note a key that has values."""
        key = self
        for part in path.split("\\"):
            key = key.subkeys.setdefault(part, _Tree())
        key.path = path

    def find(self, path: str) -> _Tree | None:
        """The key at a path."""
        key: _Tree | None = self
        for part in path.split("\\"):
            key = key.subkeys.get(part) if key else None
        return key

    def take(self, subkey: str) -> Iterator[str]:
        """The paths with values at and below a subkey; they are forgotten, so that each is met once."""
        above, _separator, last = subkey.rpartition("\\")
        parent = self.find(above) if above else self
        waiting = [parent.subkeys.pop(last)] if parent and last in parent.subkeys else []
        while waiting:
            key = waiting.pop()
            if key.path is not None:
                yield key.path
            waiting.extend(key.subkeys.values())


class _Processing:
    """The entries in their order, as the Registry client-side extension goes through them (MS-GPREG 3.2.5.1.2).

    What a deletion hits is forgotten with it, so that the whole file costs linear time.
    """

    def __init__(self, entries: Iterable[PolicyEntry]) -> None:
        self.effects: dict[tuple[str, str], Effect] = {}
        self._paths: dict[str, str] = {}  # one object per path: comparing a path with itself costs nothing
        self._set_now: dict[str, set[str]] = {}
        self._tree = _Tree() if any(entry.special is Special.DELETE_KEYS for entry in entries) else None

    def process(self, entry: PolicyEntry) -> None:
        """Go on by one entry."""
        special, name = entry.special, entry.plain_name
        path = folded_key(entry.key)
        path = self._paths.setdefault(path, path)
        if special is Special.DELETE_KEYS:
            self._delete_keys(path, entry)
        elif special is Special.DEL_VALS:
            self._clear(path, entry)
            self.effects[path, DEL_VALS_NAME] = Effect("delete", entry)
        elif special in (Special.DEL_VALUE, Special.DELETE_VALUES):
            for deleted in names_in(entry) if name is None else [name]:
                self._set_now.get(path, set()).discard(deleted.lower())
                self.effects[path, deleted.lower()] = Effect("delete", entry)
        elif name is not None:
            self._set(path, name.lower(), entry)

    def _set(self, path: str, name: str, entry: PolicyEntry) -> None:
        names = self._set_now.setdefault(path, set())
        if entry.special is Special.SOFT and name in names:
            return
        names.add(name)
        self.effects[path, name] = Effect("set", entry)
        if self._tree:
            self._tree.add(path)

    def _delete_keys(self, path: str, entry: PolicyEntry) -> None:
        key = self._tree.find(path) if self._tree else None
        if key is None:
            return
        for subkey in names_in(entry):
            for below in key.take(folded_key(subkey)):
                self._clear(below, entry)

    def _clear(self, path: str, entry: PolicyEntry) -> None:
        for name in self._set_now.pop(path, ()):
            self.effects[path, name] = Effect("delete", entry)


def effective(pol: RegistryPol) -> dict[tuple[str, str], Effect]:
    """What processing the file in order leaves, by lower-case key and lower-case value name.

    A value that the file does not name is not in here, whatever `**DelVals.` or `**DeleteKeys` does to it; a key
    that `**DelVals.` empties has an entry of the name `DEL_VALS_NAME`. A value set softly counts as set.
    """
    processing = _Processing(pol.entries)
    for entry in pol.entries:
        processing.process(entry)
    return processing.effects


def replaced(pol: RegistryPol, key: str, value_name: str, entries: Sequence[PolicyEntry]) -> RegistryPol:
    """The file with these entries for one value, and everything else as it was, to the byte and in its order.

    They take the place of the first entry there was for that value, else they follow the last entry of that key,
    else they stand where the key stands in the order of the registry's tree, as the Group Policy editor writes it.
    They move further down only when an entry that deletes the whole key would come after them. An entry that
    means the same already stays as it is spelt. The value's name is taken out of any `**DeleteValues`.

    Args:
        pol: The file as it is.
        key: The key.
        value_name: The value's plain name.
        entries: What there is to be for that value; none at all for a value that the file leaves alone.
    """

    def remaining(entry: PolicyEntry) -> PolicyEntry | None:
        return None if entry.is_for(key, value_name) else _without_name(entry, key, value_name)

    return _exchanged(pol, key, entries, remaining)


def replaced_list(pol: RegistryPol, key: str, entries: Sequence[PolicyEntry]) -> RegistryPol:
    """The file with these entries for all values of a key, placed and spelt as `replaced` does it.

    Entries about the key itself and its subkeys (`**SecureKey`, `**DeleteKeys`, the creation of the key) stay.

    Args:
        pol: The file as it is.
        key: The key, whose values are a list.
        entries: All there is to be, in order: `PolicyEntry.delete_values(key)`, then the values. None at all for
            a list that the file leaves alone.
    """

    def remaining(entry: PolicyEntry) -> PolicyEntry | None:
        about_key = entry.special in (Special.SECURE_KEY, Special.DELETE_KEYS) or entry.creates_key
        return entry if about_key or not entry.is_in(key) else None

    return _exchanged(pol, key, entries, remaining)


def _exchanged(
    pol: RegistryPol,
    key: str,
    entries: Sequence[PolicyEntry],
    remaining: Callable[[PolicyEntry], PolicyEntry | None],
) -> RegistryPol:
    kept, gone = list[PolicyEntry](), list[PolicyEntry]()
    place = None
    for entry in pol.entries:
        rest = remaining(entry)
        if rest is not None:
            kept.append(rest)
            continue
        gone.append(entry)
        place = len(kept) if place is None else place
    if entries:
        place = max(_place(kept, key) if place is None else place, _after_deletions(kept, key, entries))
        kept[place:place] = _spelt_as_before(entries, gone)
    return RegistryPol(tuple(kept))


def _spelt_as_before(entries: Sequence[PolicyEntry], gone: list[PolicyEntry]) -> list[PolicyEntry]:
    before = {slot_of(entry): entry for entry in reversed(gone)}
    old = [before.get(slot_of(entry), entry) for entry in entries]
    return [one if same_meaning(one, other) else other for one, other in zip(old, entries, strict=True)]


def _place(entries: list[PolicyEntry], key: str) -> int:
    for place in range(len(entries), 0, -1):
        if entries[place - 1].is_in(key):
            return place
    # The editor writes the tree of its own hive key by key, and the registry enumerates subkeys by their upper-case
    # names. Between keys that do not delete each other the order means nothing.
    wanted = _tree_order(key)
    return next((place for place, entry in enumerate(entries) if _tree_order(entry.key) > wanted), len(entries))


def _tree_order(key: str) -> list[str]:
    return key.strip("\\").upper().split("\\")


def _after_deletions(kept: list[PolicyEntry], key: str, entries: Sequence[PolicyEntry]) -> int:
    """The first place after every entry that would delete what these entries set."""
    if all(entry.special in (Special.DEL_VALUE, Special.DEL_VALS) for entry in entries):
        return 0
    places = (place + 1 for place, entry in enumerate(kept) if _deletes_values_of(entry, key))
    return max(places, default=0)


def _deletes_values_of(entry: PolicyEntry, key: str) -> bool:
    """Whether an entry deletes all values of a key, with the key or by itself."""
    if entry.special is Special.DEL_VALS:
        return entry.is_in(key)
    above, wanted = folded_key(entry.key) + "\\", folded_key(key) + "\\"
    if entry.special is not Special.DELETE_KEYS or not wanted.startswith(above):
        return False
    return any(wanted.startswith(f"{above}{folded_key(name)}\\") for name in names_in(entry))


def _without_name(entry: PolicyEntry, key: str, value_name: str) -> PolicyEntry | None:
    """An entry as it is, or a `**DeleteValues` of that key with one name less."""
    if entry.special is not Special.DELETE_VALUES or not entry.is_in(key):
        return entry
    names = names_in(entry)
    left = [name for name in names if name.lower() != value_name.lower()]
    if len(left) == len(names):
        return entry
    return PolicyEntry.string(entry.key, entry.value_name, ";".join(left)) if left else None
