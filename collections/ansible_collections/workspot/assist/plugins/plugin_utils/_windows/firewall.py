# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Windows Firewall of one host: its stores through ``root/StandardCimv2``, its rules through ``reg query`` as well.

Classes MSFT_NetFirewallRule, MSFT_NetFirewallProfile, MSFT_NetAddressFilter and MSFT_NetConnectionProfile
(learn.microsoft.com, "Windows Firewall CIM provider"; numbers MS-FASP 2.2.27 and 2.2.32). The registry holds what the
firewall service keeps; it is read here because one command brings all filters of all rules, and never written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .._errors import FirewallRuleMalformed, NotFound, WsmanFault
from .._formats.firewall_rule import DOMAIN, PRIVATE, PUBLIC, FirewallRule, parse_firewall_rule
from .._formats.quoting import wql_literal
from .._formats.reg_query import parse_reg_query
from .._wsman.client import WsmanClient
from .._wsman.instance import CimInstance

NAMESPACE = "root/standardcimv2"
RULE, ADDRESS_FILTER = "MSFT_NetFirewallRule", "MSFT_NetAddressFilter"
STORE = "wmi:PolicyStore"
"""How WinRM hands a value to the provider's context (MS-WSMV 3.1.4.1.10); unknown options are ignored (note 52).

unverified: that WinRM takes it so for this provider. An answer without any enforcement status is not believed.
"""
TRACE = "wmi:TracePolicyStore"
"""Asks for the names of GPOs (Get-NetFirewallRule -TracePolicyStore); unverified: its form over WS-Management."""
ACTIVE, PERSISTENT, DEFAULTS = "ActiveStore", "PersistentStore", "SystemDefaults"
FULL, NEEDLESS = 1, (19, 24)
"""``EnforcementStatus`` (MS-FASP 2.2.27): enforced; left out because it would change nothing."""
_NOT_APPLICABLE = 0
GROUP_POLICY = 2
"""``PolicyStoreSourceType`` (MS-FASP 2.2.32)."""
_ACTION_BLOCK = 4
_CATEGORIES = {0: PUBLIC, 1: PRIVATE, 2: DOMAIN}
"""``NetworkCategory`` of MSFT_NetConnectionProfile."""
_NAMES = {"domain": DOMAIN, "private": PRIVATE, "public": PUBLIC}
_ALREADY_EXISTS = 11
_PARAMETERS = r"HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess"
LOCAL_RULES = rf"{_PARAMETERS}\Parameters\FirewallPolicy\FirewallRules"
POLICY = r"HKLM\SOFTWARE\Policies\Microsoft\WindowsFirewall"
"""What GPOs set: rules below ``FirewallRules``, each profile below a key of its own (MS-GPFAS 2.2)."""
_POLICY_KEYS = {DOMAIN: "domainprofile", PRIVATE: "privateprofile", PUBLIC: "publicprofile"}
_STANDARD = "standardprofile"
_MOST_NAMES = 20
_COLUMNS = (
    "InstanceID, RuleGroup, Enabled, Profiles, Direction, Action, EnforcementStatus, "
    "PolicyStoreSource, PolicyStoreSourceType"
)

_PROFILE_COLUMNS = "Name, Enabled, AllowInboundRules, AllowLocalFirewallRules"


@dataclass(frozen=True)
class ActiveRule:
    """One rule as the active store has it.

    Attributes:
        instance_id: Its name.
        group: Its rule group.
        enabled: Whether it is on.
        profiles: Bits of its profiles.
        inbound: Whether it is about incoming traffic.
        blocks: Whether it blocks.
        enforcement: Its states, one for each different one among its profiles.
        source: Where it comes from, such as a GPO's name.
        from_policy: Whether a Group Policy object brought it.
    """

    instance_id: str
    group: str
    enabled: bool
    profiles: int
    inbound: bool
    blocks: bool
    enforcement: frozenset[int]
    source: str
    from_policy: bool

    @property
    def in_force(self) -> bool:
        """Whether it is enforced in at least one profile (MS-FASP 2.2.33)."""
        return FULL in self.enforcement


@dataclass(frozen=True)
class ProfileState:
    """One profile in force.

    Attributes:
        enabled: Whether the firewall is on in it.
        inbound_allowed: Whether allowing rules count at all ("Block all connections" is off).
        local_rules: Whether local rules count, or only those of Group Policy.
    """

    enabled: bool = True
    inbound_allowed: bool = True
    local_rules: bool = True


