# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an invitation has to prove before anybody is told that it is ready."""

from __future__ import annotations

from datetime import timedelta

from .._errors import InvitationExpired, InvitationNotProven, SessionMismatch
from .._windows.processes import MSRA, read_processes
from .._windows.sessions import Session
from .._windows.tcp import Listener, read_listeners
from .._wsman.client import WsmanClient
from .collect import Collected
from .launch import Launched
from .request import CheckedSession, EndpointReport
from .timing import Timing

CLOCK_TOLERANCE = timedelta(minutes=2)
"""How far a ticket's start may be from the host's clock: it has whole seconds, and we read the clock once."""
_LISTEN_SECONDS = 3.0
_LISTEN_PAUSE = 0.5


def prove(
    client: WsmanClient,
    checked: CheckedSession,
    launched: Launched,
    collected: Collected,
    *,
    timing: Timing,
) -> list[Listener]:
    """Check the invitation against the host.

    Returns:
        What msra.exe listens on.

    Raises:
        InvitationNotProven: It is another user's, of another time, or nothing listens.
        InvitationExpired: Its time is over.
        SessionMismatch: msra.exe does not run in the session.
    """
    _check_user(client, checked.session, collected)
    _check_time(client, checked, collected, timing)
    _check_process(client, checked.session, launched)
    for _remaining in timing.attempts(_LISTEN_SECONDS, pause=_LISTEN_PAUSE):
        listeners = read_listeners(client, launched.process.process_id)
        missing = _unserved(collected, listeners)
        if not missing:
            return listeners
    raise InvitationNotProven(
        f"msra.exe does not listen where its invitation says: {', '.join(missing)}.",
        host=client.host,
        hint="The user may have closed its window: repeat.",
    )


def check_reached(client: WsmanClient, reports: tuple[EndpointReport, ...]) -> None:
    """Raise when none of the endpoints answered.

    Raises:
        InvitationNotProven: None did.
    """
    if not any(report.reachable for report in reports):
        tried = ", ".join(f"{item.address} port {item.port}" for item in reports if item.reachable is False)
        raise InvitationNotProven(
            f"no endpoint of the invitation answers from the controller ({tried or 'none could be tried'}).",
            host=client.host,
            hint="Look at the host's firewall rules for Remote Assistance, and at NAT or VPN in between; a "
            "helper on another network may still get through: repeat without check_reachable.",
        )


def _check_user(client: WsmanClient, session: Session, collected: Collected) -> None:
    # unverified: that Windows writes the account name. Published invitations of Windows 7 to 11 have it; a
    # domain in front of it is accepted.
    named = collected.invitation.user_name.casefold()
    allowed = {session.user, session.account, session.principal_name or session.user}
    if named not in {name.casefold() for name in allowed}:
        raise InvitationNotProven(f"the invitation names another user than {session.account}.", host=client.host)


def _check_time(client: WsmanClient, checked: CheckedSession, collected: Collected, timing: Timing) -> None:
    invitation, now = collected.invitation, checked.host.host_time(timing.now())
    earliest = checked.host.host_time(checked.host.local_time - checked.host.ahead) - CLOCK_TOLERANCE
    if not earliest <= invitation.start <= now + CLOCK_TOLERANCE:
        raise InvitationNotProven(
            "the invitation was not made just now, by the host's own clock.",
            host=client.host,
            hint="Its file may be an old one, or the host's clock was changed: repeat.",
        )
    if invitation.expires <= now:
        raise InvitationExpired("the invitation's time is over already.", host=client.host)


def _check_process(client: WsmanClient, session: Session, launched: Launched) -> None:
    alive = [item for item in read_processes(client, [MSRA]) if item.is_same_as(launched.process)]
    if not alive:
        raise InvitationNotProven(
            "msra.exe ended after it wrote the invitation, so nobody waits for the helper.",
            host=client.host,
            hint="The user may have closed its window: repeat.",
        )
    if alive[0].session_id != session.session_id:
        raise SessionMismatch("msra.exe runs in another session than it should.", host=client.host)


def _unserved(collected: Collected, listeners: list[Listener]) -> list[str]:
    """Endpoints whose port nothing serves. A name or a NAT's address can be served under another address."""
    ports = {listener.port for listener in listeners}
    return [f"port {endpoint.port}" for endpoint in collected.connection.endpoints if endpoint.port not in ports]
