# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The registry: hives, keys and values, with the write permissions that matter here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .accounts import Account

# Registry value types (learn.microsoft.com/windows/win32/sysinfo/registry-value-types)
REG_NONE, REG_SZ, REG_EXPAND_SZ, REG_BINARY, REG_DWORD, REG_MULTI_SZ, REG_QWORD = 0, 1, 2, 3, 4, 7, 11
REG_DWORD_BIG_ENDIAN = 5
TYPE_NAMES = {
    REG_NONE: "REG_NONE",
    REG_SZ: "REG_SZ",
    REG_EXPAND_SZ: "REG_EXPAND_SZ",
    REG_BINARY: "REG_BINARY",
    REG_DWORD: "REG_DWORD",
    REG_DWORD_BIG_ENDIAN: "REG_DWORD_BIG_ENDIAN",
    REG_MULTI_SZ: "REG_MULTI_SZ",
    REG_QWORD: "REG_QWORD",
}
Data = str | int | bytes | list[str]
_GUESSED = ((str, REG_SZ), (int, REG_DWORD), (bytes, REG_BINARY), (list, REG_MULTI_SZ))

HIVES = {
    "HKEY_LOCAL_MACHINE": "HKLM",
    "HKEY_USERS": "HKU",
    "HKEY_CURRENT_USER": "HKCU",
    "HKEY_CLASSES_ROOT": "HKCR",
    "HKEY_CURRENT_CONFIG": "HKCC",
}
LONG_NAMES = {short: long for long, short in HIVES.items()}


class RegistryError(Exception):
    """A registry call failed with a Win32 error code (2 absent, 5 denied, 87 invalid)."""

    def __init__(self, code: int) -> None:
        super().__init__(f"Win32 error {code}")
        self.code = code


@dataclass(slots=True)
class Value:
    """A value as it was written: its name keeps its case."""

    name: str
    kind: int
    data: Data


class Key:
    """A key. Names are matched without case and kept as first written."""

    __slots__ = ("_keys", "_shared", "_values", "name", "volatile")

    def __init__(self, name: str) -> None:
        self.name = name
        self._shared = False
        self.volatile = False
        self._keys: dict[str, Key] = {}
        self._values: dict[str, Value] = {}

    def child(self, name: str) -> Key | None:
        """The subkey of this name."""
        return self._keys.get(name.lower())

    def make(self, name: str) -> Key:
        """The subkey of this name, made when it is not there."""
        return self._keys.setdefault(name.lower(), Key(name))

    def drop(self, name: str) -> None:
        """Remove a subkey with everything below it."""
        self._keys.pop(name.lower(), None)

    @property
    def keys(self) -> list[Key]:
        """Subkeys, in the order of their names as the kernel keeps them."""
        return [self._keys[name] for name in sorted(self._keys)]

    @property
    def values(self) -> list[Value]:
        """Values in the order they were made."""
        return list(self._values.values())

    def value(self, name: str) -> Value | None:
        """One value; the empty name is the key's default value."""
        return self._values.get(name.lower())

    def adopt(self, values: dict[str, Value]) -> None:
        """Take values by name in lower case that other keys hold too; the first change makes a copy of them."""
        self._values, self._shared = values, True

    def _own(self) -> None:
        if self._shared:
            self._values, self._shared = dict(self._values), False

    def set(self, name: str, kind: int, data: Data) -> None:
        """Write a value; a name already there keeps its place and its spelling."""
        self._own()
        old = self._values.get(name.lower())
        self._values[name.lower()] = Value(old.name if old else name, kind, data)

    def unset(self, name: str) -> bool:
        """Remove a value; False when it was not there."""
        self._own()
        return self._values.pop(name.lower(), None) is not None


