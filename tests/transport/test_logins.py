# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a login costs and how often it tries a password, with both libraries and every kind of login."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import AssistError, LoginRefused
from ansible_collections.workspot.assist.plugins.plugin_utils._transport.negotiate_login import NegotiateLogin
from ansible_collections.workspot.assist.plugins.plugin_utils._transport.session import take_over

from tests.support.pools import DESKTOP
from tests.transport.rig import LOGIN_ONLY, WAYS, Answer, Heard, asked, gateway, listening, psrp, transport, winrm

Make = Callable[..., Any]


def quirky(**quirks: Any) -> dict[str, Any]:
    return {**DESKTOP, "quirks": quirks}


def at(host: Any, port: int = 5985) -> str:
    return f"{host.address}:{port}"


@pytest.mark.parametrize("way", WAYS)
def test_requests_of_a_login_over_http(way: str, pool: Any) -> None:
    host = pool.hosts["desk-01"]
    connection = transport(way, at(host))
    assert [asked(connection) for _ in range(3)] == [host.system.version] * 3
    assert host.counters["requests"] == LOGIN_ONLY[way] + 3
    assert connection.login_with_message is (None if way == "psrp-negotiate" else True)
    connection.close()


@pytest.mark.parametrize("way", ["winrm-ntlm", "psrp-ntlm", "psrp-negotiate"])
@pytest.mark.parametrize("binding", ["relaxed", "strict"])
def test_a_login_over_https_is_the_librarys_own_and_bound_to_the_certificate(
    binding: str, way: str, make_pool: Make
) -> None:
    pool = make_pool(quirky(channel_binding=binding))
    host = pool.hosts["desk-01"]
    trust = {"ca_trust_path": str(pool.ca)} if way.startswith("winrm") else {"cert_validation": str(pool.ca)}
    connection = transport(way, at(host, 5986), secure=True, **trust)
    assert [asked(connection) for _ in range(2)] == [host.system.version] * 2
    assert host.counters["requests"] == 2 + 2
    connection.close()


@pytest.mark.parametrize("way", WAYS)
def test_a_host_that_takes_no_message_with_the_login(way: str, make_pool: Make) -> None:
    pool = make_pool(quirky(login_with_message="bad_request"))
    host = pool.hosts["desk-01"]
    connection = transport(way, at(host))
    assert [asked(connection) for _ in range(3)] == [host.system.version] * 3
    assert host.counters["reads"] == 3
    # The refused one, its challenge, and the library's own login; with SPNEGO they never go together.
    assert host.counters["requests"] == (3 + 2 if way == "psrp-negotiate" else 3 + 2 + 3)
    assert connection.login_with_message is (None if way == "psrp-negotiate" else False)
    connection.close()
    before = host.counters["requests"]
    assert asked(connection) == host.system.version
    assert host.counters["requests"] - before == (3 if way == "psrp-negotiate" else 4)
    connection.close()


@pytest.mark.parametrize("way", WAYS)
def test_a_wrong_password_is_tried_once(way: str, pool: Any) -> None:
    host = pool.hosts["desk-01"]
    with listening(gateway(host)) as listener:
        connection = transport(way, listener.address, password="Not-This-One-1")
        with pytest.raises(LoginRefused, match="the host refused the login") as caught:
            asked(connection)
        assert "\n" not in str(caught.value)
        assert (listener.attempts, len(listener.heard)) == (1, 2)
        with pytest.raises(LoginRefused):
            asked(connection)
        assert listener.attempts == 2
        connection.close()
    assert host.counters["reads"] == 0


@pytest.mark.parametrize("way", WAYS)
def test_an_account_that_may_not_log_in_is_tried_once(way: str, make_pool: Make) -> None:
    host = make_pool({**DESKTOP, "faults": {"refuse_login": True}}).hosts["desk-01"]
    with listening(gateway(host)) as listener:
        connection = transport(way, listener.address)
        with pytest.raises(LoginRefused):
            asked(connection)
        assert listener.attempts == 1
        connection.close()


