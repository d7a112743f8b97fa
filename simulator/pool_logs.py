# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a pool description says about session logs that are there already, and about the event log."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

LOG_FOLDER = "Remote Assistance Logs"


@dataclass(frozen=True)
class SessionLogDescription:
    """One log in a user's profile, or `count` of them with names and contents as Windows makes them.

    Attributes:
        user: Whose; a user without a session gets a profile all the same.
        name: File name.
        content: Its bytes; made up when it is missing.
        count: How many; their names are a day apart.
        folder: What the folder below Documents is called.
    """

    user: str
    name: str | None = None
    content: bytes | None = None
    count: int = 1
    folder: str = LOG_FOLDER


@dataclass(frozen=True)
class EventDescription:
    """One event that was written before the pool started."""

    id: int
    channel: str = "Microsoft-Windows-RemoteAssistance/Operational"
    data: tuple[str, ...] = ()
    seconds_ago: int = 0


def content_of(data: Any) -> Any:
    """The same with `content` as bytes: a text, or `{hex: ...}` or `{base64: ...}`."""
    if not isinstance(data, dict) or "content" not in data:
        return data
    content = data["content"]
    if isinstance(content, str):
        content = content.encode()
    elif isinstance(content, dict) and "hex" in content:
        content = bytes.fromhex(str(content["hex"]))
    elif isinstance(content, dict) and "base64" in content:
        content = base64.b64decode(str(content["base64"]), validate=True)
    return {**data, "content": content}
