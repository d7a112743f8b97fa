# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs that are cut off: a controller that dies, a network that breaks, two operators at once. Nothing is left."""

from __future__ import annotations

import json
import re
import shutil
import signal
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.rig import PASSWORD, assert_refused, opens, together, traces
from tests.support.playbook import PlaybookRunner
from tests.support.pools import DESKTOP

EXTRA = {"user": "jdoe", "password": PASSWORD, "assist_timeout": 10}
MAKING_SECONDS = 10 + 2 * 60 + 5
"""assist_timeout, the guard's margin after it, and a little."""
ASKED_SECONDS = 60 * 60 + 65
"""How long an invitation lives when nothing else is asked for, and a little."""
REGISTER, START = "RegisterByXml", "StartByPath"
DELETE_TASK = "Delete root/Microsoft/Windows/TaskScheduler"
LISTENERS = "Enumerate root/StandardCimv2"
PENDING = re.compile("session 1 has an invitation already|Remote Assistance already runs in session 1")

KILLED = {
    "guard": (REGISTER, 1),
    "task": (REGISTER, 2),
    "start": (START, 1),
    "msra-runs": (DELETE_TASK, 1),
    "proof": (LISTENERS, 1),
    "commit": (REGISTER, 3),
    "end": ("Delete /cmd", 2),
}
"""The request that the controller dies with: it still arrives, its answer finds nobody."""


def advance(pool: Any, name: str, seconds: float) -> None:
    """Let time pass on a host, as another process would: over the control address."""
    body = json.dumps({"advance": seconds}).encode()
    with urllib.request.urlopen(f"{pool.control}/hosts/{name}/clock", body, timeout=60) as answer:
        assert json.load(answer) == {"ok": True}


@pytest.mark.parametrize("moment", KILLED)
def test_a_controller_that_is_killed(moment: str, pool: Any, inventory_for: Any, run_playbook: PlaybookRunner) -> None:
    host = pool.hosts["desk-01"]
    running = run_playbook.start("assist", inventory=inventory_for(pool), extra=EXTRA)
    operation, number = KILLED[moment]
    host.hooks.at_operation(operation, lambda: running.signal(signal.SIGKILL), number=number)
    assert running.wait().returncode == -signal.SIGKILL
    assert traces(host) != []
    advance(pool, "desk-01", MAKING_SECONDS)
    if moment in ("commit", "end"):
        # It was proven: what is left is an invitation that ends when it was asked to.
        assert [trace.split()[0] for trace in traces(host)] == ["task", "process"]
        assert PASSWORD not in str(host.state()["tasks"])
        advance(pool, "desk-01", ASKED_SECONDS)
    assert traces(host) == []
    assert pool.errors == []


def test_a_user_who_interrupts(pool: Any, inventory_for: Any, run_playbook: PlaybookRunner) -> None:
    """Ctrl-C reaches ansible-playbook and its workers; what they can not tidy up any more, the host does."""
    host = pool.hosts["desk-01"]
    running = run_playbook.start("assist", inventory=inventory_for(pool), extra=EXTRA)
    host.hooks.at_operation(START, lambda: running.signal(signal.SIGINT))
    assert running.wait().returncode != 0
    advance(pool, "desk-01", MAKING_SECONDS)
    assert traces(host) == []


OWNER, SEARCHED = "GetOwnerSid", "Delete /cmd"
"""The last request before the guard is registered; the one that ends the search."""
CUT: dict[str, tuple[str, int, str]] = {
    # After OWNER: 1 and 2 register the guard and the task, 3 starts msra.exe, 6 deletes the task with the password,
    # 7 and more fetch and prove, the last but one commits.
    **{f"search-{number}": ("drop_connection_at", number, "") for number in (2, 3)},
    **{f"before-{number}": ("drop_connection_at", number, SEARCHED) for number in (1, 4)},
    **{f"unheard-{number}": ("drop_connection_at", number, OWNER) for number in (2, 6, 9)},
    **{f"unanswered-{number}": ("drop_reply_at", number, OWNER) for number in (1, 3, 6, 12)},
    **{f"vanished-{number}": ("vanish_after", number, OWNER) for number in (2, 5, 13)},
}
"""Which request is cut off, counted from one that is told by what it asks."""


def test_a_network_that_breaks(make_pool: Any, inventory_for: Any, run_playbook: PlaybookRunner) -> None:
    """Some of what tests/assistance does at every single request, through the whole playbook."""
    pool = make_pool(*({**DESKTOP, "name": name} for name in CUT))
    inventory = inventory_for(pool)
    since: dict[str, int] = {}
    for name, (fault, number, after) in CUT.items():
        faults = pool.hosts[name].faults

        def throw(name: str = name, faults: Any = faults, fault: str = fault, number: int = number) -> None:
            since[name] = faults.requests_seen
            faults.set(fault, number)

        if after:
            pool.hosts[name].hooks.at_operation(after, throw)
        else:
            throw()
    runs = together(
        {
            name: lambda name=name: run_playbook.start("assist", inventory=inventory, extra={**EXTRA, "host": name})
            for name in CUT
        }
    )
    for name, host in pool.hosts.items():
        run = runs[name]
        assert PASSWORD not in run.stdout + run.stderr
        assert host.faults.requests_seen - since[name] >= CUT[name][1], f"{name}: it did not come to that"
        if run.returncode:
            assert name in assert_refused(run)
        else:
            # A message that is safe to repeat was repeated.
            assert opens(run.invitations[0], PASSWORD), name
            assert len([trace for trace in traces(host) if trace.startswith("process")]) == 1, name
        host.faults.clear()
        advance(pool, name, MAKING_SECONDS)
        assert PASSWORD not in str(host.state()["tasks"]), name
        advance(pool, name, ASKED_SECONDS)
        assert traces(host) == [], name
    assert any(run.returncode for run in runs.values())


def test_two_operators_at_once(pool: Any, inventory_for: Any, run_playbook: PlaybookRunner) -> None:
    host = pool.hosts["desk-01"]
    host.faults.set("msra_delay", 1.5)
    inventory = inventory_for(pool)
    starts = {name: lambda: run_playbook.start("assist", inventory=inventory, extra=EXTRA) for name in ("one", "two")}
    runs = sorted(together(starts).values(), key=lambda run: run.returncode)
    (path,) = runs[0].ok().invitations
    assert PENDING.search(assert_refused(runs[1]))
    # The one that came second took nothing away from the first.
    assert opens(path, PASSWORD)
    assert [trace.split()[0] for trace in traces(host)] == ["task", "process"]


def test_a_folder_that_goes_away_meanwhile(
    pool: Any, inventory_for: Any, run_playbook: PlaybookRunner, tmp_path: Path
) -> None:
    """What can not be kept on the controller is taken back on the host."""
    host, folder = pool.hosts["desk-01"], tmp_path / "mine"
    host.hooks.at_operation(LISTENERS, lambda: shutil.rmtree(folder))
    extra = {**EXTRA, "assist_directory": str(folder)}
    run = run_playbook("assist", inventory=inventory_for(pool), extra=extra)
    assert_refused(run, "can not be written on the controller", "assist_directory")
    assert traces(host) == []


def test_a_user_who_logs_off_meanwhile(pool: Any, inventory_for: Any, run_playbook: PlaybookRunner) -> None:
    host = pool.hosts["desk-01"]
    host.hooks.at_operation(START, lambda: host.log_off(1))
    run = run_playbook("assist", inventory=inventory_for(pool), extra={**EXTRA, "assist_timeout": 2})
    assert_refused(run, "desk-01")
    assert traces(host) == []
