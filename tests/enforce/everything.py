# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A request that decides about every setting and every rule, and all the ways in which a host drifts from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.firewall.desired import FirewallRequest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.host_state import HostRequest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.policy.flow import PolicyRequest

from simulator.windows.accounts import SYSTEM
from simulator.windows.firewall_rule import DOMAIN, PRIVATE, PUBLIC
from simulator.windows.registry import REG_DWORD, REG_SZ
from simulator.windows.registry_pol import encode, parse, to_bytes
from tests.enforce.rig import POLICY_OPTIONS, RA

HELPERS = f"{RA}\\RAUnsolicit"
UAC = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System"
POL = "C:\\Windows\\System32\\GroupPolicy\\Machine\\Registry.pol"

EVERY_SETTING: dict[str, Any] = {
    "solicited_remote_assistance": "enabled",
    "solicited_control": "view_only",
    "ticket_lifetime": 3,
    "ticket_lifetime_units": "hours",
    "invitation_mail_method": "mailto",
    "offer_remote_assistance": "enabled",
    "offer_control": "view_only",
    "offer_helpers": ["CORP\\Helpdesk", "CORP\\Desk Two"],
    "session_logging": "enabled",
    "bandwidth_optimization": "enabled",
    "bandwidth_optimization_level": "no_background",
    "warning_messages": "enabled",
    "warning_before_control": "A helper asks for control.",
    "warning_before_connecting": "A helper connects.",
    "vista_or_later_only": "enabled",
    "uac_uiaccess_prompts": "enabled",
    "uac_secure_desktop": "disabled",
}
EVERY_RULE: dict[str, Any] = {
    **{profile: {"state": "on"} for profile in ("domain", "private", "public")},
    "edge_traversal": True,
    "remote_addresses": ["10.20.0.0/16"],
}
EVERYTHING = HostRequest(
    policy=PolicyRequest.of({**EVERY_SETTING, **POLICY_OPTIONS}),
    firewall=FirewallRequest.of(EVERY_RULE),
    feature="present",
)
IN_THE_REGISTRY = HostRequest(
    policy=PolicyRequest.of({**EVERY_SETTING, **POLICY_OPTIONS, "scope": "registry"}),
    firewall=FirewallRequest.of(EVERY_RULE),
    feature="present",
)
UAC_VALUES = ("EnableUIADesktopToggle", "PromptOnSecureDesktop")


@dataclass(frozen=True)
class Drift:
    """One thing that is different from what was enforced.

    Attributes:
        name: What and how.
        apply: Makes it so on a simulated host.
        part: The part of the module that has to see it.
    """

    name: str
    apply: Callable[[Any], None]
    part: str


def policy_drifts(host: Any) -> Iterator[Drift]:
    """Every value in force and every entry in Registry.pol, changed and gone; both files gone.

    Args:
        host: A simulated host that agrees with `EVERYTHING`.
    """
    yield from value_drifts(host)
    entries = parse(host.files.read(POL, SYSTEM))
    for number, entry in enumerate(entries):
        if entry.name.startswith("**"):
            # An instruction, not a value: what is in force is the same without it.
            continue
        yield Drift(f"entry {entry.name} gone", _pol_writer([*entries[:number], *entries[number + 1 :]]), "policy")
        other = replace(entry, data=to_bytes(REG_DWORD, 77) if entry.kind == REG_DWORD else to_bytes(REG_SZ, "other"))
        yield Drift(
            f"entry {entry.name} changed", _pol_writer([*entries[:number], other, *entries[number + 1 :]]), "policy"
        )
    yield Drift("Registry.pol gone", lambda host: host.files.delete(POL, SYSTEM), "policy")
    yield Drift("Registry.pol empty", lambda host: host.files.store(POL, b""), "policy")


def value_drifts(host: Any) -> Iterator[Drift]:
    """Every value in force, changed and gone."""
    for path in (RA, HELPERS, UAC):
        for value in list(host.registry.find(path).values):
            if path == UAC and value.name not in UAC_VALUES:
                continue
            yield from _value_drifts(path, value)


