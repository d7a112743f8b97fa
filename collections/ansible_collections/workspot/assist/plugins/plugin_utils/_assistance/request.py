# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is asked for, what the checks found, and what comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from .._errors import InvalidOption
from .._formats.invitation import iso_utc
from .._windows.files import TemporaryFile
from .._windows.host_clock import WindowsHost
from .._windows.host_facts import HostFacts
from .._windows.sessions import Session
from .just_in_time.plan import Plan
from .just_in_time.wishes import Wishes
from .notify import check_text
from .remote_assistance_state import AssistanceState
from .secret import Secret
from .user_name import UserName

MAX_MINUTES = 99 * 24 * 60
"""The longest lifetime policy knows (MaxTicketExpiry, RemoteAssistance.admx)."""
Progress = Callable[[str], None]


@dataclass(frozen=True)
class InvitationRequest:
    """What an operator asks for.

    Attributes:
        user: The user who is to be helped.
        password: The invitation's password; checked before anything is sent.
        session_id: The session, when the operator chose one.
        sid: The user's SID, when it is known: nobody else's session will do.
        lifetime: How long the invitation is to be good.
        timeout: Seconds to wait for msra.exe and its file, together.
        check_reachable: Whether an endpoint has to answer from the controller.
        message: What to show in the user's session once the invitation is ready; ``None`` for nothing.
        just_in_time: What to open for it, where Remote Assistance is off; ``None`` to open nothing.
    """

    user: UserName
    password: Secret
    session_id: int | None = None
    sid: str | None = None
    lifetime: timedelta = timedelta(minutes=60)
    timeout: float = 60.0
    check_reachable: bool = False
    message: str | None = None
    just_in_time: Wishes | None = None

    def __post_init__(self) -> None:
        minutes = self.lifetime.total_seconds() / 60
        if not 1 <= minutes <= MAX_MINUTES:
            raise InvalidOption(f"an invitation can be good for 1 to {MAX_MINUTES} minutes.")
        if not 1 <= self.timeout <= 3600:
            raise InvalidOption("timeout has to be from 1 to 3600 seconds.")
        if self.message is not None:
            check_text(self.message)


@dataclass(frozen=True)
class CheckedSession:
    """What the checks found: everything that has to be true before anything is started.

    Attributes:
        host: The host and its clock.
        facts: What was read of it.
        session: The one session, its owner proven.
        state: What Remote Assistance may do there.
        file: Where msra.exe is to write; nothing is there yet.
        warnings: What the operator should know.
        opening: What is to be opened for it.
    """

    host: WindowsHost
    facts: HostFacts
    session: Session
    state: AssistanceState
    file: TemporaryFile
    warnings: tuple[str, ...] = ()
    opening: Plan | None = None

    def as_data(self) -> dict[str, Any]:
        """What a check run tells."""
        return {
            "computer_name": self.host.computer_name,
            "session": self.session.as_data(),
            "assistance": self.state.as_data(),
            "clock_difference_seconds": self.host.difference_seconds,
            "full_control": self.state.full_control,
            "just_in_time": None if self.opening is None else {"opened": self.opening.as_data(), "closes": None},
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True)
class EndpointReport:
    """One endpoint of the ticket.

    Attributes:
        address: The address as the host knows it.
        port: TCP port.
        family: ``ipv4``, ``ipv6`` or ``name``.
        scope: Zone of a link-local IPv6 address: it means something on the host alone.
        reachable: Whether it answered from the controller; ``None`` when it was not asked.
    """

    address: str
    port: int
    family: str
    scope: str | None = None
    reachable: bool | None = None

    def as_data(self) -> dict[str, Any]:
        """The endpoint as a module result carries it."""
        return {
            "address": self.address,
            "port": self.port,
            "family": self.family,
            "scope": self.scope,
            "reachable": self.reachable,
        }


@dataclass(frozen=True)
class InvitationResult:
    """A proven invitation.

    Attributes:
        data: The file, byte for byte.
        sha256: Its SHA-256, hexadecimal.
        host: The host as the inventory names it.
        computer_name: The host's own name.
        session: Whose session it leads to.
        created: When it was made, host time in UTC.
        expires: When it ends, host time in UTC.
        expires_decided_by: ``policy`` when Windows ends it by itself, ``task`` when our task on the host does.
        endpoints: Where msra.exe listens.
        process_id: The waiting msra.exe.
        full_control: Whether the helper may control, as far as policy says.
        clock_difference_seconds: How far the host's clock is ahead of the controller's.
        warnings: What the operator should know.
        exchanges: Envelopes sent for it.
        opened: What was opened for it, as a module result carries it.
    """

    data: bytes = field(repr=False)
    sha256: str
    host: str
    computer_name: str
    session: Session
    created: datetime
    expires: datetime
    expires_decided_by: str
    endpoints: tuple[EndpointReport, ...]
    process_id: int
    full_control: bool
    clock_difference_seconds: float
    warnings: tuple[str, ...]
    exchanges: int
    opened: tuple[dict[str, Any], ...] | None = None

    def as_data(self) -> dict[str, Any]:
        """The invitation as a module result carries it: everything but the file and the password."""
        return {
            "host": self.host,
            "computer_name": self.computer_name,
            "session": self.session.as_data(),
            "created": iso_utc(self.created),
            "expires": iso_utc(self.expires),
            "expires_decided_by": self.expires_decided_by,
            "endpoints": [endpoint.as_data() for endpoint in self.endpoints],
            "sha256": self.sha256,
            "full_control": self.full_control,
            "just_in_time": None
            if self.opened is None
            else {"opened": list(self.opened), "closes": iso_utc(self.expires)},
            "clock_difference_seconds": self.clock_difference_seconds,
            "warnings": list(self.warnings),
            "exchanges": self.exchanges,
        }
