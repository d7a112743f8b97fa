# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Just in time through the playbooks: made, told, recorded, taken back, and cut off."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.end_to_end.rig import assert_refused
from tests.just_in_time.rig import Host
from tests.support.canary import assert_kept_secret, new_canary
from tests.support.playbook import PlaybookRunner

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
PASSWORD = "kadum4-rebis7"
JUST_IN_TIME = {"assist_just_in_time": "true", "assist_helper_addresses": "10.20.0.0/16, 10.30.0.9"}
EXTRA = {"user": "jdoe", "password": PASSWORD, "assist_timeout": 10, **JUST_IN_TIME}
ASKED_SECONDS = 60 * 60 + 6 * 60


def test_made_told_recorded_and_taken_back(
    host: Host, inventory_for: Callable[..., Path], run_playbook: PlaybookRunner, tmp_path: Path
) -> None:
    before, inventory, trail = host.snapshot(), inventory_for(host.pool), tmp_path / "audit.jsonl"
    password = new_canary()
    extra = {**EXTRA, "password": password, "assist_audit_file": str(trail), "reason": "mail stuck"}
    checked = run_playbook("assist", "--check", inventory=inventory, extra=extra).ok()
    assert "would be opened just in time" in checked.stdout
    assert "fAllowToGetHelp" in checked.stdout
    assert host.snapshot() == before
    run = run_playbook("assist", "-vvv", inventory=inventory, extra=extra).ok()
    assert "just in time, for 10.20.0.0/16, 10.30.0.9" in run.stdout
    assert [item["what"] for item in run.of("invitation")["just_in_time"]["opened"]][-1] == "firewall"
    assert set(host.rules[0].remote_addresses) == {"10.20.0.0/255.255.0.0", "10.30.0.9"}
    assert_kept_secret(password, run)
    assert password not in trail.read_text() + str(host.describe()) + str(host.sim.state()["tasks"])
    back = run_playbook("revoke", inventory=inventory, extra={"user": "jdoe", "assist_audit_file": str(trail)}).ok()
    assert back.of("invitation")["revoked"][0]["just_in_time_closed"] is True
    host.assert_closed(before)
    created, revoked = (json.loads(line) for line in trail.read_text().splitlines())
    assert "fAllowToGetHelp" in json.dumps(created)
    assert '"helper_addresses": ["10.20.0.0/16", "10.30.0.9"]' in json.dumps(created)
    assert '"just_in_time_closed": true' in json.dumps(revoked)


def test_without_addresses_nothing_is_begun(
    host: Host, inventory_for: Callable[..., Path], run_playbook: PlaybookRunner
) -> None:
    before = host.snapshot()
    run = run_playbook("assist", inventory=inventory_for(host.pool), extra={**EXTRA, "assist_helper_addresses": ""})
    assert_refused(run, "helper_addresses")
    assert host.snapshot() == before


@pytest.mark.parametrize("moment", [("RegisterByXml", 2), ("StartByPath", 1), ("RegisterByXml", 5)], ids=str)
def test_a_controller_that_is_killed(
    host: Host, inventory_for: Callable[..., Path], run_playbook: PlaybookRunner, moment: tuple[str, int]
) -> None:
    """What test_trouble does at every request, once more with a process that is really gone."""
    before = host.snapshot()
    running = run_playbook.start("assist", inventory=inventory_for(host.pool), extra=EXTRA)
    host.sim.hooks.at_operation(moment[0], lambda: running.signal(signal.SIGKILL), number=moment[1])
    assert running.wait().returncode == -signal.SIGKILL
    host.wait_for(lambda: any(name.startswith("close-") for name in host.tasks))
    host.pass_time(ASKED_SECONDS)
    host.assert_closed(before)
    assert PASSWORD not in str(host.describe())