def _value_drifts(path: str, value: Any) -> Iterator[Drift]:
    name, other = value.name, 77 if isinstance(value.data, int) else "other"
    if path == UAC:
        other = 1 - value.data
    yield Drift(f"{name} changed", lambda host: host.registry.put(path, name, other), "policy")
    yield Drift(f"{name} gone", lambda host: host.registry.find(path).unset(name), "policy")


def state_of(host: Any) -> dict[str, Any]:
    """What is enforced, as the simulated host has it: values in force, Registry.pol, rules; their order aside.

    The profiles of a rule that is off say nothing.
    """
    found: dict[str, Any] = {}
    for path in (RA, HELPERS, UAC):
        key = host.registry.find(path)
        found[path] = {value.name: value.data for value in key.values} if key is not None else {}
    content = host.files.read(POL, SYSTEM) if host.files.exists(POL) else b""
    found["pol"] = sorted(map(str, parse(content))) if content else []
    rules = {name: rule for name, rule in host.firewall.local_rules.items() if name.startswith("RemoteAssistance-")}
    found["rules"] = {name: rule if rule.active else replace(rule, profiles=0) for name, rule in rules.items()}
    return found


def _pol_writer(entries: list[Any]) -> Callable[[Any], None]:
    return lambda host: host.files.store(POL, encode(entries))


ALTERATIONS: dict[str, dict[str, Any]] = {
    "blocks": {"action": "Block"},
    "of another program": {"app": "C:\\Windows\\explorer.exe"},
    "of another service": {"service": "spooler"},
    "at another port": {"local_ports": ("4711",)},
    "at another remote port": {"remote_ports": ("4712",)},
    "at a local address": {"local_addresses": ("10.9.9.9",)},
    "of another protocol": {"protocol": 256, "local_ports": (), "remote_ports": ()},
    "in the other direction": {"inbound": None, "edge": 0},
}
INBOUND_CHANGES: dict[str, dict[str, Any]] = {
    "without edge traversal": {"edge": 0},
    "open to everybody": {"remote_addresses": ()},
    "open to another network": {"remote_addresses": ("10.30.0.0/255.255.0.0",)},
}
EDGE_RULES = ("In-TCP-EdgeScope", "PnrpSvc-UDP-In-EdgeScope")
NARROWED = ("In-TCP-EdgeScope", "DCOM-In", "RAServer-In")


def firewall_drifts(host: Any) -> Iterator[Drift]:
    """Every rule gone, off, in other profiles, about something else, for somebody else.

    Args:
        host: A simulated host that agrees with `EVERYTHING`.
    """
    names = [name for name in host.firewall.local_rules if name.startswith("RemoteAssistance-")]
    for number, name in enumerate(names):
        rule = host.firewall.local_rules[name]
        yield Drift(f"{name} gone", _remover(name), "firewall")
        for bit, profile in ((DOMAIN, "domain"), (PRIVATE, "private"), (PUBLIC, "public")):
            if rule.profiles & bit and rule.profiles != bit:
                yield Drift(f"{name} without {profile}", changer(name, profiles=rule.profiles & ~bit), "firewall")
        for title, fields in _changes_of(name, number).items():
            made = {key: (not rule.inbound if key == "inbound" else value) for key, value in fields.items()}
            yield Drift(f"{name} {title}", changer(name, **made), "firewall")


def _changes_of(name: str, number: int) -> dict[str, dict[str, Any]]:
    """What is changed of a rule: all that it may differ in, and of what makes it another rule each time two kinds."""
    kinds = list(ALTERATIONS)
    found = {"off": {"active": False}}
    found |= {kind: ALTERATIONS[kind] for kind in (kinds[number % len(kinds)], kinds[(number + 3) % len(kinds)])}
    short = name.removeprefix("RemoteAssistance-")
    if short.startswith(EDGE_RULES):
        found["without edge traversal"] = INBOUND_CHANGES["without edge traversal"]
    if short.startswith(NARROWED):
        found |= {title: fields for title, fields in INBOUND_CHANGES.items() if "open" in title}
    return found


def _remover(name: str) -> Callable[[Any], None]:
    return lambda host: host.firewall.remove(name)


def changer(name: str, **fields: Any) -> Callable[[Any], None]:
    return lambda host: host.firewall.keep(host.firewall.local_rules[name].changed(**fields))
