# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Optional features of Windows: read through ``Win32_OptionalFeature``, changed with ``dism.exe``.

learn.microsoft.com, "Win32_OptionalFeature class" and "DISM Operating System Package Servicing Command-Line Options".
``/english`` makes dism.exe write English on every host.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .._errors import CommandFailed, FeatureNotChanged, NotFound
from .._formats.quoting import wql_literal
from .._wsman.client import WsmanClient
from .._wsman.shell import CommandResult, Shell

CIMV2 = "root/cimv2"
REMOTE_ASSISTANCE = ("RemoteAssistance", "Remote-Assistance")
"""DISM's name, and Server Manager's; unverified: that no release has the other one in DISM. Both are looked for."""
_DISM = r"%SystemRoot%\System32\dism.exe"
ENABLED, DISABLED, ABSENT = 1, 2, 3
"""``InstallState``."""
RESTART_NEEDED = 3010
"""ERROR_SUCCESS_REBOOT_REQUIRED (winerror.h)."""
CHANGE_SECONDS = 1800.0
"""A server with a slow disk takes many minutes for a feature."""
_STATE = re.compile(r"^State : (.+?)\s*$", re.MULTILINE)
_REASONS = {
    740: "the account is no whole administrator (ERROR_ELEVATION_REQUIRED)",
    0x800F080C: "Windows knows no such feature (CBS_E_UNKNOWN_UPDATE)",
    0x800F081F: "the feature's files are not on the host (CBS_E_SOURCE_MISSING)",
    0x800F0922: "Windows could not finish it (CBS_E_INSTALLERS_FAILED)",
    0x80070070: "the system disk is full (ERROR_DISK_FULL)",
}


@dataclass(frozen=True)
class OptionalFeature:
    """One feature.

    Attributes:
        name: DISM's name.
        installed: Whether it is there.
        pending: Whether a restart completes its last change.
    """

    name: str
    installed: bool
    pending: bool = False


def read_feature(client: WsmanClient) -> OptionalFeature | None:
    """The feature Remote Assistance (one exchange); ``None`` where Windows has no such feature."""
    wanted = " OR ".join(f"Name={wql_literal(name)}" for name in REMOTE_ASSISTANCE)
    try:
        rows = client.enumerate(CIMV2, f"SELECT Name, InstallState FROM Win32_OptionalFeature WHERE {wanted}")
    except NotFound:
        return None
    known = {name.lower(): name for name in REMOTE_ASSISTANCE}
    for row in rows:
        # The name goes into a command line, so it is ours and not the host's.
        if name := known.get((row.text("Name") or "").lower()):
            return OptionalFeature(name, row.integer("InstallState") == ENABLED)
    return None


def read_state(shell: Shell, name: str) -> OptionalFeature:
    """What dism.exe says of a feature, changes that wait for a restart included (two exchanges, some seconds).

    Raises:
        CommandFailed: dism.exe refused.
    """
    result = shell.run(f"{_DISM} /online /english /get-featureinfo /featurename:{name}", timeout=300.0)
    found = _STATE.search(result.text)
    if found is None:
        raise CommandFailed(f"dism.exe does not tell the state of {name}: {_reason(result)}.")
    state = found[1]
    pending = state.endswith("Pending")
    return OptionalFeature(name, state.startswith("Enable"), pending)


def change_feature(shell: Shell, name: str, *, install: bool) -> bool:
    """Add or remove a feature (two exchanges, minutes on a real server). Windows is not restarted.

    Returns:
        Whether a restart is needed to complete it.

    Raises:
        FeatureNotChanged: dism.exe refused.
    """
    verb = "enable-feature /all" if install else "disable-feature"
    command = verb.partition(" ")
    line = f"{_DISM} /online /english /{command[0]} /featurename:{name} {command[2]} /quiet /norestart"
    result = shell.run(" ".join(line.split()), timeout=CHANGE_SECONDS)
    if result.exit_code == RESTART_NEEDED:
        return True
    if result.exit_code != 0:
        doing = "added" if install else "removed"
        raise FeatureNotChanged(f"the feature {name} could not be {doing}: {_reason(result)}.")
    return False


def _reason(result: CommandResult) -> str:
    code = result.exit_code & 0xFFFFFFFF
    known = _REASONS.get(code)
    words = " ".join(result.text.split())[-200:]
    return known or f"exit code {code:#x}{f', {words}' if words else ''}"
