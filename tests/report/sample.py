# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A pool's results as `workspot.assist.remote_assistance` returns them, made up, and the same each time."""

from __future__ import annotations

import random
from typing import Any

POLICY = (
    ("solicited_remote_assistance", "Configure Solicited Remote Assistance", "not_configured", "enabled"),
    ("solicited_control", "Permit remote control of this computer", None, "allow_control"),
    ("ticket_lifetime", "Maximum ticket time (value)", 6, 1),
    ("ticket_lifetime_units", "Maximum ticket time (units)", "days", "hours"),
    ("offer_remote_assistance", "Configure Offer Remote Assistance", "enabled", "disabled"),
    ("session_logging", "Turn on session logging", "disabled", "enabled"),
    ("vista_or_later_only", "Allow only Windows Vista or later connections", "not_configured", "enabled"),
)
"""The preset helpdesk: option, title, what was there, what is wanted."""
FIREWALL = tuple(
    (f"{profile}.{part}", f"{title}, {profile} profile", *states)
    for profile, part, title, states in (
        ("domain", "msra", "Remote Assistance program (msra.exe)", ("off", "on")),
        ("domain", "raserver", "Offers (raserver.exe)", ("on", "off")),
        ("domain", "dcom", "DCOM on TCP port 135", ("on", "off")),
        ("private", "msra", "Remote Assistance program (msra.exe)", ("on", "off")),
        ("private", "ssdp", "UPnP and SSDP", ("partly", "off")),
        ("private", "pnrp", "Peer Name Resolution (PNRP)", ("on", "off")),
        ("public", "msra", "Remote Assistance program (msra.exe)", ("on", "off")),
    )
)
LIMITS = (
    ("remote_addresses", "Remote addresses", ["any"], ["10.20.0.0/16", "10.21.4.0/24"]),
    ("edge_traversal", "Edge traversal (Teredo)", True, False),
)
GPOS = (
    ("Workstations baseline", "{31B2F340-016D-11D2-945F-00C04FB984F9}"),
    ("SEC-Lockdown RDS 2024 (Tier 1)", "{8C5D0C3A-55B1-4C6E-9F0E-1E3C5D2F7A10}"),
)
LOST = ((POLICY[0], "disabled"), (POLICY[4], "enabled"))
"""What the GPOs decide: setting, and what they make it."""
BASELINES = (
    ("WN11-CC-000155", "DISA STIG Microsoft Windows 11", "solicited_remote_assistance"),
    ("WN10-CC-000155", "DISA STIG Microsoft Windows 10", "solicited_remote_assistance"),
    ("18.9.35.1", "CIS Microsoft Windows 10 Stand-alone v3.0.0", "offer_remote_assistance"),
    ("18.9.35.2", "CIS Microsoft Windows 10 Stand-alone v3.0.0", "solicited_remote_assistance"),
)
ERRORS = (
    (
        "timeout",
        "no answer within 30 seconds (port 5985).",
        "Is the host switched on, and does a firewall let WinRM in?",
    ),
    ("unreachable", "connection refused on port 5985.", "Switch WinRM on: winrm quickconfig."),
    ("login_refused", "the host refused the login of CORP\\svc-ansible.", "Check the account, and its password."),
)


def row(setting: tuple[str, str, Any, Any], **more: Any) -> dict[str, Any]:
    """An item of `changes`."""
    return dict(zip(("setting", "title", "before", "after"), setting, strict=True), **more)


def host_result(**options: Any) -> dict[str, Any]:
    """A compliant host's result, with some parts otherwise.

    Args:
        options: Keys of the result, or of a part as ``policy_changes=...``.
    """
    result: dict[str, Any] = {
        "changed": False,
        "state": "compliant",
        "policy": {
            "changed": False,
            "changes": [],
            "overruled": [],
            "version": {"before": 3, "after": 3},
            "refreshed": False,
            "warnings": [],
            "error": None,
        },
        "firewall": {"changed": False, "changes": [], "hindrances": [], "warnings": [], "error": None},
        "feature": {
            "changed": False,
            "before": "present",
            "state": "present",
            "restart_required": False,
            "edition": "client",
            "error": None,
        },
        "baselines": [
            baseline(rule, "enabled" if rule[2].startswith("solicited") else "disabled") for rule in BASELINES
        ],
        "exchanges": 6,
    }
    for name, value in options.items():
        part, _, key = name.partition("_")
        if part in ("policy", "firewall", "feature") and key:
            result[part][key] = value
        else:
            result[name] = value
    return result


