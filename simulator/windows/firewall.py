# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Windows Firewall of a host: its stores, its profiles, and what of it is in force.

Stores and where the registry keeps them: public descriptions of the NetSecurity module's policy stores. The firewall
service reads its own part of the registry when it starts, and writes it when it is asked to change something; a value
written there by others is nothing it knows of (unverified: `firewall_registry_live`).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING

from .firewall_rule import DOMAIN, PRIVATE, PROFILE_NAMES, PUBLIC, Rule, parse, text_of
from .firewall_rules import GROUP, factory_rules, factory_values
from .registry import REG_DWORD, REG_SZ

if TYPE_CHECKING:
    from ..pool_firewall import FirewallDescription
    from .host import WindowsHost

_SERVICE = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess"
LOCAL = f"{_SERVICE}\\Parameters\\FirewallPolicy"
DEFAULTS = f"{_SERVICE}\\Defaults\\FirewallPolicy"
POLICY = "HKLM\\SOFTWARE\\Policies\\Microsoft\\WindowsFirewall"  # MS-GPFAS 2.2
# FW_RULE_ORIGIN_TYPE, MS-FASP 2.2.32
ORIGIN_LOCAL, ORIGIN_GP = 1, 2
# FW_ENFORCEMENT_STATE, MS-FASP 2.2.27
FULL, OFF_IN_PROFILE, DISABLED_OBJECT, INACTIVE_PROFILE = 1, 2, 4, 5
LOCAL_RULES_DISALLOWED, NOT_TARGET_PLATFORM = 16, 18
_KEYS = {DOMAIN: "DomainProfile", PRIVATE: "StandardProfile", PUBLIC: "PublicProfile"}
_POLICY_KEYS = {DOMAIN: "DomainProfile", PRIVATE: "PrivateProfile", PUBLIC: "PublicProfile"}
STORES = ("PersistentStore", "ActiveStore", "RSOP", "SystemDefaults", "StaticServiceStore", "ConfigurableServiceStore")


@dataclass(frozen=True)
class Stored:
    """A rule in a store: where it came from, and in the ActiveStore what is done with it."""

    rule: Rule
    origin: int
    source: str
    states: tuple[int, ...] = ()


@dataclass(frozen=True)
class Profile:
    """What a profile's configuration comes to."""

    enabled: bool
    shielded: bool
    local_rules: bool


_NUMBERS = count()
_Table = tuple[tuple[int, bool, Profile], ...]


