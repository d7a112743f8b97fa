# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sessions of a host: whose they are, whether active, and of which kind. Independent of its language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .._formats.quser import QuserRow
from .._wsman.client import WsmanClient
from .._wsman.shell import Shell
from .host_facts import HostFacts, read_environments, read_facts
from .processes import (
    DESKTOP_SHELLS,
    LOCK_SCREEN,
    MSRA,
    PUBLISHED_APP_SHELLS,
    Process,
    owner_account,
    owner_sid,
    read_session_processes,
)
from .profiles import USER_SID
from .session_sources import Environment, Logon

ACTIVE = "active"
DISCONNECTED = "disconnected"
QUSER_NAME_CHARACTERS = 20
"""quser cuts a user name here: the width of its column, and the longest sAMAccountName."""
_PROOF_CANDIDATES = 6
_NO_PROOF = frozenset({"winlogon.exe", "csrss.exe", "dwm.exe", "fontdrvhost.exe", LOCK_SCREEN, MSRA})


@dataclass(frozen=True)
class Session:
    """One session of one user.

    Attributes:
        user: Account name (sAMAccountName).
        domain: NetBIOS name of the account's domain or of the computer; ``None`` when unknown.
        sid: The account's SID; ``None`` when unknown.
        session_id: The session's number on its host.
        state: ``active`` or ``disconnected``.
        kind: ``desktop``, ``published_app`` or ``unknown``.
        client_name: The computer the user sits at; ``None`` at the console or when unknown.
        session_name: Such as ``console`` or ``RDP-Tcp#3``; ``None`` when disconnected.
        profile_path: The user's profile folder.
        locked: Whether the lock screen runs in it (a hint: Windows has no such state in any CIM class).
        dns_domain: DNS name of the domain; written by the user's own session, so good for a match only.
        principal_name: ``user@domain`` the user logged on with.
    """

    user: str
    domain: str | None
    sid: str | None
    session_id: int
    state: str
    kind: str = "unknown"
    client_name: str | None = None
    session_name: str | None = None
    profile_path: str | None = None
    locked: bool = False
    dns_domain: str | None = None
    principal_name: str | None = None

    @property
    def account(self) -> str:
        """``DOMAIN\\user``, or the user alone."""
        return f"{self.domain}\\{self.user}" if self.domain else self.user

    @property
    def is_active(self) -> bool:
        """Whether somebody sits in front of it."""
        return self.state == ACTIVE

    def as_data(self) -> dict[str, Any]:
        """The session as a module result carries it."""
        return {
            "user": self.user,
            "domain": self.domain,
            "sid": self.sid,
            "session_id": self.session_id,
            "state": self.state,
            "kind": self.kind,
            "client": self.client_name,
            "session_name": self.session_name,
            "profile_path": self.profile_path,
            "locked": self.locked,
        }


def read_sessions(client: WsmanClient) -> list[Session]:
    """All sessions of a host; each one's owner is known wherever the host says it."""
    with client.shell() as shell:
        return read_sessions_in(client, shell)


def read_sessions_in(client: WsmanClient, shell: Shell) -> list[Session]:
    """`read_sessions` in a shell that is open already."""
    facts = read_facts(client, shell)
    sids = [*(logon.sid for logon in facts.logons.values()), *facts.loaded_sids]
    environments, _outputs = read_environments(shell, sids)
    sessions = [describe(facts, row, environments) for row in facts.rows]
    return [session if session.sid else identified(client, facts, session) for session in sessions]


def same_name(shown: str, name: str) -> bool:
    """Whether a name that quser shows, perhaps cut, is this name."""
    left, right = shown.casefold(), name.casefold()
    return left == right or (len(left) >= QUSER_NAME_CHARACTERS and right.startswith(left))


def claimed_logon(facts: HostFacts, row: QuserRow) -> Logon | None:
    """The SessionData entry of a session, unless it is the leftover of another user's."""
    logon = facts.logons.get(row.session_id)
    if logon is None or (logon.user is not None and not same_name(row.user_name, logon.user)):
        return None
    return logon


