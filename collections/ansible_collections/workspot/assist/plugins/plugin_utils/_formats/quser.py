# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What quser.exe prints: one line for each session that somebody is logged on to.

Its headings and states are in the host's language (`Active`, `Aktiv`), so only the layout counts::

     USERNAME              SESSIONNAME        ID  STATE   IDLE TIME  LOGON TIME
    >jdoe                  rdp-tcp#0           2  Active          .  1/5/2026 9:12 AM
     mmuster                                   3  Disc         1:14  1/5/2026 8:40 AM

A disconnected session has no session name (learn.microsoft.com, quser; seen in public English and German
output, where the columns start at the same places).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .._errors import FormatError

MAX_CHARACTERS = 1024 * 1024
"""A session host has some hundred sessions at most, of about 80 characters each."""

MAX_LINE = 512
"""Characters of one line: names are limited to some 250."""

_NAME_START, _NAME_END, _SESSION_START = 1, 21, 23
"""Columns: a marker, 20 characters of user name (the longest SAM account name), two blanks, session name."""

_REST = re.compile(r"(\S{1,64})?[ ]+([0-9]{1,10})(?: .*)?")
# unverified: what quser prints for a session name longer than its 18 columns (it may join it with the number).
_FREE_FORM = re.compile(r"[ >]?(\S(?:.{0,254}?\S)??)[ ]{2,}(?:(\S{1,64})[ ]+)?([0-9]{1,10}) +\S.*")


@dataclass(frozen=True)
class QuserRow:
    """One session.

    Args:
        user_name: The account's name without its domain, which quser does not tell.
        session_name: `console`, `rdp-tcp#0` and the like; None when nothing is connected to the session.
        session_id: The number of the session.
        own: Whether it is the session quser itself ran in.
    """

    user_name: str
    session_name: str | None
    session_id: int
    own: bool

    @property
    def active(self) -> bool:
        """Whether somebody is connected to the session."""
        return self.session_name is not None


def _fixed_columns(line: str) -> QuserRow | None:
    """Read a line by its columns: no user name, however many blanks and digits it has, can shift them."""
    name, gap = line[_NAME_START:_NAME_END], line[_NAME_END:_SESSION_START]
    rest = _REST.fullmatch(line[_SESSION_START:])
    if line[:1] not in (" ", ">") or not name.strip() or name[0] == " " or gap != "  " or rest is None:
        return None
    return QuserRow(name.rstrip(" "), rest[1], int(rest[2]), line[0] == ">")


def _free_form(line: str) -> QuserRow | None:
    """Read a line whose columns are elsewhere, because of a long name or of wide characters."""
    match = _FREE_FORM.fullmatch(line)
    if match is None:
        return None
    return QuserRow(match[1], match[2], int(match[3]), line[0] == ">")


def parse_quser(text: str) -> list[QuserRow]:
    """Parse the output of quser.exe.

    Args:
        text: Its standard output, headings included. Empty when nobody is logged on.

    Raises:
        FormatError: A line after the headings is no session, or it is far too much.
    """
    if len(text) > MAX_CHARACTERS:
        raise FormatError(f"quser printed more than {MAX_CHARACTERS} characters; it was not read.")
    lines = [line.rstrip() for line in text.lstrip("\ufeff").split("\n") if line.strip()]
    rows = []
    for number, line in enumerate(lines):
        row = (_fixed_columns(line) or _free_form(line)) if len(line) <= MAX_LINE else None
        if row is not None:
            rows.append(row)
        elif number > 0:
            raise FormatError(
                f"quser printed a line that is no session (line {number + 1}).",
                hint="Run quser on the host by hand and report its output.",
            )
    return rows
