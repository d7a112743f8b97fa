# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SOAP envelopes of WS-Management: strict reading, Windows-like writing (MS-WSMV 3.1.4, DSP0226)."""

from __future__ import annotations

import uuid
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from ..seam import INVALID_PARAMETER, INVALID_SELECTORS, CimClass, CimError, CimInstance, CimType

S = "http://www.w3.org/2003/05/soap-envelope"
A = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
W = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
P = "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd"
N = "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
T = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
RSP = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
F = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
CIM = "http://schemas.dmtf.org/wbem/wscim/1/common"
WMI = "http://schemas.microsoft.com/wbem/wsman/1/wmi/"
ANONYMOUS = f"{A}/role/anonymous"
DEFAULT_ENVELOPE = 512000  # MaxEnvelopeSizekb 500, MS-WSMV note 8
SMALLEST_ENVELOPE = 8192

_UNDERSTOOD = {
    f"{{{A}}}{name}" for name in ("To", "ReplyTo", "Action", "MessageID", "FaultTo", "From", "RelatesTo")
} | {
    f"{{{W}}}{name}"
    for name in ("ResourceURI", "MaxEnvelopeSize", "Locale", "SelectorSet", "OptionSet", "OperationTimeout")
}


@dataclass
class SoapRequest:
    """A request envelope's headers and body."""

    action: str
    resource: str
    message_id: str
    max_envelope: int
    timeout: float
    selectors: dict[str, str]
    options: dict[str, str]
    body: ET.Element
    extra: dict[str, str] = field(default_factory=dict)


def _child(parent: ET.Element, namespace: str, name: str) -> ET.Element | None:
    return parent.find(f"{{{namespace}}}{name}")


def _text(parent: ET.Element, namespace: str, name: str) -> str:
    element = _child(parent, namespace, name)
    return (element.text or "").strip() if element is not None else ""


def _seconds(text: str) -> float:
    """An xs:duration in seconds; empty means the service's default of 60."""
    if not text:
        return 60.0
    total, number = 0.0, ""
    if not text.startswith("P"):
        raise CimError(INVALID_PARAMETER, "The operation timeout is not a duration.", subcode="w:InvalidTimeout")
    units = {"D": 86400.0, "H": 3600.0, "M": 60.0, "S": 1.0}
    for character in text[1:]:
        if character in units:
            total, number = total + float(number) * units[character], ""
        elif character != "T":
            number += character
    return min(total, 60.0)  # MaxTimeoutms, MS-WSMV 3.1.4.1.x: larger ones are capped


def parse(data: bytes) -> SoapRequest:
    """Read a request.

    Raises:
        CimError: With the fault Windows gives for what is wrong with it.
    """
    try:
        root = ET.fromstring(data)
    except ET.ParseError:
        raise CimError(
            2150858817, "The XML in the request is not well-formed.", subcode="w:SchemaValidationError"
        ) from None
    header, body = _child(root, S, "Header"), _child(root, S, "Body")
    if root.tag != f"{{{S}}}Envelope" or header is None or body is None:
        raise CimError(2150858817, "The request is no SOAP envelope.", subcode="w:SchemaValidationError")
    for element in header:
        if element.get(f"{{{S}}}mustUnderstand") in ("true", "1") and element.tag not in _UNDERSTOOD:
            raise CimError(2150858758, f"A header was not understood: {element.tag}.", subcode="s:MustUnderstand")
    if _text(_child(header, A, "ReplyTo") or ET.Element("x"), A, "Address") != ANONYMOUS:
        raise CimError(2150858770, "The reply address must be anonymous.", subcode="a:DestinationUnreachable")
    if not _text(header, A, "Action") or not _text(header, A, "MessageID") or not _text(header, A, "To"):
        raise CimError(2150858817, "A required header is missing.", subcode="a:MessageInformationHeaderRequired")
    size = int(_text(header, W, "MaxEnvelopeSize") or DEFAULT_ENVELOPE)
    if size < SMALLEST_ENVELOPE:
        raise CimError(2150858785, "MaxEnvelopeSize is less than 8192.", subcode="w:EncodingLimit")
    return SoapRequest(
        action=_text(header, A, "Action"),
        resource=_text(header, W, "ResourceURI"),
        message_id=_text(header, A, "MessageID"),
        max_envelope=min(size, DEFAULT_ENVELOPE),
        timeout=_seconds(_text(header, W, "OperationTimeout")),
        selectors=_named(header, "SelectorSet", "Selector"),
        options=_named(header, "OptionSet", "Option"),
        body=body,
    )


def _named(header: ET.Element, group: str, item: str) -> dict[str, str]:
    found: dict[str, str] = {}
    element = _child(header, W, group)
    for part in element if element is not None else ():
        name = part.get("Name")
        if part.tag != f"{{{W}}}{item}" or name is None or name.lower() in map(str.lower, found):
            raise CimError(INVALID_SELECTORS, f"The {group} is not valid.", subcode="w:InvalidSelectors")
        found[name] = part.text or ""
    return found


