# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""reg.exe query. Its layout is four blanks between columns, the same in every language.

Layout: learn.microsoft.com `reg query` and public listings. unverified: the order of subkeys and values
(`reg_output_order`), and whether /s prints keys that have no values (`reg_prints_empty_keys`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from ..registry import LONG_NAMES, TYPE_NAMES, Key, RegistryError, Value
from .cmd import Context

_ABSENT = {
    "en-US": "ERROR: The system was unable to find the specified registry key or value.\r\n",
    "de-DE": "FEHLER: Der angegebene Registrierungsschlüssel bzw. Wert wurde nicht gefunden.\r\n",
}
_SYNTAX = {
    "en-US": 'ERROR: Invalid syntax.\r\nType "REG QUERY /?" for usage.\r\n',
    "de-DE": 'FEHLER: Ungültige Syntax.\r\nGeben Sie "REG QUERY /?" ein, um die Syntax anzuzeigen.\r\n',
}
_DEFAULT = {"en-US": "(Default)", "de-DE": "(Standard)"}
T = TypeVar("T", Key, Value)


def _data(value: Value) -> str:
    if isinstance(value.data, int):
        return f"0x{value.data:x}"
    if isinstance(value.data, bytes):
        return value.data.hex().upper()
    return "\\0".join(value.data) if isinstance(value.data, list) else value.data


class _Printer:
    """Writes keys in one host's way."""

    def __init__(self, context: Context, *, recurse: bool, only: str | None) -> None:
        self._language = context.host.language
        self._quirks: dict[str, Any] = context.host.quirks
        self._recurse = recurse
        self._only = only

    def value(self, value: Value) -> str:
        """One value."""
        kind = TYPE_NAMES.get(value.kind, "REG_NONE")
        return f"    {value.name or _DEFAULT[self._language]}    {kind}    {_data(value)}"

    def _ordered(self, items: list[T]) -> list[T]:
        order = self._quirks["reg_output_order"]
        if order == "sorted":
            return sorted(items, key=lambda item: item.name.lower())
        return items[::-1] if order == "reverse" else items

    def lines(self, key: Key, path: str) -> Iterator[str]:
        """A key, its values, and what lies below it."""
        values = [item for item in self._ordered(key.values) if self._only in (None, item.name.lower())]
        empty = self._recurse and self._only is None and self._quirks["reg_prints_empty_keys"]
        if values or empty or (not self._recurse and key.values):
            yield path
            yield from map(self.value, values)
            yield ""
        for child in self._ordered(key.keys):
            if self._recurse:
                yield from self.lines(child, f"{path}\\{child.name}")
            elif self._only is None:
                yield f"{path}\\{child.name}"


async def reg(words: list[str], context: Context) -> int:
    """`reg query KEY [/s] [/v NAME | /ve]`; anything else is refused."""
    options = [word.lower() for word in words[2:]]
    place = options.index("/v") + 1 if "/v" in options else 0
    if len(words) < 2 or words[0].lower() != "query" or set(options) - {"/s", "/v", "/ve", *options[place:][:1]}:
        context.err(_SYNTAX[context.host.language])
        return 1
    path = words[1]
    try:
        key = context.host.registry.find(path, context.caller)
    except RegistryError:
        key = None
    only = "" if "/ve" in options else options[place] if place and place < len(options) else None
    recurse = "/s" in options
    if key is None or (only is not None and not recurse and key.value(only) is None):
        context.err(_ABSENT[context.host.language])
        return 1
    root, _, rest = path.strip("\\").partition("\\")
    long = LONG_NAMES.get(root.upper(), root.upper()) + (f"\\{rest}" if rest else "")
    printer = _Printer(context, recurse=recurse, only=only)
    context.out("\r\n" + "".join(f"{line}\r\n" for line in printer.lines(key, long)))
    return 0
