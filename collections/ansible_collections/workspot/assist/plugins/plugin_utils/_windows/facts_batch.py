# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many small programs in one winrs command line, and their outputs apart again.

A command of the winrs shell costs two exchanges whatever it runs, so the programs are joined with ``&``, and a
line that nobody on the host can foresee stands between their outputs.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from .._errors import InvalidOption, MalformedReply
from .._wsman.shell import Shell

MAX_LINE_CHARACTERS = 8000
"""cmd.exe takes 8191 (learn.microsoft.com, "Command prompt line string limitation"); some room is left."""


class Batch:
    """Programs to run together.

    Args:
        mark: The separator's unforeseeable part; for tests.
    """

    def __init__(self, *, mark: str | None = None) -> None:
        self._mark = mark or f"workspot-assist-{secrets.token_hex(12)}"
        self._commands: dict[str, str] = {}

    def add(self, name: str, command: str) -> None:
        """Add a program.

        Args:
            name: Under which its output is found again: letters, digits, ``-``.
            command: Command line; every value in it is quoted already.

        Raises:
            InvalidOption: The command is too long for one line.
        """
        if len(command) > MAX_LINE_CHARACTERS - 200:
            raise InvalidOption(f"the command line for {name} is too long for cmd.exe.")
        self._commands[name] = command

    def lines(self) -> list[tuple[list[str], str]]:
        """Command lines, each with the names of the sections it writes; nearly always one."""
        lines: list[tuple[list[str], str]] = []
        names: list[str] = []
        parts: list[str] = []
        for name, command in self._commands.items():
            # Parentheses keep an `if` from taking the rest of the line as its own.
            part = f"{self._separator(name)}& ({command})"
            if parts and sum(len(item) + 2 for item in parts) + len(part) + 100 > MAX_LINE_CHARACTERS:
                lines.append((names, self._joined(parts)))
                names, parts = [], []
            names.append(name)
            parts.append(part)
        if parts:
            lines.append((names, self._joined(parts)))
        return lines

    def run(self, shell: Shell, *, timeout: float = 60.0) -> dict[str, str]:
        """Run the programs.

        Returns:
            Output of each program, by name; empty where a program wrote nothing.

        Raises:
            MalformedReply: The output is not complete.
        """
        found: dict[str, str] = {}
        for names, line in self.lines():
            found.update(self.split(shell.run(line, timeout=timeout).text, names))
        return found

    def run_before(self, shell: Shell, last: str, *, timeout: float = 60.0, limit: int) -> tuple[dict[str, str], bytes]:
        """Run the programs, and after them one that writes bytes, such as an archive.

        Args:
            shell: An open shell.
            last: Command line of the last program; every value in it is quoted already.
            timeout: Seconds they may take.
            limit: Bytes of output that are read at most.

        Returns:
            Output of each program by name, and the bytes of the last one.

        Raises:
            MalformedReply: The output is not complete.
        """
        *before, (names, line) = self.lines()
        found: dict[str, str] = {}
        for others, earlier in before:
            found.update(self.split(shell.run(earlier, timeout=timeout).text, others))
        output = shell.run(f"{line}& {last}", timeout=timeout, limit=limit).stdout
        text, end, rest = output.partition(f"{self._mark}:end".encode())
        found.update(self.split((text + end).decode("utf-8", "replace"), names))
        return found, rest.partition(b"\n")[2]

    def split(self, text: str, names: list[str]) -> Mapping[str, str]:
        """Take an output apart.

        Raises:
            MalformedReply: A section, or the end, is missing.
        """
        sections: dict[str, list[str]] = {}
        current: list[str] | None = None
        for line in text.replace("\r\n", "\n").split("\n"):
            if self._mark in line:
                # Only a line of ours has the mark. A program that ends its output without a newline leaves
                # its last words in front of it.
                rest, _mark, name = line.partition(f"{self._mark}:")
                if rest and current is not None:
                    current.append(rest)
                current = sections.setdefault(name.strip(), [])
            elif current is not None:
                current.append(line)
        missing = [name for name in [*names, "end"] if name not in sections]
        if missing:
            raise MalformedReply(f"the host's answer to several questions lacks {', '.join(missing)}.")
        return {name: "\n".join(sections[name]) for name in names}

    def _separator(self, name: str) -> str:
        return f"echo {self._mark}:{name}"

    def _joined(self, parts: list[str]) -> str:
        return "& ".join([*parts, self._separator("end")])
