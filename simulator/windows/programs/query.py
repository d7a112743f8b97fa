# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""quser.exe: who is logged on. Columns and words: learn.microsoft.com, `query user`; German from support threads."""

from __future__ import annotations

from .cmd import Context

_HEADERS = {
    "en-US": " USERNAME              SESSIONNAME        ID  STATE   IDLE TIME  LOGON TIME",
    "de-DE": " BENUTZERNAME          SITZUNGSNAME       ID  STATUS  LEERLAUF   ANMELDEZEIT",
}
_STATES = {"en-US": ("Active", "Disc"), "de-DE": ("Aktiv", "Getr.")}
_NOBODY = {"en-US": "No User exists for *", "de-DE": "Kein Benutzer für * vorhanden"}


async def quser(words: list[str], context: Context) -> int:
    """`quser [USER]`: exit code 1 although it worked is what Windows gives (`quser_exit_code` switches it)."""
    host = context.host
    wanted = words[0].lower() if words else None
    sessions = [item for item in host.sessions if wanted in (None, item.account.name.lower())]
    if not sessions:
        context.err(_NOBODY[host.language] + "\r\n")
        return 1
    active, disconnected = _STATES[host.language]
    moment = "%m/%d/%Y %I:%M %p" if host.language == "en-US" else "%d.%m.%Y %H:%M"
    context.out(_HEADERS[host.language] + "\r\n")
    for session in sessions:
        state = active if session.state == "active" else disconnected
        context.out(
            f" {session.account.name[:20]:<20}  {session.session_name[:16]:<16}  {session.id:>4}  {state:<6}  "
            f"{'none':>9}  {session.logon.strftime(moment)}\r\n"
        )
    return int(host.quirks["quser_exit_code"])


async def query(words: list[str], context: Context) -> int:
    """`query user` is quser."""
    if words and words[0].lower() == "user":
        return await quser(words[1:], context)
    context.err("Invalid parameter(s)\r\nQUERY { PROCESS | SESSION | TERMSERVER | USER }\r\n")
    return 1
