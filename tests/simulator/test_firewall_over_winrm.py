# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The firewall over real WinRM with pywinrm: envelopes as public WS-Management clients of Windows send them."""

from __future__ import annotations

import urllib.request
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from winrm.exceptions import WSManFaultError
from winrm.protocol import Protocol

from simulator.pool_server import Pool
from simulator.windows.firewall import LOCAL
from tests.support.pools import DESKTOP, SERVICE_PASSWORD

WMI = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/standardcimv2"
TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
ENUMERATE = "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Enumerate"
ANONYMOUS = "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous"
RULE, ADDRESSES = f"{WMI}/MSFT_NetFirewallRule", f"{WMI}/MSFT_NetAddressFilter"
MSRA = "RemoteAssistance-In-TCP-EdgeScope-Active"
PUBLIC = "RemoteAssistance-In-TCP-EdgeScope"
GROUP = "SELECT * FROM MSFT_NetFirewallRule WHERE RuleGroup='@FirewallAPI.dll,-33002'"
ACTIVE = [("wmi:PolicyStore", "ActiveStore")]
Options = Sequence[tuple[str, str]]


class Client:
    """pywinrm's transport with envelopes of our own."""

    def __init__(self, pool: Pool) -> None:
        self._protocol = Protocol(
            pool.endpoint("desk-01"),
            transport="ntlm",
            username="CORP\\svc-ansible",
            password=SERVICE_PASSWORD,
            ca_trust_path=None,
            proxy=None,
        )

    def send(
        self,
        action: str,
        resource: str,
        body: str = "",
        *,
        keys: Mapping[str, str] | None = None,
        options: Options = (),
    ) -> ET.Element:
        """The body of the answer; a fault is an exception."""
        selectors = "".join(f'<w:Selector Name="{name}">{value}</w:Selector>' for name, value in (keys or {}).items())
        chosen = "".join(f'<w:Option Name="{name}" Type="xs:string">{value}</w:Option>' for name, value in options)
        answer = self._protocol.send_message(
            f"""<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
             xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"
             xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration"
             xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"><s:Header>
             <a:To>{self._protocol.transport.endpoint}</a:To>
             <w:ResourceURI s:mustUnderstand="true">{resource}</w:ResourceURI>
             <a:ReplyTo><a:Address s:mustUnderstand="true">{ANONYMOUS}</a:Address></a:ReplyTo>
             <a:Action s:mustUnderstand="true">{action}</a:Action>
             <w:MaxEnvelopeSize s:mustUnderstand="true">512000</w:MaxEnvelopeSize>
             <a:MessageID>uuid:{uuid.uuid4()}</a:MessageID><w:OperationTimeout>PT20S</w:OperationTimeout>
             <w:SelectorSet>{selectors}</w:SelectorSet>
             <w:OptionSet s:mustUnderstand="true">{chosen}</w:OptionSet></s:Header>
             <s:Body>{body}</s:Body></s:Envelope>"""
        )
        found = ET.fromstring(answer).find("{http://www.w3.org/2003/05/soap-envelope}Body")
        assert found is not None
        return found

    def query(self, wql: str, options: Options = (), mode: str = "") -> list[ET.Element]:
        """Items of a query."""
        modes = f"<w:EnumerationMode>{mode}</w:EnumerationMode>" if mode else ""
        body = self.send(
            ENUMERATE,
            f"{WMI}/*",
            f"<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>1000</w:MaxElements>{modes}"
            f'<w:Filter Dialect="http://schemas.microsoft.com/wbem/wsman/1/WQL">{wql}</w:Filter></n:Enumerate>',
            options=options,
        )
        return [*body.iter("{http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd}Items")][0:1][0][:]

    def rule(self, name: str) -> dict[str, list[str]]:
        """A rule of the local store."""
        return _texts(self.send(f"{TRANSFER}/Get", RULE, keys=keys(name))[0])


def keys(name: str, other: str = "PolicyRuleName") -> dict[str, str]:
    """Selectors, the three empty ones too."""
    return {"CreationClassName": f"MSFT|FW|FirewallRule|{name}", other: "", "SystemCreationClassName": "",
            "SystemName": ""}  # fmt: skip


def _texts(element: ET.Element) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for item in element:
        found.setdefault(item.tag.rpartition("}")[2], []).append(item.text or "")
    return found


@pytest.fixture
def pool(make_pool: Callable[..., Any]) -> Callable[..., Pool]:
    def make(**firewall: Any) -> Pool:
        made: Pool = make_pool({**DESKTOP, "firewall": firewall})
        return made

    return make


