# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What `reg.exe query KEY /s` prints: keys at the start of a line, their values indented by four blanks.

Key paths and type names are the same in every language; the display name of a key's default value is
not (`(Default)`, `(Standard)`). A text value may contain line breaks: what follows one is taken for the
rest of that value unless it looks like a key or a value itself, so texts that others may write are no
safe basis for decisions. The keys this collection asks for are writable for administrators alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .._errors import FormatError

MAX_CHARACTERS = 8 * 1024 * 1024
"""Far more than all policy keys of a host have."""

_KEY = re.compile(r"HKEY_[A-Z_]+(?:\\.*)?")
_VALUE = re.compile(r" {4}(.*?) {4}(REG_[A-Z_]+)(?: {4}(.*)| *)")
_NUMBERS = {"REG_DWORD": 32, "REG_QWORD": 64, "REG_DWORD_LITTLE_ENDIAN": 32, "REG_DWORD_BIG_ENDIAN": 32}
"""Types that reg.exe prints as one hexadecimal number, and their bits."""
_TEXTS = ("REG_SZ", "REG_EXPAND_SZ")
_HEX = re.compile("0x([0-9A-Fa-f]{1,16})")


@dataclass(frozen=True)
class RegValue:
    """One registry value.

    Args:
        kind: `REG_SZ`, `REG_DWORD` and so on.
        data: A number for the number types, otherwise what reg.exe printed (binary as hexadecimal digits,
            the strings of a REG_MULTI_SZ with a literal backslash and zero between them).
    """

    kind: str
    data: str | int


RegTree = dict[str, dict[str, RegValue]]


def _value(kind: str, lines: list[str]) -> RegValue:
    bits = _NUMBERS.get(kind)
    if bits is None:
        # Blank lines at the end stand between two keys.
        return RegValue(kind, "\n".join(lines).rstrip("\n") if kind in _TEXTS else lines[0])
    number = _HEX.fullmatch(lines[0].strip())
    if number is None or int(number[1], 16) >= 1 << bits:
        raise FormatError(f"reg printed a {kind} value that is no number.")
    return RegValue(kind, int(number[1], 16))


def parse_reg_query(text: str) -> RegTree:
    """Parse the output of `reg.exe query`, with or without `/s`.

    Args:
        text: Its standard output. Empty when the key is not there (reg.exe says so on standard error).

    Returns:
        Values by name by full key path, both spelled as printed; the registry itself ignores case, see
        `find_value`. Keys without values are there too.

    Raises:
        FormatError: A number that is none, a value outside any key, or far too much.
    """
    if len(text) > MAX_CHARACTERS:
        raise FormatError(f"reg printed more than {MAX_CHARACTERS} characters; it was not read.")
    raw: dict[str, dict[str, tuple[str, list[str]]]] = {}
    values: dict[str, tuple[str, list[str]]] | None = None
    lines: list[str] = []  # of the value at hand
    for line in (item.rstrip("\r") for item in text.lstrip("\ufeff").split("\n")):
        if _KEY.fullmatch(line):
            values, lines = raw.setdefault(line.rstrip("\\"), {}), []
        elif match := _VALUE.fullmatch(line):
            if values is None:
                raise FormatError("reg printed a value before any key.")
            lines = [match[3] or ""]
            values[match[1]] = (match[2], lines)
        elif lines:
            lines.append(line)
    return {key: {name: _value(kind, lines) for name, (kind, lines) in found.items()} for key, found in raw.items()}


def find_value(tree: RegTree, key: str, name: str) -> RegValue | None:
    """One value, key and name compared as the registry does, without case."""
    wanted_key, wanted_name = key.casefold().rstrip("\\"), name.casefold()
    for path, values in tree.items():
        if path.casefold() == wanted_key:
            for found, value in values.items():
                if found.casefold() == wanted_name:
                    return value
    return None
