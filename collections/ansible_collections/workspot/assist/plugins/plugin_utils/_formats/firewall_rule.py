# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A firewall rule as Windows writes it into the registry (MS-GPFAS 2.2.2.19 and 2.2.3).

``v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=6|Profile=Domain|App=%SystemRoot%\\system32\\msra.exe|...|``: both for
the local rules of a host and for those of a Group Policy object. No string in it can hold ``|`` (MS-FASP 2.2.37).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from .._errors import FirewallRuleMalformed

DOMAIN, PRIVATE, PUBLIC = 1, 2, 4
"""NET_FW_PROFILE2 bits; also ``Profiles`` of MSFT_NetFirewallRule."""
ALL_PROFILES = DOMAIN | PRIVATE | PUBLIC
ALLOW, BLOCK = "Allow", "Block"
EDGE_BLOCK, EDGE_ALLOW, EDGE_DEFER_USER, EDGE_DEFER_APP = 0, 1, 2, 3
"""``EdgeTraversalPolicy`` of MSFT_NetFirewallRule."""
_PROFILES = {"domain": DOMAIN, "private": PRIVATE, "public": PUBLIC}
_LONGEST = 65_536
_REMOTE = ("ra4", "ra6")
_LOCAL = ("la4", "la6")


@dataclass(frozen=True)
class FirewallRule:
    """What one rule says.

    Attributes:
        instance_id: Its name, unique in its store.
        enabled: Whether it is on.
        action: ``Allow``, ``Block`` or ``ByPass``.
        inbound: Whether it is about incoming traffic.
        profiles: Bits of the profiles it is for.
        protocol: IP protocol number; ``None`` for any.
        local_ports: Ports or words such as ``RPC``; empty for any.
        remote_ports: The same for the other side.
        program: Path of the program; empty for any.
        service: Short name of the service; empty for any.
        remote_addresses: Networks or words such as ``LocalSubnet``, normalised; empty for any.
        local_addresses: The same for the own side.
        edge: Edge traversal policy.
        group: Rule group, a resource string.
    """

    instance_id: str
    enabled: bool
    action: str
    inbound: bool
    profiles: int
    protocol: int | None = None
    local_ports: frozenset[str] = frozenset()
    remote_ports: frozenset[str] = frozenset()
    program: str = ""
    service: str = ""
    remote_addresses: frozenset[str] = frozenset()
    local_addresses: frozenset[str] = frozenset()
    edge: int = EDGE_BLOCK
    group: str = ""


def parse_firewall_rule(instance_id: str, text: str) -> FirewallRule:
    """Parse one registry value.

    Args:
        instance_id: The value's name.
        text: Its data.

    Raises:
        FirewallRuleMalformed: It is no rule.
    """
    version, *fields = text.split("|")
    if len(text) > _LONGEST or not version.lower().startswith("v") or (fields and fields[-1]):
        raise FirewallRuleMalformed(f"the firewall rule {instance_id[:80]} is no rule string.")
    found: dict[str, list[str]] = {}
    for item in fields[:-1]:
        name, equals, value = item.partition("=")
        if not equals:
            raise FirewallRuleMalformed(f"the firewall rule {instance_id[:80]} has a field without a value.")
        found.setdefault(name.lower(), []).append(value)
    return _rule(instance_id, found)


def _rule(instance_id: str, found: dict[str, list[str]]) -> FirewallRule:
    def only(name: str, default: str = "") -> str:
        return found.get(name, [default])[-1]

    profiles = 0
    for word in found.get("profile", []):
        profiles |= _PROFILES.get(word.lower(), 0)
    protocol = only("protocol", "256")
    if not protocol.isdigit():
        raise FirewallRuleMalformed(f"the firewall rule {instance_id[:80]} has a protocol that is no number.")
    return FirewallRule(
        instance_id=instance_id,
        enabled=only("active").upper() == "TRUE",
        action=only("action", ALLOW),
        inbound=only("dir", "In").lower() == "in",
        profiles=profiles or ALL_PROFILES,
        protocol=None if int(protocol) == 256 else int(protocol),
        local_ports=_words(found, "lport", "lport2_10"),
        remote_ports=_words(found, "rport", "rport2_10"),
        program=only("app"),
        service=only("svc"),
        remote_addresses=_addresses(found, _REMOTE),
        local_addresses=_addresses(found, _LOCAL),
        edge=_edge(only("edge"), only("defer")),
        group=only("embedctxt"),
    )


def _words(found: dict[str, list[str]], *names: str) -> frozenset[str]:
    return frozenset(word for name in names for value in found.get(name, []) for word in value.split(",") if word)


def _addresses(found: dict[str, list[str]], names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(normal_address(value) for name in names for value in found.get(name, []) if value)


def _edge(edge: str, defer: str) -> int:
    if edge.upper() != "TRUE":
        return EDGE_BLOCK
    return {"app": EDGE_DEFER_APP, "user": EDGE_DEFER_USER}.get(defer.lower(), EDGE_ALLOW)


def normal_address(text: str) -> str:
    """One spelling of a rule's address: a network as ``10.20.0.0/16``, a range as ``a-b``, a word in lower case.

    Windows writes ``10.20.0.0/16`` back as ``10.20.0.0/255.255.0.0``.
    """
    text = text.strip()
    try:
        if "-" in text and not text.lower().startswith(("local", "default")):
            first, _dash, last = text.partition("-")
            low, high = ipaddress.ip_address(first.strip()), ipaddress.ip_address(last.strip())
            return str(low) if low == high else f"{low}-{high}"
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return text.lower()
    full = network.prefixlen == network.max_prefixlen
    return str(network.network_address) if full else str(network)