def test_the_active_store_is_asked_for_with_an_option(pool: Callable[..., Pool]) -> None:
    client = Client(pool())
    active = {row["InstanceID"][0]: row for row in map(_texts, client.query(GROUP, ACTIVE))}
    assert len(active) == 15
    assert active[MSRA]["EnforcementStatus"] == ["1", "5"]
    assert active[PUBLIC]["EnforcementStatus"] == ["4"]
    local = {row["InstanceID"][0]: row for row in map(_texts, client.query(GROUP))}
    assert local[MSRA]["EnforcementStatus"] == ["0"]
    # an option that nobody knows is ignored, as MS-WSMV note 52 has it
    assert len(client.query(GROUP, [("wmi:Nonsense", "1"), ("Nonsense", "1")])) == 15


def test_the_option_of_one_request_is_not_that_of_the_next(pool: Callable[..., Pool]) -> None:
    client = Client(pool())
    client.query(GROUP, ACTIVE)
    assert _texts(client.query(GROUP)[0])["EnforcementStatus"] == ["0"]


def test_a_rule_names_its_selectors(pool: Callable[..., Pool]) -> None:
    (item,) = Client(pool()).query(
        f"SELECT * FROM MSFT_NetFirewallRule WHERE InstanceID='{MSRA}'", mode="EnumerateObjectAndEPR"
    )
    selectors = {
        found.get("Name"): found.text or ""
        for found in item.iter("{http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd}Selector")
    }
    assert selectors == keys(MSRA)


def test_a_rule_is_switched_with_an_empty_output(pool: Callable[..., Pool]) -> None:
    made = pool()
    client = Client(made)
    body = client.send(f"{RULE}/Enable", RULE, f'<p:Enable_INPUT xmlns:p="{RULE}"/>', keys=keys(PUBLIC))
    assert body[0].tag.endswith("}Enable_OUTPUT")
    assert len(body[0]) == 0
    assert client.rule(PUBLIC)["Enabled"] == ["1"]
    assert made.hosts["desk-01"].counters["writes"] == 1


@pytest.mark.parametrize(
    ("selectors", "code"),
    [
        ({"CreationClassName": f"MSFT|FW|FirewallRule|{PUBLIC}"}, 2150858842),
        ({**keys(PUBLIC), "InstanceID": PUBLIC}, 2150858843),
        (keys("Nobody"), None),
    ],
)
def test_a_rule_that_is_not_meant_is_not_switched(
    pool: Callable[..., Pool], selectors: dict[str, str], code: int | None
) -> None:
    made = pool()
    with pytest.raises(WSManFaultError) as caught:
        Client(made).send(f"{RULE}/Enable", RULE, f'<p:Enable_INPUT xmlns:p="{RULE}"/>', keys=selectors)
    assert code is None or str(code) in str(caught.value)
    assert made.hosts["desk-01"].writes.log == []


def test_addresses_are_put_as_repeated_elements(pool: Callable[..., Pool]) -> None:
    client = Client(pool())
    body = client.send(
        f"{TRANSFER}/Put",
        ADDRESSES,
        f'<p:MSFT_NetAddressFilter xmlns:p="{ADDRESSES}"><p:RemoteAddress>10.20.0.0/16</p:RemoteAddress>'
        "<p:RemoteAddress>LocalSubnet</p:RemoteAddress></p:MSFT_NetAddressFilter>",
        keys=keys(MSRA, "Name"),
    )
    assert _texts(body[0])["RemoteAddress"] == ["10.20.0.0/255.255.0.0", "LocalSubnet"]


CREATE = (
    f'<p:MSFT_NetFirewallRule xmlns:p="{RULE}"><p:InstanceID>{MSRA}</p:InstanceID>'
    "<p:ElementName>@FirewallAPI.dll,-33003</p:ElementName><p:RuleGroup>@FirewallAPI.dll,-33002</p:RuleGroup>"
    "<p:Enabled>2</p:Enabled><p:Profiles>3</p:Profiles><p:Direction>1</p:Direction><p:Action>2</p:Action>"
    "</p:MSFT_NetFirewallRule>"
)
CONDITIONS = [("wmi:Program", "%SystemRoot%\\system32\\msra.exe"), ("wmi:Protocol", "TCP"),
              ("wmiarray:RemoteAddress", "10.0.0.0/8"), ("wmiarray:RemoteAddress", "fe80::/64"),
              ("wmiarray:LocalPort", "50000-50010")]  # fmt: skip


def test_a_rule_is_made_with_its_filters_as_options(pool: Callable[..., Pool]) -> None:
    client = Client(pool(missing_group=True))
    body = client.send(f"{TRANSFER}/Create", RULE, CREATE, options=CONDITIONS)
    assert body[0].tag.endswith("}ResourceCreated")
    found = [item for item in body.iter() if item.get("Name") == "CreationClassName"]
    assert found[0].text == f"MSFT|FW|FirewallRule|{MSRA}"
    by_class = {
        name: _texts(client.query(f"SELECT * FROM {name} WHERE InstanceID='{MSRA}'")[0])
        for name in ("MSFT_NetAddressFilter", "MSFT_NetProtocolPortFilter", "MSFT_NetApplicationFilter")
    }
    assert by_class["MSFT_NetAddressFilter"]["RemoteAddress"] == ["10.0.0.0/255.0.0.0", "fe80::/64"]
    assert by_class["MSFT_NetProtocolPortFilter"]["LocalPort"] == ["50000-50010"]
    assert by_class["MSFT_NetApplicationFilter"]["AppPath"] == ["%SystemRoot%\\system32\\msra.exe"]
    with pytest.raises(WSManFaultError):
        client.send(f"{TRANSFER}/Create", RULE, CREATE)


