# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From an HTTP request to an answer: login, faults, the kinds of WS-Management operations, counters."""

from __future__ import annotations

import asyncio
import traceback
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element

from ..seam import ACTION_NOT_SUPPORTED, CimError, Host, NoAnswerInTime
from ..windows.accounts import Account
from ..wmi_context import applied
from .auth import Authenticator, Refused, decrypted, encrypted, is_sealed
from .codes import ENVELOPE_EXCEEDED, INVALID_RESOURCE_URI
from .config import CONFIG, config_reply
from .faults import FaultStyle, fault, quota_operations
from .http import MAX_BODY, Connection, Drop, HttpRequest, HttpResponse
from .objects import Objects
from .shell import SHELL_URI, Shells
from .soap import (
    DEFAULT_ENVELOPE,
    RSP,
    WMI,
    N,
    SoapRequest,
    T,
    document,
    envelope,
    identify_reply,
    is_identify,
    message_id,
    read,
)

SOAP_TYPE = "application/soap+xml;charset=UTF-8"
NOT_SUPPORTED = 50  # ERROR_NOT_SUPPORTED, winerror.h
_TRACE_LENGTH = 400
_PADDING = 9_000_000  # bytes of an oversized reply


@dataclass(slots=True)
class Exchange:
    """One HTTP request of a host, for tests and benchmarks.

    Attributes:
        number: Counted from the host's start, 401 legs of a login included.
        what: The operation (`Enumerate root/cimv2/*`, `Command`, `login`).
        status: HTTP status of the answer; 0 when the connection was dropped instead.
    """

    number: int
    what: str
    status: int = 0


