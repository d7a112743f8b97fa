# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Registry.pol and gpt.ini in every condition: missing, empty, corrupt, foreign, read-only, locked, no room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import (
    CommandFailed,
    PolicyNotInForce,
    WindowsError,
)

from simulator.windows.registry_pol import HEADER, encode, instruction
from tests.policy.rig import FOREIGN, FOREIGN_ENTRIES, HELPERS, INI, POL, RA, Files, Host

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
MakeHost = Callable[..., Host]
EXTENSIONS = "[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}{D02B1F72-3407-48AE-BA88-E8213C6761F1}]"
FIREWALL_TOOL = "{B05566AC-FE9C-4368-BE01-7A4CBB6CBA11}"
SCRIPTS = "[{42B5FAAE-6536-11D2-AE5A-0000F87571E3}{40B6664F-4972-11D1-A7CA-0000F87571E3}]"
AUDIT = "[{F3CCC681-B74C-4060-9F26-CD84525DCA2A}{0F3F3735-573D-9804-99E4-AB2A69BA5FD4}]"
GOOD_POL = encode([instruction(RA, "fAllowToGetHelp", 0)])


def ini(version: int | str, extensions: str = EXTENSIONS, end: str = "\r\n") -> str:
    return f"[General]{end}gPCMachineExtensionNames={extensions}{end}Version={version}{end}"


@pytest.mark.parametrize(
    "local_policy",
    [
        None,
        {"folder": False},
        {"registry_pol": None, "gpt_ini": ini(3)},
        {"registry_pol": "", "gpt_ini": ini(3)},
        {"registry_pol": {"hex": HEADER.hex()}},
        {"registry_pol": {"entries": FOREIGN_ENTRIES}, "gpt_ini": None},
        {"registry_pol": {"entries": FOREIGN_ENTRIES}, "gpt_ini": "[General]\r\nVersion=0\r\n"},
        {"registry_pol": {"entries": FOREIGN_ENTRIES}, "gpt_ini": "[General]\r\n"},
        {"registry_pol": {"entries": FOREIGN_ENTRIES}, "gpt_ini": "[General]\r\nVersion=65536"},
        {"registry_pol": {"entries": FOREIGN_ENTRIES}, "gpt_ini": ini(4, SCRIPTS)},
        {"registry_pol": {"entries": FOREIGN_ENTRIES}, "gpt_ini": ini(4, AUDIT + EXTENSIONS)},
        {"registry_pol": {"entries": FOREIGN_ENTRIES}, "gpt_ini": ini(4, "", "\n")},
    ],
    ids=[
        "nothing",
        "no-folder",
        "no-pol",
        "empty-pol",
        "header-only",
        "no-ini",
        "version-0",
        "no-version",
        "user-version-only",
        "other-extension",
        "unsorted-extensions",
        "no-extensions-lf",
    ],
)
@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize("os", ["windows-11", "server-2022"])
def test_what_is_missing_is_made(make_host: MakeHost, local_policy: Any, applied: bool, os: str) -> None:
    policy = None if local_policy is None else {**local_policy, "applied": applied}
    host = make_host(os=os, local_policy=policy)
    users = host.version >> 16
    host.step(preset="helpdesk")
    assert host.live()["fAllowToGetHelp"] == 1
    assert host.version >> 16 == users
    assert host.of(RA)["MaxTicketExpiry"] == 1
    assert (list(host.of(FOREIGN)) == ["Proxy", "Blob"]) == ("entries" in str(local_policy))


CORRUPT_POL = {
    "not-a-pol": b"hello",
    "wrong-version": b"PReg\x02\0\0\0" + GOOD_POL[8:],
    "half-a-header": GOOD_POL[:5],
    "cut-in-an-entry": GOOD_POL[:-3],
    "rubbish-behind": GOOD_POL + b"\0",
    "size-beyond-the-end": GOOD_POL.replace(b"\4\0\0\0;\0\4\0\0\0", b"\4\0\0\0;\0\x99\0\0\0"),
    "zeros": bytes(512),
}
CORRUPT_INI = {
    "not-an-ini": b"\0\1\2",
    "no-section": b"Version=3\r\n",
    "no-number": b"[General]\r\nVersion=three\r\n",
    "too-large": b"[General]\r\nVersion=4294967296\r\n",
    "extensions": b"[General]\r\ngPCMachineExtensionNames=[nonsense]\r\nVersion=3\r\n",
    "two-versions": b"[General]\r\nVersion=1\r\nVersion=2\r\n",
}


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize(
    ("pol", "content"),
    [(data, ini(3).encode()) for data in CORRUPT_POL.values()] + [(GOOD_POL, data) for data in CORRUPT_INI.values()],
    ids=[*CORRUPT_POL, *CORRUPT_INI],
)
def test_what_is_corrupt_is_never_overwritten(make_host: MakeHost, pol: bytes, content: bytes, check: bool) -> None:
    host = make_host()
    host.put(POL, pol)
    host.put(INI, content)
    host.forget()
    with pytest.raises(WindowsError, match=r"damaged and was left as it is: .* is damaged at byte \d+") as caught:
        host.apply(preset="helpdesk", check=check)
    assert caught.value.host == "desk-01"
    assert "Repair or remove" in str(caught.value)
    assert host.files == Files(pol, content)
    assert host.writes == []
    said = host.info()["local_group_policy"]
    assert said["registry_pol"] == "corrupt"
    assert "byte" in said["damage"]
    host.step(scope="registry", preset="helpdesk")  # that goes all the same
    assert host.files == Files(pol, content)


