# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading reply envelopes. What comes back from a host is hostile until it is parsed.

Elements are matched by local name: Windows writes the namespace part of class URIs in varying case
(MS-WSMV 2.2.5.17), so a comparison by full name would miss real replies.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from xml.etree import ElementTree

from .._errors import MalformedReply

Element = ElementTree.Element

MAX_REPLY_BYTES = 4 * 1024 * 1024
"""Eight times what we allow the host to send (`MAX_ENVELOPE_BYTES`): more answers no question of ours."""
MAX_DEPTH = 40
"""The deepest reply Windows sends (a fault with an embedded provider error) is about ten levels deep."""


def local_name(element: Element) -> str:
    """The element's name without its namespace."""
    return _without_namespace(element.tag) if isinstance(element.tag, str) else ""


@functools.lru_cache(maxsize=1024)
def _without_namespace(tag: str) -> str:
    return tag.rpartition("}")[2]


def child(parent: Element | None, name: str) -> Element | None:
    """The first child of that local name."""
    if parent is not None:
        for item in parent:
            if local_name(item) == name:
                return item
    return None


def descendants(parent: Element, name: str) -> Iterator[Element]:
    """All descendants of that local name, in document order."""
    return (item for item in parent.iter() if local_name(item) == name)


def text_of(element: Element | None) -> str:
    """The element's own text, stripped; empty when there is none."""
    return (element.text or "").strip() if element is not None else ""


def _decoded(data: bytes) -> str:
    if len(data) > MAX_REPLY_BYTES:
        raise MalformedReply(f"the reply is larger than {MAX_REPLY_BYTES} bytes; it was not read.")
    try:
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return data.decode("utf-16")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise MalformedReply("the reply is neither UTF-8 nor UTF-16.") from None


def parse_document(text: str) -> Element:
    """Parse XML that may come from anywhere.

    Raises:
        MalformedReply: It is no XML, declares a document type or entities, or nests too deeply.
    """
    # A document type can start in no other way, and entities only inside one (XML 1.0, production 28).
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise MalformedReply("the reply declares a document type, which WS-Management does not allow.")
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError):
        raise MalformedReply("the reply is not well-formed XML; is this a WinRM listener?") from None
    level, depth = [root], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise MalformedReply("the reply nests elements too deeply.")
        level = [item for parent in level for item in parent]
    return root


def parse_reply(data: bytes, *, relates_to: str) -> Element:
    """Parse a reply envelope and return its SOAP body.

    Args:
        data: The reply.
        relates_to: Message id of the request; a reply to another one is refused.
    """
    root = parse_document(_decoded(data))
    body = child(root, "Body")
    if local_name(root) != "Envelope" or body is None:
        raise MalformedReply("the reply is no SOAP envelope; is this a WinRM listener?")
    related = text_of(child(child(root, "Header"), "RelatesTo"))
    if related and related.lower() != relates_to.lower():
        raise MalformedReply("the reply answers another request than ours.")
    return body