@dataclass
class HostService:
    """WinRM of one host.

    Args:
        host: The host.
        folder: Where the credential file of NTLM goes.
        errors: Takes the traceback of a mistake in the simulator itself.
    """

    host: Host
    folder: Path
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.shells = Shells(self.host, self.errors)
        self.objects = Objects(self.host)
        self.authenticator = Authenticator(self.host, self.folder)
        self.trace: deque[Exchange] = deque(maxlen=_TRACE_LENGTH)
        self._style = FaultStyle(self.host.name, str(self.host.quirks["provider_fault"]))

    def close(self) -> None:
        """End shells and remove the credential file."""
        self.shells.close()
        self.authenticator.close()

    async def __call__(self, request: HttpRequest, connection: Connection) -> HttpResponse:
        """Answer one HTTP request.

        Raises:
            Drop: The connection breaks instead.
        """
        self.host.counters["requests"] += 1
        exchange = Exchange(self.host.counters["requests"], "login")
        self.trace.append(exchange)
        self.host.hooks.request()
        lose_reply = await self._misbehave()
        try:
            response = await self._answer(request, connection, exchange)
        except Refused as refused:
            response = refused.response
        except (Drop, asyncio.CancelledError):
            raise
        except Exception:
            self.errors.append(f"{self.host.name}: {exchange.what}: {traceback.format_exc()}")
            raise Drop from None
        if lose_reply:
            raise Drop
        exchange.status = response.status
        return response

    async def _misbehave(self) -> bool:
        """Apply the fault switches that work on whole requests; whether to lose the reply."""
        faults = self.host.faults
        faults.request()
        if faults.gone or faults.due("drop_connection_at"):
            raise Drop
        lose_reply = faults.due("drop_reply_at")
        if faults.slow_reply:
            await asyncio.sleep(faults.slow_reply)
        return lose_reply

    async def _answer(self, request: HttpRequest, connection: Connection, exchange: Exchange) -> HttpResponse:
        if request.path.partition("?")[0].rstrip("/").lower() != "/wsman":
            return HttpResponse(404)  # HTTP.sys: nothing is registered for the URL
        if request.method != "POST":
            return HttpResponse(405)
        if request.headers.get("wsmanidentify", "").lower() == "unauthenticated":
            return self._identify(request, "0.0.0", exchange)
        caller = self.authenticator.authenticate(request, connection)
        response = await self._authenticated(request, connection, caller, exchange)
        response.headers += connection.context.take_token()
        return response

    def _identify(self, request: HttpRequest, version: str, exchange: Exchange) -> HttpResponse:
        exchange.what = "Identify"
        try:
            known = is_identify(document(request.body))
        except CimError:
            known = False
        return HttpResponse(200, identify_reply(version), SOAP_TYPE) if known else HttpResponse(400)

    async def _authenticated(
        self, request: HttpRequest, connection: Connection, caller: Account, exchange: Exchange
    ) -> HttpResponse:
        content_type = request.headers.get("content-type", "")
        sealed = is_sealed(request)
        if not request.body:
            return HttpResponse(200)  # the empty request with which clients log in
        if not sealed and not connection.secure and not self.host.quirks["allow_unencrypted"]:
            return HttpResponse(500)  # AllowUnencrypted=false: an empty 500, as WinRM clients' users report it
        if not sealed and not content_type.lower().startswith("application/soap+xml"):
            return HttpResponse(415)  # unverified: status for a body that does not say it is SOAP
        if len(request.body) > MAX_BODY:
            return HttpResponse(413)
        body = decrypted(request, connection)
        if len(body) > DEFAULT_ENVELOPE:
            return HttpResponse(413)  # MS-WSMV 3.1.4.1: larger than MaxEnvelopeSizekb
        status, answer = await self._soap(body, request, caller, exchange)
        if self.host.faults.garbled_reply:
            answer = answer[: len(answer) // 2]
        response = encrypted(answer, connection) if sealed else HttpResponse(200, answer, SOAP_TYPE)
        response.status = status
        return response

    async def _soap(self, body: bytes, request: HttpRequest, caller: Account, exchange: Exchange) -> tuple[int, bytes]:
        related, namespace = "", ""
        try:
            root = document(body)
            if is_identify(root):
                exchange.what = "Identify"
                return 200, identify_reply(self.host.system.version)
            related = message_id(root)
            soap = self._read(root, request, exchange)
            self.host.hooks.operation(exchange.what)
            namespace = soap.namespace
            self._admit(caller)
            with applied(soap.context):
                action, content = await self._operation(soap, caller)
            return 200, self._enclose(action, soap, content)
        except CimError as error:
            return 500, fault(error, related, self._style, namespace)

    def _read(self, root: Element, request: HttpRequest, exchange: Exchange) -> SoapRequest:
        soap = read(root)
        exchange.what = f"{soap.action.rpartition('/')[2]} {soap.resource.removeprefix(WMI).removeprefix(RSP)}"
        if request.chunked and soap.resource.startswith(RSP):
            raise CimError(NOT_SUPPORTED, "The request is not supported. ")  # MS-WSMV 3.1.4.1.31.8
        return soap

    def _admit(self, caller: Account) -> None:
        """Only administrators reach the service: its default RootSDDL (MS-WSMV 2.2.4, winrm/config)."""
        if not caller.elevated:
            code = int(self.host.quirks["access_denied_code"])
            raise CimError(code, "Access is denied. ", subcode="w:InternalError")
        if self.host.faults.quota:
            raise quota_operations()

    async def _operation(self, soap: SoapRequest, caller: Account) -> tuple[str, str]:
        if soap.resource.startswith(RSP):
            if soap.resource != SHELL_URI:
                raise CimError(INVALID_RESOURCE_URI, "The shell resource is not known.")
            self.host.counters["shell"] += 1
            return await self.shells.run(soap, caller)
        if soap.action.startswith(N):
            self.host.counters["reads"] += 1
            return f"{soap.action}Response", await self._enumerations(soap, caller)
        if soap.resource == CONFIG or soap.resource.startswith(f"{CONFIG}/"):
            self.host.counters["reads"] += 1
            return f"{soap.action}Response", config_reply(soap, self.host)
        if not soap.resource.startswith(WMI):
            raise CimError(INVALID_RESOURCE_URI, "The resource URI was not found in the WS-Management catalog.")
        if soap.action.startswith(T):
            return f"{soap.action}Response", self.objects.transfer(soap, caller)
        if not soap.action.lower().startswith(WMI):
            raise CimError(ACTION_NOT_SUPPORTED, "The action is not supported by the service.")
        return f"{soap.action}Response", await self.objects.invoke(soap, caller)

    async def _enumerations(self, soap: SoapRequest, caller: Account) -> str:
        """Enumerate, Pull or Release; a provider that takes too long is given up when the client's time is over."""
        try:
            return self.objects.enumerations.run(soap, caller)
        except NoAnswerInTime:
            over = asyncio.Event()
            timer = self.host.clock.call_later(soap.timeout, over.set)
            try:
                await over.wait()
            finally:
                timer.cancel()
            raise

    def _enclose(self, action: str, soap: SoapRequest, content: str) -> bytes:
        if self.host.faults.oversize_reply:
            return envelope(action, soap.message_id, f"{content}<pad>{'x' * _PADDING}</pad>")
        reply = envelope(action, soap.message_id, content)
        if len(reply) > soap.max_envelope:
            raise CimError(ENVELOPE_EXCEEDED, "The response exceeds the maximum envelope size of the request.")
        return reply
