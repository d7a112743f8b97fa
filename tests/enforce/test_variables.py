# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's variables: each does what it says, and a wrong one fails its host before anything is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml
from ansible_collections.workspot.assist.plugins.plugin_utils._ansible.audit_file import AuditFile

from simulator.windows.firewall_rule import DOMAIN
from tests.enforce.pools import CLIENT, OVERRULED, SERVER
from tests.enforce.rig import RA, Fleet
from tests.support.playbook import COLLECTION

ROLE = COLLECTION / "roles/pool_host"
MSRA = "RemoteAssistance-In-TCP-EdgeScope-Active"
NOTHING = {"pool_host_policy_preset": "none", "pool_host_firewall_preset": "none", "pool_host_feature": "none"}

AUDIT = {"pool_host_audit_file": "kept/trail.jsonl", "pool_host_reason": "nightly"}

WRONG: dict[str, dict[str, Any]] = {
    "policy-preset": {"pool_host_policy_preset": "help_desk"},
    "policy-option": {"pool_host_policy": {"solicited_remote_asistance": "enabled"}},
    "policy-value": {"pool_host_policy": {"ticket_lifetime": 1000}},
    "policy-type": {"pool_host_policy": "enabled"},
    "scope": {"pool_host_policy_scope": "local"},
    "domain-conflict": {"pool_host_on_domain_conflict": "ignore"},
    "firewall-preset": {"pool_host_firewall_preset": "default"},
    "firewall-option": {"pool_host_firewall": {"guest": {"state": "on"}}},
    "firewall-part": {"pool_host_firewall": {"domain": {"telnet": True}}},
    "firewall-type": {"pool_host_firewall": ["domain"]},
    "helpers": {"pool_host_helper_addresses": ["10.20.0.0/33"]},
    "helpers-type": {"pool_host_helper_addresses": {"network": "10.20.0.0/16"}},
    "firewall-conflict": {"pool_host_on_firewall_conflict": "ignore"},
    "feature": {"pool_host_feature": "installed"},
    "undefined": {"pool_host_feature": "{{ no_such_variable }}"},
    "audit": {"pool_host_audit_file": "/dev/null/trail.jsonl"},
    "reason": {"pool_host_reason": "{{ no_such_variable }}"},
    "nothing": NOTHING,
}
RIGHT: dict[str, dict[str, Any]] = {
    "policy-preset": {**NOTHING, "pool_host_policy_preset": "locked_down"},
    "policy": {"pool_host_policy": {"ticket_lifetime": 5, "ticket_lifetime_units": "hours"}},
    "scope": {"pool_host_policy_scope": "registry"},
    "firewall-preset": {**NOTHING, "pool_host_firewall_preset": "locked_down"},
    "firewall": {**NOTHING, "pool_host_firewall": {"public": {"msra": True}}},
    "helpers": {"pool_host_helper_addresses": ["10.20.0.0/16", "LocalSubnet"]},
    "feature-only": {**NOTHING, "pool_host_feature": "present"},
    "feature-absent": {**NOTHING, "pool_host_feature": "absent"},
    "feature-left": {"pool_host_feature": "none"},
    "audit": {**NOTHING, "pool_host_policy_preset": "helpdesk", **AUDIT},
    "domain-conflict": {"pool_host_on_domain_conflict": "warn", "pool_host_firewall_preset": "none"},
    "firewall-conflict": {**NOTHING, "pool_host_firewall_preset": "helpdesk", "pool_host_on_firewall_conflict": "warn"},
}
SYSTEMS: dict[str, dict[str, Any]] = {
    "feature-only": SERVER,
    "feature-absent": {"os": "server-2022"},
    "feature-left": SERVER,
    "domain-conflict": OVERRULED,
    "firewall-conflict": {"firewall": {"local_rules_allowed": False}},
}


