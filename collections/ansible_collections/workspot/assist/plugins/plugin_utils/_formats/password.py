# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The password of an invitation: what may be given to msra.exe, and how one is made.

An invitation can be guessed at offline as fast as anyone can compute SHA-1 and AES (MS-RAI product
behaviour: one unsalted hash, no key stretching), so the password is all that protects it. A generated one
has more than 70 bits.

unverified: Microsoft documents neither the least nor the greatest length nor the characters that
`msra.exe /saveasfile FILE PASSWORD` takes. At least 6 characters is what public scripts keep to. All
other limits here are ours, and each reason says what would go wrong.
"""

from __future__ import annotations

import math
import secrets
import string

from .._errors import PasswordUnusable

MIN_LENGTH = 6
"""Characters; see above."""
MAX_LENGTH = 64
"""Characters: ours, so that no limit of a dialog or a command line is near."""

_LETTERS_AND_DIGITS = string.ascii_letters + string.digits
_ALLOWED_MARKS = "-_.+@:#"
_ALLOWED = frozenset(_LETTERS_AND_DIGITS + _ALLOWED_MARKS)
_HINT = (
    f"Use {MIN_LENGTH} to {MAX_LENGTH} letters, digits and {' '.join(_ALLOWED_MARKS)}, "
    "or leave it out to have one made."
)

_REASONS = (
    (" \t", "a blank, which separates arguments on msra.exe's command line"),
    ("\"'`", "a quotation mark, which begins or ends quoted text on a command line"),
    ("%", "a percent sign: the Task Scheduler would replace %NAME% by an environment variable"),
    ("$", "a dollar sign: the Task Scheduler would replace $(NAME) by a parameter"),
    ("^&|<>()!", "one of ^ & | < > ( ) !, which mean something to the command prompt of whoever opens the invitation"),
    ("\\", "a backslash, which changes the meaning of a quotation mark after it on a command line"),
    ("/", "a slash, which begins an option on msra.exe's command line"),
    (",;=", "one of , ; =, which separate arguments at a command prompt"),
    ("*?[]{}~", "one of * ? [ ] { } ~, which a shell may replace when the helper types it"),
)  # fmt: skip


def _reason(text: str) -> str | None:
    """Why msra.exe can not take this password; None when it can."""
    if not MIN_LENGTH <= len(text) <= MAX_LENGTH:
        return f"it does not have {MIN_LENGTH} to {MAX_LENGTH} characters"
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in text.replace("\t", " ")):
        return "it has a control character, which no command line carries"
    if not text.isascii():
        return "it has a character outside ASCII, which keyboards and code pages of two computers may differ on"
    for characters, reason in _REASONS:
        if set(characters) & set(text):
            return f"it has {reason}"
    if text[0] not in _LETTERS_AND_DIGITS:
        return "it does not begin with a letter or digit, so that msra.exe could take it for an option"
    if not set(text) <= _ALLOWED:  # nothing is left; here for whoever edits the table
        return "it has a character that is not known to be safe"
    return None


def check_password(text: str) -> None:
    """Check that msra.exe can take this password.

    Raises:
        PasswordUnusable: It can not. The message gives the reason and never the password.
    """
    reason = _reason(text)
    if reason is not None:
        raise PasswordUnusable(f"the invitation password can not be used: {reason}.", hint=_HINT)


# Generated passwords are read aloud and typed: lower case alone, no letter or digit that looks like another
# (no l, no 0, no 1; i and o have nothing left to be mistaken for), a digit at the end of each group.
CONSONANTS = "bdfghjkmnprstvwz"
VOWELS = "aeiou"
DIGITS = "23456789"
_GROUP = (CONSONANTS, VOWELS, CONSONANTS, VOWELS, CONSONANTS, DIGITS)
_GROUPS = 4
ENTROPY_BITS = _GROUPS * sum(math.log2(len(alphabet)) for alphabet in _GROUP)
"""4 groups of 3 consonants (4 bits each), 2 vowels (2.32 bits each) and a digit (3 bits): 78.6 bits."""


def generate_password() -> str:
    """A new password such as `kadum4-rebis7-gotan3-pevaf9`: `ENTROPY_BITS` strong, 27 characters.

    Every character is chosen independently and uniformly by the operating system's generator, so the
    entropy is the sum over the alphabets.
    """
    groups = ("".join(secrets.choice(alphabet) for alphabet in _GROUP) for _index in range(_GROUPS))
    return "-".join(groups)
