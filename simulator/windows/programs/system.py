# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""netstat, hostname, whoami, ping, and msra from a command line."""

from __future__ import annotations

import asyncio

from ..network import ESTABLISHED, LISTEN
from .cmd import Context

_STATES = {
    "en-US": {LISTEN: "LISTENING", ESTABLISHED: "ESTABLISHED"},
    "de-DE": {LISTEN: "ABHÖREN", ESTABLISHED: "HERGESTELLT"},
}


async def netstat(words: list[str], context: Context) -> int:
    """`netstat -ano [-p tcp|tcpv6]`; headings and state words are in the host's language."""
    words = [word.lower() for word in words]
    protocol = words[words.index("-p") + 1] if "-p" in words[:-1] else ""
    language = context.host.language if context.host.quirks["netstat_localised"] else "en-US"
    states = _STATES[language]
    headings = (
        "Active Connections",
        "Proto  Local Address          Foreign Address        State           PID",
    )
    if language == "de-DE":
        headings = (
            "Aktive Verbindungen",
            "Proto  Lokale Adresse         Remoteadresse          Status           PID",
        )
    context.out(f"\r\n{headings[0]}\r\n\r\n  {headings[1]}\r\n")
    for row in context.host.network:
        if protocol in ("tcp", "tcpv6") and row.is_v6 != (protocol == "tcpv6"):
            continue
        local = f"[{row.local_address}]" if row.is_v6 else row.local_address
        remote = f"[{row.remote_address}]" if row.is_v6 else row.remote_address
        context.out(
            f"  {'TCP':<6} {f'{local}:{row.local_port}':<22} {f'{remote}:{row.remote_port}':<22} "
            f"{states.get(row.state, 'CLOSE_WAIT'):<15} {row.pid}\r\n"
        )
    return 0


async def hostname(words: list[str], context: Context) -> int:
    """`hostname`."""
    context.out(context.host.computer_name + "\r\n")
    return 0


async def whoami(words: list[str], context: Context) -> int:
    """`whoami`."""
    context.out(context.caller.qualified.lower() + "\r\n")
    return 0


async def msra(words: list[str], context: Context) -> int:
    """msra.exe in session 0 has no desktop to show anything on: it ends, and makes nothing."""
    return 1


async def ping(words: list[str], context: Context) -> int:
    """`ping -n COUNT ADDRESS` of the host itself: what scripts without a console wait with, a second a packet."""
    options = [word.lower() for word in words]
    count = options[options.index("-n") + 1] if "-n" in options[:-1] else "4"
    address = options[-1] if options else ""
    if not count.isdigit() or address not in ("127.0.0.1", "::1", "localhost", context.host.computer_name.lower()):
        context.out(f"Ping request could not find host {address}. Please check the name and try again.\r\n")
        return 1
    done = asyncio.Event()
    context.host.clock.call_later(max(int(count) - 1, 0), done.set)
    await done.wait()
    context.out(f"Reply from {address}: bytes=32 time<1ms TTL=128\r\n" * int(count))
    return 0
