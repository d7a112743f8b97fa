# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Transports without a network: one that answers from a function, and one that records another.

The recorder's transcripts are for a bug report or for ``make verify-host``: they are scrubbed before they
leave it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .._wsman.client import Send

Answer = Callable[[bytes], bytes]


@dataclass
class MemoryTransport:
    """Answers each envelope from a function; for tests and for a server joined in memory.

    Attributes:
        answer: Takes the envelope, returns the reply, or raises an error of the tree.
        sent: The envelopes so far.
    """

    answer: Answer
    sent: list[bytes] = field(default_factory=list)

    def __call__(self, message: bytes, *, timeout: float) -> bytes:
        """Answer one envelope; see `Send`."""
        self.sent.append(message)
        return self.answer(message)


@dataclass(frozen=True)
class Exchange:
    """One recorded exchange, scrubbed text."""

    request: str
    reply: str


@dataclass
class RecordingTransport:
    """Sends through another transport and keeps what went over it.

    Attributes:
        inner: The transport that does the work.
        secrets: Texts that are replaced by ``********`` in the record.
        exchanges: What was recorded.
    """

    inner: Send
    secrets: Iterable[str] = ()
    exchanges: list[Exchange] = field(default_factory=list)

    def __call__(self, message: bytes, *, timeout: float) -> bytes:
        """Send one envelope and record it with its reply; see `Send`."""
        reply = self.inner(message, timeout=timeout)
        self.exchanges.append(Exchange(self._scrubbed(message), self._scrubbed(reply)))
        return reply

    def _scrubbed(self, data: bytes) -> str:
        text = data.decode("utf-8", "replace")
        for secret in filter(None, self.secrets):
            text = text.replace(secret, "********")
        # A SID's domain part and the machine's name identify an organisation; the shape is what matters.
        return re.sub(r"S-1-5-21-\d+-\d+-\d+", "S-1-5-21-1-2-3", text)
