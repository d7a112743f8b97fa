# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Enumerate, Pull and Release over CIM instances (DSP0226 8, MS-WSMV 3.1.4.1)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from ..seam import ACTION_NOT_SUPPORTED, CANNOT_PROCESS_FILTER, CimError, CimInstance, Host, Provider
from ..windows.accounts import Account
from . import codes
from .soap import WMI, A, B, N, SoapRequest, W
from .values import fragment_xml, instance_xml, reference_xml

WQL = "http://schemas.microsoft.com/wbem/wsman/1/WQL"
SELECTORS = "http://schemas.dmtf.org/wbem/wsman/1/wsman/SelectorFilter"
ASSOCIATIONS = "http://schemas.dmtf.org/wbem/wsman/1/cimbinding/associationFilter"
MOST_ITEMS = 32000  # MaxBatchItems, MS-WSMV 2.2.4
CONTEXT_LIFETIME = 60.0  # seconds between two pulls; EnumerationTimeoutms 60000, MS-WSMV 2.2.4
_MODES = ("EnumerateObject", "EnumerateEPR", "EnumerateObjectAndEPR")
_ALL = re.compile(r"\s*select\s*\*", re.IGNORECASE)
_FRAME = 4096  # bytes of a reply that are no items


@dataclass
class _Context:
    """An enumeration that is not at its end."""

    rest: list[CimInstance]
    mode: str
    owner: Account
    resource: str
    projection: bool
    expires: float = 0.0


