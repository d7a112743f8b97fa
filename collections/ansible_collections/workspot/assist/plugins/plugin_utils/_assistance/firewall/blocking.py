# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How much of a part's traffic a blocking rule meets: a rule about another port or program is no hindrance."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from ..._formats.firewall_rule import FirewallRule
from .plan import program_name

NOTHING, SOME, WHOLE = 0, 1, 2
DYNAMIC_PORTS = (49152, 65535)
"""Where msra.exe and raserver.exe listen (learn.microsoft.com, "Default dynamic port range")."""
_PORTS = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")
_ENDPOINT_MAPPER = ("rpc-epmap", "rpcepmap")
"""The word for TCP 135 in the registry and in MSFT_NetProtocolPortFilter."""
_RPC = "rpc"
"""The word for the dynamic ports of RPC servers, such as raserver.exe."""
_Range = tuple[int, int]
_Addresses = tuple[int, _Range]
"""IP version, and the first and last address as numbers."""


def how_much(block: FirewallRule, ours: FirewallRule, helpers: frozenset[str]) -> int:
    """Whether a blocking rule meets all, some or nothing of what an allowing rule lets in.

    Args:
        block: An incoming rule that blocks.
        ours: An incoming rule of the exception, as Windows makes it.
        helpers: Whom ours lets in, normalised; empty for anybody.
    """
    if block.protocol not in (None, ours.protocol) or "apppkgid" in block.conditions:
        # A package is an app of the Store, which Remote Assistance is not.
        return NOTHING
    if block.program and program_name(block.program) != program_name(ours.program):
        return NOTHING
    if block.service and block.service.lower() != ours.service.lower() and not (block.service == "*" and ours.service):
        return NOTHING
    met = min(_ports(block, ours), _addresses(block.remote_addresses, helpers))
    narrowed = block.local_addresses or block.remote_ports or block.conditions
    return SOME if met == WHOLE and narrowed else met


def _ports(block: FirewallRule, ours: FirewallRule) -> int:
    if not block.local_ports:
        return WHOLE
    wanted = [item for item in map(_range, ours.local_ports) if item] or [DYNAMIC_PORTS]
    found = [item for item in map(_range, block.local_ports) if item]
    return _share(wanted, found)


def _range(text: str) -> _Range | None:
    """A port, a range or a word as numbers; ``None`` for words that can not be Remote Assistance."""
    if text.lower() in _ENDPOINT_MAPPER:
        return 135, 135
    if text.lower() == _RPC:
        return DYNAMIC_PORTS
    match = _PORTS.fullmatch(text)
    return (int(match[1]), int(match[2] or match[1])) if match else None


def _share(wanted: Iterable[_Range], found: Iterable[_Range]) -> int:
    """How much of some ranges others cover."""
    found = sorted(found)
    shares = {_covered(item, found) for item in wanted}
    return WHOLE if shares == {WHOLE} else SOME if shares & {SOME, WHOLE} else NOTHING


def _covered(wanted: _Range, found: list[_Range]) -> int:
    first, last = wanted
    next_open, met = first, False
    for low, high in found:
        met = met or (low <= last and high >= first)
        if low <= next_open <= high:
            next_open = high + 1
    return WHOLE if next_open > last else SOME if met else NOTHING


def _addresses(blocked: frozenset[str], helpers: frozenset[str]) -> int:
    if not blocked:
        return WHOLE
    if helpers and helpers <= blocked:
        return WHOLE
    wanted, found = [_numbers(item) for item in helpers], [_numbers(item) for item in blocked]
    if not helpers or None in wanted or None in found:
        # What a word stands for differs from host to host.
        return SOME
    known = [item for item in found if item is not None]
    shares = {
        _covered(numbers, sorted(other for kind, other in known if kind == version))
        for version, numbers in (item for item in wanted if item is not None)
    }
    return WHOLE if shares == {WHOLE} else SOME if shares & {SOME, WHOLE} else NOTHING


def _numbers(text: str) -> _Addresses | None:
    """An address, network or range as numbers; ``None`` for a word."""
    try:
        if "-" in text:
            low, _dash, high = text.partition("-")
            first, last = ipaddress.ip_address(low), ipaddress.ip_address(high)
            return first.version, (int(first), int(last))
        network = ipaddress.ip_network(text)
    except ValueError:
        return None
    return network.version, (int(network.network_address), int(network.broadcast_address))
