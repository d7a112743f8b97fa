# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each channel alone against a real server: what arrives, what is refused, what is taken back."""

from __future__ import annotations

from ansible_collections.workspot.assist.plugins.plugin_utils._delivery.channel import Parcel
from ansible_collections.workspot.assist.plugins.plugin_utils._delivery.credentials import read_credentials
from ansible_collections.workspot.assist.plugins.plugin_utils._delivery.http_channel import HttpChannel
from ansible_collections.workspot.assist.plugins.plugin_utils._delivery.mail_channel import MailChannel
from ansible_collections.workspot.assist.plugins.plugin_utils._delivery.smb_channel import SmbChannel, parse_share

from tests.delivery.conftest import Account, Authority
from tests.delivery.mail_server import MailServer
from tests.delivery.share_server import ShareServer
from tests.delivery.web_server import WebServer

DATA = b"<?xml version='1.0'?>" + b"\x00\xff\r\n.\r\n" * 400
PARCEL = Parcel(("a b+ü#1.msrcincident", "second.msrcincident"), DATA, "Help for jdoe", "text\n.\nmore")


def test_smb(share: ShareServer, accounts: dict[str, Account]) -> None:
    channel = SmbChannel(parse_share(share.share), read_credentials(accounts["smb"].file), port=share.port)
    channel.greet()
    assert share.delivered == {}
    assert channel.put(PARCEL) == share.share + "\\" + PARCEL.names[0]
    assert share.delivered == {PARCEL.names[0]: DATA}
    assert channel.take_back() is None
    assert share.delivered == {}


def test_http(web: WebServer, accounts: dict[str, Account], authority: Authority) -> None:
    channel = HttpChannel(web.url, read_credentials(accounts["http"].file), ca_file=str(authority.ca))
    channel.greet()
    assert channel.put(PARCEL).startswith(web.url)
    assert web.delivered == {PARCEL.names[0]: DATA}
    assert channel.take_back() is None
    assert web.delivered == {}


def test_mail(mail: MailServer, accounts: dict[str, Account], authority: Authority) -> None:
    account = read_credentials(accounts["mail"].file)
    people = ["alice@corp.example", "bob@corp.example"]
    channel = MailChannel(
        "127.0.0.1", "assist@corp.example", people, account, port=mail.port, ca_file=str(authority.ca)
    )
    channel.greet()
    assert mail.box.mails == []
    channel.put(PARCEL)
    (message,) = mail.box.mails
    (attachment,) = message.iter_attachments()
    assert attachment.get_filename() == PARCEL.names[0]
    assert attachment.get_content() == DATA
    assert mail.box.envelopes == [("assist@corp.example", people)]
