# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The conditions of firewall rules: MSFT_NetAddressFilter and its siblings, one of each for every rule.

Classes: learn.microsoft.com, wfascimprov. That every rule has exactly one of each, that they are joined by InstanceID
and that "Any" stands for no condition: public Get-NetFirewall*Filter output, and public code checked on Windows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ...seam import CimClass, CimInstance, Provider, schema
from ..accounts import Account
from ..firewall_address import AddressError, addresses, with_length
from ..firewall_rule import ICMP4, ICMP6, Rule, RuleError, ports, protocol_number, protocol_text
from .firewall_access import NAMESPACE, PREFIX, invalid, protect, store_asked, stored, writable

if TYPE_CHECKING:
    from ..host import WindowsHost

_BASE = schema(
    Caption="string", CommunicationStatus="uint16", CreationClassName="string", Description="string",
    DetailedStatus="uint16", ElementName="string", HealthState="uint16", InstallDate="datetime", InstanceID="string",
    IsNegated="boolean", Name="string", OperatingStatus="uint16", OperationalStatus="uint16[]",
    PrimaryStatus="uint16", Status="string", StatusDescriptions="string[]", SystemCreationClassName="string",
    SystemName="string",
)  # fmt: skip
_KEYS = ("CreationClassName", "Name", "SystemCreationClassName", "SystemName")


def _class(name: str, **properties: str) -> CimClass:
    return CimClass(NAMESPACE, name, _KEYS, {**_BASE, **schema(**properties)})


FILTERS = {
    item.name: item
    for item in (
        _class("MSFT_NetAddressFilter", LocalAddress="string[]", RemoteAddress="string[]"),
        _class("MSFT_NetProtocolPortFilter", Protocol="string", LocalPort="string[]", RemotePort="string[]",
               IcmpType="string[]", DynamicTransport="uint32"),
        _class("MSFT_NetApplicationFilter", AppPath="string", Package="string"),
        _class("MSFT_NetServiceFilter", ServiceName="string"),
        _class("MSFT_NetInterfaceFilter", InterfaceAlias="string[]"),
        _class("MSFT_NetInterfaceTypeFilter", InterfaceType="uint32"),
        _class("MSFT_NetNetworkLayerSecurityFilter", Authentication="uint16", Encryption="uint16",
               OverrideBlockRules="boolean", LocalUsers="string", RemoteUsers="string", RemoteMachines="string"),
    )
}  # fmt: skip
ASSOCIATIONS = {
    f"MSFT_NetFirewallRuleFilterBy{suffix}": name
    for suffix, name in (
        ("Address", "MSFT_NetAddressFilter"),
        ("ProtocolPort", "MSFT_NetProtocolPortFilter"),
        ("Application", "MSFT_NetApplicationFilter"),
        ("Service", "MSFT_NetServiceFilter"),
        ("Interface", "MSFT_NetInterfaceFilter"),
        ("InterfaceType", "MSFT_NetInterfaceTypeFilter"),
        ("Security", "MSFT_NetNetworkLayerSecurityFilter"),
    )
}
_ANY = ["Any"]


def _conditions(name: str, rule: Rule) -> dict[str, Any]:
    if name == "MSFT_NetAddressFilter":
        return {
            "LocalAddress": list(rule.local_addresses) or _ANY,
            "RemoteAddress": list(rule.remote_addresses) or _ANY,
        }
    if name == "MSFT_NetProtocolPortFilter":
        return {
            "Protocol": protocol_text(rule.protocol),
            "LocalPort": list(rule.local_ports) or _ANY,
            "RemotePort": list(rule.remote_ports) or _ANY,
            "IcmpType": [item.removesuffix(":*") for item in rule.icmp] or _ANY,
            "DynamicTransport": 0,
        }
    if name == "MSFT_NetApplicationFilter":
        return {"AppPath": rule.app or "Any", "Package": dict(rule.kept).get("AppPkgId")}
    if name == "MSFT_NetServiceFilter":
        return {"ServiceName": rule.service or "Any"}
    if name == "MSFT_NetInterfaceFilter":
        return {"InterfaceAlias": _ANY}
    if name == "MSFT_NetInterfaceTypeFilter":
        return {"InterfaceType": 0}
    return {
        "Authentication": 0,
        "Encryption": 0,
        "OverrideBlockRules": False,
        "LocalUsers": "Any",
        "RemoteUsers": "Any",
        "RemoteMachines": "Any",
    }


