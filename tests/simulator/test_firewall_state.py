# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is in force: profiles, networks, Group Policy, and the registry's view of the rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from simulator.pool import PoolFileError, describe
from simulator.seam import CimError, CimInstance
from simulator.windows.firewall import DEFAULTS, LOCAL, POLICY
from simulator.windows.registry import REG_SZ
from simulator.wmi_context import WmiContext, applied
from tests.simulator.windows_rig import Rig

MSRA = "RemoteAssistance-In-TCP-EdgeScope-Active"
PUBLIC = "RemoteAssistance-In-TCP-EdgeScope"
GROUP = "SELECT * FROM MSFT_NetFirewallRule WHERE RuleGroup='@FirewallAPI.dll,-33002'"
Options = Mapping[str, Any]
ACTIVE = {"policystore": "ActiveStore"}


def ask(rig: Rig, query: str, options: Options | None = None) -> dict[str, CimInstance]:
    """Rows of a query by InstanceID; of two with the same the last one."""
    with applied(WmiContext(options or {})):
        return {row.values["InstanceID"]: row for row in rig.query("root/StandardCimv2", query)}


def status(rig: Rig, name: str = MSRA) -> list[int]:
    """EnforcementStatus in the ActiveStore."""
    found = ask(rig, f"SELECT * FROM MSFT_NetFirewallRule WHERE InstanceID='{name}'", ACTIVE)
    states: list[int] = found[name].values["EnforcementStatus"]
    return states


def with_firewall(quirks: Mapping[str, Any] | None = None, **firewall: Any) -> Rig:
    return Rig(firewall=firewall, quirks=quirks or {})


# Enforcement ---------------------------------------------------------------------------------------


def test_a_rule_is_enforced_in_the_profile_that_is_active() -> None:
    assert status(with_firewall()) == [1, 5]
    assert status(with_firewall(), "RemoteAssistance-DCOM-In-TCP-NoScope-Active") == [1]
    assert status(with_firewall(network_category=["domain", "private"])) == [1]
    assert status(with_firewall(network_category="public")) == [5]
    assert status(with_firewall(network_category="none")) == [5]


def test_where_it_is_one_state_the_best_one_counts() -> None:
    single = {"firewall_enforcement_list": "single"}
    assert status(with_firewall(single)) == [1]
    assert status(with_firewall(single, network_category="public")) == [5]
    assert status(with_firewall(single, profiles={"domain": {"enabled": False}})) == [2]


def test_a_rule_that_is_off_is_off_everywhere() -> None:
    assert status(with_firewall(network_category="public"), PUBLIC) == [4]


def test_disabled_rules_may_not_be_listed_at_all() -> None:
    rows = ask(with_firewall({"firewall_active_lists_disabled": False}), GROUP, ACTIVE)
    assert len(rows) == 11
    assert PUBLIC not in rows


def test_a_firewall_that_is_off_enforces_nothing() -> None:
    assert status(with_firewall(profiles={"domain": {"enabled": False}})) == [2, 5]
    assert status(with_firewall(profiles={"domain": {"policy_enabled": False}})) == [2, 5]
    # Group Policy beats what the host says itself
    assert status(with_firewall(profiles={"domain": {"enabled": False, "policy_enabled": True}})) == [1, 5]
    assert status(with_firewall(profiles={"private": {"enabled": False}})) == [1, 5]


def test_group_policy_may_forbid_local_rules() -> None:
    rig = with_firewall(
        local_rules_allowed=False,
        domain_rules=[{"name": "Helpdesk", "protocol": "tcp", "program": "%SystemRoot%\\system32\\msra.exe"}],
    )
    assert status(rig) == [5, 16]
    assert status(rig, "Helpdesk") == [1, 5]
    assert rig.value("AllowLocalPolicyMerge", f"{POLICY}\\DomainProfile") == 0
    assert status(with_firewall(profiles={"domain": {"policy_local_rules": False}})) == [5, 16]


