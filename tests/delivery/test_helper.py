# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The helper's end of a delivery: the file from the share, the password from the user, a real client, the desktop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.delivery.conftest import Account
from tests.delivery.share_server import ShareServer
from tests.helper_client.processes import RigError, require_programs
from tests.helper_client.rig import helper_opens, novice_desktop
from tests.support.playbook import PlaybookRunner

PLAIN_STUB = "WB^6HsrIaFmEpi"
"""A stub without `&`, which FreeRDP 2.11 does not decode."""


def test_the_file_on_the_share_opens_with_what_the_user_was_shown(
    pool: Any,
    share: ShareServer,
    accounts: dict[str, Account],
    inventory_for: Any,
    run_playbook: PlaybookRunner,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    try:
        require_programs()
    except RigError as error:
        pytest.skip(f"not installed: {error}")
    monkeypatch.setattr("simulator.windows.msra.pass_stub", lambda: PLAIN_STUB)
    host = pool.hosts["desk-01"]
    smb = {"share": share.share, "port": share.port, "credentials_file": str(accounts["smb"].file)}
    extra = {"user": "jdoe", "awx_job_id": 1, "assist_delivery": "smb", "assist_smb": smb}
    with novice_desktop("Novice: jdoe on desk-01") as desktop:
        host.msra.serve_desktop = desktop.serve
        run_playbook("assist", inventory=inventory_for(pool), extra=extra).ok()
        ((_session, message),) = host.messages
        (name,) = share.delivered
        path = share.files / "invitations" / name
        result = helper_opens(path, message.split()[-1], folder=tmp_path, expects=desktop.picture)
    assert result.shown, result.log
    assert result.endpoint == (host.address, host.msra.invitations[-1].port)
