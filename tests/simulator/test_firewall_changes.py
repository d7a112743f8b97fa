# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changing the firewall through CIM: what is done, and what is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from simulator.seam import CimError, CimInstance, Provider
from simulator.windows.cim.firewall_filters import FILTERS
from simulator.windows.firewall import LOCAL, POLICY
from simulator.wmi_context import WmiContext, applied
from tests.simulator.windows_rig import Rig

MSRA = "RemoteAssistance-In-TCP-EdgeScope-Active"
PUBLIC = "RemoteAssistance-In-TCP-EdgeScope"
NAMESPACE = "root/standardcimv2"
Options = Mapping[str, Any]


def keys(name: str, *, filters: bool = False) -> dict[str, str]:
    """The selectors of a rule, or of one of its filters."""
    other = "Name" if filters else "PolicyRuleName"
    return {"CreationClassName": f"MSFT|FW|FirewallRule|{name}", other: "", "SystemCreationClassName": "",
            "SystemName": ""}  # fmt: skip


class Wmi:
    """The firewall's classes of one host, as its administrator."""

    def __init__(self, rig: Rig, **options: Any) -> None:
        self.rig = rig
        self.context = WmiContext(options)

    def provider(self, name: str) -> Provider:
        return self.rig.host.providers[(NAMESPACE, name.lower())]

    def invoke(self, method: str, rule: str, **arguments: Any) -> Mapping[str, Any]:
        with applied(self.context):
            work = self.provider("MSFT_NetFirewallRule").invoke(method, keys(rule), arguments, self.rig.admin)
            return asyncio.run(_of(work))

    def put(self, rule: str, **values: Any) -> CimInstance:
        with applied(self.context):
            return self.provider("MSFT_NetFirewallRule").put(keys(rule), values, self.rig.admin)

    def put_filter(self, name: str, rule: str, **values: Any) -> CimInstance:
        with applied(self.context):
            return self.provider(name).put(keys(rule, filters=True), values, self.rig.admin)

    def create(self, **values: Any) -> CimInstance:
        with applied(self.context):
            return self.provider("MSFT_NetFirewallRule").create(values, self.rig.admin)

    def delete(self, rule: str) -> None:
        with applied(self.context):
            self.provider("MSFT_NetFirewallRule").delete(keys(rule), self.rig.admin)

    def rule(self, name: str) -> Mapping[str, Any]:
        return self.provider("MSFT_NetFirewallRule").get(keys(name), self.rig.admin).values

    def filter(self, name: str, rule: str) -> Mapping[str, Any]:
        return self.provider(name).get(keys(rule, filters=True), self.rig.admin).values