class Registry:
    """All hives of a host. Paths are `HKLM\\SOFTWARE\\...`, without a leading or trailing backslash."""

    def __init__(
        self, wrote: Callable[[str], None] = lambda path: None, allow: Callable[[str], bool] = lambda path: True
    ) -> None:
        self._roots = {"HKLM": Key("HKEY_LOCAL_MACHINE"), "HKU": Key("HKEY_USERS")}
        self._wrote = wrote
        self._allow = allow

    def find(self, path: str, caller: Account | None = None) -> Key | None:
        """The key at a path, or None."""
        hive, parts = self._resolve(path, caller)
        key: Key | None = self._roots[hive]
        for part in parts:
            key = key.child(part) if key is not None else None
        return key

    def make(self, path: str, caller: Account | None = None) -> Key:
        """The key at a path, made with its parents when absent (set-up; checks no permission)."""
        hive, parts = self._resolve(path, caller)
        key = self._roots[hive]
        for part in parts:
            key = key.make(part)
        return key

    def put(self, path: str, name: str, data: Data, kind: int | None = None) -> None:
        """Write a value without asking for permission (set-up and Windows' own writes)."""
        guessed = next(code for type_, code in _GUESSED if isinstance(data, type_))
        self.make(path).set(name, guessed if kind is None else kind, data)

    def read(self, path: str, name: str) -> Data | None:
        """A value's data, or None when key or value is absent."""
        key = self.find(path)
        value = key.value(name) if key is not None else None
        return value.data if value is not None else None

    def drop(self, path: str) -> None:
        """Remove a key with its subkeys without asking for permission."""
        parent, _, name = path.rpartition("\\")
        key = self.find(parent)
        if key is not None:
            key.drop(name)

    # What a caller may do -------------------------------------------------------------------

    def create_key(self, path: str, caller: Account) -> None:
        """Make a key and its parents, as StdRegProv.CreateKey does."""
        self._check_write(path, caller)
        if self.find(path, caller) is None:
            self.make(path, caller)
            self._wrote(path)

    def delete_key(self, path: str, caller: Account) -> None:
        """Delete a key that has no subkeys.

        Raises:
            RegistryError: 2 absent, 5 it has subkeys or the caller may not
                (learn.microsoft.com RegDeleteKey: the subkey to be deleted must not have subkeys).
        """
        self._check_write(path, caller)
        key = self.find(path, caller)
        if key is None:
            raise RegistryError(2)
        if key.keys:
            raise RegistryError(5)
        parent, _, name = path.rpartition("\\")
        above = self.find(parent, caller)
        if above is None:
            raise RegistryError(87)
        above.drop(name)
        self._wrote(path)

    def set_value(self, path: str, name: str, kind: int, data: Data, caller: Account) -> None:
        """Write a value into a key that exists."""
        self._check_write(path, caller)
        key = self.find(path, caller)
        if key is None:
            raise RegistryError(2)
        key.set(name, kind, data)
        self._wrote(f"{path}\\\\{name}")

    def delete_value(self, path: str, name: str, caller: Account) -> None:
        """Delete a value."""
        self._check_write(path, caller)
        key = self.find(path, caller)
        if key is None or not key.unset(name):
            raise RegistryError(2)
        self._wrote(f"{path}\\\\{name}")

    def may_write(self, path: str, caller: Account) -> bool:
        """Administrators write everywhere but in SAM and SECURITY; others in their own hive."""
        hive, parts = self._resolve(path, caller)
        if caller.elevated:
            return not (hive == "HKLM" and parts and parts[0].upper() in ("SAM", "SECURITY"))
        own = hive == "HKU" and bool(parts) and parts[0].upper() == caller.sid.upper()
        return own and "\\policies" not in path.lower()

    def _check_write(self, path: str, caller: Account) -> None:
        if not self.may_write(path, caller) or not self._allow(path):
            raise RegistryError(5)

    def _resolve(self, path: str, caller: Account | None) -> tuple[str, list[str]]:
        """Root and parts of a path; HKCU is the caller's hive, HKCR the machine's classes."""
        root, *parts = [part for part in path.split("\\") if part] or [""]
        root = HIVES.get(root.upper(), root.upper())
        if root == "HKCU":
            return "HKU", [caller.sid if caller else ".DEFAULT", *parts]
        if root == "HKCR":
            return "HKLM", ["SOFTWARE", "Classes", *parts]
        if root == "HKCC":
            return "HKLM", ["SYSTEM", "CurrentControlSet", "Hardware Profiles", "Current", *parts]
        if root not in self._roots:
            raise RegistryError(87)
        return root, parts


def walk(key: Key, path: str) -> Iterator[tuple[str, Key]]:
    """A key and all below it with their full paths."""
    yield path, key
    for child in key.keys:
        yield from walk(child, f"{path}\\{child.name}")