def test_every_variable_has_a_test() -> None:
    """Of every variable there is a right and a wrong value below."""
    defaults = set(yaml.safe_load((ROLE / "defaults/main.yml").read_text()))
    specified = yaml.safe_load((ROLE / "meta/argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    assert set(specified) == defaults
    for cases in (WRONG, RIGHT):
        assert {name for values in cases.values() for name in values} == defaults


def test_a_wrong_variable_fails_its_host_and_writes_nothing(fleet: Callable[..., Fleet]) -> None:
    pool = fleet(CLIENT)
    here = pool.data["all"]["hosts"].pop("client")
    pool.data["all"]["hosts"] = {name: {**here, **values} for name, values in WRONG.items()}
    found = pool.enforce()
    assert found.code == 2
    assert found.states == dict.fromkeys(WRONG, "failed")
    assert found.text == f"{len(WRONG)} hosts: {len(WRONG)} failed."
    assert pool.writes == {}
    assert pool.hosts["client"].state()["counters"].get("requests", 0) == 0, "nothing was even asked"
    said = {line.partition(":")[0]: line for line in found.lines}
    for host, word in (
        ("policy-preset", "help_desk"),
        ("policy-option", "solicited_remote_asistance"),
        ("policy-value", "ticket_lifetime is between 1 and 99"),
        ("firewall-option", "guest"),
        ("helpers", "10.20.0.0/33"),
        ("feature", "installed"),
        ("undefined", "no_such_variable"),
        ("audit", "/dev/null/trail.jsonl"),
        ("nothing", "nothing is asked for"),
    ):
        assert word in said[host], said[host]


def live(host: Any) -> dict[str, Any]:
    """Values of the policy key in force."""
    key = host.registry.find(RA)
    return {} if key is None else {value.name: value.data for value in key.values}


def test_every_variable_does_what_it_says(fleet: Callable[..., Fleet]) -> None:
    pool = fleet(*({**SYSTEMS.get(name, {}), "name": name} for name in RIGHT))
    for name, values in RIGHT.items():
        pool.variables(name).update(values)
    found = pool.enforce()
    overruled = {"domain-conflict", "firewall-conflict"}
    assert found.states == {name: "overruled" if name in overruled else "changed" for name in RIGHT}
    hosts = pool.hosts
    rule = {name: host.firewall.local_rules.get(MSRA) for name, host in hosts.items()}

    assert live(hosts["policy-preset"])["fAllowToGetHelp"] == 0
    assert live(hosts["policy-preset"])["fAllowUnsolicited"] == 0
    assert found.outcomes["policy-preset"]["firewall"] is None
    assert found.outcomes["policy-preset"]["feature"] is None
    assert (live(hosts["policy"])["MaxTicketExpiry"], live(hosts["policy"])["fAllowToGetHelp"]) == (5, 1)
    assert live(hosts["scope"])["fAllowToGetHelp"] == 1
    assert not [write for write in pool.writes["scope"] if "GroupPolicy" in write]
    assert not rule["firewall-preset"].active
    assert found.outcomes["firewall-preset"]["policy"] is None
    assert hosts["firewall"].firewall.local_rules["RemoteAssistance-In-TCP-EdgeScope"].active
    assert rule["firewall"].profiles != DOMAIN, "the other profiles are left alone"
    assert found.outcomes["helpers"]["firewall"]["changed"] is True
    addresses = str(rule["helpers"].remote_addresses).lower()
    assert "10.20.0.0" in addresses
    assert "localsubnet" in addresses
    assert found.outcomes["feature-only"]["feature"]["state"] == "present"
    assert found.outcomes["feature-absent"]["feature"]["state"] == "absent"
    assert found.outcomes["feature-left"]["feature"] is None
    assert not [write for write in pool.writes["feature-left"] if write.startswith("feature")]
    assert [write for write in pool.writes["domain-conflict"] if "GroupPolicy" in write]
    assert found.outcomes["domain-conflict"]["policy"]["overruled"]
    assert rule["firewall-conflict"].profiles == DOMAIN
    assert found.outcomes["firewall-conflict"]["firewall"]["hindrances"][0]["kind"] == "local_rules_forbidden"

    (entry,) = AuditFile(found.run.folder / "kept/trail.jsonl").verify().entries
    assert (entry["host"], entry["reason"]) == ("audit", "nightly")

    pool.forget()
    again = pool.enforce()
    assert again.states == {name: "overruled" if name in overruled else "compliant" for name in RIGHT}
    assert pool.writes == {}