async def _of(work: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = await work
    return found


def wmi(quirks: Mapping[str, Any] | None = None, options: Options | None = None, **firewall: Any) -> Wmi:
    return Wmi(Rig(firewall=firewall, quirks=quirks or {}), **(options or {}))


def text(of: Wmi, name: str) -> str:
    """A rule in the registry."""
    return str(of.rig.value(name, f"{LOCAL}\\FirewallRules"))


# Switching -----------------------------------------------------------------------------------------


def test_a_rule_is_switched_and_says_nothing() -> None:
    made = wmi()
    assert made.invoke("Enable", PUBLIC) == {}
    assert made.rule(PUBLIC)["Enabled"] == 1
    assert "Active=TRUE" in text(made, PUBLIC)
    assert made.invoke("Disable", PUBLIC) == {}
    assert made.rule(PUBLIC)["Enabled"] == 2
    assert len(made.rig.host.writes.log) == 2


def test_names_are_compared_without_case() -> None:
    made = wmi()
    made.invoke("Enable", PUBLIC.upper())
    assert made.rule(PUBLIC)["Enabled"] == 1


def test_a_host_may_only_say_that_it_did_it() -> None:
    made = wmi(silent_noop=True)
    made.invoke("Enable", PUBLIC)
    made.put(PUBLIC, Enabled=1)
    made.put_filter("MSFT_NetAddressFilter", PUBLIC, RemoteAddress=["10.0.0.1"])
    assert made.rule(PUBLIC)["Enabled"] == 2
    assert made.filter("MSFT_NetAddressFilter", PUBLIC)["RemoteAddress"] == ["Any"]
    assert made.rig.host.writes.log == []


@pytest.mark.parametrize(
    "selectors",
    [
        keys("NoSuchRule"),
        {**keys(PUBLIC), "CreationClassName": PUBLIC},
        {**keys(PUBLIC), "SystemName": "desk-01"},
    ],
)
def test_another_rule_is_not_found(selectors: dict[str, str]) -> None:
    made = wmi()
    with pytest.raises(CimError) as caught:
        made.provider("MSFT_NetFirewallRule").get(selectors, made.rig.admin)
    assert caught.value.cim_status == 6


@pytest.mark.parametrize("store", ["ActiveStore", "RSOP", "SystemDefaults", "StaticServiceStore"])
def test_other_stores_can_not_be_changed(store: str) -> None:
    made = wmi(options={"policystore": store}, domain_rules=[{"name": "Helpdesk"}])
    for change in (
        lambda: made.invoke("Enable", PUBLIC),
        lambda: made.put("Helpdesk", Enabled=2),
        lambda: made.put_filter("MSFT_NetAddressFilter", "Helpdesk", RemoteAddress=["10.0.0.1"]),
        lambda: made.create(ElementName="x"),
        lambda: made.delete("Helpdesk"),
    ):
        with pytest.raises(CimError) as caught:
            change()
        assert caught.value.cim_status == 2
    assert made.rig.host.writes.log == []


# Properties and filters ----------------------------------------------------------------------------


def test_properties_of_a_rule_are_put() -> None:
    made = wmi()
    values = made.put(MSRA, Profiles=1, EdgeTraversalPolicy=0, Enabled=2, Action=4).values
    assert (values["Profiles"], values["EdgeTraversalPolicy"], values["Enabled"], values["Action"]) == (1, 0, 2, 4)
    assert text(made, MSRA).startswith("v2.30|Action=Block|Active=FALSE|Dir=In|Protocol=6|Profile=Domain|App=")
    assert made.put(MSRA, Profiles=0).values["Profiles"] == 0
    assert "Profile=" not in text(made, MSRA)


@pytest.mark.parametrize(
    "values", [{"Enabled": 0}, {"Action": 1}, {"Direction": 3}, {"Profiles": 8}, {"EdgeTraversalPolicy": 4}], ids=str
)
def test_values_that_do_not_exist_are_refused(values: dict[str, int]) -> None:
    made = wmi()
    with pytest.raises(CimError) as caught:
        made.put(MSRA, **values)
    assert caught.value.cim_status == 4
    assert made.rig.host.writes.log == []


def test_addresses_are_narrowed_and_widened() -> None:
    made = wmi()
    put = made.put_filter("MSFT_NetAddressFilter", MSRA, RemoteAddress=["10.20.0.0/16", "LocalSubnet", "fe80::/64"])
    assert put.values["RemoteAddress"] == ["10.20.0.0/255.255.0.0", "LocalSubnet", "fe80::/64"]
    assert "|RA4=10.20.0.0/255.255.0.0|RA4=LocalSubnet|RA6=LocalSubnet|RA6=fe80::/64|" in text(made, MSRA)
    assert made.put_filter("MSFT_NetAddressFilter", MSRA, RemoteAddress=["Any"]).values["RemoteAddress"] == ["Any"]
    assert "RA4" not in text(made, MSRA)


def test_a_subnet_may_come_back_with_its_length() -> None:
    made = wmi({"firewall_address_form": "length"})
    put = made.put_filter("MSFT_NetAddressFilter", MSRA, RemoteAddress=["10.20.0.0/16"])
    assert put.values["RemoteAddress"] == ["10.20.0.0/16"]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("MSFT_NetAddressFilter", {"RemoteAddress": ["10.0.0.0/8", "nonsense"]}),
        ("MSFT_NetAddressFilter", {"RemoteAddress": ["Any", "10.0.0.1"]}),
        ("MSFT_NetProtocolPortFilter", {"LocalPort": ["http"]}),
        ("MSFT_NetProtocolPortFilter", {"Protocol": "Any", "LocalPort": ["80"]}),
    ],
)
def test_conditions_that_are_none_change_nothing(name: str, values: dict[str, Any]) -> None:
    made = wmi()
    with pytest.raises(CimError) as caught:
        made.put_filter(name, MSRA, **values)
    assert caught.value.cim_status == 4
    assert made.rig.host.writes.log == []


