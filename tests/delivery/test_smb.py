# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The channel to a share, against Samba."""

from __future__ import annotations

import gc
import socket
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._delivery.channel import errand
from ansible_collections.workspot.assist.plugins.plugin_utils._delivery.credentials import Credentials, read_credentials
from ansible_collections.workspot.assist.plugins.plugin_utils._delivery.smb_channel import SmbChannel, parse_share
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import (
    DeliveryFailed,
    InvalidOption,
    LibraryMissing,
)

from tests.delivery.conftest import Account
from tests.delivery.parcels import DATA, LARGE, NAMES, PARCEL
from tests.delivery.relay import Cut, Relay
from tests.delivery.share_server import USER, ShareServer


@pytest.fixture
def account(accounts: dict[str, Account]) -> Credentials:
    return read_credentials(accounts["smb"].file)


def channel(share: ShareServer, account: Credentials, place: str | None = None, **options: Any) -> SmbChannel:
    """A channel into the folder of the tests, or elsewhere."""
    return SmbChannel(parse_share(place or share.share), account, **{"port": share.port, **options})


def test_a_file_arrives_whole_and_is_taken_back(share: ShareServer, account: Credentials) -> None:
    way = channel(share, account)
    way.greet()
    assert share.delivered == {}
    assert way.put(LARGE) == share.share + "\\" + NAMES[0]
    assert share.delivered == {NAMES[0]: LARGE.data}
    assert way.take_back() is None
    assert share.delivered == {}
    assert way.take_back() is None


def test_what_is_there_is_never_replaced(share: ShareServer, account: Credentials) -> None:
    theirs = share.files / "invitations" / NAMES[0]
    theirs.write_bytes(b"theirs")
    way = channel(share, account)
    assert way.put(PARCEL).endswith(NAMES[1])
    assert share.delivered == {NAMES[0]: b"theirs", NAMES[1]: DATA}
    with pytest.raises(DeliveryFailed, match="files of all names"):
        channel(share, account).put(PARCEL)
    way.take_back()
    assert share.delivered == {NAMES[0]: b"theirs"}


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (r"\\127.0.0.1\helpdesk\nowhere", "no such folder"),
        (r"\\127.0.0.1\nowhere", "no such share"),
    ],
)
def test_a_wrong_place_is_found_before_anything_starts(
    place: str, said: str, share: ShareServer, account: Credentials
) -> None:
    with pytest.raises(DeliveryFailed, match=said):
        channel(share, account, place).greet()


def test_a_wrong_password(share: ShareServer) -> None:
    with pytest.raises(DeliveryFailed, match="the login was refused") as caught:
        channel(share, Credentials(USER, "Wrong-Secret-1")).greet()
    assert "Wrong-Secret-1" not in str(caught.value)


def test_a_share_that_can_be_read_alone_is_found_before_anything_starts(
    share: ShareServer, account: Credentials
) -> None:
    way = channel(share, account, r"\\127.0.0.1\readonly\invitations")
    with pytest.raises(DeliveryFailed, match="access is denied"):
        way.greet()
    with pytest.raises(DeliveryFailed, match="access is denied"):
        way.put(PARCEL)
    assert way.take_back() is None
    assert share.delivered == {}


def test_a_server_that_does_not_encrypt(tmp_path: Path, account: Credentials) -> None:
    server = ShareServer(tmp_path / "samba", account.password, encrypt="off")
    try:
        with pytest.raises(DeliveryFailed, match="does not encrypt"):
            channel(server, account).greet()
        channel(server, account, encrypt=False).put(PARCEL)
        assert server.delivered == {NAMES[0]: DATA}
    finally:
        server.stop()


# smbclient warns of a file that it could not close, and a connection that is gone closes nothing.
@pytest.mark.filterwarnings("ignore:unclosed SMB handle:ResourceWarning")
@pytest.mark.parametrize("cut", [*(Cut(sent=size) for size in (10, 1700, 1900, 2100, 100_000)), Cut(unheard=200_000)])
def test_a_connection_that_is_cut_leaves_nothing(cut: Cut, share: ShareServer, account: Credentials) -> None:
    with Relay(share.port, {1: cut}) as relay:
        way = channel(share, account, port=relay.port)
        with pytest.raises(DeliveryFailed):
            errand(way.goal, lambda: way.put(LARGE), seconds=10)
        assert errand(way.goal, lambda: way.take_back() or "nothing", seconds=10) == "nothing"
    assert share.delivered == {}
    gc.collect()


def test_nobody_there(share: ShareServer, account: Credentials) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(DeliveryFailed, match=f"no connection to 127.0.0.1, port {port}"):
        channel(share, account, port=port).greet()


def test_a_server_that_hangs(share: ShareServer, account: Credentials) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        way = channel(share, account, port=silent.getsockname()[1])
        with pytest.raises(DeliveryFailed, match="did not answer within"):
            errand(way.goal, way.greet, seconds=0.3)


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"share": r"\\server\share", "credentials_file": None, "port": 445, "encrypt": True}
    monkeypatch.setitem(sys.modules, "smbclient", None)
    with pytest.raises(LibraryMissing, match="Install smbprotocol"):
        SmbChannel.from_options(options)


@pytest.mark.parametrize(
    "text",
    ["server", r"\\server", r"\\server\share\..\other", r"\\ser ver\share", "\\\\server\\sh\nare", r"\\s\a:b", ""],
)
def test_what_is_no_share(text: str) -> None:
    with pytest.raises(InvalidOption):
        parse_share(text)


def test_slashes_are_taken_too() -> None:
    assert parse_share("//server/share/folder/") == parse_share(r"\\server\share\folder")
