# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""File names, whatever users and hosts are called."""

from __future__ import annotations

import re

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._delivery.file_name import (
    DEFAULT,
    check_template,
    file_names,
    harmless,
    password_names,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import InvalidOption
from hypothesis import given
from hypothesis import strategies as st

VALUES = {
    "user": "jdoe",
    "host": "desk-01",
    "expires": "20261121T1030Z",
    "session_id": "1",
    "epoch": "1795253400000",
}
FORBIDDEN = set('/\\:*?"<>|\0\r\n{}%')
DEVICES = re.compile(r"(?:CON|PRN|AUX|NUL|COM[0-9]|LPT[0-9])(?:\..*)?", re.IGNORECASE)


def test_the_usual_name_is_thirteen_digits() -> None:
    names = file_names(DEFAULT, VALUES)
    assert names[:2] == ("1795253400000.msrcincident", "1795253400001.msrcincident")
    assert len(set(names)) == len(names)


def test_every_placeholder() -> None:
    names = file_names("{user} on {host}, {expires} ({session_id})", VALUES)
    assert names[0] == "jdoe on desk-01, 20261121T1030Z (1).msrcincident"
    assert names[1] == "jdoe on desk-01, 20261121T1030Z (1)-2.msrcincident"
    assert password_names(names)[0] == "jdoe on desk-01, 20261121T1030Z (1).password"


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("..", "_"),
        ("C:\\Windows", "C__Windows"),
        ("jdoe\r\nBcc: eve@evil.example", "jdoe__Bcc__eve_evil.example"),
        ("{host}", "_host_"),
        ("Söhne & Co", "Söhne___Co"),
        ("\u202etxt.exe", "_txt.exe"),
        ("東京", "東京"),
    ],
)
def test_hostile_users(user: str, expected: str) -> None:
    assert file_names("{user}", {**VALUES, "user": user})[0] == expected + ".msrcincident"


@pytest.mark.parametrize("user", ["CON", "nul", "Com1", "aux.txt", "LPT9"])
def test_devices_of_windows_are_no_names(user: str) -> None:
    assert file_names("{user}", {**VALUES, "user": user})[0] == f"_{user}.msrcincident"


@given(user=st.text(max_size=300), host=st.text(max_size=300))
def test_a_name_is_one_name(user: str, host: str) -> None:
    for name in file_names("{user}-{host}", {**VALUES, "user": user, "host": host}):
        assert not FORBIDDEN & set(name)
        assert name.isprintable()
        assert not name.startswith((".", " "))
        assert name.endswith(".msrcincident")
        assert len(name.encode()) <= 255
        assert not DEVICES.fullmatch(name.removesuffix(".msrcincident"))


@given(st.text())
def test_a_value_is_never_empty(value: str) -> None:
    assert harmless(value).strip(".")


@pytest.mark.parametrize(
    "template",
    ["", "  ", ".msrcincident", "a/b", "..\\x", "{nobody}", "{user", "user}", "{user.__class__}", "a\nb", "x" * 300],
)
def test_templates_that_are_refused(template: str) -> None:
    with pytest.raises(InvalidOption, match="file_name"):
        check_template(template)


def test_templates_that_are_fine() -> None:
    for template in (DEFAULT, "{user}", "Hilfe für {user} @ {host}", "{epoch}"):
        check_template(template)
