# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The channel by mail, against a submission server with TLS."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._delivery.channel import Parcel, errand
from ansible_collections.workspot.assist.plugins.plugin_utils._delivery.credentials import Credentials, read_credentials
from ansible_collections.workspot.assist.plugins.plugin_utils._delivery.mail_channel import MailChannel, parse_address
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import DeliveryFailed, InvalidOption

from tests.delivery.conftest import Account, Authority, make_authority
from tests.delivery.mail_server import USER, MailServer
from tests.delivery.parcels import DATA, LARGE, NAMES, PARCEL
from tests.delivery.relay import Cut, Relay

# The servers of two tests do what aiosmtpd warns of.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
PEOPLE = ["alice@corp.example", "bob@corp.example"]


@pytest.fixture
def post(mail: MailServer, accounts: dict[str, Account], authority: Authority) -> Any:
    """Makes a channel to the server of the tests, or to another."""

    def make(server: str = "127.0.0.1", **options: Any) -> MailChannel:
        account = options.pop("account", read_credentials(accounts["mail"].file))
        return MailChannel(
            server, USER, PEOPLE, account, **{"port": mail.port, "ca_file": str(authority.ca), **options}
        )

    return make


@pytest.fixture
def other(accounts: dict[str, Account], authority: Authority) -> Iterator[Any]:
    """Makes further servers."""
    started: list[MailServer] = []

    def make(security: str) -> MailServer:
        started.append(MailServer(authority.context, accounts["mail"].password, security=security))
        return started[-1]

    yield make
    for server in started:
        server.stop()


def test_a_mail_arrives_at_all_and_can_not_be_taken_back(mail: MailServer, post: Any) -> None:
    way = post()
    way.greet()
    assert mail.box.mails == []
    assert way.take_back() is None
    assert way.put(PARCEL) == "alice@corp.example, bob@corp.example"
    (message,) = mail.box.mails
    (attachment,) = message.iter_attachments()
    assert (attachment.get_filename(), attachment.get_content()) == (NAMES[0], DATA)
    assert mail.box.envelopes == [(USER, PEOPLE)]
    assert (message["From"], message["To"], message["Subject"]) == (USER, ", ".join(PEOPLE), "Help for jdoe")
    assert message.get_body(("plain",)).get_content().splitlines() == ["text", ".", "more"]
    assert message["Auto-Submitted"] == "auto-generated"
    assert way.take_back() == "a mail to alice@corp.example, bob@corp.example"


def test_tls_from_the_first_byte(post: Any, other: Any) -> None:
    server = other("tls")
    way = post(port=server.port, security="tls")
    way.greet()
    way.put(PARCEL)
    assert len(server.box.mails) == 1


def test_nothing_is_ever_sent_in_the_clear(post: Any, other: Any) -> None:
    server = other("none")
    with pytest.raises(DeliveryFailed, match=r"does not offer .* Nothing was sent in the clear"):
        post(port=server.port).greet()
    assert (server.box.mails, server.box.logins) == ([], 0)
    with pytest.raises(DeliveryFailed, match="no TLS"):
        post(port=server.port, security="tls").greet()


@pytest.mark.parametrize("wrong", ["authority", "name"])
def test_a_certificate_that_proves_nothing(wrong: str, mail: MailServer, post: Any, tmp_path: Path) -> None:
    way = post(ca_file=str(make_authority(tmp_path / "other").ca)) if wrong == "authority" else post("localhost")
    with pytest.raises(DeliveryFailed, match="certificate is not trusted, or is for another name"):
        way.greet()
    assert mail.box.logins == 0


def test_a_wrong_password(post: Any) -> None:
    with pytest.raises(DeliveryFailed, match=r"did not take the login .535 ") as caught:
        post(account=Credentials(USER, "Wrong-Secret-1")).greet()
    assert "Wrong-Secret-1" not in str(caught.value)


def test_a_password_that_smtplib_can_not_send(post: Any) -> None:
    with pytest.raises(DeliveryFailed, match="letters outside ASCII"):
        post(account=Credentials(USER, "Geheim-Wört-1")).greet()


