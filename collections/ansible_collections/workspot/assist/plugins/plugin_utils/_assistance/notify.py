# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A message in a user's own session, before Windows asks for consent (``msg.exe``)."""

from __future__ import annotations

from .._errors import AssistError, InvalidOption
from .._formats.quoting import cmd_quoted
from .._windows.host_facts import SYSTEM32
from .._wsman.shell import Shell

SHOWN_SECONDS = 120
"""How long msg.exe leaves the message on the screen; the user can close it earlier."""
PASSWORD_SECONDS = 900
"""The same for a password: the user reads it out when the helper calls."""
NO_HELPER, NO_TICKET = "The helpdesk", "-"
"""What stands for a helper and a ticket that nobody named."""
LONGEST = 255
"""Characters; a longer message is cut by Windows' own window."""


def check_text(text: str) -> None:
    """Refuse a text that can not be shown.

    Raises:
        InvalidOption: It is empty, too long, or can not be written on a command line.
    """
    if text.startswith(("/", "-")):
        # Quoted or not, msg.exe takes such a word for an option (learn.microsoft.com, msg).
        raise InvalidOption("the message to the user can not begin with a slash or a dash.")
    if not text.strip() or len(text) > LONGEST:
        raise InvalidOption(f"the message to the user has 1 to {LONGEST} characters, not {len(text)}.")
    cmd_quoted(text)


def message_text(wording: str, *, helper: str, reference: str) -> str:
    """The wording with ``{helper}`` and ``{ticket}`` filled in."""
    return wording.replace("{helper}", helper or NO_HELPER).replace("{ticket}", reference or NO_TICKET).strip()


def notify(shell: Shell, session_id: int, text: str, *, seconds: int = SHOWN_SECONDS) -> str | None:
    """Show a message in one session (two exchanges).

    Returns:
        Why it could not be shown, in one line; ``None`` when it was. A message is no reason to fail.
    """
    program = rf"{SYSTEM32}\msg.exe"
    line = f"{program} {session_id:d} /time:{seconds:d} {cmd_quoted(text)}"
    try:
        result = shell.run(f"if exist {program} ({line}) else (exit 3)", timeout=15.0)
    except AssistError as error:
        return f"the user could not be told: {error.message}"
    if result.exit_code == 0:
        return None
    why = "msg.exe is not on this host" if result.exit_code == 3 else f"msg.exe ended with {result.exit_code}"
    return f"the user could not be told: {why}."