def read_active_rules(client: WsmanClient, group: str, *, expected: bool = True) -> list[ActiveRule] | None:
    """A group's rules and all blocking rules of the active store (one exchange, or a few).

    Args:
        client: The host.
        group: The rule group, a resource string.
        expected: Whether the group has to be there; if not, an answer without it is believed.

    Returns:
        The rules; ``None`` when the host did not take the option and answered from its local store, so that what is
        in force is unknown.
    """
    wanted = f"RuleGroup={wql_literal(group)} OR Action={_ACTION_BLOCK}"
    found = [_active(row) for row in _enumerate(client, f"SELECT {_COLUMNS} FROM {RULE} WHERE {wanted}")]
    if expected and not any(_is_of(rule, group) for rule in found):
        # unverified: that a group is found by its resource string. All rules are a megabyte, asked for once.
        found = [_active(row) for row in _enumerate(client, f"SELECT {_COLUMNS} FROM {RULE}")]
    if found and all(rule.enforcement <= {_NOT_APPLICABLE} for rule in found):
        return None
    return [rule for rule in found if rule.blocks or _is_of(rule, group)]


def _is_of(rule: ActiveRule, group: str) -> bool:
    return rule.group.casefold() == group.casefold()


def read_sources(client: WsmanClient, names: Iterable[str]) -> dict[str, str]:
    """The GPOs that rules of Group Policy come from, by the rules' names in lower case (one exchange).

    A host that does not understand the question is no obstacle: nothing is known then.
    """
    wanted = " OR ".join(f"InstanceID={wql_literal(name)}" for name in sorted(names)[:_MOST_NAMES])
    columns = "InstanceID, PolicyStoreSource, PolicyStoreSourceType"
    try:
        rows = client.enumerate(
            NAMESPACE, f"SELECT {columns} FROM {RULE} WHERE {wanted}", options={STORE: ACTIVE, TRACE: True}
        )
    except WsmanFault:
        return {}
    return {
        (row.text("InstanceID") or "").lower(): row.text("PolicyStoreSource") or ""
        for row in rows
        if row.integer("PolicyStoreSourceType") == GROUP_POLICY
    }


def _enumerate(client: WsmanClient, query: str) -> list[CimInstance]:
    return client.enumerate(NAMESPACE, query, options={STORE: ACTIVE})


def _active(row: CimInstance) -> ActiveRule:
    return ActiveRule(
        instance_id=row.text("InstanceID") or "",
        group=row.text("RuleGroup") or "",
        enabled=row.integer("Enabled") == 1,
        profiles=row.integer("Profiles") or DOMAIN | PRIVATE | PUBLIC,
        inbound=row.integer("Direction") == 1,
        blocks=row.integer("Action") == _ACTION_BLOCK,
        enforcement=frozenset(row.integers("EnforcementStatus")),
        source=row.text("PolicyStoreSource") or "",
        from_policy=row.integer("PolicyStoreSourceType") == GROUP_POLICY,
    )


def read_profiles(client: WsmanClient) -> dict[int, ProfileState]:
    """The three profiles in force, by their bit (one exchange). 2, not configured, counts as on."""
    rows = _enumerate(client, f"SELECT {_PROFILE_COLUMNS} FROM MSFT_NetFirewallProfile")
    return {
        _NAMES[name]: ProfileState(
            enabled=row.integer("Enabled") != 0,
            inbound_allowed=row.integer("AllowInboundRules") != 0,
            local_rules=row.integer("AllowLocalFirewallRules") != 0,
        )
        for row in rows
        if (name := (row.text("Name") or "").lower()) in _NAMES
    }


def read_network_profiles(client: WsmanClient) -> int:
    """Bits of the profiles of the networks that the host is connected to now (one exchange); 0 for none."""
    bits = 0
    for row in client.enumerate(NAMESPACE, "SELECT * FROM MSFT_NetConnectionProfile"):
        bits |= _CATEGORIES.get(row.integer("NetworkCategory") or 0, 0)
    return bits


def rules_of(output: str) -> dict[str, FirewallRule]:
    """Rules in what ``reg query`` wrote, by lower-case name; a value that is no rule is left out."""
    found: dict[str, FirewallRule] = {}
    for path, values in parse_reg_query(output).items():
        if not path.lower().endswith("\\firewallrules"):
            continue
        for name, value in values.items():
            # With /f, reg.exe ends its output with a count in the host's language.
            text = str(value.data).partition("\n")[0]
            try:
                found[name.lower()] = parse_firewall_rule(name, text)
            except FirewallRuleMalformed:
                continue
    return found