class Enumerations:
    """The enumerations of one host.

    Args:
        host: The host.
        provider_of: Finds the provider of a resource URI or refuses.
    """

    def __init__(self, host: Host, provider_of: Callable[[str], Provider]) -> None:
        self._host = host
        self._provider_of = provider_of
        self._open: dict[str, _Context] = {}

    def __len__(self) -> int:
        return len(self._open)

    def run(self, soap: SoapRequest, caller: Account) -> str:
        """Carry an enumeration request out and give the body of its reply."""
        operation = soap.action.removeprefix(f"{N}/")
        if operation not in ("Enumerate", "Pull", "Release"):
            raise CimError(ACTION_NOT_SUPPORTED, "The action is not supported.")
        element = soap.body.find(f"{{{N}}}{operation}")
        if element is None:
            raise CimError(codes.SCHEMA_VALIDATION, f"The body has no {operation}.")
        if operation == "Enumerate":
            return self._enumerate(soap, element, caller)
        context = self._take(soap, element, caller)
        if operation == "Release":
            return ""
        return self._page("n", "PullResponse", context, _limit(element, N), soap.max_envelope)

    def _enumerate(self, soap: SoapRequest, element: Element, caller: Account) -> str:
        mode = (element.findtext(f"{{{W}}}EnumerationMode") or _MODES[0]).strip()
        if mode not in _MODES:
            raise CimError(codes.ENUMERATION_MODE, "The service does not support the specified enumeration mode. ")
        found = self._found(soap, element, caller)
        context = _Context(found, mode, caller, soap.resource.lower(), _is_projection(element))
        limit = _limit(element, W)
        if element.find(f"{{{W}}}OptimizeEnumeration") is None or self._host.quirks["first_reply_empty"]:
            return f"<n:EnumerateResponse>{self._keep(context)}</n:EnumerateResponse>"
        return self._page("w", "EnumerateResponse", context, limit, soap.max_envelope)

    def _found(self, soap: SoapRequest, element: Element, caller: Account) -> list[CimInstance]:
        name = soap.resource.rpartition("/")[2]
        query = element.find(f"{{{W}}}Filter")
        if not soap.resource.startswith(WMI):
            raise CimError(codes.INVALID_RESOURCE_URI, "The resource URI can not be enumerated.")
        if query is None:
            return list(self._provider_of(soap.resource).instances(caller))
        dialect = query.get("Dialect")
        if dialect == SELECTORS:
            return self._selected(query, list(self._provider_of(soap.resource).instances(caller)))
        if dialect == ASSOCIATIONS:
            return self._associated(query, caller)
        if dialect != WQL:
            raise CimError(codes.FILTER_DIALECT, "The filter dialect is not supported.")
        if name != "*":
            # The message of ERROR_WSMAN_INVALID_URI_WMI_ENUM_WQL in wsmerror.h says so.
            raise CimError(
                codes.QUERY_NEEDS_STAR,
                "The resource URI for an enumeration operation with WQL filter must not contain keys and the class "
                "name must be '*' (star). ",
            )
        return self._host.query(soap.namespace, query.text or "", caller)

    def _selected(self, query: Element, instances: list[CimInstance]) -> list[CimInstance]:
        wanted = {
            (item.get("Name") or "").lower(): (item.text or "").lower() for item in query.iter(f"{{{W}}}Selector")
        }
        return [
            item
            for item in instances
            if wanted.items() <= {key.lower(): str(value).lower() for key, value in item.values.items()}.items()
        ]

    def _associated(self, query: Element, caller: Account) -> list[CimInstance]:
        """Instances associated with one (DSP0227 17.1, MS-WSMV 3.1.4.1); association instances are not made here."""
        wanted = query.find(f"{{{B}}}AssociatedInstances")
        reference = wanted.find(f"{{{B}}}Object/{{{A}}}ReferenceParameters") if wanted is not None else None
        resource = reference.findtext(f"{{{W}}}ResourceURI") if reference is not None else None
        if wanted is None or reference is None or not resource:
            raise CimError(CANNOT_PROCESS_FILTER, "The association filter is not valid.")
        keys = {item.get("Name") or "": item.text or "" for item in reference.iter(f"{{{W}}}Selector")}
        association, result = (
            (wanted.findtext(f"{{{B}}}{name}") or "").strip() for name in ("AssociationClassName", "ResultClassName")
        )
        return list(self._provider_of(resource.strip()).associated(keys, association, result, caller))

    # Contexts -------------------------------------------------------------------------------------

    def _keep(self, context: _Context) -> str:
        now = self._host.clock.timestamp()
        for name in [name for name, item in self._open.items() if item.expires < now]:
            del self._open[name]
        context.expires = now + CONTEXT_LIFETIME
        name = f"uuid:{str(uuid.uuid4()).upper()}"
        self._open[name] = context
        return f"<n:EnumerationContext>{name}</n:EnumerationContext>"

    def _take(self, soap: SoapRequest, element: Element, caller: Account) -> _Context:
        """The context a request names; it is used up by that."""
        name = (element.findtext(f"{{{N}}}EnumerationContext") or "").strip()
        context = self._open.get(name)
        if context is None or context.expires < self._host.clock.timestamp():
            raise CimError(codes.INVALID_CONTEXT, "The enumeration context is not valid.")
        if context.owner is not caller or context.resource != soap.resource.lower():
            raise CimError(codes.INVALID_CONTEXT, "The enumeration context belongs to another request.")
        return self._open.pop(name)

    # Replies --------------------------------------------------------------------------------------

    def _page(self, prefix: str, name: str, context: _Context, limit: int, envelope: int) -> str:
        """As many items as fit into the client's envelope and its MaxElements."""
        room, parts = envelope - _FRAME, list[str]()
        for instance in context.rest[: min(limit, MOST_ITEMS)]:
            text = self._item(instance, context)
            size = len(text.encode()) if not text.isascii() else len(text)
            if size > room:
                if not parts:
                    raise CimError(codes.ENVELOPE_EXCEEDED, "An item is larger than the maximum envelope size.")
                break
            room -= size
            parts.append(text)
        context.rest = context.rest[len(parts) :]
        items = f"<{prefix}:Items>{''.join(parts)}</{prefix}:Items>"
        if context.rest:
            return f"<n:{name}>{self._keep(context)}{items}</n:{name}>"
        return f"<n:{name}><n:EnumerationContext/>{items}<{prefix}:EndOfSequence/></n:{name}>"

    def _item(self, instance: CimInstance, context: _Context) -> str:
        lower = self._host.quirks["namespace_case"] == "lower"
        if context.mode == "EnumerateEPR":
            return reference_xml(instance, lower=lower)
        if context.projection and self._host.quirks["projection_wrapper"] == "XmlFragment":
            text = fragment_xml(instance)
        else:
            text = instance_xml(instance, lower=lower)
        if context.mode == "EnumerateObjectAndEPR" and all(key in instance.values for key in instance.cls.keys):
            return f"<w:Item>{text}{reference_xml(instance, lower=lower)}</w:Item>"
        return text


def _is_projection(element: Element) -> bool:
    """Whether a query names properties; one that names them all does too, in txwinrm's recorded answers."""
    query = element.find(f"{{{W}}}Filter")
    return query is not None and query.get("Dialect") == WQL and not _ALL.match(query.text or "")


def _limit(element: Element, namespace: str) -> int:
    """MaxElements; 1 where there is none (DSP0226 8.2.3)."""
    text = element.findtext(f"{{{namespace}}}MaxElements")
    if text is None:
        return 1
    if not text.strip().isdigit() or int(text) < 1:
        raise CimError(codes.SCHEMA_VALIDATION, "MaxElements is not a positive number.")
    return int(text)
