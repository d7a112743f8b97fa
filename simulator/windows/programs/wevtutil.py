# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""wevtutil.exe qe: events of a channel as XML, chosen by a query.

Options: learn.microsoft.com/windows-server/administration/windows-commands/wevtutil. Queries are the part of XPath that
the event log knows (learn.microsoft.com/windows/win32/wes/consuming-events): here conditions on ``System`` joined by
``and`` and ``or``. What it does not know it refuses, as Windows refuses a query that is none.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from ..event_log import Event
from .cmd import Context

INVALID_PARAMETER, INVALID_QUERY = 87, 15001  # winerror.h: ERROR_INVALID_PARAMETER, ERROR_EVT_INVALID_QUERY
MOST_CONDITIONS = 22
"""More comparisons make a query invalid (observed by users of event filters; no page of Microsoft has the number)."""
_OTHER_PROCESS = 4  # System
_TOKEN = re.compile(r"\s*(<=|>=|!=|[=<>()\[\]]|@?[A-Za-z]+|[0-9]+|'[^']*'|\"[^\"]*\")")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
Test = Callable[[Event], bool]


class _Invalid(Exception):
    """The query is none."""


async def wevtutil(words: list[str], context: Context) -> int:
    """`wevtutil qe CHANNEL /f:xml [/rd:true] [/c:N] [/q:QUERY]`; the oldest first without /rd:true."""
    if len(words) < 2 or words[0].lower() not in ("qe", "query-events"):
        context.err("Invalid command.\r\n")
        return INVALID_PARAMETER
    options = {word[1:].partition(":")[0].lower(): word.partition(":")[2] for word in words[2:] if word[:1] == "/"}
    try:
        test = _Query(options.get("q") or options.get("query") or "*").parse()
    except _Invalid:
        context.err("Failed to read events.\r\nThe specified query is invalid.\r\n")
        return INVALID_QUERY
    events = context.host.events.events
    newest_first = (options.get("rd") or options.get("reversedirection") or "false").lower() == "true"
    found = [event for event in events if event.channel == words[1] and test(event)]
    for event in (found[::-1] if newest_first else found)[: int(options.get("c") or options.get("count") or 10**6)]:
        context.out(_xml(event, context))
    return 0


def _xml(event: Event, context: Context) -> str:
    # unverified: `event_process`, whether msra.exe itself is the process that an event names
    pid = event.pid if context.host.quirks["event_process"] == "msra" else _OTHER_PROCESS
    data = "".join(f"<Data>{escape(text)}</Data>" for text in event.data)
    moment = event.moment.isoformat().replace("+00:00", "Z")
    user = f"<Security UserID='{event.user}'/>" if event.user else "<Security/>"
    return (
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
        f"<Provider Name='{escape(provider_of(event))}'/><EventID>{event.event_id}</EventID>"
        f"<TimeCreated SystemTime='{moment}'/><EventRecordID>{event.record}</EventRecordID>"
        f"<Execution ProcessID='{pid}' ThreadID='1'/><Channel>{escape(event.channel)}</Channel>{user}</System>"
        f"<EventData>{data}</EventData></Event>\r\n"
    )


def provider_of(event: Event) -> str:
    """Who wrote an event: a channel of its own bears its provider's name; the System log has Group Policy's here."""
    name = event.channel.partition("/")[0]
    return "Microsoft-Windows-GroupPolicy" if name == "System" else name


class _Query:
    """Recursive descent over a query."""

    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        place = 0
        text = text.strip()
        if text == "*":
            text = "[System]"
        else:
            if not text.startswith("*"):
                raise _Invalid
            text = text[1:]
        while place < len(text):
            found = _TOKEN.match(text, place)
            if found is None:
                raise _Invalid
            self._tokens.append(found[1])
            place = found.end()
        self._conditions = 0

    def parse(self) -> Test:
        self._take("[")
        self._take("System")
        test: Test = lambda event: True  # noqa: E731
        if self._peek() == "[":
            self._take("[")
            test = self._either()
            self._take("]")
        self._take("]")
        if self._tokens or self._conditions > MOST_CONDITIONS:
            raise _Invalid
        return test

    def _peek(self) -> str:
        return self._tokens[0] if self._tokens else ""

    def _take(self, wanted: str | None = None) -> str:
        if not self._tokens or (wanted is not None and self._tokens[0] != wanted):
            raise _Invalid
        return self._tokens.pop(0)

    def _either(self) -> Test:
        tests = [self._both()]
        while self._peek() == "or":
            self._take()
            tests.append(self._both())
        return lambda event: any(test(event) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._peek() == "and":
            self._take()
            tests.append(self._one())
        return lambda event: all(test(event) for test in tests)

    def _one(self) -> Test:
        if self._peek() == "(":
            self._take()
            inner = self._either()
            self._take(")")
            return inner
        name = self._take()
        self._conditions += 1
        if name in ("EventID", "EventRecordID"):
            compare, value = self._comparison()
            if not value.isdigit():
                raise _Invalid
            attribute = "event_id" if name == "EventID" else "record"
            return lambda event: compare(getattr(event, attribute), int(value))
        self._take("[")
        self._take({"Provider": "@Name", "TimeCreated": "@SystemTime"}.get(name, "none"))
        compare, value = self._comparison()
        self._take("]")
        if value[:1] not in ("'", '"'):
            raise _Invalid
        value = value[1:-1]
        if name == "Provider":
            return lambda event: compare(provider_of(event), value)
        moment = _moment(value)
        return lambda event: compare(event.moment, moment)

    def _comparison(self) -> tuple[Callable[[Any, Any], bool], str]:
        compare = _COMPARE.get(self._take())
        if compare is None:
            raise _Invalid
        return compare, self._take()


def _moment(text: str) -> datetime:
    whole, _, fraction = text.removesuffix("Z").partition(".")
    try:
        return datetime.fromisoformat(f"{whole}.{fraction[:6]:0<6}").replace(tzinfo=UTC)
    except ValueError:
        raise _Invalid from None
