# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real helper client against invitations of our own making, without the simulator."""

from __future__ import annotations

import asyncio
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.helper_client.bridge import bridge, is_rdp_request
from tests.helper_client.picture import Picture, same_text
from tests.helper_client.processes import RigError, end, require_programs, wait_for
from tests.helper_client.rig import (
    WRONG_PASSWORD_EXIT,
    NoviceDesktop,
    helper,
    helper_opens,
    novice_desktop,
    virtual_screen,
)
from tests.helper_client.ticket import PASS_STUB, Endpoint, expert_proof, make_invitation

PASSWORD = "Maple-Harbor-29"
NAME = "1234567890123.msrcincident"
NO_FILE_EXIT = 23  # exit code of xfreerdp 2.11 when no argument is taken for an invitation
UNREACHABLE_EXIT = 145  # XF_EXIT_CONNECT_CANCELLED in client/X11/xfreerdp.h
GUIDE = Path(__file__).parents[2] / "docs/helper-client.md"
HOST_ADDRESS = "127.83.0.1"  # a loopback address of the length FreeRDP accepts, as the simulated hosts have


@pytest.fixture(scope="module")
def desktop() -> Iterator[NoviceDesktop]:
    with novice_desktop("Novice: jdoe on desk-01") as served:
        yield served


def invitation(folder: Path, endpoints: list[Endpoint], *, password: str = PASSWORD, name: str = NAME) -> Path:
    path = folder / name
    path.write_bytes(make_invitation(password, endpoints))
    return path


def test_the_password_opens_the_way_to_the_endpoint(tmp_path: Path) -> None:
    with bridge(address=HOST_ADDRESS) as endpoint:
        result = helper_opens(invitation(tmp_path, [endpoint.endpoint]), PASSWORD, folder=tmp_path)
        assert result.dialled, result.log
        assert result.endpoint == endpoint.endpoint
        assert is_rdp_request(endpoint.callers[0].first_bytes)
        assert b"mstshash=jdoe" in endpoint.callers[0].first_bytes


@pytest.mark.parametrize("wrong", ["Maple-Harbor-28", "maple-harbor-29", f"{PASSWORD} ", "x", ""])
def test_a_wrong_password_dials_nothing(tmp_path: Path, wrong: str) -> None:
    with bridge(address=HOST_ADDRESS) as endpoint:
        file = invitation(tmp_path, [endpoint.endpoint])
        assert f"{HOST_ADDRESS}:{endpoint.endpoint[1]}" in file.read_text()  # in RCTICKET, in the clear
        result = helper_opens(file, wrong, folder=tmp_path)
        assert (result.dialled, result.endpoint, result.exit_code) == (False, None, WRONG_PASSWORD_EXIT)
        assert "Failed to parse ASSISTANCE file" in result.log
        assert endpoint.callers == []


def test_the_novice_desktop_is_on_the_helper_screen(desktop: NoviceDesktop, tmp_path: Path) -> None:
    with bridge(desktop.endpoint, address=HOST_ADDRESS) as endpoint:
        file = invitation(tmp_path, [endpoint.endpoint])
        result = helper_opens(file, PASSWORD, folder=tmp_path, expects=desktop.picture)
    assert result.shown, result.log
    assert result.screenshot is not None
    assert result.endpoint == endpoint.endpoint
    text_box = desktop.picture.text_box
    assert same_text(result.screenshot, desktop.picture_on_screen, text_box) > 0.8  # 0.98 was measured
    assert desktop.proofs()[-1] == expert_proof(PASSWORD)


def test_a_simulated_msra_can_serve_the_desktop(desktop: NoviceDesktop, tmp_path: Path) -> None:
    with asyncio_listener(desktop) as endpoint:
        file = invitation(tmp_path, [endpoint])
        result = helper_opens(file, PASSWORD, folder=tmp_path, expects=desktop.picture)
    assert result.shown, result.log
    assert result.endpoint == endpoint


