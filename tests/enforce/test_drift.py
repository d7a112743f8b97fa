# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every setting and every rule drifts, one by one: a check finds it, a run mends it, the next finds nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._ansible.option_specs import REMOTE_ASSISTANCE
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.host_state import HostOutcome, ensure_host
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.timing import Timing

from simulator.windows.firewall_rule import DOMAIN, PRIVATE, PUBLIC
from tests.enforce.everything import (
    EVERY_SETTING,
    EVERYTHING,
    IN_THE_REGISTRY,
    Drift,
    changer,
    firewall_drifts,
    policy_drifts,
    state_of,
    value_drifts,
)
from tests.enforce.rig import helpdesk

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
PAUSES = Timing(sleep=lambda _seconds: None)


def test_everything_is_everything() -> None:
    """The request has a value for each option that says something about a host."""
    spec = REMOTE_ASSISTANCE["policy"]["options"]
    assert set(EVERY_SETTING) == set(spec) - {"preset", "scope", "on_domain_conflict"}


@pytest.fixture
def settled(make_pool: Callable[..., Any], connect: Callable[[Any], Any]) -> Callable[..., tuple[Any, Any]]:
    """A simulated host that agrees with a request, and a client of it."""

    def make(request: Any = EVERYTHING, **description: Any) -> tuple[Any, Any]:
        host = make_pool({"name": "desk-01", **description}).hosts["desk-01"]
        client = connect(host)
        assert ensure_host(client, request, timing=PAUSES).state == "changed"
        assert_settled(host, client, request)
        return host, client

    return make


def run(client: Any, request: Any, *, check: bool = False) -> HostOutcome:
    """One run; an error of a part is an error of the test."""
    outcome = ensure_host(client, request, check=check, timing=PAUSES)
    assert outcome.errors == {}
    return outcome


def assert_settled(host: Any, client: Any, request: Any) -> None:
    """One more run finds nothing to do and not one write is even tried."""
    written, denied = len(host.writes.log), host.counters["denied_writes"]
    host.faults.set("deny_writes", True)
    again = run(client, request)
    host.faults.set("deny_writes", False)
    assert (again.state, again.changed) == ("compliant", False), again.as_data()
    assert (len(host.writes.log), host.counters["denied_writes"]) == (written, denied)


def assert_found_and_mended(host: Any, client: Any, drifts: Iterable[Drift], request: Any = EVERYTHING) -> int:
    """All drifts, one after the other, each found, mended, and left alone by a third run; how many there were."""
    count = 0
    for drift in drifts:
        count += 1
        before = state_of(host)
        drift.apply(host)
        assert state_of(host) != before, f"{drift.name}: nothing is different"
        written = len(host.writes.log)
        audit = run(client, request, check=True)
        assert (audit.state, len(host.writes.log)) == ("drifted", written), drift.name
        changed = [part for part, found in audit.outcomes.items() if found.as_data()["changed"]]
        assert changed == [drift.part], drift.name
        assert audit.outcomes[drift.part].as_data()["changes"], f"{drift.name}: it is said in words"
        mended = run(client, request)
        assert mended.state == "changed", drift.name
        assert mended.as_data()[drift.part]["changes"] == audit.as_data()[drift.part]["changes"], drift.name
        assert state_of(host) == before, drift.name
        assert_settled(host, client, request)
    return count


SERVER = {"os": "server-2022"}
GERMAN = {"os": "windows-10", "language": "de-DE"}
STRIPPED = {"os": "windows-11", "firewall": {"missing_group": True}}


@pytest.mark.parametrize("kind", [SERVER, GERMAN], ids=lambda kind: kind["os"])
def test_every_setting(settled: Callable[..., tuple[Any, Any]], kind: dict[str, Any]) -> None:
    host, client = settled(**kind)
    assert assert_found_and_mended(host, client, list(policy_drifts(host))) > 60


def test_every_setting_in_the_registry_alone(settled: Callable[..., tuple[Any, Any]]) -> None:
    """On images that do not process local Group Policy it is the live values that are kept."""
    host, client = settled(IN_THE_REGISTRY)
    drifts = list(value_drifts(host))
    assert len(drifts) > 30
    assert assert_found_and_mended(host, client, drifts, IN_THE_REGISTRY) == len(drifts)


@pytest.mark.parametrize("kind", [GERMAN, STRIPPED], ids=lambda kind: kind["os"])
def test_every_rule(settled: Callable[..., tuple[Any, Any]], kind: dict[str, Any]) -> None:
    host, client = settled(**kind)
    assert assert_found_and_mended(host, client, list(firewall_drifts(host))) > 80


def test_every_rule_of_what_is_to_be_closed(settled: Callable[..., tuple[Any, Any]]) -> None:
    """The preset closes nearly everything: each rule that comes on somewhere is found."""
    host, client = settled(helpdesk())
    rules = {name: rule for name, rule in host.firewall.local_rules.items() if name.startswith("RemoteAssistance-")}
    drifts = [
        Drift(f"{name} on in {bits}", changer(name, active=True, profiles=bits), "firewall")
        for name, rule in rules.items()
        for bits in (DOMAIN, PRIVATE, PUBLIC)
        if not (rule.active and rule.profiles == bits)
    ]
    assert assert_found_and_mended(host, client, drifts, helpdesk()) == 43


def test_the_feature(settled: Callable[..., tuple[Any, Any]]) -> None:
    """It brings program and rules along, and takes them away: everything is as it was after one run."""
    host, client = settled(os="server-2022")
    removed = Drift("the feature removed", lambda host: host.features.disable("RemoteAssistance"), "feature")
    before = state_of(host)
    removed.apply(host)
    audit = run(client, EVERYTHING, check=True)
    assert audit.state == "drifted"
    assert audit.as_data()["feature"]["state"] == "present"
    assert run(client, EVERYTHING).state == "changed"
    assert state_of(host) == before
    assert_settled(host, client, EVERYTHING)
