# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why Remote Assistance did not do it: its own event log, by event numbers, never by localised words.

Events: the message file of msra.exe, as published by the libyal winevt-kb project.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from .._wsman.shell import Shell

CHANNEL = "Microsoft-Windows-RemoteAssistance/Operational"
ADMIN_CHANNEL = "Microsoft-Windows-RemoteAssistance/Admin"
REASONS = {
    12: "policy demands a session log, and it could not be created (event 12)",
    26: "a policy or system setting does not allow invitations (event 26)",
    27: "a policy or system setting does not allow control (event 27)",
    28: "Windows Firewall blocks Remote Assistance (event 28)",
    29: "Remote Assistance showed an error message in the user's session (event 29)",
}
_WEVTUTIL = r"%SystemRoot%\System32\wevtutil.exe"
_EVENT = re.compile(r"<Event[ >].*?</Event>", re.DOTALL)
_ID = re.compile(r"<EventID[^>]*>(\d{1,5})</EventID>")
_PROCESS = re.compile(r"<Execution ProcessID=['\"](\d{1,10})['\"]")
_TIME = re.compile(r"SystemTime=['\"]([0-9T:.\-]{19,35}Z?)['\"]")


def read_reasons(shell: Shell, *, since: datetime, limit: int = 5) -> list[str]:
    """What the log says went wrong (two exchanges).

    Event 13 is not asked for: the command line in it holds the password.

    Args:
        shell: An open shell.
        since: Host time; older events are another invitation's.
        limit: Events to look at, the newest first.
    """
    numbers = " or ".join(f"EventID={number}" for number in REASONS)
    line = f'{_WEVTUTIL} qe {CHANNEL} /q:"*[System[({numbers})]]" /f:xml /c:{limit:d} /rd:true 2>nul'
    return reasons_in(shell.run(line).text, since=since)


def reasons_in(text: str, *, since: datetime) -> list[str]:
    """The reasons in an output of ``wevtutil qe /f:xml``, each one once."""
    found: list[str] = []
    for event in _EVENT.findall(text):
        number, moment = _ID.search(event), _TIME.search(event)
        if number is None or moment is None or _moment(moment.group(1)) < since:
            continue
        reason = REASONS.get(int(number.group(1)))
        if reason and reason not in found:
            found.append(reason)
    return found


@dataclass(frozen=True)
class AssistanceEvent:
    """One event of Remote Assistance; of its data nothing is kept but addresses, as a password may stand there.

    Attributes:
        number: Event number; they are the same in every language.
        at: Host time.
        process_id: The process that wrote it.
    """

    number: int
    at: datetime
    process_id: int


def read_events(shell: Shell, numbers: Iterable[int], *, limit: int = 200) -> list[AssistanceEvent]:
    """Events of some numbers, the newest first (two exchanges)."""
    return events_in(shell.run(events_command(numbers, limit=limit)).text)


def events_command(
    numbers: Iterable[int], *, channel: str = CHANNEL, provider: str | None = None, limit: int = 200
) -> str:
    """A command that writes events of some numbers, the newest first; its exit code says whether there is such a log.

    Args:
        numbers: Event numbers.
        channel: The log.
        provider: Who has to have written them, for a log of many.
        limit: Events that are written at most.
    """
    wanted = " or ".join(f"EventID={number:d}" for number in numbers)
    by = f"Provider[@Name='{provider}'] and " if provider else ""
    return f'{_WEVTUTIL} qe {channel} /q:"*[System[{by}({wanted})]]" /f:xml /c:{limit:d} /rd:true 2>nul'


def events_in(text: str) -> list[AssistanceEvent]:
    """The events in an output of ``wevtutil qe /f:xml``, in their order."""
    found: list[AssistanceEvent] = []
    for event in _EVENT.findall(text):
        number, moment, process = _ID.search(event), _TIME.search(event), _PROCESS.search(event)
        if number is not None and moment is not None:
            at = _moment(moment.group(1))
            found.append(AssistanceEvent(int(number.group(1)), at, int(process.group(1)) if process else 0))
    return found


def _moment(text: str) -> datetime:
    # Windows writes seven or nine digits of a second; datetime takes six.
    whole, _point, fraction = text.rstrip("Z").partition(".")
    try:
        moment = datetime.fromisoformat(f"{whole}.{fraction[:6]:0<6}" if fraction else whole)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return moment.replace(tzinfo=UTC)
