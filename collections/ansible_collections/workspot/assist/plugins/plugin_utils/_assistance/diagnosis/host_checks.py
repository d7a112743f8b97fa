# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to be on the host: Remote Assistance, programs, room; and what its event log says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from ..._formats.invitation import iso_utc
from .events import TROUBLE
from .facts import Facts
from .finding import Verdict, ok, problem, remark, unknown

_NEEDED = {
    "tar": (
        "tar.exe is not on this host (Windows build {build}), so an invitation can not be fetched.",
        "Use Windows 10 1803, Windows Server 2019 or newer.",
    ),
    "quser": (
        "quser.exe is not on this host, so its sessions can not be read.",
        "Use Windows Pro, Enterprise or Server; Home has no quser.exe.",
    ),
    "netstat": (
        "netstat.exe is not on this host; a task that ends invitations needs it.",
        "Put it back: sfc /scannow.",
    ),
    "taskkill": (
        "taskkill.exe is not on this host; a task that ends invitations needs it.",
        "Put it back: sfc /scannow.",
    ),
    "schtasks": (
        "schtasks.exe is not on this host; a task that ends invitations needs it.",
        "Put it back: sfc /scannow.",
    ),
}
"""Programs besides msra.exe: what it means that one is missing, and what to do."""
_LITTLE, _TOO_LITTLE = 512 * 1024 * 1024, 16 * 1024 * 1024
"""Bytes. An invitation has some kilobytes; a user whose drive is nearly full has other trouble as well."""
_RECENT = timedelta(days=1)


def check_feature(facts: Facts) -> Verdict:
    """Remote Assistance itself."""
    if facts.windows is None:
        raise AssertionError("windows: read before this check is made")
    feature = facts.feature
    evidence = {
        "program": "msra" in facts.windows.programs,
        "server": feature.server if feature else None,
        "feature": feature.feature.name if feature and feature.feature else None,
        "installed": feature.feature.installed if feature and feature.feature else None,
    }
    if "msra" in facts.windows.programs:
        return ok("Remote Assistance (msra.exe) is on this host.", **evidence)
    if feature is None or not feature.server:
        return problem(
            "msra.exe is not on this host, where it is a part of Windows.",
            "Make the image anew with Remote Assistance in it, or bring the file back: sfc /scannow.",
            **evidence,
        )
    if feature.feature is None:
        return problem(
            "This edition of Windows Server has no feature Remote Assistance.",
            "Use Windows Server with Desktop Experience; Server Core has none.",
            **evidence,
        )
    if feature.feature.installed:
        waits = "waits for a restart to be installed" if feature.feature.pending else "counts as installed"
        return problem(
            f"The feature {feature.feature.name} {waits}, and msra.exe is not there.",
            "Restart the host, which completes the installation.",
            **evidence,
        )
    return problem(
        f"The feature {feature.feature.name} is not installed on this server.",
        "Install it: ansible-playbook workspot.assist.enforce -e pool_host_feature=present, or the module "
        "workspot.assist.feature.",
        **evidence,
    )


def check_programs(facts: Facts) -> Verdict:
    """The programs that an invitation takes."""
    if facts.windows is None:
        raise AssertionError("windows: read before this check is made")
    missing = [name for name in _NEEDED if name not in facts.windows.programs]
    if not missing:
        return ok("tar.exe, quser.exe and the other programs that are needed are there.")
    cause, fix = _NEEDED[missing[0]]
    build = facts.system.build if facts.system else 0
    return problem(cause.format(build=build or "unknown"), fix, missing=[f"{name}.exe" for name in missing])


def check_disk(facts: Facts) -> Verdict:
    """The drive of the user's profile."""
    if facts.disks is None:
        raise AssertionError("disks: read before this check is made")
    profile = (facts.chosen.profile_path if facts.chosen else None) or (
        facts.windows.system_root if facts.windows else "C:"
    )
    drive = profile[:2].upper()
    found = next((item for item in facts.disks if item.name == drive), None)
    if found is None:
        return unknown(
            f"The user's profile is on {drive}, which is no drive of the host's own.",
            f"Look on the host whether {drive} has room.",
            drives=[item.name for item in facts.disks],
        )
    evidence = {"drive": drive, "free_bytes": found.free, "size_bytes": found.size}
    room = f"{found.free / 2**20:.0f} MiB free of {found.size / 2**30:.0f} GiB"
    if found.free < _TOO_LITTLE:
        return problem(
            f"Drive {drive} of the user's profile is full: {room}.",
            "Make room on it: an invitation can not be written there.",
            **evidence,
        )
    if found.free < _LITTLE:
        return remark(f"Drive {drive} of the user's profile is nearly full: {room}.", "Make room on it.", **evidence)
    return ok(f"Drive {drive} has room: {room}.", **evidence)


def check_events(facts: Facts) -> Verdict:
    """The last errors of Remote Assistance, by their numbers."""
    if facts.events is None:
        raise AssertionError("events: read before this check is made")
    recent = [item for item in facts.events if facts.now is None or facts.now - item.at <= _RECENT]
    if not recent:
        return ok("Remote Assistance has logged no error in the last day.")
    last = recent[0]
    what, fix = TROUBLE.get(last.number, (f"event {last.number}", "Look at the event log."))
    listed: list[Mapping[str, object]] = [
        {"event": item.number, "at": iso_utc(item.at), "what": TROUBLE.get(item.number, ("",))[0]}
        for item in recent[:10]
    ]
    more = f", the last of {len(recent)} errors in a day" if len(recent) > 1 else ""
    return remark(
        f"At {iso_utc(last.at)} {what} (event {last.number}{more}).",
        fix,
        events=listed,
    )
