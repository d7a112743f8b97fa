# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of a WS-Management request that go to WMI providers as their context (MS-WSMV 3.1.4.1.10).

The service takes `wmi:` off a name and hands the value on; values of `wmiarray:` options of one name become an
array, in their order. An option that a provider does not know is ignored, even one with mustComply (note 52).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

Value = str | list[str]


@dataclass(frozen=True)
class WmiContext:
    """What one request's options say, names in lower case.

    Attributes:
        values: Options with one of the two prefixes, without it.
        plain: Options without a prefix; by MS-WSMV they do not reach a provider.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    plain: Mapping[str, Value] = field(default_factory=dict)

    @classmethod
    def of(cls, options: list[tuple[str, str]]) -> WmiContext:
        """The context of the options of a request, in their order."""
        values: dict[str, Value] = {}
        plain: dict[str, Value] = {}
        for name, text in options:
            lower = name.lower()
            if lower.startswith("wmiarray:"):
                found = values.setdefault(lower[9:], [])
                if isinstance(found, list):
                    found.append(text)
            elif lower.startswith("wmi:"):
                values[lower[4:]] = text
            else:
                plain[lower] = text
        return cls(values, plain)


_CURRENT: ContextVar[WmiContext] = ContextVar("wmi_context", default=WmiContext())  # noqa: B039 - frozen


def current() -> WmiContext:
    """The context of the request that is being carried out."""
    return _CURRENT.get()


@contextmanager
def applied(context: WmiContext) -> Iterator[None]:
    """Carry a request out under its context."""
    token = _CURRENT.set(context)
    try:
        yield
    finally:
        _CURRENT.reset(token)
