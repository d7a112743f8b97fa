# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers to deliver to, started once and emptied before each test; their certificates are of an authority of ours."""

from __future__ import annotations

import ssl
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from tests.delivery import mail_server, share_server, web_server
from tests.delivery.mail_server import MailServer
from tests.delivery.share_server import SMBD, ShareServer
from tests.delivery.web_server import WebServer
from tests.support.canary import new_canary
from tests.support.playbook import PlaybookRunner


@dataclass(frozen=True)
class Authority:
    """A certificate authority, and a server's certificate for 127.0.0.1.

    Attributes:
        ca: Its own certificate.
        chain: The server's.
        key: The server's key.
    """

    ca: Path
    chain: Path
    key: Path

    @property
    def context(self) -> ssl.SSLContext:
        """For a server."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain, self.key)
        # What a server says after the handshake are answers: a relay can tell which one it cuts off.
        context.num_tickets = 0
        return context


def make_authority(folder: Path, name: str = "127.0.0.1") -> Authority:
    """A new authority with one server."""
    folder.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA()
    server = authority.issue_cert(name)
    found = Authority(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    authority.cert_pem.write_to_path(str(found.ca))
    server.private_key_pem.write_to_path(str(found.key))
    for blob in server.cert_chain_pems:
        blob.write_to_path(str(found.chain), append=True)
    return found


@pytest.fixture(scope="session")
def delivery_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Outside of every run's folder: credentials that are found there are supposed to be there."""
    return tmp_path_factory.mktemp("delivery")


@pytest.fixture(scope="session")
def authority(delivery_folder: Path) -> Authority:
    """Whom the servers' certificates are from."""
    return make_authority(delivery_folder / "authority")


@dataclass(frozen=True)
class Account:
    """An account at one of the servers.

    Attributes:
        password: A canary.
        file: The file that has it.
    """

    password: str
    file: Path


def _account(folder: Path, kind: str, user: str) -> Account:
    account = Account(new_canary(kind.title()), folder / f"{kind}.yml")
    account.file.write_text(f"username: {user}\npassword: {account.password}\n")
    return account


@pytest.fixture(scope="session")
def accounts(delivery_folder: Path) -> dict[str, Account]:
    """The accounts by channel."""
    users = {"smb": share_server.USER, "http": web_server.USER, "mail": mail_server.USER}
    return {kind: _account(delivery_folder, kind, user) for kind, user in users.items()}


@pytest.fixture(scope="session")
def _mail(authority: Authority, accounts: dict[str, Account]) -> Iterator[MailServer]:
    server = MailServer(authority.context, accounts["mail"].password)
    yield server
    server.stop()


@pytest.fixture
def mail(_mail: MailServer) -> MailServer:
    """A submission server with STARTTLS."""
    _mail.box.reset()
    return _mail


@pytest.fixture(scope="session")
def _web(authority: Authority, accounts: dict[str, Account], delivery_folder: Path) -> Iterator[WebServer]:
    server = WebServer(delivery_folder / "web", authority.chain, authority.key, accounts["http"].password)
    yield server
    server.stop()


@pytest.fixture
def web(_web: WebServer) -> WebServer:
    """A WebDAV server and an object store."""
    _web.reset()
    return _web


@pytest.fixture(scope="session")
def _share(accounts: dict[str, Account], delivery_folder: Path) -> Iterator[ShareServer]:
    if SMBD is None:
        pytest.skip("samba is not installed")
    server = ShareServer(delivery_folder / "samba", accounts["smb"].password)
    yield server
    server.stop()


@pytest.fixture
def share(_share: ShareServer) -> ShareServer:
    """Samba."""
    _share.reset()
    return _share


@pytest.fixture
def run_playbook(tmp_path: Path) -> PlaybookRunner:
    """Runs playbooks with the Python of the tests, whose packages are there."""
    return PlaybookRunner(tmp_path / "runs", bin=Path(sys.executable).parent)
