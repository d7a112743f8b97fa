# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which channel carries what; a combination that would give everything to one reader is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .._errors import InvalidOption

FILE, SMB, HTTP, MAIL = "file", "smb", "http", "mail"
OPERATOR, USER = "operator", "user"
FILE_CHANNELS = [FILE, SMB, HTTP, MAIL]
PASSWORD_CHANNELS = [OPERATOR, USER, SMB, HTTP, MAIL]


@dataclass(frozen=True)
class Plan:
    """What goes by which channel.

    Attributes:
        invitation: Channels of the invitation's file.
        password: Channel of the password; ``None`` when whoever gave it knows it.
        warnings: What the operator should know.
    """

    invitation: tuple[str, ...]
    password: str | None
    warnings: tuple[str, ...] = ()

    @property
    def needed(self) -> set[str]:
        """All channels that carry something."""
        return {*self.invitation, *([self.password] if self.password else [])}


def make_plan(
    invitation: Sequence[str],
    password: str | None,
    *,
    given: bool,
    in_job: bool,
    password_file: bool,
) -> Plan:
    """Decide.

    Args:
        invitation: Channels asked for.
        password: Channel asked for.
        given: Whether the operator gave the password.
        in_job: Whether this runs in a job whose folder is thrown away and whose output others read (AWX).
        password_file: Whether a file for the password was named.

    Raises:
        InvalidOption: The channels do not go together.
    """
    channels = tuple(dict.fromkeys(invitation))
    if not channels:
        raise InvalidOption("delivery names no channel.", hint="Leave it out to have the file on the controller.")
    if password_file and given:
        raise InvalidOption("password_file is for a password that is made; one was given.")
    if password_file and password not in (None, OPERATOR):
        raise InvalidOption(f"password_file is for the operator, and password_delivery is {password}.")
    chosen = password or _default(given=given, in_job=in_job, password_file=password_file)
    if chosen in channels:
        raise InvalidOption(
            f"the password can not go by {chosen}: the invitation goes there as well, and whoever reads that has both.",
            hint="Choose another password_delivery (assist_password_delivery in the playbook).",
        )
    if chosen == OPERATOR and in_job and not password_file and not given:
        raise InvalidOption(
            "a job has no terminal to show the password on, and its folder is thrown away.",
            hint="Choose another password_delivery (assist_password_delivery in the playbook), such as user.",
        )
    warnings = []
    if in_job and channels == (FILE,):
        warnings.append(
            "this job's folder is thrown away when it ends, and the invitation with it, unless its directory is on a "
            "volume that stays; choose another delivery."
        )
    return Plan(channels, None if given and chosen == OPERATOR else chosen, tuple(warnings))


def _default(*, given: bool, in_job: bool, password_file: bool) -> str:
    return USER if in_job and not given and not password_file else OPERATOR
