# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CIM values as WS-Management writes them (MS-WSMV 2.2.4, DSP0227; type table verified by OMI's samples).

An array is the element repeated, a ``uint8[]`` too (decimal, not base64); a null is an element left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from .._errors import Unquotable
from .uris import CIM_COMMON

CimValue = str | int | bool | datetime | Sequence[str] | Sequence[int] | None

# XML 1.0, production 2 (Char): what a document can not carry, escaped or not.
_FORBIDDEN = frozenset(map(chr, [*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)]))


def escaped(text: str) -> str:
    """Escape text for an XML element.

    Raises:
        Unquotable: The text holds a character that XML 1.0 can not carry.
    """
    if not _FORBIDDEN.isdisjoint(text):
        raise Unquotable("a value holds a control character, which can not be sent to a Windows host")
    return escape(text, {"\r": "&#13;"})


def attribute(text: str) -> str:
    """Quote and escape text for an XML attribute, with its quotes."""
    escaped(text)
    return quoteattr(text)


def timestamp(moment: datetime) -> str:
    """An aware moment as ``cim:Datetime``: always UTC, milliseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _scalar(value: str | int | bool | datetime) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return f'<cim:Datetime xmlns:cim="{CIM_COMMON}">{timestamp(value)}</cim:Datetime>'
    return escaped(value) if isinstance(value, str) else str(value)


def properties_xml(properties: Mapping[str, CimValue]) -> str:
    """Elements of the ``p`` namespace for properties or method arguments; ``None`` leaves one out."""
    parts: list[str] = []
    for name, value in properties.items():
        if value is None:
            continue
        items: list[str | int | datetime] = [value] if isinstance(value, str | int | datetime) else [*value]
        parts.extend(f"<p:{name}>{_scalar(item)}</p:{name}>" for item in items)
    return "".join(parts)
