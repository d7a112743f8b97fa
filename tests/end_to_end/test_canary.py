# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A canary secret turns up nowhere: results, -vvv, diffs, errors, process lists, files, host transcripts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.canary import ProcessWatch, assert_kept_secret, new_canary
from tests.support.playbook import PlaybookRunner
from tests.support.pools import inventory_data, write_inventory

LOUD = ("-vvvvv", "--diff")
FAULTS: dict[str, dict[str, Any]] = {
    "none": {},
    "never-writes": {"msra_never_writes": True},
    "exits": {"msra_exits_at_once": True},
    "cut": {"drop_connection_at": 14},
    "refused": {"refuse_login": True},
}


@pytest.mark.parametrize("fault", sorted(FAULTS))
@pytest.mark.parametrize("way", ["extra", "environment"])
def test_the_invitation_password(
    fault: str, way: str, pool: Any, canary: str, inventory_for: Any, run_playbook: PlaybookRunner, tmp_path: Path
) -> None:
    log = tmp_path / "ansible.log"
    extra: dict[str, Any] = {"user": "jdoe", "assist_timeout": 3}
    env = {"ANSIBLE_LOG_PATH": str(log)}
    if way == "extra":
        extra["password"] = canary
    else:
        env["WORKSPOT_ASSIST_PASSWORD"] = canary
    for name, value in FAULTS[fault].items():
        pool.hosts["desk-01"].faults.set(name, value)
    with ProcessWatch(canary) as watch:
        run = run_playbook("assist", *LOUD, inventory=inventory_for(pool), extra=extra, env=env)
    assert (run.returncode == 0) == (fault == "none"), run.stdout
    assert_kept_secret(canary, run)
    assert canary not in log.read_text()
    assert watch.samples
    assert watch.seen == set()


@pytest.mark.parametrize("way", ["winrm-ntlm", "psrp-basic"])
@pytest.mark.parametrize("refused", [False, True])
def test_the_connection_password(
    way: str, refused: bool, make_pool: Any, run_playbook: PlaybookRunner, tmp_path: Path
) -> None:
    secret = new_canary("Service")
    right = new_canary("Right") if refused else secret
    accounts = [
        {"name": "svc-ansible", "password": right, "administrator": True, "upn": "svc-ansible@corp.example"},
        {"name": "jdoe"},
    ]
    pool = make_pool(accounts=accounts)
    data = inventory_data(pool, *way.split("-"), password=secret)
    with ProcessWatch(secret) as watch:
        run = run_playbook("assist", *LOUD, inventory=write_inventory(tmp_path, data), extra={"user": "jdoe"})
    assert (run.returncode != 0) == refused
    assert_kept_secret(secret, run)
    assert watch.seen == set()


def test_a_generated_password_is_in_its_file_alone(pool: Any, inventory_for: Any, run_playbook: PlaybookRunner) -> None:
    run = run_playbook("assist", *LOUD, inventory=inventory_for(pool), extra={"user": "jdoe"}).ok()
    secret = run.folder / run.of("invitation")["password_file"]
    assert_kept_secret(secret.read_text().strip(), run, except_for=[secret])


def test_a_failing_invitation_info(pool: Any, canary: str, run_playbook: PlaybookRunner, tmp_path: Path) -> None:
    path = tmp_path / "no.msrcincident"
    path.write_text("<no/>")
    task = {
        "workspot.assist.invitation_info": {"path": str(path), "password": "{{ secret }}", "unknown": "{{ secret }}"}
    }
    play = [{"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [task]}]
    run = run_playbook(play, *LOUD, inventory="localhost,", extra={"secret": canary})
    assert run.returncode != 0
    assert_kept_secret(canary, run)
