# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Listeners that are no WinRM, gateways in front of one, and those who name another address."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import (
    LibraryMissing,
    LoginRefused,
    TransportError,
    Unreachable,
)

from tests.transport.rig import (
    LOGIN_ONLY,
    WAYS,
    Answer,
    Answers,
    Heard,
    Listener,
    asked,
    gateway,
    listening,
    psrp,
    transport,
    winrm,
)

NO_WINRM = r"the host answered HTTP {}\. Is this a WinRM listener\? Check port, path and proxy\."
NO_LOGIN = "the host refused the login"
PLAIN = {"winrm": (winrm, {"message_encryption": "never"}), "psrp": (psrp, {"encryption": "never"})}


def always(status: int, **headers: str) -> Answers:
    """The same answer to everything."""
    named = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return lambda _request, _connection: Answer(status, named, b"<html>" + b"x" * 200)


def one_line(caught: pytest.ExceptionInfo[Any]) -> str:
    """An error's text, which is one line and for people."""
    text = str(caught.value)
    assert text.startswith("desk-01: ")
    assert [item for item in ("\n", "html", "Error") if item in text] == []
    return text


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("answers", "kind", "words"),
    [
        (always(404), Unreachable, NO_WINRM.format(404)),
        (always(403), Unreachable, NO_WINRM.format(403)),
        (always(503, Retry_After="1"), Unreachable, NO_WINRM.format(503)),
        (always(500), TransportError, "HTTP 500 without a reason"),
        (always(401), LoginRefused, NO_LOGIN),
        (always(401, WWW_Authenticate='Basic realm="x"'), LoginRefused, NO_LOGIN),
        (always(401, WWW_Authenticate="Negotiate"), LoginRefused, NO_LOGIN),
    ],
    ids=["404", "403", "503", "500", "401 of no kind", "401 Basic", "401 without a challenge"],
)
def test_what_does_not_log_in_is_one_clear_line(way: str, answers: Answers, kind: Any, words: str) -> None:
    with listening(answers) as listener:
        connection = transport(way, listener.address)
        with pytest.raises(kind, match=words) as caught:
            asked(connection)
        one_line(caught)
        assert listener.attempts == 0
        assert not any(b"Win32_OperatingSystem" in item.body for item in listener.heard)
        connection.close()


@pytest.mark.parametrize("way", WAYS)
def test_a_web_server_that_takes_everything_hears_no_message(way: str) -> None:
    with listening(always(200)) as listener:
        connection = transport(way, listener.address)
        with pytest.raises(TransportError, match=NO_WINRM.format(200)) as caught:
            asked(connection)
        one_line(caught)
        assert listener.attempts == 0
        assert all(not item.body for item in listener.heard)
        connection.close()


@pytest.mark.parametrize(
    ("way", "kind", "words"),
    [
        ("winrm-ntlm", LoginRefused, NO_LOGIN),
        ("psrp-ntlm", TransportError, "the connection library failed .*ansible_psrp_auth"),
        ("psrp-negotiate", LibraryMissing, r"pip install pyspnego\[kerberos\]"),
    ],
)
def test_a_host_that_offers_kerberos_alone(way: str, kind: Any, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the last one could, with a library for Kerberos."""
    monkeypatch.setattr("spnego._gss.HAS_GSSAPI", False)
    with listening(always(401, WWW_Authenticate="Kerberos")) as listener:
        connection = transport(way, listener.address)
        with pytest.raises(kind, match=words):
            asked(connection)
        assert listener.attempts == 0
        connection.close()


def redirecting(other: Listener, status: int, *, after: int = 0, host: Any = None) -> Answers:
    """Answers as the host does, and after so many of them the other listener's address."""
    through = gateway(host) if host is not None else None
    answered: list[int] = []

    def answer(request: Heard, connection: Any) -> Answer:
        answered.append(1)
        if through is not None and len(answered) <= after:
            return through(request, connection)
        return Answer(status, [("Location", f"http://{other.address}/wsman")])

    return answer


@pytest.mark.parametrize("after", [0, 1, 2, 3])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("status", [302, 307, 308])
def test_nobody_hears_of_a_login_or_message_that_is_not_theirs(status: int, way: str, after: int, pool: Any) -> None:
    host = pool.hosts["desk-01"]
    with listening(always(200)) as other, listening(redirecting(other, status, after=after, host=host)) as listener:
        connection = transport(way, listener.address)
        for _ in range(after - LOGIN_ONLY[way]):
            asked(connection)
        with pytest.raises(Unreachable, match=NO_WINRM.format(status)) as caught:
            asked(connection)
        assert other.address not in one_line(caught)
        assert len(listener.heard) == after + 1
        assert other.heard == []
        connection.close()


@pytest.mark.parametrize("name", sorted(PLAIN))
@pytest.mark.parametrize("status", [302, 307, 308])
def test_basic_logins_are_not_taken_elsewhere_either(status: int, name: str) -> None:
    make, changes = PLAIN[name]
    with listening(always(200)) as other, listening(redirecting(other, status)) as listener:
        connection = make(listener.address, auth="basic", **changes)
        with pytest.raises(Unreachable, match=NO_WINRM.format(status)):
            asked(connection)
        assert len(listener.heard) == 1
        assert other.heard == []
        connection.close()


@pytest.mark.parametrize("way", WAYS)
def test_a_cookie_of_a_gateway_goes_with_all_later_messages(way: str, pool: Any) -> None:
    def marked(request: Heard, answer: Answer) -> Answer:
        if "cookie" not in request.headers:
            answer.headers.append(("Set-Cookie", "gateway=node-7; Path=/; HttpOnly"))
        return answer

    host = pool.hosts["desk-01"]
    with listening(gateway(host, marked)) as listener:
        connection = transport(way, listener.address)
        assert [asked(connection) for _ in range(4)] == [host.system.version] * 4
        *_login, second, third, fourth = listener.heard
        assert [item.headers.get("cookie") for item in (second, third, fourth)] == ["gateway=node-7"] * 3
        assert listener.attempts == 1
        connection.close()


@pytest.mark.parametrize("way", WAYS)
def test_a_cookie_of_the_challenge_alone_is_kept_where_the_library_keeps_it(way: str, pool: Any) -> None:
    def marked(request: Heard, answer: Answer) -> Answer:
        if request.token and not request.is_attempt:
            answer.headers.append(("Set-Cookie", "gateway=node-7; Path=/"))
        return answer

    host = pool.hosts["desk-01"]
    with listening(gateway(host, marked)) as listener:
        connection = transport(way, listener.address)
        assert [asked(connection) for _ in range(2)] == [host.system.version] * 2
        # pypsrp forgets the replies that lead to a login; requests-ntlm hands them on.
        kept = "gateway=node-7" if way.startswith("winrm") else None
        assert listener.heard[-1].headers.get("cookie") == kept
        connection.close()


@pytest.mark.parametrize("way", WAYS)
def test_the_login_is_asked_for_as_a_host_without_negotiate_offers_it(way: str, pool: Any) -> None:
    """What is offered is guessed at first. A listener that offers NTLM by its own name gets it in the library's way."""

    def by_name(request: Heard, answer: Answer) -> Answer:
        ours = request.headers.get("authorization", "NTLM").startswith("NTLM")
        if answer.status == 401 and not (ours and request.token):
            return Answer(401, [("WWW-Authenticate", "NTLM")])
        return answer

    host = pool.hosts["desk-01"]
    with listening(gateway(host, by_name)) as listener:
        connection = transport(way, listener.address)
        assert asked(connection) == host.system.version
        assert listener.attempts == 1
        connection.close()
