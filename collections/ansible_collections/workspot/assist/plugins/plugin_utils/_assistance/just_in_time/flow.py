# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Opening, seeing that it is open, and closing: what an invitation does before and after itself."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..._errors import AssistError
from ..._formats.firewall_rule import ALLOW, FirewallRule
from ..._formats.invitation import iso_utc
from ..._windows import tasks
from ..._windows.facts_batch import Batch
from ..._windows.firewall import rules_of
from ..._windows.host_facts import REG
from ..._windows.policy import POLICY_KEY, AssistanceValues, assistance_values
from ..._windows.processes import MSRA, Process
from ..._wsman.client import WsmanClient
from ..._wsman.shell import Shell
from ..remote_assistance_state import effective_state
from ..timing import Timing
from .closer import REPEAT, closer_xml
from .errors import JustInTimeNotClosed, JustInTimeNotOpened
from .lines import (
    close_line,
    closer_name,
    open_line,
    query_command,
    rule_query_command,
    run_closer_command,
)
from .plan import Plan, make_plan
from .record import ALLOW as ALLOW_NAME
from .record import ROOT, Openings, Record, openings

_OPEN_SECONDS = 15.0
"""How long others may hold the lock, or change what was read."""
_CLOSE_SECONDS = 4.0
_PAUSE = 0.5
_UNDONE = 1
"""How often it is opened again when something, such as a refresh of Group Policy, has closed it at once."""
_TCP = 6


@dataclass
class Opening:
    """What one run opened, or may have.

    Attributes:
        token: Its name on the host.
        session_id: For which session.
        lifetime: How long the invitation is to be good.
        system: The host's own settings of Remote Assistance.
        plan: What it changes.
        record: The state before the first opening, as the closing task has it.
    """

    token: str
    session_id: int
    lifetime: timedelta
    system: dict[str, int]
    plan: Plan
    record: Record | None = None


def open_up(client: WsmanClient, shell: Shell, opening: Opening, *, until: datetime, timing: Timing) -> None:
    """Open, and see that it is open.

    Args:
        client: The host.
        shell: An open shell of it.
        opening: What to open; its plan is made anew when the host is no longer as it was.
        until: Host time at which the host closes it again if nobody has before.
        timing: Clocks.

    Raises:
        JustInTimeRefused: It can not be opened here any more.
        JustInTimeNotOpened: Windows said it did, and did not; or others are at it all the time.
    """
    said, undone = "", 0
    for _remaining in timing.attempts(_OPEN_SECONDS, pause=_PAUSE):
        opening.record = opening.plan.record(opening.token)
        # First what closes it, with the earlier state in it; then what opens it.
        xml = closer_xml(opening.token, opening.record, at=until)
        tasks.register(client, closer_name(opening.token), xml, replace=True)
        reached, said = _open(shell, opening, opening.record, until=until)
        if "opened" in reached:
            if (said := why_closed(shell, opening) or "") == "":
                return
            undone += 1
        if "same" in reached and ("opened" not in reached or undone > _UNDONE):
            raise _not_opened(client, said if undone else f"a command was refused. {said}")
        if "locked" in reached:
            plan = opening.plan
            opening.plan = make_plan(client, shell, plan.wishes, opening.lifetime, opening.system, token=opening.token)
    raise _not_opened(client, f"others change it at this moment. {said}")


def _open(shell: Shell, opening: Opening, record: Record, *, until: datetime) -> tuple[set[str], str]:
    mark, plan = secrets.token_hex(12), opening.plan
    line = open_line(
        mark,
        opening.token,
        record=record,
        joins=plan.joins,
        holder={
            "session": str(opening.session_id),
            "until": iso_utc(until + opening.lifetime),
            "helper_addresses": ",".join(plan.wishes.shown),
        },
        values=plan.values,
        addresses=plan.wishes.addresses,
        profiles=plan.profiles,
    )
    result = shell.run(line, timeout=60.0)
    words = " ".join(result.stderr.decode("utf-8", "replace").split())[:200]
    reached = {word.partition(":")[2] for word in result.text.split() if word.startswith(f"{mark}:")}
    return reached, words


