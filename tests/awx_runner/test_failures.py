# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs that fail say so in one line, and jobs that are cancelled leave nothing, neither here nor on the host."""

from __future__ import annotations

from typing import Any

import pytest

from tests.awx_runner.rig import Job, processes_of
from tests.end_to_end.rig import traces
from tests.support.canary import files_with

ANSWERS = {"user": "jdoe", "host": "", "session_id": "", "reason": "", "ticket": ""}
GIVEN = "Canary7Maple9Harbor2"
START = "StartByPath"
MAKING_SECONDS = 60 + 2 * 60 + 5
"""assist_timeout, the guard's margin after it, and a little."""
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "machine-credential": ({"password": "Not-The-Password-1"}, "refused the login"),
    "nobody": ({"answers": {**ANSWERS, "user": ""}}, "Who is to be helped?"),
    "elsewhere": ({"answers": {**ANSWERS, "user": "bmeyer"}}, "bmeyer has no session"),
    "unknown-host": ({"answers": {**ANSWERS, "host": "desk-99"}}, "desk-99: not among the hosts of this run"),
    "asks": ({"template": {"ask_password": True}}, "a job of AWX has none"),
    "operator": ({"template": {"assist_password_delivery": "operator"}}, "a job has no terminal"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_one_clear_line(wrong: str, make_pool: Any, controller: Any) -> None:
    options, words = WRONG[wrong]
    pool = make_pool()
    with controller(pool).run(Job("playbooks/assist.yml", **{"answers": ANSWERS, **options})) as ended:
        assert (ended.status, ended.rc) == ("failed", 2)
        (message,) = ended.failures
        assert words in message
        assert "\n" not in message
        assert "Traceback" not in ended.stdout
        assert list(ended.folder.rglob("*.msrcincident")) == []
        if password := options.get("password"):
            assert files_with(password, ended.artifacts) == []
    assert pool.hosts["desk-01"].state()["writes"] == []


def test_a_job_that_is_cancelled(make_pool: Any, controller: Any) -> None:
    """At the worst moment: msra.exe has just been told to start, and the task with the password is on the host."""
    pool = make_pool()
    host = pool.hosts["desk-01"]
    # Until ansible-runner has looked whether somebody cancelled, about a second, the job goes on.
    host.faults.set("msra_delay", 30)
    job = Job("playbooks/assist.yml", ANSWERS, injected_variables={"password": GIVEN})
    with controller(pool).start(job) as running:
        host.hooks.at_operation(START, running.cancel)
        ended = running.wait()
        assert ended.status == "canceled"
        assert files_with(GIVEN, ended.artifacts) == []
        assert list(ended.folder.rglob("*.msrcincident")) == []
    assert not ended.folder.exists()
    assert processes_of(ended.folder) == []
    assert traces(host) != []
    host.clock.advance(MAKING_SECONDS)
    assert traces(host) == []
    assert GIVEN not in str(host.state()["tasks"])
