# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit trail as a file of the controller: only appended to, under a lock, readable by its owner alone."""

from __future__ import annotations

import fcntl
import getpass
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .._errors import AuditNotWritten
from .._formats.audit_chain import BEGINNING, LONGEST_LINE, Verification, hash_of, sealed, verify
from .._formats.invitation import iso_utc

OPERATOR_VARIABLES = ("awx_user_name", "tower_user_name")
"""Who launched a job in AWX; the process itself runs as somebody else there."""


class AuditFile:
    """One trail.

    Args:
        path: The file; its directory is made when it is missing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def check(self) -> None:
        """See that a record can be written, before anything is done that has to be recorded.

        Raises:
            AuditNotWritten: It can not.
        """
        with self._locked() as descriptor:
            self._head(descriptor)

    def append(self, record: Mapping[str, Any]) -> str:
        """Write one record, durably, and return its hash.

        Runs that write at the same time wait for each other. A line that a full disk cut off is taken back.

        Raises:
            AuditNotWritten: It could not be written; the trail is as it was.
        """
        with self._locked() as descriptor:
            line = sealed(record, self._head(descriptor)).encode()
            end = os.lseek(descriptor, 0, os.SEEK_END)
            try:
                if os.write(descriptor, line) != len(line):
                    raise OSError("the disk is full")
                os.fsync(descriptor)
            except OSError:
                os.ftruncate(descriptor, end)
                raise
            return hash_of(line.decode())

    def verify(self) -> Verification:
        """Look at the whole trail.

        Raises:
            AuditNotWritten: It can not be read.
        """
        try:
            with self.path.open(encoding="utf-8", errors="replace", newline="\n") as stream:
                fcntl.flock(stream, fcntl.LOCK_SH)
                return verify(stream)
        except OSError as error:
            raise AuditNotWritten(f"the audit trail {self.path} can not be read: {error.strerror}.") from None

    @contextmanager
    def _locked(self) -> Iterator[int]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                yield descriptor
            finally:
                os.close(descriptor)
        except OSError as error:
            raise AuditNotWritten(
                f"the audit trail {self.path} can not be written: {error.strerror or error}.",
                hint="Give audit_file a file this account may write, or leave it out.",
            ) from None
        except ValueError as error:
            raise AuditNotWritten(
                f"the audit trail {self.path} can not be continued: {error}.",
                hint="playbooks/audit.yml says where it is broken; move it away to begin a new one.",
            ) from None

    def _head(self, descriptor: int) -> str:
        """Hash of the last line."""
        size = os.lseek(descriptor, 0, os.SEEK_END)
        if size == 0:
            return BEGINNING
        tail = os.pread(descriptor, LONGEST_LINE, max(0, size - LONGEST_LINE))
        return hash_of(tail.decode("utf-8", "replace").rstrip("\n").rpartition("\n")[2] + "\n")


def record(action: str, outcome: str, variables: Mapping[str, Any], **details: Any) -> dict[str, Any]:
    """One record: who did what, when and from where. It never holds a password.

    Args:
        action: ``invitation``, ``revocation`` or ``enforcement``.
        outcome: What became of it.
        variables: The task's variables; they name the person who launched a job in AWX.
        details: What else there is to say.
    """
    operator = next((str(variables[name]) for name in OPERATOR_VARIABLES if variables.get(name)), None)
    return {
        "at": iso_utc(datetime.now(UTC)),
        "operator": operator or _account(),
        "controller": socket.gethostname(),
        "action": action,
        "outcome": outcome,
        **details,
    }


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
