# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether Windows has Remote Assistance at all: part of client editions, an optional feature of servers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .._errors import FeatureNotChanged
from .._formats.reg_query import find_value, parse_reg_query
from .._windows.facts_batch import Batch
from .._windows.features import OptionalFeature, change_feature, read_feature, read_state
from .._windows.host_facts import REG
from .._wsman.client import WsmanClient
from .._wsman.shell import Shell

PRESENT, ABSENT = "present", "absent"
_VERSION = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
_MSRA = r"%SystemRoot%\System32\msra.exe"
_RESTART_PENDING = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending"
"""There while component servicing waits for a restart (public scripts, such as the DSC resource xPendingReboot);
unverified: that features leave it as updates do."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class FeatureFacts:
    """What was read.

    Attributes:
        server: Whether Windows is a server edition.
        program: Whether msra.exe is there.
        feature: The optional feature; ``None`` on client editions, on servers without it, and where it was not asked.
        restart_pending: Whether Windows waits for a restart to complete something.
    """

    server: bool
    program: bool
    feature: OptionalFeature | None
    restart_pending: bool = False

    @property
    def state(self) -> str:
        """``present`` or ``absent``."""
        if self.feature is not None:
            return PRESENT if self.feature.installed else ABSENT
        return PRESENT if self.program else ABSENT


@dataclass(frozen=True)
class FeatureOutcome:
    """What a run found and did."""

    before: str
    after: str
    changed: bool
    restart_required: bool
    facts: FeatureFacts

    def as_data(self) -> dict[str, Any]:
        """The outcome as a module result carries it."""
        return {
            "changed": self.changed,
            "before": self.before,
            "state": self.after,
            "restart_required": self.restart_required,
            "edition": "server" if self.facts.server else "client",
        }

    def diff(self) -> dict[str, str]:
        """Before and after, for ``--diff``."""
        title = "Remote Assistance feature"
        return {"before": f"{title}: {self.before}\n", "after": f"{title}: {self.after}\n"}


def add_questions(batch: Batch) -> None:
    """Add what has to be asked to a command line."""
    batch.add("edition", f'{REG} query "{_VERSION}" /v InstallationType 2>nul')
    batch.add("msra", f"if exist {_MSRA} echo msra")
    batch.add("restart", f'{REG} query "{_RESTART_PENDING}" >nul 2>nul && echo pending')


def read_facts(client: WsmanClient, shell: Shell, *, wanted: str | None = None) -> FeatureFacts:
    """Read it: two exchanges, a third one on servers; the shell's own aside."""
    batch = Batch()
    add_questions(batch)
    return facts_of(client, batch.run(shell), wanted=wanted)


def facts_of(client: WsmanClient, answers: Mapping[str, str], *, wanted: str | None) -> FeatureFacts:
    """Put the answers of the command line and, on servers, of the query together.

    Args:
        client: The host.
        answers: From the command line.
        wanted: What the feature is to be. Where that is seen from the program alone, a server is not asked for its
            features, which takes it seconds.
    """
    edition = find_value(
        parse_reg_query(answers["edition"]), _VERSION.replace("HKLM", "HKEY_LOCAL_MACHINE", 1), "InstallationType"
    )
    server = edition is not None and str(edition.data).strip().lower().startswith("server")
    program = "msra" in answers["msra"].split()
    pending = "pending" in answers["restart"].split()
    ask = server and (pending or not (program and wanted == PRESENT))
    return FeatureFacts(server, program, read_feature(client) if ask else None, pending)


def with_pending(shell: Shell, facts: FeatureFacts, *, wanted: str | None = None) -> FeatureFacts:
    """The same with what dism.exe says, where a restart may have something to complete (two exchanges more there).

    Args:
        shell: An open shell.
        facts: What was read.
        wanted: What the feature is to be; where it is something else, dism.exe is asked before it is told.

    Raises:
        CommandFailed: dism.exe refused.
    """
    feature = facts.feature
    if feature is None:
        return facts
    doubtful = facts.restart_pending or feature.installed != facts.program
    if not doubtful and wanted in (None, facts.state):
        return facts
    return replace(facts, feature=read_state(shell, feature.name))


def ensure_feature(
    client: WsmanClient, wanted: str, *, check: bool = False, progress: Progress = lambda _text: None
) -> FeatureOutcome:
    """Make a host have the feature, or not; with `check`, say what that would take.

    Raises:
        FeatureNotChanged: It can not be, or dism.exe refused.
    """
    with client.shell() as shell:
        return apply_feature(
            client, shell, wanted, read_facts(client, shell, wanted=wanted), check=check, progress=progress
        )


def apply_feature(
    client: WsmanClient, shell: Shell, wanted: str, facts: FeatureFacts, *, check: bool, progress: Progress
) -> FeatureOutcome:
    """Apply on facts that were read already."""
    facts = with_pending(shell, facts, wanted=wanted)
    before = facts.state
    if before == wanted:
        # Done before, and perhaps waiting for the restart: another run has nothing to do.
        pending = facts.feature is not None and facts.feature.pending
        if facts.feature is not None and wanted == PRESENT and not (facts.program or pending):
            raise FeatureNotChanged(
                f"the feature {facts.feature.name} is installed, and msra.exe is not there.",
                host=client.host,
                hint="Somebody removed it from the image; sfc /scannow brings it back.",
            )
        return FeatureOutcome(before, before, changed=False, restart_required=pending, facts=facts)
    if facts.feature is None:
        raise _not_possible(facts, wanted, client.host)
    if check:
        return FeatureOutcome(before, wanted, changed=True, restart_required=False, facts=facts)
    progress(f"dism.exe: Remote Assistance is to be {wanted}; this can take minutes")
    restart = change_feature(shell, facts.feature.name, install=wanted == PRESENT)
    now = read_state(shell, facts.feature.name)
    if now.installed != (wanted == PRESENT):
        raise FeatureNotChanged(
            f"dism.exe ended well, and Remote Assistance is still {before}.",
            host=client.host,
            hint="Look at C:\\Windows\\Logs\\DISM\\dism.log on the host.",
        )
    return FeatureOutcome(before, wanted, changed=True, restart_required=restart or now.pending, facts=facts)


def _not_possible(facts: FeatureFacts, wanted: str, host: str) -> FeatureNotChanged:
    if not facts.server:
        if wanted == ABSENT:
            message = "Remote Assistance is a part of client editions of Windows and can not be removed."
            hint = "Switch it off by policy: preset locked_down."
        else:
            message = "msra.exe is missing on a client edition of Windows, where it is a part of the system."
            hint = "Somebody removed it from the image; sfc /scannow brings it back."
    else:
        message = "this edition of Windows Server has no optional feature RemoteAssistance."
        hint = "Server Core has no Remote Assistance; use Server with Desktop Experience."
    return FeatureNotChanged(message, host=host, hint=hint)
