# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CIM values as XML and back (DSP0230 WS-CIM mapping; MS-WSMV 2.2.4 for Windows' habits)."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from ..seam import INVALID_PARAMETER, CimClass, CimError, CimInstance, CimReference, CimType
from . import codes
from .soap import ANONYMOUS, CIM, WMI, XSI

_XSI_TYPES = f'xmlns:xsi="{XSI}"'


_WHOLE = re.compile(r"[+-]?[0-9]+")  # xs:integer


def _integer_range(name: str) -> tuple[int, int] | None:
    """Bounds of an integer type such as uint32 or sint8."""
    digits = name.removeprefix("uint").removeprefix("sint").removeprefix("int")
    if not digits.isdigit():
        return None
    bits = int(digits)
    return (0, 2**bits - 1) if name.startswith("uint") else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


_RANGES = {
    name: bounds
    for kind in ("uint", "sint", "int")
    for bits in (8, 16, 32, 64)
    if (bounds := _integer_range(name := f"{kind}{bits}")) is not None
}


def decode(element: ET.Element, kind: CimType) -> Any:
    """One value of a request, checked against its type.

    Raises:
        CimError: It is not of that type.
    """
    name = element.tag.rpartition("}")[2]
    text = (element.text or "").strip()
    try:
        if (bounds := _RANGES.get(kind.name)) is not None:
            number = int(text if _WHOLE.fullmatch(text) else "")
            if not bounds[0] <= number <= bounds[1]:
                raise ValueError(text)
            return number
        if kind.name == "boolean":
            return {"true": True, "false": False, "1": True, "0": False}[text.lower()]
        if kind.name == "datetime":
            inner = element.findtext(f"{{{CIM}}}Datetime") or text
            return _utc(datetime.fromisoformat(inner.strip()))
    except (ValueError, KeyError):
        raise CimError(codes.TYPE_MISMATCH, f"The value of {name} is not a {kind.name}.", cim_status=4) from None
    if kind.name == "string" and len(element):
        raise CimError(codes.TYPE_MISMATCH, f"The value of {name} is not a string.", cim_status=4)
    if len(element):
        return {child.tag.rpartition("}")[2]: child.text or "" for child in element}
    return element.text or ""


def _utc(moment: datetime) -> datetime:
    """Without a zone it is UTC (MS-WSMV 2.2.4)."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def decode_members(element: ET.Element, kinds: Mapping[str, CimType], *, namespace: str, what: str) -> dict[str, Any]:
    """Parameters or properties of a request by name; a null is left out.

    Raises:
        CimError: An element is unknown, in another namespace, repeated or of the wrong type.
    """
    found: dict[str, Any] = {}
    for item in element:
        uri, _, name = item.tag.rpartition("}")
        kind = kinds.get(name)
        if kind is None:
            raise CimError(codes.UNKNOWN_PARAMETER, f"{name} is not known to {what}.", cim_status=4)
        if uri[1:].lower() != namespace.lower():
            raise CimError(codes.SCHEMA_VALIDATION, f"{name} is in the namespace {uri[1:]}, not {namespace}.")
        if item.get(f"{{{XSI}}}nil") in ("true", "1"):
            continue
        value = decode(item, kind)
        if kind.array:
            found.setdefault(name, []).append(value)
        elif name in found:
            raise CimError(INVALID_PARAMETER, f"{name} is sent twice.", cim_status=4)
        else:
            found[name] = value
    return found


def _scalar(value: Any, cim: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        text = _moment(value)
        prefix, declaration = (f"{cim}:", f' xmlns:cim="{CIM}"') if cim else ("", "")
        return f"<{prefix}Datetime{declaration}>{text}</{prefix}Datetime>"
    return escape(str(value))


def _moment(value: datetime) -> str:
    """Like 2013-04-10T16:17:23.5Z: no zeros at the end of the fraction, in txwinrm's recorded answers."""
    moment = value.astimezone(UTC).replace(tzinfo=None)
    text = moment.isoformat(timespec="microseconds")
    return f"{text.rstrip('0').rstrip('.')}Z"


