# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether an endpoint answers from the controller: a TCP connection, closed at once.

unverified: that msra.exe takes no notice of a connection that says nothing. That is why it is done on request
only.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from .._formats.connection_string import Endpoint
from .request import EndpointReport

CONNECT_SECONDS = 3.0
_MOST_AT_ONCE = 16
Connect = Callable[[str, int, float], None]


def connect_tcp(address: str, port: int, seconds: float) -> None:
    """Open a TCP connection and close it.

    Raises:
        OSError: It can not be opened.
    """
    socket.create_connection((address, port), timeout=seconds).close()


def report_endpoints(
    endpoints: Sequence[Endpoint],
    *,
    check: bool,
    connect: Connect = connect_tcp,
    seconds: float = CONNECT_SECONDS,
) -> tuple[EndpointReport, ...]:
    """Describe endpoints, and on request try them, all at the same time.

    A link-local address is not tried: its zone is a number of the host's own network card.
    """
    if not check:
        return tuple(_report(endpoint, None) for endpoint in endpoints)
    with ThreadPoolExecutor(max_workers=_MOST_AT_ONCE) as pool:
        answers = pool.map(lambda item: _answers(item, connect, seconds), endpoints)
        return tuple(_report(item, answer) for item, answer in zip(endpoints, answers, strict=True))


def _answers(endpoint: Endpoint, connect: Connect, seconds: float) -> bool | None:
    if endpoint.scope is not None or (endpoint.family == "ipv6" and endpoint.link_local):
        return None
    try:
        connect(endpoint.address, endpoint.port, seconds)
    except (OSError, UnicodeError):
        return False
    return True


def _report(endpoint: Endpoint, reachable: bool | None) -> EndpointReport:
    return EndpointReport(
        address=endpoint.address,
        port=endpoint.port,
        family=endpoint.family,
        scope=endpoint.scope,
        reachable=reachable,
    )
