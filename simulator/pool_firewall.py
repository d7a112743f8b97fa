# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of a pool description that speaks of the Windows Firewall and of optional features (see README.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .pool_policy import DomainPolicyDescription
from .windows.firewall_address import AddressError, addresses
from .windows.firewall_rule import (
    ALL_PROFILES,
    DOMAIN,
    PRIVATE,
    PROFILE_NAMES,
    PUBLIC,
    Rule,
    RuleError,
    check,
    parse,
    ports,
    protocol_number,
    text_of,
)
from .windows.registry_pol import Instruction, instruction

_BITS = {"domain": DOMAIN, "private": PRIVATE, "public": PUBLIC}
_KEYS = {"profiles", "network_category", "missing_group", "missing_defaults", "rules", "domain_rules",
         "local_rules_allowed", "silent_noop", "rule_count"}  # fmt: skip
_RULE_KEYS = {"name", "enabled", "action", "direction", "protocol", "profiles", "local_ports", "remote_ports",
              "remote_addresses", "program", "service", "display_name", "description", "group", "edge",
              "text"}  # fmt: skip
_PROFILE_KEYS = {"enabled", "block_all_inbound", "policy_enabled", "policy_block_all_inbound", "policy_local_rules"}
_POLICY = "SOFTWARE\\Policies\\Microsoft\\WindowsFirewall"
_EDGES = {"block": 0, "allow": 1, "defer_to_user": 2, "defer_to_app": 3}
_GPO = ("Firewall", "{6F1A4B8E-0B1C-4C55-9C2B-6D1E0C9A7F11}")
FEATURE_STATES = ("enabled", "disabled", "removed", "enable_pending", "disable_pending")


class FirewallFormatError(ValueError):
    """The part is not usable; one line."""


@dataclass(frozen=True)
class FirewallDescription:
    """A host's firewall as the pool describes it.

    Attributes:
        networks: Bit of the profile of each network the host is in.
        profiles: By bit: `enabled`, `shielded` of the local configuration.
        missing_group: The image lacks the rules of Remote Assistance; `missing_defaults`: and their factory values.
        rules: By name what is different from the factory; None for a rule that is gone.
        policy: What a GPO of the domain sets.
        rule_count: Rules of apps fill the local store up to so many.
    """

    networks: tuple[int, ...] = (DOMAIN,)
    profiles: Mapping[int, Mapping[str, bool]] = field(default_factory=dict)
    missing_group: bool = False
    missing_defaults: bool = False
    rules: Mapping[str, Mapping[str, Any] | None] = field(default_factory=dict)
    policy: tuple[Instruction, ...] = ()
    silent_noop: bool = False
    rule_count: int = 0

    def overrides(self, factory: Mapping[str, Rule]) -> dict[str, Rule | None]:
        """The rules that are different from the factory, made from its own."""
        return {
            name: None if data is None else _rule(name, data, factory.get(name), f"rule {name}")
            for name, data in self.rules.items()
        }

    def gpo(self) -> tuple[DomainPolicyDescription, ...]:
        """The GPO that carries `policy`, when there is something in it."""
        return (DomainPolicyDescription(*_GPO, entries=self.policy),) if self.policy else ()


def _check_keys(data: Any, known: set[str], where: str) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise FirewallFormatError(f"{where}: a mapping is expected")
    if unknown := sorted(set(map(str, data)) - known):
        raise FirewallFormatError(f"{where}: unknown key {unknown[0]!r}; known are {', '.join(sorted(known))}")
    return data


def firewall_of(data: Any, where: str) -> FirewallDescription:
    """A host's firewall.

    Raises:
        FirewallFormatError: It is not valid.
    """
    if isinstance(data, FirewallDescription):
        return data
    data = _check_keys(data or {}, _KEYS, where)
    profiles = {
        _bit(name, where): _check_keys(settings, _PROFILE_KEYS, f"{where}: {name}")
        for name, settings in data.get("profiles", {}).items()
    }
    rules = {
        str(name): None if item is None else _check_keys(item, _RULE_KEYS, f"{where}: {name}")
        for name, item in data.get("rules", {}).items()
    }
    made = FirewallDescription(
        networks=_networks(data.get("network_category", "domain"), where),
        profiles={
            bit: {"enabled": bool(item.get("enabled", True)), "shielded": bool(item.get("block_all_inbound", False))}
            for bit, item in profiles.items()
        },
        missing_group=bool(data.get("missing_group", False)),
        missing_defaults=bool(data.get("missing_defaults", False)),
        rules=rules,
        policy=_policy(data, profiles, where),
        silent_noop=bool(data.get("silent_noop", False)),
        rule_count=int(data.get("rule_count", 0)),
    )
    for name, item in rules.items():  # wrong values are found here, not when a host is made
        if item is not None:
            _rule(name, item, Rule(name, name=name), f"{where}: {name}")
    return made


