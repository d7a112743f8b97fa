# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Invitations on the controller: names, modes, and what to do when they can not be kept."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from .._errors import InvalidOption
from .operator import write_private

_NAMES_TRIED = 20


class InvitationFiles:
    """The files of one invitation: itself, and perhaps its password.

    The directory is made and tried before anything is started on a host, so that an invitation is not made
    and then lost.

    Args:
        directory: Where the invitation goes.
        password_file: Where the password goes; `BESIDE` for next to the invitation; ``None`` for nowhere.
        password: The password, when it was made here.

    Attributes:
        path: The invitation, once it is kept.
        password_path: The password's file, once it is kept.
    """

    BESIDE: ClassVar[Path] = Path("*")

    def __init__(self, directory: Path, *, password_file: Path | None, password: str | None) -> None:
        self._directory = directory.absolute()
        self._password_file = password_file
        self._password = password
        self.path: Path | None = None
        self.password_path: Path | None = None
        self._check()

    def keep(self, data: bytes) -> None:
        """Write the files; if one can not be written, none is left.

        Raises:
            InvalidOption: A file can not be written.
        """
        try:
            self.path = self._write_named(data)
            self.password_path = self._write_password(self.path)
        except OSError as error:
            self.discard()
            raise self._unusable(error) from None

    def discard(self) -> None:
        """Remove what was kept: the invitation is being taken back."""
        for path in (self.path, self.password_path):
            if path is not None:
                with suppress(OSError):
                    path.unlink()

    def _check(self) -> None:
        if self._password_file not in (None, self.BESIDE) and self._password_file.exists():
            raise InvalidOption(f"{self._password_file} is there already; it was left alone.")
        probe = self._directory / f".{time.time_ns()}.probe"
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(probe, b"")
            probe.unlink()
        except OSError as error:
            raise self._unusable(error) from None

    def _write_named(self, data: bytes) -> Path:
        """Write the invitation under the time in milliseconds: thirteen digits until the year 2286."""
        for _attempt in range(_NAMES_TRIED):
            path = self._directory / f"{time.time_ns() // 1_000_000:013d}.msrcincident"
            try:
                write_private(path, data)
            except FileExistsError:
                time.sleep(0.002)
                continue
            return path
        raise FileExistsError(17, "no free file name")

    def _write_password(self, invitation: Path) -> Path | None:
        if self._password_file is None or self._password is None:
            return None
        path = invitation.with_suffix(".password") if self._password_file == self.BESIDE else self._password_file
        write_private(path.absolute(), f"{self._password}\n".encode())
        return path.absolute()

    def _unusable(self, error: OSError) -> InvalidOption:
        reason = (error.strerror or type(error).__name__).lower()
        return InvalidOption(
            f"{error.filename or self._directory} can not be written on the controller ({reason}).",
            hint="Choose another directory (assist_directory in the playbook).",
        )
