# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an archive of session logs holds, and what is on a host."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from ansible_collections.workspot.assist.plugins.plugin_utils._ansible.log_archive import LogArchive
from ansible_collections.workspot.assist.plugins.plugin_utils._ansible.log_verify import verify_archive

LOG = b"""<?xml version="1.0" ?>
<SESSION>
  <INVITATION_OPENED TIME="3:24 PM" DATE="Wednesday, May 07, 2008" EVENT="opened" />
  <INCOMING_IP_ADDRESS TIME="3:25 PM" DATE="Wednesday, May 07, 2008">10.20.30.99</INCOMING_IP_ADDRESS>
  <CONNECTION_ESTABLISHED TIME="3:25 PM" DATE="Wednesday, May 07, 2008" EVENT="c">helpdesk</CONNECTION_ESTABLISHED>
  <CHAT_MESSAGE TIME="3:26 PM" DATE="Wednesday, May 07, 2008">helpdesk: hello</CHAT_MESSAGE>
  <CONNECTION_ENDED TIME="3:40 PM" DATE="Wednesday, May 07, 2008" EVENT="ended" />
</SESSION>
"""
NAME = "20080507152400.xml"


def archive_at(directory: Path) -> LogArchive:
    """An archive that is ready."""
    made = LogArchive(directory)
    made.prepare()
    return made


def records(directory: Path, source: str = "session_log") -> list[dict[str, Any]]:
    """Records of one kind, in their order."""
    lines = (directory / "sessions.jsonl").read_text(encoding="utf-8").splitlines()
    return [record for record in map(json.loads, lines) if record["source"] == source]


def rows(directory: Path) -> list[dict[str, str]]:
    """The table."""
    with (directory / "sessions.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def original(directory: Path, record: dict[str, Any]) -> bytes:
    """The bytes that came."""
    return (directory / "originals" / record["file"]).read_bytes()


def problems(directory: Path) -> list[str]:
    """What is not as it was written."""
    return verify_archive(LogArchive(directory)).problems


def put(host: Any, path: str, content: bytes) -> None:
    """A file on a simulated host, with the folders above it."""
    host.files.make_directory(path.rpartition("\\")[0])
    host.files.store(path, content)


def logs_left(host: Any) -> set[str]:
    """Every file of a host that is no log of a session."""
    return {path for path in host.state()["files"] if "Remote Assistance Logs" not in path}