def envelope(action: str, relates_to: str, body: str) -> bytes:
    """A reply envelope."""
    return (
        f'<s:Envelope xml:lang="en-US" xmlns:s="{S}" xmlns:a="{A}" xmlns:x="{T}" xmlns:w="{W}" xmlns:p="{P}" '
        f'xmlns:n="{N}" xmlns:rsp="{RSP}"><s:Header><a:Action>{action}</a:Action>'
        f"<a:MessageID>uuid:{str(uuid.uuid4()).upper()}</a:MessageID><a:To>{ANONYMOUS}</a:To>"
        f"<a:RelatesTo>{escape(relates_to)}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def fault(error: CimError, relates_to: str, machine: str) -> bytes:
    """A fault as Windows lays it out: WSManFault, and MSFT_WmiError for a provider's own (MS-WSMV 2.2.4.43)."""
    message = escape(error.message)
    detail = f"<f:Message>{message}</f:Message>"
    if error.cim_status:
        detail = (
            '<f:Message><f:ProviderFault provider="WMI Provider"><p:MSFT_WmiError '
            'b:IsCIM_Error="true" xmlns:b="http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd" '
            'xmlns:p="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/MSFT_WmiError">'
            f"<p:CIMStatusCode>{error.cim_status}</p:CIMStatusCode><p:error_Code>{error.code}</p:error_Code>"
            f"<p:Message>{message}</p:Message></p:MSFT_WmiError></f:ProviderFault></f:Message>"
        )
    body = (
        f"<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>{error.subcode}</s:Value></s:Subcode>"
        f'</s:Code><s:Reason><s:Text xml:lang="en-US">{message}</s:Text></s:Reason><s:Detail>'
        f'<f:WSManFault xmlns:f="{F}" Code="{error.code}" Machine={quoteattr(machine)}>{detail}</f:WSManFault>'
        "</s:Detail></s:Fault>"
    )
    return envelope("http://schemas.dmtf.org/wbem/wsman/1/wsman/fault", relates_to, body)


def _number_range(name: str) -> tuple[int, int] | None:
    """Bounds of an integer type such as uint32 or sint8."""
    unsigned = name.startswith("uint")
    digits = name.removeprefix("uint").removeprefix("sint").removeprefix("int")
    if not digits.isdigit():
        return None
    bits = int(digits)
    return (0, 2**bits - 1) if unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def decode(element: ET.Element, kind: CimType) -> Any:
    """One value of a request, checked against its type.

    Raises:
        CimError: It is not of that type.
    """
    text = (element.text or "").strip()
    bounds = _number_range(kind.name)
    try:
        if bounds is not None:
            number = int(text)
            if not bounds[0] <= number <= bounds[1]:
                raise ValueError(text)
            return number
        if kind.name == "boolean":
            return {"true": True, "false": False, "1": True, "0": False}[text.lower()]
        if kind.name == "datetime":
            inner = _text(element, CIM, "Datetime") or text
            return datetime.fromisoformat(inner).astimezone(UTC)
    except (ValueError, KeyError):
        raise CimError(INVALID_PARAMETER, f"The value of {element.tag} is not a {kind.name}.", cim_status=4) from None
    return element.text or ""


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        text = value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        return f'<cim:Datetime xmlns:cim="{CIM}">{text}</cim:Datetime>'
    return escape(str(value))


def values_xml(values: dict[str, Any]) -> str:
    """Property or parameter elements in alphabetical order, null as xsi:nil, arrays repeated."""
    parts: list[str] = []
    for name in sorted(values, key=str.lower):
        value = values[name]
        if value is None:
            parts.append(f'<p:{name} xsi:nil="true"/>')
        elif isinstance(value, CimInstance):
            parts.append(f"<p:{name}>{values_xml(dict(value.values))}</p:{name}>")
        else:
            items = value if isinstance(value, list) else [value]
            parts.extend(f"<p:{name}>{_scalar(item)}</p:{name}>" for item in items)
    return "".join(parts)


def class_uri(cls: CimClass, lower: bool) -> str:
    """A class's resource URI; Windows often writes the namespace in lower case."""
    namespace = cls.namespace.lower() if lower else cls.namespace
    return f"{WMI}{namespace}/{cls.name}"


def instance_xml(instance: CimInstance, *, lower: bool) -> str:
    """An instance as an element of its class."""
    cls = instance.cls
    return (
        f'<p:{cls.name} xmlns:p="{class_uri(cls, lower)}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:type="p:{cls.name}_Type" xml:lang="en-US">{values_xml(dict(instance.values))}</p:{cls.name}>'
    )


def output_xml(cls: CimClass, method: str, values: dict[str, Any], *, lower: bool) -> str:
    """A method's output."""
    return (
        f'<p:{method}_OUTPUT xmlns:p="{class_uri(cls, lower)}" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{values_xml(values)}</p:{method}_OUTPUT>'
    )
