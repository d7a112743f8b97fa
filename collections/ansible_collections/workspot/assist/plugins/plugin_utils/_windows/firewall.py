# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Windows Firewall of one host: its stores through ``root/StandardCimv2``, its rules through ``reg query`` as well.

Classes MSFT_NetFirewallRule, MSFT_NetFirewallProfile, MSFT_NetAddressFilter and MSFT_NetConnectionProfile
(learn.microsoft.com, "Windows Firewall CIM provider"; numbers MS-FASP 2.2.27 and 2.2.32). The registry holds what the
firewall service keeps; it is read here because one command brings all filters of all rules, and never written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
"""How WinRM hands a value to the provider's context (MS-WSMV 3.1.4.1.10); unknown options are ignored (note 52)."""
ACTIVE, PERSISTENT, DEFAULTS = "ActiveStore", "PersistentStore", "SystemDefaults"
FULL, FIREWALL_OFF, INACTIVE_PROFILE, LOCAL_FORBIDDEN = 1, 2, 5, 16
"""``EnforcementStatus`` (MS-FASP 2.2.27)."""
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
POLICY_RULES = r"HKLM\SOFTWARE\Policies\Microsoft\WindowsFirewall\FirewallRules"
_COLUMNS = (
    "InstanceID, ElementName, RuleGroup, Enabled, Profiles, Direction, Action, EnforcementStatus, "
    "PolicyStoreSource, PolicyStoreSourceType"
)


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


def read_active_rules(client: WsmanClient, group: str) -> list[ActiveRule] | None:
    """A group's rules and all blocking rules of the active store (one exchange, or two).

    Returns:
        The rules; ``None`` when the host did not take the option and answered from its local store, so that what is
        in force is unknown.
    """
    wanted = f"RuleGroup={wql_literal(group)} OR Action={_ACTION_BLOCK}"
    rows = _enumerate(client, f"SELECT {_COLUMNS} FROM {RULE} WHERE {wanted}")
    if not any((row.text("RuleGroup") or "").casefold() == group.casefold() for row in rows):
        # Some providers do not find a group by its resource string; all rules are a megabyte, asked for once.
        rows = _enumerate(client, f"SELECT {_COLUMNS} FROM {RULE}")
    found = [_active(row) for row in rows]
    found = [rule for rule in found if rule.blocks or rule.group.casefold() == group.casefold()]
    if found and all(rule.enforcement <= {_NOT_APPLICABLE} for rule in found):
        return None
    return found


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
    rows = _enumerate(client, "SELECT * FROM MSFT_NetFirewallProfile")
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
    for values in parse_reg_query(output).values():
        for name, value in values.items():
            # With /f, reg.exe ends its output with a count in the host's language.
            text = str(value.data).partition("\n")[0]
            try:
                found[name.lower()] = parse_firewall_rule(name, text)
            except FirewallRuleMalformed:
                continue
    return found


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
        """Bring a rule back from Windows' own defaults; whether the host has one there."""
        try:
            self._client.invoke(
                NAMESPACE,
                RULE,
                "CloneObject",
                {"NewPolicyStore": PERSISTENT},
                selectors=_selectors(name),
                options={STORE: DEFAULTS},
            )
        except NotFound:
            return False
        except WsmanFault as error:
            # Copying may not be offered; the caller creates the rule itself then.
            return error.cim_status == _ALREADY_EXISTS
        return True

    def create(self, rule: FirewallRule, *, name_text: str, description: str) -> None:
        """Create a rule, switched off.

        Its filters go as options, as New-NetFirewallRule sends them. A host that ignored them would have a rule
        without limits, so the rule is off until the caller has read it back.
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
