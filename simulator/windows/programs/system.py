# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""taskkill, netstat, findstr, schtasks, wevtutil, hostname, whoami, and msra from a command line."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

from ..network import ESTABLISHED, LISTEN
from .cmd import Context

_STATES = {
    "en-US": {LISTEN: "LISTENING", ESTABLISHED: "ESTABLISHED"},
    "de-DE": {LISTEN: "ABHÖREN", ESTABLISHED: "HERGESTELLT"},
}


def _plain(words: list[str]) -> list[str]:
    return [word.replace('"', "") for word in words]


async def taskkill(words: list[str], context: Context) -> int:
    """`taskkill [/F] [/T] [/PID N] [/IM NAME] [/FI "NAME OP VALUE"]`: 0 ended, 128 no such process, 1 bad."""
    words = _plain(words)
    tests = []
    place = 0
    while place < len(words):
        option, value = words[place].upper(), words[place + 1] if place + 1 < len(words) else ""
        if option in ("/F", "/T"):
            place += 1
            continue
        if option == "/PID":
            tests.append(("PID", "EQ", value))
        elif option == "/IM":
            tests.append(("IMAGENAME", "EQ", value))
        elif option == "/FI" and len(value.split()) == 3:
            name, operator, wanted = value.split()
            tests.append((name.upper(), operator.upper(), wanted))
        else:
            context.err("ERROR: Invalid argument/option.\r\n")
            return 1
        place += 2
    if not tests or any(name not in ("PID", "IMAGENAME", "SESSION") or op != "EQ" for name, op, _ in tests):
        context.err("ERROR: Invalid syntax.\r\n")
        return 1
    found = [item for item in context.host.processes if all(_matches(item, test) for test in tests)]
    for process in found:
        context.host.end_process(process.pid, 1)
        context.out(f"SUCCESS: The process with PID {process.pid} has been terminated.\r\n")
    if not found and not any(word.upper() == "/FI" for word in words):
        context.err(f'ERROR: The process "{tests[0][2]}" not found.\r\n')
        return 128
    if not found:
        context.out("INFO: No tasks running with the specified criteria.\r\n")
    return 0


def _matches(process: object, test: tuple[str, str, str]) -> bool:
    name, _, wanted = test
    actual = {
        "PID": str(getattr(process, "pid", "")),
        "IMAGENAME": str(getattr(process, "name", "")).lower(),
        "SESSION": str(getattr(process, "session_id", "")),
    }[name]
    return actual == wanted.lower()


async def netstat(words: list[str], context: Context) -> int:
    """`netstat -ano [-p tcp|tcpv6]`; headings and state words are in the host's language."""
    words = [word.lower() for word in _plain(words)]
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


async def findstr(words: list[str], context: Context) -> int:
    """`findstr [/r|/l] [/b] [/e] [/v] [/i] [/x] [/c:"TEXT"] [WORDS]` on standard input: 0 found, 1 not."""
    options = {word[1:].lower() for word in words if word.startswith("/") and not word.lower().startswith("/c:")}
    if unknown := options - set("rlbevix"):
        context.err(f"FINDSTR: /{unknown.pop()} ignored\r\n")
    patterns = [word[3:].replace('"', "") for word in words if word.lower().startswith("/c:")]
    for word in words:
        if not word.startswith("/"):
            patterns += word.replace('"', "").split(" ")
    # findstr's own regular expressions know . * ^ $ [] \< \> and \x; a plain search is literal.
    tests = []
    for pattern in patterns:
        body = pattern if "r" in options else re.escape(pattern)
        body = body.replace("\\<", "\\b").replace("\\>", "\\b")
        if options & {"b", "x"}:
            body = f"^(?:{body})"
        if options & {"e", "x"}:
            body = f"(?:{body})$"
        tests.append(re.compile(body, re.IGNORECASE if "i" in options else 0))
    lines = (await context.stdin()).decode("utf-8", "replace").splitlines()
    hits = [line for line in lines if any(test.search(line) for test in tests) != ("v" in options)]
    for line in hits:
        context.out(line + "\r\n")
    return 0 if hits else 1


async def schtasks(words: list[str], context: Context) -> int:
    """`schtasks /delete /tn NAME /f`."""
    words = _plain(words)
    lower = [word.lower() for word in words]
    if lower[:1] != ["/delete"] or "/tn" not in lower or "/f" not in lower:
        context.err("ERROR: Invalid syntax.\r\n")
        return 1
    name = words[lower.index("/tn") + 1]
    if context.host.tasks.delete(name, context.caller):
        context.out(f'SUCCESS: The scheduled task "{name}" was successfully deleted.\r\n')
        return 0
    context.err("ERROR: The system cannot find the file specified.\r\n")
    return 1


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
    words = _plain(words)
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
        data = "".join(f"<Data>{escape(text)}</Data>" for text in event.data)
        moment = event.moment.isoformat().replace("+00:00", "Z")
        context.out(
            "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
            f"<EventID>{event.event_id}</EventID><TimeCreated SystemTime='{moment}'/>"
            f"<EventRecordID>{event.record}</EventRecordID><Execution ProcessID='{event.pid}' ThreadID='1'/>"
            f"<Channel>{escape(event.channel)}</Channel></System><EventData>{data}</EventData></Event>\r\n"
        )
    return 0


async def msra(words: list[str], context: Context) -> int:
    """msra.exe in session 0 has no desktop to show anything on: it ends, and makes nothing."""
    return 1
