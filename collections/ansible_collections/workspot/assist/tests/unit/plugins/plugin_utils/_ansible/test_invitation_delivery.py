# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From options to channels, names and words; no server is asked."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.workspot.assist.plugins.plugin_utils._ansible import invitation_delivery
from ansible_collections.workspot.assist.plugins.plugin_utils._ansible.invitation_delivery import InvitationDelivery
from ansible_collections.workspot.assist.plugins.plugin_utils._ansible.option_specs import INVITATION
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.request import InvitationResult
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import DeliveryFailed, InvalidOption
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.sessions import Session

PASSWORD = "kadum4-rebis7-gotan3-pevaf9"
MAIL = {"server": "smtp.corp.example", "sender": "assist@corp.example"}
JOB = {"awx_job_id": 7, "awx_user_email": "alice@corp.example"}


def make(options: dict[str, Any], variables: dict[str, Any] | None = None, **more: Any) -> InvitationDelivery:
    """As the action makes it, its options validated."""
    validation = ArgumentSpecValidator(INVITATION).validate({"user": "jdoe", **options})
    assert validation.error_messages == []
    given = more.pop("given", False)
    return InvitationDelivery(validation.validated_parameters, variables or {}, password=PASSWORD, given=given)


def result(user: str = "jdoe", *, ahead: float = 0.0) -> InvitationResult:
    session = Session(session_id=3, user=user, domain="CORP", sid="S-1-5-21-1-2-3-4", state="active")
    return InvitationResult(
        data=b"<UPLOADINFO/>",
        sha256="0" * 64,
        host="desk-01",
        computer_name="DESK-01",
        session=session,
        created=datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
        expires=datetime(2226, 11, 21, 10, 30, tzinfo=UTC),
        expires_decided_by="task",
        endpoints=(),
        process_id=1,
        full_control=True,
        clock_difference_seconds=ahead,
        warnings=(),
        exchanges=0,
    )


def told(_result: InvitationResult, _text: str) -> str | None:
    return None


@pytest.fixture
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitation_delivery, "terminal_is_there", lambda: False)


@pytest.mark.usefixtures("no_terminal")
def test_a_file_and_its_password_beside_it(tmp_path: Path) -> None:
    subject = make({"directory": str(tmp_path / "d"), "file_name": "{user}-{host}"})
    subject.greet(write=True)
    subject.deliver(result("../jdoe"), told)
    found = subject.as_data()
    assert found["path"] == str(tmp_path / "d/_jdoe-desk-01.msrcincident")
    assert found["password_file"] == str(tmp_path / "d/_jdoe-desk-01.password")
    assert Path(found["password_file"]).read_text() == PASSWORD + "\n"
    assert Path(found["path"]).stat().st_mode & 0o777 == 0o600
    assert subject.shown_here is None
    assert subject.take_back() == []
    assert list((tmp_path / "d").iterdir()) == []


@pytest.mark.usefixtures("no_terminal")
def test_what_arrives_too_late_is_taken_back(tmp_path: Path) -> None:
    """By the host's clock, which is some centuries ahead, it is over."""
    subject = make({"directory": str(tmp_path / "d")})
    subject.greet(write=True)
    with pytest.raises(DeliveryFailed, match="ended before its delivery did") as caught:
        subject.deliver(result(ahead=201 * 366 * 86400.0), told)
    assert "expires_minutes" in (caught.value.hint or "")
    assert list((tmp_path / "d").iterdir()) == []


@pytest.mark.usefixtures("no_terminal")
def test_nowhere_to_show_a_password() -> None:
    with pytest.raises(InvalidOption, match="no terminal to show the password on"):
        make({"delivery": ["mail"], "delivery_mail": {**MAIL, "to": ["a@b.example"]}})


@pytest.mark.usefixtures("no_terminal")
def test_a_check_run_makes_no_directory(tmp_path: Path) -> None:
    make({"directory": str(tmp_path / "d")}).greet(write=False)
    assert not (tmp_path / "d").exists()


def test_the_user_reads_one_message() -> None:
    subject = make({"notify_user": True, "notify_text": "Hello.", "helper": "Ann", "ticket": "42"}, JOB)
    assert subject.user_text == (
        f"Hello. Ann will help you (ticket 42). When they call you, tell them this password: {PASSWORD}"
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"password_text": "no word of it"}, "has to hold {password}"),
        ({"password_text": "{password} " + "x" * 255}, "1 to 255 characters"),
        ({"helper": "x" * 200}, "1 to 255 characters"),
        ({"helper": "a%b"}, "percent sign"),
    ],
)
def test_what_the_user_could_not_read(options: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidOption, match=said):
        make(options, JOB)


def test_a_helper_is_no_template() -> None:
    assert str(make({"helper": "{password}"}, JOB).user_text).count(PASSWORD) == 1


def test_a_user_who_could_not_be_told_undoes_it(tmp_path: Path) -> None:
    subject = make({"directory": str(tmp_path)}, JOB)
    with pytest.raises(DeliveryFailed, match=r"the user could not be told\. The invitation was revoked\. What had"):
        subject.deliver(result(), lambda _result, _text: "the user could not be told.")
    assert list(tmp_path.iterdir()) == []

    def broken(_result: InvitationResult, _text: str) -> str | None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        subject.deliver(result(), broken)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("channel", ["smb", "http", "mail"])
def test_a_channel_needs_its_settings(channel: str) -> None:
    with pytest.raises(InvalidOption, match=rf"needs delivery_{channel} \(assist_{channel}"):
        make({"delivery": [channel]}, JOB)
    with pytest.raises(InvalidOption, match=f"needs delivery_{channel}"):
        make({"password_delivery": channel})


def test_a_mail_goes_to_whoever_launched_the_job() -> None:
    options = {"delivery": ["mail"], "delivery_mail": MAIL}
    subject = make(options, JOB)
    assert subject.plan.password == "user"
    make(options, {"tower_job_id": 7, "tower_user_email": "alice@corp.example"})
    with pytest.raises(InvalidOption, match="not to whom"):
        make(options, {"awx_job_id": 7, "awx_user_email": ""})
    with pytest.raises(InvalidOption, match="no mail address"):
        make(options, {"awx_job_id": 7, "awx_user_email": "a@b.example\nBcc: c@d.example"})


def test_words_of_a_mail_are_filled_in_once() -> None:
    words = {"user": "{password}", "host": "{", "password": PASSWORD}
    assert invitation_delivery._filled("{user} on {host} {x} {", words, without="password") == "{password} on { {x} {"
    assert invitation_delivery._filled("{password}", words, without="password") == "{password}"


def test_a_subject_never_holds_the_password() -> None:
    mail = {**MAIL, "subject": "{ticket}: {user} on {host} {password}"}
    subject = make({"delivery": ["mail"], "delivery_mail": mail, "ticket": "42"}, JOB)
    invitation, password = subject._parcels(result())
    assert invitation.subject == "42: jdoe on desk-01 {password}"
    assert PASSWORD not in invitation.text + invitation.subject + password.subject
    assert PASSWORD in password.text
    assert not password.attached
