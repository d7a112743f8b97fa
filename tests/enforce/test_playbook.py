# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The enforcement playbook on pools of all kinds of hosts: what it does, what it says, and its exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator.windows.firewall_rule import DOMAIN
from tests.enforce.pools import (
    CLERKS_LOGIN,
    CLIENT,
    DOWN,
    EVERY_KIND,
    GERMAN,
    MENDABLE,
    OVERRULED,
    SERVER,
    STRIPPED,
    WITH_AN_ORDINARY_ACCOUNT,
)
from tests.enforce.rig import RA, Enforced, Fleet

GOOD = {host["name"] for host in MENDABLE}


@pytest.fixture
def mixed(fleet: Callable[..., Fleet]) -> Fleet:
    """One host of every kind."""
    made = fleet(*EVERY_KIND, accounts=WITH_AN_ORDINARY_ACCOUNT)
    made.variables("clerk").update(CLERKS_LOGIN)
    return made


def assert_the_others(found: Enforced) -> None:
    """What is said of the hosts that can not be mended, in every run."""
    others = {host: state for host, state in found.states.items() if host not in GOOD}
    assert others == {"down": "unreachable", "refuses": "unreachable", "clerk": "failed", "overruled": "overruled"}
    names = [line.partition(":")[0] for line in found.lines]
    assert names[:4] == ["down", "refuses", "clerk", "overruled"], "the worst first"
    down, refuses, clerk, overruled = found.lines[:4]
    assert down.startswith("down: unreachable: the connection failed")
    assert refuses.startswith("refuses: unreachable: the host refused the login.")
    assert clerk.startswith("clerk: failed: ")
    assert "Access is denied. The account must be an administrator" in clerk
    assert overruled.startswith("overruled: overruled: policy: a domain's GPO decides otherwise")
    assert "disabled by No assistance" in overruled


def test_a_pool_of_every_kind(mixed: Fleet) -> None:
    audit = mixed.enforce("--check")
    assert audit.code == 2
    assert {audit.states[host] for host in GOOD} == {"drifted"}
    assert_the_others(audit)
    assert audit.text == "8 hosts: 2 unreachable, 1 failed, 1 overruled, 4 drifted."
    said = [line.partition(":")[0] for line in audit.lines[4:]]
    assert said == ["client, german", "server", "stripped"], "hosts that differ alike share a line"
    server = next(line for line in audit.lines if line.startswith("server"))
    assert server.startswith("server: drifted: feature: absent -> present; Configure Solicited Remote Assistance: ")
    assert mixed.writes == {}

    first = mixed.enforce("--diff")
    assert first.code == 2
    assert {first.states[host] for host in GOOD} == {"changed"}
    assert_the_others(first)
    assert first.text == "8 hosts: 2 unreachable, 1 failed, 1 overruled, 4 changed."
    assert len(first.lines) == 4
    assert "+Configure Solicited Remote Assistance: enabled" in first.run.stdout
    # The part that nobody else decides is enforced on the overruled host too.
    assert set(mixed.writes) == {*GOOD, "overruled"}
    assert first.outcomes["overruled"]["firewall"]["changed"] is True
    assert first.outcomes["overruled"]["policy"]["error"]["kind"] == "policy_overruled"
    assert not [write for write in mixed.writes["overruled"] if "GroupPolicy" in write]

    mixed.forget()
    second = mixed.enforce()
    assert second.code == 2
    assert {second.states[host] for host in GOOD} == {"compliant"}
    assert second.text == "8 hosts: 2 unreachable, 1 failed, 1 overruled, 4 compliant."
    assert not any(result.get("changed") for result in second.outcomes.values())
    assert mixed.writes == {}
    trail = [json.loads(line) for line in (second.run.folder / "assist-audit.jsonl").read_text().splitlines()]
    assert {entry["host"] for entry in trail} == {"clerk", "overruled"}, "a host that heard nothing is no entry"


def test_a_good_pool_with_every_ansible(each_ansible: Path, fleet: Callable[..., Fleet], tmp_path: Path) -> None:
    pool = fleet(*MENDABLE)
    pool.runner.bin = each_ansible
    audit = pool.enforce("--check")
    assert (audit.code, audit.text, pool.writes) == (2, "4 hosts: 4 drifted.", {})
    first = pool.enforce()
    assert (first.code, first.text, first.lines) == (0, "4 hosts: 4 changed.", [])
    assert set(pool.writes) == GOOD
    pool.forget()
    second = pool.enforce("--check", "--limit", "client:german")
    assert (second.code, second.text) == (0, "2 hosts: 2 compliant.")
    assert set(second.states) == {"client", "german"}
    assert pool.writes == {}


