# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to be true before anything is started on a host. A check run does these and nothing else.

Cost: seven exchanges with the shell's own on a host where one session fits, a few more where Windows does not
write down whose a session is.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace

from .._errors import (
    AssistanceError,
    AssistanceForbidden,
    InvitationNotCreated,
    InvitationPending,
    ProgramMissing,
    SessionMismatch,
    Unquotable,
)
from .._formats.quoting import windows_folder
from .._formats.quser import QuserRow
from .._windows.files import EXTENSION, TemporaryFile
from .._windows.host_clock import WindowsHost, read_host
from .._windows.host_facts import HostFacts, read_environments, read_facts
from .._windows.processes import MSRA
from .._windows.profiles import temporary_folder
from .._windows.sessions import Session, claimed_logon, describe, identified, session_owner
from .._wsman.client import WsmanClient
from .._wsman.shell import Shell
from .choose import Candidate, choose
from .just_in_time.plan import make_plan
from .remote_assistance_state import AssistanceState, effective_state
from .request import CheckedSession, InvitationRequest
from .timing import Timing

_LARGE_CLOCK_DIFFERENCE_SECONDS = 300.0
"""Kerberos refuses to work beyond this (RFC 4120, section 1.6), so it is worth a word."""
_CHECK = "check-"


def check_session(client: WsmanClient, shell: Shell, request: InvitationRequest, *, timing: Timing) -> CheckedSession:
    """Find the one session and check everything about it.

    Raises:
        UserNotFound, UserAmbiguous, SessionInactive: There is not exactly one active session.
        SessionMismatch: The session's owner can not be proven, or is somebody else.
        AssistanceForbidden: Policy or setting forbids.
        JustInTimeRefused: It was to be opened for this invitation, and that can not be.
        ProgramMissing: No msra.exe or tar.exe.
        InvitationPending: Remote Assistance already runs in that session.
    """
    host = read_host(client, now=timing.now)
    facts = read_facts(client, shell)
    _check_programs(client, facts, host)
    state = effective_state(facts.assistance)
    name = f"assist-{secrets.token_hex(8)}{EXTENSION}"
    sessions, outputs = _describe_rows(shell, facts, _rows(facts, request), name)
    session = _choose(client, facts, request, sessions)
    session = _proven(client, facts, request, session)
    _check_not_pending(client, facts, session)
    opening = None
    if request.just_in_time is None:
        _check_allowed(client, state)
    else:
        system = facts.assistance.system
        opening = make_plan(client, shell, request.just_in_time, request.lifetime, system)
        state = opening.state
    file = _checked_file(client, shell, session, name, outputs)
    warnings = [*_warnings(host, session, state, request), *(opening.warnings if opening else ())]
    if facts.openings and opening is None:
        warnings.append(
            "Remote Assistance is open here for another invitation only, just in time: it closes with that one."
        )
    return CheckedSession(host, facts, session, state, file, tuple(warnings), opening)


def _check_programs(client: WsmanClient, facts: HostFacts, host: WindowsHost) -> None:
    if "msra" not in facts.programs:
        server = host.product_type in ("server", "domain controller")
        raise ProgramMissing(
            "msra.exe is not on this host, so it has no Remote Assistance.",
            host=client.host,
            hint="Install the Windows feature Remote-Assistance."
            if server
            else "The image it was made from has Remote Assistance removed.",
        )
    if "tar" not in facts.programs:
        raise ProgramMissing(
            f"tar.exe is not on this host (Windows build {host.build}), so an invitation can not be fetched.",
            host=client.host,
            hint="It is part of Windows 10 1803, Windows Server 2019 and newer.",
        )


def _rows(facts: HostFacts, request: InvitationRequest) -> list[QuserRow]:
    """Rows that may be that user's: by the name quser shows, or by the name the user logged on with."""
    found = []
    for row in facts.rows:
        logon = claimed_logon(facts, row)
        principal = (logon.principal_name or "").casefold() if logon else ""
        if request.user.fits_account(row.user_name) or principal == request.user.text.casefold():
            found.append(row)
    return found


def _describe_rows(
    shell: Shell, facts: HostFacts, rows: Sequence[QuserRow], name: str
) -> tuple[list[Session], Mapping[str, str]]:
    """Describe the rows, and look at their users' temporary folders in the same exchange."""
    logons = [claimed_logon(facts, row) for row in rows]
    # A session without an entry of its own can be anybody's whose registry is loaded.
    sids = list(facts.loaded_sids) if None in logons else []
    commands: dict[str, str] = {}
    for logon in filter(None, logons):
        sids.append(logon.sid)
        command = _check_command(facts.profiles.get(logon.sid), name)
        if command is not None:
            commands[f"{_CHECK}{logon.sid}"] = command
    environments, outputs = read_environments(shell, sids, also=commands)
    return [describe(facts, row, environments) for row in rows], outputs


