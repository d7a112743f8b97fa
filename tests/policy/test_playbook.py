# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Policy from real playbooks: check, diff, a second run, errors as data, both connections."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.policy.settings import POLICIES

from tests.policy.rig import FOREIGN, FOREIGN_ENTRIES, RA, Host
from tests.support.playbook import PlaybookRunner

POLICY, INFO = "workspot.assist.policy", "workspot.assist.policy_info"
HELPERS = ["CORP\\Helpdesk", "CORP\\Second Level"]


def play(*tasks: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    return [{"hosts": "all", "gather_facts": False, "tasks": [{"name": "Task", **task} for task in tasks], **more}]


OPTIONS: dict[str, Any] = {
    "preset": "helpdesk",
    "ticket_lifetime": 2,
    "offer_remote_assistance": "enabled",
    "offer_helpers": HELPERS,
    "uac_uiaccess_prompts": "enabled",
}


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
    pool = make_pool({"name": "desk-01", "os": system, "local_policy": {"registry_pol": {"entries": FOREIGN_ENTRIES}}})
    host = Host(pool.hosts["desk-01"], lambda *_: None)  # type: ignore[arg-type,return-value]
    inventory = inventory_for(pool, connection, auth)
    before = host.files
    checked = run_playbook(play({POLICY: OPTIONS}), "--check", "--diff", inventory=inventory).ok()
    assert (host.files, host.writes) == (before, [])
    assert checked.of("policy")["changed"] is True
    assert checked.of("policy")["version"] == {"before": 1, "after": 1}
    for words in (
        "-Configure Solicited Remote Assistance: not_configured",
        "+Configure Solicited Remote Assistance: enabled",
        "+Maximum ticket time (value): 2",
        "+Helpers: CORP\\Helpdesk, CORP\\Second Level",
    ):
        assert words in checked.stdout
    done = run_playbook(
        play({POLICY: OPTIONS, "register": "first"}, {POLICY: OPTIONS, "register": "second"}, {INFO: None}),
        "-vvv",
        "--diff",
        inventory=inventory,
    ).ok()
    first, second, info = [item.result for item in done.results]
    assert first["changes"] == checked.of("policy")["changes"]
    assert first["version"] == {"before": 1, "after": 2}
    assert (first["changed"], first["refreshed"]) == (True, True)
    assert (second["changed"], second["changes"], second["refreshed"]) == (False, [], False)
    assert second["exchanges"] <= 6
    assert not second.get("diff")
    assert host.live()["MaxTicketExpiry"] == host.of(RA)["MaxTicketExpiry"] == 2
    assert list(host.of(FOREIGN)) == ["Proxy", "Blob"]
    assert host.leftovers == []
    assert info["settings"]["offer_helpers"]["in_force"] == HELPERS
    assert info["settings"]["solicited_remote_assistance"]["decided_by"] == "local_group_policy"
    assert "policy: replacing Registry.pol and gpt.ini" in done.stdout
    assert "Only-A-Simulated-Account-1" not in done.stdout + done.stderr


def test_a_conflict_is_an_error_with_its_data_that_rescue_catches(
    make_pool: Callable[..., Any], inventory_for: Callable[..., Path], run_playbook: PlaybookRunner
) -> None:
    gpo = {"name": "Baseline", "guid": "{31B2F340-016D-11D2-945F-00C04FB984F9}", "values": {"fAllowToGetHelp": 0}}
    pool = make_pool({"name": "desk-01", "domain_policies": [gpo]})
    host = Host(pool.hosts["desk-01"], lambda *_: None)  # type: ignore[arg-type,return-value]
    task = {POLICY: {"preset": "helpdesk"}, "register": "found"}
    rescue = {"ansible.builtin.debug": {"msg": "{{ ansible_failed_result.error.kind }}"}}
    run = run_playbook(play({"block": [task], "rescue": [rescue]}), inventory=inventory_for(pool)).ok()
    result = run.of("policy")
    assert result["error"]["kind"] == "policy_overruled"
    assert result["error"]["host"] == "desk-01"
    assert result["error"]["hint"] == "Change that GPO, or use on_domain_conflict: warn."
    assert "disabled by Baseline, not enabled" in result["msg"]
    assert run.results[-1].result["msg"] == "policy_overruled"
    assert host.writes == []


def test_damage_and_bad_options_name_the_host(
    make_pool: Callable[..., Any], inventory_for: Callable[..., Path], run_playbook: PlaybookRunner
) -> None:
    pool = make_pool({"name": "desk-01", "local_policy": {"registry_pol": {"hex": "00"}, "gpt_ini": None}})
    tasks = [
        {POLICY: options, "ignore_errors": True}
        for options in (
            {"preset": "helpdesk"},
            {"preset": "locked_down", "ticket_lifetime": 3},
            {},
            {"offer_helpers": ["**delvals."], "offer_remote_assistance": "enabled"},
        )
    ]
    run = run_playbook(play(*tasks), inventory=inventory_for(pool)).ok()
    errors = [item.result["error"] for item in run.results]
    assert [error["kind"] for error in errors] == ["windows", *["invalid_option"] * 3]
    assert "Registry.pol is damaged at byte 0" in errors[0]["message"]
    assert {error["host"] for error in errors} <= {"desk-01", None}
    assert all(item.result["msg"].startswith("desk-01: ") for item in run.results[:1])


def test_the_documented_choices_are_the_tables(run_playbook: PlaybookRunner) -> None:
    from tests.repository.test_documentation import documentation

    options = documentation("policy", "DOCUMENTATION")["options"]
    for policy in POLICIES:
        assert f'"{policy.title}"' in " ".join(options[policy.option]["description"])
        for element in policy.elements:
            text = options[element.option]["description"]
            assert f'"{element.title}"' in (text if isinstance(text, str) else " ".join(text)), element.option