def test_a_forged_ticket_is_told_by_the_helper_proof(desktop: NoviceDesktop, tmp_path: Path) -> None:
    """Somebody re-encrypts the ticket with a password of their own: the novice's side can tell."""
    seen_before = len(desktop.proofs())
    with bridge(desktop.endpoint, address=HOST_ADDRESS) as endpoint, virtual_screen() as screen:
        file = invitation(tmp_path, [endpoint.endpoint], password="Forged-Ticket-11")
        with helper(file, "Forged-Ticket-11", screen=screen) as client:
            proof = wait_for(lambda: desktop.proofs()[seen_before:], "proof", deadline=60, process=client.process)
            assert proof == [expert_proof("Forged-Ticket-11")]
            assert proof != [expert_proof(PASSWORD)]
            endpoint.cut()
            wait_for(lambda: client.process.poll() is not None, "end of the helper", deadline=30)


def test_listeners_nobody_can_reach_are_passed_over(tmp_path: Path) -> None:
    with bridge(address=HOST_ADDRESS) as closed:
        nobody = closed.endpoint
    # A scope number that is an interface here as well would keep xfreerdp waiting for minutes: see rig.
    scope = 1000 + max(number for number, _ in socket.if_nameindex())
    unreachable = [(f"fe80::1032:53d9:5a01:909b%{scope}", 49228), nobody]
    with bridge(address=HOST_ADDRESS) as endpoint:
        file = invitation(tmp_path, [*unreachable, endpoint.endpoint])
        assert helper_opens(file, PASSWORD, folder=tmp_path).endpoint == endpoint.endpoint


@pytest.mark.parametrize(
    ("name", "accepted"),
    [("1.msrcIncident", True), ("1.MSRCINCIDENT", True), ("1.msrcincident.txt", False), ("1.xml", False)],
)
def test_the_file_name_decides_whether_it_is_an_invitation(tmp_path: Path, name: str, accepted: bool) -> None:
    with bridge(address=HOST_ADDRESS) as endpoint:
        file = invitation(tmp_path, [endpoint.endpoint], name=name)
        result = helper_opens(file, PASSWORD, folder=tmp_path)
    assert (result.dialled, result.exit_code == NO_FILE_EXIT) == (accepted, not accepted)


