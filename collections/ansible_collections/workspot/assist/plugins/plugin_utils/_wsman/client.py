# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A WS-Management client over anything that can send an envelope.

It does no I/O of its own and repeats nothing: only ``Receive`` of a shell is safe to repeat.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from .._errors import AssistError, MalformedReply
from .envelope import Option, Request, envelope
from .faults import fault_error
from .instance import CimInstance
from .reply import Element, child, local_name, parse_reply, text_of
from .shell import Shell
from .uris import (
    ACTION_CREATE,
    ACTION_DELETE,
    ACTION_ENUMERATE,
    ACTION_GET,
    ACTION_PULL,
    ACTION_PUT,
    ENUMERATION,
    WQL_DIALECT,
    class_uri,
)
from .values import CimValue, escaped, properties_xml

READ_MARGIN_SECONDS = 10.0
"""How much longer we wait than the host may work, so that the host's own timeout fault arrives."""
MAX_PULLS = 500
"""More than any table this collection reads needs (a firewall listing takes about five)."""
MAX_TABLE_BYTES = 16 * 1024 * 1024
"""All pages of a table together; a host's tables take a few megabytes, and as XML elements twenty times as much."""
_BATCH = 2000


class Send(Protocol):
    """A transport's one method."""

    def __call__(self, message: bytes, *, timeout: float) -> bytes:
        """Send an envelope, return the reply (a fault too).

        Args:
            message: The envelope, UTF-8.
            timeout: Seconds to wait for the reply.

        Raises:
            TransportError: No reply.
        """


