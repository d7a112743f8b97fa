# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether Windows has Remote Assistance at all: part of client editions, an optional feature of servers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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

Progress = Callable[[str], None]


@dataclass(frozen=True)
class FeatureFacts:
    """What was read.

    Attributes:
        server: Whether Windows is a server edition.
        program: Whether msra.exe is there.
        feature: The optional feature; ``None`` on client editions, and on servers without it.
    """

    server: bool
    program: bool
    feature: OptionalFeature | None

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
    ask = server and not (program and wanted == PRESENT)
    return FeatureFacts(server, program, read_feature(client) if ask else None)


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
    before = facts.state
    if before == wanted:
        return FeatureOutcome(before, before, changed=False, restart_required=False, facts=facts)
    if facts.feature is None:
        raise _not_possible(facts, wanted, client.host)
    now = read_state(shell, facts.feature.name)
    if now.pending and now.installed == (wanted == PRESENT):
        # Done before, and waiting for the restart: another run has nothing to do.
        return FeatureOutcome(before, before, changed=False, restart_required=True, facts=facts)
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
