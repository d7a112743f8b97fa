# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""msra.exe as the person who is helped runs it: makes an invitation file and waits for the helper.

Format and cipher: MS-RAI section 6 and note 20; FreeRDP's libfreerdp/common/assistance.c and its published
samples. Event numbers: libyal/winevt-kb, message file of msra.exe.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import os
import random
import secrets
import string
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from .argv import arguments_of
from .event_log import RA_OPERATIONAL
from .files import FileError, normalise
from .network import listener
from .processes import Process
from .sessions import Session

if TYPE_CHECKING:
    from .host import WindowsHost

DEFAULT_LIFETIME_MINUTES = 360  # six hours (Windows 7 Resource Kit); DtLength 360 in a 2024 sample
_UNIT_MINUTES = {0: 1, 1: 60, 2: 1440}  # MaxTicketExpiryUnits of RemoteAssistance.admx
MINIMUM_PASSWORD = 6
RA_POLICY = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services"
RA_SETTINGS = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Remote Assistance"
ServeDesktop = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def derive_key(password: str) -> bytes:
    """CryptDeriveKey for AES-128 from SHA-1 (learn.microsoft.com CryptDeriveKey, remarks)."""
    digest = hashlib.sha1(password.encode("utf-16-le")).digest()
    padded = digest + bytes(64 - len(digest))
    inner = hashlib.sha1(bytes(byte ^ 0x36 for byte in padded)).digest()
    outer = hashlib.sha1(bytes(byte ^ 0x5C for byte in padded)).digest()
    return (inner + outer)[:16]


def encrypt(text: str, password: str) -> bytes:
    """AES-128-CBC with a zero vector and PKCS#7 over UTF-16LE."""
    data = text.encode("utf-16-le")
    pad = 16 - len(data) % 16
    encryptor = Cipher(algorithms.AES(derive_key(password)), modes.CBC(bytes(16))).encryptor()
    return encryptor.update(data + bytes([pad]) * pad) + encryptor.finalize()


def pass_stub() -> str:
    """Fourteen characters in the shape of every known sample."""
    letters = string.ascii_letters + string.digits + "*_"
    choice = secrets.choice
    middle = [
        choice("!@#$&^*()-+="),
        choice(string.digits),
        choice(string.ascii_uppercase),
        choice(string.ascii_lowercase),
    ]
    return choice(letters) + "".join(middle) + "".join(choice(letters) for _ in range(9))


