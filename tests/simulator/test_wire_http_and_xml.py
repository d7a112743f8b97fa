# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What simulated WinRM refuses about HTTP and XML, and how it answers what is right; sources stand beside each case.

`wsmerror.h` of the Windows SDK gives codes with their role and subcode, DSP0226 14.6 the fault details.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.simulator.wire_rig import (
    ANONYMOUS,
    HKLM,
    PLAIN,
    SHELL,
    WMI,
    A,
    Reply,
    S,
    T,
    W,
    Wire,
    envelope,
)

Make = Callable[..., Any]
SYSTEM = f"{WMI}root/cimv2/Win32_ComputerSystem"
PROCESS = f"{WMI}root/cimv2/Win32_Process"
KEY = (("hDefKey", HKLM), ("sSubKeyName", "SOFTWARE\\Microsoft"))

REQUIRED = (2150858769, "Sender", f"{{{A}}}MessageInformationHeaderRequired")
SHELL_BODY = (
    "<rsp:Shell><rsp:InputStreams>stdin</rsp:InputStreams><rsp:OutputStreams>stdout</rsp:OutputStreams></rsp:Shell>"
)


@pytest.fixture
def pool(make_pool: Make) -> Any:
    return make_pool(PLAIN)


@pytest.fixture
def wire(pool: Any) -> Iterator[Wire]:
    made = Wire(pool)
    yield made
    made.close()
    assert pool.errors == []


def good(wire: Wire, **changes: Any) -> Reply:
    """A Get that is right but for the changes."""
    return wire.send(f"{T}/Get", SYSTEM, **{"selectors": {"Name": "DESK-01"}, **changes})


def test_paths_and_methods(wire: Wire) -> None:
    message = envelope(f"{T}/Get", SYSTEM, selectors={"Name": "DESK-01"})
    assert wire.http(message, path="/").status == 404
    assert wire.http(message, path="/wsman2").status == 404
    assert wire.http(message, path="/WSMan?x=y").status == 200
    assert wire.http(None, method="GET").status == 405


def test_content_type(wire: Wire) -> None:
    assert good(wire).status == 200
    assert wire.http(b"<x/>", Content_Type="text/xml").status == 415


@pytest.mark.parametrize(
    "body",
    [
        b"no xml",
        b"<a/>",
        b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header/></s:Envelope>',
        b'<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Header/><Body/></Envelope>',
        b"\xff\xfe\x00",
        b'<?xml version="1.0" encoding="no-such-code"?><a/>',
    ],
    ids=["text", "other XML", "no body", "SOAP 1.1", "bytes", "unknown encoding"],
)
def test_what_is_no_soap(wire: Wire, body: bytes) -> None:
    assert wire.http(body).fault.code == 2150858817


def test_no_header(wire: Wire) -> None:
    body = b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body/></s:Envelope>'
    assert wire.http(body).fault.code == REQUIRED[0]


def test_entities_are_not_followed(wire: Wire, tmp_path: Any) -> None:
    # MS-WSMV 3.1.4: SOAP 1.2 forbids a DTD. Nothing of a file gets into an answer.
    secret = tmp_path / "secret"
    secret.write_text("do not show")
    attack = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'.encode()
    reply = wire.http(attack + envelope(f"{T}/Get", SYSTEM, selectors={"Name": "N"}).replace(b">N<", b">&e;<"))
    assert reply.status == 500
    assert b"do not show" not in reply.body


def test_too_large_a_request(wire: Wire) -> None:
    # MS-WSMV 3.1.4.1.20: HTTP 413 and no SOAP, for more than MaxEnvelopeSizekb (500).
    base = len(envelope(f"{T}/Get", SYSTEM, f"<!--{''}-->", selectors={"Name": "DESK-01"}))
    largest = good(wire, body=f"<!--{'x' * (512_000 - base)}-->")
    assert largest.status == 200
    over = good(wire, body=f"<!--{'x' * (512_001 - base)}-->")
    assert (over.status, over.body) == (413, b"")
    assert wire.http(b"x" * 3_000_000).status == 413
    assert good(wire).status == 200


def test_chunked_requests_to_a_shell(wire: Wire) -> None:
    # MS-WSMV 3.1.4.1.31.8: InternalError, code 50, "The request is not supported."
    made = envelope(f"{T}/Create", SHELL, SHELL_BODY)
    fault = wire.http([made[:100], made[100:]]).fault
    assert (fault.code, fault.role, fault.subcode) == (50, f"{{{S}}}Receiver", f"{{{W}}}InternalError")
    assert fault.reason == "The request is not supported. "


def test_chunked_requests_to_cim_are_fine(wire: Wire) -> None:
    made = envelope(f"{T}/Get", SYSTEM, selectors={"Name": "DESK-01"})
    assert wire.http([made[:100], made[100:]]).status == 200


def test_identify(wire: Wire, pool: Any) -> None:
    # DSP0226 11: without a login, when the header asks so; MS-WSMV 3.1.4.1.23 hides the version then.
    ask = (
        b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:i="http://schemas.dmtf.org/wbem/wsman/'
        b'identity/1/wsmanidentity.xsd"><s:Header/><s:Body><i:Identify/></s:Body></s:Envelope>'
    )
    assert wire.http(ask).text("ProductVersion") == "OS: 10.0.26100 SP: 0.0 Stack: 3.0"
    stranger = Wire(pool, user=None)
    reply = stranger.http(ask, WSMANIDENTIFY="unauthenticated")
    assert (reply.status, reply.text("ProductVersion")) == (200, "OS: 0.0.0 SP: 0.0 Stack: 3.0")
    assert stranger.http(ask).status == 401
    assert stranger.http(envelope(f"{T}/Get", SYSTEM), WSMANIDENTIFY="unauthenticated").status == 400
    stranger.close()


def test_replies_relate_to_their_requests(wire: Wire) -> None:
    identity = "uuid:11111111-2222-3333-4444-555555555555"
    mine = {"MessageID": f"<a:MessageID>{identity}</a:MessageID>"}
    for reply in (good(wire, **mine), good(wire, selectors={}, **mine)):
        header = reply.root.find(f"{{{S}}}Header")
        assert header is not None
        assert header.findtext(f"{{{A}}}RelatesTo") == identity
        assert header.findtext(f"{{{A}}}To") == ANONYMOUS
        assert (header.findtext(f"{{{A}}}MessageID") or "").startswith("uuid:")
