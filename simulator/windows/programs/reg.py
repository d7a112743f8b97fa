# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""reg.exe query. Its layout is four blanks between columns, the same in every language."""

from __future__ import annotations

from collections.abc import Iterator

from ..registry import LONG_NAMES, TYPE_NAMES, Key, RegistryError, Value
from .cmd import Context

_ABSENT = {
    "en-US": "ERROR: The system was unable to find the specified registry key or value.\r\n",
    "de-DE": "FEHLER: Der angegebene Registrierungsschlüssel bzw. Wert wurde nicht gefunden.\r\n",
}


def _data(value: Value) -> str:
    if isinstance(value.data, int):
        return f"0x{value.data:x}"
    if isinstance(value.data, bytes):
        return value.data.hex().upper()
    return "\\0".join(value.data) if isinstance(value.data, list) else value.data


def _lines(key: Key, path: str, recurse: bool) -> Iterator[str]:
    if key.values or not recurse:
        yield path
        for value in key.values:
            kind = TYPE_NAMES.get(value.kind, "REG_NONE")
            yield f"    {value.name or '(Default)'}    {kind}    {_data(value)}"
        yield ""
    for child in key.keys:
        if recurse:
            yield from _lines(child, f"{path}\\{child.name}", recurse)
        else:
            yield f"{path}\\{child.name}"


async def reg(words: list[str], context: Context) -> int:
    """`reg query KEY [/s] [/v NAME]`; anything else is refused."""
    if len(words) < 2 or words[0].lower() != "query":
        context.err('ERROR: Invalid syntax.\r\nType "REG /?" for usage.\r\n')
        return 1
    path = words[1].replace('"', "")
    try:
        key = context.host.registry.find(path, context.caller)
    except RegistryError:
        key = None
    if key is None:
        context.err(_ABSENT[context.host.language])
        return 1
    root, _, rest = path.partition("\\")
    long = LONG_NAMES.get(root.upper(), root.upper()) + (f"\\{rest}" if rest else "")
    options = [word.lower() for word in words[2:]]
    if "/v" in options:
        value = key.value(words[2:][options.index("/v") + 1].replace('"', ""))
        if value is None:
            context.err(_ABSENT[context.host.language])
            return 1
        context.out(f"\r\n{long}\r\n    {value.name}    {TYPE_NAMES[value.kind]}    {_data(value)}\r\n\r\n")
        return 0
    context.out("\r\n" + "\r\n".join(_lines(key, long, "/s" in options)) + "\r\n")
    return 0