class Msra:
    """Everything msra.exe does on one host.

    Attributes:
        serve_desktop: What answers a helper's connection; by default it is held open and says nothing.
    """

    def __init__(self, host: WindowsHost) -> None:
        self._host = host
        self.serve_desktop: ServeDesktop = _hold
        self._servers: list[asyncio.Server] = []
        self._work: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Stop listening."""
        for task in self._work:
            task.cancel()
        for server in self._servers:
            server.close()

    def start_by_user(self, session: Session) -> None:
        """Model a user who asked for help by hand: an invitation waits."""

        async def start() -> None:
            await self.start(session, '/saveasfile "C:\\Users\\Public\\help.msrcIncident" Manual77')

        self._work.add(asyncio.ensure_future(start()))

    async def start(self, session: Session, arguments: str) -> Process | None:
        """Start msra.exe in a session; None when it is not installed."""
        if not self._host.files.exists("C:\\Windows\\System32\\msra.exe"):
            return None
        running = self._host.processes.in_session(session.id, "msra.exe")
        process = self._host.start_process("msra.exe", session, f"C:\\Windows\\System32\\msra.exe {arguments}")
        self._host.events.write(RA_OPERATIONAL, 13, process.command_line or "", pid=process.pid)
        task = asyncio.ensure_future(self._live(process, session, arguments, bool(running)))
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return process

    def _value(self, name: str) -> int | None:
        """A setting: policy first, then the system setting."""
        for key in (RA_POLICY, RA_SETTINGS):
            found = self._host.registry.read(key, name)
            if isinstance(found, int):
                return found
        return None

    def _refusal(self, words: list[str], busy: bool) -> tuple[int, str] | None:
        """The event msra writes instead of making an invitation."""
        if len(words) not in (2, 3) or words[0].lower() != "/saveasfile":
            return 29, "usage"
        if not self._value("fAllowToGetHelp"):
            return 26, "disallowed"
        if busy:
            return 29, "already running"  # 0x80070052 in MS-RAI 3.3.4.1.1
        # unverified: the least length; public scripts say six
        if len(words) == 3 and len(words[2]) < MINIMUM_PASSWORD:
            return 29, "password"
        return None

    async def _live(self, process: Process, session: Session, arguments: str, busy: bool) -> None:
        faults = self._host.faults
        words = arguments_of(arguments)
        if faults.msra_exits_at_once:
            self._host.end_process(process.pid, 1)
            return
        refusal = self._refusal(words, busy)
        if refusal is not None:
            self._host.events.write(RA_OPERATIONAL, refusal[0], refusal[1], pid=process.pid)
            if refusal[1] != "disallowed":
                self._host.end_process(process.pid, 1)
            else:  # a message box waits for the user's click
                self._host.clock.call_later(60, lambda: self._end(process))
            return
        await asyncio.sleep(faults.msra_delay)
        if faults.msra_never_writes or not process.alive:
            return
        await self._invite(process, session, words)

    def _end(self, process: Process) -> None:
        self._host.end_process(process.pid, 0)

    async def _invite(self, process: Process, session: Session, words: list[str]) -> None:
        password = words[2] if len(words) == 3 else secrets.token_hex(6).upper()
        port = await self._listen(process)
        units = _UNIT_MINUTES.get(self._value("MaxTicketExpiryUnits") or 0, 60)
        lifetime = (self._value("MaxTicketExpiry") or 6) * units
        if self._value("MaxTicketExpiry") is None:
            lifetime = DEFAULT_LIFETIME_MINUTES
        ticket = self._ticket(session, password, port, lifetime, process.pid)
        path = normalise(words[1])
        if self._host.quirks["msra_appends_extension"] and not path.lower().endswith(".msrcincident"):
            path += ".msrcIncident"
        await self._write(path, ticket, session, process)
        self._host.clock.call_later(lifetime * 60, lambda: self._expired(process))

    def _expired(self, process: Process) -> None:
        """The ticket's time is over: msra closes, unless a helper is connected (MS-RAI 6, DtLength)."""
        if process.alive and not any(row.state == 5 for row in self._host.network.of(process.pid)):
            self._host.events.write(RA_OPERATIONAL, 20, pid=process.pid)
            self._end(process)

    async def _listen(self, process: Process) -> int:
        server, port = await self._host.network.listen(process.pid, self._serve)
        self._servers.append(server)
        # One port per interface, the next ones after each other (published samples).
        for offset, address in ((1, "fe80::1c2d:3e4f:5a6b:7c8d"), (2, "192.0.2.17")):
            self._host.network.add(listener(address, min(port + offset, 65535), process.pid))
        process.on_end.append(lambda _: server.close())
        return port

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self.serve_desktop(reader, writer)

    def _ticket(self, session: Session, password: str, port: int, lifetime: int, pid: int) -> bytes:
        seed = random.Random(f"{self._host.name}{pid}{self._host.clock.timestamp()}")
        identity = base64.b64encode(bytes(seed.getrandbits(8) for _ in range(48))).decode()
        key_hash = base64.b64encode(hashlib.sha1(os.urandom(64)).digest()).decode()
        rows = [
            # A zone that no controller has: a helper that tries it there must fail at once, not hang.
            ("fe80::1c2d:3e4f:5a6b:7c8d%999", port + 1),
            (self._host.address, port),
            ("192.0.2.17", port + 2),
        ]
        listeners = "".join(f'<L P="{number}" N="{address}"/>' for address, number in rows)
        connection = f'<E><A KH="{key_hash}" ID="{identity}"/><C><T ID="1" SID="0">{listeners}</T></C></E>\r\n'
        sealed = encrypt(connection, password).hex().upper()
        plain = ";".join(f"{address}:{number}" for address, number in rows if ":" not in address)
        # CreateEncryptedOnlyTickets 1 leaves out what Windows XP reads (RemoteAssistance.admx).
        old = "" if self._value("CreateEncryptedOnlyTickets") else (
            f' RCTICKET="65538,1,{plain},*,{identity},*,*,{key_hash}"'
        )  # fmt: skip
        text = (
            f'<?xml version="1.0"?><UPLOADINFO TYPE="Escalated"><UPLOADDATA '
            f'USERNAME={quoteattr(session.account.name)} LHTICKET="{sealed}"{old} PassStub={quoteattr(pass_stub())} '
            f'RCTICKETENCRYPTED="1" DtStart="{int(self._host.clock.timestamp())}" DtLength="{lifetime}" L="0"/>'
            "</UPLOADINFO>"
        )
        encoding = self._host.quirks["incident_encoding"]
        return text.encode({"utf-8-bom": "utf-8-sig"}.get(encoding, encoding))

    async def _write(self, path: str, data: bytes, session: Session, process: Process) -> None:
        """Write the file as the user; while it is being written other programs can read what is there."""
        delay = self._host.faults.msra_writes_slowly
        try:
            if delay:
                self._host.files.write(path, data[: len(data) // 2], session.account)
                await asyncio.sleep(delay)
                if not process.alive:
                    return
            self._host.files.write(path, data, session.account)
        except FileError as error:
            self._host.events.write(RA_OPERATIONAL, 29, f"error {error.code}", pid=process.pid)
            self._host.clock.call_later(60, lambda: self._end(process))


async def _hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hold a helper's connection until it goes."""
    with contextlib.suppress(ConnectionError):
        while await reader.read(4096):
            pass
