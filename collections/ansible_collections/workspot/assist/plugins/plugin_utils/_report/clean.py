# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text and values of hosts, made harmless: what a host, a GPO or an error says may be anything.

Markup is not escaped here, that is each output's own business. Here goes what no output can carry or what makes a
reader see something else: control characters, halves of surrogate pairs, noncharacters, and the characters that turn
the direction of the text around them (Unicode Standard Annex 9, section 2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

LONGEST_TEXT = 2000
"""Characters of one text; the longest that a module writes has some hundreds."""
MOST_ITEMS = 200
"""Items of one list; there are not so many settings."""
REPLACEMENT = "\ufffd"
_BLANKS = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029][ \t\n\v\f\r\x85\u2028\u2029]*")
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufff9-\ufffb\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    + "".join(chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF))
    + "]"
)


def clean(value: Any) -> str:
    """A text that any output can carry; lines become one."""
    text = "" if value is None else str(value)
    # More than is kept need not be looked at.
    text = _UNSAFE.sub(REPLACEMENT, _BLANKS.sub(" ", text[: LONGEST_TEXT + 1])).strip()
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"


def plain(value: Any) -> Any:
    """A value of a setting: nothing, a truth, a whole number, a text or a list of texts."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        # A number of thousands of digits is no setting, and Python refuses to print it.
        return int(value) if abs(value) < 2**63 else clean(hex(value))
    if isinstance(value, list | tuple):
        return [clean(item) for item in value[:MOST_ITEMS]]
    return clean(value)


def mapping(value: Any) -> Mapping[str, Any]:
    """The value when it is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def mappings(value: Any) -> Iterable[Mapping[str, Any]]:
    """The mappings in a list; anything else counts as none."""
    return [item for item in value[:MOST_ITEMS] if isinstance(item, Mapping)] if isinstance(value, list | tuple) else []


def texts(value: Any) -> tuple[str, ...]:
    """The texts of a list."""
    return tuple(clean(item) for item in value[:MOST_ITEMS]) if isinstance(value, list | tuple) else ()


def shown(value: Any) -> str:
    """A setting's value in words."""
    if value is None or value in ("", []):
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value)
    return str(value).replace("_", " ") if value == "not_configured" else str(value)
