# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""netstat, wevtutil, hostname, whoami, ping, and msra from a command line."""

from __future__ import annotations

import asyncio
import re
from xml.sax.saxutils import escape

from ..network import ESTABLISHED, LISTEN
from .cmd import Context

_OTHER_PROCESS = 4  # System
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


async def wevtutil(words: list[str], context: Context) -> int:
    """`wevtutil qe CHANNEL /f:xml /rd:true /c:N [/q:QUERY]`: newest first; the query's EventIDs are honoured."""
    if len(words) < 2 or words[0].lower() not in ("qe", "query-events"):
        context.err("Invalid command.\r\n")
        return 87
    limit = next((int(word[3:]) for word in words if word.lower().startswith("/c:")), 1000)
    query = next((word[3:] for word in words if word.lower().startswith("/q:")), "*")
    wanted = {int(number) for number in re.findall(r"EventID\s*=\s*(\d+)", query)}
    found = [
        event
        for event in reversed(context.host.events.events)
        if event.channel == words[1] and (not wanted or event.event_id in wanted)
    ]
    for event in found[:limit]:
        # unverified: `event_process`, whether msra.exe itself is the process that an event names
        pid = event.pid if context.host.quirks["event_process"] == "msra" else _OTHER_PROCESS
        data = "".join(f"<Data>{escape(text)}</Data>" for text in event.data)
        moment = event.moment.isoformat().replace("+00:00", "Z")
        context.out(
            "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
            f"<EventID>{event.event_id}</EventID><TimeCreated SystemTime='{moment}'/>"
            f"<EventRecordID>{event.record}</EventRecordID><Execution ProcessID='{pid}' ThreadID='1'/>"
            f"<Channel>{escape(event.channel)}</Channel></System><EventData>{data}</EventData></Event>\r\n"
        )
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