def baseline(rule: tuple[str, str, str], in_force: str) -> dict[str, Any]:
    """A rule as a result has it; all of them want it disabled."""
    rule_id, name, setting = rule
    met = in_force == "disabled"
    found = {"rule_id": rule_id, "baseline": name, "setting": setting}
    return {**found, "wanted": "disabled", "in_force": in_force, "met": met}


def unreachable(host: str, kind: str, message: str, hint: str) -> dict[str, Any]:
    """A host that Ansible could not reach."""
    error = {"kind": kind, "host": host, "message": message, "hint": hint}
    return {"unreachable": True, "changed": False, "msg": f"{host}: {message} {hint}", "error": error}


def failed(host: str) -> dict[str, Any]:
    """A host whose Registry.pol is damaged; the other parts were done."""
    error = {
        "kind": "windows",
        "host": host,
        "message": "the local Group Policy is damaged and was left alone: Registry.pol ends early (offset 512)",
        "hint": "Repair or remove %SystemRoot%\\System32\\GroupPolicy\\Machine\\Registry.pol, or use scope: registry.",
    }
    result = host_result(state="failed", policy={"changed": False, "changes": [], "error": error})
    return {**result, "failed": True, "msg": f"{host}: policy: {error['message']}", "error": error}


def drifted(chance: random.Random, *, real: bool = False) -> dict[str, Any]:
    """Some settings differ."""
    both = ["local_group_policy", "registry"]
    policy = [row(item, where=both) for item in _some(chance, POLICY, 3) or POLICY[:1]]
    firewall = [row(item) for item in (*_some(chance, FIREWALL, 3), *_some(chance, LIMITS, 1))]
    state = "changed" if real else "drifted"
    result = host_result(changed=True, state=state, policy_changes=policy, firewall_changes=firewall)
    result["policy"]["changed"], result["firewall"]["changed"] = True, bool(firewall)
    if real:
        result["policy"] |= {"version": {"before": 3, "after": 4}, "refreshed": True}
    return result


def overruled(chance: random.Random) -> dict[str, Any]:
    """A GPO or a firewall rule decides otherwise."""
    gpo, gpo_id = chance.choice(GPOS)
    lost = [
        {"setting": option, "title": title, "wanted": wanted, "in_force": other, "gpo": gpo, "gpo_id": gpo_id}
        for (option, title, _before, wanted), other in LOST[: chance.randint(1, 2)]
    ]
    hindrance = {
        "kind": "local_rules_forbidden",
        "title": "Remote Assistance exception",
        "profile": "domain",
        "cause": "A GPO lets only its own firewall rules count in this profile (Apply local firewall rules: No).",
        "fix": "Put the Remote Assistance rules into that GPO, or let it apply local rules.",
    }
    blocked = chance.random() < 0.3
    return host_result(
        state="overruled",
        policy_overruled=[] if blocked else lost,
        firewall_hindrances=[hindrance] if blocked else [],
        firewall_warnings=[f"domain: {hindrance['cause']}"] if blocked else [],
        baselines=[baseline(rule, "disabled") for rule in BASELINES],
    )


def _some(chance: random.Random, choices: tuple[Any, ...], most: int) -> list[Any]:
    # The first ones more often, as drift is in life.
    return [item for number, item in enumerate(choices) if chance.random() < most / (len(choices) * (1 + number / 2))]


def pool_results(hosts: int = 1000, *, real: bool = False) -> dict[str, dict[str, Any]]:
    """Results of a pool, four fifths of it as it should be."""
    chance = random.Random(20260304)
    found: dict[str, dict[str, Any]] = {}
    for number in range(1, hosts + 1):
        server = number % 12 == 0
        name = f"rds-{number // 12:02d}.corp.example" if server else f"desk-{number:04d}"
        draw = chance.random()
        if draw < 0.8:
            found[name] = host_result()
        elif draw < 0.9:
            found[name] = drifted(chance, real=real)
        elif draw < 0.945:
            found[name] = overruled(chance)
        elif draw < 0.965:
            found[name] = failed(name)
        else:
            found[name] = unreachable(name, *chance.choices(ERRORS, weights=(5, 3, 1))[0])
        if server and found[name].get("feature") and chance.random() < 0.25:
            found[name]["feature"] |= {"restart_required": True, "edition": "server"}
    return found
