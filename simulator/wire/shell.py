# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The winrs shell resource (MS-WSMV 3.1.4.1.31 and 3.1.4.5 to 3.1.4.14)."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Awaitable, Callable
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from ..seam import ACCESS_DENIED, ACTION_NOT_SUPPORTED, CimError, CommandStreams, Host, NoAnswerInTime
from ..windows.accounts import Account
from . import codes
from .command import STREAMS, Command, Shell
from .soap import ANONYMOUS, RSP, SMALLEST_ENVELOPE, SoapRequest, T, duration

SHELL_URI = f"{RSP}/cmd"
MAX_SHELLS = 30  # MaxShellsPerUser, MS-WSMV 2.2.4
MAX_PROCESSES = 25  # MaxProcessesPerShell, MS-WSMV 2.2.4
IDLE_TIMEOUT = 7200.0  # seconds; IdleTimeout of winrs 7200000 ms, MS-WSMV 2.2.4
SIGNALS = frozenset(f"{RSP}/signal/{name}" for name in ("terminate", "ctrl_c", "ctrl_break")) | {
    "powershell/signal/ctrl_c"
}
"""Codes of Signal (MS-WSMV 2.2.4.38, which writes one of them as Terminate and terminate: clients send either)."""
_LINE_PARTS = frozenset(f"{{{RSP}}}{name}" for name in ("Command", "Arguments"))
_DEFAULT_CODEPAGE = 437  # the OEM code page; what a shell without WINRS_CODEPAGE gets on an English host
_FRAME = 4096  # bytes of a Receive reply that are no output


