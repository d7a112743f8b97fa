# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bad input: one clear line, an exit code other than 0, nothing changed on any host."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.rig import assert_refused
from tests.support.playbook import PlaybookRunner
from tests.support.pools import DESKTOP, inventory_data, write_inventory

TWICE = {
    "name": "desk-02",
    "sessions": [{"id": 4, "user": "CORP\\jdoe", "client": "LAPTOP-8", "session_name": "RDP-Tcp#1"}],
}
INJECTIONS = (
    "jdoe' OR '1'='1",
    'jdoe" & calc.exe & "',
    "jdoe%COMSPEC%",
    "jdoe\r\n& calc.exe",
    "..\\..\\jdoe",
    "<jdoe/>",
    "jd*",
    "jdoe|calc",
    "@corp.example",
    "CORP\\",
)


def assert_untouched(pool: Any) -> None:
    """No host was changed."""
    assert {name for name, host in pool.hosts.items() if host.state()["writes"]} == set()


@pytest.mark.parametrize("extra", [{}, {"user": ""}, {"user": "  "}, {"user": None}], ids=str)
def test_no_user(extra: dict[str, Any], pool: Any, inventory_for: Any, run_playbook: PlaybookRunner) -> None:
    run = run_playbook("assist", inventory=inventory_for(pool), extra=extra)
    assert_refused(run, "-e user=jdoe")
    assert_untouched(pool)


def test_unknown_user(pool: Any, inventory_for: Any, run_playbook: PlaybookRunner) -> None:
    run = run_playbook("assist", inventory=inventory_for(pool), extra={"user": "nobody"})
    assert_refused(run, "nobody", "no session")
    assert run.of("locate_user")["error"]["kind"] == "user_not_found"
    assert_untouched(pool)


@pytest.mark.parametrize("user", INJECTIONS)
def test_user_names_that_are_no_names(user: str, pool: Any, inventory_for: Any, run_playbook: PlaybookRunner) -> None:
    run = run_playbook("assist", inventory=inventory_for(pool), extra={"user": user})
    assert_refused(run)
    assert_untouched(pool)


@pytest.mark.parametrize(
    "password",
    ["", "short", "two words here", 'quo"ted-password', "per%cent%password", "pass&calc.exe", "ümlaut-password"],
)
def test_passwords_that_msra_can_not_take(
    password: str, pool: Any, inventory_for: Any, run_playbook: PlaybookRunner
) -> None:
    run = run_playbook("assist", inventory=inventory_for(pool), extra={"user": "jdoe", "password": password})
    assert_refused(run, "password")
    assert not password or password not in run.stdout + run.stderr
    assert_untouched(pool)


def test_a_prompt_without_a_terminal(pool: Any, inventory_for: Any, run_playbook: PlaybookRunner) -> None:
    run = run_playbook("assist", inventory=inventory_for(pool), extra={"user": "jdoe", "ask_password": True})
    assert_refused(run, "needs a terminal")
    assert_untouched(pool)


def test_two_sessions_ask_for_a_choice(make_pool: Any, inventory_for: Any, run_playbook: PlaybookRunner) -> None:
    pool = make_pool(DESKTOP, TWICE)
    inventory = inventory_for(pool)
    run = run_playbook("assist", inventory=inventory, extra={"user": "jdoe"})
    assert_refused(run, "-e host=desk-01", "-e host=desk-02", "-e session_id=4")
    assert len(run.of("locate_user")["candidates"]) == 2
    assert_untouched(pool)
    chosen = run_playbook("assist", inventory=inventory, extra={"user": "jdoe", "host": "desk-02", "session_id": 4})
    assert chosen.ok().of("invitation")["host"] == "desk-02"


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ({"host": "desk-99"}, "desk-99"),
        ({"assist_hosts": "nothing"}, "assist_hosts"),
        ({"expires_minutes": 0}, "minutes"),
        ({"expires_minutes": "soon"}, "expires_minutes"),
        ({"session_id": "first"}, "session_id"),
        ({"assist_timeout": 0.5}, "timeout"),
    ],
    ids=str,
)
def test_other_options(
    extra: dict[str, Any], words: str, pool: Any, inventory_for: Any, run_playbook: PlaybookRunner
) -> None:
    run = run_playbook("assist", inventory=inventory_for(pool), extra={"user": "jdoe", **extra})
    assert_refused(run, words)
    assert_untouched(pool)


def test_an_inventory_that_can_not_be_read(run_playbook: PlaybookRunner, tmp_path: Path) -> None:
    run = run_playbook("assist", inventory=tmp_path / "absent.yml", extra={"user": "jdoe"})
    assert run.returncode != 0
    assert "absent.yml" in run.stdout + run.stderr


def test_an_inventory_that_can_not_be_read_without_our_settings(run_playbook: PlaybookRunner, tmp_path: Path) -> None:
    """An installed collection comes without ansible.cfg: Ansible itself then goes on with no hosts."""
    env = {"ANSIBLE_INVENTORY_UNPARSED_FAILED": "false", "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "false"}
    run = run_playbook("assist", inventory=tmp_path / "absent.yml", extra={"user": "jdoe"}, env=env)
    assert_refused(run, "inventory has no hosts")


def test_a_host_that_is_no_windows_host(run_playbook: PlaybookRunner, tmp_path: Path) -> None:
    data = {"all": {"hosts": {"linux-01": {"ansible_connection": "ssh", "ansible_host": "127.0.0.1"}}}}
    run = run_playbook("assist", inventory=write_inventory(tmp_path, data), extra={"user": "jdoe"})
    assert_refused(run, "did not answer")
    assert "winrm or psrp" in str(run.of("locate_user")["unreachable_hosts"])


@pytest.mark.parametrize(("connection", "package"), [("winrm", "pywinrm"), ("psrp", "pypsrp")])
def test_a_library_that_is_not_installed(
    connection: str, package: str, pool: Any, inventory_for: Any, run_playbook: PlaybookRunner, tmp_path: Path
) -> None:
    """A finder that knows no such package stands first in every Python of the run."""
    module = {"pywinrm": "winrm", "pypsrp": "pypsrp"}[package]
    hiding = tmp_path / "hiding"
    hiding.mkdir()
    (hiding / "sitecustomize.py").write_text(
        "import sys\n"
        "class Hide:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.partition('.')[0] == {module!r}:\n"
        "            raise ModuleNotFoundError('No module named ' + repr(name), name=name)\n"
        "sys.meta_path.insert(0, Hide())\n"
    )
    run = run_playbook(
        "assist",
        inventory=inventory_for(pool, connection, "ntlm"),
        extra={"user": "jdoe"},
        env={"PYTHONPATH": str(hiding)},
    )
    assert_refused(run)
    assert package in run.failures[-1] + str(run.of("locate_user").get("unreachable_hosts"))
    assert sys.executable


def test_a_wrong_connection_password(pool: Any, tmp_path: Path, run_playbook: PlaybookRunner) -> None:
    data = inventory_data(pool, password="Wrong-Connection-Password-7")
    run = run_playbook("assist", "-vvv", inventory=write_inventory(tmp_path, data), extra={"user": "jdoe"})
    assert_refused(run)
    (silent,) = run.of("locate_user")["unreachable_hosts"]
    assert silent["kind"] == "login_refused"
    assert "Wrong-Connection-Password-7" not in run.stdout + run.stderr
    assert_untouched(pool)