def test_a_recipient_whom_nobody_knows_is_found_before(mail: MailServer, post: Any) -> None:
    mail.box.refuse_recipient = (PEOPLE[1], "550 5.1.1 no such user")
    with pytest.raises(DeliveryFailed, match=r"recipient bob@corp.example .550 5.1.1 no such user"):
        post().greet()
    with pytest.raises(DeliveryFailed):
        post().put(PARCEL)
    assert mail.box.mails == []


def test_a_full_mailbox_is_found_at_the_end(mail: MailServer, post: Any) -> None:
    way = post()
    way.greet()
    mail.box.refuse_data = "452 4.2.2 mailbox is full"
    with pytest.raises(DeliveryFailed, match=r"did not take the mail .452 4\.2\.2 mailbox is full"):
        way.put(PARCEL)
    assert way.take_back() is None


def test_a_mail_that_is_refused_before_its_first_byte_was_not_sent(mail: MailServer, post: Any) -> None:
    way = post()
    mail.box.refuse_data_command = "451 4.3.0 try later"
    with pytest.raises(DeliveryFailed, match=r"did not take the mail .451 4\.3\.0 try later"):
        way.put(PARCEL)
    assert way.take_back() is None


def test_nothing_is_sent_after_it_was_given_up(mail: MailServer, post: Any) -> None:
    way = post()
    way.given_up = True
    with pytest.raises(DeliveryFailed, match="too slow"):
        way.put(PARCEL)
    assert mail.box.mails == []


def test_a_connection_that_is_cut_within_the_mail(mail: MailServer, post: Any) -> None:
    with Relay(mail.port, {1: Cut(sent=50_000)}) as relay:
        way = post(port=relay.port)
        with pytest.raises(DeliveryFailed, match="no connection, or it broke"):
            way.put(LARGE)
        # Whether the server took it for whole is not known here, so nobody says that it did not.
        assert way.take_back() == "a mail to alice@corp.example, bob@corp.example"
    assert mail.box.mails == []


def test_an_answer_that_is_lost_after_the_mail(mail: MailServer, post: Any) -> None:
    with Relay(mail.port, {1: Cut(unheard=50_000)}) as relay:
        way = post(port=relay.port)
        with pytest.raises(DeliveryFailed, match="no connection, or it broke"):
            way.put(LARGE)
        assert way.take_back() == "a mail to alice@corp.example, bob@corp.example"
    assert len(mail.box.mails) == 1


def test_nobody_there(post: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(DeliveryFailed, match=f"port {port}: no connection, or it broke .connection refused"):
        post(port=port).greet()


def test_a_server_that_hangs(post: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        way = post(port=silent.getsockname()[1])
        with pytest.raises(DeliveryFailed, match="did not answer within"):
            errand(way.goal, way.greet, seconds=0.3)


HOSTILE = "jdoe\r\nBcc: eve@evil.example\r\n\r\n<script>\u202e\x00"


def test_a_name_is_no_header(mail: MailServer, post: Any) -> None:
    text = f"{HOSTILE}\n.\nRCPT TO:<eve@evil.example>"
    post().put(Parcel(("x.msrcincident",), DATA, HOSTILE, text))
    (message,) = mail.box.mails
    assert message["Bcc"] is None
    assert message["Subject"] == "jdoe Bcc: eve@evil.example <script>"
    assert mail.box.envelopes == [(USER, PEOPLE)]
    head = mail.box.raw[0].partition(b"\r\n\r\n")[0]
    assert b"\nBcc" not in head
    assert "\u202e" not in message.get_body(("plain",)).get_content()


@pytest.mark.parametrize(
    "text",
    [
        "alice",
        "alice@",
        "@corp.example",
        "alice@corp.example\r\nBcc: eve@evil.example",
        "alice@corp.example, eve@evil.example",
        "Alice <alice@corp.example>",
        "alice@corp.example> SIZE=1",
        "",
    ],
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(InvalidOption, match="to of delivery_mail is no mail address"):
        parse_address(text, "to")


def test_a_mail_to_nobody() -> None:
    with pytest.raises(InvalidOption, match="not to whom"):
        MailChannel("server", USER, [])
