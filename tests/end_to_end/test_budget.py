# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an invitation costs a host in HTTP requests, logins included, over a real playbook."""

from __future__ import annotations

from typing import Any

import pytest

from tests.end_to_end.rig import PASSWORD
from tests.support.playbook import PlaybookRunner
from tests.support.pools import ACCOUNTS

MOST_FOR_ONE_USER = 30
MOST_MORE_FOR_TWENTY = 10
MOST_TO_SEARCH = 12
USERS = [f"user{number:02}" for number in range(1, 21)]


def described(name: str, users: list[str]) -> dict[str, Any]:
    sessions = [
        {"id": number, "user": f"CORP\\{user}", "client": f"THIN-{number}", "session_name": f"RDP-Tcp#{number}"}
        for number, user in enumerate(users, start=1)
    ]
    return {"name": name, "os": "server-2022", "sessions": sessions, "faults": {"msra_delay": 0.0}}


@pytest.mark.parametrize("way", ["winrm-ntlm", "psrp-basic"])
def test_requests_of_an_invitation(way: str, make_pool: Any, inventory_for: Any, run_playbook: PlaybookRunner) -> None:
    accounts = [*ACCOUNTS, *({"name": user} for user in USERS)]
    pool = make_pool(
        described("one", USERS[6:7]), described("twenty", USERS), described("searched", USERS[:1]), accounts=accounts
    )
    inventory = inventory_for(pool, *way.split("-"))
    play = {
        "hosts": "one:twenty",
        "gather_facts": False,
        "tasks": [{"workspot.assist.invitation": {"user": "user07", "password": PASSWORD}}],
    }
    search = {
        "hosts": "searched",
        "gather_facts": False,
        "tasks": [{"workspot.assist.locate_user": {"user": "user01"}}],
    }
    run_playbook([play, search], inventory=inventory).ok()
    requests = {name: host.counters["requests"] for name, host in pool.hosts.items()}
    assert requests["one"] <= MOST_FOR_ONE_USER
    assert requests["twenty"] <= requests["one"] + MOST_MORE_FOR_TWENTY
    assert requests["searched"] <= MOST_TO_SEARCH
