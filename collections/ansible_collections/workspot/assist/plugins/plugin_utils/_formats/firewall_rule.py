# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A firewall rule as Windows writes it into the registry (MS-GPFAS 2.2.2.19 and 2.2.3).

``v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=6|Profile=Domain|App=%SystemRoot%\\system32\\msra.exe|...|``: both for
the local rules of a host and for those of a Group Policy object. No string in it can hold ``|`` (MS-FASP 2.2.37).
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from .._errors import FirewallRuleMalformed

DOMAIN, PRIVATE, PUBLIC = 1, 2, 4
"""NET_FW_PROFILE2 bits; also ``Profiles`` of MSFT_NetFirewallRule."""
ALL_PROFILES = DOMAIN | PRIVATE | PUBLIC
ALLOW, BLOCK = "Allow", "Block"
EDGE_BLOCK, EDGE_ALLOW, EDGE_DEFER_USER, EDGE_DEFER_APP = 0, 1, 2, 3
"""``EdgeTraversalPolicy`` of MSFT_NetFirewallRule."""
LOCAL_SUBNET = "LocalSubnet"
ADDRESS_WORDS = (
    LOCAL_SUBNET,
    "DNS",
    "DHCP",
    "WINS",
    "DefaultGateway",
    "Internet",
    "Intranet",
    "IntranetRemoteAccess",
)
"""Words that stand for addresses, as MSFT_NetAddressFilter spells them (learn.microsoft.com)."""
_PROFILES = {"domain": DOMAIN, "private": PRIVATE, "public": PUBLIC}
_ACTIONS = {"allow": ALLOW, "block": BLOCK, "bypass": "ByPass"}
_WORDS = {word.lower(): word for word in ADDRESS_WORDS} | {
    # The registry's own word for it (MS-GPFAS 2.2.2.13).
    "rmtintranet": "IntranetRemoteAccess",
}
_VERSION = re.compile(r"v[0-9]{1,3}\.[0-9]{1,3}")
_PROTOCOL = re.compile(r"[0-9]{1,3}")
_LONGEST = 65_536
_REMOTE = ("ra4", "ra6", "ra42", "ra62")
_LOCAL = ("la4", "la6")
_ONCE = frozenset(("action", "dir", "protocol", "app", "svc", "embedctxt", "edge", "defer", "active"))
"""Fields that are there at most once (MS-GPFAS 2.2.2.19)."""
_FURTHER = frozenset(
    (
        *("security", "security2_9", "security2", "if", "iftype", "icmp4", "icmp6", "platform", "platform2"),
        *("rmauth", "ruauth", "luauth", "luauth2_24", "luown", "apppkgid", "nnm", "securityrealmid"),
        *("ttk", "ttk2_22", "ttk2_27", "ttk2_28"),
    )
)
"""Further conditions. What a later Windows adds may say nothing about when a rule counts, so it is left alone."""


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
        local_ports: Ports, ranges or words such as ``RPC``; empty for any.
        remote_ports: The same for the other side.
        program: Path of the program; empty for any.
        service: Short name of the service; empty for any.
        remote_addresses: Networks, ranges or words such as ``LocalSubnet``, normalised; empty for any.
        local_addresses: The same for the own side.
        edge: Edge traversal policy.
        group: Rule group, a resource string.
        conditions: Fields that narrow it further, such as ``iftype``, by their names in lower case.
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
    conditions: frozenset[str] = frozenset()


def parse_firewall_rule(instance_id: str, text: str) -> FirewallRule:
    """Parse one registry value.

    Args:
        instance_id: The value's name.
        text: Its data.

    Raises:
        FirewallRuleMalformed: It is no rule.
    """
    if len(text) > _LONGEST:
        raise _malformed(instance_id, "is far too long")
    version, *fields = text.split("|")
    if not _VERSION.fullmatch(version) or len(fields) < 2 or fields[-1]:
        raise _malformed(instance_id, "is no rule string")
    found: dict[str, list[str]] = {}
    for item in fields[:-1]:
        name, equals, value = item.partition("=")
        if not equals:
            raise _malformed(instance_id, "has a field without a value")
        found.setdefault(name.lower(), []).append(value)
    if any(len(values) > 1 for name, values in found.items() if name in _ONCE):
        raise _malformed(instance_id, "says one thing twice")
    return _rule(instance_id, found)


def _malformed(instance_id: str, what: str) -> FirewallRuleMalformed:
    return FirewallRuleMalformed(f"the firewall rule {instance_id[:80]} {what}.")


def _rule(instance_id: str, found: dict[str, list[str]]) -> FirewallRule:
    def only(name: str, default: str = "") -> str:
        return found.get(name, [default])[0]

    action, direction = _ACTIONS.get(only("action").lower()), only("dir").lower()
    if action is None or direction not in ("in", "out"):
        raise _malformed(instance_id, "has no action or no direction")
    profiles = 0
    for word in found.get("profile", []):
        if word.lower() not in _PROFILES:
            raise _malformed(instance_id, "is for a profile that there is not")
        profiles |= _PROFILES[word.lower()]
    return FirewallRule(
        instance_id=instance_id,
        enabled=only("active").upper() == "TRUE",
        action=action,
        inbound=direction == "in",
        profiles=profiles or ALL_PROFILES,
        protocol=_protocol(instance_id, only("protocol", "256")),
        local_ports=_ports(found, "lport"),
        remote_ports=_ports(found, "rport"),
        program=only("app"),
        service=only("svc"),
        remote_addresses=_addresses(found, _REMOTE),
        local_addresses=_addresses(found, _LOCAL),
        edge=_edge(only("edge"), only("defer")),
        group=only("embedctxt"),
        conditions=_FURTHER & set(found),
    )


def _protocol(instance_id: str, text: str) -> int | None:
    if not _PROTOCOL.fullmatch(text) or int(text) > 256:
        raise _malformed(instance_id, "has a protocol that is no number up to 256")
    return None if int(text) == 256 else int(text)


def _ports(found: dict[str, list[str]], name: str) -> frozenset[str]:
    """``LPort``, and ``LPort2_10``, ``LPort2_20`` and so on of later versions."""
    values = (value for key, given in found.items() if key == name or key.startswith(f"{name}2_") for value in given)
    return frozenset(word for value in values for word in value.split(",") if word)


def _addresses(found: dict[str, list[str]], names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(normal_address(value) for name in names for value in found.get(name, []) if value)


def _edge(edge: str, defer: str) -> int:
    if edge.upper() != "TRUE":
        return EDGE_BLOCK
    return {"app": EDGE_DEFER_APP, "user": EDGE_DEFER_USER}.get(defer.lower(), EDGE_ALLOW)


def normal_address(text: str) -> str:
    """One spelling of a rule's address.

    Windows writes ``10.20.0.0/16`` back as ``10.20.0.0/255.255.0.0``, and the registry has words of its own.

    Args:
        text: An address, a network, a range or a word.

    Returns:
        A network as ``10.20.0.0/16``, a range as ``a-b``, a word as MSFT_NetAddressFilter spells it; what is none of
        them in lower case.
    """
    text = text.strip()
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    try:
        if "-" in text:
            first, _dash, last = text.partition("-")
            low, high = ipaddress.ip_address(first.strip()), ipaddress.ip_address(last.strip())
            return str(low) if low == high else f"{low}-{high}"
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return text.lower()
    full = network.prefixlen == network.max_prefixlen
    return str(network.network_address) if full else str(network)
