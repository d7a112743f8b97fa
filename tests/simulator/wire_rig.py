# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A bare WinRM client for tests of the wire: every header can be left out, changed or added to."""

from __future__ import annotations

import base64
import http.client
import ssl
import urllib.parse
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from tests.support.pools import DESKTOP, SERVICE_PASSWORD

S = "http://www.w3.org/2003/05/soap-envelope"
A = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
W = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
P = "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd"
N = "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
T = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
F = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
RSP = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
WMI = "http://schemas.microsoft.com/wbem/wsman/1/wmi/"
WQL = "http://schemas.microsoft.com/wbem/wsman/1/WQL"
FAULT_DETAIL = "http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/"
ANONYMOUS = f"{A}/role/anonymous"
SHELL = f"{RSP}/cmd"
SOAP_TYPE = "application/soap+xml;charset=UTF-8"
REGISTRY = f"{WMI}root/cimv2/StdRegProv"
HKLM = 2147483650
PLAIN = {**DESKTOP, "quirks": {"allow_unencrypted": True}}
"""A host that takes Basic over HTTP: what is sent to it can be written down in a test."""


@dataclass(frozen=True)
class Reply:
    """One HTTP reply."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def root(self) -> ET.Element:
        """The envelope."""
        return ET.fromstring(self.body)

    @property
    def content(self) -> ET.Element:
        """The first element of the body."""
        found = self.root.find(f"{{{S}}}Body")
        assert found is not None
        return found[0]

    @property
    def fault(self) -> Fault:
        """The fault that this reply has to be."""
        assert self.status == 500, self
        return Fault(self.root)

    def text(self, local_name: str) -> str | None:
        """The text of the first element of this name, in whatever namespace."""
        return next((item.text for item in self.root.iter() if local(item) == local_name), None)

    def texts(self, local_name: str) -> list[str | None]:
        """The texts of all elements of this name."""
        return [item.text for item in self.root.iter() if local(item) == local_name]


class Fault:
    """What a fault says; names of codes are in Clark notation (`{namespace}local`)."""

    def __init__(self, root: ET.Element) -> None:
        scopes = _prefixes(root)
        fault = root.find(f"{{{S}}}Body/{{{S}}}Fault")
        assert fault is not None
        self.action = root.findtext(f"{{{S}}}Header/{{{A}}}Action")
        self.relates_to = root.findtext(f"{{{S}}}Header/{{{A}}}RelatesTo")
        self.not_understood = root.find(f"{{{S}}}Header/{{{S}}}NotUnderstood")
        self.role = _clark(fault.findtext(f"{{{S}}}Code/{{{S}}}Value"), scopes)
        self.subcode = _clark(fault.findtext(f"{{{S}}}Code/{{{S}}}Subcode/{{{S}}}Value"), scopes)
        self.reason = fault.findtext(f"{{{S}}}Reason/{{{S}}}Text") or ""
        self.detail = fault.find(f"{{{S}}}Detail")
        detail = ET.Element("none") if self.detail is None else self.detail
        self.detail_uri = (detail.findtext(f"{{{W}}}FaultDetail") or "").removeprefix(FAULT_DETAIL)
        self.wsman = detail.find(f"{{{F}}}WSManFault")
        self.code = int(self.wsman.get("Code", "0")) if self.wsman is not None else 0
        self.provider = detail.find(f"{{{F}}}WSManFault/{{{F}}}Message/{{{F}}}ProviderFault")
        self.wmi = next((item for item in detail if local(item) == "MSFT_WmiError"), None)

    def of_wmi(self, name: str) -> str | None:
        """A property of MSFT_WmiError."""
        assert self.wmi is not None, ET.tostring(self.detail) if self.detail is not None else None
        return next((item.text for item in self.wmi if local(item) == name), None)

    def __repr__(self) -> str:
        return f"Fault({self.role}, {self.subcode}, {self.code}, {self.detail_uri}, {self.reason})"


def _prefixes(root: ET.Element) -> dict[str, str]:
    """The prefixes of a fault's codes: ElementTree forgets them, and the simulator declares these on the envelope."""
    return {"s": S, "a": A, "w": W, "n": N, "x": T}


