# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""msra.exe of the simulator: its refusals, its invitation, its end; the file judged by code that shares nothing.

Sources: MS-RAI 2.2.2, 3.3.4.1.1, 6 and note <20>; FreeRDP libfreerdp/common/assistance.c; event numbers of
libyal/winevt-kb. `tests.helper_client.ticket` is a third implementation of the cipher, which FreeRDP accepts.
"""

from __future__ import annotations

import asyncio
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from simulator.windows.event_log import RA_OPERATIONAL
from simulator.windows.msra import Invitation
from simulator.windows.processes import Process
from tests.helper_client.ticket import make_invitation, ticket_key
from tests.simulator.windows_rig import Rig

SESSION = {"id": 1, "user": "CORP\\jdoe", "client": "LAPTOP-7", "session_name": "RDP-Tcp#3"}
FILE = "C:\\Users\\jdoe\\AppData\\Local\\Temp\\help.msrcIncident"
PASSWORD = "Simulated-Ticket-1"
SAVE = f'/saveasfile "{FILE}" {PASSWORD}'
Check = Callable[[Rig, Process], Any]


def _rig(**more: Any) -> Rig:
    faults = {"msra_delay": 0.0, **more.pop("faults", {})}
    return Rig(**{"sessions": [SESSION], "faults": faults, **more})


async def _start(rig: Rig, arguments: str = SAVE, session_id: int = 1) -> Process:
    """Start msra.exe and wait until it has made a file or said why not."""
    session = rig.host.session(session_id)
    assert session is not None
    made, refused = len(rig.host.msra.invitations), len(_refusals(rig))
    process = await rig.host.msra.start(session, arguments)
    while process.alive and len(_refusals(rig)) == refused:
        if len(rig.host.msra.invitations) > made and rig.content(rig.host.msra.invitations[-1].path):
            break
        await asyncio.sleep(0.005)
    return process


def _refusals(rig: Rig) -> list[int]:
    return [event for event in _events(rig) if event in (26, 29)]


def _events(rig: Rig) -> list[int]:
    return rig.host.events.ids(RA_OPERATIONAL)


def _after(rig: Rig, check: Check, arguments: str = SAVE) -> Any:
    """What `check` finds once msra.exe has done its work."""

    async def scene() -> Any:
        return check(rig, await _start(rig, arguments))

    return rig.live(scene())


def _decrypted(data: bytes, password: str) -> tuple[dict[str, str], ET.Element]:
    """Attributes of the file, and its connection string 2."""
    upload = ET.fromstring(data).find("UPLOADDATA")
    assert upload is not None
    decryptor = Cipher(algorithms.AES(ticket_key(password)), modes.CBC(bytes(16))).decryptor()
    padded = decryptor.update(bytes.fromhex(upload.attrib["LHTICKET"])) + decryptor.finalize()
    unpadder = padding.PKCS7(128).unpadder()
    text = (unpadder.update(padded) + unpadder.finalize()).decode("utf-16-le")
    assert text.endswith("</E>\r\n")
    return dict(upload.attrib), ET.fromstring(text)


# The invitation ----------------------------------------------------------------------------------------


def test_the_file_is_a_ticket_that_the_password_opens() -> None:
    rig = _rig()
    made: Invitation = _after(rig, lambda rig, _: rig.host.msra.invitations[-1])
    attributes, connection = _decrypted(rig.content(FILE) or b"", PASSWORD)
    assert attributes["USERNAME"] == "jdoe"
    assert attributes["RCTICKETENCRYPTED"] == "1"
    listeners = [(item.attrib["N"], int(item.attrib["P"])) for item in connection.iter("L")]
    assert ("127.0.0.1", made.port) in listeners
    assert all(port >= 49152 for _, port in listeners)
    assert any(address.startswith("fe80::") for address, _ in listeners)
    identity = connection.find("A")
    assert identity is not None
    assert attributes["RCTICKET"].split(",")[4] == identity.attrib["ID"]
    assert re.fullmatch(r"[A-Za-z0-9*_][!@#$&^*()\-+=]\d[A-Z][a-z][A-Za-z0-9*_]{9}", attributes["PassStub"])


def test_it_has_the_shape_of_an_invitation_that_freerdp_opens() -> None:
    rig = _rig()
    _after(rig, lambda rig, _: None)
    other = ET.fromstring(make_invitation(PASSWORD, [("127.0.0.1", 50000)]))
    made = ET.fromstring(rig.content(FILE) or b"")
    assert made.attrib == other.attrib
    assert set(made[0].attrib) == set(other[0].attrib)
    assert made[0].attrib["RCTICKET"].count(",") == other[0].attrib["RCTICKET"].count(",")


def test_another_password_does_not_open_it() -> None:
    rig = _rig()
    _after(rig, lambda rig, _: None)
    with pytest.raises((ValueError, ET.ParseError)):
        _decrypted(rig.content(FILE) or b"", "Another-Ticket-1")


@pytest.mark.parametrize(
    ("encoding", "mark"), [("utf-8", b"<?xml"), ("utf-8-bom", b"\xef\xbb\xbf"), ("utf-16", b"\xff\xfe")]
)
def test_encodings_of_the_file(encoding: str, mark: bytes) -> None:
    rig = _rig(quirks={"incident_encoding": encoding})
    _after(rig, lambda rig, _: None)
    assert (rig.content(FILE) or b"").startswith(mark)


def test_it_starts_now_by_the_hosts_clock() -> None:
    rig = _rig(faults={"clock_skew": 7200.0})
    _after(rig, lambda rig, _: None)
    attributes, _ = _decrypted(rig.content(FILE) or b"", PASSWORD)
    assert abs(int(attributes["DtStart"]) - rig.host.clock.timestamp()) < 5


@pytest.mark.parametrize(
    ("policy", "settings", "minutes"),
    [
        ({}, {}, 360),
        ({"MaxTicketExpiry": 2, "MaxTicketExpiryUnits": 1}, {}, 120),
        ({"MaxTicketExpiry": 45, "MaxTicketExpiryUnits": 0}, {}, 45),
        ({"MaxTicketExpiry": 1, "MaxTicketExpiryUnits": 2}, {}, 1440),
        ({}, {"MaxTicketExpiry": 3}, 180),
        ({"MaxTicketExpiry": 1, "MaxTicketExpiryUnits": 1}, {"MaxTicketExpiry": 9}, 60),
    ],
)
def test_the_lifetime_follows_policy_then_setting(
    policy: dict[str, int], settings: dict[str, int], minutes: int
) -> None:
    """RemoteAssistance.admx: units 0 minutes, 1 hours, 2 days; six hours by default; DtLength is minutes."""
    rig = _rig(policy=policy, settings=settings)
    _after(rig, lambda rig, _: None)
    assert _decrypted(rig.content(FILE) or b"", PASSWORD)[0]["DtLength"] == str(minutes)


def test_the_lifetime_may_be_in_seconds() -> None:
    rig = _rig(policy={"MaxTicketExpiry": 1, "MaxTicketExpiryUnits": 1}, quirks={"ticket_lifetime_unit": "seconds"})
    _after(rig, lambda rig, _: None)
    assert _decrypted(rig.content(FILE) or b"", PASSWORD)[0]["DtLength"] == "3600"


def test_encrypted_tickets_only() -> None:
    """ "Allow only Windows Vista or later connections": no RCTICKET, which XP reads."""
    rig = _rig(policy={"CreateEncryptedOnlyTickets": 1})
    _after(rig, lambda rig, _: None)
    attributes, _ = _decrypted(rig.content(FILE) or b"", PASSWORD)
    assert "RCTICKET" not in attributes


@pytest.mark.parametrize(("appends", "name"), [(False, "help"), (True, "help.msrcIncident")])
def test_the_extension_may_be_appended(appends: bool, name: str) -> None:
    rig = _rig(quirks={"msra_appends_extension": appends})
    folder = FILE.rpartition("\\")[0]

    async def scene() -> bool:
        session = rig.host.session(1)
        assert session is not None
        await rig.host.msra.start(session, f'/saveasfile "{folder}\\help" {PASSWORD}')
        while not rig.host.msra.invitations:
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.01)
        return rig.content(f"{folder}\\{name}") is not None

    assert rig.live(scene())


def test_without_a_password_it_makes_one() -> None:
    rig = _rig()
    made: Invitation = _after(rig, lambda rig, _: rig.host.msra.invitations[-1], f'/saveasfile "{FILE}"')
    assert len(made.password) == 12
    _decrypted(rig.content(FILE) or b"", made.password)
    assert made.password not in repr(made)


# Refusals ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("description", "arguments", "event"),
    [
        ({"policy": {"fAllowToGetHelp": 0}}, SAVE, 26),
        ({"settings": {"fAllowToGetHelp": 0}}, SAVE, 26),
        ({"policy": {"fAllowToGetHelp": 0}, "settings": {"fAllowToGetHelp": 1}}, SAVE, 26),
        ({}, f'/saveasfile "{FILE}" short', 29),
        ({}, "/novice", 29),
        ({}, f'/saveasfile "C:\\No\\help.msrcIncident" {PASSWORD}', 29),
        ({}, f'/saveasfile "C:\\Windows\\System32\\help.msrcIncident" {PASSWORD}', 29),
    ],
    ids=["policy", "setting", "policy-first", "password", "usage", "folder", "denied"],
)
def test_what_it_refuses(description: dict[str, Any], arguments: str, event: int) -> None:
    rig = _rig(**description)
    _after(rig, lambda rig, _: None, arguments)
    assert event in _events(rig)
    assert rig.content(FILE) is None


def test_policy_allows_what_the_setting_does_not() -> None:
    rig = _rig(policy={"fAllowToGetHelp": 1}, settings={"fAllowToGetHelp": 0})
    _after(rig, lambda rig, _: None)
    assert rig.content(FILE)


def test_a_refreshed_policy_counts() -> None:
    rig = _rig(domain_policies=[{"name": "off", "guid": "{11111111-2222-3333-4444-555555555555}",
                                 "values": {"fAllowToGetHelp": 0}}])  # fmt: skip
    _after(rig, lambda rig, _: None)
    assert _events(rig)[-1] == 26


def test_a_message_waits_for_the_user_and_goes() -> None:
    rig = _rig(policy={"fAllowToGetHelp": 0})

    async def scene() -> tuple[bool, bool]:
        process = await _start(rig)
        before = process.alive
        await rig.host.clock.advance_async(61)
        return before, process.alive

    assert rig.live(scene()) == (True, False)


def test_one_novice_a_session() -> None:
    """ERROR_CANNOT_MAKE where one runs already (MS-RAI 3.3.4.1.1); another session has its own."""
    rig = _rig(sessions=[SESSION, {**SESSION, "id": 2, "user": "CORP\\asmith"}])

    async def scene() -> tuple[bool, bool, bool]:
        first = await _start(rig)
        second = await _start(rig, SAVE.replace("help", "second"))
        while second.alive:
            await asyncio.sleep(0.005)
        other = await _start(rig, SAVE.replace("jdoe", "asmith"), 2)
        return first.alive, second.alive, other.alive

    assert rig.live(scene()) == (True, False, True)
    assert 29 in _events(rig)


def test_the_command_line_is_in_the_event_log() -> None:
    """Event 13 records it, password and all: a leak that the documentation has to name."""
    rig = _rig()
    _after(rig, lambda rig, _: None)
    (event,) = [item for item in rig.host.events.events if item.event_id == 13]
    assert PASSWORD in event.data[0]
    assert PASSWORD in rig.run(f"wevtutil qe {RA_OPERATIONAL} /f:xml /q:*[System[EventID=13]]").out


def test_in_session_0_it_makes_nothing() -> None:
    rig = _rig()
    assert rig.run(f"msra {SAVE}").code == 1
    assert rig.content(FILE) is None


# Life and end --------------------------------------------------------------------------------------------


async def _dial(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


def _end_of(rig: Rig, end: Callable[[Process], Any]) -> tuple[bool, bool, list[Any]]:
    """Whether the port answers before and after `end`, and the rows of the process after it."""

    async def scene() -> tuple[bool, bool, list[Any]]:
        process = await _start(rig)
        port = rig.host.msra.invitations[-1].port
        before = await _dial(port)
        while any(row.state == 5 for row in rig.host.network.of(process.pid)):
            await asyncio.sleep(0.005)
        done = end(process)
        if asyncio.iscoroutine(done):
            await done
        await asyncio.sleep(0)
        return before, await _dial(port), rig.host.network.of(process.pid)

    return rig.live(scene())


def test_the_users_logoff_ends_it() -> None:
    rig = _rig()
    assert _end_of(rig, lambda _: rig.host.log_off(1)) == (True, False, [])


def test_closing_its_window_ends_it() -> None:
    rig = _rig()
    assert _end_of(rig, lambda _: rig.host.msra.close_by_user(1)) == (True, False, [])
    assert _events(rig)[-1] == 30


def test_taskkill_ends_it() -> None:
    rig = _rig()
    assert _end_of(rig, lambda process: rig.command(f"taskkill /f /pid {process.pid}")) == (True, False, [])


def test_the_end_of_its_lifetime_ends_it() -> None:
    rig = _rig(policy={"MaxTicketExpiry": 1, "MaxTicketExpiryUnits": 1})
    assert _end_of(rig, lambda _: rig.host.clock.advance_async(3601)) == (True, False, [])
    assert _events(rig)[-2:] == [24, 20]


def test_a_connected_helper_outlives_the_lifetime() -> None:
    rig = _rig(policy={"MaxTicketExpiry": 1, "MaxTicketExpiryUnits": 1})

    async def scene() -> bool:
        process = await _start(rig)
        _, writer = await asyncio.open_connection("127.0.0.1", rig.host.msra.invitations[-1].port)
        while not any(row.state == 5 for row in rig.host.network.of(process.pid)):
            await asyncio.sleep(0.005)
        await rig.host.clock.advance_async(3601)
        writer.close()
        return process.alive

    assert rig.live(scene())


def test_its_listeners_are_seen_by_cim_and_netstat() -> None:
    rig = _rig()

    async def scene() -> tuple[set[int], set[int], str]:
        process = await _start(rig)
        rows = rig.query(
            "root/standardcimv2",
            f"SELECT LocalPort, State FROM MSFT_NetTCPConnection WHERE OwningProcess = {process.pid}",
        )
        shown = await rig.command("netstat -ano -p tcp")
        ports = {row.values["LocalPort"] for row in rows}
        return ports, {row.values["State"] for row in rows}, shown.out

    ports, states, shown = rig.live(scene())
    assert len(ports) == 3
    assert states == {2}
    assert f"127.0.0.1:{rig.host.msra.invitations[-1].port}" in shown


@pytest.mark.parametrize(
    ("faults", "alive", "file"),
    [({"msra_never_writes": True}, True, False), ({"msra_exits_at_once": True}, False, False)],
)
def test_faults(faults: dict[str, Any], alive: bool, file: bool) -> None:
    rig = _rig(faults=faults)

    async def scene() -> tuple[bool, bool]:
        session = rig.host.session(1)
        assert session is not None
        process = await rig.host.msra.start(session, SAVE)
        await asyncio.sleep(0.05)
        return process.alive, rig.content(FILE) is not None

    assert rig.live(scene()) == (alive, file)


@pytest.mark.parametrize("locks", [False, True])
def test_a_file_that_comes_slowly_is_partial_or_in_use(locks: bool) -> None:
    rig = _rig(faults={"msra_writes_slowly": 0.05}, quirks={"msra_locks_file": locks})

    async def scene() -> tuple[str, str, int, int]:
        await _start(rig)
        half = await rig.command(f'type "{FILE}"')
        size = len(rig.content(FILE) or b"")
        await asyncio.sleep(0.1)
        whole = await rig.command(f'type "{FILE}"')
        return half.out, whole.out, size, len(rig.content(FILE) or b"")

    half, whole, size, full = rig.live(scene())
    assert (half == "") is locks
    assert size == full // 2
    assert whole.endswith("</UPLOADINFO>")


def test_a_full_disk_leaves_half_a_file_and_an_event() -> None:
    rig = _rig(faults={"disk_full": True})
    _after(rig, lambda rig, _: None)
    assert 29 in _events(rig) or rig.content(FILE)
    assert not (rig.content(FILE) or b"").endswith(b"</UPLOADINFO>")
