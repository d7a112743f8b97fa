# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From an HTTP request to an answer: login, faults, WS-Management operations, counters."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element

from ..seam import (
    ACCESS_DENIED,
    INVALID_PARAMETER,
    INVALID_SELECTORS,
    NOT_FOUND,
    QUOTA_USER_OPERATIONS,
    CimError,
    CimInstance,
    CimMethod,
    Host,
    Provider,
)
from ..windows.accounts import Account
from .auth import Authenticator, Refused, decrypted, encrypted
from .http import Connection, Drop, HttpRequest, HttpResponse
from .shell import SHELL_URI, Shells
from .soap import (
    DEFAULT_ENVELOPE,
    RSP,
    WMI,
    N,
    SoapRequest,
    T,
    W,
    decode,
    envelope,
    fault,
    instance_xml,
    output_xml,
    parse,
)

WQL = "http://schemas.microsoft.com/wbem/wsman/1/WQL"
SOAP_TYPE = "application/soap+xml;charset=UTF-8"
_ENUMERATION_ITEMS = 32000


class HostService:
    """WinRM of one host."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.shells = Shells(host)
        self.authenticator = Authenticator(host)
        self._enumerations: dict[str, list[CimInstance]] = {}

    def close(self) -> None:
        """End shells and remove the credential file."""
        self.shells.close()
        self.authenticator.close()

    async def __call__(self, request: HttpRequest, connection: Connection) -> HttpResponse:
        """Answer one HTTP request."""
        host = self.host
        host.counters["requests"] += 1
        lose_reply = await self._misbehave()
        try:
            caller = self.authenticator.authenticate(request, connection)
            response = await self._authenticated(request, connection, caller)
            response.headers += connection.context.take_token()
        except Refused as refused:
            response = refused.response
        if lose_reply:
            raise Drop
        return response

    async def _misbehave(self) -> bool:
        """Apply the fault switches that work on whole requests; whether to lose the reply."""
        faults = self.host.faults
        faults.requests_seen += 1
        if faults.vanished or faults.down or faults.requests_seen == faults.drop_connection_at:
            raise Drop
        if faults.vanish_after and faults.requests_seen > faults.vanish_after:
            faults.vanished = True
            raise Drop
        if faults.slow_reply:
            await asyncio.sleep(faults.slow_reply)
        return faults.requests_seen == faults.drop_reply_at

    async def _authenticated(self, request: HttpRequest, connection: Connection, caller: Account) -> HttpResponse:
        if request.path.rstrip("/").lower() != "/wsman" or request.method != "POST":
            return HttpResponse(404)
        sealed = request.headers.get("content-type", "").startswith("multipart/encrypted")
        if not request.body:
            return HttpResponse(200)  # the empty request with which clients log in
        if not sealed and not connection.secure and not self.host.quirks.get("allow_unencrypted"):
            return HttpResponse(500)  # AllowUnencrypted=false: an empty 500, as pywinrm's users report it
        body = decrypted(request, connection)
        if len(body) > DEFAULT_ENVELOPE:
            return HttpResponse(413)  # MS-WSMV 3.1.4.1: larger than MaxEnvelopeSizekb
        status, answer = await self._soap(body, request, caller)
        response = encrypted(answer, connection) if sealed else HttpResponse(200, answer, SOAP_TYPE)
        response.status = status
        return response

    async def _soap(self, body: bytes, request: HttpRequest, caller: Account) -> tuple[int, bytes]:
        soap: SoapRequest | None = None
        try:
            soap = parse(body)
            if not caller.elevated:
                raise CimError(ACCESS_DENIED, "Access is denied.", subcode="w:AccessDenied")
            if self.host.faults.quota:
                raise CimError(
                    QUOTA_USER_OPERATIONS,
                    "The maximum number of operations is used up.",
                    subcode="w:QuotaLimit",
                )
            if request.chunked and soap.resource.startswith(RSP):
                raise CimError(INVALID_PARAMETER, "Chunked encoding is not allowed here.")  # MS-WSMV 3.1.4.1.31.8
            answer = await self._operation(soap, caller)
            if self.host.faults.oversize_reply:
                answer = (answer[0], answer[1] + f"<pad>{'x' * 9_000_000}</pad>")
            return 200, envelope(answer[0], soap.message_id, answer[1])
        except CimError as error:
            return 500, fault(error, soap.message_id if soap else "", self.host.name)

    async def _operation(self, soap: SoapRequest, caller: Account) -> tuple[str, str]:
        if soap.resource.startswith(RSP):
            return await self._shell_operation(soap, caller)
        if soap.action.startswith(N):
            return f"{soap.action}Response", self._enumeration(soap, caller)
        if not soap.resource.startswith(WMI):
            raise CimError(NOT_FOUND, "The resource URI is not known.", subcode="a:DestinationUnreachable")
        provider = self._provider(soap.resource)
        if soap.action.startswith(T):
            return f"{soap.action}Response", self._transfer(soap, provider, caller)
        return f"{soap.action}Response", await self._invoke(soap, provider, caller)

    def _lower(self) -> bool:
        return bool(self.host.quirks.get("namespace_case", "lower") == "lower")

    def _provider(self, resource: str) -> Provider:
        namespace, _, name = resource.removeprefix(WMI).rpartition("/")
        provider = self.host.providers.get((namespace.lower(), name.lower()))
        if provider is None:
            raise CimError(
                NOT_FOUND,
                "The WS-Management service cannot process the request: the class was not found.",
                cim_status=5,
                subcode="a:DestinationUnreachable",
            )
        return provider

    def _transfer(self, soap: SoapRequest, provider: Provider, caller: Account) -> str:
        self._check_keys(soap.selectors, provider)
        operation = soap.action.removeprefix(f"{T}/")
        if operation == "Get":
            self.host.counters["reads"] += 1
            return instance_xml(provider.get(soap.selectors, caller), lower=self._lower())
        if operation == "Delete":
            self._count_write()
            provider.delete(soap.selectors, caller)
            return ""
        raise CimError(2150858760, "The action is not supported.", subcode="a:ActionNotSupported")

    def _check_keys(self, selectors: dict[str, str], provider: Provider) -> None:
        if {name.lower() for name in selectors} != {name.lower() for name in provider.cls.keys}:
            raise CimError(INVALID_SELECTORS, "The selectors are not the keys.", subcode="w:InvalidSelectors")

    def _count_write(self) -> None:
        if self.host.faults.deny_writes:
            raise CimError(ACCESS_DENIED, "Access is denied (writes are switched off).", subcode="w:AccessDenied")
        self.host.counters["writes"] += 1

    async def _invoke(self, soap: SoapRequest, provider: Provider, caller: Account) -> str:
        uri, _, name = soap.action.rpartition("/")
        method = provider.cls.methods.get(name)
        if uri.lower() != soap.resource.lower() or method is None:
            raise CimError(2150858760, "The action is not supported.", subcode="a:ActionNotSupported")
        if method.static and soap.selectors:
            raise CimError(INVALID_SELECTORS, "A static method takes no selectors.", subcode="w:InvalidSelectors")
        if not method.static:
            self._check_keys(soap.selectors, provider)
        arguments = self._arguments(soap, name, method)
        if method.writes:
            self._count_write()
        else:
            self.host.counters["reads"] += 1
        values = dict(await provider.invoke(name, soap.selectors, arguments, caller))
        return output_xml(provider.cls, name, values, lower=self._lower())

    def _arguments(self, soap: SoapRequest, name: str, method: CimMethod) -> dict[str, Any]:
        element: Element | None = soap.body.find(f"{{{soap.resource}}}{name}_INPUT")
        if element is None:
            raise CimError(INVALID_PARAMETER, f"{name}_INPUT is missing.", cim_status=4)
        found: dict[str, Any] = {}
        for item in element:
            namespace, _, parameter = item.tag.rpartition("}")
            kind = method.inputs.get(parameter)
            if kind is None or namespace[1:] != soap.resource:
                raise CimError(INVALID_PARAMETER, f"{parameter} is no parameter of {name}.", cim_status=4)
            if item.get("{http://www.w3.org/2001/XMLSchema-instance}nil") == "true":
                continue
            value = decode(item, kind)
            if kind.array:
                found.setdefault(parameter, []).append(value)
            elif parameter in found:
                raise CimError(INVALID_PARAMETER, f"{parameter} is sent twice.", cim_status=4)
            else:
                found[parameter] = value
        if missing := [item for item in method.required if item not in found]:
            raise CimError(INVALID_PARAMETER, f"{missing[0]} is missing.", cim_status=4)
        return found

    def _enumeration(self, soap: SoapRequest, caller: Account) -> str:
        self.host.counters["reads"] += 1
        operation = soap.action.removeprefix(f"{N}/")
        element = soap.body.find(f"{{{N}}}{operation}")
        if element is None:
            raise CimError(INVALID_PARAMETER, f"The body has no {operation}.", subcode="w:SchemaValidationError")
        limit = int(element.findtext(f"{{{W}}}MaxElements") or element.findtext(f"{{{N}}}MaxElements") or 1)
        if operation == "Enumerate":
            found = self._found(soap, element, caller)
            optimized = element.find(f"{{{W}}}OptimizeEnumeration") is not None
            return self._page(
                found if optimized else [], found, limit if optimized else 0, soap, "w", "EnumerateResponse"
            )
        context = element.findtext(f"{{{N}}}EnumerationContext") or ""
        rest = self._enumerations.pop(context, None)
        if rest is None:
            raise CimError(2150858754, "The enumeration context is not valid.", subcode="n:InvalidEnumerationContext")
        if operation == "Release":
            return ""
        return self._page(rest, rest, limit, soap, "n", "PullResponse")

    def _found(self, soap: SoapRequest, element: Element, caller: Account) -> list[CimInstance]:
        namespace, _, name = soap.resource.removeprefix(WMI).rpartition("/")
        query = element.find(f"{{{W}}}Filter")
        if query is None:
            return list(self._provider(soap.resource).instances(caller))
        if query.get("Dialect") != WQL or name != "*":
            raise CimError(2150858778, "The filter dialect is not supported.", subcode="w:FilteringNotSupported")
        return self.host.query(namespace, query.text or "", caller)

    def _page(
        self,
        offered: list[CimInstance],
        everything: list[CimInstance],
        limit: int,
        soap: SoapRequest,
        prefix: str,
        name: str,
    ) -> str:
        """As many items as fit into the client's envelope and its MaxElements."""
        room = soap.max_envelope - 4096
        parts: list[str] = []
        for instance in offered[: min(limit, _ENUMERATION_ITEMS)]:
            text = self._item(instance)
            if len(text) > room and parts:
                break
            room -= len(text)
            parts.append(text)
        rest = everything[len(parts) :]
        items = f"<{prefix}:Items>{''.join(parts)}</{prefix}:Items>" if parts or prefix == "n" else ""
        if not rest and (prefix == "n" or parts or offered is everything):
            return f"<n:{name}><n:EnumerationContext/>{items}<{prefix}:EndOfSequence/></n:{name}>"
        context = f"uuid:{str(uuid.uuid4()).upper()}"
        self._enumerations[context] = rest
        return f"<n:{name}><n:EnumerationContext>{context}</n:EnumerationContext>{items}</n:{name}>"

    def _item(self, instance: CimInstance) -> str:
        text = instance_xml(instance, lower=self._lower())
        partial = len(instance.values) < len(instance.cls.properties)
        if partial and self.host.quirks.get("projection_wrapper") == "XmlFragment":
            return f"<w:XmlFragment>{text}</w:XmlFragment>"
        return text

    async def _shell_operation(self, soap: SoapRequest, caller: Account) -> tuple[str, str]:
        if soap.resource != SHELL_URI:
            raise CimError(NOT_FOUND, "The shell resource is not known.", subcode="a:DestinationUnreachable")
        operations: dict[str, Callable[[SoapRequest, Account], str]] = {
            f"{T}/Create": self.shells.create,
            f"{T}/Delete": self.shells.delete,
            f"{RSP}/Command": self.shells.command,
            f"{RSP}/Send": self.shells.send,
            f"{RSP}/Signal": self.shells.signal,
        }
        self.host.counters["shell"] += 1
        if soap.action == f"{RSP}/Receive":
            return f"{soap.action}Response", await self.shells.receive(soap, caller)
        if soap.action not in operations:
            raise CimError(2150858760, "The action is not supported.", subcode="a:ActionNotSupported")
        return f"{soap.action}Response", operations[soap.action](soap, caller)
