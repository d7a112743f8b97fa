# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Group Policy of a simulated host: what a refresh takes up, removes, skips and refuses (MS-GPOL, MS-GPREG)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from simulator.windows.registry_pol import encode
from tests.simulator.windows_rig import (
    BASELINE,
    EXTENSION,
    FOLDER,
    INI,
    POL,
    RA,
    RA_KEY,
    TOOL,
    Rig,
    entry,
    ini,
)

SYSTEM_POLICY = "SOFTWARE\\Policies\\Microsoft\\Windows\\System"
HISTORY = f"HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Group Policy\\History\\{EXTENSION}"
FORCE = "gpupdate /target:computer /force"
REFRESH = "gpupdate /target:computer"


def _domain(name: str = "Workstations baseline", guid: str = BASELINE, **more: Any) -> dict[str, Any]:
    return {"name": name, "guid": guid, **more}


def test_a_changed_file_with_a_raised_version_is_applied() -> None:
    rig = Rig()
    rig.put_policy(entry("fAllowToGetHelp", 1), entry("MaxTicketExpiry", 2), version=1)
    done = rig.run(REFRESH)
    assert (done.code, done.err) == (0, "")
    assert "Computer Policy update has completed successfully." in done.out
    assert (rig.value("fAllowToGetHelp"), rig.value("MaxTicketExpiry")) == (1, 2)


def test_a_version_that_is_not_raised_is_not_looked_at() -> None:
    """ "If none of the GPO versions change, Group Policy will not reprocess": gpupdate, Windows Server 2003."""
    rig = Rig()
    rig.put_policy(entry("fAllowToGetHelp", 1), version=1)
    rig.run(REFRESH)
    rig.put_policy(entry("fAllowToGetHelp", 0), version=1)
    rig.run(REFRESH)
    assert rig.value("fAllowToGetHelp") == 1
    rig.run(FORCE)
    assert rig.value("fAllowToGetHelp") == 0


def test_a_raised_user_half_is_no_change_of_the_computer() -> None:
    """The upper half counts the user's settings (MS-GPOL 2.2.4 and 3.2.1.4)."""
    rig = Rig()
    rig.put_policy(entry("fAllowToGetHelp", 1), version=1)
    rig.run(REFRESH)
    rig.put_policy(entry("fAllowToGetHelp", 0), version=0x10001)
    rig.run(REFRESH)
    assert rig.value("fAllowToGetHelp") == 1


def test_drift_lasts_until_something_is_processed() -> None:
    rig = Rig(local_policy={"registry_pol": {"entries": [{"key": RA, "name": "fAllowToGetHelp", "data": 1}]}})
    rig.host.registry.put(RA_KEY, "fAllowToGetHelp", 0)
    rig.run(REFRESH)
    assert rig.value("fAllowToGetHelp") == 0
    rig.run(FORCE)
    assert rig.value("fAllowToGetHelp") == 1


def test_the_policy_that_wants_unchanged_gpos_processed() -> None:
    """ "Process even if the Group Policy objects have not changed" (GroupPolicy.admx) is NoGPOListChanges 0."""
    key = f"HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\Group Policy\\{EXTENSION}"
    rig = Rig(
        local_policy={"registry_pol": {"entries": [{"key": RA, "name": "fAllowToGetHelp", "data": 1}]}},
        registry={key: {"NoGPOListChanges": 0}},
    )
    rig.host.registry.put(RA_KEY, "fAllowToGetHelp", 0)
    rig.run(REFRESH)
    assert rig.value("fAllowToGetHelp") == 1


def test_what_the_file_no_longer_has_leaves_the_registry() -> None:
    rig = Rig()
    rig.put_policy(entry("fAllowToGetHelp", 1), entry("MaxTicketExpiry", 2), version=1)
    rig.run(REFRESH)
    rig.put_policy(entry("fAllowToGetHelp", 1), version=2)
    rig.run(REFRESH)
    assert (rig.value("fAllowToGetHelp"), rig.value("MaxTicketExpiry")) == (1, None)


