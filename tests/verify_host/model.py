# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a check of one Windows fact is: a question, what the code assumes, and the host's answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ansible_collections.workspot.assist.plugins.plugin_utils._transport.memory import RecordingTransport
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.host_facts import HostFacts, read_facts
from ansible_collections.workspot.assist.plugins.plugin_utils._wsman.client import WsmanClient
from ansible_collections.workspot.assist.plugins.plugin_utils._wsman.shell import CommandResult, Shell


@dataclass(frozen=True)
class Finding:
    """A host's answer.

    Attributes:
        answer: In words, for people.
        as_assumed: Whether it is what the code assumes first; ``None`` when this host can not tell.
        evidence: Numbers and texts behind it.
    """

    answer: str
    as_assumed: bool | None
    evidence: dict[str, Any] = field(default_factory=dict)


@dataclass
class Probe:
    """One real host, read only.

    Attributes:
        client: The host.
        shell: A winrs shell of it, opened by the first command.
        recorder: What went over the wire.
    """

    client: WsmanClient
    shell: Shell
    recorder: RecordingTransport

    @cached_property
    def facts(self) -> HostFacts:
        """What the collection itself reads before an invitation."""
        return read_facts(self.client, self.shell)

    def run(self, command_line: str) -> CommandResult:
        """Run a command line that changes nothing."""
        return self.shell.run(command_line, timeout=60)

    def last_reply(self) -> str:
        """The last reply as it came."""
        return self.recorder.exchanges[-1].reply


@dataclass(frozen=True)
class Check:
    """A fact to look at.

    Attributes:
        name: Its name in docs/windows-unverified.md.
        fact: What the code assumes.
        source: Why it does.
        ask: Asks a host.
    """

    name: str
    fact: str
    source: str
    ask: Callable[[Probe], Finding]


def counted(number: int, thing: str) -> str:
    """``1 session``, ``2 sessions``."""
    return f"{number} {thing}{'' if number == 1 else 's'}"