def _clark(name: str | None, scopes: Mapping[str, str]) -> str | None:
    if name is None:
        return None
    prefix, _, tail = name.strip().partition(":")
    return f"{{{scopes[prefix]}}}{tail}"


def local(element: ET.Element) -> str:
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2]


class Wire:
    """One connection to one host.

    Args:
        pool: The pool.
        name: The host.
        user: Who logs in with Basic; `None` for no login.
        secure: HTTPS.
    """

    def __init__(
        self,
        pool: Any,
        name: str = "desk-01",
        *,
        user: str | None = "svc-ansible",
        password: str = SERVICE_PASSWORD,
        secure: bool = False,
    ) -> None:
        self.pool, self.host = pool, pool.hosts[name]
        address = urllib.parse.urlsplit(pool.endpoint(name, secure=secure))
        assert address.hostname is not None
        if secure:
            context = ssl.create_default_context(cafile=str(pool.ca))
            self._connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                address.hostname, address.port, timeout=20, context=context
            )
        else:
            self._connection = http.client.HTTPConnection(address.hostname, address.port, timeout=20)
        self._login = {}
        if user is not None:
            self._login["Authorization"] = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def http(
        self, body: bytes | Iterable[bytes] | None, *, method: str = "POST", path: str = "/wsman", **headers: str | None
    ) -> Reply:
        """One HTTP exchange: a body in pieces is sent chunked, a header of `None` is left out, `_` stands for `-`."""
        sent: dict[str, Any] = {**self._login, "Content-Type": SOAP_TYPE}
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        sent = {name: value for name, value in sent.items() if value is not None}
        chunked = body is not None and not isinstance(body, bytes)
        if chunked:
            sent["Transfer-Encoding"] = "chunked"
        try:
            self._connection.request(method, path, body, sent, encode_chunked=chunked)
            reply = self._connection.getresponse()
            return Reply(reply.status, dict(reply.getheaders()), reply.read())
        except (OSError, http.client.HTTPException):
            self.close()  # the next request makes a new connection
            raise

    def send(self, action: str, resource: str, body: str = "", **changes: Any) -> Reply:
        """One request; `changes` as `envelope` takes them."""
        return self.http(envelope(action, resource, body, **changes))

    # Operations -----------------------------------------------------------------------------------

    def get(self, resource: str, **selectors: str) -> Reply:
        """WS-Transfer Get."""
        return self.send(f"{T}/Get", resource, selectors=selectors)

    def query(self, wql: str, *, namespace: str = "root/cimv2", **options: Any) -> Reply:
        """Enumerate with WQL; options as `enumerate_body` takes them."""
        return self.send(f"{N}/Enumerate", f"{WMI}{namespace}/*", enumerate_body(wql, **options))

    def invoke(self, resource: str, method: str, arguments: Sequence[tuple[str, object]] = (), **changes: Any) -> Reply:
        """A method with its arguments in their order."""
        inner = "".join(f"<m:{name}>{escape(str(value))}</m:{name}>" for name, value in arguments)
        body = f'<m:{method}_INPUT xmlns:m="{resource}">{inner}</m:{method}_INPUT>'
        return self.send(f"{resource}/{method}", resource, body, **changes)

    def open_shell(self, body: str | None = None, **changes: Any) -> Reply:
        """Create a winrs shell."""
        made = body or (
            "<rsp:Shell><rsp:InputStreams>stdin</rsp:InputStreams>"
            "<rsp:OutputStreams>stdout stderr</rsp:OutputStreams></rsp:Shell>"
        )
        return self.send(f"{T}/Create", SHELL, made, **{"options": {"WINRS_CODEPAGE": "65001"}, **changes})

    def shell(self, operation: str, shell_id: str, body: str, **changes: Any) -> Reply:
        """Command, Send, Receive or Signal."""
        return self.send(f"{RSP}/{operation}", SHELL, body, **{"selectors": {"ShellId": shell_id}, **changes})