def test_a_blocking_rule_leaves_the_status_of_others_alone() -> None:
    rig = with_firewall(domain_rules=[{"name": "No msra", "action": "block", "protocol": "tcp"}])
    rows = ask(rig, "SELECT * FROM MSFT_NetFirewallRule WHERE Action=4 AND Enabled=1", ACTIVE)
    assert [*rows] == ["No msra"]
    values = rows["No msra"].values
    assert (values["PolicyStoreSourceType"], values["PolicyStoreSource"]) == (2, "Firewall")
    assert status(rig) == [1, 5]


def test_a_rule_of_both_stores_is_there_twice() -> None:
    rig = with_firewall(domain_rules=[{"name": MSRA, "action": "block", "protocol": "tcp"}])
    with applied(WmiContext(ACTIVE)):
        rows = rig.query("root/StandardCimv2", f"SELECT * FROM MSFT_NetFirewallRule WHERE InstanceID='{MSRA}'")
    assert [(row.values["Action"], row.values["PolicyStoreSourceType"]) for row in rows] == [(2, 1), (4, 2)]


def test_policy_of_the_standard_profile_is_for_hosts_without_the_newer_keys() -> None:
    rig = with_firewall(network_category="public")
    rig.host.registry.put(f"{POLICY}\\StandardProfile", "EnableFirewall", 0)
    rig.host.firewall.keep(rig.host.firewall.local_rules[PUBLIC].changed(active=True))
    assert status(rig, PUBLIC) == [2]
    rig.host.registry.put(f"{POLICY}\\StandardProfile", "AllowLocalPolicyMerge", 0)  # may not be there
    rig.host.registry.put(f"{POLICY}\\PrivateProfile", "EnableFirewall", 1)
    assert status(rig, PUBLIC) == [1]


def test_a_domain_policy_that_goes_takes_its_rules_along() -> None:
    rig = with_firewall(local_rules_allowed=False, domain_rules=[{"name": "Helpdesk"}])
    rig.host.group_policy.domain.clear()
    rig.host.group_policy.refresh(force=True)
    assert status(rig) == [1, 5]
    assert ask(rig, "SELECT * FROM MSFT_NetFirewallRule", {"policystore": "RSOP"}) == {}


# Stores --------------------------------------------------------------------------------------------


def test_without_a_word_it_is_the_local_store() -> None:
    rig = with_firewall(domain_rules=[{"name": "Helpdesk"}])
    rows = ask(rig, GROUP)
    assert len(rows) == 15
    values = rows[MSRA].values
    assert values["EnforcementStatus"] == [0]
    assert (values["PolicyStoreSource"], values["PolicyStoreSourceType"]) == ("PersistentStore", 1)
    assert (values["PrimaryStatus"], values["StatusCode"]) == (1, 65536)
    assert (values["Enabled"], values["Profiles"], values["Direction"], values["Action"]) == (1, 3, 1, 2)
    assert values["EdgeTraversalPolicy"] == 3
    assert "Helpdesk" not in ask(rig, "SELECT * FROM MSFT_NetFirewallRule")


@pytest.mark.parametrize(
    ("mode", "prefixed", "plain"), [("prefixed", True, False), ("any", True, True), ("ignored", False, False)]
)
def test_how_the_store_is_named(mode: str, prefixed: bool, plain: bool) -> None:
    rig = with_firewall({"firewall_store_option": mode})
    for context, taken in ((WmiContext(ACTIVE), prefixed), (WmiContext({}, ACTIVE), plain)):
        with applied(context):
            rows = rig.query("root/StandardCimv2", GROUP)
        assert (rows[0].values["EnforcementStatus"] != [0]) is taken


def test_a_store_that_does_not_exist_is_refused() -> None:
    with pytest.raises(CimError, match="was not found"):
        ask(with_firewall(), GROUP, {"policystore": "Everything"})


def test_the_source_of_a_rule_may_be_there_on_request_only() -> None:
    rig = with_firewall({"firewall_store_source": "traced"})
    assert ask(rig, GROUP, ACTIVE)[MSRA].values["PolicyStoreSource"] is None
    traced = ask(rig, GROUP, {**ACTIVE, "tracepolicystore": "true"})[MSRA].values
    assert (traced["PolicyStoreSource"], traced["PolicyStoreSourceType"]) == ("PersistentStore", 1)
    assert ask(rig, GROUP)[MSRA].values["PolicyStoreSource"] == "PersistentStore"


