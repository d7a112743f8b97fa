# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""MSFT_NetFirewallRule and MSFT_NetFirewallProfile in root/StandardCimv2.

Classes: learn.microsoft.com, wfascimprov, msft-netfirewallrule and -netfirewallprofile; values of fields they leave
open: public Get-NetFirewallRule transcripts. Which store is meant comes with the request's WMI context, as the
NetSecurity module's `cim:OperationOption:PolicyStore` and `SetCustomOption("PolicyStore", ...)` of public programs
send it; without it the local store is meant (public code that says it was compared on a managed host).
"""

from __future__ import annotations

import uuid
from collections.abc import Hashable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ... import wmi_context
from ...seam import (
    ACCESS_DENIED,
    ALREADY_EXISTS,
    INVALID_PARAMETER,
    CimClass,
    CimError,
    CimInstance,
    CimMethod,
    Listing,
    Provider,
    schema,
)
from ..accounts import Account
from ..firewall import FULL, Stored
from ..firewall_address import AddressError
from ..firewall_rule import ALL_PROFILES, Rule, RuleError, check
from ..firewall_rules import display_text
from .firewall_access import NAMESPACE, PREFIX, invalid, protect, store_asked, stored, writable
from .firewall_filters import ASSOCIATIONS, FILTERS, filter_instance, with_options

if TYPE_CHECKING:
    from ..host import WindowsHost

_ACTIONS = {"Allow": 2, "ByPass": 3, "Block": 4}
_PARSED = "The rule was parsed successfully from the store."
_PARSED_CODE = 65536  # FW_RULE_STATUS_OK, MS-FASP 2.2.24
_PROPERTIES = schema(
    Action="uint16", Caption="string", CommonName="string", ConditionListType="uint16", CreationClassName="string",
    Description="string", Direction="uint16", DisplayGroup="string", DisplayName="string",
    EdgeTraversalPolicy="uint16", ElementName="string", Enabled="uint16", EnforcementStatus="uint16[]",
    ExecutionStrategy="uint16", InstanceID="string", LocalOnlyMapping="boolean", LooseSourceMapping="boolean",
    Mandatory="boolean", Owner="string", Platforms="string[]", PolicyDecisionStrategy="uint16",
    PolicyKeywords="string[]", PolicyRoles="string[]", PolicyRuleName="string", PolicyStoreSource="string",
    PolicyStoreSourceType="uint16", PrimaryStatus="uint16", Priority="uint16", Profiles="uint16", RuleGroup="string",
    RuleUsage="string", SequencedActions="uint16", Status="string", StatusCode="uint32",
    SystemCreationClassName="string", SystemName="string",
)  # fmt: skip
_RETURN = schema(ReturnValue="uint32")


def _change(**inputs: str) -> CimMethod:
    return CimMethod(schema(**inputs), _RETURN, (), static=False)


RULE = CimClass(
    NAMESPACE,
    "MSFT_NetFirewallRule",
    ("CreationClassName", "PolicyRuleName", "SystemCreationClassName", "SystemName"),
    _PROPERTIES,
    {
        "Enable": _change(),
        "Disable": _change(),
        "Rename": CimMethod(schema(NewName="string"), _RETURN, ("NewName",), static=False),
        "CloneObject": _change(NewPolicyStore="string", NewGPOSession="string", NewName="string"),
        "EnumerateFull": CimMethod(
            {}, {**_RETURN, **schema(Dependents="CIM_ManagedSystemElement[]")}, (), static=False, writes=False
        ),
    },
)


@lru_cache(maxsize=8192)
def _instance(item: Stored, language: str, traced: bool) -> CimInstance:
    rule = item.rule
    active = bool(item.states)
    values: dict[str, Any] = dict.fromkeys(_PROPERTIES)
    values.update(
        Action=_ACTIONS[rule.action],
        Caption="",
        ConditionListType=3,
        CreationClassName=f"{PREFIX}{rule.id}",
        Description=display_text(rule.description, language) or None,
        Direction=1 if rule.inbound else 2,
        DisplayGroup=display_text(rule.group, language) or None,
        DisplayName=display_text(rule.name, language),
        EdgeTraversalPolicy=rule.edge,
        ElementName=rule.name,
        Enabled=1 if rule.active else 2,
        EnforcementStatus=list(item.states) if active else [0],
        ExecutionStrategy=2,
        InstanceID=rule.id,
        LocalOnlyMapping=False,
        LooseSourceMapping=False,
        Platforms=list(rule.platforms),
        PolicyDecisionStrategy=2,
        PolicyRuleName="",
        PolicyStoreSource=item.source if traced or not active else None,
        PolicyStoreSourceType=item.origin if traced or not active else 0,
        PrimaryStatus=1 if not active or FULL in item.states else 2,
        Profiles=0 if rule.profiles == ALL_PROFILES else rule.profiles,
        RuleGroup=rule.group or None,
        SequencedActions=3,
        Status=_PARSED,
        StatusCode=_PARSED_CODE,
        SystemCreationClassName="",
        SystemName="",
    )
    return CimInstance(RULE, values)


_LISTINGS: dict[Hashable, Listing] = {}
"""What was listed last: a large pool of hosts is asked for the same rules again and again."""
_MOST_LISTINGS = 2048


class MsftNetFirewallRule(Provider):
    """Rules of the store that a request means."""

    cls = RULE

    def __init__(self, host: WindowsHost) -> None:
        self._host = host

    @property
    def _traced(self) -> bool:
        """unverified: whether the ActiveStore tells sources unasked (`firewall_store_source`)."""
        context = wmi_context.current().values
        return self._host.quirks["firewall_store_source"] == "always" or any(
            str(context.get(name, "")).lower() in ("true", "1")
            for name in ("tracepolicystore", "tracepolicystoresource")
        )

    def _made(self, item: Stored) -> CimInstance:
        return _instance(item, self._host.language, self._traced)

    def instances(self, caller: Account) -> Iterable[CimInstance]:
        """All rules of the store."""
        store, traced = store_asked(self._host), self._traced
        key = (self._host.firewall.listing(store), self._host.language, traced)
        if key[0] is None:
            return [self._made(item) for item in self._host.firewall.rules(store)]
        if key not in _LISTINGS:
            if len(_LISTINGS) >= _MOST_LISTINGS:
                _LISTINGS.clear()
            _LISTINGS[key] = Listing(self._made(item) for item in self._host.firewall.rules(store))
        return _LISTINGS[key]

    def get(self, keys: Mapping[str, str], caller: Account) -> CimInstance:
        """One rule."""
        return self._made(stored(self._host, keys))

    def associated(
        self, keys: Mapping[str, str], association: str, result: str, caller: Account
    ) -> Iterable[CimInstance]:
        """The filters of a rule."""
        rule = stored(self._host, keys).rule
        through = association.lower() in ("", "msft_netfirewallrulefilters")
        for name, made in ASSOCIATIONS.items():
            if (through or name.lower() == association.lower()) and result.lower() in (
                *("", "cim_filterentrybase"),
                made.lower(),
            ):
                yield self._host.providers[(NAMESPACE.lower(), made.lower())].get(_filter_keys(rule), caller)

    async def invoke(
        self, method: str, keys: Mapping[str, str], arguments: Mapping[str, Any], caller: Account
    ) -> Mapping[str, Any]:
        """Methods; they return nothing (a test of a public WS-Management client on Windows shows it for Disable)."""
        if method == "CloneObject":
            self._clone(stored(self._host, keys).rule, arguments)
            return {}
        if method == "EnumerateFull":
            item = stored(self._host, keys)
            return {"ReturnValue": 0, "Dependents": [filter_instance(name, item.rule) for name in FILTERS]}
        writable(self._host)
        rule = stored(self._host, keys).rule
        if method == "Rename":
            self._rename(rule, str(arguments["NewName"]))
        else:
            self._host.firewall.change(rule.changed(active=method == "Enable"))
        return {}

    def _clone(self, rule: Rule, arguments: Mapping[str, Any]) -> None:
        """Copy-NetFirewallRule: a rule that goes to another store keeps its name when none is given."""
        if self._host.quirks["firewall_clone"] == "refused":
            raise CimError(INVALID_PARAMETER, "The operation is not supported.", cim_status=7)
        target = str(arguments.get("NewPolicyStore") or "PersistentStore")
        if target.lower() != "persistentstore":
            raise CimError(ACCESS_DENIED, "Access is denied. ", cim_status=2)
        self._add(self._checked(rule, {"id": str(arguments.get("NewName") or rule.id)}))

    def _rename(self, rule: Rule, name: str) -> None:
        made = self._checked(rule, {"id": name})
        self._add(made)
        self._host.firewall.remove(rule.id)

    def _add(self, rule: Rule) -> None:
        if self._host.firewall.find("PersistentStore", rule.id) is not None:
            raise CimError(ALREADY_EXISTS, "Cannot create a file when that file already exists. ", cim_status=11)
        self._host.firewall.keep(rule)

    def _checked(self, rule: Rule, fields: Mapping[str, Any]) -> Rule:
        try:
            return rule.changed(**fields)
        except RuleError as error:
            raise invalid(str(error)) from None

    def put(self, keys: Mapping[str, str], values: Mapping[str, Any], caller: Account) -> CimInstance:
        """Change a rule; its filters can be sent along as options, as Set-NetFirewallRule does."""
        writable(self._host)
        rule = stored(self._host, keys).rule
        texts = {"ElementName", "Description"} & set(values)
        if any(values[name] != {"ElementName": rule.name, "Description": rule.description}[name] for name in texts):
            protect(self._host, rule)
        made = self._with_options(self._checked(rule, _fields(values)))
        self._host.firewall.change(made)
        return self.get(keys, caller)

    def create(self, values: Mapping[str, Any], caller: Account) -> CimInstance:
        """Make a rule: New-NetFirewallRule and public programs send its filters as options of the same names."""
        writable(self._host)
        fields = {"profiles": ALL_PROFILES, **_fields(values)}
        name = str(values.get("InstanceID") or "") or f"{{{str(uuid.uuid4()).upper()}}}"
        fields |= {"id": name, "group": str(values.get("RuleGroup") or "")}
        rule = self._with_options(self._checked(Rule(name, name=name), fields))
        self._add(rule)
        return self._made(Stored(rule, 1, "PersistentStore"))

    def _with_options(self, rule: Rule) -> Rule:
        """unverified: that options name filters over WS-Management too (`firewall_create_options`)."""
        if self._host.quirks["firewall_create_options"] == "ignored":
            return rule
        try:
            made = with_options(rule, wmi_context.current().values)
            check(made)
        except (RuleError, AddressError) as error:
            raise invalid(str(error)) from None
        return made

    def delete(self, keys: Mapping[str, str], caller: Account) -> None:
        """Delete a local rule."""
        writable(self._host)
        self._host.firewall.remove(stored(self._host, keys).rule.id)


def _filter_keys(rule: Rule) -> dict[str, str]:
    return {"CreationClassName": f"{PREFIX}{rule.id}", "Name": "", "SystemCreationClassName": "", "SystemName": ""}


def _fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a rule from properties.

    Raises:
        CimError: A value is none of its property.
    """
    made: dict[str, Any] = {}
    for name, table, field_name in (
        ("Enabled", {1: True, 2: False}, "active"), ("Action", {2: "Allow", 3: "ByPass", 4: "Block"}, "action"),
        ("Direction", {1: True, 2: False}, "inbound"),
    ):  # fmt: skip
        if name in values:
            if values[name] not in table:
                raise invalid(name)
            made[field_name] = table[values[name]]
    if "Profiles" in values:
        made["profiles"] = int(values["Profiles"]) or ALL_PROFILES
    if "EdgeTraversalPolicy" in values:
        made["edge"] = int(values["EdgeTraversalPolicy"])
    if "ElementName" in values:
        made["name"] = str(values["ElementName"])
    if "Description" in values:
        made["description"] = str(values["Description"])
    return made
