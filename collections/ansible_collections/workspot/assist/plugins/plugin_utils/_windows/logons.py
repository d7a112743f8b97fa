# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which accounts have a logon on a host (``Win32_LoggedOnUser``): one exchange, for a first look.

Microsoft's own example of finding the servers on which a user has a session asks this class of each
(learn.microsoft.com/windows/win32/cimwin32prov/win32-logonsession, "Examples"). It lists network logons too, and
users who have logged off long ago; so an account that it lists may have a session, and one that it does not list has
none. Who has a session is for ``quser`` to say.
"""

from __future__ import annotations

from dataclasses import dataclass

from .._errors import MalformedReply, ReplyTimeout, WsmanFault
from .._wsman.client import WsmanClient
from .processes import CIMV2

MOST_SECONDS = 5.0
"""Servers that keep logons of thousands of users may need longer; then the session list is the shorter way."""
_SYSTEM_LOGON = "999"
"""The logon of LocalSystem has the same number on every host: SYSTEM_LUID, 0x3e7 (MS-LSAD, winnt.h)."""
_IN_NO_NAME = frozenset("\\@")
"""In no account name (SAM-Account-Name attribute, learn.microsoft.com), but in one together with its domain."""
_QUERY = "SELECT * FROM Win32_LoggedOnUser"


@dataclass(frozen=True)
class Logons:
    """What a host lists.

    Attributes:
        accounts: Account names without domains, each once.
        of_everyone: Whether the caller was shown the logons of others; without that, a name's absence says nothing.
    """

    accounts: frozenset[str]
    of_everyone: bool


def read_logons(client: WsmanClient) -> Logons | None:
    """The accounts that have a logon; ``None`` when the host fails to say, or not in time.

    Raises:
        TransportError: The host can not be reached, or refuses the login.
    """
    try:
        rows = client.enumerate(CIMV2, _QUERY, timeout=MOST_SECONDS)
    except (WsmanFault, MalformedReply, ReplyTimeout):
        return None
    accounts: set[str] = set()
    of_everyone = False
    for row in rows:
        name = row.reference("Antecedent").get("name", "").strip()
        if not name or not _IN_NO_NAME.isdisjoint(name):
            return None  # a form of reference that is not known: whom it is about can not be told
        accounts.add(name)
        of_everyone = of_everyone or row.reference("Dependent").get("logonid") == _SYSTEM_LOGON
    return Logons(frozenset(accounts), of_everyone)
