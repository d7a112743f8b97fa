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

from .base import (
    AssistError,
    InvalidOption,
    PasswordUnusable,
    Unquotable,
)
from .formats import (
    ArchiveError,
    FirewallRuleMalformed,
    FormatError,
    GptIniMalformed,
    InvitationError,
    InvitationExpired,
    InvitationForbiddenXml,
    InvitationMalformed,
    InvitationNotProtected,
    InvitationNotXml,
    InvitationTampered,
    InvitationTruncated,
    InvitationUnverifiable,
    RegistryPolMalformed,
    SessionLogMalformed,
    WrongPassword,
)
from .outcomes import (
    AssistanceError,
    AssistanceForbidden,
    AuditBroken,
    AuditNotWritten,
    CommandFailed,
    DeliveryFailed,
    FeatureNotChanged,
    FirewallNotInForce,
    InvitationNotCreated,
    InvitationNotEnded,
    InvitationNotProven,
    InvitationPending,
    LogArchiveNotWritten,
    LogArchiveTampered,
    PolicyBusy,
    PolicyChanged,
    PolicyNotInForce,
    PolicyOverruled,
    ProgramMissing,
    SessionInactive,
    SessionMismatch,
    UserAmbiguous,
    UserNotFound,
    WindowsError,
)
from .wire import (
    AccessDenied,
    LibraryMissing,
    LoginRefused,
    MalformedReply,
    NotFound,
    OperationTimeout,
    ProtocolError,
    QuotaExceeded,
    ReplyTimeout,
    TransportError,
    Unreachable,
    WsmanFault,
)

__all__ = [
    "AccessDenied",
    "ArchiveError",
    "AssistError",
    "AssistanceError",
    "AssistanceForbidden",
    "AuditBroken",
    "AuditNotWritten",
    "CommandFailed",
    "DeliveryFailed",
    "FeatureNotChanged",
    "FirewallNotInForce",
    "FirewallRuleMalformed",
    "FormatError",
    "GptIniMalformed",
    "InvalidOption",
    "InvitationError",
    "InvitationExpired",
    "InvitationForbiddenXml",
    "InvitationMalformed",
    "InvitationNotCreated",
    "InvitationNotEnded",
    "InvitationNotProtected",
    "InvitationNotProven",
    "InvitationNotXml",
    "InvitationPending",
    "InvitationTampered",
    "InvitationTruncated",
    "InvitationUnverifiable",
    "LibraryMissing",
    "LogArchiveNotWritten",
    "LogArchiveTampered",
    "LoginRefused",
    "MalformedReply",
    "NotFound",
    "OperationTimeout",
    "PasswordUnusable",
    "PolicyBusy",
    "PolicyChanged",
    "PolicyNotInForce",
    "PolicyOverruled",
    "ProgramMissing",
    "ProtocolError",
    "QuotaExceeded",
    "RegistryPolMalformed",
    "ReplyTimeout",
    "SessionInactive",
    "SessionLogMalformed",
    "SessionMismatch",
    "TransportError",
    "Unquotable",
    "Unreachable",
    "UserAmbiguous",
    "UserNotFound",
    "WindowsError",
    "WrongPassword",
    "WsmanFault",
]
