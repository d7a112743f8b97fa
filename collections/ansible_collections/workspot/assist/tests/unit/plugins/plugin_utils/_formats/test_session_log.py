# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import codecs
from contextlib import suppress

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import SessionLogMalformed
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.session_log import (
    MAX_BYTES,
    MAX_TEXT,
    parse_session_log,
    started_at,
)
from hypothesis import given
from hypothesis import strategies as st

LOG = """<?xml version="1.0" ?>
<SESSION>
  <INVITATION_OPENED TIME="15:24" DATE="Mittwoch, 7. Mai 2008" EVENT="Eine Einladung wurde geöffnet." />
  <INCOMING_IP_ADDRESS TIME="15:25" DATE="Mittwoch, 7. Mai 2008">fe80::1%3</INCOMING_IP_ADDRESS>
  <CONNECTION_ESTABLISHED TIME="15:25" DATE="Mittwoch, 7. Mai 2008" EVENT="Verbunden.">Jörg</CONNECTION_ESTABLISHED>
  <EXPERT_REQUEST_CONTROL TIME="15:26" DATE="Mittwoch, 7. Mai 2008" EVENT="?" />
  <EXPERT_REQUEST_CONTROL TIME="15:27" DATE="Mittwoch, 7. Mai 2008" EVENT="?" />
  <EXPERT_GRANTED_CONTROL TIME="15:27" DATE="Mittwoch, 7. Mai 2008" EVENT="!" />
  <SOMETHING_NEW TIME="15:28" DATE="" />
  <CHAT_MESSAGE TIME="15:28" DATE="Mittwoch, 7. Mai 2008">Jörg: &lt;hallo&gt; &amp; "gut"</CHAT_MESSAGE>
  <CONNECTION_ENDED TIME="15:40" DATE="Mittwoch, 7. Mai 2008" EVENT="Ende." />
</SESSION>
"""


def test_a_whole_log() -> None:
    said = parse_session_log(LOG.encode()).as_data()
    assert (said["helpers"], said["addresses"]) == (["Jörg"], ["fe80::1%3"])
    assert (said["control_requested"], said["control_granted"], said["control_started"]) == (2, 1, 0)
    assert (said["connected"], said["connection_ended"], said["complete"], said["exact"]) == (True, True, True, True)
    assert said["entries"][0]["event"] == "Eine Einladung wurde geöffnet."
    assert said["entries"][7]["text"] == 'Jörg: <hallo> & "gut"'
    assert "SOMETHING_NEW" in [entry["name"] for entry in said["entries"]]


def test_chat_can_be_left_out() -> None:
    said = parse_session_log(LOG.encode()).as_data(chat=False)
    assert said["chat_messages"] == 1
    assert "hallo" not in str(said)


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (LOG.encode(), "utf-8"),
        (codecs.BOM_UTF8 + LOG.encode(), "utf-8"),
        (codecs.BOM_UTF16_LE + LOG.encode("utf-16-le"), "utf-16-le"),
        (codecs.BOM_UTF16_BE + LOG.encode("utf-16-be"), "utf-16-be"),
        (LOG.encode("utf-16-le"), "utf-16-le"),
        (LOG.replace('"1.0"', '"1.0" encoding="windows-1252"').encode("cp1252"), "windows-1252"),
        (LOG.replace('"1.0"', '"1.0" encoding="UTF-16"').encode("utf-8"), "utf-8"),
    ],
)
def test_encodings(data: bytes, encoding: str) -> None:
    log = parse_session_log(data)
    assert (log.encoding, log.exact, log.texts("CONNECTION_ESTABLISHED")) == (encoding, True, ["Jörg"])


def test_an_unlabelled_code_page_is_a_guess_that_says_so() -> None:
    log = parse_session_log(LOG.encode("cp1252"))
    assert (log.encoding, log.exact, log.texts("CONNECTION_ESTABLISHED")) == ("cp1252", False, ["Jörg"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_a_log_can_be_cut_anywhere(encoding: str) -> None:
    """What was whole before the cut is found; nothing is made up; only a log without content is refused."""
    data = LOG.rstrip().encode(encoding)
    whole = parse_session_log(data)
    most = 0
    for end in range(len(data)):
        try:
            log = parse_session_log(data[:end])
        except SessionLogMalformed:
            assert end <= len("<?xml version='1.0' ?>\n".encode(encoding)) + 1, end
            continue
        assert not log.complete
        assert len(log.entries) >= most
        most = len(log.entries)
        assert log.entries[:-1] == whole.entries[: max(0, most - 1)]
    assert most == len(whole.entries)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \r\n",
        "not XML at all",
        "<html></html>",
        "<SESSION></WRONG>",
        "<SESSION></SESSION><SESSION></SESSION>",
        '<!DOCTYPE SESSION [<!ENTITY a "b">]><SESSION>&a;</SESSION>',
        '<!DOCTYPE SESSION SYSTEM "file:///etc/passwd"><SESSION />',
        "<SESSION>&undefined;</SESSION>",
        "<SESSION><?php evil ?></SESSION>",
        "<SESSION><A>\x01</A></SESSION>",
        "<SESSION>" + "<A>" * 10 + "</A>" * 10 + "</SESSION>",
        "<SESSION>" + "<A />" * 20_001 + "</SESSION>",
        "<SESSION><A " + " ".join(f'A{n}=""' for n in range(17)) + " /></SESSION>",
        "<SESSION>" + "x" * MAX_BYTES + "</SESSION>",
    ],
)
def test_what_is_no_log(text: str) -> None:
    with pytest.raises(SessionLogMalformed):
        parse_session_log(text.encode())


def test_long_texts_are_cut() -> None:
    log = parse_session_log(f"<SESSION><CHAT_MESSAGE>{'x' * 100_000}</CHAT_MESSAGE></SESSION>".encode())
    assert len(log.entries[0].text) == MAX_TEXT


@given(st.binary(max_size=400))
def test_bytes_of_any_kind_are_a_log_or_refused(data: bytes) -> None:
    with suppress(SessionLogMalformed):
        parse_session_log(data)


@given(st.integers(0, len(LOG.encode()) - 1), st.binary(min_size=1, max_size=4))
def test_a_damaged_log_is_a_log_or_refused(place: int, damage: bytes) -> None:
    data = bytearray(LOG.encode())
    data[place : place + len(damage)] = damage
    try:
        log = parse_session_log(bytes(data))
    except SessionLogMalformed:
        return
    assert all("\n" not in entry.text for entry in log.entries)


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("20080507152400.xml", "2008-05-07T15:24:00"),
        ("20080507152400.XML", "2008-05-07T15:24:00"),
        ("20081307152400.xml", None),
        ("20080230000000.xml", None),
        ("2008050715240.xml", None),
        ("../20080507152400.xml", None),
        ("20080507152400.xml.xml", None),
    ],
)
def test_the_name_says_when_it_began(name: str, moment: str | None) -> None:
    assert started_at(name) == moment