def test_what_no_policy_set_stays() -> None:
    rig = Rig(policy={"MaxTicketExpiry": 9})
    rig.put_policy(entry("fAllowToGetHelp", 1), version=1)
    rig.run(REFRESH)
    rig.put_policy(version=2)
    rig.run(REFRESH)
    assert (rig.value("fAllowToGetHelp"), rig.value("MaxTicketExpiry")) == (None, 9)


def test_values_outside_the_policy_keys_stay() -> None:
    """They are preferences, which a GPO leaves behind ("Implementing Registry-Based Policy")."""
    rig = Rig()
    keys = {
        "Software\\Vendor": False,
        "Software\\Policies\\Vendor": True,
        "Software\\Microsoft\\Windows\\CurrentVersion\\Policies\\System": True,
        "Software\\PoliciesToo": False,
    }
    rig.put_policy(*(entry("x", 1, key) for key in keys), version=1)
    rig.run(REFRESH)
    assert all(rig.value("x", f"HKLM\\{key}") == 1 for key in keys)
    rig.put_policy(version=2)
    rig.run(REFRESH)
    assert {key: rig.value("x", f"HKLM\\{key}") is None for key in keys} == keys


def test_without_the_folder_everything_local_is_gone() -> None:
    rig = Rig(local_policy={"registry_pol": {"entries": [{"key": RA, "name": "fAllowToGetHelp", "data": 1}]}})
    assert rig.value("fAllowToGetHelp") == 1
    assert rig.run(f'rd /s /q "{FOLDER}"').code == 0
    assert rig.run(REFRESH).code == 0
    assert rig.value("fAllowToGetHelp") is None


def test_a_missing_file_means_no_settings() -> None:
    rig = Rig(local_policy={"registry_pol": {"entries": [{"key": RA, "name": "fAllowToGetHelp", "data": 1}]}})
    rig.run(f'del "{POL}"')
    assert rig.run(FORCE).code == 0
    assert rig.value("fAllowToGetHelp") is None


def test_a_missing_file_can_be_an_error() -> None:
    """MS-GPREG 3.2.5.1.2: "If the Open request returns a failure status" the sequence ends."""
    rig = Rig(
        local_policy={"registry_pol": {"entries": [{"key": RA, "name": "fAllowToGetHelp", "data": 1}]}},
        quirks={"missing_pol_is_error": True},
    )
    rig.run(f'del "{POL}"')
    assert rig.run(FORCE).code == 1
    assert rig.value("fAllowToGetHelp") == 1


@pytest.mark.parametrize("content", [b"", b"PReg\x01\0\0\0[\0", b"garbage"], ids=["empty", "cut", "other"])
def test_a_corrupt_file_stops_the_refresh(content: bytes) -> None:
    """Event 1096 of Microsoft-Windows-GroupPolicy; earlier values stay."""
    rig = Rig(local_policy={"registry_pol": {"entries": [{"key": RA, "name": "fAllowToGetHelp", "data": 1}]}})
    rig.host.files.store(POL, content)
    done = rig.run(FORCE)
    assert done.code == 1
    assert "for the Group Policy object LocalGPO" in done.out
    assert rig.value("fAllowToGetHelp") == 1
    assert 1096 in rig.host.events.ids("System")
    assert rig.content(POL) == content


def test_a_corrupt_file_can_be_passed_over_alone() -> None:
    """ "If the signature check fails, the file is invalid and MUST be skipped" (MS-GPREG 3.2.5.1.2)."""
    rig = Rig(
        local_policy={"registry_pol": {"entries": [{"key": RA, "name": "fAllowToGetHelp", "data": 1}]}},
        domain_policies=[_domain(values={"MaxTicketExpiry": 4})],
        quirks={"corrupt_pol_is_skipped": True},
    )
    rig.host.files.store(POL, b"garbage")
    assert rig.run(FORCE).code == 1
    assert (rig.value("fAllowToGetHelp"), rig.value("MaxTicketExpiry")) == (None, 4)


