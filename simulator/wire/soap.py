# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SOAP envelopes of WS-Management: strict reading, Windows-like writing (MS-WSMV 3.1.4, DSP0226)."""

from __future__ import annotations

import re
import uuid
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from xml.sax.saxutils import escape

from ..seam import CimError
from ..wmi_context import WmiContext
from . import codes

S = "http://www.w3.org/2003/05/soap-envelope"
A = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
W = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
P = "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd"
N = "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
T = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
B = "http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd"
RSP = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
F = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
CIM = "http://schemas.dmtf.org/wbem/wscim/1/common"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
WMI = "http://schemas.microsoft.com/wbem/wsman/1/wmi/"
IDENTITY = "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"
ANONYMOUS = f"{A}/role/anonymous"
DEFAULT_ENVELOPE = 512000  # bytes; MaxEnvelopeSizekb 500, MS-WSMV 2.2.4 and note 8
SMALLEST_ENVELOPE = 8192  # bytes; DSP0226 6.2, R6.2-3
LONGEST_ID = 2048  # characters; MS-WSMV note 47
LONGEST_OPERATION = 60.0  # seconds; MaxTimeoutms 60000: larger values are capped (MS-WSMV 3.1.4.1.6)

_UNDERSTOOD = (
    {f"{{{A}}}{name}" for name in ("To", "ReplyTo", "Action", "MessageID", "FaultTo", "From", "RelatesTo")}
    | {
        f"{{{W}}}{name}"
        for name in ("ResourceURI", "MaxEnvelopeSize", "Locale", "SelectorSet", "OptionSet", "OperationTimeout")
    }
    | {
        # OperationID and ActivityId may be mandatory (MS-WSMV 3.1.4.1.12, 3.1.4.1.36).
        f"{{{P}}}{name}"
        for name in ("DataLocale", "SessionId", "OperationID", "SequenceId", "ActivityId")
    }
)
# Mandatory, they are refused (MS-WSMV 3.1.4.1.8, 3.1.4.1.9); wsmerror.h has a code of its own for the first alone.
_LOCALES = {f"{{{W}}}Locale": codes.LOCALE_MUST_UNDERSTAND, f"{{{P}}}DataLocale": codes.UNSUPPORTED_FEATURE}
_MUST_UNDERSTAND = f"{{{S}}}mustUnderstand"
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")


@dataclass(slots=True)
class SoapRequest:
    """A request envelope's headers and body; `timeout` is in seconds, `max_envelope` in bytes."""

    action: str
    resource: str
    message_id: str
    max_envelope: int
    timeout: float
    selectors: dict[str, str]
    options: dict[str, str]
    context: WmiContext
    body: ET.Element

    @property
    def namespace(self) -> str:
        """CIM namespace of a WMI resource; empty for others."""
        return self.resource[len(WMI) :].rpartition("/")[0] if self.resource.startswith(WMI) else ""


def document(data: bytes) -> ET.Element:
    """The envelope element of a request.

    Raises:
        CimError: The body is not SOAP.
    """
    try:
        root = ET.fromstring(data)
    except (ET.ParseError, ValueError, LookupError):
        raise CimError(codes.SCHEMA_VALIDATION, "The XML in the request is not well-formed.") from None
    if root.tag != f"{{{S}}}Envelope" or root.find(f"{{{S}}}Body") is None:
        raise CimError(codes.SCHEMA_VALIDATION, "The request is no SOAP envelope.")
    return root


def message_id(root: ET.Element) -> str:
    """MessageID as far as there is one: also refusals relate to it."""
    return (root.findtext(f"{{{S}}}Header/{{{A}}}MessageID") or "").strip()


def read(root: ET.Element) -> SoapRequest:
    """A request's headers, checked as strictly as the service does.

    Raises:
        CimError: With the fault for what is wrong.
    """
    header, body = root.find(f"{{{S}}}Header"), root.find(f"{{{S}}}Body")
    if header is None or body is None:
        raise CimError(codes.HEADER_REQUIRED, "The request has no header.")
    texts = _texts(header)
    _check_addressing(header, texts)
    resource = texts.get(f"{{{W}}}ResourceURI", "")
    if not resource:
        raise CimError(codes.INVALID_RESOURCE_URI, "The resource URI is missing or it has an incorrect format.")
    return SoapRequest(
        action=texts[f"{{{A}}}Action"],
        resource=resource,
        message_id=texts[f"{{{A}}}MessageID"],
        max_envelope=_envelope_size(texts.get(f"{{{W}}}MaxEnvelopeSize", "")),
        timeout=_seconds(texts.get(f"{{{W}}}OperationTimeout", "")),
        selectors=_named(header, "SelectorSet", "Selector"),
        options=_named(header, "OptionSet", "Option"),
        context=_context(header),
        body=body,
    )


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _texts(header: ET.Element) -> dict[str, str]:
    texts: dict[str, str] = {}
    for element in header:
        _check_understood(element)
        if element.tag in texts:
            raise CimError(codes.INVALID_HEADER, f"The header {_local(element)} is there twice.")
        texts[element.tag] = (element.text or "").strip()
    return texts