def enumerate_body(
    wql: str, *, max_elements: int | str | None = 100, optimize: bool = True, mode: str = "", dialect: str = WQL
) -> str:
    """The body of Enumerate."""
    parts = ["<w:OptimizeEnumeration/>"] if optimize else []
    if max_elements is not None:
        parts.append(f"<w:MaxElements>{max_elements}</w:MaxElements>")
    if mode:
        parts.append(f"<w:EnumerationMode>{mode}</w:EnumerationMode>")
    if wql:
        parts.append(f'<w:Filter Dialect="{dialect}">{escape(wql)}</w:Filter>')
    return f"<n:Enumerate>{''.join(parts)}</n:Enumerate>"


def pull_body(context: str, max_elements: int = 100) -> str:
    """The body of Pull."""
    return (
        f"<n:Pull><n:EnumerationContext>{context}</n:EnumerationContext>"
        f"<n:MaxElements>{max_elements}</n:MaxElements></n:Pull>"
    )


def envelope(
    action: str,
    resource: str,
    body: str = "",
    *,
    selectors: Mapping[str, str] | Sequence[tuple[str, str]] = (),
    options: Mapping[str, str] | None = None,
    without: str = "",
    extra: str = "",
    **replaced: str,
) -> bytes:
    """A request as Windows' own client sends it (MS-WSMV 4.1.1), except for what a test changes.

    Args:
        action: WS-Addressing action.
        resource: Resource URI.
        body: Inside of the body.
        selectors: By name.
        options: By name.
        without: Names of headers to leave out.
        extra: Further headers.
        replaced: Whole headers by their name, in XML.
    """
    must = 's:mustUnderstand="true"'
    headers = {
        "To": "<a:To>http://desk-01:5985/wsman</a:To>",
        "ResourceURI": f"<w:ResourceURI {must}>{escape(resource)}</w:ResourceURI>",
        "ReplyTo": f"<a:ReplyTo><a:Address {must}>{ANONYMOUS}</a:Address></a:ReplyTo>",
        "Action": f"<a:Action {must}>{escape(action)}</a:Action>",
        "MaxEnvelopeSize": f"<w:MaxEnvelopeSize {must}>512000</w:MaxEnvelopeSize>",
        "MessageID": f"<a:MessageID>uuid:{str(uuid.uuid4()).upper()}</a:MessageID>",
        "Locale": '<w:Locale xml:lang="en-US" s:mustUnderstand="false"/>',
        "DataLocale": '<p:DataLocale xml:lang="en-US" s:mustUnderstand="false"/>',
        "OperationTimeout": "<w:OperationTimeout>PT20.000S</w:OperationTimeout>",
        "SelectorSet": _set("Selector", selectors),
        "OptionSet": _set("Option", options or ()),
        **replaced,
    }
    chosen = "".join(text for name, text in headers.items() if name not in without.split())
    return (
        f'<s:Envelope xmlns:s="{S}" xmlns:a="{A}" xmlns:w="{W}" xmlns:p="{P}" xmlns:n="{N}" xmlns:rsp="{RSP}" '
        f'xmlns:xsi="{XSI}"><s:Header>{chosen}{extra}</s:Header><s:Body>{body}</s:Body></s:Envelope>'
    ).encode()


def _set(kind: str, items: Mapping[str, str] | Sequence[tuple[str, str]]) -> str:
    pairs: Iterator[tuple[str, str]] = iter(items.items() if isinstance(items, Mapping) else items)
    inner = "".join(f"<w:{kind} Name={quoteattr(name)}>{escape(value)}</w:{kind}>" for name, value in pairs)
    return f"<w:{kind}Set>{inner}</w:{kind}Set>" if inner else ""