class Shells:
    """All winrs shells of a host; `errors` takes tracebacks of mistakes in simulated programs."""

    def __init__(self, host: Host, errors: list[str]) -> None:
        self._host = host
        self._errors = errors
        self.open: dict[str, Shell] = {}
        self._operations: dict[str, Callable[[SoapRequest, Account], Awaitable[str]]] = {
            f"{T}/Create": self._create,
            f"{T}/Delete": self._delete,
            f"{RSP}/Command": self._start,
            f"{RSP}/Send": self._send,
            f"{RSP}/Receive": self._receive,
            f"{RSP}/Signal": self._signal,
        }

    async def run(self, soap: SoapRequest, caller: Account) -> tuple[str, str]:
        """Carry a shell operation out: action and body of its reply."""
        operation = self._operations.get(soap.action)
        if operation is None:
            raise CimError(ACTION_NOT_SUPPORTED, "The action is not supported by the service.")
        return f"{soap.action}Response", await operation(soap, caller)

    def close(self) -> None:
        """End everything."""
        for shell in self.open.values():
            shell.end()
        self.open.clear()

    # Shells ---------------------------------------------------------------------------------------

    async def _create(self, request: SoapRequest, caller: Account) -> str:
        element = request.body.find(f"{{{RSP}}}Shell")
        if element is None:
            raise codes.ShellFault
        outputs = set((element.findtext(f"{{{RSP}}}OutputStreams") or "").split())
        inputs = set((element.findtext(f"{{{RSP}}}InputStreams") or "").split())
        if not outputs or not outputs <= set(STREAMS) or not inputs <= {"stdin"}:
            raise codes.ShellFault
        if len([item for item in self.open.values() if item.owner is caller]) >= MAX_SHELLS:
            raise CimError(
                codes.QUOTA_SHELLS,
                "The WS-Management service cannot process the request. The maximum number of concurrent shells for "
                "this user has been exceeded. Close existing shells or raise the quota for this user. ",
            )
        shell = self._shell_of(request, element, caller)
        self.open[shell.identity] = shell
        self._watch(shell)
        return (
            f"<x:ResourceCreated><a:Address>{ANONYMOUS}</a:Address><a:ReferenceParameters>"
            f"<w:ResourceURI>{SHELL_URI}</w:ResourceURI><w:SelectorSet>"
            f'<w:Selector Name="ShellId">{shell.identity}</w:Selector></w:SelectorSet>'
            "</a:ReferenceParameters></x:ResourceCreated>"
            f"<rsp:Shell><rsp:ShellId>{shell.identity}</rsp:ShellId><rsp:ResourceUri>{SHELL_URI}</rsp:ResourceUri>"
            f"<rsp:Owner>{escape(caller.qualified)}</rsp:Owner><rsp:InputStreams>stdin</rsp:InputStreams>"
            f"<rsp:OutputStreams>{' '.join(sorted(outputs, reverse=True))}</rsp:OutputStreams></rsp:Shell>"
        )

    def _shell_of(self, request: SoapRequest, element: Element, caller: Account) -> Shell:
        options = {name.upper(): value for name, value in request.options.items()}
        codepage = options.get("WINRS_CODEPAGE", str(_DEFAULT_CODEPAGE))
        if not codepage.isdigit():
            raise codes.ShellFault
        variables = element.iterfind(f"{{{RSP}}}Environment/{{{RSP}}}Variable")
        idle = duration((element.findtext(f"{{{RSP}}}IdleTimeOut") or "").strip())
        return Shell(
            (element.get("ShellId") or str(uuid.uuid4())).upper(),
            caller,
            int(codepage),
            element.findtext(f"{{{RSP}}}WorkingDirectory") or "",
            {item.get("Name") or "": item.text or "" for item in variables},
            min(idle or IDLE_TIMEOUT, IDLE_TIMEOUT),
        )

    def _watch(self, shell: Shell) -> None:
        """End the shell once nobody has used it for its idle timeout."""
        now = self._host.clock.timestamp()
        shell.used = now

        def check() -> None:
            left = shell.used + shell.idle_timeout - self._host.clock.timestamp()
            if self.open.get(shell.identity) is not shell:
                return
            if left > 0:
                shell.timer = self._host.clock.call_later(left, check)
                return
            del self.open[shell.identity]
            shell.end()

        shell.timer = self._host.clock.call_later(shell.idle_timeout, check)

    async def _delete(self, request: SoapRequest, caller: Account) -> str:
        shell = self._shell(request, caller)
        del self.open[shell.identity]
        shell.end()
        for command in shell.commands.values():
            await command.ended()
        return ""

    def _shell(self, request: SoapRequest, caller: Account) -> Shell:
        """The shell a request selects."""
        selectors = {name.lower(): value for name, value in request.selectors.items()}
        if set(selectors) != {"shellid"}:
            raise CimError(codes.INSUFFICIENT_SELECTORS, "The request needs the selector ShellId alone.")
        shell = self.open.get(selectors["shellid"].strip().upper())
        if shell is None:
            raise CimError(
                codes.UNEXPECTED_SELECTORS,
                f"The request for the Windows Remote Shell with ShellId {selectors['shellid']} failed because the "
                "shell was not found on the server. Possible causes are: the specified ShellId is incorrect or the "
                "shell no longer exists on the server. ",
            )
        if shell.owner is not caller:
            raise CimError(ACCESS_DENIED, "Access is denied. ")
        shell.used = self._host.clock.timestamp()
        return shell

    # Commands -------------------------------------------------------------------------------------

    async def _start(self, request: SoapRequest, caller: Account) -> str:
        shell = self._shell(request, caller)
        line = request.body.find(f"{{{RSP}}}CommandLine")
        if line is None or not line.findtext(f"{{{RSP}}}Command"):
            raise codes.ShellFault
        if len([item for item in shell.commands.values() if item.exit_code is None]) >= MAX_PROCESSES:
            raise CimError(codes.QUOTA_PROCESSES, "The maximum number of processes of this shell is exceeded. ")
        # WINRS_SKIP_CMD_SHELL is ignored from Server 2012 R2 on (MS-WSMV note 117): cmd.exe /c runs the line.
        if any(item.tag not in _LINE_PARTS for item in line):
            raise codes.ShellFault
        words = [line.findtext(f"{{{RSP}}}Command") or ""]
        words += [argument.text or "" for argument in line.findall(f"{{{RSP}}}Arguments")]
        command = Command((line.get("CommandId") or str(uuid.uuid4())).upper(), self._errors)
        if command.identity in shell.commands:
            raise codes.ShellFault
        shell.commands[command.identity] = command
        streams = CommandStreams(
            command.read(),
            lambda data: command.write("stdout", data),
            lambda data: command.write("stderr", data),
            shell.codepage,
            shell.directory,
            shell.environment,
        )
        command.run(self._host.run_command(" ".join(words), streams, shell.owner))
        return f"<rsp:CommandResponse><rsp:CommandId>{command.identity}</rsp:CommandId></rsp:CommandResponse>"

    async def _send(self, request: SoapRequest, caller: Account) -> str:
        shell = self._shell(request, caller)
        streams = request.body.findall(f"{{{RSP}}}Send/{{{RSP}}}Stream")
        if not streams:
            raise codes.ShellFault
        for stream in streams:
            command = self._command(shell, stream.get("CommandId"))
            if stream.get("Name") != "stdin":
                raise codes.ShellFault
            try:
                data = base64.b64decode("".join((stream.text or "").split()), validate=True)
            except (binascii.Error, ValueError):
                # The type of a stream is xs:base64Binary (MS-WSMV 2.2.4.40).
                raise codes.ShellFault from None
            command.feed(data, last=(stream.get("End") or "").lower() in ("true", "1"))
        return "<rsp:SendResponse/>"

    async def _receive(self, request: SoapRequest, caller: Account) -> str:
        """Give output, or time out when there is none (MS-WSMV 3.1.4.14: the client asks again)."""
        shell = self._shell(request, caller)
        desired = request.body.find(f"{{{RSP}}}Receive/{{{RSP}}}DesiredStream")
        wanted = tuple((desired.text or "").split()) if desired is not None else ()
        if desired is None or not wanted or not set(wanted) <= set(STREAMS):
            raise codes.ShellFault
        command = self._command(shell, desired.get("CommandId"))
        if not await command.wait(wanted, request.timeout):
            raise NoAnswerInTime
        shell.used = self._host.clock.timestamp()
        # Base64 makes four bytes of three; the rest of the envelope takes _FRAME.
        room = max(request.max_envelope, SMALLEST_ENVELOPE) - _FRAME
        apart = bool(self._host.quirks["receive_done_apart"])
        return command.output_xml(wanted, room // 4 * 3, done_apart=apart)

    async def _signal(self, request: SoapRequest, caller: Account) -> str:
        shell = self._shell(request, caller)
        element = request.body.find(f"{{{RSP}}}Signal")
        code = element.findtext(f"{{{RSP}}}Code", "").strip().lower() if element is not None else ""
        if element is None or code not in SIGNALS:
            raise codes.ShellFault
        command = self._command(shell, element.get("CommandId"))
        command.end()
        await command.ended()
        if code.endswith("terminate"):
            del shell.commands[command.identity]
        return "<rsp:SignalResponse/>"

    def _command(self, shell: Shell, identity: str | None) -> Command:
        command = shell.commands.get((identity or "").strip().upper())
        if command is None:
            raise codes.ShellFault
        return command
