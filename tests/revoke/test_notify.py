# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The message in the user's session: whole, in the wording given, and never a reason to fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.notify import (
    LONGEST,
    check_text,
    message_text,
    notify,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import InvalidOption
from hypothesis import given
from hypothesis import strategies as st

from tests.support.pools import DESKTOP

Make = Callable[..., Any]
WORDING = "{helper} will ask to see your screen (ticket {ticket})."
# The connection libraries' own, on newer versions of what they are built on.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def shown(pool: Any) -> list[tuple[int, str]]:
    """What came up on the host's screens."""
    return list(pool.hosts["desk-01"].messages)


def test_the_user_is_told_once_the_invitation_is_ready(pool: Any, invite: Make) -> None:
    result = invite(pool, message=message_text(WORDING, helper="Ann Helper", reference="INC-42"))
    assert shown(pool) == [(1, "Ann Helper will ask to see your screen (ticket INC-42).")]
    assert result.warnings == ()


def test_the_other_users_are_not_told(make_pool: Make, connect: Make) -> None:
    sessions = [{"id": 1, "user": "CORP\\jdoe"}, {"id": 11, "user": "CORP\\asmith"}]
    pool = make_pool({**DESKTOP, "os": "server-2022", "sessions": sessions})
    with connect(pool).shell() as shell:
        assert notify(shell, 1, "hello") is None
    assert shown(pool) == [(1, "hello")]


HOSTILE = [
    "Söhne & Co | calc > x < y ^ ( ) ; , = ' ` ~ # @ * ? [ ] { } $ & echo owned",
    "a b  c",
    "ends with a backslash\\",
    "ends with two\\\\",
    "& del C:\\Windows",
    "Привет, 東京",
    "(",
    "^^^",
    "| more",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_text_and_nothing_else(pool: Any, connect: Make, name: str) -> None:
    text = message_text(f"x {name}", helper="", reference="")
    with connect(pool).shell() as shell:
        assert notify(shell, 1, text) is None
    assert shown(pool) == [(1, f"x {name}".strip())]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "x" * (LONGEST + 1),
        'a "quote"',
        "100%",
        "50 %PATH%",
        "no!",
        "two\nlines",
        "bell\a",
        "/server:evil",
        "-w",
        "“",
    ],
)
def test_what_can_not_be_carried_is_refused_before_anything_is_sent(pool: Any, invite: Make, text: str) -> None:
    with pytest.raises(InvalidOption):
        invite(pool, message=text)
    assert pool.hosts["desk-01"].counters["requests"] == 0


@given(st.text(max_size=300))
def test_a_text_is_refused_or_one_line_in_quotes(text: str) -> None:
    try:
        check_text(text)
    except InvalidOption:
        return
    assert 0 < len(text) <= LONGEST
    assert not set(text) & set('"%!\r\n\0')
    assert text[0] not in "/-"


def test_wording_of_a_helper_is_no_wording(pool: Any) -> None:
    """What stands in for {helper} is not looked through for {ticket}'s sake twice."""
    assert message_text(WORDING, helper="", reference="") == "The helpdesk will ask to see your screen (ticket -)."


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ({"missing": ["msg.exe"]}, "msg.exe is not on this host"),
        ({"missing": ["msg.exe"], "quirks": {"msg_failure_code": 0}}, "msg.exe is not on this host"),
    ],
    ids=["missing", "missing-quietly"],
)
def test_no_msg_is_a_warning(make_pool: Make, invite: Make, host: dict[str, Any], words: str) -> None:
    pool = make_pool({**DESKTOP, **host})
    result = invite(pool, message="hello")
    assert any(words in item for item in result.warnings)
    assert shown(pool) == []
    assert result.endpoints


def test_a_refusing_msg_is_a_warning(pool: Any, connect: Make) -> None:
    with connect(pool).shell() as shell:
        assert notify(shell, 7, "hello") == "the user could not be told: msg.exe ended with 1."
        pool.hosts["desk-01"].disconnect(1)
        assert notify(shell, 1, "hello") == "the user could not be told: msg.exe ended with 1."
    assert shown(pool) == []


def test_a_quiet_refusal_is_not_noticed(make_pool: Make, connect: Make) -> None:
    """Where msg.exe says 0 for everything, nobody can know; nothing fails either."""
    pool = make_pool({**DESKTOP, "quirks": {"msg_failure_code": 0}})
    with connect(pool).shell() as shell:
        assert notify(shell, 7, "hello") is None
    assert shown(pool) == []


def test_a_connection_that_breaks_is_a_warning(pool: Any, connect: Make) -> None:
    client = connect(pool)
    with client.shell() as shell:
        assert notify(shell, 1, "first") is None
        pool.hosts["desk-01"].faults.set("vanish_after", 0)
        pool.hosts["desk-01"].faults.set("down", True)
        problem = notify(shell, 1, "second")
    assert problem is not None
    assert problem.startswith("the user could not be told: ")
    assert shown(pool) == [(1, "first")]
