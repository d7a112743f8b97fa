# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real helper client opens what assist.yml brought back from a simulated pool, and sees the user's desktop."""

from __future__ import annotations

import asyncio
import re
import shlex
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from simulator.windows.network import ESTABLISHED
from tests.helper_client.processes import running, wait_for
from tests.helper_client.rig import (
    WRONG_PASSWORD_EXIT,
    NoviceDesktop,
    helper,
    helper_opens,
    novice_desktop,
    virtual_screen,
)
from tests.helper_client.ticket import expert_proof
from tests.support.playbook import PlaybookRunner, Run
from tests.support.pools import DESKTOP

PASSWORD = "Maple-Harbor-29"
PLAIN_STUB = "WB^6HsrIaFmEpi"
"""A stub without `&`: FreeRDP 2.11 does not decode that one, see TestLimitsOfFreeRDP in test_rig."""
ASKED_MINUTES = 60
GUARD_REPEATS = 5 * 60
"""Seconds between two looks of the guard task for whether the helper has left."""
PATIENCE = 60.0


@pytest.fixture(scope="module")
def desktop() -> Iterator[NoviceDesktop]:
    with novice_desktop("Novice: jdoe on desk-01") as served:
        yield served


@dataclass
class AskedUser:
    """The user in front of the dialog that asks whether the helper may connect; no answer, no desktop."""

    desktop: NoviceDesktop
    asked: threading.Event = field(default_factory=threading.Event)
    answer: Future[bool] = field(default_factory=Future)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """What the listener of a simulated msra.exe calls for a helper."""
        self.asked.set()
        if await asyncio.wrap_future(self.answer):
            await self.desktop.serve(reader, writer)
        else:
            writer.close()


@dataclass(frozen=True)
class Invited:
    """An invitation that assist.yml brought back, and the host that waits for its helper."""

    run: Run
    path: Path
    host: Any

    @property
    def endpoints(self) -> list[tuple[str, int]]:
        """What the result of the module says."""
        return [(item["address"], item["port"]) for item in self.run.of("invitation")["endpoints"]]

    @property
    def helpers(self) -> list[str]:
        """Who is connected to the host's msra.exe."""
        connected = [row for row in self.host.network if row.state == ESTABLISHED]
        return [row.remote_address for row in connected if row.pid in self.waiting]

    @property
    def waiting(self) -> list[int]:
        """The msra.exe processes of the host."""
        return [item["pid"] for item in self.host.state()["processes"] if item["name"].lower() == "msra.exe"]

    @property
    def guards(self) -> list[Any]:
        """The tasks of ours on the host."""
        return [task for task in self.host.state()["tasks"] if "workspot" in str(task)]


@pytest.fixture
def invite(
    desktop: NoviceDesktop,
    make_pool: Any,
    inventory_for: Any,
    run_playbook: PlaybookRunner,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., Invited]:
    """Runs assist.yml against a desktop whose msra.exe serves a real screen."""
    monkeypatch.setattr("simulator.windows.msra.pass_stub", lambda: PLAIN_STUB)

    def make(**host: Any) -> Invited:
        pool = make_pool({**DESKTOP, **host})
        pool.hosts["desk-01"].msra.serve_desktop = desktop.serve
        extra = {"user": "jdoe", "password": PASSWORD, "expires_minutes": ASKED_MINUTES}
        run = run_playbook("assist", inventory=inventory_for(pool), extra=extra).ok()
        (path,) = run.invitations
        return Invited(run, path, pool.hosts["desk-01"])

    return make


def test_the_helper_sees_the_desktop(invite: Any, desktop: NoviceDesktop, tmp_path: Path) -> None:
    invited = invite()
    assert invited.helpers == []
    result = helper_opens(invited.path, PASSWORD, folder=tmp_path, expects=desktop.picture)
    assert result.shown, result.log
    assert result.endpoint in invited.endpoints
    assert result.endpoint == (invited.host.address, invited.host.msra.invitations[-1].port)
    # What the user's side would check: the helper knows the password, and it is that invitation's.
    assert desktop.proofs()[-1] == expert_proof(PASSWORD, PLAIN_STUB)


