# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files on the controller: the invitation, and the password for the operator."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from .._errors import DeliveryFailed, InvalidOption
from .channel import Channel, Parcel
from .file_name import SUFFIX


class FileChannel(Channel):
    """The invitation in a directory of the controller.

    Args:
        directory: Made, and tried, before anything is started on a host, so that an invitation is not made and lost.

    Attributes:
        path: The file, once it is there.
    """

    kind = "file"
    rank = 0
    greets_by_writing = True

    def __init__(self, directory: Path) -> None:
        self._directory = directory.absolute()
        self.path: Path | None = None

    @property
    def goal(self) -> str:
        """The directory."""
        return str(self._directory)

    def greet(self) -> None:
        """Make the directory, and write into it.

        Raises:
            InvalidOption: It can not be written.
        """
        probe = self._directory / f".{time.time_ns()}.probe"
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(probe, b"")
            probe.unlink()
        except OSError as error:
            raise _unusable(error, self._directory) from None

    def put(self, parcel: Parcel) -> str:
        """Write the file under the first name that is free."""
        for name in parcel.names:
            path = self._directory / name
            try:
                write_private(path, parcel.data)
            except FileExistsError:
                continue
            except OSError as error:
                raise _unusable(error, path) from None
            self.path = path
            return str(path)
        raise DeliveryFailed(f"{self._directory} has files of all names that were tried, such as {parcel.names[0]}.")

    def take_back(self) -> str | None:
        """Remove the file."""
        return _removed(self.path)


class PasswordFile(Channel):
    """A file for the operator where there is no terminal: at a path, or beside the invitation.

    Args:
        path: Where; ``None`` for beside the invitation.
        beside: The invitation's channel.

    Attributes:
        path: The file, once it is there.
    """

    kind = "operator"
    rank = 1

    def __init__(self, path: Path | None, beside: FileChannel | None) -> None:
        self._wanted = path.absolute() if path else None
        self._beside = beside
        self.path: Path | None = None

    @property
    def goal(self) -> str:
        """The file."""
        return str(self._wanted) if self._wanted else "the password's file beside the invitation"

    def greet(self) -> None:
        """See that nothing is there that would be lost.

        Raises:
            InvalidOption: There is.
        """
        if self._wanted is not None and self._wanted.exists():
            raise InvalidOption(f"{self._wanted} is there already; it was left alone.")

    def put(self, parcel: Parcel) -> str:
        """Write the file."""
        path = self._wanted or self._path_beside()
        try:
            write_private(path, parcel.data)
        except OSError as error:
            raise _unusable(error, path) from None
        self.path = path
        return str(path)

    def take_back(self) -> str | None:
        """Remove the file."""
        return _removed(self.path)

    def _path_beside(self) -> Path:
        if self._beside is None or self._beside.path is None:
            raise DeliveryFailed("there is no file that the password's could be beside.")
        return self._beside.path.with_name(self._beside.path.name.removesuffix(SUFFIX) + ".password")


def write_private(path: Path, data: bytes) -> None:
    """Write a new file that only its owner can read, whole or not at all.

    Raises:
        FileExistsError: There is such a file already.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        # link, unlike rename, refuses to replace what is there.
        os.link(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _removed(path: Path | None) -> str | None:
    if path is None:
        return None
    with suppress(FileNotFoundError):
        try:
            path.unlink()
        except PermissionError:
            return str(path)
    return None


def _unusable(error: OSError, path: Path) -> InvalidOption:
    reason = (error.strerror or type(error).__name__).lower()
    return InvalidOption(
        f"{error.filename or path} can not be written on the controller ({reason}).",
        hint="Choose another directory (assist_directory in the playbook).",
    )
