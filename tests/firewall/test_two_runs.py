# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two runs on one host at the same time: each one's setting is there at the end, or its run says that it is not."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.firewall.flow import ensure_firewall
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import FirewallNotInForce

from tests.firewall.rig import FACTORY, MSRA, OUT, Host, request

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
MakeHost = Callable[..., Host]
FIRST: dict[str, Any] = {"domain": {"raserver": False}}
SECOND: dict[str, Any] = {"private": {"msra": False, "ssdp": False}}
STATES: dict[str, dict[str, Any]] = {
    "as from the factory": {},
    "without the group": {"firewall": {"missing_group": True}},
}


def interrupted(host: Host, outer: dict[str, Any], inner: dict[str, Any]) -> tuple[Any, Any]:
    """A whole run between reading and writing of another; what came of both."""
    came: list[Any] = []

    def meanwhile(_text: str) -> None:
        if not came:
            came.append(None)
            came[0] = host.attempt(**inner)

    try:
        outcome: Any = ensure_firewall(host.connect(host.sim), request(**outer), progress=meanwhile)
    except FirewallNotInForce as error:
        outcome = error
    assert came
    return outcome, came[0]


@pytest.mark.parametrize(("one", "other"), [(FIRST, SECOND), (SECOND, FIRST)], ids=["one", "other"])
def test_a_whole_run_between_reading_and_writing_of_another(
    make_host: MakeHost, one: dict[str, Any], other: dict[str, Any]
) -> None:
    """About different rules: neither notices the other."""
    host = make_host()
    outer, inner = interrupted(host, one, other)
    assert outer.changes
    assert inner.changes
    for options in (one, other):
        host.assert_settled(**options)


@pytest.mark.parametrize("description", STATES.values(), ids=STATES)
def test_both_want_the_same(make_host: MakeHost, description: dict[str, Any]) -> None:
    """Rules that both make again are made once, and neither of the runs fails."""
    host = make_host(**description)
    wanted: dict[str, Any] = {"preset": "helpdesk", "remote_addresses": ["10.20.0.0/16"]}
    outer, inner = interrupted(host, wanted, wanted)
    assert outer.changes == inner.changes
    assert set(host.on) == {MSRA, OUT}
    host.assert_settled(**wanted)


@pytest.mark.parametrize(
    ("outer", "inner"),
    [({"preset": "windows_default"}, {"preset": "locked_down"}), ({"preset": "locked_down"}, {"preset": "helpdesk"})],
    ids=str,
)
def test_they_want_the_opposite(make_host: MakeHost, outer: dict[str, Any], inner: dict[str, Any]) -> None:
    """The last one wins with all that it saw; what it did not see any more it reports instead of "changed"."""
    host = make_host(firewall={"rules": {MSRA: {"enabled": False}}})
    lost, won = interrupted(host, outer, inner)
    assert won.changes
    if isinstance(lost, FirewallNotInForce):
        assert "and it did not" in str(lost)
        host.apply(**outer)
    host.assert_settled(**outer)


def test_many_at_once(make_host: MakeHost) -> None:
    """Each about parts of its own, on a host that lacks them all."""
    host = make_host(firewall={"missing_group": True})
    runs: list[dict[str, Any]] = [
        {"domain": {"msra": True}},
        {"domain": {"raserver": True}},
        {"domain": {"dcom": True}},
        {"domain": {"ssdp": True}},
        {"domain": {"pnrp": True}},
    ]
    with ThreadPoolExecutor(len(runs)) as threads:
        outcomes = list(threads.map(lambda options: host.attempt(**options), runs))
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    assert set(host.on) == {name for name, rule in FACTORY.items() if rule.active}
    for options in runs:
        host.assert_settled(**options)
