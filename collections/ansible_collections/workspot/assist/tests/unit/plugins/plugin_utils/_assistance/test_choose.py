# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One session among candidates, and what is said when there is not one."""

from __future__ import annotations

import json
import shlex

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.choose import (
    Candidate,
    choose,
    command_line,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.user_name import parse_user
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import (
    AssistError,
    SessionInactive,
    UserAmbiguous,
    UserNotFound,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.sessions import Session

USER = parse_user("jdoe")


def candidate(
    host: str, number: int, state: str = "active", domain: str | None = "CORP", user: str = "jdoe"
) -> Candidate:
    return Candidate(host, Session(user, domain, "S-1-5-21-1-2-3-4", number, state, "desktop", "LAPTOP-7"))


def test_one_active_session_is_chosen() -> None:
    found = [candidate("a", 1, "disconnected"), candidate("b", 2)]
    assert choose(found, USER, searched=2) is found[1]


def test_several_are_listed_with_commands() -> None:
    with pytest.raises(UserAmbiguous) as caught:
        choose([candidate("a", 1), candidate("b", 2)], USER, searched=2)
    text = str(caught.value)
    assert "a session 1 (CORP\\jdoe, active, desktop, at LAPTOP-7)" in text
    assert "-e host=b -e session_id=2" in text
    assert "\n" not in text


def test_a_chosen_session_is_taken() -> None:
    found = [candidate("a", 1), candidate("a", 2)]
    assert choose(found, USER, searched=1, session_id=2) is found[1]


@pytest.mark.parametrize(
    ("found", "error", "words"),
    [
        ([candidate("a", 2, "disconnected")], SessionInactive, "disconnected"),
        (
            [],
            UserNotFound,
            "no session on 3 hosts, 1 of which did not answer.*Did you mean jdoel.*No answer: c .it is down",
        ),
        ([candidate("a", 9)], UserNotFound, "no session 2: a session 9"),
    ],
)
def test_errors_say_what_to_do(found: list[Candidate], error: type[AssistError], words: str) -> None:
    with pytest.raises(error, match=words):
        choose(found, USER, searched=3, silent=["c (it is down)"], accounts=["jdoel"], session_id=2 if found else None)


@pytest.mark.parametrize(
    ("user", "domain"),
    [("jdoe", None), ("o'brien", "CORP"), ("R&D; rm -rf ~", "CORP"), ("bob", "CORP"), ("a b", None), ("$(x)", None)],
)
def test_the_command_survives_the_shell_and_ansible(user: str, domain: str | None) -> None:
    item = candidate("host-1", 3, domain=domain, user=user)
    words = shlex.split(command_line(user, item))
    extra = words[words.index("-e") + 1]
    value = json.loads(extra)["user"] if extra.startswith("{") else extra.partition("=")[2]
    assert value == (f"{domain}\\{user}" if domain else user)
    assert words[-1] == "session_id=3"


@pytest.mark.parametrize("domain", ["{{ lookup('pipe', 'id') }}", "{% x %}", "CO\x1b[2JRP", "A\u202eB"])
def test_what_a_host_calls_its_domain_is_no_program_for_the_operator(domain: str) -> None:
    """Ansible takes extra variables for templates, and a user can write what the own session says of its domain."""
    assert shlex.split(command_line("jdoe", candidate("host-1", 3, domain=domain)))[3] == "user=jdoe"


def test_the_command_begins_as_the_operator_began() -> None:
    assert command_line("jdoe", candidate("a", 1), program="ansible-playbook x -i y").startswith(
        "ansible-playbook x -i y -e "
    )


def test_a_long_list_is_cut() -> None:
    with pytest.raises(UserAmbiguous, match="and 8 more"):
        choose([candidate("a", number) for number in range(20)], USER, searched=1)
