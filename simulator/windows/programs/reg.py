# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""reg.exe; its query is here. The layout is four blanks between columns, the same in every language.

Layout: learn.microsoft.com `reg query` and public listings. unverified: the order of subkeys and values
(`reg_output_order`), and whether /s prints keys that have no values (`reg_prints_empty_keys`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from ..registry import LONG_NAMES, TYPE_NAMES, Key, RegistryError, Value
from . import reg_write
from .cmd import Context

_ABSENT = {
    "en-US": "ERROR: The system was unable to find the specified registry key or value.\r\n",
    "de-DE": "FEHLER: Der angegebene Registrierungsschlüssel bzw. Wert wurde nicht gefunden.\r\n",
}
_SYNTAX = {
    "en-US": 'ERROR: Invalid syntax.\r\nType "REG QUERY /?" for usage.\r\n',
    "de-DE": 'FEHLER: Ungültige Syntax.\r\nGeben Sie "REG QUERY /?" ein, um die Syntax anzuzeigen.\r\n',
}
# learn.microsoft.com, reg query: "returns a 1 ... if there are no matches"; the German text is from memory
# (unverified), nothing may depend on it.
_END = {
    "en-US": "End of search: {} match(es) found.\r\n",
    "de-DE": "Ende der Suche: {} Übereinstimmung(en) gefunden.\r\n",
}
_DEFAULT = {"en-US": "(Default)", "de-DE": "(Standard)"}
T = TypeVar("T", Key, Value)


def _data(value: Value) -> str:
    if isinstance(value.data, int):
        return f"0x{value.data:x}"
    if isinstance(value.data, bytes):
        return value.data.hex().upper()
    return "\\0".join(value.data) if isinstance(value.data, list) else value.data


@dataclass(frozen=True)
class _Options:
    """What a `reg query` asks for; `text` is in lower case unless case counts."""

    recurse: bool = False
    only: str | None = None
    text: str | None = None
    keys: bool = True
    data: bool = True
    case: bool = False
    exact: bool = False

    def matches(self, text: str) -> bool:
        """Whether a key's name or a value's data is what is looked for."""
        wanted, found = self.text or "", text if self.case else text.lower()
        return wanted == found if self.exact else wanted in found


def _options(words: list[str]) -> _Options | None:
    """The options, or None for what is not understood."""
    flags: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        name = word.lower()
        if name not in ("/s", "/v", "/ve", "/f", "/k", "/d", "/c", "/e") or name in flags:
            return None
        flags[name] = next(rest, "\0") if name in ("/v", "/f") else ""
    refines = {"/k", "/d", "/c", "/e"} & set(flags)
    if "\0" in flags.values() or ("/v" in flags and "/ve" in flags) or (refines and "/f" not in flags):
        return None
    text = flags.get("/f")
    return _Options(
        recurse="/s" in flags,
        only="" if "/ve" in flags else flags["/v"].lower() if "/v" in flags else None,
        text=text if text is None or "/c" in flags else text.lower(),
        keys="/d" not in flags,
        data="/k" not in flags,
        case="/c" in flags,
        exact="/e" in flags,
    )


class _Printer:
    """Writes keys in one host's way."""

    def __init__(self, context: Context, options: _Options) -> None:
        self._language = context.host.language
        self._quirks: dict[str, Any] = context.host.quirks
        self._options = options
        self.matches = 0

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
        options = self._options
        values = [item for item in self._ordered(key.values) if options.only in (None, item.name.lower())]
        empty = options.recurse and options.only is None and self._quirks["reg_prints_empty_keys"]
        if values or empty or (not options.recurse and key.values):
            yield path
            yield from map(self.value, values)
            yield ""
        for child in self._ordered(key.keys):
            if options.recurse:
                yield from self.lines(child, f"{path}\\{child.name}")
            elif options.only is None:
                yield f"{path}\\{child.name}"

    def found(self, key: Key, path: str) -> Iterator[str]:
        """Of the same what /f looks for: keys by their names, values by their data."""
        options = self._options
        values = [
            item
            for item in self._ordered(key.values)
            if options.data and options.only in (None, item.name.lower()) and options.matches(_data(item))
        ]
        if values:
            self.matches += len(values)
            yield path
            yield from map(self.value, values)
            yield ""
        for child in self._ordered(key.keys):
            below = f"{path}\\{child.name}"
            if options.keys and options.matches(child.name):
                self.matches += 1
                yield below
            if options.recurse:
                yield from self.found(child, below)


async def reg(words: list[str], context: Context) -> int:
    """`reg query KEY [/s] [/v NAME | /ve] [/f TEXT [/k | /d] [/c] [/e]]`, add, delete; anything else is refused."""
    if words and words[0].lower() in ("add", "delete"):
        return await (reg_write.add if words[0].lower() == "add" else reg_write.delete)(words, context)
    options = _options(words[2:])
    if len(words) < 2 or words[0].lower() != "query" or options is None:
        context.err(_SYNTAX[context.host.language])
        return 1
    path = words[1]
    try:
        key = context.host.registry.find(path, context.caller)
    except RegistryError:
        key = None
    only, recurse = options.only, options.recurse
    if key is None or (only is not None and not recurse and options.text is None and key.value(only) is None):
        context.err(_ABSENT[context.host.language])
        return 1
    root, _, rest = path.strip("\\").partition("\\")
    long = LONG_NAMES.get(root.upper(), root.upper()) + (f"\\{rest}" if rest else "")
    printer = _Printer(context, options)
    lines = printer.lines if options.text is None else printer.found
    context.out("\r\n" + "".join(f"{line}\r\n" for line in lines(key, long)))
    if options.text is None:
        return 0
    context.out(_END[context.host.language].format(printer.matches))
    return 0 if printer.matches else 1
