# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""netsh.exe, context advfirewall firewall: add and delete rules of the local store.

learn.microsoft.com, "Use netsh advfirewall firewall context to control Windows Firewall behavior", and the help that
netsh prints. `name=` is the display name, and several rules may have it. Exit code 1 where nothing fits or something
is refused (common use in public scripts: `netsh ... delete rule name=X || ...`).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from ..firewall_address import addresses
from ..firewall_rule import ALL_PROFILES, DOMAIN, PRIVATE, PUBLIC, Rule, RuleError, check, ports, protocol_number
from .cmd import Context

_TEXTS = {
    "en-US": {
        "ok": "Ok.\r\n\r\n",
        "deleted": "\r\nDeleted {} rule(s).\r\nOk.\r\n\r\n",
        "none": "\r\nNo rules match the specified criteria.\r\n\r\n",
        "elevation": "The requested operation requires elevation (Run as administrator).\r\n\r\n",
        "syntax": "\r\nOne or more essential parameters were not entered.\r\n",
        "value": "\r\nA specified value is not valid.\r\n\r\n",
        "unknown": "The following command was not found: {}.\r\n",
    },
    # German words: unverified; nothing may depend on them.
    "de-DE": {
        "ok": "OK.\r\n\r\n",
        "deleted": "\r\n{} Regel(n) wurde(n) gelöscht.\r\nOK.\r\n\r\n",
        "none": "\r\nEs stimmen keine Regeln mit den angegebenen Kriterien überein.\r\n\r\n",
        "elevation": "Der angeforderte Vorgang erfordert erhöhte Rechte (Als Administrator ausführen).\r\n\r\n",
        "syntax": "\r\nEin oder mehrere erforderliche Parameter wurden nicht angegeben.\r\n",
        "value": "\r\nEin angegebener Wert ist ungültig.\r\n\r\n",
        "unknown": "Folgender Befehl wurde nicht gefunden: {}.\r\n",
    },
}
_PROFILES = {"domain": DOMAIN, "private": PRIVATE, "public": PUBLIC, "any": ALL_PROFILES}
_ACTIONS = {"allow": "Allow", "block": "Block"}
_WORDS = ("localsubnet", "dns", "dhcp", "wins", "defaultgateway")
"""What remoteip= takes beside addresses; the later words of New-NetFirewallRule are not among them."""
_ADD = {
    "name", "dir", "action", "program", "service", "description", "enable", "profile", "localip", "remoteip",
    "localport", "remoteport", "protocol",
}  # fmt: skip
_CRITERIA = {"name", "dir", "profile", "program", "service", "localip", "remoteip", "localport", "remoteport",
             "protocol"}  # fmt: skip


async def netsh(words: list[str], context: Context) -> int:
    """`netsh advfirewall firewall add|delete rule name=... [TAG=VALUE...]`."""
    texts = _TEXTS[context.host.language]
    lower = [word.lower() for word in words]
    if lower[:2] != ["advfirewall", "firewall"] or lower[3:4] != ["rule"] or lower[2] not in ("add", "delete"):
        context.out(texts["unknown"].format(" ".join(words)))
        return 1
    given = [word.partition("=") for word in words[4:]]
    tags = {tag.lower(): value for tag, _, value in given}
    known = _ADD if lower[2] == "add" else _CRITERIA
    if not all(sign for _, sign, _ in given) or len(tags) != len(given) or set(tags) - known or not tags.get("name"):
        context.out(texts["syntax"])
        return 1
    if not context.caller.elevated or not context.host.writes.allowed("netsh advfirewall firewall"):
        context.out(texts["elevation"])
        return 1
    return _add(tags, context) if lower[2] == "add" else _delete(tags, context)


def _rule(tags: Mapping[str, str]) -> Rule:
    """The rule that `add rule` asks for.

    Raises:
        RuleError, ValueError, KeyError: It asks for none.
    """
    protocol = protocol_number(tags.get("protocol", "any"))
    profiles = 0
    for word in tags.get("profile", "any").lower().split(","):
        profiles |= _PROFILES[word]
    lists: dict[str, Any] = {
        "local_addresses": _addresses(tags.get("localip", "any")),
        "remote_addresses": _addresses(tags.get("remoteip", "any")),
        "local_ports": ports(tags.get("localport", "any").split(",")),
        "remote_ports": ports(tags.get("remoteport", "any").split(",")),
    }
    made = Rule(
        id=f"{{{str(uuid.uuid4()).upper()}}}",
        action=_ACTIONS[tags["action"].lower()],
        active={"yes": True, "no": False}[tags.get("enable", "yes").lower()],
        inbound={"in": True, "out": False}[tags["dir"].lower()],
        protocol=protocol,
        profiles=profiles,
        app=tags.get("program", ""),
        service=tags.get("service", ""),
        name=tags["name"],
        description=tags.get("description", ""),
        **lists,
    )
    check(made)
    return made


def _addresses(text: str) -> tuple[str, ...]:
    items = text.split(",")
    for item in items:
        if item.strip().isalpha() and item.strip().lower() not in (*_WORDS, "any"):
            raise RuleError(item)
    return addresses(items)


def _add(tags: Mapping[str, str], context: Context) -> int:
    texts = _TEXTS[context.host.language]
    if not {"dir", "action"} <= set(tags):
        context.out(texts["syntax"])
        return 1
    try:
        rule = _rule(tags)
    except (KeyError, ValueError):  # RuleError and AddressError are ValueErrors
        context.out(texts["value"])
        return 1
    context.host.firewall.change(rule)
    context.out(texts["ok"])
    return 0


def _matching(tags: Mapping[str, str], context: Context) -> list[Rule]:
    """Local rules that fit; only names are looked at beside direction and program."""
    name = tags["name"].lower()
    found = []
    for rule in context.host.firewall.local_rules.values():
        if name not in ("all", rule.name.lower()):
            continue
        if "dir" in tags and tags["dir"].lower() != ("in" if rule.inbound else "out"):
            continue
        if "program" in tags and tags["program"].lower() != rule.app.lower():
            continue
        found.append(rule)
    return found


def _delete(tags: Mapping[str, str], context: Context) -> int:
    texts = _TEXTS[context.host.language]
    found = _matching(tags, context)
    if not found:
        context.out(texts["none"])
        return 1
    for rule in found:
        if not context.host.firewall.silent_noop:
            context.host.firewall.remove(rule.id)
    context.out(texts["deleted"].format(len(found)))
    return 0
