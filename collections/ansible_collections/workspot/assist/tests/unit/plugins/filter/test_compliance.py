# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said of a pool: one line for hosts that are alike, and values in words."""

from __future__ import annotations

from typing import Any

from ansible_collections.workspot.assist.plugins.filter.compliance import compliance

CHANGE = {"title": "Offer Remote Assistance", "before": None, "after": "enabled"}


def drifted(**change: Any) -> dict[str, Any]:
    """A host's variables after its turn."""
    return {"outcome": {"state": "drifted", "policy": {"changes": [{**CHANGE, **change}]}}}


def said(hosts: dict[str, dict[str, Any]]) -> list[str]:
    """The lines about hosts that are not as they should be."""
    lines: list[str] = compliance(hosts, hosts, "outcome")["lines"]
    return lines


def test_hosts_that_differ_alike_share_a_line() -> None:
    hosts = {"a": drifted(), "b": drifted(before="disabled"), "c": drifted()}
    assert said(hosts) == [
        "a, c: drifted: Offer Remote Assistance: not set -> enabled",
        "b: drifted: Offer Remote Assistance: disabled -> enabled",
    ]


def test_hosts_are_named_as_long_as_a_line_can_be_read() -> None:
    (line,) = said({f"desk-{number:03}": drifted() for number in range(500)})
    assert line.startswith("desk-000, desk-001, ")
    assert ", desk-009 and 490 more: drifted: " in line


def test_errors_are_told_apart_by_what_they_say_and_not_by_whom() -> None:
    def refused(name: str, why: str) -> dict[str, Any]:
        return {"outcome": {"unreachable": True, "msg": f"{name}: {why}"}}

    hosts = {"b": refused("b", "the login was refused."), "a": refused("a", "the login was refused."), "c": drifted()}
    assert said(hosts) == [
        "a, b: unreachable: the login was refused.",
        "c: drifted: Offer Remote Assistance: not set -> enabled",
    ]
