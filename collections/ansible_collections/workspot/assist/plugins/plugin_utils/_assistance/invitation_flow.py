# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One invitation, from the checks to the proof, with nothing left behind.

The order makes it a transaction: the guard first, so that the host itself undoes an unfinished invitation when
the controller dies; then msra.exe; then the file; then the proof; and only then the guard that lets the
invitation live as long as it was asked for. Whatever goes wrong before that, everything is taken off again.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from .._errors import AssistError, InvitationNotCreated, InvitationPending
from .._formats.invitation import iso_utc
from .._formats.password import check_password
from .._windows.files import delete as delete_file
from .._windows.processes import MSRA
from .._wsman.client import WsmanClient
from .._wsman.shell import Shell
from .checks import check_session
from .cleanup import Leftovers, clean_up
from .collect import Collected, collect
from .explain import explained
from .guard import AFTERMATH, MAKING_MARGIN, Guard, await_end, claim, refuse_if_busy
from .just_in_time.errors import JustInTimeNotOpened
from .just_in_time.flow import Opening, keep_while_running, open_up
from .launch import Launched, Traces, launch
from .notify import notify
from .proof import check_reached, prove
from .reachability import Connect, connect_tcp, report_endpoints
from .request import CheckedSession, EndpointReport, InvitationRequest, InvitationResult, Progress
from .timing import Timing

_FILE_LEFT = "the invitation's file could not be removed from the host now; a task removes it at the end."
_LONGEST_OPENING = MAKING_MARGIN.total_seconds() / 2
"""Seconds of the guard's margin that opening may use up; the rest is for the proof."""
BY_POLICY = "policy"
BY_TASK = "task"


Deliver = Callable[[InvitationResult], None]


def _silent(_text: str) -> None:
    """No progress wanted."""


def _kept_by_caller(_result: InvitationResult) -> None:
    """Nothing to do: the caller keeps the file."""


def check_invitation(
    client: WsmanClient,
    request: InvitationRequest,
    *,
    timing: Timing | None = None,
    progress: Progress = _silent,
) -> CheckedSession:
    """All checks of `create_invitation`, and nothing else: what a check run does.

    Raises:
        AssistError: What `create_invitation` would refuse.
    """
    timing = timing or Timing()
    check_password(request.password.reveal())
    with client.shell() as shell:
        progress(f"checking {client.host}")
        checked = check_session(client, shell, request, timing=timing)
        refuse_if_busy(client, checked.session.session_id, host_now=checked.host.host_time(timing.now()))
    return checked


def create_invitation(
    client: WsmanClient,
    request: InvitationRequest,
    *,
    timing: Timing | None = None,
    progress: Progress = _silent,
    connect: Connect = connect_tcp,
    deliver: Deliver = _kept_by_caller,
) -> InvitationResult:
    """Make a proven invitation.

    Args:
        client: The host.
        request: What is asked for.
        timing: Clocks and sleep; for tests.
        progress: Told what is going on, a line at a time.
        connect: Opens a TCP connection from the controller, for `check_reachable`.
        deliver: Keeps the file on the controller; if that raises, the invitation is taken back.

    Raises:
        AssistError: There is no invitation, and nothing of it is left on the host unless the error says so.
    """
    timing = timing or Timing()
    check_password(request.password.reveal())
    before = client.exchanges
    with client.shell() as shell:
        progress(f"checking {client.host}")
        checked = check_session(client, shell, request, timing=timing)
        task = f"invite-{secrets.token_hex(8)}"
        guard = Guard(checked.session.session_id, checked.file, task, closes=checked.opening is not None)
        known = [item for item in checked.facts.processes if item.name == MSRA]
        traces = Traces(guard, known=known)
        try:
            result = _make(client, shell, request, checked, traces, timing=timing, progress=progress, connect=connect)
            deliver(result)
        except BaseException as error:
            _clean_up(client, shell, error, traces, timing, progress)
            raise
    return replace(result, exchanges=client.exchanges - before)


