# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every kind of host that a pool has, through the real playbook: an invitation, or the right words why not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.end_to_end.rig import PASSWORD, assert_refused, together, traces
from tests.support.playbook import ROOT, PlaybookRunner, Run
from tests.support.pools import inventory_data, start_pool, write_inventory

DESCRIPTION = yaml.safe_load((ROOT / "simulator/pools/every_kind.yml").read_text())
SERVICE = DESCRIPTION["accounts"][0]
SILENT = {"refuses": "login_refused", "down": "unreachable"}
"""Hosts that answer nobody, with the kind of error that is told of each."""

WELCOME = {
    # Every host is asked here: the two silent ones are data, and in nobody's way.
    "win11": {"user": "jdoe"},
    "rds": {"user": "user07", "host": "rds"},
    "remoteapp": {"user": "CORP\\appuser", "host": "remoteapp"},
    "german": {"user": "müller@corp.example", "host": "german"},
    "odd-profile": {"user": "odd", "host": "odd-profile"},
    "twice": {"user": "twice", "host": "twice", "session_id": 2},
}
"""Hosts where an invitation is made, and how it is asked for."""

REFUSED: dict[str, tuple[dict[str, Any], str, tuple[str, ...]]] = {
    "twice-unchosen": (
        {"user": "twice", "host": "twice"},
        "user_ambiguous",
        ("has 2 active sessions", "twice session 2", "twice session 3", "-e host=twice -e session_id=3"),
    ),
    "twice-the-other": (
        {"user": "twice", "host": "twice", "session_id": 3},
        "session_mismatch",
        ("in session 2, not in session 3",),
    ),
    "disconnected": ({"user": "gone"}, "session_inactive", ("gone is logged on, and disconnected", "have the user")),
    "rds-disconnected": ({"user": "user18", "host": "rds"}, "session_inactive", ("disconnected: rds session 18",)),
    "policy-off": (
        {"user": "nora", "host": "policy-off"},
        "assistance_forbidden",
        ("Group Policy does not let users ask", "Configure Solicited Remote Assistance"),
    ),
    "no-msra": (
        {"user": "bare", "host": "no-msra"},
        "program_missing",
        ("msra.exe is not on this host", "Install the Windows feature Remote-Assistance"),
    ),
    "old-server": (
        {"user": "old", "host": "old-server"},
        "program_missing",
        ("tar.exe is not on this host (Windows build 14393)", "Windows Server 2019 and newer"),
    ),
    "pending": (
        {"user": "waiting", "host": "pending"},
        "invitation_pending",
        ("Remote Assistance already runs in session 2 of CORP\\waiting", "close its window"),
    ),
    "refuses": ({"user": "jdoe", "host": "refuses"}, "user_not_found", ("1 of which did not answer",)),
    "down": ({"user": "jdoe", "host": "down"}, "user_not_found", ("1 of which did not answer",)),
}
"""What is refused: how it is asked for, the error's kind, and words of its one line."""


@dataclass(frozen=True)
class Asked:
    """All these runs over one pool."""

    pool: Any
    runs: dict[str, Run]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """Everything is asked once; the tests look at what came of it."""
    folder = tmp_path_factory.mktemp("every-kind")
    hosts = [{key: value for key, value in host.items() if key != "address"} for host in DESCRIPTION["hosts"]]
    pool = start_pool(hosts, DESCRIPTION["accounts"])
    inventory = write_inventory(
        folder, inventory_data(pool, user=f"CORP\\{SERVICE['name']}", password=SERVICE["password"])
    )
    runner = PlaybookRunner(folder / "runs")
    extras = {**{name: item[0] for name, item in REFUSED.items()}, **WELCOME}
    options: dict[str, Any] = {"inventory": inventory}
    try:
        yield Asked(
            pool,
            together(
                {
                    name: lambda extra=extra: runner.start(
                        "assist", **options, extra={"password": PASSWORD, "assist_timeout": 15, **extra}
                    )
                    for name, extra in extras.items()
                }
            ),
        )
    finally:
        pool.stop()


@pytest.mark.parametrize("name", WELCOME)
def test_an_invitation(name: str, asked: Asked) -> None:
    run = asked.runs[name].ok()
    (path,) = run.invitations
    result = run.of("invitation")
    assert result["host"] == name
    assert Path(result["path"]).name == path.name
    assert result["session"]["user"] == str(WELCOME[name]["user"]).rpartition("\\")[2].partition("@")[0]
    assert result["session"]["kind"] == ("published_app" if name == "remoteapp" else "desktop")


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal(name: str, asked: Asked) -> None:
    _extra, kind, words = REFUSED[name]
    run = asked.runs[name]
    assert_refused(run, *words)
    (result,) = [item.result for item in run.results if item.outcome == "failed"]
    assert result["error"]["kind"] == kind
    assert result["error"]["hint"]
    assert PASSWORD not in run.stdout + run.stderr


def test_silent_hosts_are_data_for_a_search_and_named_when_nobody_is_found(asked: Asked) -> None:
    for name in ("win11", *SILENT):
        told = {item["host"]: item["kind"] for item in asked.runs[name].of("locate_user")["unreachable_hosts"]}
        assert told == {host: kind for host, kind in SILENT.items() if name in ("win11", host)}


def test_nothing_is_on_any_host_that_it_did_not_get_an_invitation_on(asked: Asked) -> None:
    for name, host in asked.pool.hosts.items():
        if name in WELCOME:
            host.clock.advance(24 * 3600)
        elif name == "pending":
            # The invitation that the user made by hand is still there.
            assert [trace.split()[0] for trace in traces(host)] == ["process", "file"]
            continue
        else:
            assert host.state()["writes"] == []
        assert traces(host) == [], name
    assert asked.pool.errors == []
