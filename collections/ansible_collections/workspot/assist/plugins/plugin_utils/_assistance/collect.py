# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting for the invitation's file, and bringing a complete one back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from .._errors import (
    ArchiveError,
    AssistError,
    CommandFailed,
    InvitationError,
    InvitationNotCreated,
    InvitationNotProven,
    InvitationNotXml,
    InvitationTruncated,
    WrongPassword,
)
from .._formats.invitation import Connection, Invitation, decrypt_connection, parse_invitation
from .._windows.files import TemporaryFile, fetch
from .._windows.processes import Process
from .._wsman.client import WsmanClient
from .._wsman.shell import Shell
from .launch import is_alive
from .secret import Secret
from .timing import Timing

POLL_SECONDS = 0.5
_UNFINISHED = (InvitationTruncated, InvitationNotXml)
"""What half of a file looks like; the other errors are of a whole one."""


@dataclass(frozen=True)
class Collected:
    """An invitation's file, opened with its password.

    Attributes:
        data: Its bytes.
        invitation: What it says in the open.
        connection: What it says to who has the password.
    """

    data: bytes = field(repr=False)
    invitation: Invitation
    connection: Connection

    @property
    def sha256(self) -> str:
        """SHA-256 of the file, hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()


def collect(
    client: WsmanClient,
    shell: Shell,
    file: TemporaryFile,
    process: Process,
    password: Secret,
    *,
    deadline: float,
    timing: Timing,
) -> Collected:
    """Wait for the file and bring it back.

    Args:
        client: The host.
        shell: An open shell of it.
        file: Where msra.exe writes.
        process: The msra.exe that writes.
        password: Opens the invitation.
        deadline: On `timing.monotonic`.
        timing: Clocks.

    Raises:
        InvitationNotCreated: msra.exe ended, or the deadline came.
        InvitationNotProven: What it wrote can not be opened with the password.
    """
    reason = "msra.exe wrote no invitation"
    for _remaining in timing.attempts(max(0.0, deadline - timing.monotonic()), pause=POLL_SECONDS):
        try:
            data = fetch(shell, file)
            if data is not None:
                return _opened(client, data, password)
            reason = "msra.exe wrote no invitation"
        except (CommandFailed, ArchiveError) as error:
            # It may still hold the file open, or be in the middle of it.
            reason = error.message.rstrip(".")
        except _UNFINISHED:
            reason = "msra.exe wrote an incomplete invitation"
        if not is_alive(client, process):
            raise InvitationNotCreated(
                "msra.exe ended before its invitation was complete.",
                host=client.host,
                hint="The user may have closed its window.",
            )
    raise InvitationNotCreated(f"{reason} in time.", host=client.host)


def _opened(client: WsmanClient, data: bytes, password: Secret) -> Collected:
    try:
        invitation = parse_invitation(data)
        return Collected(data, invitation, decrypt_connection(invitation, password.reveal()))
    except _UNFINISHED:
        raise
    except WrongPassword:
        raise InvitationNotProven(
            "the invitation does not open with the password it was made with.", host=client.host
        ) from None
    except InvitationError as error:
        raise _unusable(client, error) from None


def _unusable(client: WsmanClient, error: AssistError) -> InvitationNotProven:
    return InvitationNotProven(f"what msra.exe wrote is no invitation for a helper: {error.message}", host=client.host)
