# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a connection leads to and as whom, in the words of its own options."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from .._assistance.diagnosis.facts import Target
from .connection import Transport, connection_name

_PORTS = {"http": 5985, "https": 5986}
_METHODS = {"winrm": "transport", "psrp": "auth"}


def target_of(connection: Any, transport: Transport | None, *, host: str) -> Target:
    """The target of a connection plugin.

    Args:
        connection: The plugin, its options set.
        transport: What was opened over it; ``None`` when that did not work.
        host: The host as the inventory names it.
    """
    url = urlsplit(transport.endpoint) if transport is not None else urlsplit("")
    scheme = url.scheme or "https"
    return Target(
        host=host,
        address=url.hostname or _text(connection, "remote_addr") or host,
        port=url.port or _PORTS.get(scheme, 5986),
        scheme=scheme,
        account=_text(connection, "remote_user"),
        method=_method(connection),
    )


def _method(connection: Any) -> str:
    name = _METHODS.get(connection_name(connection))
    value = _option(connection, name) if name else None
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value or "")


def _text(connection: Any, name: str) -> str | None:
    value = _option(connection, name)
    return str(value) if value else None


def _option(connection: Any, name: str) -> Any:
    try:
        return connection.get_option(name)
    except KeyError:
        return None
