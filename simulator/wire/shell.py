# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The winrs shell resource (MS-WSMV 3.1.4.1.31 and 3.1.4.5 to 3.1.4.14)."""

from __future__ import annotations

import asyncio
import base64
import binascii
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from ..seam import ACCESS_DENIED, INVALID_PARAMETER, OPERATION_TIMED_OUT, CimError, CommandStreams, Host
from ..windows.accounts import Account
from .soap import ANONYMOUS, RSP, SoapRequest

SHELL_URI = f"{RSP}/cmd"
SHELL_NOT_FOUND = 2150858843  # 0x8033805B, as WinRM clients report it
MAX_SHELLS = 30  # MaxShellsPerUser, MS-WSMV 2.2.4.x defaults
MAX_PROCESSES = 25  # MaxProcessesPerShell
QUOTA_SHELLS = 2150859173
_CHUNK = 200_000


@dataclass
class Command:
    """One command of a shell: its output so far, and whether it ended."""

    identity: str
    stdin: asyncio.Queue[bytes | None]
    task: asyncio.Task[int] | None = None
    output: list[tuple[str, bytes]] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    exit_code: int | None = None

    async def read(self) -> AsyncIterator[bytes]:
        """Standard input as it arrives."""
        while (chunk := await self.stdin.get()) is not None:
            yield chunk

    def write(self, stream: str, data: bytes) -> None:
        """Take output of the program."""
        if data:
            self.output.append((stream, data))
            self.news.set()


@dataclass
class Shell:
    """One shell of one account."""

    identity: str
    owner: Account
    commands: dict[str, Command] = field(default_factory=dict)
    started: int = 0