def _check_understood(element: ET.Element) -> None:
    if element.get(_MUST_UNDERSTAND) not in ("true", "1"):
        return
    if element.tag in _LOCALES:
        raise CimError(
            _LOCALES[element.tag],
            "The WS-Management service cannot guarantee that all data is returned in the requested locale as some "
            "data sources may not be able to comply. ",
        )
    if element.tag not in _UNDERSTOOD:
        raise codes.NotUnderstood(element.tag)


def _check_addressing(header: ET.Element, texts: dict[str, str]) -> None:
    """WS-Addressing headers (MS-WSMV 3.1.4.1.3 to 3.1.4.1.5)."""
    for name in ("Action", "To"):
        if not texts.get(f"{{{A}}}{name}"):
            raise CimError(codes.HEADER_REQUIRED, f"The header {name} is missing.")
    if not 0 < len(texts.get(f"{{{A}}}MessageID", "")) <= LONGEST_ID:
        raise CimError(codes.INVALID_HEADER, "The header MessageID is missing, empty or too long.")
    if header.find(f"{{{A}}}ReplyTo") is None:
        raise CimError(codes.HEADER_REQUIRED, "The header ReplyTo is missing.")
    for name in ("ReplyTo", "FaultTo"):
        element = header.find(f"{{{A}}}{name}")
        if element is not None and (element.findtext(f"{{{A}}}Address") or "").strip().rstrip("/") != ANONYMOUS:
            raise CimError(codes.ADDRESSING_MODE, f"The address of {name} must be anonymous.")


def _envelope_size(text: str) -> int:
    """The client's limit for a reply, never more than the service's own."""
    if not text:
        return DEFAULT_ENVELOPE
    if not text.isdigit():
        raise CimError(codes.SCHEMA_VALIDATION, "MaxEnvelopeSize is not a number.")
    if int(text) < SMALLEST_ENVELOPE:
        raise CimError(codes.ENVELOPE_TOO_SMALL, "MaxEnvelopeSize is less than 8192.")
    return min(int(text), DEFAULT_ENVELOPE)


def duration(text: str) -> float | None:
    """An xs:duration in seconds, or `None` when it is none."""
    found = _DURATION.fullmatch(text)
    if found is None or text in ("P", "PT") or text.endswith("T"):
        return None
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return days * 86400 + hours * 3600 + minutes * 60 + seconds


def _seconds(text: str) -> float:
    if not text:
        return LONGEST_OPERATION
    seconds = duration(text)
    if seconds is None or seconds <= 0:
        raise CimError(codes.INVALID_TIMEOUT, "The timeout header in the request is invalid.")
    return min(seconds, LONGEST_OPERATION)


def _named(header: ET.Element, group: str, item: str) -> dict[str, str]:
    """Selectors or options by name; names are compared without case (MS-WSMV 3.1.4.1)."""
    element = header.find(f"{{{W}}}{group}")
    if element is None:
        return {}
    found: dict[str, str] = {}
    seen: set[str] = set()
    for part in element:
        name = part.get("Name")
        if part.tag != f"{{{W}}}{item}" or not name:
            raise CimError(codes.SCHEMA_VALIDATION, f"The {group} is not valid.")
        if name.lower() in seen and not name.lower().startswith("wmiarray:"):
            raise CimError(codes.DUPLICATE_SELECTORS, f"{name} is there twice.")
        seen.add(name.lower())
        found[name] = part.text or ""
    return found


_NO_CONTEXT = WmiContext()


def _context(header: ET.Element) -> WmiContext:
    """What the options say to a WMI provider (MS-WSMV 3.1.4.1.10)."""
    element = header.find(f"{{{W}}}OptionSet")
    if element is None:
        return _NO_CONTEXT
    return WmiContext.of([(part.get("Name") or "", part.text or "") for part in element])


_ENVELOPE = (
    f'<s:Envelope xml:lang="en-US" xmlns:s="{S}" xmlns:a="{A}" xmlns:x="{T}" xmlns:w="{W}" xmlns:p="{P}" '
    f'xmlns:n="{N}" xmlns:rsp="{RSP}" xmlns:xsi="{XSI}"><s:Header><a:Action>'
)


def envelope(action: str, relates_to: str, body: str, header: str = "") -> bytes:
    """A reply envelope, with a further header."""
    related = f"<a:RelatesTo>{escape(relates_to)}</a:RelatesTo>" if relates_to else ""
    return (
        f"{_ENVELOPE}{action}</a:Action><a:MessageID>uuid:{str(uuid.uuid4()).upper()}</a:MessageID>"
        f"<a:To>{ANONYMOUS}</a:To>{related}{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def identify_reply(version: str) -> bytes:
    """The answer to Identify (DSP0226 11); it has no addressing headers."""
    return (
        f'<s:Envelope xml:lang="en-US" xmlns:s="{S}"><s:Header/><s:Body>'
        f'<wsmid:IdentifyResponse xmlns:wsmid="{IDENTITY}"><wsmid:ProtocolVersion>{W}</wsmid:ProtocolVersion>'
        "<wsmid:ProductVendor>Microsoft Corporation</wsmid:ProductVendor>"
        f"<wsmid:ProductVersion>OS: {version} SP: 0.0 Stack: 3.0</wsmid:ProductVersion>"
        "</wsmid:IdentifyResponse></s:Body></s:Envelope>"
    ).encode()


def is_identify(root: ET.Element) -> bool:
    """Whether a request asks who answers here."""
    return root.find(f"{{{S}}}Body/{{{IDENTITY}}}Identify") is not None
