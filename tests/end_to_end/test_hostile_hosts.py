# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts and users that mean no good, or are merely odd: names of every kind, replies that make no sense."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.rig import PASSWORD, assert_refused, opens, together, traces
from tests.support.playbook import PlaybookRunner
from tests.support.pools import ACCOUNTS, DESKTOP

ODD_NAMES = (
    "o'brien",
    "Jane Doe",
    "jürgen.groß",
    "日本語",
    "$svc$",
    "R&D (x86) ^1",
    "a.very.long.name.of.more.than.twenty",
    "-dash",
    "#no.comment",
)
"""Names that Windows takes and that mean something to cmd, WQL, XML, a shell or YAML."""
VOLATILE = "HKU\\{}\\Volatile Environment"
EVIL = "\x1b[2J\x07{{ 7 * 191 }}\r\nfatal: "


def session(user: str, number: int = 1) -> dict[str, Any]:
    return {"id": number, "user": f"CORP\\{user}", "client": "LAPTOP-7", "session_name": "RDP-Tcp#3"}


def test_odd_names_of_users(make_pool: Any, inventory_for: Any, run_playbook: PlaybookRunner) -> None:
    """All of them on one host, each in a session and with a profile folder of that name."""
    accounts = [*ACCOUNTS, *({"name": name} for name in ODD_NAMES)]
    sessions = [session(name, number) for number, name in enumerate(ODD_NAMES, start=1)]
    pool = make_pool({"name": "rds-01", "os": "server-2022", "sessions": sessions}, accounts=accounts)
    inventory = inventory_for(pool)
    runs = together(
        {
            name: lambda name=name: run_playbook.start(
                "assist", inventory=inventory, extra={"user": name, "password": PASSWORD}
            )
            for name in ODD_NAMES
        }
    )
    for number, name in enumerate(ODD_NAMES, start=1):
        result = runs[name].ok().of("invitation")
        assert (result["session"]["user"], result["session"]["session_id"]) == (name, number)
        assert f"CORP\\{name} on rds-01, session {number}" in runs[name].stdout
        assert opens(Path(result["path"]), PASSWORD)
    host = pool.hosts["rds-01"]
    assert len([trace for trace in traces(host) if trace.startswith("process")]) == len(ODD_NAMES)
    host.clock.advance(2 * 3600)
    assert traces(host) == []


@pytest.mark.parametrize(
    "profile", ["C:\\Users\\!bang!", "C:\\Users\\%TEMP%", "\\\\server\\share\\jdoe", "C:\\x\\..\\y"]
)
def test_profile_folders_that_no_command_line_carries(
    profile: str, make_pool: Any, inventory_for: Any, run_playbook: PlaybookRunner
) -> None:
    pool = make_pool(DESKTOP, accounts=[ACCOUNTS[0], {"name": "jdoe", "profile": profile}])
    run = run_playbook("assist", inventory=inventory_for(pool), extra={"user": "jdoe"})
    assert_refused(run, "desk-01: the profile folder of CORP\\jdoe can not be used")
    assert pool.hosts["desk-01"].state()["writes"] == []


def test_what_users_write_into_their_own_environment(
    each_ansible: Path, make_pool: Any, inventory_for: Any, run_playbook: PlaybookRunner
) -> None:
    """Neither the terminal nor Ansible's templates take orders from it, nor is anybody's domain believed."""
    run_playbook.bin = each_ansible
    other = {"name": "desk-02", "quirks": {"session_data_missing": True}, "sessions": [session("jdoe", 2)]}
    pool = make_pool(DESKTOP, other)
    for name, number in (("desk-01", 1), ("desk-02", 2)):
        host = pool.hosts[name]
        key = VOLATILE.format(host.session(number).account.sid)
        host.registry.put(f"{key}\\{number}", "CLIENTNAME", EVIL)
        host.registry.put(key, "USERDOMAIN", "{{ 7 * 191 }}")
    inventory = inventory_for(pool)
    run = run_playbook("assist", inventory=inventory, extra={"user": "jdoe"})
    message = assert_refused(run, "-e host=desk-01", "-e user=jdoe -e host=desk-02")
    assert message.isprintable()
    assert not {"\x1b", "\x07"} & set(run.stdout + run.stderr)
    commands = [item["command"] for item in run.of("locate_user")["candidates"]]
    assert not any("{{" in command for command in commands)
    assert all(f"-i {inventory}" in command for command in commands)
    run = run_playbook("assist", inventory=inventory, extra={"user": "jdoe", "host": "desk-02"}).ok()
    assert "1337" not in run.stdout
    assert run.of("invitation")["session"]["domain"] == "CORP"
    assert "CORP\\jdoe on desk-02, session 2" in run.stdout


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "down": ({"down": True}, "unreachable"),
    "refuses": ({"refuse_login": True}, "login_refused"),
    "quota": ({"quota": True}, "quota"),
    "garbled": ({"garbled_reply": True}, "malformed_reply"),
    "oversize": ({"oversize_reply": True}, "malformed_reply"),
    "drops": ({"drop_connection_at": 3}, "unreachable"),
    "vanishes": ({"vanish_after": 2}, "unreachable"),
    "slow": ({"slow_reply": 0.3}, ""),
}
"""Faults of hosts, and the kind of error that a search tells of each."""


def test_broken_hosts_are_told_and_hide_nobody(
    make_pool: Any, inventory_for: Any, run_playbook: PlaybookRunner
) -> None:
    hosts = [{"name": name, "faults": faults} for name, (faults, _kind) in BROKEN.items()]
    pool = make_pool(*hosts, DESKTOP)
    extra = {"user": "jdoe", "password": PASSWORD}
    run = run_playbook("assist", inventory=inventory_for(pool), extra=extra).ok()
    located = run.of("locate_user")
    assert located["host"] == "desk-01"
    told = {item["host"]: item["kind"] for item in located["unreachable_hosts"]}
    assert told == {name: kind for name, (_faults, kind) in BROKEN.items() if kind}
    assert all("\n" not in item["message"] for item in located["unreachable_hosts"])