@lru_cache(maxsize=16384)
def filter_instance(name: str, rule: Rule) -> CimInstance:
    """One filter of a rule."""
    cls = FILTERS[name]
    values: dict[str, Any] = dict.fromkeys(cls.properties)
    values.update(
        CreationClassName=f"{PREFIX}{rule.id}",
        InstanceID=rule.id,
        Name="",
        OperationalStatus=[],
        StatusDescriptions=[],
        SystemCreationClassName="",
        SystemName="",
        **_conditions(name, rule),
    )
    return CimInstance(cls, values)


def _with_lengths(instance: CimInstance) -> CimInstance:
    changed = {
        name: [with_length(item) for item in instance.values[name]] for name in ("LocalAddress", "RemoteAddress")
    }
    return CimInstance(instance.cls, {**instance.values, **changed})


class MsftNetFilter(Provider):
    """The filters of one class."""

    def __init__(self, host: WindowsHost, name: str) -> None:
        self._host = host
        self.cls = FILTERS[name]

    def _made(self, rule: Rule) -> CimInstance:
        made = filter_instance(self.cls.name, rule)
        if self.cls.name == "MSFT_NetAddressFilter" and self._host.quirks["firewall_address_form"] == "length":
            return _with_lengths(made)
        return made

    def instances(self, caller: Account) -> Iterable[CimInstance]:
        """Of all rules of the store."""
        return [self._made(item.rule) for item in self._host.firewall.rules(store_asked(self._host))]

    def get(self, keys: Mapping[str, str], caller: Account) -> CimInstance:
        """Of one rule."""
        return self._made(stored(self._host, keys).rule)

    def put(self, keys: Mapping[str, str], values: Mapping[str, Any], caller: Account) -> CimInstance:
        """Change the condition of a local rule, as Set-NetFirewall*Filter does."""
        writable(self._host)
        rule = stored(self._host, keys).rule
        wanted = {name: value for name, value in values.items() if name not in _BASE}
        if {"AppPath", "ServiceName"} & set(wanted):
            protect(self._host, rule)
        try:
            made = with_options(rule, {_OPTION_NAMES.get(name, name).lower(): value for name, value in wanted.items()})
            made = made.changed()
        except (RuleError, AddressError) as error:
            raise invalid(str(error)) from None
        self._host.firewall.change(made)
        return self.get(keys, caller)


_OPTION_NAMES = {"AppPath": "Program", "ServiceName": "Service"}


def _list(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _word(value: Any) -> str:
    """A text in which Any means none."""
    text = ",".join(_list(value)).strip()
    return "" if text.lower() in ("any", "*") else text


def with_options(rule: Rule, options: Mapping[str, Any]) -> Rule:
    """A rule with conditions changed that are named as New-NetFirewallRule's parameters are, in lower case.

    Names that say nothing about a condition are left alone.

    Raises:
        RuleError: A condition is none.
        AddressError: An address is none.
    """
    fields: dict[str, Any] = {}
    if "protocol" in options:
        fields["protocol"] = protocol_number(_word(options["protocol"]) or "any")
    for option, name in (("localport", "local_ports"), ("remoteport", "remote_ports")):
        if option in options:
            fields[name] = ports(_list(options[option]))
    for option, name in (("localaddress", "local_addresses"), ("remoteaddress", "remote_addresses")):
        if option in options:
            fields[name] = addresses(_list(options[option]))
    for option, name in (("program", "app"), ("service", "service")):
        if option in options:
            fields[name] = _word(options[option])
    if "icmptype" in options:
        kinds = [item for item in _list(options["icmptype"]) if item.lower() not in ("any", "*")]
        fields["icmp"] = tuple(item if ":" in item else f"{item}:*" for item in kinds)
    elif fields.get("protocol", rule.protocol) not in (ICMP4, ICMP6):
        fields["icmp"] = ()
    return rule.changed(**fields) if fields else rule