def members_xml(values: Mapping[str, Any], prefix: str = "p:", *, lower: bool = True, cim: str = "cim") -> str:
    """Property or parameter elements in alphabetical order, null as xsi:nil, arrays repeated.

    Args:
        values: By name.
        prefix: XML prefix of the elements with its colon, or nothing.
        lower: Whether namespaces of embedded instances are written in lower case.
        cim: Prefix of datetime's inner element; nothing in an XmlFragment.
    """
    parts: list[str] = []
    for name in sorted(values, key=str.lower):
        value = values[name]
        if value is None:
            parts.append(f'<{prefix}{name} xsi:nil="true"/>')
            continue
        for item in value if isinstance(value, list) else (value,):
            if isinstance(item, CimInstance):
                inner = members_xml(item.values, "q:", lower=lower)
                parts.append(
                    f'<{prefix}{name} xmlns:q="{class_uri(item.cls, lower=lower)}" '
                    f'xsi:type="q:{item.cls.name}_Type">{inner}</{prefix}{name}>'
                )
            elif isinstance(item, CimReference):
                parts.append(f"<{prefix}{name}>{_endpoint(item, lower=lower)}</{prefix}{name}>")
            else:
                parts.append(f"<{prefix}{name}>{_scalar(item, cim)}</{prefix}{name}>")
    return "".join(parts)


def class_uri(cls: CimClass, *, lower: bool) -> str:
    """A class's resource URI; Windows often writes the namespace in lower case."""
    return f"{WMI}{cls.namespace.lower() if lower else cls.namespace}/{cls.name}"


def instance_xml(instance: CimInstance, *, lower: bool) -> str:
    """An instance as an element of its class."""
    name = instance.cls.name
    return (
        f'<p:{name} xmlns:p="{class_uri(instance.cls, lower=lower)}" {_XSI_TYPES} xsi:type="p:{name}_Type" '
        f'xml:lang="en-US">{members_xml(instance.values, lower=lower)}</p:{name}>'
    )


def fragment_xml(instance: CimInstance) -> str:
    """A projection (`SELECT a,b`) as Windows returns it: an XmlFragment of elements without a namespace.

    txwinrm's test data (test/data), recorded from Windows Server 2003 to 2012, show it so.
    """
    return f"<w:XmlFragment {_XSI_TYPES}>{members_xml(instance.values, '', cim='')}</w:XmlFragment>"


def reference_xml(instance: CimInstance, *, lower: bool, element: str = "a:EndpointReference") -> str:
    """An endpoint reference: the class and the keys of an instance (DSP0226 5.4.2)."""
    cls, values = instance.cls, instance.values
    keys = tuple((key, value if isinstance(value := values[key], CimReference) else str(value)) for key in cls.keys)
    return f"<{element}>{_endpoint(CimReference(cls.namespace, cls.name, keys), lower=lower)}</{element}>"


def _endpoint(reference: CimReference, *, lower: bool) -> str:
    """What is inside an endpoint reference, and inside a property that is a reference.

    A REF property has the type of an endpoint reference (DSP0230, mapping of references), and a key that is a
    reference is a selector with an endpoint reference in it (DSP0226 5.4.2.2). Windows adds no `__cimnamespace`, as
    the resource URI has the namespace: its answer in learn.microsoft.com/windows/win32/winrm/
    scripting-in-windows-remote-management. Openwsman's bindings/ruby/tests/winenum.rb takes references of Windows'
    associations apart so: ReferenceParameters stands in the property itself.
    """
    namespace = reference.namespace.lower() if lower else reference.namespace
    selectors = "".join(
        f'<w:Selector Name="{key}">{_selector(value, lower=lower)}</w:Selector>' for key, value in reference.keys
    )
    return (
        f"<a:Address>{ANONYMOUS}</a:Address><a:ReferenceParameters>"
        f"<w:ResourceURI>{WMI}{namespace}/{reference.name}</w:ResourceURI>"
        f"<w:SelectorSet>{selectors}</w:SelectorSet></a:ReferenceParameters>"
    )


def _selector(value: str | CimReference, *, lower: bool) -> str:
    if isinstance(value, CimReference):
        return f"<a:EndpointReference>{_endpoint(value, lower=lower)}</a:EndpointReference>"
    return escape(value)


def output_xml(cls: CimClass, method: str, values: Mapping[str, Any], *, lower: bool) -> str:
    """A method's output."""
    return (
        f'<p:{method}_OUTPUT xmlns:p="{class_uri(cls, lower=lower)}" {_XSI_TYPES}>'
        f"{members_xml(values, lower=lower)}</p:{method}_OUTPUT>"
    )