@pytest.mark.parametrize("pol", ["", {"entries": FOREIGN_ENTRIES}], ids=["both-empty", "ini-empty"])
def test_an_empty_ini_that_somebody_fills_meanwhile_is_left(make_host: MakeHost, pol: Any) -> None:
    """An empty gpt.ini has no [General]: that is damage. An empty Registry.pol is none."""
    host = make_host(local_policy={"registry_pol": pol, "gpt_ini": ""})
    with pytest.raises(WindowsError, match=r"gpt\.ini is damaged at byte 0"):
        host.apply(preset="helpdesk")
    assert host.writes == []


def test_an_empty_pol_that_somebody_fills_meanwhile_is_read_again(make_host: MakeHost) -> None:
    host = make_host(local_policy={"registry_pol": "", "gpt_ini": ini(3)})
    foreign = encode([instruction(FOREIGN, "Meanwhile", 1)])
    host.sim.hooks.at_operation("Command", lambda: host.put(POL, foreign), number=2)
    host.apply(preset="helpdesk")
    assert host.of(FOREIGN) == {"Meanwhile": 1}
    host.assert_settled(preset="helpdesk")


def test_foreign_entries_stay_to_the_byte(make_host: MakeHost) -> None:
    """Entries of all kinds, spelt as no editor does it, in the same keys and in others, before and behind."""
    odd = [
        instruction("Software\\Policies\\Alpha", "Two\u00fcmlaut;]", "[;]"),
        instruction(RA.upper(), "fDenyTSConnections", 1),
        instruction(RA, "**DelVals.", " "),
        instruction(RA, "fallowtogethelp", 0),
        instruction(RA, "**del.MaxTicketExpiry", "x"),
        instruction(RA, "**SecureKey", 1),
        instruction(HELPERS.lower(), "**delvals.", " "),
        instruction(HELPERS, "CORP\\Old", "CORP\\Old"),
        instruction(RA + "\\Client", "fDisableAudioCapture", 1),
        instruction("SOFTWARE\\Policies\\Zebra", "**DeleteKeys", "A;B"),
        instruction("SOFTWARE\\Policies\\Zebra", "Big", bytes(range(256)) * 255),
    ]
    host = make_host()
    host.put(POL, encode(odd))
    host.put(INI, ini(9).encode())
    host.step(preset="helpdesk", offer_remote_assistance="enabled", offer_helpers=["CORP\\New"])
    ours = {"fallowtogethelp", "**del.maxticketexpiry", "corp\\old"}
    content = host.files.pol or b""
    kept = [encode([item])[len(HEADER) :] for item in odd if item.name.lower() not in ours]
    places = [content.find(item) for item in kept]
    assert -1 not in places
    assert places == sorted(places)
    assert host.live(HELPERS) == {"CORP\\New": "CORP\\New"}
    before = encode([item for item in odd if item.key.lower() != HELPERS.lower() and item.name.lower() not in ours])
    host.step(
        solicited_remote_assistance="not_configured",
        offer_remote_assistance="not_configured",
        session_logging="not_configured",
        vista_or_later_only="not_configured",
    )
    assert host.files.pol == before


def test_the_ini_changes_in_two_values_alone(make_host: MakeHost) -> None:
    content = (
        "; made by hand\r\n[General]\r\nfunctionality = 1\r\n"
        f"gPCMachineExtensionNames={EXTENSIONS}{SCRIPTS}\r\nversion = 131077\r\nOptions=0\r\n[Other]\r\nVersion=9\r\n"
    )
    host = make_host(local_policy={"registry_pol": {"entries": FOREIGN_ENTRIES}, "gpt_ini": content})
    done = host.step(session_logging="enabled")
    assert (host.files.ini or b"").decode() == content.replace("131077", "131078")
    assert (done.before.local.version, done.version) == (5, 6)


@pytest.mark.parametrize(("before", "after"), [(0xFFFF, 1), (0x5FFFF, 0x50001), (0x50000, 0x50001), (0xFFFE, 0xFFFF)])
def test_the_version_wraps_around(make_host: MakeHost, before: int, after: int) -> None:
    host = make_host(local_policy={"registry_pol": {"entries": FOREIGN_ENTRIES}, "gpt_ini": ini(before)})
    done = host.step(session_logging="enabled")
    assert host.version == after
    assert done.version == after & 0xFFFF
    assert host.live()["LoggingEnabled"] == 1


def test_an_entry_that_was_deleted_from_the_file_by_hand_is_written_again(make_host: MakeHost) -> None:
    host = make_host()
    host.apply(preset="helpdesk")
    host.put(POL, encode([]))
    done = host.step(preset="helpdesk")
    assert {item.where for item in done.plan.changes} == {("local_group_policy",)}


