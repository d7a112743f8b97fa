# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The main job: from a user's name to an invitation, over every connection and every ansible-core there is."""

from __future__ import annotations

import re
import stat
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.playbook import PlaybookRunner, Run
from tests.support.pools import CONNECTIONS, DESKTOP, inventory_data, write_inventory

PASSWORD = "kadum4-rebis7"
GIVEN = {"user": "jdoe", "password": PASSWORD}
ONE_TIME = re.compile(r"\b[a-z]{5}\d(?:-[a-z]{5}\d){3}\b")


def traces(pool: Any, host: str = "desk-01") -> dict[str, Any]:
    """What of ours is on a host: tasks, msra.exe processes, files in temporary folders."""
    state = pool.hosts[host].state()
    return {
        "tasks": [item for item in state["tasks"] if "workspot" in str(item)],
        "processes": [item for item in state["processes"] if item["name"].lower() == "msra.exe"],
        "files": [item for item in state["files"] if "msrcincident" in str(item).lower()],
    }


def assert_an_invitation(run: Run) -> Path:
    """One file, named and protected as promised, and a summary that names it."""
    (path,) = run.ok().invitations
    assert re.fullmatch(r"\d{13}\.msrcincident", path.name)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    result = run.of("invitation")
    assert Path(result["path"]).name == path.name
    for line in (f"msra /openfile {path.name}", "/assistance:PASSWORD", result["expires"], result["host"]):
        assert line in run.stdout
    return path


@pytest.mark.parametrize("way", sorted(CONNECTIONS))
def test_an_invitation_over_every_connection(
    way: str, pool: Any, inventory_for: Any, run_playbook: PlaybookRunner
) -> None:
    run = run_playbook("assist", inventory=inventory_for(pool, *way.split("-")), extra=GIVEN)
    assert_an_invitation(run)


def test_an_invitation_with_every_ansible(
    each_ansible: Path, make_pool: Any, tmp_path: Path, run_playbook: PlaybookRunner
) -> None:
    """Two hosts with two connections in one run, and the generated password in a file, as nobody watches."""
    run_playbook.bin = each_ansible
    other = {"name": "desk-02", "sessions": [{"id": 1, "user": "CORP\\asmith"}]}
    pool = make_pool(DESKTOP, other)
    data = inventory_data(pool, "winrm", "ntlm")
    data["all"]["hosts"]["desk-02"].update(inventory_data(pool, "psrp", "basic")["all"]["vars"])
    inventory = write_inventory(tmp_path, data)
    for user, host in (("jdoe", "desk-01"), ("CORP\\asmith", "desk-02")):
        run = run_playbook("assist", inventory=inventory, extra={"user": user})
        path = assert_an_invitation(run)
        result = run.of("invitation")
        assert result["host"] == host
        assert result["password_source"] == "generated"
        secret = Path(run.folder / result["password_file"])
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
        password = secret.read_text().strip()
        assert ONE_TIME.fullmatch(password)
        assert f"one-time password, in {result['password_file']}" in run.stdout
        assert password not in run.stdout + run.stderr
        opened = run_playbook(opened_with(path, password), inventory="localhost,")
        assert opened.ok().of("invitation_info")["invitation"]["verified"] is True


def opened_with(path: Path, password: str) -> list[dict[str, Any]]:
    """A play that looks into an invitation."""
    task = {"workspot.assist.invitation_info": {"path": str(path), "password": password}}
    return [{"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [task]}]


def test_it_expires_when_asked(pool: Any, inventory_for: Any, run_playbook: PlaybookRunner) -> None:
    run = run_playbook("assist", inventory=inventory_for(pool), extra={**GIVEN, "expires_minutes": 30})
    assert_an_invitation(run)
    result = run.of("invitation")
    lifetime = datetime.fromisoformat(result["expires"]) - datetime.fromisoformat(result["created"])
    assert lifetime == timedelta(minutes=30)
    assert result["expires_decided_by"] == "task"
    assert len(traces(pool)["processes"]) == 1
    pool.hosts["desk-01"].clock.advance(31 * 60)
    pool.hosts["desk-01"].clock.advance(24 * 3600)
    assert traces(pool) == {"tasks": [], "processes": [], "files": []}


def test_only_the_guard_is_left_while_it_waits(pool: Any, inventory_for: Any, run_playbook: PlaybookRunner) -> None:
    assert_an_invitation(run_playbook("assist", inventory=inventory_for(pool), extra=GIVEN))
    left = traces(pool)
    assert len(left["tasks"]) == 1
    assert PASSWORD not in str(left["tasks"])
    assert left["files"] == []


def test_endpoints_can_be_tried(pool: Any, inventory_for: Any, run_playbook: PlaybookRunner) -> None:
    run = run_playbook("assist", inventory=inventory_for(pool), extra={**GIVEN, "check_reachable": True})
    assert_an_invitation(run)
    reached = {item["address"]: item["reachable"] for item in run.of("invitation")["endpoints"]}
    assert reached[pool.hosts["desk-01"].address] is True
    assert "(reached from here)" in run.stdout


def test_check_mode_starts_nothing(pool: Any, inventory_for: Any, run_playbook: PlaybookRunner) -> None:
    run = run_playbook("assist", "--check", "--diff", inventory=inventory_for(pool), extra=GIVEN)
    assert run.ok().invitations == []
    assert "nothing was started" in run.stdout
    assert traces(pool) == {"tasks": [], "processes": [], "files": []}
    assert pool.hosts["desk-01"].state()["writes"] == []


def test_the_password_may_come_from_the_environment(
    pool: Any, inventory_for: Any, run_playbook: PlaybookRunner
) -> None:
    env = {"WORKSPOT_ASSIST_PASSWORD": PASSWORD}
    run = run_playbook("assist", inventory=inventory_for(pool), extra={"user": "jdoe"}, env=env)
    path = assert_an_invitation(run)
    assert run.of("invitation")["password_source"] == "given"
    opened = run_playbook(opened_with(path, PASSWORD), inventory="localhost,").ok()
    assert opened.of("invitation_info")["invitation"]["verified"] is True


def test_the_user_can_be_on_any_of_many_hosts(make_pool: Any, inventory_for: Any, run_playbook: PlaybookRunner) -> None:
    empty = [{"name": f"desk-{number:02}"} for number in range(2, 7)]
    pool = make_pool(*empty[:3], DESKTOP, *empty[3:-1], {**empty[-1], "faults": {"down": True}})
    run = run_playbook("assist", inventory=inventory_for(pool), extra=GIVEN)
    assert_an_invitation(run)
    located = run.of("locate_user")
    assert (located["host"], located["searched"]) == ("desk-01", 6)
    assert [item["host"] for item in located["unreachable_hosts"]] == ["desk-06"]
    assert all(not pool.hosts[host["name"]].state()["writes"] for host in empty)