def test_a_refresh_that_failed_is_made_up_for() -> None:
    rig = Rig(local_policy={"registry_pol": {"entries": [{"key": RA, "name": "fAllowToGetHelp", "data": 1}]}})
    good = rig.content(POL)
    assert good is not None
    rig.host.registry.put(RA_KEY, "fAllowToGetHelp", 0)
    rig.host.files.store(POL, b"garbage")
    rig.run(FORCE)
    rig.host.files.store(POL, good)
    assert rig.run(REFRESH).code == 0
    assert rig.value("fAllowToGetHelp") == 1


def test_a_file_that_is_in_use_stops_the_refresh() -> None:
    rig = Rig(local_policy={"registry_pol": {"entries": [{"key": RA, "name": "fAllowToGetHelp", "data": 1}]},
                            "locked": ["Machine/Registry.pol"]})  # fmt: skip
    assert rig.value("fAllowToGetHelp") == 1
    assert rig.run(FORCE).code == 1


@pytest.mark.parametrize(
    ("content", "applies"),
    [
        (ini(1), True),
        (ini(1).replace(b"\r\n", b"\n"), True),
        (b"\xff\xfe" + ini(1).decode().encode("utf-16-le"), True),
        (b"; note\r\n[GENERAL]\r\nVERSION = 1 \r\ngpcmachineextensionnames = " + f"[{EXTENSION}{TOOL}]".encode(), True),
        (ini(1, f"[{EXTENSION.lower()}{TOOL}]"), True),
        (ini(1, f"[{{00000000-0000-0000-0000-000000000000}}{TOOL}][{EXTENSION}{TOOL}]"), True),
        (ini(1, f"[{{FFFFFFFF-0000-0000-0000-000000000000}}{TOOL}][{EXTENSION}{TOOL}]"), False),
        (ini(1, f"[{TOOL}{EXTENSION}]"), False),
        (ini(1, f"[{EXTENSION}]"), False),
        (ini(1, ""), False),
        (b"[General]\r\nVersion=1\r\n", False),
        (ini(0), False),
        (ini(0x50000), True),
        (ini(1).replace(b"Version", b"Options=2\r\nVersion"), False),
        (ini(1).replace(b"Version", b"Options=1\r\nVersion"), True),
        (b"\xef\xbb\xbf\r\n" + ini(1), True),
    ],
    ids=["plain", "lf", "utf-16", "spelling", "case", "sorted", "out-of-order", "swapped", "no-tool", "empty-list",
         "no-list", "version-0", "user-half-only", "computer-off", "user-off", "utf-8-mark-above"],
)  # fmt: skip
def test_gpt_ini_decides_whether_the_extension_runs(content: bytes, applies: bool) -> None:
    """MS-GPOL 2.2.4: format, order of CSE GUIDs, version; 3.2.5.1.6: empty and disabled GPOs are left out."""
    rig = Rig()
    rig.put_policy(entry("fAllowToGetHelp", 1), version=1)
    rig.host.files.store(INI, content)
    assert rig.run(FORCE).code == 0
    assert rig.value("fAllowToGetHelp") == (1 if applies else None)


@pytest.mark.parametrize("content", [b"", b"[General]\r\n", b"[Other]\r\nVersion=1\r\n", b"[General]\r\nVersion=x\r\n",
                                     b"\xef\xbb\xbf" + ini(1)])  # fmt: skip
def test_a_corrupt_gpt_ini_ends_the_refresh(content: bytes) -> None:
    """MS-GPOL 2.2.4: "the file is considered corrupt, and the protocol exchange MUST be terminated"."""
    rig = Rig(domain_policies=[_domain(values={"MaxTicketExpiry": 4})])
    rig.put_policy(entry("fAllowToGetHelp", 1), version=1)
    rig.host.files.store(INI, content)
    assert rig.run(FORCE).code == 1
    rig.host.quirks["corrupt_gpt_ini_is_error"] = False
    assert rig.run(FORCE).code == 0
    assert rig.value("fAllowToGetHelp") is None


# The domain ------------------------------------------------------------------------------------------


