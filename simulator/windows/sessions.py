# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sessions of users, and the traces of them in the registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..pool import SessionDescription
from .accounts import Account
from .registry import Registry

SESSION_DATA = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Authentication\\LogonUI\\SessionData"


@dataclass
class Session:
    """One session; `logon_ids` are the logons of its user (`logons.py`)."""

    id: int
    account: Account
    state: str
    kind: str
    client: str
    session_name: str
    logon: datetime
    invitation_waiting: bool = False
    idle: str = ""
    logon_ids: tuple[int, ...] = ()

    @classmethod
    def of(cls, item: SessionDescription, account: Account, now: datetime, server: bool) -> Session:
        """A session as described; an active one without a name came over RDP."""
        name = item.session_name or ("RDP-Tcp#0" if server or item.client else "Console")
        return cls(
            item.id, account, item.state, item.kind, item.client,
            name if item.state == "active" else "", now, item.invitation_waiting,
        )  # fmt: skip

    def as_data(self) -> dict[str, Any]:
        """For tests."""
        return {"id": self.id, "user": self.account.qualified, "sid": self.account.sid, "state": self.state}


def session_registry(
    registry: Registry, sessions: Sequence[Session], quirks: Mapping[str, Any], netbios: str, dns: str
) -> None:
    """Write what Windows keeps of its sessions.

    LogonUI\\SessionData is winlogon's; Volatile Environment is the user's own key and writable by the user.
    """
    registry.drop(SESSION_DATA)
    registry.make(SESSION_DATA)
    for session in sessions:
        account = session.account
        registry.make(f"HKU\\{account.sid}\\Software")
        if not quirks["session_data_missing"]:
            key = f"{SESSION_DATA}\\{session.id}"
            registry.put(key, "LoggedOnUser", account.qualified)
            registry.put(key, "LoggedOnSAMUser", account.qualified)
            registry.put(key, "LoggedOnUserSID", account.sid)
            registry.put(key, "LoggedOnDisplayName", account.display_name or account.name)
        if quirks["hku_volatile_missing"]:
            continue
        volatile = f"HKU\\{account.sid}\\Volatile Environment"
        profile = account.profile or f"C:\\Users\\{account.name}"
        values = {
            "LOGONSERVER": f"\\\\DC01.{netbios}",
            "USERDNSDOMAIN": dns.upper(),
            "USERDOMAIN": account.domain,
            "USERNAME": account.name,
            "USERPROFILE": profile,
            "LOCALAPPDATA": f"{profile}\\AppData\\Local",
        }
        for name, text in values.items():
            registry.put(volatile, name, text)
        registry.put(f"{volatile}\\{session.id}", "SESSIONNAME", session.session_name or "RDP-Tcp#9")
        registry.put(f"{volatile}\\{session.id}", "CLIENTNAME", session.client)
