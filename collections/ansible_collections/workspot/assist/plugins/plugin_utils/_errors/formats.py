# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files and outputs that are not what their format allows."""

from __future__ import annotations

from .base import AssistError


class FormatError(AssistError):
    """A file or a program's output is not what its format allows."""

    kind = "format"


class InvitationError(FormatError):
    """An invitation file that can not be used."""

    kind = "invitation"


class InvitationNotXml(InvitationError):
    """Not an invitation at all: no XML."""

    kind = "invitation_not_xml"


class InvitationTruncated(InvitationError):
    """The beginning of an invitation, without its end."""

    kind = "invitation_truncated"


class InvitationForbiddenXml(InvitationError):
    """XML that no invitation needs: a document type, entities, depth, size."""

    kind = "invitation_forbidden_xml"


class InvitationMalformed(InvitationError):
    """XML that is not the invitation schema of MS-RAI section 6."""

    kind = "invitation_malformed"


class InvitationNotProtected(InvitationError):
    """An invitation that needs no password."""

    kind = "invitation_not_protected"


class InvitationUnverifiable(InvitationError):
    """The first format generation: its password can not be checked from the file alone."""

    kind = "invitation_unverifiable"


class InvitationExpired(InvitationError):
    """The invitation's time is over."""

    kind = "invitation_expired"


class WrongPassword(InvitationError):
    """The password does not open the invitation, or the invitation was changed."""

    kind = "wrong_password"


class InvitationTampered(InvitationError):
    """The password opens the invitation, and what is inside is not what Windows writes."""

    kind = "invitation_tampered"


class ArchiveError(FormatError):
    """A tar stream that is not exactly what was asked for."""

    kind = "archive"


class RegistryPolMalformed(FormatError):
    """A Registry.pol that is not as MS-GPREG 2.2.1 has it; `offset` is the first byte that does not fit."""

    kind = "registry_pol_malformed"

    def __init__(self, expected: str, *, offset: int) -> None:
        super().__init__(f"Registry.pol is damaged at byte {offset}: expected {expected}.")
        self.offset = offset


class GptIniMalformed(FormatError):
    """A gpt.ini that is not as MS-GPOL 2.2.4 has it; `offset` is the byte where the part begins that does not fit."""

    kind = "gpt_ini_malformed"

    def __init__(self, expected: str, *, offset: int) -> None:
        super().__init__(f"gpt.ini is damaged at byte {offset}: expected {expected}.")
        self.offset = offset


class FirewallRuleMalformed(FormatError):
    """A firewall rule's string that can not be understood."""

    kind = "firewall_rule_malformed"


class SessionLogMalformed(FormatError):
    """A session log that can not be read, or that has what no such file needs."""

    kind = "session_log_malformed"