def test_the_domain_wins_and_the_local_value_comes_back_without_it() -> None:
    """Local first, then site, domain and OU: the last one wins (MS-GPOL 3.2.5.2)."""
    rig = Rig(
        local_policy={"registry_pol": {"entries": [{"key": RA, "name": "fAllowToGetHelp", "data": 1}]}},
        domain_policies=[_domain(values={"fAllowToGetHelp": 0})],
    )
    assert rig.value("fAllowToGetHelp") == 0
    rig.host.group_policy.domain.clear()
    rig.run(REFRESH)
    assert rig.value("fAllowToGetHelp") == 1


def test_of_two_domain_policies_the_later_or_the_enforced_one_wins() -> None:
    first, second = _domain("A", values={"MaxTicketExpiry": 1}), _domain("B", values={"MaxTicketExpiry": 2})
    assert Rig(domain_policies=[first, second]).value("MaxTicketExpiry") == 2
    assert Rig(domain_policies=[{**first, "enforced": True}, second]).value("MaxTicketExpiry") == 1


def test_a_domain_policy_owns_what_it_sets() -> None:
    """A raw write is overwritten the next time the extension runs."""
    rig = Rig(domain_policies=[_domain(values={"fAllowToGetHelp": 0})])
    rig.host.registry.put(RA_KEY, "fAllowToGetHelp", 1)
    rig.run(FORCE)
    assert rig.value("fAllowToGetHelp") == 0


def test_no_domain_controller_no_refresh() -> None:
    """Event 1129; not even local policy is processed (MS-GPOL 3.2.5.1)."""
    rig = Rig(faults={"domain_controller_down": True})
    rig.put_policy(entry("fAllowToGetHelp", 1), version=1)
    done = rig.run(REFRESH)
    assert done.code == 1
    assert "lack of network connectivity to a domain controller" in done.out
    assert rig.value("fAllowToGetHelp") is None
    rig.host.faults.set("domain_controller_down", False)
    rig.run(REFRESH)
    assert rig.value("fAllowToGetHelp") == 1


def test_local_policy_can_be_switched_off() -> None:
    """ "Turn off Local Group Policy Objects processing" (GroupPolicy.admx): DisableLGPOProcessing 1."""
    rig = Rig(
        local_policy={"registry_pol": {"entries": [{"key": RA, "name": "fAllowToGetHelp", "data": 1}]}},
        domain_policies=[_domain(entries=[{"key": SYSTEM_POLICY, "name": "DisableLGPOProcessing", "data": 1}])],
    )
    rig.run(FORCE)  # the first refresh brings the policy, the next one follows it
    assert rig.value("fAllowToGetHelp") is None
    assert rig.value("DisableLGPOProcessing", f"HKLM\\{SYSTEM_POLICY}") == 1


def test_the_history_names_the_applied_policies() -> None:
    """KB 201453, "Group Policy History Stored in Registry"."""
    rig = Rig(
        local_policy={"registry_pol": {"entries": [{"key": RA, "name": "a", "data": 1}]}},
        domain_policies=[_domain(values={"a": 0}, version=7)],
    )
    assert rig.value("DisplayName", f"{HISTORY}\\0") == "Local Group Policy"
    assert rig.value("DisplayName", f"{HISTORY}\\1") == "Workstations baseline"
    assert rig.value("GPOName", f"{HISTORY}\\1") == BASELINE
    assert rig.value("Version", f"{HISTORY}\\1") == 0x70007


# Time and refusals -----------------------------------------------------------------------------------


def test_policy_is_refreshed_in_the_background() -> None:
    rig = Rig()
    rig.put_policy(entry("fAllowToGetHelp", 1), version=1)
    rig.host.clock.advance(89 * 60)
    assert rig.value("fAllowToGetHelp") is None
    rig.host.clock.advance(2 * 60)
    assert rig.value("fAllowToGetHelp") == 1
    assert rig.host.writes.log == []  # nobody asked for it