def describe(facts: HostFacts, row: QuserRow, environments: Mapping[str, Environment]) -> Session:
    """One session from all that was read. Its SID is a claim until a process proves it."""
    logon = claimed_logon(facts, row)
    sid = logon.sid if logon else _sid_by_environment(row, environments)
    environment = environments.get(sid or "", Environment())
    return Session(
        user=(logon.user if logon and logon.user else row.user_name),
        domain=(logon.domain if logon and logon.domain else environment.domain),
        sid=sid,
        session_id=row.session_id,
        state=ACTIVE if row.active else DISCONNECTED,
        kind=_kind(facts, row.session_id),
        client_name=environment.sessions.get(row.session_id),
        session_name=row.session_name,
        profile_path=facts.profiles.get(sid or ""),
        locked=bool(facts.running(LOCK_SCREEN, row.session_id)),
        dns_domain=environment.dns_domain,
        principal_name=logon.principal_name if logon else None,
    )


def session_owner(client: WsmanClient, facts: HostFacts, session_id: int) -> tuple[str, Process] | None:
    """The SID that owns a session, proven by a process in it, and that process.

    Programs that somebody started in the session under another account can not mislead: Windows itself
    starts the ones that are asked first.
    """
    shells = [*sorted(DESKTOP_SHELLS), "sihost.exe", *sorted(PUBLISHED_APP_SHELLS), "userinit.exe"]
    known = [process for name in shells for process in facts.running(name, session_id)]
    for process in known[:_PROOF_CANDIDATES]:
        if (found := _person(client, process)) is not None:
            return found, process
    # A session without any of these: a kiosk, or a published app on an older host.
    others = [item for item in read_session_processes(client, session_id) if item.name not in _NO_PROOF]
    for process in others[:_PROOF_CANDIDATES]:
        if (found := _person(client, process)) is not None:
            return found, process
    return None


def identified(
    client: WsmanClient, facts: HostFacts, session: Session, found: tuple[str, Process] | None = None
) -> Session:
    """A session with the owner that its processes prove, when there is one.

    Args:
        client: The host.
        facts: What was read.
        session: The session as `describe` gives it.
        found: What `session_owner` says, when it was asked already.
    """
    found = found or session_owner(client, facts, session.session_id)
    if found is None:
        return session
    sid, process = found
    if session.sid == sid and _named_by_windows(facts, session):
        return session
    # Without an entry of Windows' own the names are the user's own word.
    domain, user = owner_account(client, process) or (None, session.user)
    return replace(
        session,
        sid=sid,
        domain=domain or None,
        user=user,
        profile_path=facts.profiles.get(sid),
        dns_domain=None,
        principal_name=None,
        client_name=session.client_name if session.sid == sid else None,
    )


def _named_by_windows(facts: HostFacts, session: Session) -> bool:
    """Whether a session's names are those of its SessionData, which no user can write."""
    logon = facts.logons.get(session.session_id)
    return logon is not None and logon.sid == session.sid and None not in (logon.domain, logon.user)


def _person(client: WsmanClient, process: Process) -> str | None:
    sid = (owner_sid(client, process) or "").upper()
    return sid if USER_SID.fullmatch(sid) else None


def _sid_by_environment(row: QuserRow, environments: Mapping[str, Environment]) -> str | None:
    fitting = [
        sid
        for sid, item in environments.items()
        if row.session_id in item.sessions and (item.user is None or same_name(row.user_name, item.user))
    ]
    return fitting[0] if len(fitting) == 1 else None


def _kind(facts: HostFacts, session_id: int) -> str:
    names = {item.name for item in facts.processes if item.session_id == session_id}
    if names & PUBLISHED_APP_SHELLS:
        return "published_app"
    return "desktop" if names & DESKTOP_SHELLS else "unknown"