class Firewall:
    """The firewall of one host.

    Attributes:
        networks: Categories of the networks the host is in now, as bits of profiles, in the order of interfaces.
        silent_noop: Changes of rules are answered with success and not made.
    """

    def __init__(self, host: WindowsHost, description: FirewallDescription) -> None:
        self._host = host
        self._description = description
        self.networks = description.networks
        self.silent_noop = description.silent_noop
        self._rules: Mapping[str, Rule] = {}
        self._factory: tuple[bool, int] | None = None
        self._number, self._edition = next(_NUMBERS), 0

    def start(self, *, assistance: bool) -> None:
        """Fill the registry as from the factory, change it as the description says, and start the service."""
        wanted = self._description
        there = assistance and not wanted.missing_defaults
        registry = self._host.registry
        count = wanted.rule_count
        registry.make(f"{DEFAULTS}\\FirewallRules").adopt(factory_values(assistance=there, count=count))
        kept = assistance and not wanted.missing_group
        registry.make(f"{LOCAL}\\FirewallRules").adopt(factory_values(assistance=kept, count=count))
        self._rules, self._factory = factory_rules(assistance=kept, count=count), (kept, count)
        for bit, key in _KEYS.items():
            settings = wanted.profiles.get(bit, {})
            registry.put(f"{LOCAL}\\{key}", "EnableFirewall", int(settings.get("enabled", True)))
            registry.put(f"{LOCAL}\\{key}", "DisableNotifications", int(self._host.system.server))
            if settings.get("shielded"):
                registry.put(f"{LOCAL}\\{key}", "DoNotAllowExceptions", 1)
        for name, rule in wanted.overrides(self._rules).items():
            if rule is None:
                self._drop(name)
            else:
                self._keep(rule)

    def restart(self) -> None:
        """What a restart of the host does: the service reads the registry again."""
        self._rules, self._factory = dict(self._of_registry(f"{LOCAL}\\FirewallRules")), None
        self._edition += 1

    # Rules ----------------------------------------------------------------------------------------

    def _of_registry(self, path: str) -> Iterator[tuple[str, Rule]]:
        key = self._host.registry.find(path)
        for value in key.values if key is not None else ():
            rule = parse(value.name, value.data) if isinstance(value.data, str) else None
            if rule is not None and not rule.ignored:
                yield value.name, rule

    @property
    def local_rules(self) -> Mapping[str, Rule]:
        """Rules of the local store as the service has them, by name."""
        if self._host.quirks["firewall_registry_live"]:
            return dict(self._of_registry(f"{LOCAL}\\FirewallRules"))
        return self._rules

    def find(self, store: str, name: str) -> Stored | None:
        """A rule of a store; names are compared without case."""
        wanted = name.lower()
        if store == "PersistentStore" and (rule := self.local_rules.get(name)) is not None:
            return Stored(rule, ORIGIN_LOCAL, store)
        return next((item for item in self.rules(store) if item.rule.id.lower() == wanted), None)

    def rules(self, store: str) -> Iterator[Stored]:
        """The rules of a store.

        ActiveStore: the local rules and those of Group Policy; the service stores are not in it, against what its
        documentation says (the same public descriptions).
        """
        if store == "PersistentStore":
            yield from (Stored(rule, ORIGIN_LOCAL, store) for rule in self.local_rules.values())
        elif store == "SystemDefaults":
            for _, rule in self._of_registry(f"{DEFAULTS}\\FirewallRules"):
                yield Stored(rule, ORIGIN_LOCAL, store)
        elif store == "RSOP":
            for name, rule in self._of_registry(f"{POLICY}\\FirewallRules"):
                yield Stored(rule, ORIGIN_GP, self._gpo_of(name))
        elif store == "ActiveStore":
            yield from self._active()

    def _active(self) -> Iterator[Stored]:
        table, single, listed = self._view()
        for item in self.rules("PersistentStore"):
            if item.rule.active or listed:
                yield replace(item, states=_states(item.rule, True, table, single))
        for item in self.rules("RSOP"):
            if item.rule.active or listed:
                yield replace(item, states=_states(item.rule, False, table, single))

    def _view(self) -> tuple[_Table, bool, bool]:
        """What states depend on beside the rules: the profiles, and how this Windows lists them."""
        table = tuple((bit, bool(bit & self.active_profiles), self.profile(bit)) for bit in PROFILE_NAMES)
        quirks = self._host.quirks
        return table, quirks["firewall_enforcement_list"] == "single", quirks["firewall_active_lists_disabled"]

    def listing(self, store: str) -> Hashable | None:
        """What the rules of a store follow from: the same value means the same rules. None where that is not known.

        It is alike on all hosts whose rules are those of the factory.
        """
        policy = self._host.registry.find(f"{POLICY}\\FirewallRules")
        if self._host.quirks["firewall_registry_live"] or policy is not None:
            return None
        origin = self._factory or (self._number, self._edition)
        return (store, origin, self._view()) if store in ("PersistentStore", "ActiveStore") else None

    def _gpo_of(self, name: str) -> str:
        """Display name of the GPO a rule is from: the last one that sets the value."""
        wanted = (f"{POLICY.removeprefix('HKLM' + chr(92))}\\FirewallRules".lower(), name.lower())
        for gpo in reversed(self._host.group_policy.domain):
            if any((item.key.lower(), item.name.lower()) == wanted for item in gpo.instructions or ()):
                return gpo.name
        return "Local Group Policy"

    # Changes --------------------------------------------------------------------------------------

    def _owned(self) -> dict[str, Rule]:
        if self._factory is not None:
            self._rules, self._factory = dict(self._rules), None
        assert isinstance(self._rules, dict)
        return self._rules

    def _keep(self, rule: Rule) -> None:
        self._owned()[rule.id] = rule
        self._edition += 1
        self._host.registry.make(f"{LOCAL}\\FirewallRules").set(rule.id, REG_SZ, text_of(rule))

    def keep(self, rule: Rule) -> None:
        """Add or change a local rule: at once in force, and written to the registry."""
        self._keep(rule)
        self._host.writes(f"{LOCAL}\\FirewallRules\\\\{rule.id}")

    def change(self, rule: Rule) -> None:
        """Change a local rule, unless the host only says it does."""
        if not self.silent_noop:
            self.keep(rule)

    def _drop(self, name: str) -> None:
        self._owned().pop(name, None)
        self._edition += 1
        self._host.registry.make(f"{LOCAL}\\FirewallRules").unset(name)

    def remove(self, name: str) -> None:
        """Delete a local rule."""
        self._drop(name)
        self._host.writes(f"{LOCAL}\\FirewallRules\\\\{name}")

    def install_group(self) -> None:
        """Bring the rules of Remote Assistance, as its component does when it is installed."""
        factory = factory_rules()
        values = factory_values()
        defaults = self._host.registry.make(f"{DEFAULTS}\\FirewallRules")
        for name, rule in factory.items():
            if rule.group == GROUP:
                defaults.set(name, REG_SZ, values[name.lower()].data)
                self.keep(rule)

    def remove_group(self) -> None:
        """Take the rules of Remote Assistance away, as its component does when it is removed."""
        defaults = self._host.registry.make(f"{DEFAULTS}\\FirewallRules")
        for name, rule in factory_rules().items():
            if rule.group == GROUP:
                defaults.unset(name)
                self.remove(name)

    def set_profile(self, bit: int, name: str, number: int | None) -> None:
        """Write a value of a profile's local configuration; None takes it away."""
        key = self._host.registry.make(f"{LOCAL}\\{_KEYS[bit]}")
        if number is None:
            key.unset(name)
        else:
            key.set(name, REG_DWORD, number)
        self._host.writes(f"{LOCAL}\\{_KEYS[bit]}\\\\{name}")

    # Profiles -------------------------------------------------------------------------------------

    @property
    def active_profiles(self) -> int:
        """Bits of the profiles that are active: one for each category of network the host is in."""
        found = 0
        for bit in self.networks:
            found |= bit
        return found

    def local_value(self, bit: int, name: str) -> int | None:
        """A value of a profile's local configuration."""
        value = self._host.registry.read(f"{LOCAL}\\{_KEYS[bit]}", name)
        return value if isinstance(value, int) else None

    def policy_value(self, bit: int, name: str) -> int | None:
        """A value of a profile from Group Policy.

        StandardProfile stands for private and public networks, but only where neither has a key of its own, and
        never for the merging of local rules (MS-GPFAS 2.2.3 and 2.2.3.13).
        """
        find = self._host.registry.find
        key = _POLICY_KEYS[bit]
        own = find(f"{POLICY}\\PrivateProfile") is not None or find(f"{POLICY}\\PublicProfile") is not None
        if bit != DOMAIN and not own:
            if name == "AllowLocalPolicyMerge":
                return None
            key = "StandardProfile"
        value = self._host.registry.read(f"{POLICY}\\{key}", name)
        return value if isinstance(value, int) else None

    def _value(self, bit: int, name: str, default: int) -> int:
        policy = self.policy_value(bit, name)
        local = self.local_value(bit, name)
        return policy if policy is not None else local if local is not None else default

    def profile(self, bit: int) -> Profile:
        """What a profile's configuration comes to; Group Policy beats the local one (MS-GPFAS 3.2.5)."""
        return Profile(
            enabled=bool(self._value(bit, "EnableFirewall", 1)),
            shielded=bool(self._value(bit, "DoNotAllowExceptions", 0)),
            local_rules=self.policy_value(bit, "AllowLocalPolicyMerge") != 0,
        )


