# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Optional features of Windows: what DISM installs and removes.

Remote Assistance is one on servers alone: DISM's name is RemoteAssistance, Server Manager's Remote-Assistance (listing
of Windows Server 2012 R2, hahndorf.eu/blog/WindowsFeatureViaCmd; Server Manager's name also in listings of Server
2019). On Windows 10 and 11 it is part of the system, and no feature.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .accounts import SYSTEM

if TYPE_CHECKING:
    from ..pool import HostDescription
    from .host import WindowsHost

# States in the words of `dism /english` (learn.microsoft.com, DismPackageFeatureState, and public output)
ENABLED, DISABLED, REMOVED = "Enabled", "Disabled", "Disabled with Payload Removed"
ENABLE_PENDING, DISABLE_PENDING = "Enable Pending", "Disable Pending"
_WORDS = {
    "enabled": ENABLED,
    "disabled": DISABLED,
    "removed": REMOVED,
    "enable_pending": ENABLE_PENDING,
    "disable_pending": DISABLE_PENDING,
}
ASSISTANCE = "RemoteAssistance"
SERVER_ID = 42  # Win32_ServerFeature.ID of Remote Assistance: learn.microsoft.com, win32-serverfeature
FILES = ("msra.exe", "raserver.exe")  # in System32
# There while component servicing waits for a restart: public scripts, such as the DSC resource xPendingReboot
REBOOT_PENDING = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\RebootPending"
_UNKNOWN, _NO_SOURCE, RESTART_NEEDED = 0x800F080C, 0x800F081F, 3010


@dataclass
class Feature:
    """One feature; `server_id` is its ID of Win32_ServerFeature, 0 for none."""

    name: str
    display: str
    description: str
    state: str = DISABLED
    server_id: int = 0


class FeatureError(Exception):
    """A change of a feature failed with a code of CBS (0x800f...)."""

    def __init__(self, code: int) -> None:
        super().__init__(f"0x{code:08x}")
        self.code = code


class Features:
    """The features of one host."""

    def __init__(self, host: WindowsHost, description: HostDescription) -> None:
        self._host = host
        self._all = {item.name.lower(): item for item in self._known(description)}

    def _known(self, description: HostDescription) -> list[Feature]:
        found = [
            Feature("TelnetClient", "Telnet Client", "Allows you to connect to other computers remotely.",
                    server_id=44),
            Feature("SMB1Protocol", "SMB 1.0/CIFS File Sharing Support", "Support for the SMB 1.0/CIFS protocol."),
            Feature("NetFx4", ".NET Framework 4.7", ".NET Framework 4.7", ENABLED),
        ]  # fmt: skip
        if self._host.system.server:
            state = DISABLED if "msra.exe" in description.missing else ENABLED
            name = str(self._host.quirks["feature_name"])
            found.append(
                Feature(
                    name, "Remote Assistance", "Enables users to request help from trusted helpers.", state, SERVER_ID
                )
            )
        states = {ASSISTANCE.lower(): ""} | {
            name.lower(): _WORDS[state] for name, state in description.features.items()
        }
        for item in found:
            key = ASSISTANCE.lower() if item.display == "Remote Assistance" else item.name.lower()
            item.state = states.pop(key, "") or item.state
        states.pop(ASSISTANCE.lower(), None)
        if states or (ASSISTANCE in description.features and not self._host.system.server):
            raise ValueError(f"{self._host.name}: there is no feature {next(iter(states), ASSISTANCE)}")
        return found

    def __iter__(self) -> Iterator[Feature]:
        return iter(self._all.values())

    def find(self, name: str) -> Feature | None:
        """A feature by its DISM name, without case (case counts for images before Windows 8 alone)."""
        return self._all.get(name.lower())

    @property
    def assistance(self) -> Feature | None:
        """Remote Assistance; None where it is no feature."""
        return next((item for item in self._all.values() if item.display == "Remote Assistance"), None)

    @property
    def assistance_installed(self) -> bool:
        """Whether Remote Assistance is there now."""
        feature = self.assistance
        return feature is None or feature.state in (ENABLED, DISABLE_PENDING)

    # Changes --------------------------------------------------------------------------------------

    def enable(self, name: str) -> bool:
        """Install a feature; whether a restart is needed to finish.

        Raises:
            FeatureError: It is unknown, or its files are not on the host.
        """
        feature = self._feature(name)
        if feature.state == DISABLE_PENDING:
            feature.state = ENABLED
        elif feature.state == REMOVED:
            raise FeatureError(_NO_SOURCE)
        elif feature.state == DISABLED:
            self._host.writes(f"feature {feature.name}")
            if self._host.quirks["feature_restart"]:
                feature.state = ENABLE_PENDING
            else:
                self._finish(feature)
        self.mark()
        return feature.state == ENABLE_PENDING

    def disable(self, name: str, *, remove: bool = False) -> bool:
        """Remove a feature, with `remove` its files for good; whether a restart is needed to finish.

        Raises:
            FeatureError: It is unknown.
        """
        feature = self._feature(name)
        if feature.state == ENABLE_PENDING:
            feature.state = DISABLED
        elif feature.state == ENABLED:
            self._host.writes(f"feature {feature.name}")
            if self._host.quirks["feature_restart"]:
                feature.state = DISABLE_PENDING
            else:
                self._finish(feature)
        if remove and feature.state == DISABLED:
            feature.state = REMOVED
        self.mark()
        return feature.state == DISABLE_PENDING

    def restart(self) -> None:
        """What a restart of the host does: pending changes are finished."""
        for feature in self._all.values():
            if feature.state in (ENABLE_PENDING, DISABLE_PENDING):
                self._finish(feature)
        self.mark()

    def mark(self) -> None:
        """Leave the sign of changes that wait for a restart in the registry, or take it away.

        unverified: that features leave it as updates do (`feature_pending_key`).
        """
        pending = any(item.state in (ENABLE_PENDING, DISABLE_PENDING) for item in self)
        if pending and self._host.quirks["feature_pending_key"]:
            self._host.registry.make(REBOOT_PENDING)
        else:
            self._host.registry.drop(REBOOT_PENDING)

    def _feature(self, name: str) -> Feature:
        feature = self.find(name)
        if feature is None:
            raise FeatureError(_UNKNOWN)
        return feature

    def _finish(self, feature: Feature) -> None:
        feature.state = ENABLED if feature.state in (DISABLED, ENABLE_PENDING) else DISABLED
        if feature is not self.assistance:
            return
        with_rules = self._host.quirks["feature_brings_rules"]
        if feature.state == ENABLED:
            for name in FILES:
                self._host.files.store(f"C:\\Windows\\System32\\{name}", b"MZ")
            if with_rules:
                self._host.firewall.install_group()
        else:
            self._remove_files()
            if with_rules:
                self._host.firewall.remove_group()

    def _remove_files(self) -> None:
        for name in FILES:
            path = f"C:\\Windows\\System32\\{name}"
            if self._host.files.exists(path):
                self._host.files.delete(path, SYSTEM)