def test_every_rule_has_one_filter_of_each_class() -> None:
    made = wmi()
    rules = {row.values["InstanceID"] for row in made.provider("MSFT_NetFirewallRule").instances(made.rig.admin)}
    for name in FILTERS:
        found = [row.values["InstanceID"] for row in made.provider(name).instances(made.rig.admin)]
        assert sorted(found) == sorted(rules), name
    full = made.invoke("EnumerateFull", MSRA)["Dependents"]
    assert sorted(item.cls.name for item in full) == sorted(FILTERS)


def test_filters_are_joined_by_their_names() -> None:
    made = wmi()
    dcom = "RemoteAssistance-DCOM-In-TCP-NoScope-Active"
    assert made.filter("MSFT_NetProtocolPortFilter", dcom)["LocalPort"] == ["135"]
    assert made.filter("MSFT_NetProtocolPortFilter", dcom)["Protocol"] == "TCP"
    assert made.filter("MSFT_NetServiceFilter", dcom)["ServiceName"] == "rpcss"
    assert made.filter("MSFT_NetApplicationFilter", MSRA)["AppPath"] == "%SystemRoot%\\system32\\msra.exe"
    assert made.filter("MSFT_NetServiceFilter", MSRA)["ServiceName"] == "Any"
    assert made.filter("MSFT_NetProtocolPortFilter", "FPS-RPCSS-In-TCP")["LocalPort"] == ["RPCEPMap"]
    assert made.filter("MSFT_NetProtocolPortFilter", "FPS-ICMP4-ERQ-In")["IcmpType"] == ["8"]


def test_what_names_a_rule_of_a_group_is_protected() -> None:
    made, free = wmi(), wmi({"firewall_group_protected": False})
    for change in (
        lambda of: of.put(MSRA, ElementName="Mine"),
        lambda of: of.put_filter("MSFT_NetApplicationFilter", MSRA, AppPath="c:\\x.exe"),
        lambda of: of.put_filter("MSFT_NetServiceFilter", MSRA, ServiceName="x"),
    ):
        with pytest.raises(CimError) as caught:
            change(made)
        assert caught.value.cim_status == 2
        change(free)
    assert "|App=c:\\x.exe|Svc=x|Name=Mine|" in text(free, MSRA)


# Making and removing -------------------------------------------------------------------------------

NEW = {"InstanceID": MSRA, "ElementName": "@FirewallAPI.dll,-33003", "Description": "@FirewallAPI.dll,-33006",
       "RuleGroup": "@FirewallAPI.dll,-33002", "Enabled": 1, "Profiles": 3, "Direction": 1, "Action": 2,
       "EdgeTraversalPolicy": 3}  # fmt: skip
FILTER_OPTIONS = {"protocol": "TCP", "program": "%SystemRoot%\\system32\\msra.exe"}


def test_a_missing_rule_is_made_as_it_was() -> None:
    made = wmi(missing_group=True, options=FILTER_OPTIONS)
    before = text(wmi(), MSRA)
    assert made.create(**NEW).values["CreationClassName"] == f"MSFT|FW|FirewallRule|{MSRA}"
    assert text(made, MSRA) == before


def test_options_may_be_ignored_and_leave_a_rule_for_everything() -> None:
    made = wmi({"firewall_create_options": "ignored"}, missing_group=True, options=FILTER_OPTIONS)
    made.create(**NEW)
    assert made.filter("MSFT_NetApplicationFilter", MSRA)["AppPath"] == "Any"
    assert made.filter("MSFT_NetProtocolPortFilter", MSRA)["Protocol"] == "Any"


def test_a_rule_that_is_there_is_not_made_again() -> None:
    with pytest.raises(CimError) as caught:
        wmi().create(**NEW)
    assert caught.value.cim_status == 11


@pytest.mark.parametrize(
    ("values", "options"),
    [
        ({}, {}),  # a rule has a display name
        ({"ElementName": "x", "InstanceID": "a|b"}, {}),
        ({"ElementName": "x"}, {"localport": ["80"]}),
        ({"ElementName": "x"}, {"remoteaddress": ["everywhere"]}),
    ],
)
def test_a_rule_that_is_none_is_not_made(values: dict[str, Any], options: dict[str, Any]) -> None:
    made = wmi(options=options)
    if not values:
        values = {"ElementName": ""}
    with pytest.raises(CimError) as caught:
        made.create(**values)
    assert caught.value.cim_status == 4
    assert made.rig.host.writes.log == []


