# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Inventories and settings as they are in real life: odd, half broken, made for something else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.rig import PASSWORD, assert_refused, opens, traces
from tests.support.canary import assert_kept_secret
from tests.support.playbook import PlaybookRunner
from tests.support.pools import DESKTOP, SERVICE_PASSWORD, inventory_data, write_inventory

GIVEN = {"user": "jdoe", "password": PASSWORD}


def test_a_variable_password_that_is_the_connections(pool: Any, run_playbook: PlaybookRunner, tmp_path: Path) -> None:
    """Many inventories have one; the helper must not get it, nor the host's event log."""
    data = inventory_data(pool)
    data["all"]["vars"].update(password=SERVICE_PASSWORD, ansible_password="{{ password }}")
    run = run_playbook("assist", inventory=write_inventory(tmp_path, data), extra={"user": "jdoe"})
    assert_refused(run, "it is the password of the connection's own account", "a variable named password")
    assert_kept_secret(SERVICE_PASSWORD, run)
    assert pool.hosts["desk-01"].state()["writes"] == []


def test_hosts_whose_variables_are_broken_stand_in_nobodys_way(
    each_ansible: Path, pool: Any, run_playbook: PlaybookRunner, tmp_path: Path
) -> None:
    """Even when they come first: a task that runs once runs on the first host."""
    run_playbook.bin = each_ansible
    data = inventory_data(pool)
    broken = {
        "a-undefined": {"ansible_password": "{{ nowhere_defined }}"},
        "b-plugin": {"ansible_connection": "nonexistent"},
        "c-port": {"ansible_port": "abc"},
        "d-linux": {"ansible_connection": "ssh"},
        "localhost": {"ansible_connection": "local"},
    }
    data["all"]["hosts"] = {**broken, **data["all"]["hosts"]}
    run = run_playbook("assist", inventory=write_inventory(tmp_path, data), extra=GIVEN).ok()
    located = run.of("locate_user")
    assert (located["host"], located["searched"]) == ("desk-01", 6)
    assert {item["host"] for item in located["unreachable_hosts"]} == set(broken)
    assert len(run.invitations) == 1


@pytest.mark.parametrize(
    "env", [{"ANSIBLE_STRATEGY": "free"}, {"ANSIBLE_STDOUT_CALLBACK": "minimal", "ANSIBLE_FORKS": "1"}], ids=str
)
def test_settings_that_are_not_ours(
    env: dict[str, str], make_pool: Any, run_playbook: PlaybookRunner, tmp_path: Path
) -> None:
    """Another strategy, another output; become for everything; values that are no strings."""
    pool = make_pool({"name": "desk-00"}, DESKTOP)
    data = inventory_data(pool, ansible_become=True, ansible_become_method="runas", ansible_become_user="SYSTEM")
    extra = {"user": "jdoe", "password": 1234567, "host": ["desk-01"], "session_id": 1, "assist_directory": "a b/ç"}
    run = run_playbook("assist", inventory=write_inventory(tmp_path, data), extra=extra, env=env).ok()
    (path,) = run.invitations
    assert opens(path, "1234567")
    assert path.parent == run.folder / "a b/ç"
    # The search is one task, whatever the strategy says.
    assert len([item for item in run.results if item.action == "workspot.assist.locate_user"]) == 1
    assert "become has no meaning here" in run.stdout + run.stderr
    assert f"xfreerdp '{path}' /assistance:PASSWORD" in run.stdout


@pytest.mark.parametrize(
    ("extra", "words"),
    [({"expires_minutes": 10**16}, "expires_minutes"), ({"session_id": 0}, "no session 0")],
    ids=str,
)
def test_numbers_that_mean_nothing(
    extra: dict[str, Any], words: str, pool: Any, inventory_for: Any, run_playbook: PlaybookRunner
) -> None:
    run = run_playbook("assist", inventory=inventory_for(pool), extra={**GIVEN, **extra})
    assert_refused(run, words)
    assert pool.hosts["desk-01"].state()["writes"] == []


@pytest.mark.parametrize("days", [-400, 3])
def test_a_host_whose_clock_is_days_off(
    days: int, make_pool: Any, inventory_for: Any, run_playbook: PlaybookRunner
) -> None:
    pool = make_pool({**DESKTOP, "faults": {"clock_skew": float(days * 24 * 3600)}})
    host = pool.hosts["desk-01"]
    run = run_playbook("assist", inventory=inventory_for(pool), extra=GIVEN).ok()
    assert "the host's clock differs from the controller's" in run.stdout + run.stderr
    assert abs(run.of("invitation")["clock_difference_seconds"] - days * 24 * 3600) < 60
    assert len(traces(host)) == 2
    host.clock.advance(3700)
    assert traces(host) == []


def test_ansibles_own_debug_output_holds_no_password(
    pool: Any, canary: str, inventory_for: Any, run_playbook: PlaybookRunner
) -> None:
    env = {"ANSIBLE_DEBUG": "1", "WORKSPOT_ASSIST_PASSWORD": canary}
    run = run_playbook("assist", inventory=inventory_for(pool), extra={"user": "jdoe"}, env=env).ok()
    assert_kept_secret(canary, run)
    assert SERVICE_PASSWORD not in run.stdout + run.stderr


def test_a_password_that_is_half_a_template_is_not_shown(
    pool: Any, canary: str, inventory_for: Any, run_playbook: PlaybookRunner
) -> None:
    extra = {"user": "jdoe", "password": f"{canary}{{{{"}
    run = run_playbook("assist", "-vvv", inventory=inventory_for(pool), extra=extra)
    assert run.returncode != 0
    assert_kept_secret(canary, run)
