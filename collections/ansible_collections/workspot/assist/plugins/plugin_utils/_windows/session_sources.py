# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where Windows writes down who is logged on to which session, apart from ``quser``.

- ``LogonUI\\SessionData\\<session id>``: written by Windows alone, may outlive its session.
- ``HKU\\<SID>\\Volatile Environment``: made at logon, but the user's own hive, so the user can write it too.

Neither is documented as an interface (unverified: that both are there on every edition), so a session is
believed only when it agrees with ``quser``, and the session that gets an invitation is proven by the owner of
a process in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from .._formats.reg_query import RegValue, parse_reg_query
from .profiles import USER_SID

SESSION_DATA = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Authentication\LogonUI\SessionData"
_SESSION_KEY = re.compile(r"HKEY_LOCAL_MACHINE\\.*\\SessionData\\(\d{1,5})", re.IGNORECASE)
_MAX_NAME = 256
"""Characters, more than any of these names may have (learn.microsoft.com, "User Naming Attributes")."""
_HIVE_LINE = re.compile(r"\s*HKEY_USERS\\(S-[0-9-]+)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Logon:
    """One entry of SessionData.

    Attributes:
        session_id: The session.
        sid: Who logged on to it.
        domain: NetBIOS name of the domain, or ``None``.
        user: Account name (sAMAccountName), or ``None``.
        principal_name: The name the user logged on with, when it was a ``user@domain``.
    """

    session_id: int
    sid: str
    domain: str | None
    user: str | None
    principal_name: str | None


@dataclass(frozen=True)
class Environment:
    """A user's ``Volatile Environment``.

    Attributes:
        user: ``USERNAME``.
        domain: ``USERDOMAIN``.
        dns_domain: ``USERDNSDOMAIN``.
        sessions: Client name by session id, one for each session of the user; ``None`` at the console.
    """

    user: str | None = None
    domain: str | None = None
    dns_domain: str | None = None
    sessions: Mapping[int, str | None] = field(default_factory=dict)


def session_data_logons(output: str) -> dict[int, Logon]:
    """Entries by session id, from what ``reg query SESSION_DATA /s`` wrote."""
    found: dict[int, Logon] = {}
    for path, values in parse_reg_query(output).items():
        key = _SESSION_KEY.fullmatch(path)
        sid = (_text(values, "LoggedOnUserSID") or "").upper()
        if key is None or not USER_SID.fullmatch(sid):
            continue
        domain, _backslash, user = (_text(values, "LoggedOnSAMUser") or "").rpartition("\\")
        typed = _text(values, "LoggedOnUser") or ""
        found[int(key.group(1))] = Logon(
            session_id=int(key.group(1)),
            sid=sid,
            domain=domain or None,
            user=user or None,
            principal_name=typed if "@" in typed and "\\" not in typed else None,
        )
    return found


def loaded_user_sids(output: str) -> list[str]:
    """SIDs of people whose registry is loaded, from what ``reg query HKU`` wrote."""
    found = [match.group(1).upper() for match in map(_HIVE_LINE.fullmatch, output.splitlines()) if match]
    return [sid for sid in dict.fromkeys(found) if USER_SID.fullmatch(sid)]


def environment_query(sid: str) -> str:
    """The registry key of a user's volatile environment.

    Raises:
        ValueError: That is no SID of a user, so it stands in no command line.
    """
    if not USER_SID.fullmatch(sid):
        raise ValueError("not a user's SID")
    return f"HKU\\{sid}\\Volatile Environment"


def user_environment(output: str, sid: str) -> Environment:
    """A user's environment, from what ``reg query environment_query(sid) /s`` wrote.

    Values of the user's own choosing may hold line breaks and so look like keys of somebody else; only keys
    of this user count.
    """
    root = f"HKEY_USERS\\{sid}\\Volatile Environment".lower()
    keys = {path.lower(): values for path, values in parse_reg_query(output).items()}
    values = keys.get(root, {})
    sessions: dict[int, str | None] = {}
    for path, inner in keys.items():
        number = path.removeprefix(f"{root}\\")
        if path.startswith(f"{root}\\") and number.isdecimal() and len(number) <= 5:
            sessions[int(number)] = _text(inner, "CLIENTNAME") or None
    return Environment(
        user=_text(values, "USERNAME"),
        domain=_text(values, "USERDOMAIN"),
        dns_domain=_text(values, "USERDNSDOMAIN"),
        sessions=sessions,
    )


def _text(values: Mapping[str, RegValue], name: str) -> str | None:
    """A name among values. What is no name, such as one with control characters for our terminal, is none."""
    for key, value in values.items():
        if key.lower() == name.lower() and isinstance(value.data, str):
            text = value.data.strip()
            return text if text.isprintable() and 0 < len(text) <= _MAX_NAME else None
    return None
