# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""msg.exe: a message in a user's session.

learn.microsoft.com `msg`: `msg {USER | SESSIONNAME | SESSIONID | @FILE | *} [/server:NAME] [/time:SECONDS] [/v] [/w]
[MESSAGE]`. "... does not exist or is disconnected" is what public scripts report. unverified: its exit codes
(`msg_failure_code`). An option is one wherever it stands: a message that begins with a slash is taken for one.
"""

from __future__ import annotations

from ..sessions import Session
from .cmd import Context

_TEXTS = {
    "en-US": {"syntax": "Invalid parameter(s)\r\n", "absent": "{} does not exist or is disconnected\r\n",
              "server": "Error opening session host {}\r\n"},
    # German words: unverified; nothing may depend on them.
    "de-DE": {"syntax": "Ungültige(r) Parameter\r\n", "absent": "{} ist nicht vorhanden oder getrennt\r\n",
              "server": "Fehler beim Öffnen des Sitzungshosts {}\r\n"},
}  # fmt: skip


async def msg(words: list[str], context: Context) -> int:
    """`msg` to sessions of this host."""
    texts, host = _TEXTS[context.host.language], context.host
    failure = int(host.quirks["msg_failure_code"])
    target, words = (words[0], words[1:]) if words else ("", [])
    options = [word.lower() for word in words if word.startswith("/")]
    if not target or target.startswith(("/", "@")) or not all(_is_option(item) for item in options):
        context.err(texts["syntax"])
        return failure
    if server := next((item for item in options if item.startswith("/server:")), ""):
        context.err(texts["server"].format(server.partition(":")[2]))
        return failure
    text = " ".join(word for word in words if not word.startswith("/"))
    reached = [item for item in host.sessions if item.state == "active" and _meant(item, target.lower())]
    if not reached:
        context.err(texts["absent"].format(target))
        return failure
    if not host.writes.allowed("message"):
        return failure
    host.messages.extend((item.id, text) for item in reached)
    return 0


def _is_option(text: str) -> bool:
    name, _colon, value = text.partition(":")
    return text in ("/v", "/w") or (name == "/time" and value.isdigit()) or (name == "/server" and bool(value))


def _meant(session: Session, target: str) -> bool:
    return target in ("*", str(session.id), session.account.name.lower(), session.session_name.lower())
