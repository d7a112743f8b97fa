# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CIM instances as replies carry them.

Single values and arrays of one look the same on the wire, so the reader says which it wants.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from .._errors import MalformedReply
from .reply import Element, child, descendants, local_name
from .uris import XSI

_NIL = f"{{{XSI}}}nil"
_KEY_OF_PATH = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")


class CimInstance:
    """One instance, or the output of a method.

    Attributes:
        class_name: The class as the host names it (``*_OUTPUT`` for a method).
    """

    __slots__ = ("_elements", "class_name")

    def __init__(self, element: Element) -> None:
        self.class_name = local_name(element)
        self._elements: dict[str, list[Element]] = {}
        for item in element:
            if item.get(_NIL) != "true":
                self._elements.setdefault(local_name(item).lower(), []).append(item)

    def __repr__(self) -> str:
        return f"<CimInstance {self.class_name} {sorted(self._elements)}>"

    def _only(self, name: str) -> Element | None:
        found = self._elements.get(name.lower())
        return found[0] if found else None

    def text(self, name: str) -> str | None:
        """A string; ``None`` when it is null or absent."""
        element = self._only(name)
        return None if element is None else (element.text or "")

    def texts(self, name: str) -> list[str]:
        """A string array; empty when it is null or absent."""
        return [item.text or "" for item in self._elements.get(name.lower(), [])]

    def integer(self, name: str) -> int | None:
        """An integer; ``None`` when it is null or absent."""
        text = self.text(name)
        return None if text is None or not text.strip() else self._number(name, text)

    def integers(self, name: str) -> list[int]:
        """An integer array."""
        return [self._number(name, text) for text in self.texts(name)]

    def boolean(self, name: str) -> bool | None:
        """A boolean, written in any case."""
        text = self.text(name)
        return None if text is None else text.strip().lower() in ("true", "1")

    def moment(self, name: str) -> datetime | None:
        """A ``cim:Datetime`` as an aware moment; a value without zone is UTC (MS-WSMV 2.2.4)."""
        element = self._only(name)
        inner = child(element, "Datetime")
        text = ((inner if inner is not None else element).text or "").strip() if element is not None else ""
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise MalformedReply(f"{self.class_name}.{name} is no date and time.") from None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def child(self, name: str) -> CimInstance | None:
        """An embedded instance."""
        element = self._only(name)
        return None if element is None else CimInstance(element)

    def reference(self, name: str) -> dict[str, str]:
        """Keys of the instance that a property refers to, their names in lower case; none when it is null or absent.

        A reference is an endpoint reference whose selectors are the keys (DSP0230, DSP0227 6.1). unverified: that it
        never is WMI's object path (``\\\\HOST\\root\\cimv2:Class.Key="value"``); that is read as well.
        """
        element = self._only(name)
        if element is None:
            return {}
        selectors = {(item.get("Name") or "").lower(): item.text or "" for item in descendants(element, "Selector")}
        if selectors:
            return selectors
        path = _KEY_OF_PATH.findall(element.text or "")
        return {key.lower(): _ESCAPED.sub(r"\1", value) for key, value in path}

    @property
    def return_value(self) -> int:
        """``ReturnValue`` of a method; 0 when the host left it out, as some methods do on success."""
        return self.integer("ReturnValue") or 0

    def _number(self, name: str, text: str) -> int:
        try:
            return int(text)
        except ValueError:
            raise MalformedReply(f"{self.class_name}.{name} is no integer.") from None
