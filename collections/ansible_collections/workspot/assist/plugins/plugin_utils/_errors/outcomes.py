# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can not be done, on a host, for a user or on the controller."""

from __future__ import annotations

from .base import AssistError


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
