# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why msra.exe made no invitation: what the scheduler and the host's event log say. For failures only."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from .._errors import AssistError, InvitationNotCreated
from .._windows import tasks
from .._windows.event_log import read_reasons
from .._wsman.client import WsmanClient
from .._wsman.shell import Shell
from .launch import Traces

_LOOK_BACK = timedelta(seconds=2)
"""Event times and the host's clock, read once, may differ by a rounding."""
_REFRESHED = (
    "Remote Assistance was open just in time, and is closed again. If a refresh of Group Policy closed it at that very "
    "moment, repeat."
)


def explained(
    client: WsmanClient, shell: Shell, error: InvitationNotCreated, traces: Traces, *, since: datetime
) -> InvitationNotCreated:
    """The error with the host's own reason, when it tells one. Nothing here can fail.

    Args:
        client: The host.
        shell: An open shell of it.
        error: The error so far.
        traces: What was done.
        since: Host time at which it began.
    """
    reasons: list[str] = []
    with suppress(AssistError):
        reasons.extend(read_reasons(shell, since=since - _LOOK_BACK))
    if not reasons and not traces.processes:
        with suppress(AssistError):
            run = tasks.last_run(client, traces.guard.task)
            if run is not None:
                reasons.append(run.in_words)
    hint = error.hint
    if traces.opening is not None:
        hint = f"{hint or ''} {_REFRESHED}".strip()
    message = f"{error.message.rstrip('.')}: {'; '.join(reasons)}." if reasons else error.message
    return InvitationNotCreated(message, host=error.host, hint=hint)