def test_files_that_came_after_the_last_refresh_are_not_applied_yet() -> None:
    rig = Rig(local_policy={"registry_pol": {"entries": [{"key": RA, "name": "a", "data": 1}]}, "applied": False},
              domain_policies=[_domain(values={"b": 2})])  # fmt: skip
    assert (rig.value("a"), rig.value("b")) == (None, 2)
    rig.run(REFRESH)
    assert (rig.value("a"), rig.value("b")) == (1, 2)


def test_waiting_can_be_limited_and_the_refresh_goes_on() -> None:
    rig = Rig(faults={"gpupdate_delay": 0.2})
    rig.put_policy(entry("fAllowToGetHelp", 1), version=1)

    async def scene() -> tuple[int, Any, Any]:
        done = await rig.command("gpupdate /target:computer /wait:0")
        before = rig.value("fAllowToGetHelp")
        await asyncio.gather(*rig.host.group_policy.running)
        return done.code, before, rig.value("fAllowToGetHelp")

    assert rig.live(scene()) == (0, None, 1)


@pytest.mark.parametrize("code", [0, 1])
def test_a_wait_that_is_over_ends_with_one_of_two_codes(code: int) -> None:
    rig = Rig(faults={"gpupdate_delay": 5.0}, quirks={"gpupdate_late_code": code})

    async def scene() -> tuple[int, str]:
        waiting = asyncio.ensure_future(rig.command("gpupdate /target:computer /wait:3"))
        for _ in range(20):
            await asyncio.sleep(0)
        await rig.host.clock.advance_async(4)
        done = await waiting
        before = rig.host.group_policy.refreshes
        await rig.host.clock.advance_async(2)
        await asyncio.gather(*rig.host.group_policy.running)
        assert (before, rig.host.group_policy.refreshes) == (0, 1)
        return done.code, done.out

    found, out = rig.live(scene())
    assert found == code
    assert "expected time" in out


def test_two_refreshes_take_turns() -> None:
    rig = Rig(faults={"gpupdate_delay": 0.05})

    async def scene() -> list[int]:
        found = await asyncio.gather(rig.command(FORCE), rig.command(FORCE))
        return [done.code for done in found]

    assert rig.live(scene()) == [0, 0]
    assert rig.host.group_policy.refreshes == 2


@pytest.mark.parametrize("options", ["/target:host", "/wait:soon", "/forse", "/force:yes"])
def test_wrong_options_do_nothing(options: str) -> None:
    rig = Rig()
    done = rig.run(f"gpupdate {options}")
    assert done.code == 1
    assert "Gpupdate [/Target" in done.out
    assert (rig.host.writes.log, rig.host.group_policy.refreshes) == ([], 0)


def test_a_refresh_counts_as_a_write_and_is_refused_with_the_others() -> None:
    rig = Rig()
    rig.run(REFRESH)
    assert rig.host.writes.log == ["gpupdate"]
    rig.host.faults.set("deny_writes", True)
    assert rig.run(FORCE).code == 1
    assert rig.host.writes.log == ["gpupdate"]
    assert rig.host.counters["denied_writes"] == 1


def test_the_exit_code_after_a_failure_can_be_0() -> None:
    rig = Rig(faults={"domain_controller_down": True}, quirks={"gpupdate_failure_code": 0})
    assert rig.run(REFRESH).code == 0


def test_it_speaks_the_language_of_the_host() -> None:
    rig = Rig(language="de-DE")
    assert "Computerrichtlinie wurde erfolgreich" in rig.run(REFRESH).out
    assert "Benutzerrichtlinie" in rig.run("gpupdate").out


def test_the_users_half_alone_leaves_the_computer() -> None:
    rig = Rig()
    rig.put_policy(entry("fAllowToGetHelp", 1), version=1)
    assert rig.run("gpupdate /target:user /force").code == 0
    assert rig.value("fAllowToGetHelp") is None


def test_the_file_is_what_the_description_gives() -> None:
    pol = encode([entry("a", 1)])
    rig = Rig(local_policy={"registry_pol": {"hex": pol.hex()}, "gpt_ini": "[General]\nVersion=3\n"})
    assert (rig.content(POL), rig.content(INI)) == (pol, b"[General]\nVersion=3\n")
    assert rig.value("a") is None  # the extension is not named
