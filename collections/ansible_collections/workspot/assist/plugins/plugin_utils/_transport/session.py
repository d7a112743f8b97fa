# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What becomes of the ``requests`` session that a connection library has built: one address, limits, few requests.

The session stays the library's own, with its login, TLS and proxy settings. Nothing is followed to another address:
WS-Management has no redirects, and neither a login nor a message belongs to whom a reply names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .limits import LimitedAdapter
from .mapping import HttpStatus
from .negotiate_login import NegotiateLogin, log_in_unasked
from .one_write import write_at_once
from .timely_replies import read_in_time

if TYPE_CHECKING:
    from requests import PreparedRequest, Request, Response, Session
    from requests.adapters import BaseAdapter


def take_over(session: Session, *, login_with_message: bool = True) -> None:
    """Set a session up for WS-Management with one host; doing so twice changes nothing.

    The connection libraries have merged proxies, no_proxy and CA bundles of the environment into the session
    when they built it. Asking the environment anew for every request would be a fifth of all CPU time.

    Args:
        session: The session, before its first request.
        login_with_message: Whether NTLM's last token goes with the first message; see `negotiate_login`.
    """
    if "send" in vars(session):
        return
    session.trust_env = False
    _prepare_once(session)
    _send_alone(session)
    for prefix, adapter in list(session.adapters.items()):
        write_at_once(adapter)
        _find_pool_once(adapter)
        plain = prefix.startswith("http://")
        inner = log_in_unasked(session, adapter, with_message=login_with_message) if plain else adapter
        session.adapters[prefix] = LimitedAdapter(inner)


def took_login_with_message(session: Session | None) -> bool:
    """Whether the host has taken the session's login together with its first message."""
    adapters = session.adapters.values() if session is not None else ()
    logins = [getattr(adapter, "_inner", None) for adapter in adapters]
    return any(isinstance(login, NegotiateLogin) and login.taken for login in logins)


def _prepare_once(session: Session) -> None:
    """Have a session with NTLM prepare its first request, and every further one as a copy of it.

    All requests of a session are alike but for their body, and preparing one costs as much as sending it. The
    first one of NTLM carries no token: that comes in the retry, which is a copy too. Of other logins that is not known.
    """
    if type(session.auth).__name__ != "HttpNtlmAuth":
        return
    prepare = session.prepare_request
    kept: dict[tuple[str | None, Any], PreparedRequest] = {}

    def prepare_request(request: Request) -> PreparedRequest:
        body = request.data or None
        if session.cookies or not isinstance(body, bytes | None):
            # A gateway between here and the host.
            return prepare(request)
        where = (request.method, request.url)
        if where not in kept:
            kept[where] = prepare(request)
        copy = kept[where].copy()
        copy.body = body
        copy.prepare_content_length(body)
        return copy

    session.prepare_request = prepare_request  # type: ignore[method-assign]


def _send_alone(session: Session) -> None:
    """Have a session send what it is given and nothing else: it follows no redirect.

    Cookies, which gateways set, are looked for where there are some: to build a jar for each reply is a twentieth of
    the CPU time of a search.
    """
    from requests import cookies, hooks

    keep_cookies: Any = cookies.extract_cookies_to_jar
    dispatch: Any = hooks.dispatch_hook

    def send(request: PreparedRequest, **options: Any) -> Response:
        for name in ("stream", "verify", "cert"):
            options.setdefault(name, getattr(session, name))
        options.setdefault("proxies", dict(session.proxies))
        options.pop("allow_redirects", None)
        reply = session.get_adapter(url=str(request.url)).send(request, **options)
        try:
            response: Response = dispatch("response", request.hooks, reply, **options)
        except Exception:
            reply.close()
            raise
        for item in (*response.history, response):
            if "set-cookie" in item.headers:
                keep_cookies(session.cookies, item.request, item.raw)
        if response.is_redirect:
            response.close()
            raise HttpStatus(response.status_code, "")
        if not options["stream"]:
            response.content  # noqa: B018 - reads it
        return response

    session.send = send  # type: ignore[method-assign]


def _find_pool_once(adapter: BaseAdapter) -> None:
    """Have a requests adapter look its connection pool up once: all requests of a session go to one address.

    The pool's connections wait for no reply longer than the request's timeout.
    """
    find: Any = getattr(adapter, "get_connection_with_tls_context", None)
    if find is None:
        return  # requests before 2.32
    pools: dict[Any, Any] = {}

    def get_connection_with_tls_context(
        request: PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        where = (request.url, verify, cert, tuple(sorted((proxies or {}).items())))
        if where not in pools:
            pools[where] = find(request, verify, proxies=proxies, cert=cert)
            read_in_time(pools[where])
        return pools[where]

    adapter.get_connection_with_tls_context = get_connection_with_tls_context  # type: ignore[attr-defined]