def _bit(name: Any, where: str) -> int:
    if str(name) not in _BITS:
        raise FirewallFormatError(f"{where}: a profile is one of {', '.join(_BITS)}, not {name!r}")
    return _BITS[str(name)]


def _networks(data: Any, where: str) -> tuple[int, ...]:
    if data == "none" or data is None:
        return ()
    return tuple(_bit(name, where) for name in (data if isinstance(data, list) else [data]))


def _policy(data: Mapping[str, Any], profiles: Mapping[int, Mapping[str, Any]], where: str) -> tuple[Instruction, ...]:
    entries: list[Instruction] = []
    for item in data.get("domain_rules", ()):
        named = _check_keys(item, _RULE_KEYS, f"{where}: domain_rules")
        if "name" not in named:
            raise FirewallFormatError(f"{where}: domain_rules: a rule has a name")
        rule = _rule(str(named["name"]), named, None, f"{where}: domain_rules")
        entries.append(instruction(f"{_POLICY}\\FirewallRules", rule.id, text_of(rule)))
    allowed = data.get("local_rules_allowed", True)
    for bit, name in PROFILE_NAMES.items():
        key, settings = f"{_POLICY}\\{name}Profile", profiles.get(bit, {})
        merged = settings.get("policy_local_rules", allowed)
        if not merged:
            entries.append(instruction(key, "AllowLocalPolicyMerge", 0))
        for option, value in (("policy_enabled", "EnableFirewall"), ("policy_block_all_inbound",
                                                                     "DoNotAllowExceptions")):  # fmt: skip
            if option in settings:
                entries.append(instruction(key, value, int(bool(settings[option]))))
    if entries:
        entries.insert(0, instruction(_POLICY, "PolicyVersion", 0x21E))  # MS-GPFAS 2.2.1
    return tuple(entries)


def _texts(data: Any) -> list[str]:
    return [str(item) for item in data] if isinstance(data, list) else [str(data)]


def _rule(name: str, data: Mapping[str, Any], base: Rule | None, where: str) -> Rule:
    """A rule as described, over one that is there already."""
    try:
        if "text" in data:
            found = parse(name, str(data["text"]))
            if found is None:
                raise RuleError("the text is no rule")
            return found
        rule = base or Rule(name, name=str(data.get("display_name", name)))
        made = rule.changed(**_fields(data, where))
        check(made)
    except (RuleError, AddressError, KeyError) as error:
        raise FirewallFormatError(f"{where}: {error}") from None
    return made


def _fields(data: Mapping[str, Any], where: str) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if "enabled" in data:
        fields["active"] = bool(data["enabled"])
    if "action" in data:
        fields["action"] = {"allow": "Allow", "block": "Block"}[str(data["action"]).lower()]
    if "direction" in data:
        fields["inbound"] = {"in": True, "out": False}[str(data["direction"]).lower()]
    if "protocol" in data:
        fields["protocol"] = protocol_number(str(data["protocol"]))
    if "profiles" in data:
        wanted = data["profiles"]
        names = wanted if isinstance(wanted, list) else [wanted]
        fields["profiles"] = ALL_PROFILES if names == ["any"] else sum({_bit(item, where) for item in names})
    for option, name in (("local_ports", "local_ports"), ("remote_ports", "remote_ports")):
        if option in data:
            fields[name] = ports(_texts(data[option]))
    if "remote_addresses" in data:
        fields["remote_addresses"] = addresses(_texts(data["remote_addresses"]))
    for option, name in (("program", "app"), ("service", "service"), ("display_name", "name"),
                         ("description", "description"), ("group", "group")):  # fmt: skip
        if option in data:
            fields[name] = str(data[option])
    if "edge" in data:
        fields["edge"] = _EDGES[str(data["edge"])]
    return fields


def features_of(data: Any, where: str) -> dict[str, str]:
    """States of optional features by name.

    Raises:
        FirewallFormatError: One is not valid.
    """
    if not isinstance(data, Mapping):
        raise FirewallFormatError(f"{where}: a mapping is expected")
    for name, state in data.items():
        if state not in FEATURE_STATES:
            raise FirewallFormatError(f"{where}: {name} is one of {', '.join(FEATURE_STATES)}, not {state!r}")
    return {str(name): str(state) for name, state in data.items()}
