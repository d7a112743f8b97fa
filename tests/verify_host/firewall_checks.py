# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Facts about the Windows Firewall and the optional feature.

Only the rules of Remote Assistance are asked for: rules of others name programs and people. Of all rules the remote
addresses alone are read, which the report does not show. Names of GPOs are not asked for.
"""

from __future__ import annotations

from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.feature import read_facts
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.firewall.facts import read_rules
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.firewall.plan import altered
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.firewall.rules import BY_NAME, GROUP
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import AssistError, WsmanFault
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.quoting import wql_literal
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.features import read_feature, read_state
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.firewall import (
    ACTIVE,
    DEFAULTS,
    FULL,
    NAMESPACE,
    STORE,
    TRACE,
    read_profiles,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._wsman.instance import CimInstance

from tests.verify_host.model import Check, Finding, Probe, counted

_COLUMNS = "InstanceID, Enabled, EnforcementStatus, PolicyStoreSourceType"
_OURS = "RemoteAssistance-"
_CATEGORIES = {0: "public", 1: "private", 2: "domain"}


def _rules(probe: Probe, where: str, **options: str | bool) -> list[CimInstance]:
    query = f"SELECT {_COLUMNS} FROM MSFT_NetFirewallRule WHERE {where}"
    return probe.client.enumerate(NAMESPACE, query, options=options or None)


def _by_name(probe: Probe, **options: str | bool) -> list[CimInstance]:
    """Rules of Remote Assistance, found by their names: that does not depend on how groups are compared."""
    return _rules(probe, f"InstanceID LIKE '{_OURS}%'", **options)


def _active(probe: Probe) -> list[CimInstance]:
    return _by_name(probe, **{STORE: ACTIVE})


def _enforced(rows: list[CimInstance]) -> bool:
    return any(set(row.integers("EnforcementStatus")) - {0} for row in rows)


def _store(probe: Probe) -> Finding:
    with_prefix, without = _active(probe), _by_name(probe, **{STORE.partition(":")[2]: ACTIVE})
    if not _by_name(probe):
        return Finding("the host has no rules of Remote Assistance", None)
    taken, plain = _enforced(with_prefix), _enforced(without)
    words = f"the active store answers {'' if taken else 'not '}to {STORE}, and {'' if plain else 'not '}without prefix"
    return Finding(words, taken and not plain, {"prefixed": taken, "unprefixed": plain})


def _source(probe: Probe) -> Finding:
    unasked = _active(probe)
    if not _enforced(unasked):
        return Finding("the active store does not answer", None)
    try:
        traced = _by_name(probe, **{STORE: ACTIVE, TRACE: True})
    except WsmanFault as error:
        return Finding(f"{TRACE} is refused: {error.message}", False, {"cim_status": error.cim_status})
    told = [sorted({row.integer("PolicyStoreSourceType") or 0 for row in rows}) for rows in (unasked, traced)]
    words = f"types of sources: {told[0]} unasked, {told[1]} with {TRACE}"
    return Finding(words, 0 not in told[0], {"unasked": told[0], "traced": told[1]})


def _group(probe: Probe) -> Finding:
    known = _by_name(probe)
    if not known:
        return Finding("the host has no rules of Remote Assistance", None)
    found = _rules(probe, f"RuleGroup={wql_literal(GROUP)}")
    words = f"{counted(len(found), 'rule')} by the group, {len(known)} by name"
    return Finding(words, bool(found), {"by_group": len(found), "by_name": len(known)})


def _enforcement(probe: Probe) -> Finding:
    lists = sorted({tuple(sorted(row.integers("EnforcementStatus"))) for row in _active(probe)})
    mixed = [states for states in lists if FULL in states and len(states) > 1]
    words = f"states of rules: {', '.join(map(str, map(list, lists))) or '(none)'}"
    if not any(FULL in states for states in lists):
        return Finding(f"{words}; none is enforced", None, {"lists": lists})
    return Finding(words, bool(mixed), {"lists": lists})


def _disabled(probe: Probe) -> Finding:
    off = {row.text("InstanceID") for row in _by_name(probe) if row.integer("Enabled") == 2}
    if not off:
        return Finding("no rule of Remote Assistance is off", None)
    listed = off & {row.text("InstanceID") for row in _active(probe)}
    return Finding(f"{len(listed)} of {counted(len(off), 'rule')} that are off are listed", listed == off)


def _defaults(probe: Probe) -> Finding:
    try:
        rows = _by_name(probe, **{STORE: DEFAULTS})
    except WsmanFault as error:
        return Finding(f"can not be read: {error.message}", False, {"cim_status": error.cim_status})
    if rows and _enforced(rows):
        return Finding("another store answered", False)
    return Finding(f"{counted(len(rows), 'factory rule')} of Remote Assistance", bool(rows), {"rules": len(rows)})


def _list_of_rules(probe: Probe) -> Finding:
    rules = read_rules(probe.shell)
    if not rules:
        return Finding("the host has no rules of Remote Assistance", None)
    more, missing = sorted(set(rules) - set(BY_NAME)), sorted(set(BY_NAME) - set(rules))
    other = sorted(name for name, rule in rules.items() if name in BY_NAME and altered(rule, BY_NAME[name]))
    words = f"{counted(len(rules), 'rule')}; unknown: {len(more)}, missing: {len(missing)}, altered: {len(other)}"
    ours = [name for name in more if name.startswith(_OURS.lower())]
    return Finding(words, not (more or missing or other), {"unknown": ours, "missing": missing, "altered": other})


def _address_form(probe: Probe) -> Finding:
    rows = probe.client.enumerate(NAMESPACE, "SELECT RemoteAddress FROM MSFT_NetAddressFilter")
    nets = [text for row in rows for text in row.texts("RemoteAddress") if "/" in text and ":" not in text]
    if not nets:
        return Finding("no rule names an IPv4 network", None)
    masks = sum(1 for text in nets if "." in text.partition("/")[2])
    words = f"{counted(masks, 'network')} with a mask, {len(nets) - masks} with a length"
    return Finding(words, masks == len(nets), {"masks": masks, "lengths": len(nets) - masks})


def _profiles(probe: Probe) -> Finding:
    states = read_profiles(probe.client)
    rows = probe.client.enumerate(NAMESPACE, "SELECT NetworkCategory FROM MSFT_NetConnectionProfile")
    networks = [row.integer("NetworkCategory") for row in rows]
    named = [_CATEGORIES.get(-1 if number is None else number, f"unknown ({number})") for number in networks]
    on = sum(1 for state in states.values() if state.enabled)
    words = f"{counted(len(states), 'profile')}, {on} on; networks: {', '.join(named) or '(none)'}"
    return Finding(words, len(states) == 3 and set(named) <= set(_CATEGORIES.values()), {"networks": named})


def _feature_name(probe: Probe) -> Finding:
    facts = read_facts(probe.client, probe.shell)
    if not facts.server:
        return Finding(f"a client edition; msra.exe is {'' if facts.program else 'not '}there", None)
    feature = facts.feature or read_feature(probe.client)
    if feature is None:
        return Finding("a server without such a feature", None)
    words = f"{feature.name}, {'' if feature.installed else 'not '}installed; a restart is "
    words += "pending" if facts.restart_pending else "not pending"
    return Finding(words, feature.name == "RemoteAssistance", {"name": feature.name, "installed": feature.installed})


def _feature_state(probe: Probe) -> Finding:
    feature = read_feature(probe.client)
    if feature is None:
        return Finding("no such feature", None)
    try:
        said = read_state(probe.shell, feature.name)
    except AssistError as error:
        return Finding(error.message, False)
    same = said.installed == feature.installed
    words = f"dism.exe says {'' if said.installed else 'not '}installed{', pending' if said.pending else ''}"
    return Finding(
        f"{words}; Win32_OptionalFeature says {'the same' if same else 'otherwise'}",
        True if same else None if said.pending else False,
        {"pending": said.pending},
    )


FIREWALL_CHECKS = (
    Check("firewall-store", "an option with the prefix wmi: alone chooses the store", "MS-WSMV 3.1.4.1.10", _store),
    Check("firewall-source", "the active store tells where a rule comes from", "MSFT_NetFirewallRule", _source),
    Check("firewall-group", "a group is found by its resource string", "MSFT_NetFirewallRule", _group),
    Check("firewall-enforcement", "an enforced rule lists its other states too", "MS-FASP 2.2.27", _enforcement),
    Check("firewall-disabled", "the active store lists rules that are off", "public listings", _disabled),
    Check("firewall-defaults", "SystemDefaults has the factory's rules", "Copy-NetFirewallRule", _defaults),
    Check("firewall-rules", "the group has the rules of Windows 10 and 11", "public listings", _list_of_rules),
    Check("firewall-addresses", "a network comes back with its mask", "Get-NetFirewallAddressFilter", _address_form),
    Check("firewall-profiles", "three profiles, one category per network", "MSFT_NetConnectionProfile", _profiles),
    Check("feature-name", "DISM calls it RemoteAssistance", "listing of Windows Server 2012 R2", _feature_name),
    Check("feature-state", "dism.exe and WMI agree", "learn.microsoft.com, Win32_OptionalFeature", _feature_state),
)
