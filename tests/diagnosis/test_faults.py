# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every fault of a simulated host is named: the right check, its cause, what to do; and nothing is changed."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.diagnosis import connection_checks
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.diagnosis.diagnose import (
    CHECKS,
    Diagnosis,
    lines,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.diagnosis.finding import STATES

from simulator.faults import switch_names
from simulator.quirks import QUIRKS
from tests.diagnosis.cases import CASES, FURTHER_PROBLEMS, PROBLEM, UNKNOWN, Case
from tests.diagnosis.rig import PEOPLE, ask, changes, connect_soon
from tests.support.playbook import ROOT
from tests.support.pools import DESKTOP, start_pool

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::urllib3.exceptions.InsecureRequestWarning"
)

WITHOUT_CONSEQUENCE = {
    "idle_close": "a connection that is closed between two runs is opened anew",
    "deny_writes": "nothing is written",
    "msra_delay": "only how long a new invitation takes",
    "msra_writes_slowly": "only how long a new invitation takes",
    "msra_exits_at_once": "nothing is left of it that could be seen",
    "gpupdate_delay": "no refresh is started",
    "dism_delay": "no feature is changed",
}
"""Switches that break nothing which could be seen before an invitation is made."""


@pytest.fixture(scope="module")
def pool() -> Iterator[Any]:
    """One host for each case and each possibility of each quirk."""
    hosts = [{**DESKTOP, **case.host, "name": case.name} for case in CASES]
    hosts += [{**DESKTOP, "name": _name(quirk, value), "quirks": {quirk: value}} for quirk, value in _quirks()]
    hosts += [{**DESKTOP, "name": _fault_name(name)} for name in WITHOUT_CONSEQUENCE]
    started = start_pool(hosts, PEOPLE)
    yield started
    started.stop()


def _quirks() -> list[tuple[str, Any]]:
    return [(name, value) for name, values in QUIRKS.items() for value in values[1:]]


def _name(quirk: str, value: Any) -> str:
    return f"quirk-{_quirks().index((quirk, value))}"


def _fault_name(switch: str) -> str:
    return f"fault-{switch}".replace("_", "-")


def _settled(host: Any, case: Case) -> None:
    """Wait until what the user started by hand is there."""
    if not any(item.get("invitation_waiting") for item in case.host.get("sessions", ())):
        return
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if host.msra.invitations or (
            13 in host.events.ids() and case.name in ("half-invitation", "forbidden-invitation")
        ):
            return
        time.sleep(0.02)
    raise AssertionError("the user's own invitation did not come")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_fault_is_named(pool: Any, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    host = pool.hosts[case.name]
    monkeypatch.setattr(connection_checks, "SLOW_SECONDS", 0.05)
    host.faults.update(case.faults)
    _settled(host, case)
    kept = case.prepare(host) if case.prepare is not None else None
    before = changes(host)
    diagnosis, _facts = ask(host, case.way, user=case.user, connect=case.connect or connect_soon, **case.question)
    if hasattr(kept, "close"):
        kept.close()
    found = diagnosis.of(case.check)
    assert found.state == case.state, lines(diagnosis)
    assert re.search(case.cause, found.verdict.cause), found.verdict.cause
    assert re.search(case.fix, found.verdict.fix), found.verdict.fix
    problems = {item.check for item in diagnosis.in_state(PROBLEM)}
    expected = {case.check} if case.state == PROBLEM else set()
    assert problems == expected | FURTHER_PROBLEMS.get(case.name, set()), lines(diagnosis)
    assert changes(host) == before
    _are_for_people(diagnosis)


def _are_for_people(diagnosis: Diagnosis) -> None:
    """Every check says one sentence on one line, whatever is wrong; what needs mending says how."""
    assert [item.check for item in sorted(diagnosis.findings, key=_order)] == [check.name for check in CHECKS]
    states = [STATES.index(item.state) for item in diagnosis.findings]
    assert states == sorted(states)
    for item in diagnosis.findings:
        assert item.verdict.cause.endswith((".", "?")), item
        assert "\n" not in item.verdict.cause + item.verdict.fix
        assert bool(item.verdict.fix) == (item.state != "ok"), item
        assert "kadum4-rebis7" not in str(item.as_data())


def _order(item: Any) -> int:
    return [check.name for check in CHECKS].index(item.check)


def test_a_host_without_faults_has_no_problem(pool: Any) -> None:
    diagnosis, facts = ask(pool.hosts["secure-desktop"])
    assert [item.check for item in diagnosis.findings if item.state != "ok"] == ["secure_desktop"]
    assert diagnosis.summary.endswith("nothing stands in the way of help.")
    assert facts.answers <= 16
    assert pool.hosts["secure-desktop"].state()["counters"].get("shell", 0) % 6 == 0


SHOWN = {
    ("rsop_namespace_missing", True): {"policy_state"},
    ("firewall_store_option", "ignored"): {"firewall"},
}
"""Possibilities under which something can not be known, and the checks that say so."""


@pytest.mark.parametrize(("quirk", "value"), _quirks(), ids=str)
def test_no_possible_behaviour_of_windows_misleads(pool: Any, quirk: str, value: Any) -> None:
    host = pool.hosts[_name(quirk, value)]
    before = changes(host)
    diagnosis, facts = ask(host)
    told = {item.check for item in diagnosis.findings if item.state != "ok"}
    assert told == {"secure_desktop"} | SHOWN.get((quirk, value), set()), lines(diagnosis)
    assert facts.errors == {}
    assert changes(host) == before


@pytest.mark.parametrize("switch", WITHOUT_CONSEQUENCE)
def test_faults_of_other_things_make_no_difference(pool: Any, switch: str) -> None:
    host = pool.hosts[_fault_name(switch)]
    host.faults.set(switch, True if isinstance(getattr(host.faults, switch), bool) else 0.5)
    before = changes(host)
    diagnosis, _facts = ask(host)
    assert [item.check for item in diagnosis.findings if item.state != "ok"] == ["secure_desktop"]
    assert changes(host) == before


def test_every_switch_has_its_case() -> None:
    thrown = {name for case in CASES for name in case.faults}
    assert thrown | set(WITHOUT_CONSEQUENCE) == set(switch_names())


def test_every_check_finds_something() -> None:
    """No check is there for show: each has a case in which it is not well, but the controller's own one."""
    found = {case.check for case in CASES if case.state != "ok"}
    assert {check.name for check in CHECKS} - found == {"connection"}
    assert {case.state for case in CASES} == {*STATES}
    assert UNKNOWN in {case.state for case in CASES}


def test_the_guide_has_every_check() -> None:
    page = (ROOT / "docs/diagnose.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z_]+)` \|", page.partition("## The checks")[2], flags=re.MULTILINE)
    assert rows == [check.name for check in CHECKS]
    assert set(re.findall(r"^\| `([a-z]+)` \|", page.partition("## The checks")[0], flags=re.MULTILINE)) == {*STATES}