def test_a_live_value_that_was_changed_by_hand_is_put_right(make_host: MakeHost) -> None:
    host = make_host()
    host.apply(preset="helpdesk")
    for data in (7, "1", b"\1\0\0\0"):
        host.sim.registry.put(f"HKLM\\{RA}", "MaxTicketExpiry", data)
        version = host.version
        done = host.step(preset="helpdesk")
        (change,) = done.plan.changes
        assert (change.setting, change.where) == ("ticket_lifetime", ("registry",))
        assert host.live()["MaxTicketExpiry"] == 1
        assert host.version == version + 1  # Windows skips a version that it has applied


def test_a_full_disk_leaves_what_was_there(make_host: MakeHost) -> None:
    host = make_host(local_policy={"registry_pol": {"entries": FOREIGN_ENTRIES}})
    before = host.files
    host.sim.faults.set("disk_full", True)
    with pytest.raises(CommandFailed, match="could not be brought to the host") as caught:
        host.apply(preset="helpdesk")
    assert "disk full" in str(caught.value)
    assert (host.files, host.leftovers) == (before, [])
    host.sim.faults.set("disk_full", False)
    host.step(preset="helpdesk")


@pytest.mark.parametrize(
    ("name", "said", "changed"),
    [
        ("Machine\\Registry.pol", "Registry.pol could not be replaced, and is what it was", False),
        ("gpt.ini", "Registry.pol was replaced, gpt.ini was not", True),
    ],
)
def test_a_read_only_file(make_host: MakeHost, name: str, said: str, changed: bool) -> None:
    host = make_host(local_policy={"registry_pol": {"entries": FOREIGN_ENTRIES}, "read_only": [name]})
    before = host.files
    with pytest.raises(CommandFailed, match=said):
        host.apply(preset="helpdesk")
    assert host.files.ini == before.ini
    assert (host.files.pol != before.pol) == changed
    assert host.leftovers == []
    host.sim.files.get(f"C:\\Windows\\System32\\GroupPolicy\\{name}").read_only = False
    host.step(preset="helpdesk")


@pytest.mark.parametrize("name", ["Machine\\Registry.pol", "gpt.ini"])
def test_a_file_that_somebody_holds_open(make_host: MakeHost, name: str) -> None:
    host = make_host(local_policy={"registry_pol": {"entries": FOREIGN_ENTRIES}, "locked": [name]})
    with pytest.raises(CommandFailed, match=r"desk-01: tar.exe could not read .*(Registry.pol|gpt.ini)"):
        host.apply(preset="helpdesk")
    assert host.writes == []


def test_a_host_without_tar(make_host: MakeHost) -> None:
    host = make_host(missing=["tar.exe"], local_policy={"registry_pol": {"entries": FOREIGN_ENTRIES}})
    with pytest.raises(WindowsError, match=r"tar\.exe"):
        host.apply(preset="helpdesk")
    assert host.writes == []


def test_the_computer_half_switched_off_is_told(make_host: MakeHost) -> None:
    """gpt.ini with Options=2, as the editor's "Disable Computer Configuration settings" writes it."""
    content = ini(5) + "Options=2\r\n"
    host = make_host(local_policy={"registry_pol": {"entries": FOREIGN_ENTRIES}, "gpt_ini": content})
    with pytest.raises(PolicyNotInForce, match="solicited_remote_assistance is not_configured"):
        host.apply(preset="helpdesk")


@pytest.mark.parametrize(
    "quirk",
    [
        {"missing_pol_is_error": True},
        {"corrupt_pol_is_skipped": True},
        {"corrupt_gpt_ini_is_error": False},
        {"gpupdate_failure_code": 0},
        {"gpupdate_late_code": 1},
        {"rsop_deleted_name": "special"},
        {"rsop_namespace_missing": True},
        {"rsop_local_id": "Local Group Policy"},
        {"rsop_local_id": ""},
        {"local_version_needs_force": True},
        {"local_needs_extensions": False},
        {"cmd_output_shared": True},
        {"missing_value_return": 2},
        {"reg_output_order": "reverse"},
        {"reg_prints_empty_keys": True},
        {"first_reply_empty": True},
        {"receive_done_apart": True},
        {"projection_wrapper": "class"},
        {"namespace_case": "as-sent"},
    ],
    ids=str,
)
@pytest.mark.parametrize("pol", [None, {"entries": FOREIGN_ENTRIES}], ids=["new", "there"])
def test_every_possible_behaviour_of_windows(make_host: MakeHost, quirk: dict[str, Any], pol: Any) -> None:
    host = make_host(quirks=quirk, local_policy={"registry_pol": pol})
    host.step(preset="helpdesk", offer_remote_assistance="enabled", offer_helpers=["CORP\\Helpdesk"])
    host.step(preset="locked_down")
    host.step(solicited_remote_assistance="not_configured", offer_remote_assistance="not_configured")
    assert host.live(HELPERS) == {}
    assert "fAllowToGetHelp" not in host.live()
