# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The channel to a web server, against WsgiDAV and a small object store."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._delivery.channel import errand
from ansible_collections.workspot.assist.plugins.plugin_utils._delivery.credentials import Credentials, read_credentials
from ansible_collections.workspot.assist.plugins.plugin_utils._delivery.delivery import Consignment, Delivery
from ansible_collections.workspot.assist.plugins.plugin_utils._delivery.http_channel import HttpChannel
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import DeliveryFailed, InvalidOption

from tests.delivery.conftest import Account, Authority, make_authority
from tests.delivery.parcels import DATA, NAMES, PARCEL
from tests.delivery.relay import Cut, Relay
from tests.delivery.web_server import SIGNATURE, USER, WebServer


@pytest.fixture
def dav(web: WebServer, accounts: dict[str, Account], authority: Authority) -> Any:
    """Makes a channel into the folder of the tests, or elsewhere."""

    def make(url: str | None = None, **options: Any) -> HttpChannel:
        account = read_credentials(accounts["http"].file)
        return HttpChannel(url or web.url, **{"account": account, "ca_file": str(authority.ca), **options})

    return make


def test_a_file_arrives_and_is_taken_back(web: WebServer, dav: Any) -> None:
    way = dav()
    way.greet()
    assert web.delivered == {}
    assert way.put(PARCEL) == web.url + "a%20b%2B%C3%BC%231.msrcincident"
    assert web.delivered == {NAMES[0]: DATA}
    assert way.take_back() is None
    assert web.delivered == {}


def test_the_name_may_stand_anywhere(web: WebServer, dav: Any) -> None:
    way = dav(web.url + "from-awx-{file}")
    way.greet()
    way.put(PARCEL)
    assert web.delivered == {"from-awx-" + NAMES[0]: DATA}


def test_what_is_there_is_never_replaced(web: WebServer, dav: Any) -> None:
    (web.files / "invitations" / NAMES[0]).write_bytes(b"theirs")
    way = dav()
    way.put(PARCEL)
    assert web.delivered == {NAMES[0]: b"theirs", NAMES[1]: DATA}
    with pytest.raises(DeliveryFailed, match="files of all names"):
        dav().put(PARCEL)
    way.take_back()
    assert web.delivered == {NAMES[0]: b"theirs"}


def test_neither_is_what_comes_between_question_and_file(web: WebServer, dav: Any) -> None:
    (web.files / "invitations" / NAMES[0]).write_bytes(b"theirs")
    web.refusals.status = {"HEAD": "404 Not Found"}
    dav().put(PARCEL)
    assert web.delivered == {NAMES[0]: b"theirs", NAMES[1]: DATA}


def test_a_wrong_password(dav: Any) -> None:
    with pytest.raises(DeliveryFailed, match=r"did not take the login .401 Unauthorized") as caught:
        dav(account=Credentials(USER, "Wrong-Secret-1")).greet()
    assert "Wrong-Secret-1" not in str(caught.value)


def test_a_folder_that_is_not_there(web: WebServer, dav: Any) -> None:
    with pytest.raises(DeliveryFailed, match="no such folder"):
        dav(web.url + "nowhere/").greet()


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize("status", ["507 Insufficient Storage", "413 Content Too Large", "500 Internal Server Error"])
def test_a_file_that_is_refused_leaves_nothing(status: str, kept: bool, web: WebServer, dav: Any) -> None:
    way = dav()
    way.greet()
    web.refusals.status, web.refusals.keep = {"PUT": status}, kept
    with pytest.raises(DeliveryFailed, match=f"did not take the file .{status[:3]} "):
        way.put(PARCEL)
    assert bool(web.delivered) == kept
    assert way.take_back() is None
    assert web.delivered == {}


def test_a_redirection_is_not_followed(web: WebServer, dav: Any) -> None:
    web.refusals.status = {"PUT": "307 Temporary Redirect"}
    with pytest.raises(DeliveryFailed, match=r"307 Temporary Redirect.*leads to in the end"):
        dav().put(PARCEL)


