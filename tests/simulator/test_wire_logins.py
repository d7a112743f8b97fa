# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logins to simulated WinRM, message encryption, and who is let in (MS-WSMV 2.2.9.1, 3.1.4.1.28, RFC 4559)."""

from __future__ import annotations

import base64
import re
import struct
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import spnego

from tests.simulator.wire_rig import (
    PLAIN,
    SHELL,
    SOAP_TYPE,
    WMI,
    Fault,
    N,
    Reply,
    S,
    T,
    W,
    Wire,
    enumerate_body,
    envelope,
)
from tests.support.pools import DESKTOP, SERVICE_PASSWORD

Make = Callable[..., Any]
SYSTEM = f"{WMI}root/cimv2/Win32_ComputerSystem"
GET = envelope(f"{T}/Get", SYSTEM, selectors={"Name": "DESK-01"})
SEALED = 'multipart/encrypted;protocol="application/HTTP-SPNEGO-session-encrypted";boundary="Encrypted Boundary"'
ACCESS_DENIED = {"name": "jdoe", "password": "Only-A-User-1"}


class Negotiated:
    """One connection that logs in with NTLM by hand and seals its messages.

    Args:
        pool: The pool.
        user: Who logs in.
        password: With what.
        protocol: `negotiate` (SPNEGO around NTLM) or `ntlm`.
        secure: HTTPS, where messages are not sealed.
    """

    def __init__(
        self,
        pool: Any,
        user: str = "CORP\\svc-ansible",
        password: str = SERVICE_PASSWORD,
        *,
        protocol: str = "negotiate",
        secure: bool = False,
    ) -> None:
        self.wire = Wire(pool, user=None, secure=secure)
        own = spnego.NegotiateOptions.use_negotiate | spnego.NegotiateOptions.use_ntlm
        self.context: Any = spnego.client(
            user, password, hostname="desk-01", service="HTTP", protocol=protocol, options=own,
            context_req=spnego.ContextReq.default | spnego.ContextReq.confidentiality,
        )  # fmt: skip

    def log_in(self, body: bytes = b"") -> Reply:
        """The legs of a login, which all carry `body`; the answer to the last one."""
        token = self.context.step()
        while True:
            header = f"Negotiate {base64.b64encode(token).decode()}"
            reply = self.wire.http(body, Authorization=header)
            answer = re.fullmatch(r"Negotiate (\S+)", reply.headers.get("WWW-Authenticate", ""))
            if answer is not None:
                token = self.context.step(base64.b64decode(answer[1])) or b""
            if answer is None or reply.status != 401 or not token:
                return reply

    def sealed(self, message: bytes, *, length: int | None = None) -> bytes:
        """A message as MS-WSMV 2.2.9.1.1.2 has it."""
        header, data, _ = self.context.wrap_winrm(message)
        return (
            b"--Encrypted Boundary\r\n\tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n"
            + f"\tOriginalContent: type={SOAP_TYPE};Length={length or len(message)}\r\n".encode()
            + b"--Encrypted Boundary\r\n\tContent-Type: application/octet-stream\r\n"
            + struct.pack("<i", len(header)) + header + data + b"--Encrypted Boundary--\r\n"
        )  # fmt: skip

    def send(self, body: bytes) -> Reply:
        """Send something as sealed; a sealed answer is opened."""
        reply = self.wire.http(body, Content_Type=SEALED)
        if not reply.headers.get("Content-Type", "").startswith("multipart/encrypted"):
            return reply
        part = reply.body.split(b"application/octet-stream\r\n", 1)[1].removesuffix(b"--Encrypted Boundary--\r\n")
        (size,) = struct.unpack("<i", part[:4])
        opened: bytes = self.context.unwrap_winrm(part[4 : 4 + size], part[4 + size :])
        return Reply(reply.status, reply.headers, opened)

    def close(self) -> None:
        """Close the connection."""
        self.wire.close()


