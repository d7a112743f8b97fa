# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logons as the Local Security Authority keeps them: of services, of sessions, of network clients.

A session of Remote Desktop is not a logon: an administrator's has two (an elevated and a filtered token, each with
a logon of its own, learn.microsoft.com "How User Account Control works"), and whoever comes over WinRM has one
without any session.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from typing import TYPE_CHECKING

from .accounts import Account

if TYPE_CHECKING:
    from .host import WindowsHost

# SYSTEM_LUID, LOCALSERVICE_LUID, NETWORKSERVICE_LUID and ANONYMOUS_LOGON_LUID, winnt.h
SYSTEM_LOGON, LOCAL_SERVICE_LOGON, NETWORK_SERVICE_LOGON, ANONYMOUS_LOGON = 0x3E7, 0x3E5, 0x3E4, 0x3E6
_FIRST = 40_000  # ids below belong to Windows' start: the first DWM-1 has 69722 in a public listing
_STALE = 150
# German from "Localized service names", learn.microsoft.com/sql/database-engine/configure-windows/
# configure-windows-service-accounts-and-permissions; that Win32_LoggedOnUser has localized names shows in public
# scripts that leave "SERVICIO LOCAL" and "SERVICIO DE RED" out of it.
_WELL_KNOWN = {
    "en-US": ("SYSTEM", "LOCAL SERVICE", "NETWORK SERVICE", "ANONYMOUS LOGON"),
    "de-DE": ("SYSTEM", "LOKALER DIENST", "NETZWERKDIENST", "ANONYMOUS-ANMELDUNG"),
}


@dataclass(frozen=True, slots=True)
class Logon:
    """One logon: its id and the account as Win32_Account names it."""

    id: int
    domain: str
    name: str


class Logons:
    """The logons of a host; ids are locally unique and are not used again until it restarts."""

    def __init__(self, host: WindowsHost) -> None:
        self._host = host
        self._random = random.Random(f"logons of {host.name}")
        self._last = _FIRST
        self._of_callers: dict[str, int] = {}
        self._of_windows: dict[int, tuple[int, int, int]] = {}
        self._stale: tuple[Logon, ...] | None = None

    def _next(self) -> int:
        self._last += self._random.randint(60, 90_000)
        return self._last

    def begin(self, account: Account) -> tuple[int, ...]:
        """Ids for a user who logs on to a session: two for an administrator."""
        return tuple(self._next() for _ in range(2 if account.administrator else 1))

    def listed(self, caller: Account) -> Iterator[Logon]:
        """What Win32_LoggedOnUser lists.

        unverified: that all are listed, and only those that are there (`logon_sessions`, `logon_sessions_stale`);
        windows_exporter's issue 1895 tells of logons that outlive their session.

        Args:
            caller: Who asks, and so has a network logon.
        """
        which = self._host.quirks["logon_sessions"]
        if which != "own":
            yield from self._of_services()
            if which == "all":
                for session in self._host.sessions:
                    for number in session.logon_ids:
                        yield Logon(number, session.account.domain, session.account.name)
            if self._host.quirks["logon_sessions_stale"]:
                yield from self._left_behind(caller)
        if caller.sid not in self._of_callers:
            self._of_callers[caller.sid] = self._next()
        yield Logon(self._of_callers[caller.sid], caller.domain, caller.name)

    def _of_services(self) -> Iterator[Logon]:
        """Windows' own accounts.

        Their domain is the computer's name, not NT AUTHORITY or Window Manager: a public listing of a Windows Server
        2012 R2 has it so for SYSTEM (logon 999 and others), LOCAL SERVICE, NETWORK SERVICE, ANONYMOUS LOGON and DWM-1,
        which is there twice. UMFD-0 and the like, whose names public scripts leave out, are taken to be the same.
        """
        machine = self._host.computer_name
        system, local, network, anonymous = _WELL_KNOWN[self._host.language]
        yield Logon(SYSTEM_LOGON, machine, system)
        yield Logon(LOCAL_SERVICE_LOGON, machine, local)
        yield Logon(NETWORK_SERVICE_LOGON, machine, network)
        for session in dict.fromkeys((0, 1, *(item.id for item in self._host.sessions))):
            if session not in self._of_windows:
                self._of_windows[session] = (self._next(), self._next(), self._next())
            fonts, *windows = self._of_windows[session]
            yield Logon(fonts, machine, f"UMFD-{session}")
            for number in windows if session else ():
                yield Logon(number, machine, f"DWM-{session}")
        yield Logon(ANONYMOUS_LOGON, machine, anonymous)

    def _left_behind(self, caller: Account) -> Iterator[Logon]:
        """Logons of people who have logged off long ago: 150 of the accounts that have no session here."""
        here = {caller.sid, *(item.account.sid for item in self._host.sessions)}
        if self._stale is None:
            gone = [item for item in islice(self._host.accounts, _STALE + len(here)) if item.sid not in here]
            self._stale = tuple(Logon(self._next(), item.domain, item.name) for item in islice(cycle(gone), _STALE))
        return iter(self._stale)
