# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of WQL that clients here may use (learn.microsoft.com/windows/win32/wmisdk/wql-sql-for-wmi).

SELECT * or a list of properties, FROM one class, WHERE with comparisons, LIKE, IS [NOT] NULL, AND, OR, NOT.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ...seam import CimError, CimInstance, Listing, Provider
from ..accounts import Account

INVALID_QUERY = 2150858778
_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")|(?P<number>-?\d+)|(?P<word>[A-Za-z_][\w]*)"
    r"|(?P<sign><>|!=|<=|>=|[=<>(),*]))"
)
Test = Callable[[Mapping[str, Any]], bool]
_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def _refuse() -> CimError:
    return CimError(INVALID_QUERY, "The WQL query is invalid.", cim_status=15, subcode="w:CannotProcessFilter")


def _split(text: str) -> list[tuple[str, str]]:
    found, place, text = [], 0, text.rstrip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise _refuse()
        found.append((match.lastgroup, match[match.lastgroup]))
        place = match.end()
    return found


class _Parser:
    """Recursive descent over the tokens."""

    def __init__(self, text: str) -> None:
        self._tokens = _split(text)
        self._place = 0

    def _take(self, *wanted: str) -> str | None:
        """The next token's text when it is one of these (words without case)."""
        if self._place < len(self._tokens):
            kind, text = self._tokens[self._place]
            if (kind in ("word", "sign") and text.upper() in wanted) or f"<{kind}>" in wanted:
                self._place += 1
                return text
        return None

    def _need(self, *wanted: str) -> str:
        text = self._take(*wanted)
        if text is None:
            raise _refuse()
        return text

    def query(self) -> tuple[list[str] | None, str, Test]:
        """Properties (None for all), class name, condition."""
        self._need("SELECT")
        names: list[str] | None = None
        if self._take("*") is None:
            names = [self._need("<word>")]
            while self._take(",") is not None:
                names.append(self._need("<word>"))
        self._need("FROM")
        cls = self._need("<word>")
        test: Test = lambda values: True  # noqa: E731
        if self._take("WHERE") is not None:
            test = self._either()
        if self._place != len(self._tokens):
            raise _refuse()
        return names, cls, test

    def _either(self) -> Test:
        tests = [self._both()]
        while self._take("OR") is not None:
            tests.append(self._both())
        return tests[0] if len(tests) == 1 else lambda values: any(test(values) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._take("AND") is not None:
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda values: all(test(values) for test in tests)

    def _one(self) -> Test:
        if self._take("NOT") is not None:
            inner = self._one()
            return lambda values: not inner(values)
        if self._take("(") is not None:
            inner = self._either()
            self._need(")")
            return inner
        name = self._need("<word>").lower()
        if self._take("IS") is not None:
            wanted = self._take("NOT") is None
            self._need("NULL")
            return lambda values: (values[_known(name, values)] is None) == wanted
        sign = self._need("=", "<>", "!=", "<", ">", "<=", ">=", "LIKE")
        return _comparison(name, sign.upper(), self._literal())

    def _literal(self) -> Any:
        word = self._take("TRUE", "FALSE", "NULL")
        if word is not None:
            return {"TRUE": True, "FALSE": False, "NULL": None}[word.upper()]
        text = self._need("<string>", "<number>")
        return int(text) if text[0] not in "'\"" else _unescaped(text[1:-1])


def _unescaped(text: str) -> str:
    """A string constant: a backslash stands before a backslash or a quote, and nowhere else."""
    if re.search(r"\\(?:[^\\'\"]|$)", re.sub(r"\\\\", "", text)):
        raise _refuse()
    return re.sub(r"\\(.)", r"\1", text)


class _Folded(Mapping[str, Any]):
    """An instance's values by names in lower case, of which a query looks at few."""

    def __init__(self, values: Mapping[str, Any], names: Mapping[str, str]) -> None:
        self._values = values
        self._names = names

    def __getitem__(self, name: str) -> Any:
        return self._values[self._names[name]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _known(name: str, values: Mapping[str, Any]) -> str:
    if name not in values:
        raise _refuse()
    return name


def _comparison(name: str, sign: str, literal: Any) -> Test:
    if sign == "LIKE":
        parts = [{"%": ".*", "_": "."}.get(character, re.escape(character)) for character in str(literal)]
        pattern = re.compile("".join(parts), re.IGNORECASE | re.DOTALL)
        return lambda values: pattern.fullmatch(str(values[_known(name, values)] or "")) is not None
    wanted = literal.lower() if isinstance(literal, str) else literal

    def test(values: Mapping[str, Any]) -> bool:
        actual = values[_known(name, values)]
        if actual is None or wanted is None:
            return (actual is wanted) == (sign == "=")
        left: Any = actual.lower() if isinstance(actual, str) else actual
        right: Any = int(wanted) if isinstance(left, int) and str(wanted).lstrip("-").isdigit() else wanted
        if type(left) is not type(right) and not (isinstance(left, int) and isinstance(right, int)):
            raise _refuse()
        return bool(_SIGNS[sign](left, right))

    return test


def run_query(
    providers: Mapping[tuple[str, str], Provider], namespace: str, text: str, caller: Account
) -> list[CimInstance]:
    """Run a query over a namespace's classes."""
    names, cls, test = _Parser(text).query()
    provider = providers.get((namespace.lower(), cls.lower()))
    if not any(name == namespace.lower() for name, _ in providers):
        raise CimError(2150858752, "Invalid namespace ", cim_status=3, subcode="a:DestinationUnreachable")
    if provider is None:
        raise CimError(2150858752, "The class does not exist.", cim_status=5, subcode="a:DestinationUnreachable")
    known = {name.lower(): name for name in provider.cls.properties}
    if names is not None and any(name.lower() not in known for name in names):
        raise _refuse()
    rows = provider.instances(caller)
    found = rows.answers.get(text) if isinstance(rows, Listing) else None
    if found is None:
        found = [instance for instance in rows if test(_Folded(instance.values, known))]
        if isinstance(rows, Listing):
            rows.answers[text] = found
    if names is None:
        return found
    chosen = [known[name.lower()] for name in names]
    return [CimInstance(item.cls, {name: item.values[name] for name in chosen}) for item in found]
