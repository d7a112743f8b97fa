# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Session logs on simulated hosts, an archive for them, and the flow of one host without Ansible."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._ansible.log_archive import LogArchive
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.session_logs.collect import (
    HostCollection,
    Wanted,
    collect_host,
)

from tests.assistance.conftest import ask, connect
from tests.revoke.conftest import invite
from tests.session_logs.rig import archive_at

__all__ = ["ask", "connect", "invite"]


@pytest.fixture
def archive(tmp_path: Path) -> LogArchive:
    """A new archive."""
    return archive_at(tmp_path / "archive")


@pytest.fixture
def collect(connect: Callable[..., Any], archive: LogArchive) -> Callable[..., HostCollection]:
    """Collects from one host of a pool over real WinRM, as the module does it for each."""

    def run(pool: Any, name: str = "desk-01", archive: LogArchive = archive, **wanted: Any) -> HostCollection:
        return collect_host(connect(pool, name), archive, Wanted(**wanted))

    return run


@pytest.fixture
def desk(make_pool: Callable[..., Any]) -> Callable[..., Any]:
    """Starts a pool of one host, `desk-01`, where jdoe works; with logs as a pool file has them."""

    def make(logs: Sequence[dict[str, Any]] = (), **more: Any) -> Any:
        session = {"id": 1, "user": "CORP\\jdoe", "client": "LAPTOP-7", "session_name": "RDP-Tcp#3"}
        return make_pool({"name": "desk-01", "sessions": [session], "session_logs": list(logs), **more})

    return make
