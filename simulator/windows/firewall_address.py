# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses of firewall rules: what is accepted, and in which form it comes back.

MSFT_NetAddressFilter: addresses, subnets, ranges and keywords (learn.microsoft.com, wfascimprov). What a subnet and a
range may be: MS-FASP 2.2.4, 2.2.6, 2.2.8. A v4 subnet comes back with a mask, however it was written: the module
NetworkingDsc compares so (Convert-CIDRToSubhetMask in its firewall resource).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, ip_address, ip_network

MOST = 1000  # entries of one kind, MS-FASP 2.2.5 and 2.2.9
_WORDS = ("LocalSubnet", "DefaultGateway", "DHCP", "DNS", "WINS", "Internet", "Intranet", "IntranetRemoteAccess",
          "PlayToTargets")  # fmt: skip
KEYWORDS = frozenset(_WORDS)
_KEYWORD = {word.lower(): word for word in _WORDS} | {"ply2renders": "PlayToTargets"}


class AddressError(ValueError):
    """A text that is no address of a rule."""


@lru_cache(maxsize=4096)
def address_text(text: str) -> str:
    """One address, subnet, range or keyword in the form that Windows gives it.

    Raises:
        AddressError: It is none.
    """
    stripped = text.strip()
    if (word := _KEYWORD.get(stripped.lower())) is not None:
        return word
    try:
        if "-" in stripped:
            return _range(stripped)
        if "/" in stripped:
            return _subnet(stripped)
        return str(ip_address(stripped))
    except ValueError:
        raise AddressError(f"{text!r} is no address") from None


def _range(text: str) -> str:
    first, _, last = text.partition("-")
    low, high = ip_address(first.strip()), ip_address(last.strip())
    if low.version != high.version or int(low) > int(high):
        raise ValueError(text)
    return str(low) if low == high else f"{low}-{high}"


def _subnet(text: str) -> str:
    network = ip_network(text, strict=False)
    if not network.prefixlen:
        raise ValueError(text)  # "A dwSubNetMask of 0x00000000 is invalid"; v6: "not less than 1"
    if isinstance(network, IPv4Network):
        if text.partition("/")[2].count(".") and _is_host_mask(text.partition("/")[2]):
            raise ValueError(text)
        return str(network.network_address) if network.prefixlen == 32 else network.with_netmask
    return str(network.network_address) if network.prefixlen == 128 else network.with_prefixlen


def _is_host_mask(text: str) -> bool:
    """0.0.0.255 and the like, which Python takes for the mask's complement."""
    mask = int(IPv4Address(text))
    return not mask & 0x80000000


def addresses(texts: Iterable[str]) -> tuple[str, ...]:
    """What a filter holds for these texts; nothing for Any.

    Raises:
        AddressError: One is none, Any does not stand alone, or there are too many.
    """
    wanted = [text for text in texts if text.strip()]
    if any(text.strip().lower() in ("any", "*") for text in wanted):
        if len(wanted) > 1:
            raise AddressError("Any stands alone")
        return ()
    found = tuple(dict.fromkeys(address_text(text) for text in wanted))
    if len(found) > MOST:
        raise AddressError("too many addresses")
    return found


def is_v6(text: str) -> bool:
    """Whether an address, subnet or range is of IPv6."""
    return ":" in text


def with_length(text: str) -> str:
    """A v4 subnet with its prefix length instead of its mask; anything else as it is."""
    if "/" not in text or is_v6(text):
        return text
    return IPv4Network(text).with_prefixlen
