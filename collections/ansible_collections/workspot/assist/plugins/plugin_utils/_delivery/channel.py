# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every channel of delivery can do: be asked before anything is started, carry one parcel, take it back."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import ClassVar

from .._errors import AssistError, DeliveryFailed

PATIENCE = 20.0
"""Seconds that one answer of a server may take."""
LONGEST = 60.0
"""Seconds for all of one errand: a server that answers a byte at a time keeps nobody longer."""
_TALKATIVE = ("smbprotocol", "smbclient", "spnego", "urllib3")
"""Libraries that log addresses, names or whole packets."""


@dataclass(frozen=True)
class Parcel:
    """What a channel carries.

    Attributes:
        names: File names to try in this order, all of them free of path separators.
        data: The content.
        subject: Of a mail.
        text: Of a mail.
        attached: Whether a mail has the content as a file; otherwise its text says everything.
    """

    names: tuple[str, ...]
    data: bytes = field(repr=False)
    subject: str = ""
    text: str = field(default="", repr=False)
    attached: bool = True


class Channel(ABC):
    """One way to somebody; it carries one parcel.

    Attributes:
        kind: Its name in options and results.
        rank: The order of delivery: what can be taken back goes first.
        greets_by_writing: Whether `greet` changes something on the controller; a check run leaves it out.
        given_up: Set when the delivery is taken back; an errand that was too slow may still be under way then.
    """

    kind: ClassVar[str]
    rank: ClassVar[int]
    greets_by_writing: ClassVar[bool] = False
    given_up: bool = False

    @property
    @abstractmethod
    def goal(self) -> str:
        """Where it leads, in words and without secrets."""

    @property
    def secrets(self) -> list[str]:
        """What must turn up nowhere."""
        return []

    @abstractmethod
    def greet(self) -> None:
        """Connect and log in, and leave nothing there.

        Raises:
            AssistError: A parcel would not get through.
        """

    @abstractmethod
    def put(self, parcel: Parcel) -> str:
        """Carry the parcel; returns where it is, without secrets.

        Raises:
            AssistError: It did not get there, or only a part of it.
        """

    @abstractmethod
    def take_back(self) -> str | None:
        """Undo what `put` did, or may have done.

        Returns:
            What could not be undone, in words; ``None`` when nothing is left.
        """

    def refuse_if_given_up(self) -> None:
        """Called before something is written that others could read.

        Raises:
            DeliveryFailed: Nobody waits for it any more, and the invitation is revoked.
        """
        if self.given_up:
            raise DeliveryFailed(f"{self.goal}: it was too slow, and nothing more is sent.")


def errand(goal: str, work: Callable[[], object], *, seconds: float = LONGEST) -> object:
    """Do something with a server, within a time, whatever its library does when the server hangs.

    The library's own words stay here: they may hold addresses with signatures in them.

    Raises:
        AssistError: As the work raised it.
        DeliveryFailed: It took too long, or failed in a way nobody thought of.
    """
    outcome: list[object] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(work())
        except BaseException as error:
            failure.append(error)

    # Its own thread, left behind when it hangs: not every library lets itself be interrupted.
    thread = threading.Thread(target=run, daemon=True, name="delivery")
    with _quiet():
        thread.start()
        thread.join(seconds)
    if failure:
        if isinstance(failure[0], AssistError):
            raise failure[0]
        raise DeliveryFailed(f"{goal}: it failed ({type(failure[0]).__name__}).") from None
    if not outcome:
        raise DeliveryFailed(f"{goal} did not answer within {seconds:.0f} seconds.")
    return outcome[0]


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep libraries from writing into Ansible's log."""
    loggers = [logging.getLogger(name) for name in _TALKATIVE]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