def test_the_command_of_the_guide_works_and_keeps_every_character(tmp_path: Path) -> None:
    """Copied from docs/helper-client.md, with the file's name in its place; the password is typed."""
    password = " Maple \\Harbor$29 "
    (command,) = re.findall(r"^\$ (IFS= read .* xfreerdp .*)$", GUIDE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    with bridge(address=HOST_ADDRESS) as endpoint, virtual_screen() as screen:
        invitation(tmp_path, [endpoint.endpoint], password=password, name="1795253400000.msrcincident")
        shell = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--", "bash", "-c", command],
            cwd=tmp_path,
            env=screen.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            assert shell.stdin is not None
            shell.stdin.write(f"{password}\n".encode())
            shell.stdin.close()
            wait_for(lambda: endpoint.callers, "call", deadline=60, process=shell)
        finally:
            end(shell)


class TestLimitsOfFreeRDP:
    """What a helper on Linux runs into although the invitation is good: docs/helper-client.md warns of each."""

    def test_nobody_who_answers_is_told_by_the_exit_code(self, tmp_path: Path) -> None:
        with bridge(address=HOST_ADDRESS) as closed:
            nobody = closed.endpoint
        result = helper_opens(invitation(tmp_path, [nobody]), PASSWORD, folder=tmp_path)
        assert (result.dialled, result.exit_code) == (False, UNREACHABLE_EXIT)

    def test_the_password_stays_in_the_process_list(self, tmp_path: Path) -> None:
        with bridge(address=HOST_ADDRESS) as endpoint, virtual_screen() as screen:
            file = invitation(tmp_path, [endpoint.endpoint])
            with helper(file, PASSWORD, screen=screen) as client:
                wait_for(lambda: client.dialled, "call", deadline=60, process=client.process)
                command = Path(f"/proc/{client.process.pid}/cmdline").read_bytes()
        assert PASSWORD.encode() in command

    def test_a_utf16_file_is_not_read(self, tmp_path: Path) -> None:
        with bridge(address=HOST_ADDRESS) as endpoint:
            file = invitation(tmp_path, [endpoint.endpoint])
            file.write_bytes(file.read_text().encode("utf-16"))
            result = helper_opens(file, PASSWORD, folder=tmp_path)
        assert (result.dialled, result.exit_code) == (False, WRONG_PASSWORD_EXIT)

    def test_an_address_of_eight_characters_is_left_out(self, tmp_path: Path) -> None:
        with bridge(address=HOST_ADDRESS) as endpoint:
            file = invitation(tmp_path, [("10.0.0.1", 49152), endpoint.endpoint])
            result = helper_opens(file, PASSWORD, folder=tmp_path)
            file = invitation(tmp_path, [("10.0.0.1", 49152)])
            alone = helper_opens(file, PASSWORD, folder=tmp_path)
        assert result.endpoint == endpoint.endpoint
        assert (alone.dialled, alone.exit_code) == (False, WRONG_PASSWORD_EXIT)

    def test_an_ampersand_in_the_pass_stub_spoils_the_proof(self, desktop: NoviceDesktop, tmp_path: Path) -> None:
        stub = PASS_STUB.replace("^", "&")
        file = tmp_path / NAME
        with bridge(desktop.endpoint, address=HOST_ADDRESS) as endpoint:
            file.write_bytes(make_invitation(PASSWORD, [endpoint.endpoint], pass_stub=stub))
            result = helper_opens(file, PASSWORD, folder=tmp_path, expects=desktop.picture)
        assert result.shown, result.log
        assert desktop.proofs()[-1] == expert_proof(PASSWORD, stub.replace("&", "&amp;"))  # not decoded
        assert desktop.proofs()[-1] != expert_proof(PASSWORD, stub)


def test_another_desktop_is_not_taken_for_this_one(desktop: NoviceDesktop, tmp_path: Path) -> None:
    seen = desktop.picture_on_screen
    assert desktop.picture.seen_in(seen)
    assert not Picture.by_chance("another").seen_in(seen)
    with virtual_screen(desktop.screen.width, desktop.screen.height) as empty:
        black = empty.screenshot(tmp_path / "empty.png")
    assert not desktop.picture.seen_in(black)
    assert same_text(black, seen, desktop.picture.text_box) == 0
    with novice_desktop("Novice: mmajor on desk-02") as other:
        assert same_text(other.picture_on_screen, seen, desktop.picture.text_box) < 0.6  # 0.3 was measured


def test_no_program_outlives_its_use(tmp_path: Path) -> None:
    with bridge(address=HOST_ADDRESS) as endpoint, virtual_screen() as screen:
        file = invitation(tmp_path, [endpoint.endpoint])
        with helper(file, PASSWORD, screen=screen) as client:
            wait_for(lambda: client.dialled, "call", deadline=60, process=client.process)
            pid, home = client.process.pid, client.log_path.parent
    assert not Path(f"/proc/{pid}").exists()
    assert not home.exists()
    assert not screen.home.exists()


def test_missing_packages_are_named_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RigError, match=r"apt-get install -y .*freerdp2-shadow-x11 freerdp2-x11 imagemagick"):
        require_programs()


@contextmanager
def asyncio_listener(desktop: NoviceDesktop) -> Iterator[Endpoint]:
    """Stands for the simulator: an event loop in a thread, whose listener has `desktop.serve` as its hook."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    start = asyncio.start_server(desktop.serve, HOST_ADDRESS, 0)
    server = asyncio.run_coroutine_threadsafe(start, loop).result(10)
    try:
        yield HOST_ADDRESS, server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_stop(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _stop(server: asyncio.Server) -> None:
    server.close()
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    await asyncio.sleep(0)