def test_asking_by_group_may_find_nothing() -> None:
    rig = with_firewall({"firewall_group_query": "empty"})
    assert ask(rig, GROUP, ACTIVE) == {}
    assert len(ask(rig, "SELECT * FROM MSFT_NetFirewallRule", ACTIVE)) > 15


def test_the_factory_store_survives_an_image_without_the_group() -> None:
    rig = with_firewall(missing_group=True)
    assert ask(rig, GROUP) == {}
    assert len(ask(rig, GROUP, {"policystore": "SystemDefaults"})) == 15
    assert ask(with_firewall(missing_group=True, missing_defaults=True), GROUP, {"policystore": "SystemDefaults"}) == {}


# Profiles and networks -----------------------------------------------------------------------------


def profiles(rig: Rig, options: Options | None = None) -> dict[str, Mapping[str, Any]]:
    rows = ask(rig, "SELECT * FROM MSFT_NetFirewallProfile", options)
    return {row.values["Name"]: row.values for row in rows.values()}


def test_profiles_say_what_is_configured_and_what_it_comes_to() -> None:
    rig = with_firewall(
        profiles={"private": {"enabled": False}, "public": {"block_all_inbound": True}}, local_rules_allowed=False
    )
    local, active, policy = profiles(rig), profiles(rig, ACTIVE), profiles(rig, {"policystore": "RSOP"})
    assert [local[name]["Enabled"] for name in ("Domain", "Private", "Public")] == [1, 0, 1]
    assert [local[name]["AllowInboundRules"] for name in ("Domain", "Private", "Public")] == [2, 2, 0]
    assert [active[name]["AllowInboundRules"] for name in ("Domain", "Private", "Public")] == [1, 1, 0]
    assert {item["AllowLocalFirewallRules"] for item in local.values()} == {2}
    assert {item["AllowLocalFirewallRules"] for item in active.values()} == {0}
    assert {item["AllowLocalFirewallRules"] for item in policy.values()} == {0}
    assert {item["Enabled"] for item in policy.values()} == {2}
    assert {item["DefaultInboundAction"] for item in active.values()} == {4}
    assert {item["DefaultInboundAction"] for item in local.values()} == {0}


def test_networks_say_which_profiles_are_active() -> None:
    rig = with_firewall(network_category=["domain", "public"])
    rows = rig.query("root/StandardCimv2", "SELECT * FROM MSFT_NetConnectionProfile")
    assert [row.values["NetworkCategory"] for row in rows] == [2, 0]
    setting = ask(rig, "SELECT * FROM MSFT_NetSecuritySettingData", ACTIVE)
    assert [row.values["Profile"] for row in setting.values()] == [5]
    assert rig.query("root/StandardCimv2", "SELECT * FROM MSFT_NetSecuritySettingData")[0].values["Profile"] == 65535


# The registry --------------------------------------------------------------------------------------


def test_registry_and_cim_agree_on_every_rule() -> None:
    rig = with_firewall(rules={MSRA: {"remote_addresses": ["10.0.0.0/8", "LocalSubnet"]}, PUBLIC: {"enabled": True}})
    key = rig.host.registry.find(f"{LOCAL}\\FirewallRules")
    assert key is not None
    rows = ask(rig, "SELECT * FROM MSFT_NetFirewallRule")
    assert [value.name for value in key.values] == [*rows]
    for value in key.values:
        assert isinstance(value.data, str)
        assert ("Active=TRUE" in value.data) is (rows[value.name].values["Enabled"] == 1)
    assert "RA4=10.0.0.0/255.0.0.0|RA4=LocalSubnet|RA6=LocalSubnet" in rig.value(MSRA, f"{LOCAL}\\FirewallRules")
    filters = ask(rig, f"SELECT * FROM MSFT_NetAddressFilter WHERE InstanceID='{MSRA}'")
    assert filters[MSRA].values["RemoteAddress"] == ["10.0.0.0/255.0.0.0", "LocalSubnet"]