def _choose(client: WsmanClient, facts: HostFacts, request: InvitationRequest, sessions: Sequence[Session]) -> Session:
    fitting = [
        item
        for item in sessions
        if request.user.fits(item) and (request.sid is None or item.sid in (None, request.sid.upper()))
    ]
    try:
        return choose(
            [Candidate(client.host, item) for item in fitting],
            request.user,
            searched=1,
            accounts=[row.user_name for row in facts.rows],
            session_id=request.session_id,
        ).session
    except AssistanceError as error:
        error.host = client.host
        raise


def _proven(client: WsmanClient, facts: HostFacts, request: InvitationRequest, session: Session) -> Session:
    """The session with the owner that Windows itself names for a process in it."""
    found = session_owner(client, facts, session.session_id)
    if found is None:
        raise SessionMismatch(
            f"nothing proves whose session {session.session_id} is: no process of a user runs in it.",
            host=client.host,
            hint="The user may be logging on or off right now: repeat.",
        )
    proven = identified(client, facts, session, found)
    if proven.sid != found[0] or (request.sid and proven.sid != request.sid.upper()):
        raise _not_theirs(client, request, proven)
    if not request.user.fits(proven):
        raise _not_theirs(client, request, proven)
    return replace(proven, profile_path=facts.profiles.get(found[0]))


def _not_theirs(client: WsmanClient, request: InvitationRequest, session: Session) -> SessionMismatch:
    return SessionMismatch(
        f"session {session.session_id} belongs to {session.account} ({session.sid}), not to {request.user.text}.",
        host=client.host,
        hint="The user may have logged off meanwhile: repeat.",
    )


def _check_allowed(client: WsmanClient, state: AssistanceState) -> None:
    if state.allowed:
        return
    if state.allowed_by == "policy":
        raise AssistanceForbidden(
            "Group Policy does not let users ask for Remote Assistance (fAllowToGetHelp is 0).",
            host=client.host,
            hint='Enable the policy "Configure Solicited Remote Assistance" for this host, or have it opened for this '
            "invitation alone (just_in_time; for the playbook, assist_just_in_time).",
        )
    raise AssistanceForbidden(
        "Remote Assistance is off in this host's system settings (fAllowToGetHelp is 0).",
        host=client.host,
        hint='Enable the policy "Configure Solicited Remote Assistance", or the setting in System Properties; or have '
        "it opened for this invitation alone (just_in_time; for the playbook, assist_just_in_time).",
    )


def _check_not_pending(client: WsmanClient, facts: HostFacts, session: Session) -> None:
    if running := facts.running(MSRA, session.session_id):
        raise InvitationPending(
            f"Remote Assistance already runs in session {session.session_id} of {session.account} "
            f"(msra.exe, process {running[0].process_id}), and Windows allows one per session.",
            host=client.host,
            hint="Use that invitation, take it back (playbook revoke), or have the user close its window.",
        )


def _check_command(profile_path: str | None, name: str) -> str | None:
    """The command that looks at the temporary folder, or ``None`` when the profile's path can not be used."""
    try:
        return TemporaryFile(windows_folder(temporary_folder(profile_path or "")), name).check_command()
    except Unquotable:
        return None


def _checked_file(
    client: WsmanClient, shell: Shell, session: Session, name: str, outputs: Mapping[str, str]
) -> TemporaryFile:
    if not session.profile_path:
        raise InvitationNotCreated(f"Windows does not say where the profile of {session.account} is.", host=client.host)
    folder = temporary_folder(session.profile_path)
    try:
        file = TemporaryFile(windows_folder(folder), name)
        command = file.check_command()
    except Unquotable as error:
        raise Unquotable(
            f"the profile folder of {session.account} can not be used: {error.message}", host=client.host
        ) from None
    answer = outputs.get(f"{_CHECK}{session.sid}")
    if answer is None:
        answer = read_environments(shell, (), also={_CHECK: command})[1][_CHECK]
    words = answer.split()
    if "taken" in words:
        raise InvitationNotCreated(
            "a file with the name of the new invitation is there already; it was left alone.",
            host=client.host,
            hint="Repeat: the next name is another one.",
        )
    if "folder" not in words:
        raise InvitationNotCreated(
            f"the temporary folder of {session.account} is not there.",
            host=client.host,
            hint=f"Expected at {folder}.",
        )
    return file


def _warnings(host: WindowsHost, session: Session, state: AssistanceState, request: InvitationRequest) -> list[str]:
    found = []
    if abs(host.difference_seconds) >= _LARGE_CLOCK_DIFFERENCE_SECONDS:
        found.append(
            f"the host's clock differs from the controller's by {host.difference_seconds:+.0f} seconds; "
            "all times are the host's."
        )
    if session.locked:
        found.append("the lock screen is up in the session: the user has to unlock it to let a helper in.")
    if not state.full_control:
        found.append("policy or setting lets a helper view only, not control.")
    if state.lifetime < request.lifetime:
        minutes = int(state.lifetime.total_seconds() // 60)
        found.append(
            f"Windows ends invitations after {minutes} minutes here ({state.lifetime_by}), earlier than asked."
        )
    return found
