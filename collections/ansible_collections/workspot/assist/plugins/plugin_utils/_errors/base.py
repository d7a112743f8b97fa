# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The base of all errors, and what is wrong with options."""

from __future__ import annotations

from typing import ClassVar


class AssistError(Exception):
    """Base of all errors: one line that says what was tried, on which host, and what came back.

    Args:
        message: One line, without the host's name and without secrets.
        host: The host as the inventory names it, when one is concerned.
        hint: What to do next, one line.
    """

    kind: ClassVar[str] = "error"

    def __init__(self, message: str, *, host: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.host = host
        self.hint = hint

    def __str__(self) -> str:
        where = f"{self.host}: " if self.host else ""
        then = f" {self.hint}" if self.hint else ""
        return _line(f"{where}{self.message}{then}")

    def as_data(self) -> dict[str, str | None]:
        """The error as a module result carries it."""
        hint = None if self.hint is None else _line(self.hint)
        return {"kind": self.kind, "host": self.host, "message": _line(self.message), "hint": hint}


def _line(text: str) -> str:
    """One line for a terminal: words from a host may hold line breaks and control sequences."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


class InvalidOption(AssistError):
    """An option that can not mean anything; nothing was sent."""

    kind = "invalid_option"


class Unquotable(InvalidOption):
    """Text that no quoting can carry to the host unchanged."""

    kind = "unquotable"


class PasswordUnusable(InvalidOption):
    """A password that msra.exe can not take; the message never holds it."""

    kind = "password_unusable"
