# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""reg.exe add and reg.exe delete (learn.microsoft.com `reg add`, `reg delete`): 0 for success, 1 for failure.

Without /f both ask before they overwrite or delete something, and nobody answers here.
"""

from __future__ import annotations

import re

from ..registry import (
    REG_BINARY,
    REG_DWORD,
    REG_DWORD_BIG_ENDIAN,
    REG_EXPAND_SZ,
    REG_MULTI_SZ,
    REG_NONE,
    REG_QWORD,
    REG_SZ,
    Data,
    Key,
    RegistryError,
)
from .cmd import Context

_DONE = {
    "en-US": "The operation completed successfully.\r\n",
    "de-DE": "Der Vorgang wurde erfolgreich beendet.\r\n",
}
_ABSENT = {
    "en-US": "ERROR: The system was unable to find the specified registry key or value.\r\n",
    "de-DE": "FEHLER: Der angegebene Registrierungsschlüssel bzw. Wert wurde nicht gefunden.\r\n",
}
_DENIED = {"en-US": "ERROR: Access is denied.\r\n", "de-DE": "FEHLER: Zugriff verweigert\r\n"}
_SYNTAX = {
    "en-US": 'ERROR: Invalid syntax.\r\nType "REG {} /?" for usage.\r\n',
    "de-DE": 'FEHLER: Ungültige Syntax.\r\nGeben Sie "REG {} /?" ein, um die Syntax anzuzeigen.\r\n',
}
_KINDS = {
    "REG_SZ": REG_SZ,
    "REG_MULTI_SZ": REG_MULTI_SZ,
    "REG_EXPAND_SZ": REG_EXPAND_SZ,
    "REG_DWORD": REG_DWORD,
    "REG_DWORD_LITTLE_ENDIAN": REG_DWORD,
    "REG_DWORD_BIG_ENDIAN": REG_DWORD_BIG_ENDIAN,
    "REG_QWORD": REG_QWORD,
    "REG_BINARY": REG_BINARY,
    "REG_NONE": REG_NONE,
}
_BITS = {REG_DWORD: 32, REG_DWORD_BIG_ENDIAN: 32, REG_QWORD: 64}
_NUMBER = re.compile(r"0[xX][0-9A-Fa-f]+|[0-9]+")


class _Syntax(Exception):
    """The command line means nothing."""


def _flags(words: list[str], with_value: tuple[str, ...], alone: tuple[str, ...]) -> dict[str, str]:
    """Options by name; each at most once."""
    found: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        name = word.lower()
        if name in found or name not in (*with_value, *alone):
            raise _Syntax
        if name in with_value:
            value = next(rest, None)
            if value is None:
                raise _Syntax
            found[name] = value
        else:
            found[name] = ""
    return found


def data_of(kind: int, text: str, separator: str) -> Data:
    """What /d means for a type.

    Raises:
        _Syntax: Nothing.
    """
    if kind in _BITS:
        number = int(text, 16 if text[:2].lower() == "0x" else 10) if _NUMBER.fullmatch(text) else -1
        if not 0 <= number < 1 << _BITS[kind]:
            raise _Syntax
        return number
    if kind in (REG_BINARY, REG_NONE):
        if not re.fullmatch("(?:[0-9A-Fa-f]{2})*", text):
            raise _Syntax
        return bytes.fromhex(text)
    return text.split(separator) if kind == REG_MULTI_SZ else text


def _refused(context: Context, error: RegistryError) -> int:
    texts = _DENIED if error.code == 5 else _ABSENT
    context.err(texts[context.host.language])
    return 1


async def add(words: list[str], context: Context) -> int:
    """`reg add KEY [/v NAME | /ve] [/t TYPE] [/s SEPARATOR] [/d DATA] [/f]`."""
    language = context.host.language
    try:
        if len(words) < 2:
            raise _Syntax
        flags = _flags(words[2:], ("/v", "/t", "/s", "/d"), ("/ve", "/f"))
        kind = _KINDS.get(flags.get("/t", "REG_SZ").upper())
        if ("/v" in flags and "/ve" in flags) or kind is None or len(flags.get("/s", "0")) != 1:
            raise _Syntax
        named = "/v" in flags or "/ve" in flags
        if not named and {"/t", "/d", "/s"} & set(flags):
            raise _Syntax
        data = data_of(kind, flags.get("/d", "" if kind not in _BITS else "0"), flags.get("/s", "\\0"))
    except _Syntax:
        context.err(_SYNTAX[language].format("ADD"))
        return 1
    registry, path, name = context.host.registry, words[1].strip("\\"), flags.get("/v", "")
    try:
        registry.create_key(path, context.caller)
        key = registry.find(path, context.caller)
        if named and key is not None:
            if key.value(name) is not None and "/f" not in flags:
                return 1  # it asks, and nobody answers
            registry.set_value(path, name, kind, data, context.caller)
    except RegistryError as error:
        return _refused(context, error)
    context.out(_DONE[language])
    return 0


async def delete(words: list[str], context: Context) -> int:
    """`reg delete KEY [/v NAME | /ve | /va] [/f]`; a key goes with everything below it."""
    language = context.host.language
    try:
        if len(words) < 2:
            raise _Syntax
        flags = _flags(words[2:], ("/v",), ("/ve", "/va", "/f"))
        if len({"/v", "/ve", "/va"} & set(flags)) > 1:
            raise _Syntax
    except _Syntax:
        context.err(_SYNTAX[language].format("DELETE"))
        return 1
    registry, path = context.host.registry, words[1].strip("\\")
    try:
        key = registry.find(path, context.caller)
        if key is None:
            raise RegistryError(2)
        if "/f" not in flags:
            return 1
        if "/v" in flags or "/ve" in flags:
            registry.delete_value(path, flags.get("/v", ""), context.caller)
        elif "/va" in flags:
            for value in key.values:
                registry.delete_value(path, value.name, context.caller)
        else:
            _delete_tree(context, key, path)
    except RegistryError as error:
        return _refused(context, error)
    context.out(_DONE[language])
    return 0


def _delete_tree(context: Context, key: Key, path: str) -> None:
    for child in key.keys:
        _delete_tree(context, child, f"{path}\\{child.name}")
    context.host.registry.delete_key(path, context.caller)
