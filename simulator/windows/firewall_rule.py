# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One firewall rule: its fields, and the text that the registry keeps (MS-GPFAS 2.2.2.19).

Fields are checked as MS-FASP 2.2.37 says a server has to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from .firewall_address import KEYWORDS, address_text, is_v6

DOMAIN, PRIVATE, PUBLIC = 1, 2, 4  # MS-FASP 2.2.2, FW_PROFILE_TYPE
ALL_PROFILES = DOMAIN | PRIVATE | PUBLIC
PROFILE_NAMES = {DOMAIN: "Domain", PRIVATE: "Private", PUBLIC: "Public"}
ANY_PROTOCOL = 256  # MS-FASP 2.2.37
TCP, UDP, ICMP4, ICMP6 = 6, 17, 1, 58
NEWEST_VERSION = (2, 33)  # of the rule texts; public registry dumps of Windows 11
EDGES = ("Block", "Allow", "DeferToUser", "DeferToApp")
# Tokens that are no flag of their own here but have to come back as they were
_KEPT = ("LSM", "LOM", "LUOwn", "AppPkgId", "TTK", "LUAuth", "RMAuth", "RUAuth", "Security", "IFType", "Platform2")
_KEYWORD_PORTS = {"rpc": "RPC", "rpc-epmap": "RPCEPMap", "teredo": "Teredo", "iphttpsin": "IPHTTPSIn",
                  "iphttpsout": "IPHTTPSOut", "ply2disc": "PlayToDiscovery", "mdns": "mDNS"}  # fmt: skip
_PORT_TEXTS = {value.lower(): key for key, value in _KEYWORD_PORTS.items()}
_REGISTRY_PORTS = {"rpc": "RPC", "rpc-epmap": "RPC-EPMap", "teredo": "Teredo", "iphttpsin": "IPHTTPSIn",
                   "iphttpsout": "IPHTTPSOut", "ply2disc": "Ply2Disc", "mdns": "mDNS"}  # fmt: skip
_LATER_WORDS = {"Internet": "IntErnet", "Intranet": "IntrAnet", "IntranetRemoteAccess": "RmtIntrAnet",
                "PlayToTargets": "Ply2Renders"}  # fmt: skip
_OF_LATER = {value.lower(): key for key, value in _LATER_WORDS.items()}
_PORT = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")
_LONGEST = 10_000  # characters; MS-FASP 2.2.37


class RuleError(ValueError):
    """A rule that the firewall does not take."""


