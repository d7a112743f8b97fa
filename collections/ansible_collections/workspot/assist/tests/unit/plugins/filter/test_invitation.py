# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.workspot.assist.plugins.filter import invitation as plugin
from ansible_collections.workspot.assist.tests.unit.plugins.plugin_utils._formats.ticket_maker import (
    PASSWORD,
    Maker,
    first_generation,
)

invitation = plugin.FilterModule().filters()["invitation"]


@pytest.mark.parametrize(
    "content",
    [
        Maker().data(),
        Maker().text(),
        "\ufeff" + Maker().text() + "\r\n",
        base64.b64encode(Maker().data()).decode(),
        base64.encodebytes(Maker().data()).decode(),
        base64.b64encode(Maker().text().encode("utf-16")).decode(),
    ],
    ids=["bytes", "text", "marked text", "base64", "wrapped base64", "base64 of UTF-16"],
)
def test_every_form_of_content(content: bytes | str) -> None:
    found = invitation(content, password=PASSWORD)

    assert isinstance(found, dict)
    assert found["verified"] is True
    assert found["expired"] is True
    assert found["user_name"] == "jdoe"


def test_undecodable_bytes_of_a_lookup() -> None:
    text = Maker(user_name="Jürgen").data().decode("ascii", "surrogateescape")

    found = invitation(text)

    assert isinstance(found, dict)
    assert found["user_name"] == "Jürgen"


@pytest.mark.parametrize(
    "content",
    ["", "hello", "nothing of the sort", "aGVsbG8=", "<a/>", "<a", "\ud800", "<\ud800", b"\xff", 3, None, [], {}],
)
def test_refusals_are_one_line(content: object) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        invitation(content, password="canary-password")
    assert "\n" not in caught.value.message
    assert "canary" not in caught.value.message


def test_a_password_that_is_none() -> None:
    with pytest.raises(AnsibleFilterError, match="no text"):
        invitation(Maker().data(), password=5)


@pytest.mark.parametrize("data", [Maker().data(), first_generation()])
def test_what_is_returned_is_documented(data: bytes) -> None:
    documented = yaml.safe_load(plugin.RETURN)["_value"]["contains"]
    types = {"int": int, "str": str, "bool": bool, "list": list}

    found = invitation(data, password=PASSWORD)

    assert isinstance(found, dict)
    assert set(found) == set(documented)
    for name, value in found.items():
        assert value is None or value.__class__ is types[documented[name]["type"]]
    for endpoint in found["endpoints"]:
        assert set(endpoint) == set(documented["endpoints"]["contains"])
