# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The look at all hosts before any has its turn: each by its own settings, and never too sure."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from tests.enforce.pools import CLIENT, DOWN, GERMAN
from tests.enforce.rig import Fleet
from tests.support.playbook import COLLECTION

LOCKED = {"pool_host_policy_preset": "locked_down", "pool_host_firewall_preset": "locked_down"}

# What makes a host differ, on a pool that is as the role's defaults have it: every way to a setting of its own.
DIFFERENT: dict[str, dict[str, Any]] = {
    "host-variable": LOCKED,
    "by-name": {"pool_host_policy_preset": "{{ 'locked_down' if inventory_hostname == 'by-name' else 'helpdesk' }}"},
    "deep": {"kiosk": "{{ inner }}", "inner": "locked_down", "pool_host_policy_preset": "{{ kiosk }}"},
    "looked-up": {"own": "locked_down", "pool_host_policy_preset": "{{ lookup('ansible.builtin.vars', 'own') }}"},
    "through-hostvars": {
        "own": "locked_down",
        "pool_host_policy_preset": "{{ hostvars[inventory_hostname].own }}",
    },
    "set": {
        "own": "locked_down",
        "pool_host_policy_preset": "{% set mine = own %}{{ mine }}",
    },
    "list": {"pool_host_helper_addresses": ["{{ net }}"], "net": "10.20.0.0/16"},
    "group-member": {},
    "undefined": {"pool_host_feature": "{{ no_such_variable }}"},
    "wrong": {"pool_host_policy_preset": "help_desk"},
}
SAME: dict[str, dict[str, Any]] = {
    "first": {},
    "same-by-template": {"pool_host_policy_preset": "{{ kiosk }}", "kiosk": "helpdesk"},
    "same-by-name": {"pool_host_policy_preset": "{{ 'x' if inventory_hostname == 'by-name' else 'helpdesk' }}"},
    "same-by-lookup": {"own": "helpdesk", "pool_host_policy_preset": "{{ lookup('ansible.builtin.vars', 'own') }}"},
    "last": {},
}


def test_each_host_is_looked_at_by_its_own_settings(each_ansible: Path, fleet: Callable[..., Fleet]) -> None:
    pool = fleet(*({**CLIENT, "name": name} for name in (*SAME, *DIFFERENT)))
    pool.runner.bin = each_ansible
    pool.enforce()
    pool.forget()
    for name, values in {**SAME, **DIFFERENT}.items():
        pool.variables(name).update(values)
    pool.data["all"].setdefault("children", {})["kiosks"] = {"hosts": {"group-member": {}}, "vars": LOCKED}
    found = pool.enforce("--check")
    assert set(found.settled) == set(SAME)
    assert set(found.turns) == set(DIFFERENT)
    bad = {"undefined": "failed", "wrong": "failed"}
    drifted = dict.fromkeys(DIFFERENT, "drifted")
    assert found.states == {**dict.fromkeys(SAME, "compliant"), **drifted, **bad}
    assert found.text == "15 hosts: 2 failed, 8 drifted, 5 compliant."
    assert found.code == 2
    assert pool.writes == {}

    # What only the first host has is no other's; and what everybody has by the command line is everybody's.
    pool.variables("first").update(LOCKED)
    again = pool.enforce("--check", "--limit", "first:last")
    assert (set(again.turns), set(again.settled)) == ({"first"}, {"last"})
    for_all = pool.enforce("--check", "--limit", "first:last", **LOCKED)
    assert (set(for_all.turns), set(for_all.settled)) == ({"first", "last"}, set())


def test_nothing_to_do(fleet: Callable[..., Fleet]) -> None:
    """Nobody has a turn; the summary, the report and the exit code count everybody; no warning."""
    pool = fleet(CLIENT, GERMAN)
    pool.enforce()
    pool.forget()
    found = pool.enforce(assist_report_directory="reports")
    assert (found.code, found.text, found.turns) == (0, "2 hosts: 2 compliant.", {})
    assert set(found.settled) == {"client", "german"}
    assert pool.writes == {}
    assert "WARNING" not in found.run.stdout + found.run.stderr
    (report,) = (item.result for item in found.run.results if item.action.endswith("report"))
    assert (report["hosts"], report["good"], report["not_looked_at"]) == (2, True, [])
    # Looking alone is no entry in the trail, as ever.
    trail = found.run.folder / "assist-audit.jsonl"
    assert not trail.exists() or trail.read_text() == ""


