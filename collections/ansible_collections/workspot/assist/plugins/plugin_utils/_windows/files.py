# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One temporary file on a host: whether it is there, its bytes, its removal. All through cmd.exe and tar.exe.

The folder belongs to a user who may put anything under our name while we look: so nothing here takes that
name for a folder or follows it. A wildcard at the end makes cmd's ``del`` and ``if exist`` look for entries of
the folder; without it, ``del`` of a folder (or of a junction to one) would delete every file in there.
"""

from __future__ import annotations

from dataclasses import dataclass

from .._errors import ArchiveError, CommandFailed
from .._formats.quoting import cmd_quoted
from .._formats.tar_stream import read_member
from .._wsman.shell import Shell

TAR = r"%SystemRoot%\System32\tar.exe"
EXTENSION = ".msrcIncident"
FILE_LIMIT_BYTES = 256 * 1024
"""An invitation of a host with many addresses has some kilobytes; this is far more."""
_ARCHIVE_LIMIT_BYTES = FILE_LIMIT_BYTES + 64 * 1024


@dataclass(frozen=True)
class TemporaryFile:
    """A file in a user's own temporary folder, named by us.

    Attributes:
        folder: The folder, without a backslash at its end.
        name: The file's name; ASCII letters, digits, ``-`` and its extension.
    """

    folder: str
    name: str

    @property
    def path(self) -> str:
        """The full path."""
        return f"{self.folder}\\{self.name}"

    @property
    def spellings(self) -> tuple[str, str]:
        """The name, and the name as msra writes it if it appends the extension to every name.

        unverified: that msra.exe leaves a name alone that has the extension.
        """
        return self.name, f"{self.name}{EXTENSION}"

    @property
    def _pattern(self) -> str:
        return cmd_quoted(f"{self.path}*")

    def check_command(self) -> str:
        """A command that writes ``folder`` when the folder is there, and ``taken`` when the name is."""
        return (
            f"(if exist {cmd_quoted(self.folder + chr(92) + '.')} echo folder)& (if exist {self._pattern} echo taken)"
        )

    def delete_command(self) -> str:
        """A command that removes the file."""
        return f"del /f /q {self._pattern}"

    def delete_and_tell_command(self) -> str:
        """A command that removes the file and writes ``left`` when it is still there."""
        return f"{self.delete_command()} 2>nul& (if exist {self._pattern} echo left)"

    def fetch_command(self) -> str:
        """A command that writes a tar archive with the file, or nothing when there is none."""
        first, second = self.spellings
        return (
            f"if exist {cmd_quoted(f'{self.folder}{chr(92)}{first}')} ({self._tar(first)}) "
            f"else if exist {cmd_quoted(f'{self.folder}{chr(92)}{second}')} ({self._tar(second)})"
        )

    def _tar(self, name: str) -> str:
        # cmd.exe takes any folder name. tar.exe takes its arguments in the host's ANSI code page (libarchive,
        # bsdtar.c: main, not wmain), so it gets the plain name alone.
        return f"cd /d {cmd_quoted(self.folder)}&& {TAR} -cf - {cmd_quoted(name)}"


def fetch(shell: Shell, file: TemporaryFile) -> bytes | None:
    """Bring a file (two exchanges).

    Returns:
        Its bytes; ``None`` when it is not there.

    Raises:
        CommandFailed: tar.exe can not read it (yet), or it is too large.
        ArchiveError: What came is not that one regular file.
    """
    result = shell.run(file.fetch_command(), limit=_ARCHIVE_LIMIT_BYTES)
    if not result.stdout and result.exit_code == 0:
        return None
    if result.exit_code != 0:
        words = " ".join(result.stderr.decode("utf-8", "replace").split())[:200]
        raise CommandFailed(f"tar.exe could not read the invitation: {words or result.exit_code}.")
    try:
        return read_member(result.stdout, file.spellings[0], limit=FILE_LIMIT_BYTES)
    except ArchiveError:
        return read_member(result.stdout, file.spellings[1], limit=FILE_LIMIT_BYTES)


def delete(shell: Shell, file: TemporaryFile) -> bool:
    """Remove a file (two exchanges).

    Returns:
        Whether it is gone.
    """
    return "left" not in shell.run(file.delete_and_tell_command()).text.split()
