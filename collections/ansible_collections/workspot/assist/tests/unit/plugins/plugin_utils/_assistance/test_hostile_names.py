# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names and outputs as hostile as generators make them: an error of our tree, or exactly what was meant."""

from __future__ import annotations

import json
import shlex
from datetime import UTC, datetime

from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.choose import Candidate, command_line
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.user_name import parse_user
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import AssistError, Unquotable
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.quoting import windows_folder
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.event_log import reasons_in
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.facts_batch import Batch
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.files import TemporaryFile
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.profiles import profile_paths, temporary_folder
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.session_sources import (
    loaded_user_sids,
    session_data_logons,
    user_environment,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.sessions import Session
from hypothesis import given
from hypothesis import strategies as st

SID = "S-1-5-21-1-2-3-1104"
NASTY = st.text(alphabet=st.sampled_from(list("ab\\ &|^%!\"'();<>.$`{}:*?\n\r\0é\u202e\uff02")), max_size=24)
NAME = st.one_of(NASTY, st.text(max_size=40))


@given(NAME)
def test_a_user_name_is_refused_or_read(text: str) -> None:
    try:
        user = parse_user(text)
    except AssistError:
        return
    assert user.name
    assert user.name.isprintable()


@given(NAME, NAME)
def test_a_command_line_says_the_user_and_nothing_else(user: str, host: str) -> None:
    session = Session(user, None, SID, 3, "active")
    words = shlex.split(command_line(user, Candidate(host, session)))
    assert words[:2] == ["ansible-playbook", "playbooks/assist.yml"]
    assert len(words) == 8
    for position, name, value in ((3, "user", user), (5, "host", host)):
        extra = words[position]
        found = json.loads(extra)[name] if extra.startswith("{") else extra.partition("=")[2]
        assert found == value


@given(NAME)
def test_a_profile_path_is_refused_or_stays_one_word_of_cmd(name: str) -> None:
    try:
        commands = commands_of(name)
    except Unquotable:
        return
    for command, plain in zip(commands, commands_of("plain"), strict=True):
        # Outside of the quotes nothing depends on the name.
        assert command.split('"')[::2] == plain.split('"')[::2]
        assert not set("%!") & set(command.replace("%SystemRoot%", ""))


def commands_of(name: str) -> list[str]:
    file = TemporaryFile(windows_folder(temporary_folder(f"C:\\Users\\{name}")), "assist-1.msrcIncident")
    return [file.delete_command(), file.check_command(), file.fetch_command(), file.delete_and_tell_command()]


@given(NAME)
def test_any_output_of_a_host_is_read_or_refused(text: str) -> None:
    for read in (
        lambda: session_data_logons(text),
        lambda: loaded_user_sids(text),
        lambda: user_environment(text, SID),
        lambda: profile_paths(text, system_root="C:\\Windows"),
        lambda: Batch(mark="MARK").split(f"MARK:a\n{text}\nMARK:end", ["a"]),
        lambda: reasons_in(f"<Event>{text}</Event>", since=datetime(2026, 1, 1, tzinfo=UTC)),
    ):
        try:
            read()
        except AssistError:
            continue