@pytest.fixture
def connect(pool: Any) -> Iterator[Callable[..., Negotiated]]:
    made: list[Negotiated] = []

    def make(*arguments: Any, **options: Any) -> Negotiated:
        made.append(Negotiated(options.pop("pool", pool), *arguments, **options))
        return made[-1]

    yield make
    for item in made:
        item.close()
    assert pool.errors == []


@pytest.fixture
def stranger(pool: Any) -> Iterator[Wire]:
    made = Wire(pool, user=None)
    yield made
    made.close()


def challenges(wire: Wire, **headers: str) -> list[str]:
    """What a 401 offers."""
    wire._connection.request("POST", "/wsman", b"", {"Content-Type": SOAP_TYPE, **headers})
    reply = wire._connection.getresponse()
    reply.read()
    assert reply.status == 401
    return reply.headers.get_all("WWW-Authenticate", [])


# What is offered ---------------------------------------------------------------------------------


def test_basic_is_offered_where_it_is_safe(pool: Any, stranger: Wire) -> None:
    # AllowUnencrypted=false (learn.microsoft.com, winrm/config/service).
    assert challenges(stranger) == ["Negotiate"]
    secure = Wire(pool, user=None, secure=True)
    assert challenges(secure) == ["Negotiate", 'Basic realm="WSMAN"']
    secure.close()


def test_basic_is_not_offered_when_it_is_off(make_pool: Make) -> None:
    pool = make_pool({**DESKTOP, "quirks": {"basic_disabled": True}})
    wire = Wire(pool, secure=True)
    assert wire.http(GET).status == 401
    wire.close()
    wire = Wire(pool, user=None, secure=True)
    assert challenges(wire) == ["Negotiate"]
    wire.close()


def test_basic_over_http_is_refused_though_the_password_is_right(pool: Any) -> None:
    wire = Wire(pool)
    assert wire.http(GET).status == 401
    wire.close()


@pytest.mark.parametrize(
    "header",
    ["", "Basic", "Basic !!!", "Basic " + base64.b64encode(b"\xff\xfe").decode(), "Negotiate", "Negotiate !!!",
     "Negotiate " + base64.b64encode(b"NTLMSSP\0junk").decode(), "Kerberos abc", "Bearer x",
     "Negotiate " + base64.b64encode(b"\x60\x82").decode()],
)  # fmt: skip
def test_what_is_no_login(pool: Any, header: str) -> None:
    wire = Wire(pool, user=None, secure=True)
    assert wire.http(GET, Authorization=header).status == 401
    # The connection is as good as before.
    login = base64.b64encode(f"svc-ansible:{SERVICE_PASSWORD}".encode()).decode()
    assert wire.http(GET, Authorization=f"Basic {login}").status == 200
    wire.close()
    assert pool.errors == []


# Names and passwords -----------------------------------------------------------------------------

LOCAL = {"name": "admin", "password": "Only-A-Local-1", "administrator": True}


@pytest.mark.parametrize(
    ("user", "password"),
    [
        ("svc-ansible", SERVICE_PASSWORD),
        ("CORP\\SVC-Ansible", SERVICE_PASSWORD),
        ("corp.example\\svc-ansible", SERVICE_PASSWORD),
        ("svc-ansible@corp.example", SERVICE_PASSWORD),
        ("admin", "Only-A-Local-1"),
        (".\\admin", "Only-A-Local-1"),
        ("DESK-01\\admin", "Only-A-Local-1"),
    ],
)
def test_names_of_accounts(make_pool: Make, user: str, password: str) -> None:
    pool = make_pool({**PLAIN, "accounts": [LOCAL]})
    wire = Wire(pool, user=user, password=password)
    assert wire.http(GET).status == 200
    wire.close()


