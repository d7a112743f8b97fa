# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which channel carries what, and which pairs are refused."""

from __future__ import annotations

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._delivery.plan import (
    FILE_CHANNELS,
    PASSWORD_CHANNELS,
    make_plan,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import InvalidOption

USUAL = {"given": False, "in_job": False, "password_file": False}


@pytest.mark.parametrize(
    ("situation", "expected"),
    [
        ({}, "operator"),
        ({"in_job": True}, "user"),
        ({"given": True}, None),
        ({"given": True, "in_job": True}, None),
        ({"password_file": True}, "operator"),
        ({"password_file": True, "in_job": True}, "operator"),
    ],
)
def test_where_the_password_goes_by_default(situation: dict[str, bool], expected: str | None) -> None:
    assert make_plan(["smb"], None, **{**USUAL, **situation}).password == expected


@pytest.mark.parametrize("file_by", FILE_CHANNELS)
@pytest.mark.parametrize("password_by", PASSWORD_CHANNELS)
def test_never_both_by_one_channel(file_by: str, password_by: str) -> None:
    if file_by == password_by:
        with pytest.raises(InvalidOption, match=f"can not go by {file_by}"):
            make_plan([file_by], password_by, **USUAL)
        with pytest.raises(InvalidOption, match=f"can not go by {file_by}"):
            make_plan(["file", file_by], password_by, **{**USUAL, "given": True})
    else:
        plan = make_plan([file_by, file_by], password_by, **USUAL)
        assert (plan.invitation, plan.password) == ((file_by,), password_by)
        assert plan.needed == {file_by, password_by}


def test_a_given_password_goes_where_it_is_sent_alone() -> None:
    given = {**USUAL, "given": True}
    assert make_plan(["smb"], "mail", **given).password == "mail"
    assert make_plan(["smb"], "operator", **given).password is None


def test_a_job_has_no_terminal() -> None:
    job = {**USUAL, "in_job": True}
    with pytest.raises(InvalidOption, match="a job has no terminal"):
        make_plan(["smb"], "operator", **job)
    assert make_plan(["smb"], "operator", **{**job, "password_file": True}).password == "operator"


def test_a_file_in_a_job_is_warned_of() -> None:
    job = {**USUAL, "in_job": True}
    assert "thrown away" in make_plan(["file"], None, **job).warnings[0]
    assert make_plan(["file", "smb"], None, **job).warnings == ()
    assert make_plan(["file"], None, **USUAL).warnings == ()


@pytest.mark.parametrize(
    ("channels", "password_by", "situation", "said"),
    [
        ([], None, {}, "names no channel"),
        (["file"], None, {"given": True, "password_file": True}, "one was given"),
        (["file"], "user", {"password_file": True}, "password_delivery is user"),
    ],
)
def test_what_contradicts_itself(
    channels: list[str], password_by: str | None, situation: dict[str, bool], said: str
) -> None:
    with pytest.raises(InvalidOption, match=said):
        make_plan(channels, password_by, **{**USUAL, **situation})