@pytest.mark.parametrize("live", [False, True])
def test_what_others_write_there_counts_after_a_restart(live: bool) -> None:
    rig = with_firewall({"firewall_registry_live": live})
    text = rig.value(MSRA, f"{LOCAL}\\FirewallRules").replace("Active=TRUE", "Active=FALSE")
    rig.host.registry.set_value(f"{LOCAL}\\FirewallRules", MSRA, REG_SZ, text, rig.admin)
    assert status(rig) == ([4] if live else [1, 5])
    rig.host.restart()
    assert status(rig) == [4]


def test_hosts_share_values_until_one_changes_its_own() -> None:
    first, second = with_firewall(), with_firewall()
    first.host.firewall.remove(MSRA)
    assert first.value(MSRA, f"{LOCAL}\\FirewallRules") is None
    assert second.value(MSRA, f"{LOCAL}\\FirewallRules") is not None
    assert first.value(MSRA, f"{DEFAULTS}\\FirewallRules") is not None


def test_reg_finds_the_group_by_its_data() -> None:
    rig = with_firewall(domain_rules=[{"name": "Helpdesk", "action": "block"}])
    done = rig.run(f'reg query "{LOCAL}\\FirewallRules" /f "@firewallapi.dll,-33002" /d')
    assert done.code == 0
    assert done.out.count("RemoteAssistance-") == 15
    assert done.out.endswith("End of search: 15 match(es) found.\r\n")
    nothing = rig.run(f'reg query "{LOCAL}\\FirewallRules" /f "Action=Block" /d')
    assert (nothing.code, nothing.out) == (1, "\r\nEnd of search: 0 match(es) found.\r\n")
    policy = rig.run(f'reg query "{POLICY}" /s')
    assert "Helpdesk    REG_SZ    v2.30|Action=Block|" in policy.out


def test_a_long_listing_is_as_long_as_described() -> None:
    rig = with_firewall(rule_count=450)
    assert len(ask(rig, "SELECT * FROM MSFT_NetFirewallRule")) == 450
    assert len(ask(rig, GROUP, ACTIVE)) == 15


# Descriptions --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("firewall", "words"),
    [
        ({"profile": {}}, "unknown key 'profile'; known are domain_rules"),
        ({"profiles": {"work": {}}}, "a profile is one of domain, private, public, not 'work'"),
        ({"profiles": {"domain": {"on": True}}}, "unknown key 'on'"),
        ({"network_category": "home"}, "not 'home'"),
        ({"rules": {"x": {"action": "maybe"}}}, "x: 'maybe'"),
        ({"rules": {"x": {"remote_addresses": ["10.0.0.0/40"]}}}, "is no address"),
        ({"rules": {"x": {"text": "v2.30|"}}}, "the text is no rule"),
        ({"domain_rules": [{"action": "block"}]}, "a rule has a name"),
        ({"domain_rules": [{"name": "x", "local_ports": "80"}]}, "ports need the protocol"),
        (7, "a mapping is expected"),
    ],
)
def test_wrong_descriptions_are_named(firewall: Any, words: str) -> None:
    with pytest.raises(PoolFileError, match=words):
        describe({"hosts": [{"name": "desk-01", "address": "127.0.0.1", "firewall": firewall}]})


def test_rules_can_be_described_whole() -> None:
    rig = with_firewall(
        rules={
            "Mine": {"text": "v2.30|Action=Block|Active=TRUE|Dir=In|Protocol=6|LPort=135|Name=Mine|"},
            "Yours": {"direction": "out", "protocol": "udp", "remote_ports": [53], "profiles": ["domain", "public"],
                      "enabled": False, "service": "dnscache", "display_name": "Your rule", "group": "G"},
            MSRA: None,
        }
    )  # fmt: skip
    rows = ask(rig, "SELECT * FROM MSFT_NetFirewallRule")
    assert MSRA not in rows
    assert rows["Mine"].values["Action"] == 4
    values = rows["Yours"].values
    assert (values["Direction"], values["Profiles"], values["Enabled"], values["RuleGroup"]) == (2, 5, 2, "G")
    ports = ask(rig, "SELECT * FROM MSFT_NetProtocolPortFilter WHERE InstanceID='Yours'")["Yours"].values
    assert (ports["Protocol"], ports["LocalPort"], ports["RemotePort"]) == ("UDP", ["Any"], ["53"])
