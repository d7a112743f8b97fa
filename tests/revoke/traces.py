# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of an invitation is on a simulated host."""

from __future__ import annotations

import socket
from typing import Any

from simulator.windows.network import LISTEN


def traces(host: Any) -> list[str]:
    """Tasks of ours, processes of Remote Assistance, files of invitations."""
    state = host.state()
    found = [f"task {task['path']}" for task in state["tasks"]]
    found += [f"process {item['pid']}" for item in state["processes"] if item["name"].lower() == "msra.exe"]
    return found + [f"file {path}" for path in state["files"] if "msrcincident" in path.lower()]


def endpoint(host: Any, session_id: int = 1) -> tuple[str, int]:
    """Where the msra.exe of a session really listens."""
    (process,) = host.processes.in_session(session_id, "msra.exe")
    rows = [row for row in host.network.of(process.pid) if row.state == LISTEN and row.local_address == host.address]
    return rows[0].local_address, rows[0].local_port


def answers(place: tuple[str, int]) -> bool:
    """Whether somebody accepts a connection there."""
    try:
        socket.create_connection(place, timeout=1).close()
    except OSError:
        return False
    return True
