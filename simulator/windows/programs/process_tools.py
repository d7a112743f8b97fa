# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""tasklist.exe and taskkill.exe: their filters, messages and exit codes.

learn.microsoft.com `taskkill` and `tasklist`. Exit codes: 0, 1 wrong syntax or refused, 128 no such process
(public scripts). unverified: taskkill's exit code when its filters fit nothing (`taskkill_no_match_code`).
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass

from ..processes import Process
from .cmd import Context

_TEXTS = {
    "en-US": {"ended": "SUCCESS: The process with PID {0} has been terminated.\r\n",
              "image": 'SUCCESS: The process "{1}" with PID {0} has been terminated.\r\n',
              "asked": 'SUCCESS: Sent termination signal to the process with PID {0}.\r\n',
              "absent": 'ERROR: The process "{0}" not found.\r\n',
              "none": "INFO: No tasks running with the specified criteria.\r\n",
              "nolist": "INFO: No tasks are running which match the specified criteria.\r\n",
              "denied": "ERROR: The process with PID {0} could not be terminated.\r\nReason: Access is denied.\r\n",
              "filter": "ERROR: The search filter cannot be recognized.\r\n",
              "syntax": "ERROR: Invalid syntax.\r\n"},
    # German words: unverified; nothing may depend on them.
    "de-DE": {"ended": "ERFOLGREICH: Der Prozess mit PID {0} wurde beendet.\r\n",
              "image": 'ERFOLGREICH: Der Prozess "{1}" mit PID {0} wurde beendet.\r\n',
              "asked": "ERFOLGREICH: Beendigungssignal an den Prozess mit PID {0} gesendet.\r\n",
              "absent": 'FEHLER: Der Prozess "{0}" wurde nicht gefunden.\r\n',
              "none": "INFORMATION: Es werden keine Aufgaben mit den angegebenen Kriterien ausgeführt.\r\n",
              "nolist": "INFORMATION: Es werden keine Aufgaben mit den angegebenen Kriterien ausgeführt.\r\n",
              "denied": "FEHLER: Der Prozess mit PID {0} konnte nicht beendet werden.\r\n"
                        "Ursache: Zugriff verweigert\r\n",
              "filter": "FEHLER: Der Suchfilter wurde nicht erkannt.\r\n",
              "syntax": "FEHLER: Ungültige Syntax.\r\n"},
}  # fmt: skip
_NUMBERS: dict[str, Callable[[Process], int]] = {"pid": lambda item: item.pid, "session": lambda item: item.session_id}
_SIGNS: dict[str, Callable[[int, int], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "lt": operator.lt,
    "ge": operator.ge,
    "le": operator.le,
}
# What the simulated host does not let anybody end: it would stop (learn.microsoft.com "critical processes").
_CRITICAL = frozenset({"system", "smss.exe", "csrss.exe", "wininit.exe", "services.exe", "lsass.exe", "winlogon.exe"})


class _Refused(Exception):
    """The command line is wrong; the message's key."""


@dataclass(frozen=True)
class Filter:
    """`NAME OPERATOR VALUE`."""

    name: str
    sign: str
    value: str

    @classmethod
    def parse(cls, text: str) -> Filter:
        """Read what stands behind /fi."""
        words = text.split(None, 2)
        if len(words) != 3 or words[1].lower() not in _SIGNS:
            raise _Refused("filter")
        name, sign = words[0].lower(), words[1].lower()
        text_filter = name in ("imagename", "username", "sessionname", "status")
        if name not in _NUMBERS and not (text_filter and sign in ("eq", "ne")):
            raise _Refused("filter")
        if name in _NUMBERS and not words[2].isdigit():
            raise _Refused("filter")
        return cls(name, sign, words[2].lower())

    def fits(self, process: Process, context: Context) -> bool:
        """Whether a process passes."""
        if self.name in _NUMBERS:
            return _SIGNS[self.sign](_NUMBERS[self.name](process), int(self.value))
        actual = self._text(process, context).lower()
        wanted = self.value
        equal = actual.startswith(wanted[:-1]) if wanted.endswith("*") else actual == wanted
        return equal == (self.sign == "eq")

    def _text(self, process: Process, context: Context) -> str:
        if self.name == "imagename":
            return process.name
        if self.name == "username":
            return process.owner.qualified if process.owner else "N/A"
        if self.name == "sessionname":
            return _session_name(process, context)
        return "running"


def _session_name(process: Process, context: Context) -> str:
    session = context.host.session(process.session_id)
    return session.session_name if session is not None else "Services"


@dataclass
class _Request:
    """What a command line asks for."""

    filters: list[Filter]
    pids: list[str]
    images: list[str]
    force: bool = False
    tree: bool = False
    bare: bool = False
    form: str = "table"


def _parse(words: list[str]) -> _Request:
    request, rest = _Request([], [], []), list(words)
    flags = {"/f": "force", "/t": "tree", "/nh": "bare", "/v": ""}
    while rest:
        option = rest.pop(0).lower()
        if option in flags:
            if flags[option]:
                setattr(request, flags[option], True)
            continue
        if option not in ("/fi", "/pid", "/im", "/fo") or not rest:
            raise _Refused("syntax")
        value = rest.pop(0)
        if option == "/fi":
            request.filters.append(Filter.parse(value))
        elif option == "/fo":
            request.form = value.lower()
        else:
            (request.pids if option == "/pid" else request.images).append(value)
    return request


async def taskkill(words: list[str], context: Context) -> int:
    """`taskkill [/F] [/T] [/PID N]... [/IM NAME]... [/FI FILTER]...`."""
    texts = _TEXTS[context.host.language]
    try:
        request = _parse(words)
        if not (request.filters or request.pids or request.images) or (request.pids and request.images):
            raise _Refused("syntax")
    except _Refused as refused:
        context.err(texts[str(refused)])
        return 1
    passing = [item for item in context.host.processes if all(test.fits(item, context) for test in request.filters)]
    if not request.pids and not request.images:
        for process in passing:
            _end(process, request, context)
        if not passing:
            context.out(texts["none"])
        return int(context.host.quirks["taskkill_no_match_code"]) if not passing else 0
    code = 0
    for wanted in request.pids + request.images:
        found = [item for item in passing if _named(item, wanted, by_pid=bool(request.pids))]
        if not found:
            context.err(texts["absent"].format(wanted))
            code = 128
        for process in found:
            code = max(code, _end(process, request, context))
    return code


def _named(process: Process, wanted: str, *, by_pid: bool) -> bool:
    if by_pid:
        return str(process.pid) == wanted
    name, wanted = process.name.lower(), wanted.lower()
    return name.startswith(wanted[:-1]) if wanted.endswith("*") else name == wanted


def _end(process: Process, request: _Request, context: Context) -> int:
    texts = _TEXTS[context.host.language]
    if not process.alive:
        return 0
    own = process.owner is not None and process.owner.sid == context.caller.sid
    allowed = (context.caller.elevated or own) and context.host.writes.allowed(f"process {process.pid}")
    if process.name.lower() in _CRITICAL or not allowed:
        context.err(texts["denied"].format(process.pid))
        return 1
    if request.tree:
        for child in [item for item in context.host.processes if item.parent == process.pid]:
            _end(child, request, context)
    # Without /F a program with a window is asked to close; msra does. unverified: without a window it stays.
    context.host.end_process(process.pid, 1)
    key = "asked" if not request.force else "image" if request.images else "ended"
    context.out(texts[key].format(process.pid, process.name))
    return 0


async def tasklist(words: list[str], context: Context) -> int:
    """`tasklist [/FI FILTER]... [/FO TABLE|CSV] [/NH]`."""
    texts = _TEXTS[context.host.language]
    try:
        request = _parse(words)
    except _Refused as refused:
        context.err(texts[str(refused)])
        return 1
    found = [item for item in context.host.processes if all(test.fits(item, context) for test in request.filters)]
    if not found:
        context.out(texts["nolist"])
        return 0
    if request.form == "csv":
        head = ("Image Name", "PID", "Session Name", "Session#", "Mem Usage")
        lines = [",".join(f'"{part}"' for part in (head if not request.bare else ()))]
        lines += [",".join(f'"{part}"' for part in _row(item, context)) for item in found]
    else:
        rule = " ".join("=" * width for width in (25, 8, 16, 11, 12))
        head_line = f"{'Image Name':<25} {'PID':>8} {'Session Name':<16} {'Session#':>11} {'Mem Usage':>12}"
        lines = [] if request.bare else ["", head_line, rule]
        lines += [
            f"{name[:25]:<25} {pid:>8} {session[:16]:<16} {number:>11} {memory:>12}"
            for name, pid, session, number, memory in (_row(item, context) for item in found)
        ]
    context.out("".join(f"{line}\r\n" for line in lines if line or request.form != "csv"))
    return 0


def _row(process: Process, context: Context) -> tuple[str, str, str, str, str]:
    name = _session_name(process, context)
    return process.name, str(process.pid), name, str(process.session_id), "20,480 K"
