# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import (
    InvitationMalformed,
    InvitationNotProtected,
    InvitationTruncated,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.inspect import inspect_invitation
from ansible_collections.workspot.assist.tests.unit.plugins.plugin_utils._formats.ticket_maker import (
    FIRST_GENERATION,
    PASSWORD,
    Maker,
    first_generation,
)

START = datetime(2026, 1, 1, tzinfo=UTC)


def test_everything_about_a_verified_one() -> None:
    data = Maker().data()

    assert inspect_invitation(data, PASSWORD, START) == {
        "generation": 2,
        "user_name": "jdoe",
        "created": "2026-01-01T00:00:00Z",
        "expires": "2026-01-01T01:00:00Z",
        "lifetime_minutes": 60,
        "expired": False,
        "protected": True,
        "verified": True,
        "reason": None,
        "endpoints": [
            {"address": "fe80::1:2", "scope": "3", "port": 49152, "family": "ipv6"},
            {"address": "192.0.2.7", "scope": None, "port": 49153, "family": "ipv4"},
        ],
        "sha256": hashlib.sha256(data).hexdigest(),
        "size": len(data),
    }


def test_without_a_password() -> None:
    found = inspect_invitation(Maker().data(), None, START)

    assert (found["verified"], found["endpoints"]) == (None, [])
    assert found["reason"] == "No password was given to check."


def test_with_a_wrong_password_the_plain_part_is_left() -> None:
    found = inspect_invitation(Maker().with_plain().data(), "wrong password", START)

    assert found["verified"] is False
    assert found["reason"] == "The password does not open the invitation."
    assert found["endpoints"] == [{"address": "192.0.2.7", "scope": None, "port": 49153, "family": "ipv4"}]


def test_tampered() -> None:
    found = inspect_invitation(Maker().with_plain(session_id="b3RoZXI=").data(), PASSWORD, START)

    assert found["verified"] is False
    assert "different sessions" in str(found["reason"])


def test_a_damaged_plain_part_of_the_second_generation_is_none() -> None:
    data = Maker(plain="rubbish").data()

    assert inspect_invitation(data, None, START)["endpoints"] == []


@pytest.mark.parametrize(
    ("after", "expired"),
    [(timedelta(minutes=59, seconds=59), False), (timedelta(minutes=60), True), (timedelta(days=1), True)],
)
def test_expired(after: timedelta, expired: bool) -> None:
    assert inspect_invitation(Maker().data(), PASSWORD, START + after)["expired"] is expired


def test_first_generation() -> None:
    found = inspect_invitation(first_generation(), "any", START)

    assert found["generation"] == 1
    assert found["verified"] is None
    assert "first-generation" in str(found["reason"])
    assert [item["port"] for item in found["endpoints"]] == [3389, 3389]  # type: ignore[attr-defined]


def test_not_protected() -> None:
    found = inspect_invitation(first_generation(RCTICKETENCRYPTED="0"), "any", START)

    assert (found["protected"], found["verified"]) == (False, None)
    assert "not protected" in str(found["reason"])


def test_refusals() -> None:
    with pytest.raises(InvitationMalformed):
        inspect_invitation(first_generation(RCTICKET="rubbish"), None, START)
    with pytest.raises(InvitationTruncated):
        inspect_invitation(Maker().data()[:-10], None, START)
    offer = {name: text for name, text in FIRST_GENERATION.items() if not name.startswith("Dt")}
    with pytest.raises(InvitationNotProtected):
        inspect_invitation(Maker().text(offer | {"RCTICKETENCRYPTED": "0"}).encode(), None, START)


def test_no_secret_is_in_it() -> None:
    maker = Maker(password="canary-password").with_plain()

    for password in ("canary-password", "canary-mistyped"):
        shown = json.dumps(inspect_invitation(maker.data(), password, START))
        assert "canary" not in shown
        assert maker.session_id not in shown
        assert maker.key_hash not in shown
