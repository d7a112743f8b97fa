# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A reader for small XML documents that may come from anyone.

expat is driven directly, and every handler for what such a document does not need (a document type,
entities, processing instructions) refuses it at the first sight, before anything is expanded. The
document's own encoding label is never believed: callers decode, and expat is told the encoding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

MAX_DEPTH = 8
"""Elements within elements. An invitation has two levels, its connection string four (MS-RAI 2.2.2, 6)."""
MAX_ELEMENTS = 512
"""Elements in all: a host has one `L` for each of its addresses and ports."""
MAX_ATTRIBUTES = 64
"""Attributes of one element: the largest known has nine (MS-RAI 6)."""

_UNFINISHED = frozenset(
    {
        expat.errors.codes[message]
        for message in (
            expat.errors.XML_ERROR_NO_ELEMENTS,
            expat.errors.XML_ERROR_UNCLOSED_TOKEN,
            expat.errors.XML_ERROR_PARTIAL_CHAR,
            expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
        )
    }
)
_INVALID_TOKEN = expat.errors.codes[expat.errors.XML_ERROR_INVALID_TOKEN]
_UNDEFINED_ENTITY = expat.errors.codes[expat.errors.XML_ERROR_UNDEFINED_ENTITY]


class XmlRefused(Exception):
    """The document has something that is refused whatever it means; the text says what."""


class XmlUnfinished(Exception):
    """The document is right so far, and ends too early."""


class XmlIllFormed(Exception):
    """The document is not XML.

    Args:
        invalid_token: Whether expat met a character where none of its kind may stand.
    """

    def __init__(self, *, invalid_token: bool) -> None:
        super().__init__("not well-formed")
        self.invalid_token = invalid_token


@dataclass
class Element:
    """One element: what an attributes-only format needs of it."""

    name: str
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)

    def descendants(self, name: str) -> Iterator[Element]:
        """All elements below this one of that name, in document order."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.descendants(name)


class _Builder:
    """The handlers of one parse."""

    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if len(self._open) >= MAX_DEPTH or self._count > MAX_ELEMENTS or len(attributes) > MAX_ATTRIBUTES:
            raise XmlRefused("more elements or attributes than such a file can have")
        element = Element(name, attributes)
        if self._open:
            self._open[-1].children.append(element)
        elif self.root is None:
            self.root = element
        self._open.append(element)

    def end(self, _name: str) -> None:
        self._open.pop()

    @staticmethod
    def document_type(*_details: object) -> None:
        raise XmlRefused("a document type declaration")

    @staticmethod
    def entity(*_details: object) -> None:
        raise XmlRefused("an entity")

    @staticmethod
    def instruction(*_details: object) -> None:
        raise XmlRefused("a processing instruction")


def _parser(builder: _Builder) -> expat.XMLParserType:
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.StartDoctypeDeclHandler = builder.document_type
    parser.EntityDeclHandler = builder.entity
    parser.SkippedEntityHandler = builder.entity
    parser.ProcessingInstructionHandler = builder.instruction
    return parser


def parse_xml(text: str) -> Element:
    """Parse one document; the caller has capped its size.

    Raises:
        XmlRefused: A document type, an entity, a processing instruction, or too deep or too large.
        XmlUnfinished: The end is missing.
        XmlIllFormed: Not XML.
    """
    builder = _Builder()
    try:
        _parser(builder).Parse(text.encode("utf-8"), True)
    except UnicodeEncodeError:  # half a surrogate pair: no XML character (XML 1.0, production 2)
        raise XmlIllFormed(invalid_token=True) from None
    except expat.ExpatError as error:
        if error.code in _UNFINISHED:
            raise XmlUnfinished from None
        if error.code == _UNDEFINED_ENTITY:
            raise XmlRefused("an entity") from None
        raise XmlIllFormed(invalid_token=error.code == _INVALID_TOKEN) from None
    if builder.root is None:
        raise AssertionError("expat ends without an error only after one root element")
    return builder.root