@lru_cache(maxsize=8192)
def _states(rule: Rule, local: bool, profiles: tuple[tuple[int, bool, Profile], ...], single: bool) -> tuple[int, ...]:
    """Whether a rule is enforced: one state for each of its profiles, each state once (MS-FASP 2.2.27, 2.2.28).

    Enforced is what has FULL among its states (MS-FASP 2.2.33, FW_ENUM_RULES_FLAG_EFFECTIVE). A rule that another
    one overrides is enforced all the same. unverified: whether Windows lists the states of the other profiles
    beside FULL (`firewall_enforcement_list`).
    """
    if not rule.active:
        return (DISABLED_OBJECT,)
    if rule.platforms:
        return (NOT_TARGET_PLATFORM,)
    found = []
    for bit, active, profile in profiles:
        if not rule.profiles & bit:
            continue
        if not active:
            found.append(INACTIVE_PROFILE)
        elif not profile.enabled:
            found.append(OFF_IN_PROFILE)
        elif local and not profile.local_rules:
            found.append(LOCAL_RULES_DISALLOWED)
        else:
            found.append(FULL)
    states = sorted(set(found))
    if single:
        return tuple(item for item in states if item != INACTIVE_PROFILE)[:1] or (INACTIVE_PROFILE,)
    return tuple(states)
