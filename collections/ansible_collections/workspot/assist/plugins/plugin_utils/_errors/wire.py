# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes wrong between the controller and a host."""

from __future__ import annotations

from .base import AssistError


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
