# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is done before the fork, and requests that are prepared once."""

from __future__ import annotations

from typing import Any

import pytest
import requests
import spnego
from ansible_collections.workspot.assist.plugins.plugin_utils._transport import preload
from ansible_collections.workspot.assist.plugins.plugin_utils._transport import session as session_module
from requests_ntlm import HttpNtlmAuth

ENDPOINT = "http://127.0.0.1:5985/wsman"


def test_the_login_to_nowhere_comes_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The challenge is one that pyspnego takes as a server's, and all keys are made."""
    made: list[Any] = []
    client = spnego.client

    def remembered(*arguments: Any, **options: Any) -> Any:
        made.append(client(*arguments, **options))
        return made[-1]

    monkeypatch.setattr(spnego, "client", remembered)
    preload._log_in_nowhere()
    (context,) = made
    assert context.complete
    assert len(context.session_key) == 16


def test_preloading_never_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses() -> None:
        raise ValueError("no such cipher")

    monkeypatch.setattr(preload, "_log_in_nowhere", refuses)
    preload.preload.__wrapped__()


class Counted(requests.Session):
    """A session that notes what it prepares."""

    def __init__(self, auth: Any) -> None:
        super().__init__()
        self.auth = auth
        self.headers["User-Agent"] = "test"
        self.prepared: list[str] = []

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        self.prepared.append(str(request.url))
        return super().prepare_request(request)


def session_with(auth: Any) -> Counted:
    """A limited session."""
    session = Counted(auth)
    session_module.take_over(session)
    return session


def posted(session: requests.Session, body: bytes | None) -> requests.PreparedRequest:
    """A request as pywinrm has it prepared."""
    return session.prepare_request(requests.Request("POST", ENDPOINT, data=body))


def test_requests_of_ntlm_are_prepared_once_and_share_nothing_that_changes() -> None:
    session = session_with(HttpNtlmAuth("CORP\\svc", "secret"))
    first, second, third = posted(session, None), posted(session, b"one"), posted(session, b"longer")
    assert session.prepared == [ENDPOINT]
    assert [item.body for item in (first, second, third)] == [None, b"one", b"longer"]
    assert [item.headers["Content-Length"] for item in (first, second, third)] == ["0", "3", "6"]
    second.headers["Content-Type"] = "multipart/encrypted"
    assert "Content-Type" not in posted(session, b"x").headers
    assert all(item.headers["User-Agent"] == "test" for item in (first, second, third))
    assert [len(item.hooks["response"]) for item in (first, second, third)] == [1, 1, 1]
    posted_elsewhere = session.prepare_request(requests.Request("POST", f"{ENDPOINT}?x", data=b""))
    assert posted_elsewhere.url == f"{ENDPOINT}?x"


def test_a_cookie_goes_with_every_request() -> None:
    session = session_with(HttpNtlmAuth("CORP\\svc", "secret"))
    posted(session, b"one")
    session.cookies.set("gateway", "a")
    assert posted(session, b"two").headers["Cookie"] == "gateway=a"


def test_other_logins_prepare_every_request() -> None:
    session = session_with(("user", "secret"))
    posted(session, b"one")
    posted(session, b"two")
    assert len(session.prepared) == 2