def policy_profiles(output: str) -> dict[int, dict[str, int]]:
    """What Group Policy sets of each profile, by its bit, in what ``reg query`` of its key wrote; names in lower case.

    ``StandardProfile`` stands for private and public networks where neither has a key of its own, but not for the
    merging of local rules (MS-GPFAS 2.2.3 and 2.2.3.13).
    """
    keys = {path.rpartition("\\")[2].lower(): values for path, values in parse_reg_query(output).items()}
    own = any(_POLICY_KEYS[bit] in keys for bit in (PRIVATE, PUBLIC))
    found: dict[int, dict[str, int]] = {}
    for bit, key in _POLICY_KEYS.items():
        values = keys.get(key if own or bit == DOMAIN else _STANDARD, {})
        numbers = {name.lower(): value.data for name, value in values.items() if isinstance(value.data, int)}
        if bit != DOMAIN and not own:
            numbers.pop("allowlocalpolicymerge", None)
        found[bit] = numbers
    return found


def under_policy(local: ProfileState, policy: Mapping[str, int]) -> ProfileState:
    """What a profile's local configuration comes to under Group Policy, which goes before it (MS-GPFAS 3.2.5)."""
    return ProfileState(
        enabled=bool(policy.get("enablefirewall", local.enabled)),
        inbound_allowed=not policy.get("donotallowexceptions", not local.inbound_allowed),
        local_rules=policy.get("allowlocalpolicymerge", 1) != 0,
    )


class FirewallRules:
    """Changes rules of the persistent store, one exchange each.

    Args:
        client: The host.
    """

    def __init__(self, client: WsmanClient) -> None:
        self._client = client

    def set_enabled(self, name: str, enabled: bool) -> None:
        """Switch a rule on or off; its method has an empty output (seen on real hosts)."""
        method = "Enable" if enabled else "Disable"
        self._client.invoke(NAMESPACE, RULE, method, {}, selectors=_selectors(name))

    def change(self, name: str, properties: Mapping[str, int]) -> None:
        """Change ``Enabled``, ``Profiles`` or ``EdgeTraversalPolicy`` of a rule."""
        self._client.put(NAMESPACE, RULE, _selectors(name), dict(properties))

    def set_remote_addresses(self, name: str, addresses: Sequence[str]) -> None:
        """Say who may connect; empty for anybody."""
        wanted = list(addresses) or ["Any"]
        self._client.put(NAMESPACE, ADDRESS_FILTER, _selectors(name, "Name"), {"RemoteAddress": wanted})

    def clone_default(self, name: str) -> bool:
        """Bring a rule back from Windows' own defaults; whether that was done.

        It is not where Windows has no such default, where copying is not offered, and where a rule of that name is
        there already.
        """
        try:
            self._client.invoke(
                NAMESPACE,
                RULE,
                "CloneObject",
                {"NewPolicyStore": PERSISTENT},
                selectors=_selectors(name),
                options={STORE: DEFAULTS},
            )
        except WsmanFault:
            return False
        return True

    def create(self, rule: FirewallRule, *, name_text: str, description: str) -> None:
        """Create a rule, switched off.

        Its filters go as options, as New-NetFirewallRule sends them. unverified: that they are taken so over
        WS-Management. A host that ignored them would have a rule without limits, so the rule is off until the caller
        has read it back. A rule that is there already, of another run or of somebody else, stays as it is.
        """
        options: dict[str, str | list[str]] = {"wmi:Protocol": _protocol(rule.protocol)}
        if rule.program:
            options["wmi:Program"] = rule.program
        if rule.service:
            options["wmi:Service"] = rule.service
        for name, values in (
            ("LocalPort", rule.local_ports),
            ("RemotePort", rule.remote_ports),
            ("RemoteAddress", rule.remote_addresses),
        ):
            if values:
                options[f"wmiarray:{name}"] = sorted(values)
        try:
            self._client.create(
                NAMESPACE,
                RULE,
                {
                    "InstanceID": rule.instance_id,
                    "ElementName": name_text,
                    "Description": description,
                    "RuleGroup": rule.group,
                    "Enabled": 2,
                    "Profiles": rule.profiles,
                    "Direction": 1 if rule.inbound else 2,
                    "Action": 2,
                    "EdgeTraversalPolicy": rule.edge,
                },
                options=options,
            )
        except WsmanFault as error:
            if error.cim_status != _ALREADY_EXISTS:
                raise

    def delete(self, name: str) -> None:
        """Remove a rule; that it is gone already is no error."""
        try:
            self._client.delete(NAMESPACE, RULE, _selectors(name))
        except NotFound:
            return


def _selectors(name: str, key: str = "PolicyRuleName") -> dict[str, str]:
    """The keys of a rule, or with `key` ``Name`` of its filters: one says it, three are empty (seen on real hosts)."""
    return {
        "CreationClassName": f"MSFT|FW|FirewallRule|{name}",
        key: "",
        "SystemCreationClassName": "",
        "SystemName": "",
    }


def _protocol(number: int | None) -> str:
    return {None: "Any", 6: "TCP", 17: "UDP"}.get(number, str(number))
