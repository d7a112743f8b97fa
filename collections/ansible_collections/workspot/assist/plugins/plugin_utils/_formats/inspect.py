# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be said about an invitation file at hand: the one function behind module and filter."""

from __future__ import annotations

import hashlib
from datetime import datetime

from .._errors import InvitationError, InvitationTampered, InvitationUnverifiable, WrongPassword
from .invitation import (
    Connection,
    Invitation,
    decrypt_connection,
    parse_invitation,
    plain_connection,
)


def inspect_invitation(data: bytes, password: str | None, now: datetime) -> dict[str, object]:
    """Parse an invitation, check a password against it, and describe both without any secret.

    Whether it is expired is told by comparing `now` with the times in the file, which come from the
    clock of the host that made it. An expired or unopenable invitation is described, not refused.

    Args:
        data: The file's bytes.
        password: Its password; None to leave it unchecked.
        now: The present, with a time zone.

    Returns:
        `generation`, `user_name`, `created`, `expires` (UTC, ISO 8601), `lifetime_minutes`, `expired`,
        `protected`, `verified` (true, false, or None when it could not be checked), `reason` (why it is
        not verified, else None), `endpoints` (of the encrypted part when verified, otherwise of the plain
        part, which lacks IPv6 addresses and may be missing), `sha256`, `size` (bytes).

    Raises:
        InvitationError: It is no invitation, or no whole one.
    """
    invitation = parse_invitation(data)
    verified, reason, connection = _verify(invitation, password)
    if connection is None:
        connection = _plain(invitation)
    return {
        **invitation.as_data(),
        "expired": now >= invitation.expires,
        "verified": verified,
        "reason": reason,
        "endpoints": [endpoint.as_data() for endpoint in connection.endpoints] if connection else [],
        "sha256": hashlib.sha256(data).hexdigest(),
        "size": len(data),
    }


def _verify(invitation: Invitation, password: str | None) -> tuple[bool | None, str | None, Connection | None]:
    if not invitation.protected:
        return None, "It is not protected by a password.", None
    if password is None:
        return None, "No password was given to check.", None
    try:
        return True, None, decrypt_connection(invitation, password)
    except InvitationUnverifiable as error:
        return None, _sentence(error), None
    except (WrongPassword, InvitationTampered) as error:
        return False, _sentence(error), None


def _sentence(error: InvitationError) -> str:
    return error.message[:1].upper() + error.message[1:]


def _plain(invitation: Invitation) -> Connection | None:
    """The plain part; unreadable counts as none in the second generation, where nobody needs it."""
    try:
        return plain_connection(invitation)
    except InvitationError:
        if invitation.generation == 1:
            raise
        return None