def test_nothing_is_seen_before_the_user_says_yes(invite: Any, desktop: NoviceDesktop, tmp_path: Path) -> None:
    invited, user = invite(), AskedUser(desktop)
    invited.host.msra.serve_desktop = user.serve
    proofs = desktop.proofs()
    with virtual_screen() as screen, helper(invited.path, PASSWORD, screen=screen) as client:

        def sees_desktop() -> bool:
            return desktop.picture.seen_in(screen.screenshot(tmp_path / "helper.png"))

        wait_for(user.asked.is_set, "a helper's call", deadline=PATIENCE, process=client.process, log=client.log_path)
        wait_for(lambda: client.dialled, "the first packet", deadline=PATIENCE, process=client.process)
        assert client.endpoint in invited.endpoints
        assert not sees_desktop()
        assert desktop.proofs() == proofs
        user.answer.set_result(True)
        wait_for(sees_desktop, "the user's desktop", deadline=PATIENCE, process=client.process, log=client.log_path)
    assert desktop.proofs()[len(proofs) :] == [expert_proof(PASSWORD, PLAIN_STUB)]


def test_a_user_who_says_no_shows_nothing(invite: Any, desktop: NoviceDesktop, tmp_path: Path) -> None:
    invited, user = invite(), AskedUser(desktop)
    invited.host.msra.serve_desktop = user.serve
    proofs = desktop.proofs()
    user.answer.set_result(False)
    result = helper_opens(invited.path, PASSWORD, folder=tmp_path, expects=desktop.picture)
    assert user.asked.is_set()
    assert not result.shown
    assert result.exit_code not in (None, 0, WRONG_PASSWORD_EXIT)
    assert desktop.proofs() == proofs


def test_the_printed_command_works_as_printed(invite: Any, desktop: NoviceDesktop, tmp_path: Path) -> None:
    """Copied from the summary into a shell in the same folder, with the password in its place."""
    invited = invite()
    (command,) = re.findall(r"Linux: +(xfreerdp .*)", invited.run.stdout)
    typed = command.replace("PASSWORD", PASSWORD)
    assert typed != command
    with virtual_screen() as screen:
        shell = ["sh", "-c", f"cd {shlex.quote(str(invited.run.folder))} && exec {typed}"]
        log = screen.home / "helper.log"
        with running(shell, log=log, env=screen.env) as process:
            wait_for(
                lambda: desktop.picture.seen_in(screen.screenshot(tmp_path / "helper.png")),
                "the user's desktop",
                deadline=PATIENCE,
                process=process,
                log=log,
            )


def test_a_wrong_password_does_not_get_through(invite: Any, tmp_path: Path) -> None:
    invited = invite()
    callers = _calls(invited.host)
    result = helper_opens(invited.path, "Maple-Harbor-28", folder=tmp_path)
    assert (result.dialled, result.endpoint, result.exit_code) == (False, None, WRONG_PASSWORD_EXIT)
    assert "Failed to parse ASSISTANCE file" in result.log
    assert callers == []
    assert invited.helpers == []


def _calls(host: Any) -> list[str]:
    """From now on, everybody who connects to the host's msra.exe, however briefly."""
    seen = []
    before = host.network.add

    def add(row: Any) -> Any:
        if row.state == ESTABLISHED:
            seen.append(row.remote_address)
        return before(row)

    host.network.add = add
    return seen


# On a German host: the words in netstat's output, from which the guard tells, are not English there.
@pytest.mark.parametrize("language", ["en-US", "de-DE"])
def test_the_guard_lets_a_connected_helper_finish(
    invite: Any, desktop: NoviceDesktop, tmp_path: Path, language: str
) -> None:
    """At the asked end nothing happens to who is connected; once the helper has gone, the next look ends it."""
    invited = invite(language=language)
    with virtual_screen() as screen, helper(invited.path, PASSWORD, screen=screen) as client:

        def sees_desktop() -> bool:
            return desktop.picture.seen_in(screen.screenshot(tmp_path / "helper.png"))

        wait_for(sees_desktop, "the user's desktop", deadline=PATIENCE, process=client.process, log=client.log_path)
        # FreeRDP's shadow server sends what changed alone; a second helper's view would tell no more.
        assert len(invited.helpers) == 1
        for seconds in (ASKED_MINUTES * 60 + 1, GUARD_REPEATS, GUARD_REPEATS):
            invited.host.clock.advance(seconds)
            assert len(invited.waiting) == len(invited.guards) == len(invited.helpers) == 1
        assert client.process.poll() is None
    wait_for(lambda: not invited.helpers, "end of the connection", deadline=PATIENCE)
    assert len(invited.waiting) == 1
    invited.host.clock.advance(GUARD_REPEATS)
    assert invited.waiting == invited.guards == []


def test_nobody_gets_in_after_the_end(invite: Any, tmp_path: Path) -> None:
    invited = invite()
    invited.host.clock.advance(ASKED_MINUTES * 60 + 1)
    assert invited.waiting == invited.guards == []
    result = helper_opens(invited.path, PASSWORD, folder=tmp_path, deadline=20)
    assert not result.shown
    assert result.endpoint is None