@pytest.mark.parametrize(("batch", "batches"), [(1, 3), ("67%", 2)])
def test_a_batch_of_which_all_fail(fleet: Callable[..., Fleet], batch: int | str, batches: int) -> None:
    pool = fleet(DOWN, {**DOWN, "name": "down-too"}, CLIENT)
    found = pool.enforce(assist_batch=batch)
    assert found.code == 2
    assert found.states == {"down": "unreachable", "down-too": "unreachable", "client": "changed"}
    assert found.text == "3 hosts: 2 unreachable, 1 changed."
    assert found.run.stdout.count("PLAY [Enforce]") == batches
    assert found.run.stdout.count("PLAY [Sum up]") == 1


def touched(host: Any) -> set[str]:
    """Which parts of a server were made as the role wants them by default."""
    writes = list(host.writes.log)
    found = {part for part, mark in (("policy", "GroupPolicy"), ("feature", "feature Remote")) if mark in str(writes)}
    # The feature brings its rules along, so it is not enough that there are some.
    rule = host.firewall.local_rules.get("RemoteAssistance-In-TCP-EdgeScope-Active")
    return found | ({"firewall"} if rule is not None and rule.profiles == DOMAIN else set())


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["--tags", "policy"], {"policy"}),
        (["--tags", "firewall"], {"firewall"}),
        (["--skip-tags", "policy,feature"], {"firewall"}),
        (["--tags", "all", "--skip-tags", "firewall"], {"policy", "feature"}),
    ],
)
def test_tags_limit_a_run_to_parts(fleet: Callable[..., Fleet], arguments: list[str], parts: set[str]) -> None:
    pool = fleet(SERVER)
    found = pool.enforce(*arguments)
    assert (found.code, found.text) == (0, "1 host: 1 changed.")
    assert {part for part in ("policy", "firewall", "feature") if found.outcomes["server"][part]} == parts
    assert touched(pool.hosts["server"]) == parts


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        (["--tags", "nothing"], {}),
        (["--limit", "german"], {"assist_hosts": "client"}),
        ([], {"assist_hosts": "no-such-host"}),
    ],
)
def test_nothing_looked_at_is_not_success(
    fleet: Callable[..., Fleet], arguments: list[str], extra: dict[str, str]
) -> None:
    found = fleet(CLIENT, GERMAN).enforce(*arguments, **extra)
    assert (found.code, found.text) == (2, "0 hosts: none was looked at.")


def test_some_hosts_of_an_inventory(fleet: Callable[..., Fleet]) -> None:
    pool = fleet(CLIENT, GERMAN, STRIPPED)
    found = pool.enforce("--limit", "client,german", assist_hosts="german:stripped")
    assert (found.code, found.text) == (0, "1 host: 1 changed.")
    assert set(pool.writes) == {"german"}


def test_a_host_that_is_lost_on_the_way_is_mended_by_the_next_run(fleet: Callable[..., Fleet]) -> None:
    pool = fleet(CLIENT, GERMAN, STRIPPED)
    for name, request in (("client", 14), ("german", 30)):
        pool.hosts[name].faults.set("vanish_after", request)
    first = pool.enforce()
    assert (first.code, first.text) == (2, "3 hosts: 2 unreachable, 1 changed.")
    for name in ("client", "german"):
        pool.hosts[name].faults.set("vanish_after", 0)
        pool.hosts[name].faults.vanished = False
    audit = pool.enforce("--check")
    assert (audit.code, audit.text) == (2, "3 hosts: 2 drifted, 1 compliant.")
    assert (pool.enforce().text, pool.enforce().text) == ("3 hosts: 2 changed, 1 compliant.", "3 hosts: 3 compliant.")


def test_conflicts_can_be_warnings(fleet: Callable[..., Fleet]) -> None:
    """What the host's own settings can say is written; the host stays one that is not as it should be."""
    pool = fleet(OVERRULED)
    found = pool.enforce(pool_host_on_domain_conflict="warn", pool_host_on_firewall_conflict="warn")
    assert (found.code, found.text) == (2, "1 host: 1 overruled.")
    assert found.lines[0].startswith(
        "overruled: overruled: Configure Solicited Remote Assistance: disabled by No assistance; "
    )
    assert found.outcomes["overruled"]["changed"] is True
    assert [write for write in pool.writes["overruled"] if "GroupPolicy" in write]
    assert pool.hosts["overruled"].registry.find(RA) is not None