def _make(
    client: WsmanClient,
    shell: Shell,
    request: InvitationRequest,
    checked: CheckedSession,
    traces: Traces,
    *,
    timing: Timing,
    progress: Progress,
    connect: Connect,
) -> InvitationResult:
    began = checked.host.host_time(timing.now())
    traces.guard_registered = True
    _claim(client, traces, host_now=began, seconds=request.timeout)
    _open(client, shell, request, checked, traces, timing=timing, progress=progress)
    deadline = timing.monotonic() + request.timeout
    try:
        progress(f"starting msra.exe in session {checked.session.session_id} of {checked.session.account}")
        launched = launch(client, checked, request, traces, deadline=deadline, timing=timing, progress=progress)
        progress("waiting for the invitation")
        collected = collect(
            client,
            shell,
            checked.file,
            launched.process,
            request.password,
            deadline=deadline,
            timing=timing,
        )
    except InvitationNotCreated as error:
        raise explained(client, shell, error, traces, since=began) from None
    file_left = not delete_file(shell, checked.file)
    progress("proving the invitation")
    prove(client, checked, launched, collected, timing=timing)
    reports = report_endpoints(collected.connection.endpoints, check=request.check_reachable, connect=connect)
    if request.check_reachable:
        check_reached(client, reports)
    if traces.opening is not None:
        now = checked.host.host_time(timing.now())
        keep_while_running(client, traces.opening, launched.process, now=now)
    result = _committed(client, request, checked, traces, launched, collected, reports)
    if file_left:
        result = _warned(result, _FILE_LEFT)
    if request.message is not None and (problem := notify(shell, checked.session.session_id, request.message)):
        result = _warned(result, problem)
    return result


def _claim(client: WsmanClient, traces: Traces, *, host_now: datetime, seconds: float) -> None:
    at = traces.guarded_until = host_now + timedelta(seconds=seconds) + MAKING_MARGIN
    try:
        claim(client, traces.guard, host_now=host_now, at=at)
    except InvitationPending:
        # The guard that is there belongs to somebody else.
        traces.guard_registered = False
        raise


def _open(
    client: WsmanClient,
    shell: Shell,
    request: InvitationRequest,
    checked: CheckedSession,
    traces: Traces,
    *,
    timing: Timing,
    progress: Progress,
) -> None:
    """Open what is to be opened for this invitation alone."""
    if checked.opening is None or traces.guarded_until is None:
        return
    started = timing.monotonic()
    progress("opening Remote Assistance just in time")
    traces.opening = Opening(
        token=traces.guard.token,
        session_id=checked.session.session_id,
        lifetime=request.lifetime,
        system=dict(checked.facts.assistance.system),
        plan=checked.opening,
    )
    open_up(client, shell, traces.opening, until=traces.guarded_until, timing=timing)
    if timing.monotonic() - started > _LONGEST_OPENING:
        # The guard's time runs since before: it must not be over before the invitation is proven.
        raise JustInTimeNotOpened(
            "opening Remote Assistance just in time took too long.",
            host=client.host,
            hint="The host is very slow at this moment: repeat later.",
        )


def _committed(
    client: WsmanClient,
    request: InvitationRequest,
    checked: CheckedSession,
    traces: Traces,
    launched: Launched,
    collected: Collected,
    reports: tuple[EndpointReport, ...],
) -> InvitationResult:
    """Have the host end the invitation when it was asked to end, and say who decides that."""
    invitation = collected.invitation
    asked = invitation.start + request.lifetime
    expires = min(asked, invitation.expires)
    traces.guarded_until = max(expires, traces.guarded_until or expires)
    await_end(client, traces.guard, launched.process, at=expires, until=invitation.expires + AFTERMATH)
    warnings = list(checked.warnings)
    if launched.task_kept:
        warnings.append(
            "this host ends msra.exe together with its task, so it was started twice and its task, without "
            "the password, stays until the invitation ends."
        )
    return InvitationResult(
        data=collected.data,
        sha256=collected.sha256,
        host=client.host,
        computer_name=checked.host.computer_name,
        session=checked.session,
        created=invitation.start,
        expires=expires,
        expires_decided_by=BY_POLICY if invitation.expires <= asked else BY_TASK,
        endpoints=reports,
        process_id=launched.process.process_id,
        full_control=checked.state.full_control,
        clock_difference_seconds=checked.host.difference_seconds,
        warnings=tuple(warnings),
        exchanges=0,
        opened=tuple(traces.opening.plan.as_data()) if traces.opening is not None else None,
    )


def _warned(result: InvitationResult, warning: str) -> InvitationResult:
    return replace(result, warnings=(*result.warnings, warning))


def _clean_up(
    client: WsmanClient,
    shell: Shell,
    error: BaseException,
    traces: Traces,
    timing: Timing,
    progress: Progress,
) -> None:
    """Clean up after an error, and put into it what is left."""
    left = clean_up(client, shell, traces, timing=timing)
    if not left.things:
        return
    words = _in_words(left)
    if isinstance(error, AssistError):
        error.hint = f"{error.hint or ''} {words}".strip()
    else:
        progress(words)


def _in_words(left: Leftovers) -> str:
    things = ", ".join(left.things)
    if left.guarded_until is None:
        return f"On the host there may be left: {things}."
    until = iso_utc(left.guarded_until)
    return f"On the host there may be left: {things}; a task on it removes that at {until}."