class Shells:
    """All winrs shells of a host."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.open: dict[str, Shell] = {}

    def create(self, request: SoapRequest, caller: Account) -> str:
        """Open a shell."""
        shell = request.body.find(f"{{{RSP}}}Shell")
        if shell is None or shell.findtext(f"{{{RSP}}}OutputStreams", "").split() != ["stdout", "stderr"]:
            raise CimError(INVALID_PARAMETER, "The shell's streams are not valid.", subcode="w:SchemaValidationError")
        if len([item for item in self.open.values() if item.owner is caller]) >= MAX_SHELLS:
            raise CimError(QUOTA_SHELLS, "The maximum number of shells is open.", subcode="w:QuotaLimit")
        identity = str(uuid.uuid4()).upper()
        self.open[identity] = Shell(identity, caller)
        selector = f'<w:Selector Name="ShellId">{identity}</w:Selector>'
        return (
            f"<x:ResourceCreated><a:Address>{ANONYMOUS}</a:Address><a:ReferenceParameters>"
            f"<w:ResourceURI>{SHELL_URI}</w:ResourceURI><w:SelectorSet>{selector}</w:SelectorSet>"
            "</a:ReferenceParameters></x:ResourceCreated>"
            f"<rsp:Shell><rsp:ShellId>{identity}</rsp:ShellId><rsp:ResourceUri>{SHELL_URI}</rsp:ResourceUri>"
            f"<rsp:Owner>{escape(caller.qualified)}</rsp:Owner><rsp:InputStreams>stdin</rsp:InputStreams>"
            "<rsp:OutputStreams>stdout stderr</rsp:OutputStreams></rsp:Shell>"
        )

    def delete(self, request: SoapRequest, caller: Account) -> str:
        """Close a shell and end what runs in it."""
        shell = self._shell(request, caller)
        del self.open[shell.identity]
        for command in shell.commands.values():
            self._end(command)
        return ""

    def command(self, request: SoapRequest, caller: Account) -> str:
        """Start a command line under cmd.exe."""
        shell = self._shell(request, caller)
        line = request.body.find(f"{{{RSP}}}CommandLine")
        if line is None or line.find(f"{{{RSP}}}Command") is None:
            raise CimError(INVALID_PARAMETER, "There is no command line.", subcode="w:SchemaValidationError")
        running = [command for command in shell.commands.values() if command.exit_code is None]
        if len(running) >= MAX_PROCESSES:
            raise CimError(2150859174, "Too many processes in this shell.", subcode="w:QuotaLimit")
        words = [line.findtext(f"{{{RSP}}}Command") or ""]
        words += [argument.text or "" for argument in line.findall(f"{{{RSP}}}Arguments")]
        identity = (line.get("CommandId") or str(uuid.uuid4())).upper()
        command = Command(identity, asyncio.Queue())
        shell.commands[identity] = command
        streams = CommandStreams(
            command.read(),
            lambda data: command.write("stdout", data),
            lambda data: command.write("stderr", data),
        )
        command.task = asyncio.ensure_future(self._host.run_command(" ".join(words), streams, shell.owner))
        command.task.add_done_callback(lambda task: self._ended(command, task))
        return f"<rsp:CommandResponse><rsp:CommandId>{identity}</rsp:CommandId></rsp:CommandResponse>"

    def send(self, request: SoapRequest, caller: Account) -> str:
        """Take standard input."""
        shell = self._shell(request, caller)
        for stream in request.body.iter(f"{{{RSP}}}Stream"):
            command = self._command(shell, stream.get("CommandId"))
            if stream.get("Name") != "stdin":
                raise CimError(INVALID_PARAMETER, "The stream is not stdin.", subcode="w:InvalidParameter")
            try:
                data = base64.b64decode(stream.text or "", validate=True)
            except binascii.Error:
                raise CimError(INVALID_PARAMETER, "The stream is not base64.", subcode="w:EncodingLimit") from None
            if data:
                command.stdin.put_nowait(data)
            if (stream.get("End") or "").lower() in ("true", "1"):
                command.stdin.put_nowait(None)
        return "<rsp:SendResponse/>"

    async def receive(self, request: SoapRequest, caller: Account) -> str:
        """Give output, or time out when there is none (MS-WSMV 3.1.4.14: the client asks again)."""
        shell = self._shell(request, caller)
        desired = request.body.find(f"{{{RSP}}}Receive/{{{RSP}}}DesiredStream")
        if desired is None:
            raise CimError(INVALID_PARAMETER, "No stream is desired.", subcode="w:SchemaValidationError")
        command = self._command(shell, desired.get("CommandId"))
        if not command.output and command.exit_code is None:
            command.news.clear()
            try:
                await asyncio.wait_for(command.news.wait(), request.timeout)
            except TimeoutError:
                raise CimError(OPERATION_TIMED_OUT, "The operation timed out.", subcode="w:TimedOut") from None
        return self._output(command, request.max_envelope)

    def signal(self, request: SoapRequest, caller: Account) -> str:
        """End a command."""
        shell = self._shell(request, caller)
        element = request.body.find(f"{{{RSP}}}Signal")
        command = self._command(shell, element.get("CommandId") if element is not None else None)
        self._end(command)
        shell.commands.pop(command.identity, None)
        return "<rsp:SignalResponse/>"

    def close(self) -> None:
        """End everything."""
        for shell in self.open.values():
            for command in shell.commands.values():
                self._end(command)
        self.open.clear()

    def _output(self, command: Command, max_envelope: int) -> str:
        room = min(_CHUNK, (max_envelope - 4096) * 3 // 4)
        parts: list[str] = []
        while command.output and room > 0:
            name, data = command.output.pop(0)
            if len(data) > room:
                command.output.insert(0, (name, data[room:]))
                data = data[:room]
            room -= len(data)
            text = base64.b64encode(data).decode("ascii")
            parts.append(f'<rsp:Stream Name="{name}" CommandId="{command.identity}">{text}</rsp:Stream>')
        done = command.exit_code is not None and not command.output
        state = "Done" if done else "Running"
        if done:
            parts += [
                f'<rsp:Stream Name="{name}" CommandId="{command.identity}" End="true"></rsp:Stream>'
                for name in ("stdout", "stderr")
            ]
        code = f"<rsp:ExitCode>{command.exit_code}</rsp:ExitCode>" if done else ""
        parts.append(
            f'<rsp:CommandState CommandId="{command.identity}" State="{RSP}/CommandState/{state}">{code}'
            "</rsp:CommandState>"
        )
        return f"<rsp:ReceiveResponse>{''.join(parts)}</rsp:ReceiveResponse>"

    def _shell(self, request: SoapRequest, caller: Account) -> Shell:
        identity = {name.lower(): value for name, value in request.selectors.items()}.get("shellid", "")
        shell = self.open.get(identity.upper())
        if shell is None:
            raise CimError(SHELL_NOT_FOUND, "The shell was not found.", subcode="w:InvalidSelectors")
        if shell.owner is not caller:
            raise CimError(ACCESS_DENIED, "Access is denied.", subcode="w:AccessDenied")
        return shell

    def _command(self, shell: Shell, identity: str | None) -> Command:
        command = shell.commands.get((identity or "").upper())
        if command is None:
            raise CimError(INVALID_PARAMETER, "The command was not found.", subcode="w:InvalidParameter")
        return command

    def _end(self, command: Command) -> None:
        command.stdin.put_nowait(None)
        if command.task is not None:
            command.task.cancel()

    def _ended(self, command: Command, task: asyncio.Task[int]) -> None:
        failed = task.cancelled() or task.exception() is not None
        command.exit_code = 0xC000013A - 2**32 if failed else task.result()  # STATUS_CONTROL_C_EXIT
        command.news.set()
