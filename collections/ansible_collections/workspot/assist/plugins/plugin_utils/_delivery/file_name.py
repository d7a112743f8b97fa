# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""File names from a template: what users and hosts are called is as hostile as anything that comes from elsewhere."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from .._errors import InvalidOption

SUFFIX = ".msrcincident"
DEFAULT = "{epoch}" + SUFFIX
PLACEHOLDERS = ("user", "host", "expires", "session_id", "epoch")
ATTEMPTS = 20
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_BETWEEN = " -_.,()@+=#~"
"""Signs that Windows, every share and every address take in a file's name."""
_LONGEST_VALUE = 40
_LONGEST_NAME = 180
"""Bytes of UTF-8; file systems take 255, and a number may follow."""
_RESERVED = re.compile(r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³])(?:\..*)?", re.IGNORECASE)


def check_template(template: str) -> None:
    """Refuse a template that gives no good file name.

    Raises:
        InvalidOption: An unknown placeholder, or a sign that is no part of a name.
    """
    unknown = sorted(set(_PLACEHOLDER.findall(template)) - set(PLACEHOLDERS))
    if unknown:
        raise InvalidOption(
            f"file_name has the unknown placeholder {{{unknown[0]}}}.",
            hint="It knows " + ", ".join(f"{{{name}}}" for name in PLACEHOLDERS) + ".",
        )
    rest = _PLACEHOLDER.sub("", template)
    if any(not char.isalnum() and char not in _BETWEEN for char in rest):
        raise InvalidOption(
            "file_name has a sign that does not belong into the name of a file.",
            hint=f"Letters, digits and {_BETWEEN.strip()} are fine; a folder belongs into directory, share or url.",
        )
    if not template.removesuffix(SUFFIX).strip(" ."):
        raise InvalidOption("file_name is empty.")
    if len(rest.encode("utf-8", "replace")) > _LONGEST_NAME // 2:
        raise InvalidOption("file_name is too long.")


def file_names(template: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """Names to try in this order: the next millisecond where the time is a part of it, otherwise a number at its end.

    Args:
        template: A checked template.
        values: The placeholders' values; ``epoch`` is a number of milliseconds.
    """
    if "{epoch}" in template:
        first = int(values["epoch"])
        each = [{**values, "epoch": f"{first + number:013d}"} for number in range(ATTEMPTS)]
        return tuple(_filled(template, item) + SUFFIX for item in each)
    stem = _filled(template, values)
    return (stem + SUFFIX, *(f"{stem}-{number}{SUFFIX}" for number in range(2, ATTEMPTS + 1)))


def password_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names for the password of a file that has one of these."""
    return tuple(name.removesuffix(SUFFIX) + ".password" for name in names)


def _filled(template: str, values: Mapping[str, str]) -> str:
    """The name without its suffix."""
    stem = template.removesuffix(SUFFIX)
    name = _PLACEHOLDER.sub(lambda found: harmless(values[found[1]]), stem).strip(" .")
    while len(name.encode()) > _LONGEST_NAME:
        name = name[:-1].rstrip(" .")
    # learn.microsoft.com "Naming Files, Paths, and Namespaces": a device, whatever follows after a dot.
    return f"_{name}" if _RESERVED.fullmatch(name) or not name else name


def harmless(value: str) -> str:
    """A text as a part of a file's name: letters, digits and three signs; no dot at either end, no device, no path."""
    plain = unicodedata.normalize("NFC", value)
    kept = "".join(char if char.isalnum() or char in "-_." else "_" for char in plain)
    return kept[:_LONGEST_VALUE].strip(".") or "_"
