# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""quser.exe: who is logged on.

Columns: public listings of `query user` (Microsoft's own page shows them too). It cuts names at 20 characters
and writes names in lower case. Exit code 1 although it worked is what public scripts report
(unverified: `quser_exit_code`).
"""

from __future__ import annotations

from datetime import tzinfo

from ..sessions import Session
from .cmd import Context

# German words and columns: from memory of German systems (unverified: nothing may depend on them).
_HEADERS = {
    "en-US": " USERNAME              SESSIONNAME        ID  STATE   IDLE TIME  LOGON TIME",
    "de-DE": " BENUTZERNAME          SITZUNGSNAME       ID  STATUS  LEERLAUF   ANMELDEZEIT",
}
_STATES = {"en-US": ("Active", "Disc"), "de-DE": ("Aktiv", "Getr.")}
_NOBODY = {"en-US": "No User exists for {}", "de-DE": "Für {} ist kein Benutzer vorhanden."}
_NONE = {"en-US": "none", "de-DE": "Kein"}
_MOMENTS = {"en-US": "{0:%-m/%-d/%Y %-I:%M %p}", "de-DE": "{0:%d.%m.%Y %H:%M}"}


async def quser(words: list[str], context: Context) -> int:
    """`quser [USER | SESSIONNAME | ID]`."""
    host = context.host
    language = host.quirks["quser_language"] or host.language
    names = [word for word in words if not word.startswith("/")]
    wanted = names[0].lower() if names else None
    sessions = [item for item in host.sessions if wanted in (None, *_names(item))]
    if not sessions:
        context.err(_NOBODY[language].format(names[0] if names else "*") + "\r\n")
        return 1
    context.out(_HEADERS[language] + "\r\n")
    for session in sessions:
        context.out(_line(session, language, host.zone, own=session.id == context.session_id) + "\r\n")
    return int(host.quirks["quser_exit_code"])


def _names(session: Session) -> tuple[str, str, str]:
    return session.account.name.lower(), session.session_name.lower(), str(session.id)


def _line(session: Session, language: str, zone: tzinfo, *, own: bool) -> str:
    active, disconnected = _STATES[language]
    state = active if session.state == "active" else disconnected
    idle = session.idle or (_NONE[language] if session.session_name.lower() == "console" else ".")
    return (
        f"{'>' if own else ' '}{session.account.name.lower()[:20]:<20}  {session.session_name.lower()[:16]:<16}  "
        f"{session.id:>3}  {state:<6}  {idle:>9}  {_MOMENTS[language].format(session.logon.astimezone(zone))}"
    )


async def query(words: list[str], context: Context) -> int:
    """`query user` is quser."""
    if words and words[0].lower() == "user":
        return await quser(words[1:], context)
    context.err("Invalid parameter(s)\r\nQUERY { PROCESS | SESSION | TERMSERVER | USER }\r\n")
    return 1