def test_a_rule_without_a_name_gets_one() -> None:
    name = wmi().create(ElementName="x").values["InstanceID"]
    assert name.startswith("{")
    assert name.endswith("}")


def test_a_factory_rule_is_cloned_into_the_local_store() -> None:
    made = wmi(missing_group=True, options={"policystore": "SystemDefaults"})
    assert made.invoke("CloneObject", MSRA, NewPolicyStore="PersistentStore") == {}
    assert text(made, MSRA) == text(wmi(), MSRA)
    with pytest.raises(CimError) as caught:
        made.invoke("CloneObject", MSRA, NewPolicyStore="PersistentStore")
    assert caught.value.cim_status == 11


def test_a_factory_rule_that_is_gone_too_is_not_found() -> None:
    made = wmi(missing_group=True, missing_defaults=True, options={"policystore": "SystemDefaults"})
    with pytest.raises(CimError) as caught:
        made.invoke("CloneObject", MSRA, NewPolicyStore="PersistentStore")
    assert caught.value.cim_status == 6


def test_cloning_may_not_work() -> None:
    made = wmi({"firewall_clone": "refused"}, missing_group=True, options={"policystore": "SystemDefaults"})
    with pytest.raises(CimError) as caught:
        made.invoke("CloneObject", MSRA, NewPolicyStore="PersistentStore")
    assert caught.value.cim_status == 7


def test_a_rule_is_deleted_and_renamed() -> None:
    made = wmi()
    made.invoke("Rename", PUBLIC, NewName="Other")
    assert text(made, PUBLIC) == "None"
    assert made.rule("Other")["RuleGroup"] == "@FirewallAPI.dll,-33002"
    made.delete("Other")
    with pytest.raises(CimError):
        made.rule("Other")


def test_options_change_filters_along_with_a_rule() -> None:
    made = wmi(options={"remoteaddress": ["10.0.0.0/8"]})
    made.put(MSRA, Enabled=1)
    assert made.filter("MSFT_NetAddressFilter", MSRA)["RemoteAddress"] == ["10.0.0.0/255.0.0.0"]


# Profiles and networks -----------------------------------------------------------------------------


def _profile(of: Wmi, **values: Any) -> Mapping[str, Any]:
    provider = of.provider("MSFT_NetFirewallProfile")
    with applied(of.context):
        return provider.put({"InstanceID": "MSFT|FW|FirewallProfile|Private"}, values, of.rig.admin).values


def test_a_profile_is_switched() -> None:
    made = wmi()
    assert _profile(made, Enabled=0)["Enabled"] == 0
    assert made.rig.value("EnableFirewall", f"{LOCAL}\\StandardProfile") == 0
    assert _profile(made, Enabled=2, AllowInboundRules=0)["Enabled"] == 2
    assert made.rig.value("DoNotAllowExceptions", f"{LOCAL}\\StandardProfile") == 1
    with pytest.raises(CimError):
        _profile(made, Enabled=3)
    with pytest.raises(CimError):
        _profile(wmi(options={"policystore": "RSOP"}), Enabled=0)
    assert made.rig.host.registry.find(POLICY) is None


def test_a_network_becomes_private_or_public_but_never_leaves_its_domain() -> None:
    made = wmi(network_category=["domain", "public"])
    provider = made.provider("MSFT_NetConnectionProfile")
    domain, public = [row.values["InstanceID"] for row in provider.instances(made.rig.admin)]
    assert provider.put({"InstanceID": public}, {"NetworkCategory": 1}, made.rig.admin).values["NetworkCategory"] == 1
    assert made.rig.host.firewall.active_profiles == 3
    for name, category in ((domain, 0), (public, 2)):
        with pytest.raises(CimError) as caught:
            provider.put({"InstanceID": name}, {"NetworkCategory": category}, made.rig.admin)
        assert caught.value.cim_status == 2
    with pytest.raises(CimError):
        provider.put({"InstanceID": public}, {"NetworkCategory": 3}, made.rig.admin)
