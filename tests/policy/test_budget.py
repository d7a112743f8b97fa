# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a converged host costs: at most sixteen HTTP exchanges, the login's among them, counted by the host.

`python -m benchmarks policy` counts the same on five hundred hosts.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.policy.rig import FOREIGN_ENTRIES, Host
from tests.support.playbook import PlaybookRunner

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
MOST = 16
GPO = {"name": "Baseline", "guid": "{31B2F340-016D-11D2-945F-00C04FB984F9}", "values": {"LoggingEnabled": 1}}
OPTIONS: dict[str, Any] = {
    "preset": "helpdesk",
    "offer_remote_assistance": "enabled",
    "offer_helpers": ["CORP\\Helpdesk"],
    "uac_secure_desktop": "enabled",
}


@pytest.mark.parametrize(
    ("connection", "auth"), [("winrm", "ntlm"), ("psrp", "ntlm"), ("winrm", "basic"), ("psrp", "basic")]
)
def test_hosts_that_agree_cost_at_most_sixteen_exchanges_each(
    make_pool: Callable[..., Any],
    inventory_for: Callable[..., Path],
    run_playbook: PlaybookRunner,
    connection: str,
    auth: str,
) -> None:
    policy = {"registry_pol": {"entries": FOREIGN_ENTRIES}}
    systems = ["windows-11", "windows-10", "server-2022", "server-2025"]
    pool = make_pool(
        *(
            {"name": f"desk-{number:02}", "os": system, "local_policy": policy, "domain_policies": [GPO]}
            for number, system in enumerate(systems)
        )
    )
    play = [
        {
            "hosts": "all",
            "gather_facts": False,
            "tasks": [{"name": "Policy", "workspot.assist.policy": OPTIONS}],
        }
    ]
    inventory = inventory_for(pool, connection, auth)
    run_playbook(play, inventory=inventory).ok()
    for sim in pool.hosts.values():
        sim.counters.clear()
        sim.writes.log.clear()
        sim.faults.set("deny_writes", True)
    done = run_playbook(play, inventory=inventory).ok()
    assert [item.result["changed"] for item in done.results] == [False] * len(systems)
    for sim in pool.hosts.values():
        assert 0 < sim.counters["requests"] <= MOST, (sim.name, sim.counters)
        assert (sim.counters["denied_writes"], sim.writes.log) == (0, [])


def test_a_large_registry_pol_is_within_it_too(make_host: Callable[..., Host]) -> None:
    """A domain's worth of other policy: some hundred kilobytes."""
    many = [{"key": f"SOFTWARE\\Policies\\Other\\{number}", "name": "V", "data": "x" * 200} for number in range(600)]
    host = make_host(local_policy={"registry_pol": {"entries": many}}, domain_policies=[GPO])
    host.apply(**OPTIONS)
    assert len(host.files.pol or b"") > 250_000
    host.forget()
    host.assert_settled(**OPTIONS)
    assert host.requests <= MOST
    host.forget()
    host.info()
    assert host.requests <= MOST
