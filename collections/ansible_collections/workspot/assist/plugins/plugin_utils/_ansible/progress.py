# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far a long run over many hosts is, on the terminal."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod

from ansible.utils.display import Display

display = Display()

PROGRESS_AFTER_SECONDS = 5.0
"""A run that takes longer says how far it is, this often."""


class Progress(ABC):
    """Says how far a run is; to be given as `tick` to whatever counts the hosts that have answered.

    Attributes:
        answered: Hosts that have answered.
    """

    def __init__(self) -> None:
        self.answered = 0
        self._began = time.monotonic()
        self._next = self._began + PROGRESS_AFTER_SECONDS

    def __call__(self, answered: int) -> None:
        """Called about once a second, and with each answer."""
        self.answered = answered
        now = time.monotonic()
        if now >= self._next:
            self._next = now + PROGRESS_AFTER_SECONDS
            display.display(self.line(now - self._began))

    @abstractmethod
    def line(self, seconds: float) -> str:
        """What to say after that many seconds."""
