# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Firewall and feature from real playbooks: check, diff, a second run, errors as data, results as documented."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator.windows.firewall_rule import DOMAIN
from tests.end_to_end.test_return_values import differences
from tests.firewall.rig import FACTORY, MSRA, OUT, Host
from tests.repository.test_documentation import documentation
from tests.support.playbook import PlaybookRunner

FIREWALL, FIREWALL_INFO = "workspot.assist.firewall", "workspot.assist.firewall_info"
FEATURE, FEATURE_INFO = "workspot.assist.feature", "workspot.assist.feature_info"
OPTIONS: dict[str, Any] = {"preset": "helpdesk", "remote_addresses": ["10.20.0.0/16", "LocalSubnet"]}


def play(*tasks: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"hosts": "all", "gather_facts": False, "tasks": [{"name": "Task", **task} for task in tasks]}]


def started(make_pool: Callable[..., Any], **description: Any) -> tuple[Any, Host]:
    """A pool of one host, which nothing but playbooks reaches."""
    pool = make_pool({"name": "desk-01", **description})
    return pool, Host(pool.hosts["desk-01"], lambda *_: None)  # type: ignore[arg-type,return-value]


def assert_documented(module: str, result: dict[str, Any]) -> None:
    """RETURN says what the result holds."""
    found = {name: value for name, value in result.items() if name != "diff"}
    assert list(differences(documentation(module, "RETURN"), found, "success")) == []


@pytest.mark.parametrize(
    ("connection", "auth", "system"), [("winrm", "ntlm", "windows-11"), ("psrp", "basic", "server-2022")]
)
def test_check_then_real_then_nothing(
    make_pool: Callable[..., Any],
    inventory_for: Callable[..., Path],
    run_playbook: PlaybookRunner,
    connection: str,
    auth: str,
    system: str,
) -> None:
    pool, host = started(make_pool, os=system, language="de-DE", firewall={"profiles": {"public": {"enabled": False}}})
    inventory = inventory_for(pool, connection, auth)
    checked = run_playbook(play({FIREWALL: OPTIONS}, {FEATURE: None}), "--check", "--diff", inventory=inventory).ok()
    assert (host.rules, host.writes) == (dict(FACTORY), [])
    assert checked.of("firewall")["changed"] is True
    assert checked.of("feature")["changed"] is False
    for words in (
        "-Remote Assistance program (msra.exe), private profile: on",
        "+Remote Assistance program (msra.exe), private profile: off",
        "+Remote addresses: 10.20.0.0/16, LocalSubnet",
    ):
        assert words in checked.stdout
    done = run_playbook(
        play({FIREWALL: OPTIONS}, {FIREWALL: OPTIONS}, {FIREWALL_INFO: None}, {FEATURE: None}, {FEATURE_INFO: None}),
        "-vvv",
        "--diff",
        inventory=inventory,
    ).ok()
    first, second, info, feature, feature_info = [item.result for item in done.results]
    assert host.on == {MSRA: DOMAIN, OUT: DOMAIN}
    assert first["changes"] == checked.of("firewall")["changes"]
    assert (first["changed"], second["changed"], second["changes"]) == (True, False, [])
    assert [item["kind"] for item in first["hindrances"]] == ["firewall_off"]
    assert any("public: The firewall is off in this profile" in text for text in first["warnings"])
    assert not second.get("diff")
    assert second["exchanges"] <= 7
    assert {rule["name"] for rule in info["rules"] if rule["in_force"]} == {MSRA, OUT}
    assert info["profiles"]["public"]["firewall"] == "off"
    assert feature["edition"] == ("server" if system.startswith("server") else "client")
    assert feature_info["state"] == "present"
    assert f"firewall: firewall rule {MSRA}" in done.stdout
    assert "Only-A-Simulated-Account-1" not in done.stdout + done.stderr
    for module, result in (("firewall", first), ("firewall", second), ("firewall_info", info),
                           ("feature", feature), ("feature_info", feature_info)):  # fmt: skip
        assert_documented(module, result)


def test_a_restart_that_is_needed_can_be_asked_for(
    make_pool: Callable[..., Any], inventory_for: Callable[..., Path], run_playbook: PlaybookRunner
) -> None:
    """As the module's own example does it."""
    pool, host = started(
        make_pool, os="server-2022", features={"RemoteAssistance": "disabled"}, quirks={"feature_restart": True}
    )
    restart = {"ansible.builtin.debug": {"msg": "restart"}, "when": "feature.restart_required"}
    tasks = play({FEATURE: {"state": "present"}, "register": "feature"}, restart)
    checked = run_playbook(tasks, "--check", "--diff", inventory=inventory_for(pool)).ok()
    assert "+Remote Assistance feature: present" in checked.stdout
    assert host.writes == []
    done = run_playbook(tasks, inventory=inventory_for(pool)).ok()
    assert done.of("feature")["restart_required"] is True
    assert done.results[-1].result["msg"] == "restart"
    assert_documented("feature", done.of("feature"))


def test_errors_have_their_data_and_rescue_catches_them(
    make_pool: Callable[..., Any], inventory_for: Callable[..., Path], run_playbook: PlaybookRunner
) -> None:
    pool, host = started(make_pool, firewall={"local_rules_allowed": False})
    task = {FIREWALL: {"preset": "windows_default"}, "register": "found"}
    rescue = {"ansible.builtin.debug": {"msg": "{{ ansible_failed_result.error.kind }}"}}
    bad: list[dict[str, Any]] = [
        {FIREWALL: {}},
        {FIREWALL: {"remote_addresses": ["helpdesk.corp.example"]}},
        {FIREWALL: {"domain": {"state": "open"}}},
        {FIREWALL: {"domain": {"rdp": True}}},
        {FEATURE: {"state": "absent"}},
    ]
    tasks = [{"block": [task], "rescue": [rescue]}, *({**item, "ignore_errors": True} for item in bad)]
    run = run_playbook(play(*tasks), inventory=inventory_for(pool)).ok()
    refused, said, *others = [item.result for item in run.results]
    assert refused["error"]["kind"] == said["msg"] == "firewall_not_in_force"
    assert refused["error"]["host"] == "desk-01"
    assert refused["error"]["hint"] == "Or use on_conflict: warn."
    assert "domain: A GPO lets only its own firewall rules count" in refused["msg"]
    assert [item["error"]["kind"] for item in others] == [*["invalid_option"] * 4, "feature_not_changed"]
    assert "'open'" in others[2]["msg"] or "open" in others[2]["msg"]
    assert "rdp" in others[3]["msg"]
    assert host.writes == []