def test_what_can_not_be_deleted_is_named(web: WebServer, dav: Any) -> None:
    way = dav()
    way.put(PARCEL)
    web.refusals.status = {"DELETE": "403 Forbidden"}
    assert way.take_back().endswith("a%20b%2B%C3%BC%231.msrcincident (403 Forbidden)")


def test_an_answer_that_is_lost_leaves_nothing(web: WebServer, dav: Any) -> None:
    # HEAD, then PUT: the file is there, and nobody is told.
    with Relay(web.port, {2: Cut(unheard=2500)}) as relay:
        way = dav(web.url.replace(str(web.port), str(relay.port)))
        with pytest.raises(DeliveryFailed, match="no answer"):
            way.put(PARCEL)
        assert relay.connections == 2
        assert web.delivered == {NAMES[0]: DATA}
        assert way.take_back() is None
    assert web.delivered == {}


@pytest.mark.parametrize("wrong", ["authority", "name"])
def test_a_certificate_that_proves_nothing(
    wrong: str, web: WebServer, dav: Any, tmp_path: Path, accounts: dict[str, Account]
) -> None:
    other = make_authority(tmp_path / "other")
    way = dav(ca_file=str(other.ca)) if wrong == "authority" else dav(web.url.replace("127.0.0.1", "localhost"))
    with pytest.raises(DeliveryFailed, match="certificate is not trusted, or is for another name"):
        way.greet()
    assert web.requests == []


def test_nobody_there(web: WebServer, dav: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(DeliveryFailed, match="no answer"):
        dav(web.url.replace(str(web.port), str(port))).greet()


def test_a_server_that_hangs(web: WebServer, dav: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        way = dav(web.url.replace(str(web.port), str(silent.getsockname()[1])))
        with pytest.raises(DeliveryFailed, match="did not answer within"):
            errand(way.goal, way.greet, seconds=0.3)


def test_a_presigned_address(web: WebServer, dav: Any) -> None:
    way = dav(web.presigned, account=None, presigned=True)
    way.greet()
    assert web.objects == {}
    location = way.put(PARCEL)
    assert location == web.presigned.partition("?")[0]
    assert web.objects == {"offer.msrcincident": DATA}
    assert way.take_back() is None
    assert web.objects == {"offer.msrcincident": b""}
    assert SIGNATURE in way.secrets


def test_a_signature_in_the_path_is_a_secret_too() -> None:
    """As of preauthenticated requests of Oracle's object store."""
    token = "Kq3" * 20
    signed = HttpChannel(f"https://store.example/p/{token}/n/corp/b/help/o/{{file}}", presigned=True)
    assert signed.secrets == [token]
    assert HttpChannel(f"https://store.example/{token}/", presigned=False).secrets == []


def test_an_errand_that_was_too_slow_writes_nothing_later(web: WebServer, dav: Any) -> None:
    way = dav()
    delivery = Delivery([Consignment(way)])
    delivery.put(PARCEL, PARCEL)
    assert delivery.take_back() == []
    with pytest.raises(DeliveryFailed, match="too slow"):
        way.put(PARCEL)
    assert web.delivered == {}


def test_a_presigned_address_that_is_over(web: WebServer, dav: Any) -> None:
    way = dav(web.presigned.replace(SIGNATURE, SIGNATURE[::-1]), account=None, presigned=True)
    with pytest.raises(DeliveryFailed, match="403 Forbidden") as caught:
        way.put(PARCEL)
    assert SIGNATURE[::-1] not in str(caught.value)


def test_a_password_of_netrc_is_nobodys(
    web: WebServer, dav: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    way = dav(web.presigned, account=None, presigned=True)
    way.put(PARCEL)  # the store refuses a request with a login


@pytest.mark.parametrize(
    "url",
    [
        "http://server/dav/",
        "https://user:pass@server/dav/",
        "https://server/dav/file",
        "https://server/dav/?sig=1",
        "ftp://server/",
        "https://",
        "https://ser\nver/",
        "https://[::1/",
        "https://server:port/",
    ],
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(InvalidOption) as caught:
        HttpChannel(url)
    assert "pass" not in caught.value.message.replace("password", "")
