# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The questions about firewall and feature tell every possibility from the others, and change nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._transport.winrm import WinrmTransport

from tests.support.direct import transport_to
from tests.support.pools import SERVICE_PASSWORD
from tests.verify_host.firewall_checks import FIREWALL_CHECKS
from tests.verify_host.report import examine

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
NARROWED = {"RemoteAssistance-In-TCP-EdgeScope-Active": {"remote_addresses": "10.20.0.0/16"}}


@pytest.fixture
def ask(make_pool: Callable[..., Any]) -> Iterator[Callable[..., dict[str, dict[str, Any]]]]:
    """The answers of a host of this description, by the name of the question."""
    opened: list[WinrmTransport] = []

    def make(**description: Any) -> dict[str, dict[str, Any]]:
        (sim,) = make_pool({"name": "desk-01", **description}).hosts.values()
        opened.append(transport_to(sim))
        report = examine(opened[-1], host="desk-01", secrets=[SERVICE_PASSWORD], checks=FIREWALL_CHECKS)
        assert sim.state()["writes"] == []
        assert "agent-of-somebody" not in json.dumps(report)
        return {row["name"]: row for row in report["checks"]}

    yield make
    for transport in opened:
        transport.close()


def not_as_assumed(rows: dict[str, dict[str, Any]]) -> dict[str, bool | None]:
    """What is otherwise (False) or can not be told (None)."""
    return {name: row["as_assumed"] for name, row in rows.items() if row["as_assumed"] is not True}


@pytest.mark.parametrize("language", ["en-US", "de-DE"])
def test_a_server_as_it_is_assumed(ask: Callable[..., Any], language: str) -> None:
    others = {"agent-of-somebody": {"program": "C:\\Users\\zebra\\agent-of-somebody.exe"}}
    rows = ask(os="server-2022", language=language, firewall={"rules": {**NARROWED, **others}})
    assert not_as_assumed(rows) == {}
    assert rows["firewall-rules"]["answer"] == "15 rules; unknown: 0, missing: 0, altered: 0"
    assert rows["firewall-profiles"]["evidence"] == {"networks": ["domain"]}


def test_a_client(ask: Callable[..., Any]) -> None:
    rows = ask(firewall={"network_category": "public"})
    assert not_as_assumed(rows) == {
        "firewall-enforcement": None,
        "firewall-addresses": None,
        "feature-name": None,
        "feature-state": None,
    }
    assert rows["feature-name"]["answer"] == "a client edition; msra.exe is there"


@pytest.mark.parametrize(
    ("quirk", "value", "name"),
    [
        ("firewall_store_option", "any", "firewall-store"),
        ("firewall_store_option", "ignored", "firewall-store"),
        ("firewall_store_source", "traced", "firewall-source"),
        ("firewall_group_query", "empty", "firewall-group"),
        ("firewall_enforcement_list", "single", "firewall-enforcement"),
        ("firewall_active_lists_disabled", False, "firewall-disabled"),
        ("firewall_address_form", "length", "firewall-addresses"),
        ("feature_name", "Remote-Assistance", "feature-name"),
    ],
)
def test_each_possibility_is_seen(ask: Callable[..., Any], quirk: str, value: Any, name: str) -> None:
    rows = ask(os="server-2022", firewall={"rules": NARROWED}, quirks={quirk: value})
    assert rows[name]["as_assumed"] is False, rows[name]
    assert {other for other, answer in not_as_assumed(rows).items() if answer is False} <= {name, "firewall-defaults"}


def test_a_host_without_the_rules(ask: Callable[..., Any]) -> None:
    rows = ask(os="server-2022", features={"RemoteAssistance": "disabled"})
    assert not_as_assumed(rows) == {
        "firewall-store": None,
        "firewall-source": None,
        "firewall-group": None,
        "firewall-enforcement": None,
        "firewall-disabled": None,
        "firewall-defaults": False,
        "firewall-rules": None,
        "firewall-addresses": None,
    }


def test_a_feature_that_waits_for_its_restart(ask: Callable[..., Any]) -> None:
    rows = ask(os="server-2022", features={"RemoteAssistance": "enable_pending"})
    assert rows["feature-state"]["evidence"] == {"pending": True}
    assert rows["feature-state"]["as_assumed"] is None
    assert rows["feature-name"]["answer"] == "RemoteAssistance, not installed; a restart is pending"