def test_only_arrays_may_be_repeated(pool: Callable[..., Pool]) -> None:
    with pytest.raises(WSManFaultError):
        Client(pool()).query(GROUP, [*ACTIVE, *ACTIVE])


def test_a_factory_rule_is_cloned_and_deleted(pool: Callable[..., Pool]) -> None:
    client = Client(pool(missing_group=True))
    client.send(
        f"{RULE}/CloneObject",
        RULE,
        f'<p:CloneObject_INPUT xmlns:p="{RULE}"><p:NewPolicyStore>PersistentStore</p:NewPolicyStore>'
        "</p:CloneObject_INPUT>",
        keys=keys(MSRA),
        options=[("wmi:PolicyStore", "SystemDefaults")],
    )
    assert client.rule(MSRA)["EdgeTraversalPolicy"] == ["3"]
    client.send(f"{TRANSFER}/Delete", RULE, keys=keys(MSRA))
    with pytest.raises(WSManFaultError):
        client.rule(MSRA)


@pytest.mark.parametrize(
    ("association", "result", "names"),
    [
        ("MSFT_NetFirewallRuleFilterByAddress", "MSFT_NetAddressFilter", {"MSFT_NetAddressFilter"}),
        ("MSFT_NetFirewallRuleFilterByAddress", "MSFT_NetServiceFilter", set()),
    ],
)
def test_filters_are_found_by_association(
    pool: Callable[..., Pool], association: str, result: str, names: set[str]
) -> None:
    found = _associated(Client(pool()), association, result)
    assert found == names


def test_all_filters_are_found_by_the_base_classes(pool: Callable[..., Pool]) -> None:
    assert len(_associated(Client(pool()), "MSFT_NetFirewallRuleFilters", "CIM_FilterEntryBase")) == 7


def _associated(client: Client, association: str, result: str) -> set[str]:
    selectors = "".join(f'<w:Selector Name="{name}">{value}</w:Selector>' for name, value in keys(MSRA).items())
    body = client.send(
        ENUMERATE,
        RULE,
        "<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>100</w:MaxElements>"
        '<w:Filter Dialect="http://schemas.dmtf.org/wbem/wsman/1/cimbinding/associationFilter">'
        '<b:AssociatedInstances xmlns:b="http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd"><b:Object>'
        f"<a:Address>{ANONYMOUS}</a:Address><a:ReferenceParameters><w:ResourceURI>{RULE}</w:ResourceURI>"
        f"<w:SelectorSet>{selectors}</w:SelectorSet></a:ReferenceParameters></b:Object>"
        f"<b:AssociationClassName>{association}</b:AssociationClassName>"
        f"<b:ResultClassName>{result}</b:ResultClassName></b:AssociatedInstances></w:Filter></n:Enumerate>",
    )
    items = next(body.iter("{http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd}Items"))
    return {item.tag.rpartition("}")[2] for item in items}


def test_a_long_listing_comes_in_pages(pool: Callable[..., Pool]) -> None:
    client = Client(pool(rule_count=450))
    body = client.send(
        ENUMERATE,
        f"{WMI}/*",
        "<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>32000</w:MaxElements>"
        '<w:Filter Dialect="http://schemas.microsoft.com/wbem/wsman/1/WQL">SELECT * FROM MSFT_NetFirewallRule'
        "</w:Filter></n:Enumerate>",
    )
    rows = next(body.iter("{http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd}Items"))
    assert 100 < len(rows) < 450
    context = body.find(".//{http://schemas.xmlsoap.org/ws/2004/09/enumeration}EnumerationContext")
    assert context is not None
    assert context.text


def test_another_process_can_restart_a_host(pool: Callable[..., Pool]) -> None:
    made = pool()
    host = made.hosts["desk-01"]
    host.registry.make(f"{LOCAL}\\FirewallRules").unset(MSRA)
    assert MSRA in host.firewall.local_rules
    request = urllib.request.Request(f"{made.control}/hosts/desk-01/restart", data=b"{}", method="POST")
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
        assert answer.status == 200
    assert MSRA not in host.firewall.local_rules


def test_writes_can_be_refused(pool: Callable[..., Pool]) -> None:
    made = pool()
    made.hosts["desk-01"].faults.set("deny_writes", True)
    with pytest.raises(WSManFaultError):
        Client(made).send(f"{RULE}/Enable", RULE, f'<p:Enable_INPUT xmlns:p="{RULE}"/>', keys=keys(PUBLIC))
    assert made.hosts["desk-01"].counters["denied_writes"] == 1
