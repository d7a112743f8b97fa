# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The winrs shell: a plain ``cmd.exe`` with byte streams (MS-WSMV 3.1.4.1.31, shell resource 2.2.4.38)."""

from __future__ import annotations

import base64
import binascii
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING

from .._errors import AssistError, CommandFailed, MalformedReply, OperationTimeout, ReplyTimeout
from .envelope import Request
from .reply import Element, descendants, text_of
from .uris import (
    ACTION_COMMAND,
    ACTION_CREATE,
    ACTION_DELETE,
    ACTION_RECEIVE,
    ACTION_SEND,
    ACTION_SIGNAL,
    SHELL_CMD,
    SIGNAL_TERMINATE,
)
from .values import attribute, escaped

if TYPE_CHECKING:
    from .client import WsmanClient

UTF8_CODEPAGE = "65001"
SEND_CHUNK_BYTES = 256 * 1024
"""Raw bytes of one Send: base64 and headers of it stay under the host's default envelope of 500 KiB."""
RECEIVE_SECONDS = 20.0
"""How long the host may hold one Receive before it answers with its timeout fault, and we ask again."""
IDLE_TIMEOUT = "PT300S"
"""When the host ends a shell that nobody uses; its own default is two hours (MS-WSMV 2.2.4, IdleTimeout)."""
OUTPUT_LIMIT_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class CommandResult:
    """What a command line gave back: its exit code and its two streams as bytes."""

    exit_code: int
    stdout: bytes
    stderr: bytes

    @property
    def text(self) -> str:
        """Standard output as text (UTF-8, the code page the shell was opened with)."""
        return self.stdout.decode("utf-8", "replace")