@pytest.mark.parametrize(
    ("user", "password"),
    [
        ("svc-ansible", "wrong"),
        ("svc-ansible", ""),
        ("svc-ansible", SERVICE_PASSWORD.lower()),
        ("nobody", SERVICE_PASSWORD),
        ("OTHER\\svc-ansible", SERVICE_PASSWORD),
        ("jdoe", ""),
    ],
)
def test_wrong_names_and_passwords(
    make_pool: Make, connect: Callable[..., Negotiated], user: str, password: str
) -> None:
    pool = make_pool(PLAIN)
    wire = Wire(pool, user=user, password=password)
    assert wire.http(GET).status == 401
    wire.close()
    reply = connect(user, password or "x").log_in()
    assert reply.status == 401
    assert reply.body == b""


# NTLM and its connection -------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", ["negotiate", "ntlm"])
def test_a_login_and_sealed_messages(connect: Callable[..., Negotiated], protocol: str) -> None:
    client = connect(protocol=protocol)
    assert client.log_in().status == 200
    for _ in range(3):
        reply = client.send(client.sealed(GET))
        assert (reply.status, reply.text("Name")) == (200, "DESK-01")
        assert reply.headers["Content-Type"] == SEALED


def test_the_first_message_may_come_with_the_login(connect: Callable[..., Negotiated]) -> None:
    client = connect(secure=True)
    reply = client.log_in(GET)
    assert (reply.status, reply.text("Name")) == (200, "DESK-01")
    assert client.wire.http(GET).status == 200


def test_a_login_belongs_to_its_connection(connect: Callable[..., Negotiated], stranger: Wire) -> None:
    # RFC 4559 and MS-WSMV 2.2.9.1: the context is the connection's.
    client = connect()
    client.log_in()
    assert stranger.http(GET).status == 401
    assert stranger.http(client.sealed(GET), Content_Type=SEALED).status == 401


def test_plain_text_after_a_login(connect: Callable[..., Negotiated]) -> None:
    # MS-WSMV 3.1.4.1.29.1; an empty 500 is what clients report (pywinrm's issues).
    client = connect()
    client.log_in()
    reply = client.wire.http(GET)
    assert (reply.status, reply.body) == (500, b"")
    assert client.send(client.sealed(GET)).status == 200


def test_faults_are_sealed_too(connect: Callable[..., Negotiated]) -> None:
    client = connect()
    client.log_in()
    reply = client.send(client.sealed(envelope(f"{T}/Get", SYSTEM)))
    assert reply.headers["Content-Type"] == SEALED
    assert reply.fault.code == 2150858842


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body[:-40] + bytes([body[-40] ^ 1]) + body[-39:],
        lambda body: body.replace(b"Length=", b"Length=1"),
        lambda body: body.replace(b"Length=", b"Size="),
        lambda body: body.replace(b"--Encrypted Boundary", b"--Boundary"),
        lambda body: body.split(b"application/octet-stream")[0],
        lambda body: b"x",
        lambda body: body.replace(b"octet-stream\r\n\x10\0\0\0", b"octet-stream\r\n\xff\xff\xff\x7f"),
    ],
    ids=["tampered", "length", "no length", "boundary", "no data", "nothing of it", "signature"],
)
def test_a_sealed_message_that_is_damaged(connect: Callable[..., Negotiated], spoil: Callable[[bytes], bytes]) -> None:
    # An empty 400 is what Network Optix's client, tested on Windows, takes for a broken context.
    client = connect()
    client.log_in()
    reply = client.send(spoil(client.sealed(GET)))
    assert (reply.status, reply.body) == (400, b"")


def test_sealed_bytes_may_look_like_a_boundary(connect: Callable[..., Negotiated]) -> None:
    client = connect()
    client.log_in()
    inside = envelope(f"{T}/Get", SYSTEM, "<!--\r\n--Encrypted Boundary - -\r\n-->", selectors={"Name": "DESK-01"})
    big = envelope(f"{N}/Enumerate", f"{WMI}root/cimv2/*", enumerate_body("SELECT * FROM Win32_Process"))
    for message in (inside.replace(b"--Encrypted", b"- -Encrypted"), big):
        assert client.send(client.sealed(message)).status == 200


