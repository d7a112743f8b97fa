# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Processes of a host (``Win32_Process``): which run in which session, and whose they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from .._errors import NotFound
from .._formats.quoting import wql_literal
from .._wsman.client import WsmanClient
from .._wsman.instance import CimInstance

CIMV2 = "root/cimv2"
MSRA = "msra.exe"
DESKTOP_SHELLS = frozenset({"explorer.exe"})
"""The shell of a desktop session."""
PUBLISHED_APP_SHELLS = frozenset({"rdpinit.exe", "rdpshell.exe"})
"""What runs a RemoteApp session instead of a desktop (learn.microsoft.com, Remote Desktop Services).

unverified: that no desktop session has one of the two.
"""
LOCK_SCREEN = "logonui.exe"
SESSION_PROCESSES = (
    MSRA,
    *sorted(DESKTOP_SHELLS),
    *sorted(PUBLISHED_APP_SHELLS),
    "sihost.exe",
    "userinit.exe",
    LOCK_SCREEN,
)
# Not the command line: another invitation's password may stand in it. A projection's elements may come
# without the class's namespace or wrapped (MS-WSMV 2.2.4, DSP0226 7.2); the client reads both.
_COLUMNS = "Handle,Name,ProcessId,SessionId,CreationDate"


@dataclass(frozen=True)
class Process:
    """One process; an id alone may be used again, an id with its start may not.

    Attributes:
        process_id: The id.
        name: Image name, lower case.
        session_id: The session it runs in.
        started: When it started, or ``None`` when the host does not say.
        marked: Whether its command line holds the text that was asked for.
    """

    process_id: int
    name: str
    session_id: int
    started: datetime | None = None
    marked: bool = False

    def is_same_as(self, other: Process) -> bool:
        """Whether both are one process, seen at two times."""
        return (self.process_id, self.name, self.session_id, self.started) == (
            other.process_id,
            other.name,
            other.session_id,
            other.started,
        )


def read_processes(client: WsmanClient, names: Iterable[str], *, marked_by: str | None = None) -> list[Process]:
    """Processes with one of these image names.

    Args:
        client: The host.
        names: Image names.
        marked_by: Text whose presence in the command line is reported; only then are command lines read, and
            they are dropped at once.
    """
    condition = " OR ".join(f"Name={wql_literal(name)}" for name in names)
    return _read(client, condition, marked_by)


def read_session_processes(client: WsmanClient, session_id: int) -> list[Process]:
    """All processes of one session."""
    return _read(client, f"SessionId={session_id:d}", None)


def _read(client: WsmanClient, condition: str, marked_by: str | None) -> list[Process]:
    columns = _COLUMNS if marked_by is None else f"{_COLUMNS},CommandLine"
    rows = client.enumerate(CIMV2, f"SELECT {columns} FROM Win32_Process WHERE {condition}")
    # A projection's XmlFragment holds the properties in txwinrm's recorded answers; DSP0226 7.2 allows the instance.
    found = [_process(row.child("Win32_Process") or row, marked_by) for row in rows]
    return sorted((item for item in found if item is not None), key=lambda item: item.process_id)


def _process(row: CimInstance, marked_by: str | None) -> Process | None:
    process_id, session_id = row.integer("ProcessId"), row.integer("SessionId")
    if process_id is None or session_id is None:
        return None
    return Process(
        process_id=process_id,
        name=(row.text("Name") or "").lower(),
        session_id=session_id,
        started=row.moment("CreationDate"),
        marked=marked_by is not None and marked_by.lower() in (row.text("CommandLine") or "").lower(),
    )


def owner_sid(client: WsmanClient, process: Process) -> str | None:
    """The SID a process runs as; ``None`` when it ended meanwhile or the host does not say."""
    try:
        output = _invoke(client, process, "GetOwnerSid")
    except NotFound:
        return None
    return output.text("Sid") or None if output.return_value == 0 else None


def owner_account(client: WsmanClient, process: Process) -> tuple[str, str] | None:
    """Domain and user name a process runs as."""
    try:
        output = _invoke(client, process, "GetOwner")
    except NotFound:
        return None
    domain, user = output.text("Domain"), output.text("User")
    return (domain or "", user) if output.return_value == 0 and user else None


def _invoke(client: WsmanClient, process: Process, method: str) -> CimInstance:
    return client.invoke(CIMV2, "Win32_Process", method, {}, selectors={"Handle": str(process.process_id)})