class WsmanClient:
    """CIM operations and the winrs shell of one host.

    Args:
        send: The transport.
        host: The host as the inventory names it, for messages.
        operation_timeout: Seconds the host may work on one operation.

    Attributes:
        exchanges: Envelopes sent so far.
        received: Bytes of the replies to them.
    """

    def __init__(self, send: Send, *, host: str, operation_timeout: float = 30.0) -> None:
        self._send = send
        self.host = host
        self.operation_timeout = operation_timeout
        self.exchanges = 0
        self.received = 0

    def exchange(self, request: Request, *, what: str, timeout: float | None = None) -> Element:
        """Send one request and return the reply's SOAP body.

        Args:
            request: The request.
            what: What it is, in words, for an error.
            timeout: Seconds the host may work on it, instead of the default.

        Raises:
            WsmanFault: The host refused.
            TransportError: There was no reply.
            MalformedReply: The reply is no good.
        """
        allowed = timeout or self.operation_timeout
        message, identity = envelope(request, operation_timeout=allowed)
        self.exchanges += 1
        try:
            reply = self._send(message, timeout=allowed + READ_MARGIN_SECONDS)
            self.received += len(reply)
            body = parse_reply(reply, relates_to=identity)
        except AssistError as error:
            error.host = error.host or self.host
            raise
        if (error_found := fault_error(body, what=what, host=self.host)) is not None:
            raise error_found
        return body

    def get(self, namespace: str, class_name: str, selectors: Mapping[str, str]) -> CimInstance:
        """Read one instance by its keys.

        Raises:
            NotFound: There is no such instance.
        """
        request = Request(ACTION_GET, class_uri(namespace, class_name), selectors=selectors)
        return self._instance(self.exchange(request, what=f"reading {class_name}"))

    def put(
        self,
        namespace: str,
        class_name: str,
        selectors: Mapping[str, str],
        properties: Mapping[str, CimValue],
    ) -> CimInstance:
        """Change properties of one instance."""
        uri = class_uri(namespace, class_name)
        body = f'<p:{class_name} xmlns:p="{uri}">{properties_xml(properties)}</p:{class_name}>'
        request = Request(ACTION_PUT, uri, body, selectors=selectors)
        return self._instance(self.exchange(request, what=f"changing {class_name}"))

    def create(
        self,
        namespace: str,
        class_name: str,
        properties: Mapping[str, CimValue],
        *,
        options: Mapping[str, Option] | None = None,
    ) -> None:
        """Create an instance.

        Args:
            namespace: CIM namespace.
            class_name: CIM class.
            properties: Its properties, keys included where the caller chooses them.
            options: Operation options; one with several values is sent several times.
        """
        uri = class_uri(namespace, class_name)
        body = f'<p:{class_name} xmlns:p="{uri}">{properties_xml(properties)}</p:{class_name}>'
        self.exchange(Request(ACTION_CREATE, uri, body, options=options or {}), what=f"creating {class_name}")

    def delete(self, namespace: str, class_name: str, selectors: Mapping[str, str]) -> None:
        """Delete one instance.

        Raises:
            NotFound: There is no such instance.
        """
        request = Request(ACTION_DELETE, class_uri(namespace, class_name), selectors=selectors)
        self.exchange(request, what=f"deleting {class_name}")

    def invoke(
        self,
        namespace: str,
        class_name: str,
        method: str,
        arguments: Mapping[str, CimValue],
        *,
        selectors: Mapping[str, str] | None = None,
        options: Mapping[str, Option] | None = None,
    ) -> CimInstance:
        """Invoke a method, a static one when there are no selectors, and return its output.

        A ``ReturnValue`` other than 0 is no error here: each method's caller knows what it means.
        """
        uri = class_uri(namespace, class_name)
        body = f'<p:{method}_INPUT xmlns:p="{uri}">{properties_xml(arguments)}</p:{method}_INPUT>'
        request = Request(f"{uri}/{method}", uri, body, selectors=selectors or {}, options=options or {})
        return self._instance(self.exchange(request, what=f"{class_name}.{method}"))

    def enumerate(
        self,
        namespace: str,
        query: str,
        *,
        options: Mapping[str, Option] | None = None,
        timeout: float | None = None,
    ) -> list[CimInstance]:
        """Run a WQL query to its end.

        Args:
            namespace: CIM namespace, such as ``root/cimv2``.
            query: WQL; its literals are quoted already.
            options: Operation options, such as ``wmi:PolicyStore``.
            timeout: Seconds the host may work on each page, instead of the default.

        Raises:
            MalformedReply: It does not come to an end.
        """
        began = self.received
        uri = class_uri(namespace, "*")
        body = (
            f'<n:Enumerate xmlns:n="{ENUMERATION}"><w:OptimizeEnumeration/>'
            f"<w:MaxElements>{_BATCH}</w:MaxElements>"
            f'<w:Filter Dialect="{WQL_DIALECT}">{escaped(query)}</w:Filter></n:Enumerate>'
        )
        what = f"the query {query.partition(' WHERE ')[0]!r}"
        reply = self._page(Request(ACTION_ENUMERATE, uri, body, options=options or {}), what, timeout)
        found = list(_items(reply))
        for _page in range(MAX_PULLS):
            context = text_of(child(reply, "EnumerationContext"))
            if child(reply, "EndOfSequence") is not None or not context:
                return found
            if self.received - began > MAX_TABLE_BYTES:
                raise MalformedReply(f"the answer to {what} is larger than {MAX_TABLE_BYTES} bytes.", host=self.host)
            body = (
                f'<n:Pull xmlns:n="{ENUMERATION}">'
                f"<n:EnumerationContext>{escaped(context)}</n:EnumerationContext>"
                f"<n:MaxElements>{_BATCH}</n:MaxElements></n:Pull>"
            )
            reply = self._page(Request(ACTION_PULL, uri, body), what, timeout)
            found.extend(_items(reply))
        raise MalformedReply(f"{what} did not come to an end after {MAX_PULLS} pages.", host=self.host)

    def shell(self) -> Shell:
        """A winrs shell; it is opened by its first command, and closed by leaving its ``with`` block."""
        return Shell(self)

    def _page(self, request: Request, what: str, timeout: float | None) -> Element:
        body = self.exchange(request, what=what, timeout=timeout)
        for item in body:
            if local_name(item) in ("EnumerateResponse", "PullResponse"):
                return item
        raise MalformedReply(f"the reply to {what} is no enumeration.", host=self.host)

    def _instance(self, body: Element) -> CimInstance:
        for item in body:
            return CimInstance(item)
        raise MalformedReply("the reply has an empty body.", host=self.host)


def _items(page: Element) -> Iterable[CimInstance]:
    """The instances of one page; a projection may come wrapped in ``XmlFragment`` (DSP0226 7.2)."""
    items = child(page, "Items")
    for item in () if items is None else items:
        wrapped = next(iter(item), None) if local_name(item) == "Item" else item
        yield CimInstance(item if wrapped is None else wrapped)
