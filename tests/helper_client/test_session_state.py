# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real helper at every stage: what is said of the session, of a diagnosis meanwhile, and how revoking ends it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.session_state import read_assistance

from tests.assistance.conftest import PASSWORD
from tests.diagnosis.rig import ask as diagnosed
from tests.helper_client.processes import wait_for
from tests.helper_client.rig import helper, virtual_screen
from tests.helper_client.test_assist import PATIENCE, PLAIN_STUB, AskedUser, desktop
from tests.revoke.conftest import ask, connect, invite
from tests.revoke.test_revoke import revoke
from tests.revoke.traces import traces

__all__ = ["ask", "connect", "desktop", "invite"]
# The connection libraries' own, on newer versions of what they are built on.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def test_every_state_with_a_real_helper(
    pool: Any, connect: Any, invite: Any, desktop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.windows.msra.pass_stub", lambda: PLAIN_STUB)
    host, user, path = pool.hosts["desk-01"], AskedUser(desktop), tmp_path / "invitation.msrcincident"
    host.msra.serve_desktop = user.serve

    def state() -> tuple[str, str | None]:
        (found,) = read_assistance(connect(pool))
        return found.state, found.helper_address

    assert state() == ("idle", None)
    path.write_bytes(invite(pool).data)
    assert state() == ("waiting_for_connect", None)
    with virtual_screen() as screen, helper(path, PASSWORD, screen=screen) as client:
        wait_for(user.asked.is_set, "a helper's call", deadline=PATIENCE, process=client.process, log=client.log_path)
        assert state() == ("waiting_for_connect", "127.0.0.1")
        user.answer.set_result(True)
        host.msra.helper_joins(1)
        assert state() == ("sharing_screen", "127.0.0.1")
        host.msra.share_control(1)
        assert state() == ("sharing_control", "127.0.0.1")
        found = diagnosed(host)[0].of("invitation")
        assert (found.state, "A helper is connected to session 1, from 127.0.0.1" in found.verdict.cause) == (
            "remark",
            True,
        )
        assert state() == ("sharing_control", "127.0.0.1")
        (revoked,) = revoke(connect(pool)).revoked
        assert (revoked.helper_address, revoked.endpoint_closed) == ("127.0.0.1", True)
        wait_for(lambda: client.process.poll() is not None, "the helper's end", deadline=PATIENCE)
    assert traces(host) == []
    assert state() == ("idle", None)
