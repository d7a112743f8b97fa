# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulated Windows host without the network: what tests of its insides start from."""

from __future__ import annotations

import asyncio
import io
import tarfile
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from simulator.pool import describe
from simulator.seam import CimInstance, CommandStreams
from simulator.windows.accounts import Account
from simulator.windows.host import WindowsHost
from simulator.windows.registry_pol import Instruction, encode, instruction

RA = "SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services"
RA_KEY = f"HKLM\\{RA}"
FOLDER = "C:\\Windows\\System32\\GroupPolicy"
POL = f"{FOLDER}\\Machine\\Registry.pol"
INI = f"{FOLDER}\\gpt.ini"
BASELINE = "{11111111-2222-3333-4444-555555555555}"
EXTENSION = "{35378EAC-683F-11D2-A89A-00C04FBBCFA2}"
TOOL = "{D02B1F72-3407-48AE-BA88-E8213C6761F1}"
PASSWORD = "Only-A-Simulated-Account-1"
T = TypeVar("T")


@dataclass(frozen=True)
class Done:
    """A command line that has run."""

    code: int
    out: str
    err: str
    raw: bytes = field(repr=False)


class Rig:
    """One host, its administrator and a plain user; `run` gives what a command line does."""

    def __init__(self, **description: Any) -> None:
        accounts = [
            {"name": "admin", "password": PASSWORD, "administrator": True},
            {"name": "jdoe", "password": PASSWORD},
        ]
        hosts = [{"name": "desk-01", "address": "127.0.0.1", **description}]
        pool = describe({"accounts": accounts, "hosts": hosts})
        self.host = WindowsHost(pool.hosts[0], pool)
        self.admin = self._account("admin")
        self.user = self._account("jdoe")

    def _account(self, name: str) -> Account:
        found = self.host.accounts.find(name)
        assert found is not None
        return found

    def live(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine while the host's clock goes."""

        async def lived() -> T:
            self.host.attach(asyncio.get_running_loop())
            try:
                return await asyncio.wait_for(work, 30)
            finally:
                await self.host.close()
                await asyncio.sleep(0)  # lets servers close their sockets

        return asyncio.run(lived())

    async def command(
        self, line: str, *chunks: bytes, caller: Account | None = None, source: AsyncIterator[bytes] | None = None
    ) -> Done:
        """A command line with its standard input; runs in the test's own loop."""
        out: list[bytes] = []
        err: list[bytes] = []

        async def stdin() -> AsyncIterator[bytes]:
            for chunk in chunks:
                yield chunk

        streams = CommandStreams(source or stdin(), out.append, err.append)
        code = await self.host.run_command(line, streams, caller or self.admin)
        raw = b"".join(out)
        return Done(code, raw.decode("utf-8", "replace"), b"".join(err).decode("utf-8", "replace"), raw)

    def run(self, line: str, *chunks: bytes, caller: Account | None = None) -> Done:
        """A command line, to its end."""
        return self.live(self.command(line, *chunks, caller=caller))

    def query(self, namespace: str, wql: str) -> list[CimInstance]:
        """A WQL query of the administrator."""
        return self.host.query(namespace, wql, self.admin)

    def value(self, name: str, key: str = RA_KEY) -> Any:
        """A value of the live registry."""
        return self.host.registry.read(key, name)

    def content(self, path: str) -> bytes | None:
        """A file's bytes, or None."""
        node = self.host.files.get(path)
        return node.content if node is not None else None

    def put_policy(self, *entries: Instruction, version: int) -> None:
        """Replace the local policy, as the Group Policy editor does."""
        self.host.files.make_directory(f"{FOLDER}\\Machine")
        self.host.files.store(POL, encode(entries))
        self.host.files.store(INI, ini(version))


def ini(version: int, extensions: str = f"[{EXTENSION}{TOOL}]") -> bytes:
    """A gpt.ini."""
    return f"[General]\r\ngPCMachineExtensionNames={extensions}\r\nVersion={version}\r\n".encode()


def entry(name: str, data: Any, key: str = RA) -> Instruction:
    """An entry of Registry.pol, below the Remote Assistance key."""
    return instruction(key, name, data)


def archive(form: int = tarfile.USTAR_FORMAT, /, **members: bytes) -> bytes:
    """A tar archive of one of tarfile's formats; `__` in a name stands for a dot."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=form) as made:
        for name, content in members.items():
            info = tarfile.TarInfo(name.replace("__", "."))
            info.size = len(content)
            made.addfile(info, io.BytesIO(content))
    return stream.getvalue()


def members(data: bytes) -> dict[str, bytes]:
    """What a tar archive holds."""
    with tarfile.open(fileobj=io.BytesIO(data)) as read:
        found = {}
        for info in read:
            file = read.extractfile(info)
            found[info.name] = file.read() if file is not None else b""
        return found
