# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whom an operator means, and which sessions are that user's."""

from __future__ import annotations

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.user_name import parse_user
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import InvalidOption
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.sessions import Session


def session(user: str = "jdoe", domain: str | None = "CORP", **more: str | None) -> Session:
    return Session(user, domain, "S-1-5-21-1-2-3-4", 2, "active", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "name", "domain"),
    [
        ("jdoe", "jdoe", None),
        ("  jdoe ", "jdoe", None),
        (r"CORP\jdoe", "jdoe", "CORP"),
        ("jdoe@corp.example", "jdoe", "corp.example"),
        (r"AzureAD\Jörg Weiß", "Jörg Weiß", "AzureAD"),
        ("o'brien", "o'brien", None),
        ("R&D", "R&D", None),
    ],
)
def test_names_are_read(text: str, name: str, domain: str | None) -> None:
    user = parse_user(text)
    assert (user.name, user.domain) == (name, domain)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "\\",
        "CORP\\",
        "\\jdoe",
        "jdoe@",
        "@corp",
        "a\\b\\c",
        "jdoe\n",
        "j\ndoe",
        "j\0doe",
        "jdoe.",
        "%USERNAME%",
        'jdoe" OR Name="x',
        "jdoe | del *",
        "jdoe > x",
        "a" * 300,
        "jdoe\u202egnp",
    ],
)
def test_what_no_account_can_be_called_is_refused(text: str) -> None:
    if text == "jdoe\n":
        assert parse_user(text).name == "jdoe"
        return
    with pytest.raises(InvalidOption, match="user"):
        parse_user(text)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("jdoe", True),
        ("JDOE", True),
        (r"corp\jdoe", True),
        (r"OTHER\jdoe", False),
        ("jdoe@corp.example", True),
        ("jdoe@CORP", True),
        (r"corp.example\jdoe", True),
        ("jdoe@other.example", False),
        ("jdoe@corp.elsewhere", False),
        ("jane.doe@corp.example", True),
        ("jdo", False),
        ("jdoee", False),
    ],
)
def test_a_user_fits_a_session(text: str, fits: bool) -> None:
    known = session(dns_domain="CORP.EXAMPLE", principal_name="Jane.Doe@corp.example")
    assert parse_user(text).fits(known) is fits


def test_an_unknown_domain_is_not_excluded() -> None:
    assert parse_user(r"CORP\jdoe").fits(session(domain=None))
    assert parse_user("jdoe@corp.example").fits(session())


def test_a_name_that_quser_cut_fits() -> None:
    user = parse_user("averyveryverylongaccountname")
    assert user.fits_account("averyveryverylongacc")
    assert not user.fits_account("averyvery")


def test_near_misses_are_named() -> None:
    assert parse_user("jdeo").near(["CORP\\mmuster", "jdoe", "jdoel"])[0] == "jdoe"
    assert parse_user("zzz").near(["jdoe"]) == []
