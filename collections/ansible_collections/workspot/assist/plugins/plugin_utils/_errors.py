# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every error this collection raises on purpose, in one tree.

::

    AssistError
      InvalidOption            an option that can not mean anything; nothing was sent
        Unquotable             text no quoting can carry to the host
        PasswordUnusable       msra.exe can not take this password
      TransportError
        Unreachable            no connection, or it broke
        LoginRefused           the host answered, and refused the login
        ReplyTimeout           the host did not answer in time
        LibraryMissing         pywinrm or pypsrp is not installed on the controller
      ProtocolError
        MalformedReply         not what WS-Management allows, or hostile
        WsmanFault             the host refused an operation (code, reason)
          NotFound             no such class, instance or task
          AccessDenied         not an administrator, or filtered by UAC
          QuotaExceeded        a WinRM quota of the host or the user
      FormatError              a file or a program's output is not what its format allows
        InvitationError and its kinds
        FirewallRuleMalformed  a firewall rule's string
        SessionLogMalformed    a session log that can not be read, or that may not be
        ArchiveError           a tar stream that is not exactly what was asked for
        RegistryPolMalformed   a Registry.pol that Windows would not process as a whole (offset)
        GptIniMalformed        a gpt.ini that Windows would take for corrupt (offset)
      AuditNotWritten          the controller's audit trail can not be written or read
      AuditBroken              its chain is broken
      DeliveryFailed           an invitation can not be, or was not, brought where it is to go
      LogArchiveNotWritten     the controller's archive of session logs can not be written or read
      LogArchiveTampered       what is in it is not what was put there
      WindowsError             the host can not do it
        CommandFailed          a program on the host ended with an error
          PolicyBusy           another run replaces the local Group Policy at this moment
          PolicyChanged        the local Group Policy is no longer what was read
        ProgramMissing         a program is not there (msra.exe, tar.exe, quser.exe)
        PolicyOverruled        a domain's GPO decides otherwise
        PolicyNotInForce       written, and Windows goes by something else
        FirewallNotInForce     written, and something else decides
        FeatureNotChanged      Windows did not add or remove the optional feature
      AssistanceError          the host can, but this invitation can not be
        UserNotFound UserAmbiguous SessionInactive SessionMismatch AssistanceForbidden
        InvitationPending InvitationNotCreated InvitationNotProven InvitationNotEnded
        JustInTimeRefused JustInTimeNotOpened JustInTimeNotClosed (with what opens and closes)
"""

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


class TransportError(AssistError):
    """The exchange itself failed."""

    kind = "transport"


class Unreachable(TransportError):
    """No connection to the host, or the connection broke."""

    kind = "unreachable"


class LoginRefused(TransportError):
    """The host answered and refused the login."""

    kind = "login_refused"


class ReplyTimeout(TransportError):
    """The host did not answer in time."""

    kind = "timeout"


class LibraryMissing(TransportError):
    """A Python library of the connection is not installed on the controller."""

    kind = "library_missing"


class ProtocolError(AssistError):
    """The host's answer was no good."""

    kind = "protocol"


class MalformedReply(ProtocolError):
    """A reply that WS-Management does not allow, or that looks hostile."""

    kind = "malformed_reply"


class WsmanFault(ProtocolError):
    """The host refused an operation.

    Args:
        message: One line about the operation and the host's reason.
        code: The WSManFault code or HRESULT, 0 when the fault had none.
        cim_status: The CIM status code of a provider fault, 0 when it had none.
        host: The host as the inventory names it.
        hint: What to do next.
    """

    kind = "fault"

    def __init__(
        self,
        message: str,
        *,
        code: int = 0,
        cim_status: int = 0,
        host: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, host=host, hint=hint)
        self.code = code
        self.cim_status = cim_status


class NotFound(WsmanFault):
    """No such class, instance or task."""

    kind = "not_found"


class AccessDenied(WsmanFault):
    """The account may log in, and may not do this."""

    kind = "access_denied"


class QuotaExceeded(WsmanFault):
    """A WinRM quota of the host or of the account is used up."""

    kind = "quota"


class OperationTimeout(WsmanFault):
    """The host did not finish within the operation's own time."""

    kind = "operation_timeout"


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


class AuditNotWritten(AssistError):
    """The audit trail of the controller can not be written or read."""

    kind = "audit_not_written"


class AuditBroken(AssistError):
    """The chain of an audit trail is broken."""

    kind = "audit_broken"


class DeliveryFailed(AssistError):
    """An invitation or its password could not be brought where it was to go, or a server for that will not do."""

    kind = "delivery_failed"


class LogArchiveNotWritten(AssistError):
    """The controller's archive of session logs can not be written or read."""

    kind = "log_archive_not_written"


class LogArchiveTampered(AssistError):
    """An archive of session logs is not as it was written."""

    kind = "log_archive_tampered"


class WindowsError(AssistError):
    """The host can not do what was asked."""

    kind = "windows"


class CommandFailed(WindowsError):
    """A program on the host ended with an error."""

    kind = "command_failed"


class PolicyBusy(CommandFailed):
    """Another run replaces the local Group Policy at this moment; nothing was done."""

    kind = "policy_busy"


class PolicyChanged(CommandFailed):
    """The local Group Policy is no longer what was read; nothing was done."""

    kind = "policy_changed"


class PolicyOverruled(WindowsError):
    """A domain's GPO decides a setting otherwise."""

    kind = "policy_overruled"


class PolicyNotInForce(WindowsError):
    """A policy was written, and Windows goes by something else."""

    kind = "policy_not_in_force"


class FirewallNotInForce(WindowsError):
    """A firewall rule was written, and something else decides."""

    kind = "firewall_not_in_force"


class FeatureNotChanged(WindowsError):
    """Windows did not add or remove the optional feature."""

    kind = "feature_not_changed"


class ProgramMissing(WindowsError):
    """A program that is needed is not on the host."""

    kind = "program_missing"


class AssistanceError(AssistError):
    """The host could, but this invitation can not be made."""

    kind = "assistance"


class UserNotFound(AssistanceError):
    """No session of that user on any host that answered."""

    kind = "user_not_found"


class UserAmbiguous(AssistanceError):
    """Several sessions fit; one has to be chosen."""

    kind = "user_ambiguous"


class SessionInactive(AssistanceError):
    """The user's session is disconnected."""

    kind = "session_inactive"


class SessionMismatch(AssistanceError):
    """What runs is not in the session that was asked for, or is not that user's."""

    kind = "session_mismatch"


class AssistanceForbidden(AssistanceError):
    """Remote Assistance is off by policy or system setting."""

    kind = "assistance_forbidden"


class InvitationPending(AssistanceError):
    """Another invitation waits in that session already."""

    kind = "invitation_pending"


class InvitationNotCreated(AssistanceError):
    """Windows made no invitation in time."""

    kind = "invitation_not_created"


class InvitationNotProven(AssistanceError):
    """An invitation came back that does not prove what it must."""

    kind = "invitation_not_proven"


class InvitationNotEnded(AssistanceError):
    """An invitation that was to be taken back is still there."""

    kind = "invitation_not_ended"
