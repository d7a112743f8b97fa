# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where users' profiles are (``ProfileList``); written by Windows, and as hostile as anything from a host."""

from __future__ import annotations

import re

from .._formats.reg_query import parse_reg_query

PROFILE_LIST = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList"
TEMPORARY = r"AppData\Local\Temp"
"""The user's own temporary folder: only that user, administrators and SYSTEM reach it."""
USER_SID = re.compile(r"S-1-(?:5-21|12-1)(?:-\d{1,10}){4}", re.IGNORECASE)
"""SIDs of people: domain and local accounts (S-1-5-21) and Entra ID accounts (S-1-12-1), MS-DTYP 2.4.2.4."""
_VARIABLE = re.compile(r"%(SystemDrive|SystemRoot)%", re.IGNORECASE)


def profile_paths(output: str, *, system_root: str) -> dict[str, str]:
    """SID (upper case) to profile folder, from what ``reg query PROFILE_LIST /s`` wrote.

    Args:
        output: The output.
        system_root: The host's Windows folder, for paths that name it or its drive by a variable.
    """
    values = {"systemroot": system_root, "systemdrive": system_root.partition("\\")[0]}
    found: dict[str, str] = {}
    for path, entries in parse_reg_query(output).items():
        sid = path.rpartition("\\")[2].upper()
        folder = next((item for name, item in entries.items() if name.lower() == "profileimagepath"), None)
        if USER_SID.fullmatch(sid) and folder is not None and isinstance(folder.data, str) and folder.data:
            found[sid] = _VARIABLE.sub(lambda match: values[match.group(1).lower()], folder.data)
    return found


def temporary_folder(profile_path: str) -> str:
    """The folder for a temporary file of ours in a user's profile."""
    return f"{profile_path.rstrip(chr(92))}\\{TEMPORARY}"
