# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which blocking rules meet Remote Assistance, and how much of it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.firewall.blocking import (
    NOTHING,
    SOME,
    WHOLE,
    how_much,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.firewall_rule import normal_address
from ansible_collections.workspot.assist.tests.unit.plugins.plugin_utils._assistance.firewall.firewall_model import (
    ADDRESSES,
    DCOM_IN,
    FACTORY,
    MSRA_IN,
    later,
)
from hypothesis import given
from hypothesis import strategies as st

RASERVER_IN = "RemoteAssistance-RAServer-In-TCP-NoScope-Active"
SSDP_IN = "RemoteAssistance-SSDPSrv-In-UDP-Active"
SYSTEM_IN = "RemoteAssistance-SSDPSrv-In-TCP-Active"
SYSTEM32 = "C:\\Windows\\System32"


def share(name: str, helpers: frozenset[str] = frozenset(), **block: Any) -> int:
    """How much of a rule of the exception a blocking rule meets."""
    fields = {key: frozenset(value) if isinstance(value, (set, list)) else value for key, value in block.items()}
    return how_much(
        later("block", **{"action": "Block", "protocol": None, "group": "", **fields}), FACTORY[name.lower()], helpers
    )


@pytest.mark.parametrize("name", [MSRA_IN, DCOM_IN, RASERVER_IN, SSDP_IN, SYSTEM_IN])
def test_a_rule_that_blocks_everything(name: str) -> None:
    assert share(name) == WHOLE


@pytest.mark.parametrize(
    ("name", "block", "expected"),
    [
        (MSRA_IN, {"protocol": 6}, WHOLE),
        (MSRA_IN, {"protocol": 17}, NOTHING),
        (SSDP_IN, {"protocol": 17}, WHOLE),
        (MSRA_IN, {"program": f"{SYSTEM32}\\msra.exe"}, WHOLE),
        (MSRA_IN, {"program": "%windir%\\system32\\MSRA.exe"}, WHOLE),
        (MSRA_IN, {"program": f"{SYSTEM32}\\raserver.exe"}, NOTHING),
        (MSRA_IN, {"program": "C:\\Program Files\\app.exe"}, NOTHING),
        (SYSTEM_IN, {"program": "system"}, WHOLE),
        (DCOM_IN, {"program": f"{SYSTEM32}\\svchost.exe"}, WHOLE),
        (DCOM_IN, {"program": f"{SYSTEM32}\\svchost.exe", "service": "RPCSS"}, WHOLE),
        (DCOM_IN, {"service": "*"}, WHOLE),
        (MSRA_IN, {"service": "*"}, NOTHING),
        (MSRA_IN, {"service": "rpcss"}, NOTHING),
        (DCOM_IN, {"service": "dhcp"}, NOTHING),
        # ports: msra.exe and raserver.exe listen on dynamic ones
        (MSRA_IN, {"protocol": 6, "local_ports": {"445"}}, NOTHING),
        (MSRA_IN, {"protocol": 6, "local_ports": {"135", "139", "3389"}}, NOTHING),
        (MSRA_IN, {"protocol": 6, "local_ports": {"50000"}}, SOME),
        (MSRA_IN, {"protocol": 6, "local_ports": {"1-65535"}}, WHOLE),
        (MSRA_IN, {"protocol": 6, "local_ports": {"1024-60000", "60001-65535"}}, WHOLE),
        (MSRA_IN, {"protocol": 6, "local_ports": {"1024-60000", "60002-65535"}}, SOME),
        (MSRA_IN, {"protocol": 6, "local_ports": {"Teredo"}}, NOTHING),
        (RASERVER_IN, {"protocol": 6, "local_ports": {"RPC"}}, WHOLE),
        (DCOM_IN, {"protocol": 6, "local_ports": {"135"}}, WHOLE),
        (DCOM_IN, {"protocol": 6, "local_ports": {"100-200"}}, WHOLE),
        (DCOM_IN, {"protocol": 6, "local_ports": {"RPC-EPMap"}}, WHOLE),
        (DCOM_IN, {"protocol": 6, "local_ports": {"445"}}, NOTHING),
        (SSDP_IN, {"protocol": 17, "local_ports": {"1900", "3702"}}, WHOLE),
        # what narrows the blocking rule
        (MSRA_IN, {"remote_ports": {"1024"}}, SOME),
        (MSRA_IN, {"local_addresses": {"10.0.0.1"}}, SOME),
        (MSRA_IN, {"conditions": {"iftype"}}, SOME),
        (MSRA_IN, {"conditions": {"apppkgid"}}, NOTHING),
        (MSRA_IN, {"conditions": {"iftype"}, "protocol": 17}, NOTHING),
    ],
)  # fmt: skip
def test_protocol_program_service_and_ports(name: str, block: dict[str, Any], expected: int) -> None:
    assert share(name, **block) == expected


@pytest.mark.parametrize(
    ("helpers", "blocked", "expected"),
    [
        ([], ["203.0.113.0/24"], SOME),
        (["10.20.0.0/16"], ["203.0.113.0/24"], NOTHING),
        (["10.20.0.0/16"], ["10.20.0.0/16"], WHOLE),
        (["10.20.0.0/16"], ["10.0.0.0/8"], WHOLE),
        (["10.20.0.0/16"], ["10.20.7.0/24"], SOME),
        (["10.20.0.0/16"], ["10.20.0.0/17", "10.20.128.0/17"], WHOLE),
        (["10.20.0.0/16"], ["10.20.0.0-10.20.255.254"], SOME),
        (["10.20.0.0/16"], ["10.19.0.0-10.21.0.0"], WHOLE),
        (["10.20.0.5"], ["10.20.0.5"], WHOLE),
        (["10.20.0.5-10.20.0.9"], ["10.20.0.0/24"], WHOLE),
        (["10.20.0.0/16", "10.30.0.0/16"], ["10.20.0.0/16"], SOME),
        (["10.20.0.0/16"], ["2001:db8::/32"], NOTHING),
        (["2001:db8:1::/48"], ["2001:db8::/32"], WHOLE),
        (["LocalSubnet"], ["LocalSubnet"], WHOLE),
        (["LocalSubnet"], ["10.0.0.0/8"], SOME),
        (["10.20.0.0/16"], ["Internet"], SOME),
        (["10.20.0.0/16", "LocalSubnet"], ["10.0.0.0/8", "LocalSubnet"], SOME),
    ],
)
def test_addresses(helpers: list[str], blocked: list[str], expected: int) -> None:
    assert share(MSRA_IN, frozenset(helpers), remote_addresses=set(blocked)) == expected


@given(st.frozensets(ADDRESSES, min_size=1), st.frozensets(ADDRESSES))
def test_more_blocked_never_meets_less(helpers: frozenset[str], blocked: frozenset[str]) -> None:
    if blocked:
        less = share(MSRA_IN, helpers, remote_addresses=set(blocked))
        more = share(MSRA_IN, helpers, remote_addresses=set(blocked | helpers))
        assert less <= more == WHOLE


@given(st.ip_addresses(v=4), st.integers(1, 31), st.integers(1, 31))
def test_networks_within_each_other(address: object, one: int, other: int) -> None:
    inner, outer = (normal_address(f"{address}/{length}") for length in (max(one, other), min(one, other)))
    assert share(MSRA_IN, frozenset({inner}), remote_addresses={outer}) == WHOLE
    assert share(MSRA_IN, frozenset({outer}), remote_addresses={inner}) == (WHOLE if one == other else SOME)