class Shell:
    """One winrs shell of a host. Opened by the first command; leaving the ``with`` block closes it."""

    def __init__(self, client: WsmanClient) -> None:
        self._client = client
        self._selectors: dict[str, str] | None = None

    def __enter__(self) -> Shell:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Delete the shell; a host that no longer answers ends it by itself (IdleTimeout)."""
        if self._selectors is None:
            return
        selectors, self._selectors = self._selectors, None
        with suppress(AssistError):
            self._client.exchange(Request(ACTION_DELETE, SHELL_CMD, selectors=selectors), what="closing the shell")

    def run(
        self, command_line: str, *, stdin: bytes = b"", timeout: float = 30.0, limit: int = OUTPUT_LIMIT_BYTES
    ) -> CommandResult:
        """Run one command line to its end.

        Args:
            command_line: For ``cmd.exe /c``, quoted by the caller. Not shown in errors.
            stdin: Bytes for standard input.
            timeout: Seconds the command may take.
            limit: Bytes of output that are read at most.

        Raises:
            ReplyTimeout: The command did not end in time; it was terminated.
            CommandFailed: It wrote more than `limit`.
            WsmanFault: The host refused the shell or the command.
        """
        deadline = time.monotonic() + timeout
        command = self._start(command_line)
        finished = False
        try:
            self._write(command, stdin)
            result = self._read(command, deadline, limit)
            finished = True
            return result
        finally:
            if not finished:
                with suppress(AssistError):
                    self._signal(command)

    def _open(self) -> dict[str, str]:
        if self._selectors is None:
            request = Request(
                ACTION_CREATE,
                SHELL_CMD,
                "<rsp:Shell><rsp:InputStreams>stdin</rsp:InputStreams>"
                f"<rsp:OutputStreams>stdout stderr</rsp:OutputStreams><rsp:IdleTimeOut>{IDLE_TIMEOUT}</rsp:IdleTimeOut>"
                "</rsp:Shell>",
                options={"WINRS_NOPROFILE": "TRUE", "WINRS_CODEPAGE": UTF8_CODEPAGE},
            )
            body = self._client.exchange(request, what="opening a shell")
            identities = [text_of(item) for item in descendants(body, "ShellId")]
            identities += [text_of(item) for item in descendants(body, "Selector") if item.get("Name") == "ShellId"]
            if not any(identities):
                raise MalformedReply("the host opened a shell without naming it.", host=self._client.host)
            self._selectors = {"ShellId": next(filter(None, identities))}
        return self._selectors

    def _start(self, command_line: str) -> str:
        ours = str(uuid.uuid4()).upper()
        request = Request(
            ACTION_COMMAND,
            SHELL_CMD,
            f"<rsp:CommandLine CommandId={attribute(ours)}>"
            f"<rsp:Command>{escaped(command_line)}</rsp:Command></rsp:CommandLine>",
            selectors=self._open(),
            # Ignored since Windows Server 2012 R2 (MS-WSMV note 117); says to older hosts what we mean.
            options={"WINRS_CONSOLEMODE_STDIN": "FALSE", "WINRS_SKIP_CMD_SHELL": "FALSE"},
        )
        body = self._client.exchange(request, what="starting a command")
        return next((text_of(item) for item in descendants(body, "CommandId")), "") or ours

    def _write(self, command: str, stdin: bytes) -> None:
        for start in range(0, len(stdin), SEND_CHUNK_BYTES):
            chunk = stdin[start : start + SEND_CHUNK_BYTES]
            end = ' End="true"' if start + SEND_CHUNK_BYTES >= len(stdin) else ""
            body = (
                f'<rsp:Send><rsp:Stream Name="stdin" CommandId={attribute(command)}{end}>'
                f"{base64.b64encode(chunk).decode('ascii')}</rsp:Stream></rsp:Send>"
            )
            request = Request(ACTION_SEND, SHELL_CMD, body, selectors=self._open())
            self._client.exchange(request, what="sending a command's input")

    def _read(self, command: str, deadline: float, limit: int) -> CommandResult:
        streams: dict[str, bytearray] = {"stdout": bytearray(), "stderr": bytearray()}
        while True:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise ReplyTimeout("a command did not end in time and was stopped.", host=self._client.host)
            body = self._receive(command, min(RECEIVE_SECONDS, max(remaining, 0.5)))
            if body is None:
                continue
            self._collect(body, streams)
            if sum(map(len, streams.values())) > limit:
                raise CommandFailed(f"a command wrote more than {limit} bytes.", host=self._client.host)
            for state in descendants(body, "CommandState"):
                if (state.get("State") or "").endswith("/Done"):
                    return CommandResult(self._exit_code(state), bytes(streams["stdout"]), bytes(streams["stderr"]))

    def _receive(self, command: str, seconds: float) -> Element | None:
        """One Receive; ``None`` when the host had nothing to say within its time."""
        body = (
            f"<rsp:Receive><rsp:DesiredStream CommandId={attribute(command)}>stdout stderr"
            "</rsp:DesiredStream></rsp:Receive>"
        )
        request = Request(
            ACTION_RECEIVE,
            SHELL_CMD,
            body,
            selectors=self._open(),
            options={"WSMAN_CMDSHELL_OPTION_KEEPALIVE": "TRUE"},
        )
        try:
            return self._client.exchange(request, what="reading a command's output", timeout=seconds)
        except OperationTimeout:
            return None

    def _collect(self, body: Element, streams: dict[str, bytearray]) -> None:
        for stream in descendants(body, "Stream"):
            wanted = streams.get(stream.get("Name", ""))
            if wanted is not None and stream.text:
                try:
                    wanted.extend(base64.b64decode(stream.text))
                except (binascii.Error, ValueError):
                    raise MalformedReply("a command's output is not base64.", host=self._client.host) from None

    def _exit_code(self, state: Element) -> int:
        text = next((text_of(item) for item in descendants(state, "ExitCode")), "0")
        try:
            return int(text)
        except ValueError:
            raise MalformedReply("a command's exit code is no number.", host=self._client.host) from None

    def _signal(self, command: str) -> None:
        body = f"<rsp:Signal CommandId={attribute(command)}><rsp:Code>{SIGNAL_TERMINATE}</rsp:Code></rsp:Signal>"
        request = Request(ACTION_SIGNAL, SHELL_CMD, body, selectors=self._open())
        self._client.exchange(request, what="stopping a command")