@dataclass(frozen=True)
class Rule:
    """A rule; lists are in the words of MSFT_Net*Filter, an empty one means Any.

    Attributes:
        id: InstanceID, and name of the value in the registry.
        action: Allow, Block or ByPass.
        profiles: Bits of the profiles; all three means any.
        protocol: Number, 256 for any.
        remote_addresses: Addresses, subnets with a mask (v4) or a length (v6), ranges, keywords.
        edge: 0 block, 1 allow, 2 defer to user, 3 defer to app.
        kept: Tokens that nothing here looks at.
    """

    id: str
    action: str = "Allow"
    active: bool = True
    inbound: bool = True
    protocol: int = ANY_PROTOCOL
    profiles: int = ALL_PROFILES
    local_ports: tuple[str, ...] = ()
    remote_ports: tuple[str, ...] = ()
    icmp: tuple[str, ...] = ()
    local_addresses: tuple[str, ...] = ()
    remote_addresses: tuple[str, ...] = ()
    app: str = ""
    service: str = ""
    name: str = ""
    description: str = ""
    group: str = ""
    edge: int = 0
    platforms: tuple[str, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()
    version: str = "2.30"

    def changed(self, **fields: Any) -> Rule:
        """The rule with some fields changed; checked."""
        made = replace(self, **fields)
        check(made)
        return made

    @property
    def ignored(self) -> bool:
        """Whether it is of a version that this Windows does not know: the rule is skipped (MS-GPFAS 2.2.2.19)."""
        return tuple(int(part) for part in self.version.split(".")) > NEWEST_VERSION


def check(rule: Rule) -> None:
    """Refuse what MS-FASP 2.2.37 lets no server take.

    Raises:
        RuleError: One line.
    """
    if not rule.id or len(rule.id) >= 512 or "|" in rule.id:
        raise RuleError("the rule's name is empty, too long or has a |")
    for text, longest in (
        (rule.name, _LONGEST), (rule.description, _LONGEST), (rule.group, _LONGEST), (rule.app, 260),
        (rule.service, 260),
    ):  # fmt: skip
        if "|" in text or len(text) >= longest:
            raise RuleError("a text is too long or has a |")
    if not rule.name or rule.name.upper() == "ALL":
        raise RuleError("the display name is empty or ALL")
    if any(character in rule.app for character in '/*?"<>'):
        raise RuleError("the program is no path")
    if any(character in rule.service for character in "/\\"):
        raise RuleError("the service has a slash")
    if not 0 <= rule.profiles <= ALL_PROFILES or not rule.profiles:
        raise RuleError("unknown profiles")
    if not 0 <= rule.protocol <= ANY_PROTOCOL:
        raise RuleError("the protocol is no number up to 256")
    if (rule.local_ports or rule.remote_ports) and rule.protocol not in (TCP, UDP):
        raise RuleError("ports need the protocol TCP or UDP")
    if rule.icmp and rule.protocol not in (ICMP4, ICMP6):
        raise RuleError("ICMP types need an ICMP protocol")
    if not 0 <= rule.edge <= 3 or (rule.edge and not rule.inbound):
        raise RuleError("edge traversal is for inbound rules")
    if rule.action == "ByPass" and not any(name == "Security" for name, _ in rule.kept):
        raise RuleError("bypass needs authentication")


def ports(texts: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    """Ports in the words of MSFT_NetProtocolPortFilter.

    Raises:
        RuleError: One of them is no port, range or keyword.
    """
    found = tuple(_port(text.strip()) for text in texts if text.strip())
    if "Any" in found:
        if len(found) > 1:
            raise RuleError("Any stands alone")
        return ()
    return found


def _port(text: str) -> str:
    if text.lower() in ("any", "*"):
        return "Any"
    key = _PORT_TEXTS.get(text.lower(), text.lower())  # the registry's word is another one than the filter's
    if key in _KEYWORD_PORTS:
        return _KEYWORD_PORTS[key]
    match = _PORT.fullmatch(text)
    if match is None or int(match[1]) > 65535 or (match[2] and not int(match[1]) <= int(match[2]) <= 65535):
        raise RuleError(f"{text!r} is no port")
    return text


def protocol_number(text: str) -> int:
    """TCP, UDP, Any, ICMPv4, ICMPv6 or a number.

    Raises:
        RuleError: It is none of them.
    """
    known = {"tcp": TCP, "udp": UDP, "any": ANY_PROTOCOL, "*": ANY_PROTOCOL, "icmpv4": ICMP4, "icmpv6": ICMP6}
    lower = text.strip().lower()
    if lower in known:
        return known[lower]
    if not lower.isdigit() or int(lower) > 255:
        raise RuleError(f"{text!r} is no protocol")
    return int(lower)


def protocol_text(number: int) -> str:
    """How MSFT_NetProtocolPortFilter names a protocol (public Get-NetFirewallPortFilter output)."""
    return {TCP: "TCP", UDP: "UDP", ANY_PROTOCOL: "Any", ICMP4: "ICMPv4", ICMP6: "ICMPv6"}.get(number, str(number))


# The registry's text -------------------------------------------------------------------------------


def text_of(rule: Rule) -> str:
    """`v2.30|Action=Allow|...|`, in the order that public registry dumps show."""
    parts = [f"v{rule.version}", f"Action={rule.action}", f"Active={'TRUE' if rule.active else 'FALSE'}",
             f"Dir={'In' if rule.inbound else 'Out'}"]  # fmt: skip
    if rule.protocol != ANY_PROTOCOL:
        parts.append(f"Protocol={rule.protocol}")
    if rule.profiles != ALL_PROFILES:
        parts += [f"Profile={name}" for bit, name in PROFILE_NAMES.items() if rule.profiles & bit]
    parts += [_port_token("LPort", port) for port in rule.local_ports]
    parts += [_port_token("RPort", port) for port in rule.remote_ports]
    parts += [f"{'ICMP4' if rule.protocol == ICMP4 else 'ICMP6'}={kind}" for kind in rule.icmp]
    parts += _address_tokens("LA", rule.local_addresses) + _address_tokens("RA", rule.remote_addresses)
    for token, text in (("App", rule.app), ("Svc", rule.service), ("Name", rule.name), ("Desc", rule.description),
                        ("EmbedCtxt", rule.group)):  # fmt: skip
        if text:
            parts.append(f"{token}={text}")
    parts += [f"Platform={item}" for item in rule.platforms] + [f"{name}={value}" for name, value in rule.kept]
    parts += ["Edge=TRUE"] if rule.edge else []
    parts += [f"Defer={'User' if rule.edge == 2 else 'App'}"] if rule.edge > 1 else []
    return "|".join(parts) + "|"


def _port_token(name: str, port: str) -> str:
    key = _PORT_TEXTS.get(port.lower())
    if key is not None:
        return f"{name}={_REGISTRY_PORTS[key]}"
    return f"{name}2_10={port}" if "-" in port else f"{name}={port}"


def _address_tokens(name: str, addresses: tuple[str, ...]) -> list[str]:
    four = [_address_token(name, "4", item) for item in addresses if item in KEYWORDS or not is_v6(item)]
    return four + [_address_token(name, "6", item) for item in addresses if item in KEYWORDS or is_v6(item)]


def _address_token(name: str, version: str, item: str) -> str:
    """Some words came later, have a token of their own, and are spelled otherwise (MS-GPFAS 2.2.2.13, 2.2.2.19)."""
    later = _LATER_WORDS.get(item)
    return f"{name}{version}={item}" if later is None else f"{name}{version}2={later}"


@lru_cache(maxsize=8192)
def parse(name: str, text: str) -> Rule | None:
    """The rule a registry value holds, or None for a text that is no rule."""
    head, *tokens = text.split("|")
    if not re.fullmatch(r"v\d{1,3}\.\d{1,3}", head) or tokens[-1:] != [""]:
        return None
    fields: dict[str, list[str]] = {}
    for token in tokens[:-1]:
        key, sign, value = token.partition("=")
        if not sign:
            return None
        fields.setdefault(key, []).append(value)
    try:
        return _rule(name, head[1:], fields)
    except (KeyError, ValueError):  # RuleError and AddressError are ValueErrors
        return None


def _rule(name: str, version: str, fields: dict[str, list[str]]) -> Rule:
    def one(key: str) -> str:
        values = fields.get(key, [""])
        if len(values) > 1:
            raise RuleError(f"{key} is there twice")
        return values[0]

    bits = {text: bit for bit, text in PROFILE_NAMES.items()}
    profiles = sum({bits[text] for text in fields.get("Profile", ())}) or ALL_PROFILES
    edge = one("Edge") == "TRUE"
    made = Rule(
        id=name,
        action={"Allow": "Allow", "Block": "Block", "ByPass": "ByPass"}[one("Action")],
        active=one("Active") == "TRUE",
        inbound={"In": True, "Out": False}[one("Dir")],
        protocol=int(one("Protocol") or ANY_PROTOCOL),
        profiles=profiles,
        local_ports=_ports_of(fields, "LPort"),
        remote_ports=_ports_of(fields, "RPort"),
        icmp=tuple(fields.get("ICMP4", ()) or fields.get("ICMP6", ())),
        local_addresses=_addresses_of(fields, "LA"),
        remote_addresses=_addresses_of(fields, "RA"),
        app=one("App"),
        service=one("Svc"),
        name=one("Name"),
        description=one("Desc"),
        group=one("EmbedCtxt"),
        edge={"": 1, "App": 3, "User": 2}[one("Defer")] if edge else 0,
        platforms=tuple(fields.get("Platform", ())),
        kept=tuple((key, value) for key in _KEPT for value in fields.get(key, ())),
        version=version,
    )
    check(made)
    return made


def _ports_of(fields: dict[str, list[str]], name: str) -> tuple[str, ...]:
    texts = fields.get(name, []) + fields.get(f"{name}2_10", [])
    return ports(texts)


def _addresses_of(fields: dict[str, list[str]], name: str) -> tuple[str, ...]:
    texts = [text for version in ("4", "6", "42", "62") for text in fields.get(f"{name}{version}", [])]
    found = [address_text(_OF_LATER.get(text.lower(), text)) for text in texts]
    return tuple(dict.fromkeys(found))
