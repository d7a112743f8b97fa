# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""playbooks/revoke.yml and the messages of assist.yml from end to end."""

from __future__ import annotations

from typing import Any

import pytest

from tests.end_to_end.test_return_values import differences, play
from tests.repository.test_documentation import documentation
from tests.revoke.traces import traces
from tests.support.playbook import PlaybookRunner
from tests.support.pools import DESKTOP

# The connection libraries' own, on newer versions of what they are built on.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

PASSWORD = "kadum4-rebis7"
OTHER = {"name": "desk-02", "sessions": [{"id": 1, "user": "CORP\\asmith"}]}


def test_an_invitation_and_its_end(
    make_pool: Any, inventory_for: Any, run_playbook: PlaybookRunner, invite: Any
) -> None:
    """Made by one controller and taken back by a run on another; another user's stays."""
    pool = make_pool(DESKTOP, OTHER)
    inventory = inventory_for(pool)
    invite(pool)
    invite(pool, "desk-02", "asmith")
    first, second = pool.hosts["desk-01"], pool.hosts["desk-02"]
    before, others = traces(first), traces(second)

    looked = run_playbook("revoke", "--check", inventory=inventory, extra={"user": "jdoe"}).ok()
    assert "Would take back session 1." in looked.stdout
    assert traces(first) == before

    run = run_playbook("revoke", inventory=inventory, extra={"user": "jdoe", "reason": "wrong user"}).ok()
    assert "Taken back: session 1." in run.stdout
    result = run.of("invitation")
    assert result["changed"] is True
    assert [item["endpoint_closed"] for item in result["revoked"]] == [True]
    assert traces(first) == []
    assert traces(second) == others


def test_hosts_that_did_not_answer_are_named(
    make_pool: Any, inventory_for: Any, run_playbook: PlaybookRunner, invite: Any
) -> None:
    """The invitation may be there: nobody is to believe that it is gone."""
    pool = make_pool({**OTHER, "name": "desk-00", "faults": {"down": True}}, DESKTOP)
    invite(pool)
    run = run_playbook("revoke", inventory=inventory_for(pool), extra={"user": "jdoe"}).ok()
    assert "No answer from desk-00: if an invitation waits there, it is not taken back" in " ".join(run.stdout.split())
    assert "Taken back: session 1." in run.stdout


def test_results_are_documented(make_pool: Any, inventory_for: Any, run_playbook: PlaybookRunner) -> None:
    inventory = inventory_for(make_pool(DESKTOP))
    made, waiting, revoked = (
        play("invitation", user="jdoe", password=PASSWORD),
        play("assistance_info", user="jdoe"),
        play("invitation", user="jdoe", state="absent"),
    )
    run = run_playbook([*made, *waiting, *revoked], inventory=inventory).ok()
    state = run.of("assistance_info")
    assert list(differences(documentation("assistance_info", "RETURN"), state, "success")) == []
    assert [item["assistance"] for item in state["sessions"]] == ["waiting_for_connect"]
    returned = documentation("invitation", "RETURN")
    absent = run.of("invitation")
    assert set(absent) - set(returned) - {"changed", "failed", "warnings", "invocation", "_ansible_no_log"} == set()
    assert list(differences(returned["revoked"]["contains"], absent["revoked"][0], "success")) == []


def test_the_user_is_told(make_pool: Any, inventory_for: Any, run_playbook: PlaybookRunner) -> None:
    pool = make_pool(DESKTOP)
    wording = "Hilfe durch {helper}, Vorgang {ticket}."
    extra = {"user": "jdoe", "password": PASSWORD, "helper": "Ann & Bob (IT)", "ticket": "INC-42"}
    extra |= {"assist_notify": True, "assist_notify_text": wording}
    run_playbook("assist", inventory=inventory_for(pool), extra=extra).ok()
    assert pool.hosts["desk-01"].messages == [(1, "Hilfe durch Ann & Bob (IT), Vorgang INC-42.")]