@pytest.mark.parametrize("way", WAYS)
def test_a_connection_that_ends_between_two_messages_is_logged_in_on_again(way: str, pool: Any) -> None:
    """The library connects anew without a word; what was encrypted for the old login is of no use there."""
    host = pool.hosts["desk-01"]
    hang_up: list[int] = []

    def once(request: Heard, answer: Answer) -> Answer:
        answer.hang_up = bool(request.body) and not hang_up
        hang_up.extend([1] * answer.hang_up)
        return answer

    with listening(gateway(host, once)) as listener:
        connection = transport(way, listener.address)
        assert asked(connection) == host.system.version
        assert listener.ended.wait(10)
        assert [asked(connection) for _ in range(2)] == [host.system.version] * 2
        assert host.counters["reads"] == 3
        # Two logins, three messages, and the one that came without a login.
        assert len(listener.heard) == 2 * LOGIN_ONLY[way] + 3 + 1
        assert listener.attempts == 2
        connection.close()


@pytest.mark.parametrize("way", WAYS)
def test_a_proxy_that_keeps_no_connection_is_one_clear_line(way: str, pool: Any) -> None:
    """NTLM logs a connection in. Where each message goes over another one, asking again has an end."""

    def forgets(request: Heard, answer: Answer) -> Answer:
        forgotten = request.body and not request.token
        return Answer(401, [("WWW-Authenticate", "Negotiate")]) if forgotten else answer

    with listening(gateway(pool.hosts["desk-01"], forgets)) as listener:
        connection = transport(way, listener.address)
        if way != "psrp-negotiate":
            asked(connection)
            for item in range(3):
                asked(connection)
                assert listener.attempts == 2 + item
        else:
            with pytest.raises(LoginRefused) as caught:
                asked(connection)
            assert "\n" not in str(caught.value)
            assert listener.attempts == 3
        connection.close()


@pytest.mark.parametrize(("make", "setting"), [(winrm, "message_encryption"), (psrp, "encryption")])
def test_messages_without_encryption_where_the_host_takes_them(make: Any, setting: str, make_pool: Make) -> None:
    host = make_pool(quirky(allow_unencrypted=True)).hosts["desk-01"]
    connection = make(at(host), **{setting: "never"})
    assert [asked(connection) for _ in range(3)] == [host.system.version] * 3
    assert host.counters["reads"] == 3
    assert host.counters["requests"] == 3 + 1
    connection.close()


@pytest.mark.parametrize(("make", "setting"), [(winrm, "message_encryption"), (psrp, "encryption")])
def test_messages_without_encryption_where_the_host_refuses_them(make: Any, setting: str, pool: Any) -> None:
    connection = make(at(pool.hosts["desk-01"]), **{setting: "never"})
    with pytest.raises(AssistError, match="HTTP 500 without a reason"):
        asked(connection)
    connection.close()


def sessions_of_other_logins() -> dict[str, Any]:
    """Sessions as the libraries build them for logins that are not NTLM."""
    import requests
    from requests.auth import HTTPBasicAuth

    def session(auth: Any) -> requests.Session:
        made = requests.Session()
        made.auth = auth
        return made

    kerberos = psrp("127.0.0.1:5985", auth="kerberos", encryption="always")
    return {
        "basic": session(HTTPBasicAuth("user", "secret")),
        "certificate": session(None),
        "winrm-kerberos": session(type("HTTPKerberosAuth", (), {"send_cbt": True})()),
        "winrm-credssp": session(type("HttpCredSSPAuth", (), {})()),
        "psrp-kerberos": kerberos._transport._build_session(),
    }


@pytest.mark.parametrize("name", sorted(sessions_of_other_logins()))
def test_other_logins_are_left_alone(name: str) -> None:
    session = sessions_of_other_logins()[name]
    inner = dict(session.adapters)
    take_over(session)
    for prefix, adapter in session.adapters.items():
        assert not isinstance(adapter._inner, NegotiateLogin)
        assert adapter._inner is inner[prefix]
    assert getattr(session.auth, "send_cbt", True)
    once = dict(session.adapters)
    take_over(session)
    assert dict(session.adapters) == once
