# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that the checks look at. What could not be read is ``None``, and why stands in `errors`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ..._errors import AssistError
from ..._windows.disks import Disk
from ..._windows.event_log import AssistanceEvent
from ..._windows.host_clock import WindowsHost
from ..._windows.host_facts import HostFacts
from ..._windows.processes import MSRA, Process
from ..._windows.sessions import Session
from ..._windows.tcp import Connection, Listener
from ..feature import FeatureFacts
from ..firewall.facts import FirewallFacts
from ..guard import StandingGuard
from ..policy.facts import PolicyFacts
from ..request import EndpointReport
from ..user_name import UserName


@dataclass(frozen=True)
class Question:
    """What is asked.

    Attributes:
        user: Who is to be helped; ``None`` for a host as such.
        session_id: In this session.
        lifetime_minutes: How long an invitation is wanted.
        check_reachable: Whether a waiting invitation's endpoints are tried from here.
    """

    user: UserName | None = None
    session_id: int | None = None
    lifetime_minutes: int = 60
    check_reachable: bool = True


@dataclass(frozen=True)
class Target:
    """How the host is reached.

    Attributes:
        host: The host as the inventory names it.
        address: Name or address that is connected to.
        port: TCP port of its WinRM listener.
        scheme: ``http`` or ``https``.
        account: Who logs in; ``None`` when the connection has no name for it.
        method: How: ``ntlm``, ``kerberos``, ...
    """

    host: str
    address: str
    port: int
    scheme: str = "http"
    account: str | None = None
    method: str = ""

    @property
    def is_local_account(self) -> bool:
        """Whether the account belongs to the host itself, as far as its name tells."""
        account = self.account or ""
        if "@" in account:
            return False
        domain, backslash, _name = account.partition("\\")
        short = {self.host.partition(".")[0].lower(), self.address.partition(".")[0].lower(), "."}
        return not backslash or domain.lower() in short


@dataclass
class Waiting:
    """What of Remote Assistance goes on in one session.

    Attributes:
        process: Its msra.exe; ``None`` when none runs.
        guard: Our guard of that session.
        listeners: What that process listens on.
        helper: The helper who is connected.
        endpoints: Whether its endpoints answer from here; empty when that was not tried.
    """

    process: Process | None = None
    guard: StandingGuard | None = None
    listeners: Sequence[Listener] = ()
    helper: Connection | None = None
    endpoints: Sequence[EndpointReport] = ()

    @property
    def ours(self) -> bool:
        """Whether the process that runs is the one our guard watches."""
        return self.process is not None and self.guard is not None and self.guard.process_id == self.process.process_id


@dataclass
class Facts:
    """What was read.

    Attributes:
        question: What was asked.
        target: How the host is reached.
        error: What ended the reading; ``None`` when it came to its end.
        errors: Why single parts could not be read, by their names below.
        ports: What the host's TCP ports said to a plain connection: ``answers``, ``refused``, ...; tried only after
            an error, and for offers.
        answers: WS-Management replies that came.
        repeats: Connections that broke and worked again.
        typical_seconds: Median time of a reply.
        system: Which Windows, and its clock.
        windows: Sessions, processes, settings, programs.
        feature: The optional feature.
        policy: Group Policy.
        refreshes: The last events of Group Policy itself, the newest first.
        firewall: The firewall.
        disks: Its drives.
        events: The last errors of Remote Assistance, the newest first.
        sessions: All sessions.
        owners: SID that a process proves, by session; of the user's own sessions.
        folders: Whether the user's temporary folder is there, by SID.
        waiting: Remote Assistance by session: of the user's own, and wherever an msra.exe runs.
    """

    question: Question
    target: Target
    error: AssistError | None = None
    errors: dict[str, AssistError] = field(default_factory=dict)
    ports: dict[int, str] = field(default_factory=dict)
    answers: int = 0
    repeats: int = 0
    typical_seconds: float = 0.0
    system: WindowsHost | None = None
    windows: HostFacts | None = None
    feature: FeatureFacts | None = None
    policy: PolicyFacts | None = None
    refreshes: Sequence[AssistanceEvent] | None = None
    firewall: FirewallFacts | None = None
    disks: Sequence[Disk] | None = None
    events: Sequence[AssistanceEvent] | None = None
    sessions: Sequence[Session] | None = None
    owners: Mapping[int, str | None] = field(default_factory=dict)
    folders: Mapping[str, bool] = field(default_factory=dict)
    waiting: dict[int, Waiting] | None = None
    now: datetime | None = None

    @property
    def name(self) -> str:
        """The user as the operator says it."""
        return self.question.user.text if self.question.user else "the user"

    @property
    def own(self) -> list[Session]:
        """The user's sessions."""
        user = self.question.user
        return [item for item in self.sessions or () if user is not None and user.fits(item)]

    @property
    def chosen(self) -> Session | None:
        """The one session that an invitation would be made in; ``None`` when there is not exactly one."""
        wanted = [item for item in self.own if self.question.session_id in (None, item.session_id) and item.is_active]
        return wanted[0] if len(wanted) == 1 else None

    @property
    def concerned(self) -> list[Session]:
        """The sessions that are looked at: the user's, or all of the host when no user was named."""
        if self.question.user is None:
            return list(self.sessions or ())
        return [item for item in self.own if self.question.session_id in (None, item.session_id)]

    def msra(self, session_id: int) -> Process | None:
        """The msra.exe of a session."""
        return next(iter(self.windows.running(MSRA, session_id)), None) if self.windows else None
