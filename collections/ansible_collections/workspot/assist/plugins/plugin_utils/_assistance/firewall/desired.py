# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task wants of the exception: presets and options become one state per profile and part."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..._errors import InvalidOption
from ..._formats.firewall_rule import ADDRESS_WORDS, normal_address
from .rules import DEFAULT_PARTS, KNOWN_PARTS, MSRA, PARTS, PROFILES

ON, OFF, DEFAULT = "on", "off", "default"
_ANY = "any"
_MOST_ADDRESSES = 1000
"""MS-FASP 2.2.5 and 2.2.9."""


@dataclass(frozen=True)
class FirewallPreset:
    """Options under one name, with their source."""

    name: str
    source: str
    options: Mapping[str, Any]


PRESETS: Mapping[str, FirewallPreset] = {
    item.name: item
    for item in (
        FirewallPreset(
            "windows_default",
            'learn.microsoft.com and Windows 7 Resource Kit, "Supporting Users with Remote Assistance"',
            {
                **{profile: {"state": DEFAULT} for profile in PROFILES},
                "edge_traversal": True,
                "remote_addresses": ["any"],
            },
        ),
        FirewallPreset(
            "helpdesk",
            "workspot.assist: what solicited help on a domain network needs, and no more",
            {
                "domain": {"state": OFF, MSRA: True},
                "private": {"state": OFF},
                "public": {"state": OFF},
                "edge_traversal": False,
            },
        ),
        FirewallPreset(
            "locked_down",
            "workspot.assist: the whole exception off in every profile",
            {profile: {"state": OFF} for profile in PROFILES},
        ),
    )
}


@dataclass(frozen=True)
class FirewallRequest:
    """What is wanted; what is not named is left as it is.

    Attributes:
        parts: On or off by profile and part.
        closed: Profiles in which the whole exception is off, rules of later Windows versions included.
        edge_traversal: Whether Teredo may reach the rules that are made for it.
        remote_addresses: Who may connect, normalised; empty for anybody, ``None`` to leave it.
        on_conflict: ``fail`` or ``warn``, when something else decides.
    """

    parts: Mapping[tuple[str, str], bool] = field(default_factory=dict)
    closed: frozenset[str] = frozenset()
    edge_traversal: bool | None = None
    remote_addresses: frozenset[str] | None = None
    on_conflict: str = "fail"

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> FirewallRequest:
        """The request that module options make.

        Raises:
            InvalidOption: They mean nothing.
        """
        merged = _with_preset(options)
        parts: dict[tuple[str, str], bool] = {}
        closed = set()
        for profile in PROFILES:
            wishes = merged.get(profile) or {}
            state = wishes.get("state")
            parts.update({(profile, part): wanted for part, wanted in _parts(profile, state, wishes).items()})
            if state == OFF:
                closed.add(profile)
        addresses = merged.get("remote_addresses")
        request = cls(
            parts=parts,
            closed=frozenset(closed),
            edge_traversal=merged.get("edge_traversal"),
            remote_addresses=wanted_addresses(addresses) if addresses is not None else None,
            on_conflict=options.get("on_conflict") or "fail",
        )
        if not parts and request.edge_traversal is None and request.remote_addresses is None:
            raise InvalidOption("nothing is asked for: give a preset, a profile, edge_traversal or remote_addresses.")
        return request


def _with_preset(options: Mapping[str, Any]) -> dict[str, Any]:
    name = options.get("preset")
    if name is not None and name not in PRESETS:
        raise InvalidOption(f"there is no preset {name!r}; there are {', '.join(PRESETS)}.")
    merged: dict[str, Any] = dict(PRESETS[name].options) if name is not None else {}
    for option in ("edge_traversal", "remote_addresses"):
        if options.get(option) is not None:
            merged[option] = options[option]
    for profile in PROFILES:
        own = {key: value for key, value in (options.get(profile) or {}).items() if value is not None}
        if own:
            # A state of the task's own begins that profile anew; single parts refine the preset's.
            merged[profile] = own if "state" in own else {**(merged.get(profile) or {}), **own}
    return merged


def _parts(profile: str, state: str | None, wishes: Mapping[str, Any]) -> dict[str, bool]:
    found: dict[str, bool] = {}
    if state is not None:
        on = {ON: KNOWN_PARTS[profile], OFF: frozenset[str](), DEFAULT: DEFAULT_PARTS[profile]}[state]
        found = {part: part in on for part in PARTS}
    found.update({part: bool(wishes[part]) for part in PARTS if wishes.get(part) is not None})
    return found


def wanted_addresses(given: list[str], *, option: str = "remote_addresses") -> frozenset[str]:
    """Normalised addresses; empty for anybody.

    Raises:
        InvalidOption: One is neither an address nor one of Windows' words.
    """
    found = set()
    for text in given:
        address = normal_address(str(text))
        if address != _ANY and address not in ADDRESS_WORDS:
            _check(address, str(text), option)
        found.add(address)
    if not found:
        raise InvalidOption(f"{option} is empty: name networks, or Any.")
    if _ANY in found and len(found) > 1:
        raise InvalidOption(f"{option} names Any and something else.")
    if len(found) > _MOST_ADDRESSES:
        raise InvalidOption(f"{option} has more than {_MOST_ADDRESSES} entries, and Windows takes no more.")
    return frozenset(found - {_ANY})


def _check(address: str, given: str, option: str) -> None:
    try:
        if "%" in given or _is_wildcard(given):
            raise ValueError
        if "-" in address:
            low, _dash, high = address.partition("-")
            first, last = ipaddress.ip_address(low), ipaddress.ip_address(high)
            if first.version != last.version or int(first) > int(last):
                raise ValueError
        elif not ipaddress.ip_network(address).prefixlen:
            raise InvalidOption(f"{option}: {given!r} is every address; say Any, which Windows takes.")
    except ValueError:
        raise InvalidOption(f"{option}: {given!r} is no address, network, range or word such as LocalSubnet.") from None


def _is_wildcard(given: str) -> bool:
    """Whether a network has a mask that starts with zeros, as routers write them; Windows takes none."""
    mask = given.partition("/")[2].strip()
    return "." in mask and int(ipaddress.IPv4Address(mask)) < 1 << 31 and mask != "0.0.0.0"
