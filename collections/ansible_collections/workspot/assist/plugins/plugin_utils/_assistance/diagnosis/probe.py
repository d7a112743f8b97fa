# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a TCP port says from here: a connection that is closed at once, and nothing sent over it."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from ..reachability import Connect

ANSWERS, REFUSED, SILENT, NO_ROUTE, NO_NAME = "answers", "refused", "silent", "no_route", "no_name"
HTTP, HTTPS, RDP, RPC = 5985, 5986, 3389, 135
"""WinRM's two listeners, Remote Desktop (a sign of life), and the endpoint mapper that offers of help begin at."""
SECONDS = 2.0
_NO_ROUTE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN})


def probe(address: str, ports: Iterable[int], connect: Connect, *, seconds: float = SECONDS) -> dict[int, str]:
    """Try some ports at the same time."""
    wanted = list(dict.fromkeys(ports))
    with ThreadPoolExecutor(max_workers=len(wanted) or 1) as pool:
        return dict(zip(wanted, pool.map(lambda port: _try(address, port, connect, seconds), wanted), strict=True))


def _try(address: str, port: int, connect: Connect, seconds: float) -> str:
    try:
        connect(address, port, seconds)
    except (socket.gaierror, UnicodeError):
        return NO_NAME
    except ConnectionRefusedError:
        return REFUSED
    except TimeoutError:
        return SILENT
    except OSError as error:
        return NO_ROUTE if error.errno in _NO_ROUTE else SILENT
    return ANSWERS
