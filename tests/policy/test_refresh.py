# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The refresh: one that fails, one that needs /force, one that takes its time; and accounts that may not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils import _errors as errors

from simulator.windows.group_policy import GroupPolicy
from tests.policy.rig import FOREIGN_ENTRIES, RA, UAC, Host
from tests.support.pools import ACCOUNTS, SERVICE_PASSWORD

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
MakeHost = Callable[..., Host]


def refreshes(host: Host) -> list[str]:
    """What gpupdate did so far."""
    return [item for item in host.writes if item.startswith("gpupdate")]


def test_one_refresh_without_force_is_enough(make_host: MakeHost) -> None:
    host = make_host()
    host.apply(preset="helpdesk")
    assert refreshes(host) == ["gpupdate"]


def test_a_refresh_that_needs_force(make_host: MakeHost, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows might take a raised local version for known; a refresh with /force then applies it."""
    host = make_host()
    refresh = GroupPolicy.refresh
    monkeypatch.setattr(
        GroupPolicy, "refresh", lambda self, *, force=False, **more: refresh(self, force=True, **more) if force else
        type(refresh(self, force=False, with_local=False))(),
    )  # fmt: skip
    done = host.apply(preset="helpdesk")
    assert refreshes(host) == ["gpupdate", "gpupdate /force"]
    assert done.refreshed
    assert host.live()["fAllowToGetHelp"] == 1


@pytest.mark.parametrize("code", [1, 0])
@pytest.mark.parametrize("language", ["en-US", "de-DE"])
def test_a_refresh_that_fails_is_told_and_mended_by_the_next_run(make_host: MakeHost, code: int, language: str) -> None:
    host = make_host(language=language, quirks={"gpupdate_failure_code": code})
    host.sim.faults.set("domain_controller_down", True)
    with pytest.raises(errors.PolicyNotInForce, match="Windows does not go by it") as caught:
        host.apply(preset="helpdesk")
    assert f"gpupdate ended with {code} and said: " in str(caught.value)
    assert caught.value.host == "desk-01"
    assert host.of(RA)["fAllowToGetHelp"] == 1
    assert "fAllowToGetHelp" not in host.live()
    assert host.info()["local_group_policy"]["pending"] == [
        "solicited_remote_assistance",
        "offer_remote_assistance",
        "session_logging",
        "vista_or_later_only",
    ]
    host.sim.faults.set("domain_controller_down", False)
    done = host.step(preset="helpdesk")
    assert {item.where for item in done.plan.changes} == {("registry",)}
    assert host.info()["local_group_policy"]["pending"] == []


def test_a_refresh_that_complains_and_works_all_the_same(make_host: MakeHost) -> None:
    """A domain's GPO with a corrupt Registry.pol, on a host that skips such a one."""
    broken = {"name": "Broken", "guid": "{22222222-2222-3333-4444-555555555555}", "values": {}}
    host = make_host(quirks={"corrupt_pol_is_skipped": True}, domain_policies=[broken])
    host.sim.group_policy.domain[0].instructions = None
    done = host.apply(session_logging="enabled")
    assert done.warnings == ("gpupdate ended with 1, and the settings are in force all the same.",)
    assert host.live()["LoggingEnabled"] == 1


def test_a_slow_refresh_is_waited_for(make_host: MakeHost) -> None:
    host = make_host()
    host.sim.faults.set("gpupdate_delay", 0.3)
    assert host.apply(preset="helpdesk").refreshed
    assert refreshes(host) == ["gpupdate"]


def test_local_policy_that_is_not_processed_is_refused(make_host: MakeHost) -> None:
    system = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\System"
    host = make_host(registry={system: {"DisableLGPOProcessing": 1}})
    for check in (True, False):
        with pytest.raises(errors.PolicyNotInForce, match="does not process local Group Policy") as caught:
            host.apply(preset="helpdesk", check=check)
        assert "scope: registry" in str(caught.value)
    assert host.writes == []
    assert host.info()["local_group_policy"]["processing_off"] is True
    host.step(scope="registry", preset="helpdesk")
    assert host.files.pol is None
    assert host.live()["fAllowToGetHelp"] == 1


def test_it_is_a_warning_where_there_is_nothing_to_do(make_host: MakeHost) -> None:
    host = make_host()
    host.apply(preset="helpdesk")
    host.sim.registry.put("HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\System", "DisableLGPOProcessing", 1)
    done = host.apply(preset="helpdesk")
    assert not done.plan.changed
    assert "Turn off Local Group Policy Objects processing" in done.as_data()["warnings"][0]


def test_the_registry_alone(make_host: MakeHost) -> None:
    host = make_host(os="server-2022", local_policy={"registry_pol": {"entries": FOREIGN_ENTRIES}})
    before = host.files
    done = host.step(
        scope="registry", preset="helpdesk", offer_remote_assistance="enabled", offer_helpers=["CORP\\A", "CORP\\B"]
    )
    assert not done.refreshed
    assert {item.where for item in done.plan.changes} == {("registry",)}
    assert host.live(f"{RA}\\RAUnsolicit") == {"CORP\\A": "CORP\\A", "CORP\\B": "CORP\\B"}
    host.step(scope="registry", offer_helpers=["CORP\\B"])
    assert host.live(f"{RA}\\RAUnsolicit") == {"CORP\\B": "CORP\\B"}
    host.step(scope="registry", preset="locked_down")
    host.step(
        scope="registry",
        solicited_remote_assistance="not_configured",
        offer_remote_assistance="not_configured",
        session_logging="not_configured",
        vista_or_later_only="not_configured",
    )
    assert host.live() == {"fDenyTSConnections": 0}
    assert host.live(f"{RA}\\RAUnsolicit") == {}
    assert host.files == before
    assert refreshes(host) == []


def test_values_of_another_type_are_written_anew(make_host: MakeHost) -> None:
    host = make_host(registry={f"HKLM\\{RA}": {"fAllowToGetHelp": "1", "MaxTicketExpiry": b"\1", "ViewMessage": 3}})
    assert host.info()["settings"]["solicited_remote_assistance"]["in_force"] == "invalid"
    host.step(scope="registry", preset="helpdesk", warning_messages="enabled", warning_before_connecting="Hello")
    assert host.live()["fAllowToGetHelp"] == 1
    assert host.live()["MaxTicketExpiry"] == 1
    assert host.live()["ViewMessage"] == "Hello"


def test_local_policy_that_says_otherwise_is_a_warning(make_host: MakeHost) -> None:
    host = make_host()
    host.apply(solicited_remote_assistance="disabled")
    done = host.step(scope="registry", preset="helpdesk")
    (warning,) = done.as_data()["warnings"]
    assert "comes back at its next processing: Configure Solicited Remote Assistance" in warning


def test_something_that_puts_values_back_is_told(make_host: MakeHost) -> None:
    host = make_host()
    write = host.sim.registry.set_value

    def undone(*arguments: Any) -> None:
        write(*arguments)
        host.sim.registry.put(f"HKLM\\{UAC}", "PromptOnSecureDesktop", 1)

    host.sim.registry.set_value = undone
    with pytest.raises(errors.PolicyNotInForce, match="PromptOnSecureDesktop was written as 0 and is 1"):
        host.apply(uac_secure_desktop="disabled")


@pytest.mark.parametrize("options", [{"preset": "helpdesk"}, {"scope": "registry", "preset": "helpdesk"}])
@pytest.mark.parametrize("filtered", [True, False])
def test_an_account_that_is_no_administrator(
    make_pool: Any, connect: Any, options: dict[str, Any], filtered: bool
) -> None:
    plain = {"name": "plain", "password": SERVICE_PASSWORD, "administrator": filtered, "filtered": filtered}
    pool = make_pool({"name": "desk-01"}, accounts=[*ACCOUNTS, plain])
    host = Host(pool.hosts["desk-01"], connect)
    client = connect(host.sim, user="CORP\\plain")
    with pytest.raises(errors.AccessDenied) as caught:
        host.apply(client=client, **options)
    assert "administrator" in str(caught.value)
    assert host.writes == []


def test_every_write_that_is_refused_is_told(make_host: MakeHost) -> None:
    """Hardening that lets an administrator read and nothing else."""
    host = make_host(local_policy={"registry_pol": {"entries": FOREIGN_ENTRIES}})
    before = host.files
    host.sim.faults.set("deny_writes", True)
    with pytest.raises(errors.CommandFailed, match="could not be brought to the host"):
        host.apply(preset="helpdesk")
    for options in ({"scope": "registry", "preset": "helpdesk"}, {"uac_secure_desktop": "disabled"}):
        with pytest.raises(errors.AccessDenied):
            host.apply(**options)
    assert (host.files, host.writes, host.leftovers) == (before, [], [])


def test_a_key_that_is_protected_is_told(make_host: MakeHost) -> None:
    host = make_host()
    may_write = host.sim.registry.may_write
    host.sim.registry.may_write = lambda path, caller: "Policies\\System" not in path and may_write(path, caller)
    with pytest.raises(errors.CommandFailed, match=r"HKLM\\SOFTWARE.*Policies\\System.* failed: access is denied"):
        host.apply(uac_secure_desktop="disabled")
    assert host.writes == []