def test_it_can_be_switched_off(fleet: Callable[..., Fleet]) -> None:
    pool = fleet(CLIENT, GERMAN)
    pool.enforce()
    found = pool.enforce(assist_look_ahead=False)
    assert (found.code, found.text, found.settled) == (0, "2 hosts: 2 compliant.", {})
    assert set(found.turns) == {"client", "german"}


def test_tags_are_those_of_the_look_too(fleet: Callable[..., Fleet]) -> None:
    """A host that differs in its policy alone is settled for its firewall."""
    pool = fleet(CLIENT)
    pool.enforce("--tags", "firewall")
    assert pool.enforce("--check", "--tags", "firewall").states == {"client": "compliant"}
    assert pool.enforce("--check", "--skip-tags", "policy").text == "1 host: 1 compliant."
    assert pool.enforce("--check", "--tags", "policy").states == {"client": "drifted"}
    assert pool.enforce("--check", "--tags", "nothing").text == "0 hosts: none was looked at."
    unsaid = pool.enforce("--check", "--skip-tags", "always")
    assert (set(unsaid.turns), unsaid.settled) == ({"client"}, {})


def test_the_first_host_may_be_useless(fleet: Callable[..., Fleet]) -> None:
    """It carries the one task, and needs neither a connection nor usable variables for that."""
    pool = fleet(DOWN, CLIENT)
    pool.variables("down").update(pool_host_policy_preset="{{ no_such_variable }}")
    pool.enforce()
    found = pool.enforce()
    assert set(found.settled) == {"client"}
    assert set(found.turns) == {"down"}
    assert found.text.endswith(" 1 failed, 1 compliant.")


def test_a_name_that_is_a_pattern_too(fleet: Callable[..., Fleet]) -> None:
    """Where the others can not be named in a pattern, everybody has a turn; and nobody else has."""
    pool = fleet(CLIENT, GERMAN, {**CLIENT, "name": "third"})
    pool.enforce()
    pool.data["all"].setdefault("children", {})["client"] = {"hosts": {"third": {}}}
    pool.variables("client").update(LOCKED)
    pool.variables("third").update(LOCKED)
    pool.forget()
    found = pool.enforce(assist_hosts="all:!third")
    assert (found.code, found.text) == (0, "2 hosts: 1 changed, 1 compliant.")
    assert set(found.turns) == {"client", "german"}
    assert set(pool.writes) == {"client"}


def test_the_module_alone(fleet: Callable[..., Fleet]) -> None:
    """The same settings for all; what it returns is what its documentation says."""
    pool = fleet(CLIENT, DOWN)
    settings = {"policy": {"preset": "helpdesk"}, "firewall": {"preset": "helpdesk"}, "feature": {"state": "present"}}
    task = {"workspot.assist.drift_info": settings, "run_once": True, "delegate_to": "localhost"}
    play = [{"hosts": "all", "gather_facts": False, "tasks": [task]}]
    before = pool.enforce(playbook=play).run.ok().of("drift_info")
    assert (before["settled"], sorted(before["others"])) == ([], ["client", "down"])
    assert before["results"]["client"]["state"] == "drifted"
    assert before["results"]["down"]["unreachable"] is True
    assert pool.writes == {}
    pool.enforce()
    after = pool.enforce(playbook=play).run.ok().of("drift_info")
    assert (after["settled"], after["others"], after["changed"]) == (["client"], ["down"], False)
    assert set(after["results"]["client"]) == {
        "changed",
        "exchanges",
        "state",
        "policy",
        "firewall",
        "feature",
        "baselines",
    }
    described = yaml.safe_load(runpy.run_path(str(COLLECTION / "plugins/modules/drift_info.py"))["RETURN"])
    assert set(described) == set(after) - {"changed", "_ansible_no_log", "_ansible_delegated_vars"}