def why_closed(shell: Shell, opening: Opening) -> str | None:
    """Why an invitation could not be used now, although it was opened; ``None`` when it could (two exchanges)."""
    batch = Batch()
    batch.add("openings", query_command())
    batch.add("policy", f'{REG} query "{POLICY_KEY}" 2>nul')
    batch.add("rule", rule_query_command(opening.token))
    answers = batch.run(shell)
    there = openings(answers["openings"])
    numbers = AssistanceValues(assistance_values(answers["policy"], "").policy, opening.system)
    if not effective_state(numbers).allowed:
        return f"policy forbids it ({ALLOW_NAME} is 0), as after a refresh of Group Policy."
    if any(numbers.policy.get(name.lower()) != number for name, number in opening.plan.values.items()):
        return "its policy values are not as they were written."
    if opening.token not in there.holders or there.record is None:
        return f"the earlier state is not kept in the registry (HKLM, {ROOT.partition(chr(92))[2]})."
    if not any(_is_wanted(rule, opening) for rule in rules_of(answers["rule"]).values()):
        return "its firewall rule is not there, or not as it was asked for."
    return None


def _is_wanted(rule: FirewallRule, opening: Opening) -> bool:
    plan = opening.plan
    return (
        rule.enabled
        and rule.inbound
        and rule.action == ALLOW
        and rule.protocol == _TCP
        and rule.program.lower().endswith(f"\\{MSRA}")
        and rule.profiles == plan.profiles
        and rule.remote_addresses == frozenset(plan.wishes.addresses)
        and not rule.local_ports
    )


def _not_opened(client: WsmanClient, why: str) -> JustInTimeNotOpened:
    return JustInTimeNotOpened(
        f"Remote Assistance was not opened just in time: {why}",
        host=client.host,
        hint="A security agent, or a refresh of Group Policy at this moment, may be why: repeat, and see the "
        "diagnose playbook.",
    )


def keep_while_running(client: WsmanClient, opening: Opening, process: Process, *, now: datetime) -> None:
    """Have the host close when that msra.exe is gone: the second stage of the closing task."""
    if opening.record is None:
        raise AssertionError("it is opened before an invitation is made")
    xml = closer_xml(opening.token, opening.record, at=now + REPEAT, process=process)
    tasks.register(client, closer_name(opening.token), xml, replace=True)


def close(client: WsmanClient, shell: Shell, token: str, *, timing: Timing) -> None:
    """Close what one opening opened, and see that it is closed.

    Args:
        client: The host.
        shell: An open shell of it.
        token: Whose opening.
        timing: Clocks.

    Raises:
        JustInTimeNotClosed: It is not; the task on the host goes on trying.
    """
    for _remaining in timing.attempts(_CLOSE_SECONDS, pause=_PAUSE):
        mark = secrets.token_hex(12)
        there = read_openings(shell)
        line = close_line(token, there.record, done=f"echo {mark}:closed")
        if f"{mark}:closed" not in shell.run(line, timeout=60.0).text.split():
            continue
        if there.damaged is None or set(there.holders) - {token}:
            tasks.delete(client, closer_name(token))
            return
        # The rule is gone. What was before can not be read here any more; the task on the host still has it.
        shell.run(run_closer_command(token), timeout=60.0)
    raise JustInTimeNotClosed(
        "what was opened just in time is not closed.",
        host=client.host,
        hint="A task on the host tries again every five minutes. Look at the policy value fAllowToGetHelp and at the "
        f"firewall rule workspot.assist-{token} there.",
    )


def read_openings(shell: Shell) -> Openings:
    """What is open on a host (two exchanges)."""
    batch = Batch()
    batch.add("openings", query_command())
    return openings(batch.run(shell)["openings"])


def close_anyhow(client: WsmanClient, shell: Shell, token: str, *, timing: Timing) -> bool:
    """Close after a failure that may have cost the shell; whether it is closed now."""
    try:
        close(client, shell, token, timing=timing)
    except JustInTimeNotClosed:
        return False
    except AssistError:
        try:
            with client.shell() as other:
                close(client, other, token, timing=timing)
        except AssistError:
            return False
    return True
