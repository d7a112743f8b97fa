# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Command lines taken apart into arguments, as Windows programs do it themselves."""

from __future__ import annotations


def arguments_of(text: str) -> list[str]:
    """Split a command line as CommandLineToArgvW does, without its program.

    learn.microsoft.com, "Parsing C command-line arguments": n backslashes before a quote are n/2 backslashes;
    with an odd one left, the quote is a plain character.
    """
    words: list[str] = []
    word, quoted, started, slashes = "", False, False, 0
    for character in [*text, " "]:
        if character == "\\":
            slashes += 1
            continue
        if character == '"':
            word += "\\" * (slashes // 2)
            if slashes % 2:
                word += '"'
            else:
                quoted = not quoted
            slashes, started = 0, True
            continue
        word += "\\" * slashes
        started = started or slashes > 0
        slashes = 0
        if character in " \t" and not quoted:
            if started:
                words.append(word)
            word, started = "", False
            continue
        word, started = word + character, True
    return words
