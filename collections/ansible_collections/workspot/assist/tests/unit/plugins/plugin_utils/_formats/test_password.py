# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import math
import re
import string

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import PasswordUnusable
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.password import (
    CONSONANTS,
    DIGITS,
    ENTROPY_BITS,
    VOWELS,
    check_password,
    generate_password,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.quoting import (
    cmd_quoted,
    task_argument,
    xml_text,
)
from ansible_collections.workspot.assist.tests.unit.plugins.plugin_utils._formats.second_opinion import (
    split_arguments,
    through_cmd,
)
from hypothesis import given, settings, strategies

GROUP = re.compile("(?:[bdfghjkmnprstvwz][aeiou]){2}[bdfghjkmnprstvwz][2-9]")


def test_generated_passwords_are_usable_speakable_and_different() -> None:
    made = [generate_password() for _round in range(500)]

    assert len(set(made)) == len(made)
    for text in made:
        check_password(text)
        assert task_argument(text) == text == xml_text(text)
        assert split_arguments(through_cmd(cmd_quoted(text))) == [text]
        groups = text.split("-")
        assert len(groups) == 4
        assert all(GROUP.fullmatch(group) for group in groups)


def test_the_entropy_that_is_promised() -> None:
    choices = (len(CONSONANTS) ** 3 * len(VOWELS) ** 2 * len(DIGITS)) ** 4

    assert math.isclose(ENTROPY_BITS, math.log2(choices))
    assert ENTROPY_BITS >= 70
    assert len(set(CONSONANTS + VOWELS + DIGITS)) == len(CONSONANTS + VOWELS + DIGITS)
    assert not set(CONSONANTS + VOWELS + DIGITS) & set("l01qxcy")


def test_every_choice_is_used() -> None:
    text = "".join(generate_password() for _round in range(500))

    assert set(text) == set(CONSONANTS + VOWELS + DIGITS + "-")


@pytest.mark.parametrize("text", ["abc123", "48BJQ853X3B4", "A" * 64, "a.b_c-d+e@f:g#h", "Password1"])
def test_usable(text: str) -> None:
    check_password(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "6 to 64"),
        ("abc12", "6 to 64"),
        ("a" * 65, "6 to 64"),
        ("abc 123", "blank"),
        ("abc\t123", "blank"),
        ("abc\n123", "control"),
        ("abc\x00123", "control"),
        ("pässword", "outside ASCII"),
        ('abc"123', "quotation"),
        ("abc'123", "quotation"),
        ("abc%123", "percent"),
        ("abc$123", "dollar"),
        ("abc^123", "command prompt"),
        ("abc&123", "command prompt"),
        ("abc!123", "command prompt"),
        ("abc\\123", "backslash"),
        ("/abc123", "slash"),
        ("abc;123", "separate"),
        ("abc*123", "shell"),
        ("-abc123", "begin"),
        ("@abc123", "begin"),
    ],
)
def test_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(PasswordUnusable, match=reason) as caught:
        check_password(text)
    assert not text or text not in str(caught.value)
    assert "\n" not in str(caught.value)


def reason(text: str) -> str:
    """What `check_password` says; empty when it says nothing."""
    try:
        check_password(text)
    except PasswordUnusable as error:
        return str(error)
    return ""


def test_every_ascii_character_is_either_allowed_or_explained() -> None:
    allowed = set(string.ascii_letters + string.digits + "-_.+@:#")
    for character in map(chr, range(128)):
        said = reason(f"abc{character}def")
        assert bool(said) == (character not in allowed), repr(character)
        assert "not known" not in said, repr(character)


@settings(deadline=None, max_examples=300)
@given(strategies.text(max_size=70))
def test_what_is_usable_passes_every_language_as_it_is(text: str) -> None:
    said = reason(text)
    if said:
        assert len(text) < 6 or text not in said
        return
    assert task_argument(text) == text == xml_text(text)
    assert split_arguments(through_cmd(cmd_quoted(text))) == [text]
