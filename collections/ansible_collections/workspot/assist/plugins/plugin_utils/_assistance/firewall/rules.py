# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of the group "Remote Assistance", their factory values, and the parts an administrator thinks in.

Names and factory values: listings of Windows 10 and 11 (``Get-NetFirewallRule``, and the registry's own strings). They
are matched by their group, a resource string that is the same in every language; rules a later Windows adds to the
group are sorted by their program or service. unverified: the list of Windows 11 24H2 and Windows Server 2025.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..._formats.firewall_rule import (
    ALLOW,
    DOMAIN,
    EDGE_BLOCK,
    EDGE_DEFER_APP,
    LOCAL_SUBNET,
    PRIVATE,
    PUBLIC,
    FirewallRule,
)

GROUP = "@FirewallAPI.dll,-33002"
PROFILES: Mapping[str, int] = {"domain": DOMAIN, "private": PRIVATE, "public": PUBLIC}
MSRA, RASERVER, DCOM, SSDP, PNRP = "msra", "raserver", "dcom", "ssdp", "pnrp"
PARTS: Mapping[str, str] = {
    MSRA: "Remote Assistance program (msra.exe)",
    RASERVER: "Offer Remote Assistance server (raserver.exe)",
    DCOM: "DCOM for offers (TCP 135)",
    SSDP: "UPnP and SSDP, behind home routers",
    PNRP: "Peer Name Resolution, for Easy Connect",
}
NARROWED = (MSRA, RASERVER, DCOM)
"""Parts whose incoming rules ``remote_addresses`` narrows; the others are for the local subnet or for peers."""

_SYSTEM32 = r"%SystemRoot%\system32"
_BOTH = DOMAIN | PRIVATE
_TCP, _UDP = 6, 17


@dataclass(frozen=True)
class FactoryRule:
    """One rule as Windows installs it.

    Attributes:
        rule: Its values; ``enabled`` is the factory's.
        part: Which part of the exception it belongs to.
        territory: Profiles it stands for: where a part has a rule for the public profile apart, that one has the
            public profile and the other the rest.
        name_id: Resource of its name in FirewallAPI.dll.
        description_id: Resource of its description.
    """

    rule: FirewallRule
    part: str
    territory: int
    name_id: int
    description_id: int


def _rule(
    name: str,
    part: str,
    *,
    enabled: bool,
    inbound: bool,
    profiles: int,
    protocol: int,
    texts: tuple[int, int],
    program: str = "",
    service: str = "",
    local_port: str = "",
    remote_port: str = "",
    edge: int = EDGE_BLOCK,
    subnet: bool = False,
) -> FactoryRule:
    rule = FirewallRule(
        instance_id=f"RemoteAssistance-{name}",
        enabled=enabled,
        action=ALLOW,
        inbound=inbound,
        profiles=profiles,
        protocol=protocol,
        local_ports=frozenset({local_port} if local_port else ()),
        remote_ports=frozenset({remote_port} if remote_port else ()),
        program=program if program in ("", "System") else f"{_SYSTEM32}\\{program}",
        service=service,
        remote_addresses=frozenset({LOCAL_SUBNET} if subnet else ()),
        edge=edge,
        group=GROUP,
    )
    apart = part in (MSRA, PNRP)
    territory = (PUBLIC if profiles == PUBLIC else _BOTH) if apart else _BOTH | PUBLIC
    return FactoryRule(rule, part, territory, *texts)


def _twins(name: str, part: str, **values: object) -> tuple[FactoryRule, FactoryRule]:
    """A rule for the public profile, off, and its twin for the other two, on."""
    public = _rule(name, part, enabled=False, profiles=PUBLIC, **values)  # type: ignore[arg-type]
    active = _rule(f"{name}-Active", part, enabled=True, profiles=_BOTH, **values)  # type: ignore[arg-type]
    return public, active


_PEER = {"program": "svchost.exe", "service": "pnrpsvc", "protocol": _UDP}
_DISCOVERY = {"enabled": True, "profiles": _BOTH, "subnet": True}
_OFFER = {"enabled": True, "profiles": DOMAIN, "protocol": _TCP}

FACTORY_RULES: tuple[FactoryRule, ...] = (
    *_twins(
        "In-TCP-EdgeScope",
        MSRA,
        inbound=True,
        protocol=_TCP,
        program="msra.exe",
        edge=EDGE_DEFER_APP,
        texts=(-33003, -33006),
    ),
    *_twins("Out-TCP", MSRA, inbound=False, protocol=_TCP, program="msra.exe", texts=(-33007, -33010)),
    *_twins(
        "PnrpSvc-UDP-In-EdgeScope",
        PNRP,
        inbound=True,
        local_port="3540",
        edge=EDGE_DEFER_APP,
        texts=(-33039, -33040),
        **_PEER,
    ),
    *_twins("PnrpSvc-UDP-OUT", PNRP, inbound=False, texts=(-33037, -33038), **_PEER),
    _rule(
        "SSDPSrv-In-UDP-Active",
        SSDP,
        inbound=True,
        protocol=_UDP,
        program="svchost.exe",
        service="Ssdpsrv",
        local_port="1900",
        texts=(-33019, -33022),
        **_DISCOVERY,  # type: ignore[arg-type]
    ),
    _rule(
        "SSDPSrv-Out-UDP-Active",
        SSDP,
        inbound=False,
        protocol=_UDP,
        program="svchost.exe",
        service="Ssdpsrv",
        remote_port="1900",
        texts=(-33023, -33026),
        **_DISCOVERY,  # type: ignore[arg-type]
    ),
    _rule(
        "SSDPSrv-In-TCP-Active",
        SSDP,
        inbound=True,
        protocol=_TCP,
        program="System",
        local_port="2869",
        texts=(-33027, -33030),
        **_DISCOVERY,  # type: ignore[arg-type]
    ),
    _rule(
        "SSDPSrv-Out-TCP-Active",
        SSDP,
        inbound=False,
        protocol=_TCP,
        program="System",
        texts=(-33031, -33034),
        **_DISCOVERY,  # type: ignore[arg-type]
    ),
    _rule(
        "DCOM-In-TCP-NoScope-Active",
        DCOM,
        inbound=True,
        program="svchost.exe",
        service="rpcss",
        local_port="135",
        texts=(-33035, -33036),
        **_OFFER,  # type: ignore[arg-type]
    ),
    _rule(
        "RAServer-In-TCP-NoScope-Active",
        RASERVER,
        inbound=True,
        program="raserver.exe",
        texts=(-33011, -33014),
        **_OFFER,  # type: ignore[arg-type]
    ),
    _rule(
        "RAServer-Out-TCP-NoScope-Active",
        RASERVER,
        inbound=False,
        program="raserver.exe",
        texts=(-33015, -33018),
        **_OFFER,  # type: ignore[arg-type]
    ),
)

BY_NAME: Mapping[str, FactoryRule] = {item.rule.instance_id.lower(): item for item in FACTORY_RULES}

DEFAULT_PARTS: Mapping[str, frozenset[str]] = {
    profile: frozenset(item.part for item in FACTORY_RULES if item.rule.enabled and item.rule.profiles & bit)
    for profile, bit in PROFILES.items()
}
"""What is on in each profile when Windows is new: private and domain on, public off."""
KNOWN_PARTS: Mapping[str, frozenset[str]] = {
    profile: frozenset(item.part for item in FACTORY_RULES if item.rule.profiles & bit)
    for profile, bit in PROFILES.items()
}
"""What Windows has rules for in each profile: what "on" means."""


def part_of(rule: FirewallRule) -> str | None:
    """The part a rule belongs to, by its name or else by its program or service; ``None`` for none of them."""
    known = BY_NAME.get(rule.instance_id.lower())
    if known is not None:
        return known.part
    program = rule.program.lower().rpartition("\\")[2]
    found = {"msra.exe": MSRA, "raserver.exe": RASERVER, "system": SSDP}.get(program)
    return found or {"pnrpsvc": PNRP, "ssdpsrv": SSDP, "rpcss": DCOM}.get(rule.service.lower())


def territory_of(rule: FirewallRule) -> int:
    """The profiles a rule stands for."""
    known = BY_NAME.get(rule.instance_id.lower())
    return known.territory if known is not None else rule.profiles
