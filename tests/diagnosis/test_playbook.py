# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""playbooks/diagnose.yml from end to end: the user is found, or nowhere; several hosts; hosts that can not be asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.diagnosis.rig import PEOPLE, changes
from tests.end_to_end.test_return_values import differences
from tests.repository.test_documentation import documentation
from tests.support.playbook import PlaybookRunner, Run
from tests.support.pools import CONNECTIONS, DESKTOP, inventory_data, start_pool, write_inventory

HOSTS: tuple[dict[str, Any], ...] = (
    DESKTOP,
    {"name": "desk-02", "sessions": [{"id": 1, "user": "CORP\\asmith"}], "firewall": {"network_category": "public"}},
    {"name": "desk-03", "faults": {"down": True}},
    {"name": "desk-04", "faults": {"refuse_login": True}},
    {"name": "desk-05", "sessions": [{"id": 1, "user": "CORP\\asmith"}]},
    {"name": "desk-06", "sessions": [{"id": 1, "user": "CORP\\asmith"}]},
)


@pytest.fixture(scope="module")
def hosts() -> Iterator[Any]:
    """A pool with what is wrong in a pool."""
    pool = start_pool(HOSTS, PEOPLE)
    yield pool
    pool.stop()


@pytest.fixture
def inventory(hosts: Any, tmp_path: Any) -> Any:
    """Its inventory; one host over psrp, one that is not set up for Windows at all."""
    data = inventory_data(hosts)
    data["all"]["hosts"]["desk-05"] |= CONNECTIONS["psrp-basic"] | {"ansible_psrp_ca_cert": str(hosts.ca)}
    data["all"]["hosts"]["desk-06"] |= {"ansible_connection": "ssh"}
    return write_inventory(tmp_path, data)


def findings(run: Run) -> dict[str, dict[str, Any]]:
    """Results of the module by host."""
    return {item.host: item.result for item in run.results if item.action == "workspot.assist.diagnosis"}


def states(result: dict[str, Any]) -> dict[str, str]:
    """State by check."""
    return {item["check"]: item["state"] for item in result["findings"]}


def said(run: Run) -> str:
    """The terminal's text without its line breaks."""
    return " ".join(run.stdout.split())


def test_the_user_is_found(hosts: Any, inventory: Any, run_playbook: PlaybookRunner) -> None:
    before = {name: changes(host) for name, host in hosts.hosts.items()}
    run = run_playbook("diagnose", inventory=inventory, extra={"user": "jdoe"}).ok()
    (result,) = findings(run).values()
    assert result["host"] == "desk-01"
    assert result["worst"] == "remark"
    assert result["counts"]["problem"] == 0
    assert list(differences(documentation("diagnosis", "RETURN"), result, "success")) == []
    assert "jdoe on desk-01: nothing stands in the way of help." in said(run)
    assert {name: changes(host) for name, host in hosts.hosts.items()} == before


def test_the_user_is_nowhere(inventory: Any, run_playbook: PlaybookRunner) -> None:
    """Whoever did not answer is looked at: the user may be there."""
    run = run_playbook("diagnose", inventory=inventory, extra={"user": "jdo"}).ok()
    text = said(run)
    assert "jdo has no session on 6 hosts, 3 of which did not answer." in text
    assert "Did you mean jdoe?" in text
    assert "Looking at hosts that did not answer: desk-03, desk-04, desk-06." in text
    assert set(findings(run)) == {"desk-03", "desk-04", "desk-06"}


def test_several_hosts_and_those_that_can_not_be_asked(inventory: Any, run_playbook: PlaybookRunner) -> None:
    names = ["desk-02", "desk-03", "desk-04", "desk-05", "desk-06"]
    run = run_playbook("diagnose", "--check", inventory=inventory, extra={"host": ",".join(names)}).ok()
    assert "unreachable=1" not in run.stdout
    assert "failed=1" not in run.stdout
    found = findings(run)
    problems = {
        name: [item["check"] for item in result["findings"] if item["state"] == "problem"]
        for name, result in found.items()
    }
    assert problems == {
        "desk-02": ["firewall"],
        "desk-03": ["reachable"],
        "desk-04": ["login"],
        "desk-05": [],
        "desk-06": ["connection"],
    }
    assert states(found["desk-04"])["reachable"] == "ok"
    assert states(found["desk-04"])["session"] == "unknown"
    assert "the inventory says 'ssh'" in found["desk-06"]["summary"].lower() or "ssh" in found["desk-06"]["summary"]
    assert "1 of 1 sessions are active" in str(found["desk-05"]["findings"])
    assert "desk-03: 127" in said(run)


def test_a_user_on_a_host_that_is_named(inventory: Any, run_playbook: PlaybookRunner) -> None:
    """The host is looked at, and not all the others for the user."""
    run = run_playbook("diagnose", inventory=inventory, extra={"user": "jdoe", "host": "desk-05"}).ok()
    (result,) = findings(run).values()
    assert states(result)["session"] == "problem"
    assert "jdoe has no session on this host; logged on here: CORP\\asmith" in result["summary"]
    asked = [item.outcome for item in run.results if item.action == "workspot.assist.locate_user"]
    assert set(asked) <= {"skipped"}


def test_what_means_nothing_is_refused(inventory: Any, run_playbook: PlaybookRunner) -> None:
    nothing = run_playbook("diagnose", inventory=inventory)
    assert nothing.returncode != 0
    assert nothing.failures == [
        "Whom or what is it about? Give the user's name, -e user=jdoe, or a host, -e host=desk-02."
    ]
    unknown = run_playbook("diagnose", inventory=inventory, extra={"host": "desk-99"})
    assert unknown.returncode != 0
    assert "desk-99: not among the hosts of this run" in unknown.failures[0]