def test_a_sealed_message_with_basic(pool: Any, connect: Callable[..., Negotiated]) -> None:
    client = connect()
    client.log_in()
    wire = Wire(pool, secure=True)
    assert wire.http(client.sealed(GET), Content_Type=SEALED).status == 400
    wire.close()


def test_a_second_login_on_a_connection(connect: Callable[..., Negotiated], make_pool: Make) -> None:
    pool = make_pool(DESKTOP, accounts=[LOCAL, ACCESS_DENIED])
    first = connect("CORP\\admin", LOCAL["password"], pool=pool)
    first.log_in()
    assert first.send(first.sealed(GET)).status == 200
    second = connect("CORP\\jdoe", ACCESS_DENIED["password"], pool=pool)
    second.wire.close()
    second.wire = first.wire
    second.log_in()
    assert second.send(second.sealed(GET)).fault.code == 5


def test_credentials_leave_no_trace(pool: Any, connect: Callable[..., Negotiated]) -> None:
    import os

    connect().log_in()
    assert "NTLM_USER_FILE" not in os.environ
    kept = [path for path in pool.ca.parent.iterdir() if path.name.startswith("ntlm-")]
    assert kept
    assert [path.stat().st_mode & 0o777 for path in kept] == [0o600]
    pool.stop()
    assert not pool.ca.parent.exists()


# Who is let in -----------------------------------------------------------------------------------

OPERATIONS = {
    "get": (f"{T}/Get", SYSTEM, "", {"Name": "DESK-01"}),
    "query": (f"{N}/Enumerate", f"{WMI}root/cimv2/*", enumerate_body("SELECT * FROM Win32_Process"), {}),
    "method": (f"{WMI}root/cimv2/StdRegProv/EnumKey", f"{WMI}root/cimv2/StdRegProv", "", {}),
    "shell": (f"{T}/Create", SHELL, "<rsp:Shell><rsp:OutputStreams>stdout</rsp:OutputStreams></rsp:Shell>", {}),
    "settings": (f"{T}/Get", "http://schemas.microsoft.com/wbem/wsman/1/config", "", {}),
}


@pytest.mark.parametrize("what", list(OPERATIONS))
@pytest.mark.parametrize(
    ("code", "role", "subcode"),
    # Sender and AccessDenied are wsmerror.h's; the other form is in wazuh/wazuh-ansible's issue 581.
    [(5, "Sender", "AccessDenied"), (2147942405, "Receiver", "InternalError")],
)
@pytest.mark.parametrize("kind", ["user", "filtered"])
def test_only_whole_administrators_get_in(
    make_pool: Make, what: str, code: int, role: str, subcode: str, kind: str
) -> None:
    # RootSDDL (MS-WSMV 3.1.4.1.28); learn.microsoft.com "User Account Control and remote restrictions".
    account = dict(LOCAL, filtered=True) if kind == "filtered" else dict(LOCAL, administrator=False)
    quirks = {"allow_unencrypted": True, "access_denied_code": code}
    pool = make_pool({**DESKTOP, "accounts": [account], "quirks": quirks})
    wire = Wire(pool, user=".\\admin", password=str(LOCAL["password"]))
    action, resource, body, selectors = OPERATIONS[what]
    fault: Fault = wire.send(action, resource, body, selectors=selectors).fault
    assert (fault.code, fault.role, fault.subcode) == (code, f"{{{S}}}{role}", f"{{{W}}}{subcode}")
    assert fault.reason == "Access is denied. "
    host = pool.hosts["desk-01"]
    assert host.state()["writes"] == []
    assert {name: host.counters[name] for name in ("reads", "writes", "shell")} == {"reads": 0, "writes": 0, "shell": 0}
    wire.close()
