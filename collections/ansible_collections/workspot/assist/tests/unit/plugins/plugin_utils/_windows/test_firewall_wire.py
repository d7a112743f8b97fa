# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes over the wire when firewall rules are changed and asked for."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.firewall.rules import BY_NAME, GROUP
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import AccessDenied, NotFound
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.firewall import (
    FirewallRules,
    read_sources,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._wsman.client import WsmanClient

CIM = "root/standardcimv2"
NAME = "RemoteAssistance-In-TCP-EdgeScope-Active"


SOAP = "{http://www.w3.org/2003/05/soap-envelope}"
WSMAN = "{http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd}"
ADDRESSING = "{http://schemas.xmlsoap.org/ws/2004/08/addressing}"
URI = f"http://schemas.microsoft.com/wbem/wsman/1/wmi/{CIM}"
FAULT = (
    '<s:Fault xmlns:w="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"><s:Code><s:Value>s:Sender</s:Value></s:Code>'
    "<s:Detail><w:WSManFault Code='{code}'><w:Message>no</w:Message></w:WSManFault>"
    "<e:CIM_Error xmlns:e='x'><e:CIMStatusCode>{status}</e:CIMStatusCode></e:CIM_Error></s:Detail></s:Fault>"
)


class Wire:
    """A transport that keeps what is sent and answers each request with one body."""

    def __init__(self, *bodies: str) -> None:
        self.bodies = list(bodies)
        self.sent: list[ElementTree.Element] = []

    def __call__(self, message: bytes, *, timeout: float) -> bytes:
        """Keep it and answer."""
        root = ElementTree.fromstring(message)
        self.sent.append(root)
        identity = root.find(f"{SOAP}Header/{ADDRESSING}MessageID")
        assert identity is not None
        body = self.bodies.pop(0) if self.bodies else "<x/>"
        return (
            f'<s:Envelope xmlns:s="{SOAP[1:-1]}" xmlns:a="{ADDRESSING[1:-1]}"><s:Header>'
            f"<a:RelatesTo>{identity.text}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"
        ).encode()

    def only(self) -> dict[str, Any]:
        """The one request that was sent: action, selectors, options with their types, properties."""
        (root,) = self.sent
        header, body = root.find(f"{SOAP}Header"), root.find(f"{SOAP}Body")
        assert header is not None
        assert body is not None
        action = header.findtext(f"{ADDRESSING}Action") or ""
        return {
            "action": action.removeprefix(f"{URI}/").rpartition("/")[2],
            "resource": (header.findtext(f"{WSMAN}ResourceURI") or "").removeprefix(f"{URI}/"),
            "selectors": {item.get("Name"): item.text or "" for item in header.iter(f"{WSMAN}Selector")},
            "options": [(item.get("Name"), item.get("Type"), item.text) for item in header.iter(f"{WSMAN}Option")],
            "body": [(item.tag.rpartition("}")[2], item.text) for item in (body[0] if len(body) else ())],
        }


KEYS = {
    "CreationClassName": f"MSFT|FW|FirewallRule|{NAME}",
    "PolicyRuleName": "",
    "SystemCreationClassName": "",
    "SystemName": "",
}


def rules_on(*bodies: str) -> tuple[FirewallRules, Wire]:
    """Rules of a host behind a wire."""
    wire = Wire(*bodies)
    return FirewallRules(WsmanClient(wire, host="desk-01")), wire


@pytest.mark.parametrize(("on", "method"), [(True, "Enable"), (False, "Disable")])
def test_switching_is_a_method_with_an_empty_output(on: bool, method: str) -> None:
    rules, wire = rules_on()
    rules.set_enabled(NAME, on)
    sent = wire.only()
    assert (sent["action"], sent["resource"], sent["selectors"]) == (method, "MSFT_NetFirewallRule", KEYS)
    assert (sent["options"], sent["body"]) == ([], [])


def test_changing_properties() -> None:
    rules, wire = rules_on()
    rules.change(NAME, {"Profiles": 1, "EdgeTraversalPolicy": 0})
    sent = wire.only()
    assert (sent["action"], sent["selectors"], sent["options"]) == ("Put", KEYS, [])
    assert sent["body"] == [("Profiles", "1"), ("EdgeTraversalPolicy", "0")]


@pytest.mark.parametrize(
    ("addresses", "sent_addresses"),
    [
        ((), ["Any"]),
        (("10.20.0.0/16",), ["10.20.0.0/16"]),
        (("10.20.0.0/16", "LocalSubnet"), ["10.20.0.0/16", "LocalSubnet"]),
    ],
)
def test_narrowing_addresses(addresses: tuple[str, ...], sent_addresses: list[str]) -> None:
    rules, wire = rules_on()
    rules.set_remote_addresses(NAME, addresses)
    sent = wire.only()
    assert (sent["action"], sent["resource"]) == ("Put", "MSFT_NetAddressFilter")
    assert sent["selectors"] == {("Name" if key == "PolicyRuleName" else key): value for key, value in KEYS.items()}
    assert sent["body"] == [("RemoteAddress", item) for item in sent_addresses]


def test_copying_a_default() -> None:
    rules, wire = rules_on()
    assert rules.clone_default(NAME) is True
    sent = wire.only()
    assert (sent["action"], sent["selectors"]) == ("CloneObject", KEYS)
    assert sent["options"] == [("wmi:PolicyStore", "xs:string", "SystemDefaults")]
    assert sent["body"] == [("NewPolicyStore", "PersistentStore")]


@pytest.mark.parametrize(("code", "status"), [(2150858752, 6), (1, 7), (2150858803, 11), (5, 2)])
def test_a_default_that_can_not_be_copied(code: int, status: int) -> None:
    """Not there, not offered, in the way of another rule, not allowed: the caller makes the rule itself then."""
    rules, _wire = rules_on(FAULT.format(code=code, status=status))
    assert rules.clone_default(NAME) is False


def test_a_new_rule_whose_name_is_taken_is_left_to_who_reads_it_back() -> None:
    rules, wire = rules_on(FAULT.format(code=2150858803, status=11))
    rules.create(BY_NAME[NAME.lower()].rule, name_text="n", description="d")
    assert wire.only()["action"] == "Create"
    rules, _wire = rules_on(FAULT.format(code=5, status=2))
    with pytest.raises(AccessDenied):
        rules.create(BY_NAME[NAME.lower()].rule, name_text="n", description="d")


def test_a_new_rule_is_off_and_has_its_filters_as_options() -> None:
    rules, wire = rules_on()
    factory = BY_NAME["remoteassistance-dcom-in-tcp-noscope-active"]
    rules.create(factory.rule, name_text="@FirewallAPI.dll,-33035", description="@FirewallAPI.dll,-33036")
    sent = wire.only()
    assert (sent["action"], sent["selectors"]) == ("Create", {})
    assert sent["options"] == [
        ("wmi:Protocol", "xs:string", "TCP"),
        ("wmi:Program", "xs:string", "%SystemRoot%\\system32\\svchost.exe"),
        ("wmi:Service", "xs:string", "rpcss"),
        ("wmiarray:LocalPort", "xs:string", "135"),
    ]
    assert sent["body"] == [
        ("InstanceID", "RemoteAssistance-DCOM-In-TCP-NoScope-Active"),
        ("ElementName", "@FirewallAPI.dll,-33035"),
        ("Description", "@FirewallAPI.dll,-33036"),
        ("RuleGroup", GROUP),
        ("Enabled", "2"),
        ("Profiles", "1"),
        ("Direction", "1"),
        ("Action", "2"),
        ("EdgeTraversalPolicy", "0"),
    ]


def test_a_new_rule_for_some_addresses_and_ports_of_the_other_side() -> None:
    rules, wire = rules_on()
    rules.create(BY_NAME["remoteassistance-ssdpsrv-out-udp-active"].rule, name_text="n", description="d")
    assert wire.only()["options"][3:] == [
        ("wmiarray:RemotePort", "xs:string", "1900"),
        ("wmiarray:RemoteAddress", "xs:string", "LocalSubnet"),
    ]
    assert ("Direction", "2") in wire.only()["body"]


def test_deleting() -> None:
    rules, wire = rules_on()
    rules.delete(NAME)
    assert (wire.only()["action"], wire.only()["selectors"]) == ("Delete", KEYS)


def test_deleting_what_is_gone() -> None:
    rules, _wire = rules_on(FAULT.format(code=2150858752, status=6))
    rules.delete(NAME)


@pytest.mark.parametrize("change", ["set_enabled", "set_remote_addresses", "delete"])
def test_other_refusals_are_errors(change: str) -> None:
    rules, _wire = rules_on(FAULT.format(code=5, status=2))
    arguments: dict[str, tuple[Any, ...]] = {"set_enabled": (True,), "set_remote_addresses": ((),), "delete": ()}
    with pytest.raises(AccessDenied):
        getattr(rules, change)(NAME, *arguments[change])


def test_a_rule_that_is_not_there_is_not_switched() -> None:
    rules, _wire = rules_on(FAULT.format(code=2150858752, status=6))
    with pytest.raises(NotFound):
        rules.set_enabled(NAME, True)


def test_options_of_a_query_have_their_types() -> None:
    wire = Wire('<n:EnumerateResponse xmlns:n="n"><n:EndOfSequence/></n:EnumerateResponse>')
    read_sources(WsmanClient(wire, host="desk-01"), ["A"])
    assert wire.only()["options"] == [
        ("wmi:PolicyStore", "xs:string", "ActiveStore"),
        ("wmi:TracePolicyStore", "xs:boolean", "true"),
    ]
