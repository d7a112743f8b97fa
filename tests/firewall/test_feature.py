# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The optional feature on servers: added, removed, waiting for a restart, refused; client editions always have it."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.feature import FeatureOutcome
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import (
    AccessDenied,
    AssistError,
    FeatureNotChanged,
    TransportError,
)

from simulator.windows.accounts import SYSTEM
from simulator.windows.systems import SYSTEMS
from tests.firewall.rig import FACTORY, Host

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
MakeHost = Callable[..., Host]
NAME = "RemoteAssistance"
MSRA_EXE = "C:\\Windows\\System32\\msra.exe"
SERVERS = [name for name, system in SYSTEMS.items() if system.server]
CLIENTS = [name for name, system in SYSTEMS.items() if not system.server]
UNCERTAIN: list[dict[str, Any]] = [
    {"feature_name": name, "feature_restart": restart, "feature_pending_key": key, "feature_pending_state": state}
    for name, (restart, key, state) in itertools.product(
        ("RemoteAssistance", "Remote-Assistance"),
        ((False, True, "old"), (True, True, "old"), (True, True, "new"), (True, False, "old"), (True, False, "new")),
    )
]


def unseen(quirks: dict[str, Any]) -> bool:
    """Whether nothing that is read at once tells of a change that waits for a restart."""
    return not quirks["feature_pending_key"] and quirks["feature_pending_state"] == "old"


def begin_state(begin: str) -> str:
    """A state of DISM in the module's words."""
    return "present" if begin.startswith("enable") else "absent"


def server(make_host: MakeHost, state: str, system: str = "server-2022", **more: Any) -> Host:
    """A server on which the feature is in this state."""
    return make_host(os=system, features={NAME: state}, **more)


def state_of(host: Host) -> str:
    """What DISM has."""
    return str(host.sim.features.assistance.state)


def step(host: Host, state: str) -> FeatureOutcome:
    """A check run, a real run and a second one that finds nothing to do."""
    before, written = state_of(host), len(host.writes)
    checked = host.feature(state, check=True)
    assert (state_of(host), len(host.writes)) == (before, written)
    done = host.feature(state)
    assert (checked.changed, checked.before, checked.after) == (done.changed, done.before, done.after)
    assert checked.diff() == done.diff()
    assert_settled(host, state)
    return done


def assert_settled(host: Host, state: str) -> None:
    """One more run does not even try to write."""
    written, denied = len(host.writes), host.sim.counters["denied_writes"]
    host.sim.faults.set("deny_writes", True)
    again = host.feature(state)
    host.sim.faults.set("deny_writes", False)
    assert (again.changed, again.before, again.after) == (False, state, state)
    assert again.diff()["before"] == again.diff()["after"]
    assert (len(host.writes), host.sim.counters["denied_writes"]) == (written, denied)


@pytest.mark.parametrize("language", ["en-US", "de-DE"])
@pytest.mark.parametrize("system", SERVERS)
def test_added_and_removed(make_host: MakeHost, system: str, language: str) -> None:
    host = server(make_host, "disabled", system, language=language)
    done = step(host, "present")
    assert done.as_data() == {
        "changed": True,
        "before": "absent",
        "state": "present",
        "restart_required": False,
        "edition": "server",
    }
    assert done.diff() == {
        "before": "Remote Assistance feature: absent\n",
        "after": "Remote Assistance feature: present\n",
    }
    assert host.sim.files.exists(MSRA_EXE)
    assert host.rules == dict(FACTORY)
    step(host, "absent")
    assert not host.sim.files.exists(MSRA_EXE)
    assert host.rules == {}


@pytest.mark.parametrize("quirks", UNCERTAIN, ids=str)
@pytest.mark.parametrize(("begin", "wanted"), [("disabled", "present"), ("enabled", "absent")])
def test_a_restart_that_is_needed_is_told_until_it_has_been(
    make_host: MakeHost, quirks: dict[str, Any], begin: str, wanted: str
) -> None:
    host = server(make_host, begin, quirks=quirks)
    restart = quirks["feature_restart"]
    done = step(host, wanted)
    assert done.restart_required is restart
    assert state_of(host).endswith("Pending") is restart
    assert host.feature(wanted).restart_required is restart
    info = host.feature_info()
    assert info.server
    assert info.state == (begin_state(begin) if restart and unseen(quirks) else wanted)
    host.sim.restart()
    assert_settled(host, wanted)
    assert host.feature(wanted).restart_required is False
    assert host.sim.files.exists(MSRA_EXE) is (wanted == "present")


@pytest.mark.parametrize("quirks", UNCERTAIN, ids=str)
@pytest.mark.parametrize(("begin", "wanted"), [("enable_pending", "absent"), ("disable_pending", "present")])
def test_another_mind_before_the_restart(make_host: MakeHost, quirks: dict[str, Any], begin: str, wanted: str) -> None:
    """What waits for the restart is taken back, where the host lets it be seen."""
    host = server(make_host, begin, quirks=quirks)
    if not quirks["feature_pending_key"] and (begin == "disable_pending" or unseen(quirks)):
        # docs/windows-unverified.md: it looks as wanted until the restart; the run after that mends it.
        host.feature(wanted)
        host.sim.restart()
    step(host, wanted)
    host.sim.restart()
    assert_settled(host, wanted)
    assert host.sim.files.exists(MSRA_EXE) is (wanted == "present")


@pytest.mark.parametrize("system", CLIENTS)
def test_client_editions_always_have_it(make_host: MakeHost, system: str) -> None:
    host = make_host(os=system)
    done = host.feature("present")
    assert done.as_data() == {
        "changed": False,
        "before": "present",
        "state": "present",
        "restart_required": False,
        "edition": "client",
    }
    info = host.feature_info()
    assert (info.state, info.program, info.feature, info.server) == ("present", True, None, False)
    for check in (True, False):
        with pytest.raises(FeatureNotChanged, match="part of client editions of Windows and can not be removed"):
            host.feature("absent", check=check)
    assert host.writes == []


def test_a_client_edition_from_which_it_was_cut_out(make_host: MakeHost) -> None:
    host = make_host(missing=["msra.exe"])
    with pytest.raises(FeatureNotChanged, match=r"msra.exe is missing on a client edition"):
        host.feature("present")
    assert host.feature_info().state == "absent"


def test_a_server_from_which_the_program_was_cut_out(make_host: MakeHost) -> None:
    """The feature is installed and msra.exe is not there: that is no success."""
    host = server(make_host, "enabled")
    host.sim.files.delete(MSRA_EXE, SYSTEM)
    with pytest.raises(FeatureNotChanged, match=r"is installed, and msra.exe is not there") as error:
        host.feature("present")
    assert "sfc /scannow" in str(error.value)


def test_a_server_without_the_feature(make_host: MakeHost) -> None:
    """Server Core has none."""
    host = make_host(os="server-2022", missing=["msra.exe"])
    host.sim.features._all.pop("remoteassistance")
    with pytest.raises(FeatureNotChanged, match="has no optional feature RemoteAssistance") as error:
        host.feature("present")
    assert "Server Core" in str(error.value)
    assert host.feature("absent").changed is False


def test_files_that_are_not_on_the_host(make_host: MakeHost) -> None:
    host = server(make_host, "removed")
    assert host.feature("present", check=True).changed
    with pytest.raises(FeatureNotChanged, match=r"could not be added: .*CBS_E_SOURCE_MISSING"):
        host.feature("present")
    assert_settled(host, "absent")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (740, "the account is no whole administrator (ERROR_ELEVATION_REQUIRED)"),
        (0x800F0922 - (1 << 32), "Windows could not finish it (CBS_E_INSTALLERS_FAILED)"),
        (0x800F0922, "Windows could not finish it (CBS_E_INSTALLERS_FAILED)"),
        (0x80070070 - (1 << 32), "the system disk is full (ERROR_DISK_FULL)"),
        (1726, "exit code 0x6be, Something went wrong."),
    ],
    ids=str,
)
def test_what_dism_refuses(make_host: MakeHost, monkeypatch: pytest.MonkeyPatch, code: int, said: str) -> None:
    """The reason is in words, and an exit code that has none comes with what dism.exe wrote."""

    async def refused(context: Any, *_: Any) -> int:
        context.out("\r\nSomething went wrong.\r\n")
        return code

    monkeypatch.setattr("simulator.windows.programs.dism._change", refused)
    host = server(make_host, "disabled")
    with pytest.raises(FeatureNotChanged) as error:
        host.feature("present")
    assert f"the feature RemoteAssistance could not be added: {said}" in str(error.value)
    assert state_of(host) == "Disabled"


def test_a_dism_that_only_says_that_it_did(make_host: MakeHost, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(*_: Any) -> int:
        return 0

    monkeypatch.setattr("simulator.windows.programs.dism._change", nothing)
    host = server(make_host, "disabled")
    with pytest.raises(FeatureNotChanged, match="ended well, and Remote Assistance is still absent"):
        host.feature("present")


def test_writes_that_are_refused(make_host: MakeHost) -> None:
    host = server(make_host, "disabled")
    host.sim.faults.set("deny_writes", True)
    outcome = attempt(host, "present")
    assert isinstance(outcome, FeatureNotChanged | AccessDenied), outcome
    assert state_of(host) == "Disabled"


def attempt(host: Host, state: str) -> AssistError | FeatureOutcome:
    """A run; an error is a result too."""
    try:
        return host.feature(state)
    except AssistError as error:
        return error


def test_a_slow_installation_is_waited_for(make_host: MakeHost) -> None:
    """Minutes of the host: its clock goes on when dism.exe has started."""
    host = server(make_host, "disabled")
    host.sim.faults.set("dism_delay", 240.0)
    running = threading.Event()
    host.sim.hooks.at_operation("Receive", running.set, number=3)

    def pass_time() -> None:
        assert running.wait(20)
        host.sim.clock.advance(241)

    thread = threading.Thread(target=pass_time)
    thread.start()
    done = host.feature("present")
    thread.join()
    assert done.changed
    assert state_of(host) == "Enabled"


@pytest.mark.parametrize("fault", ["drop_connection_at", "drop_reply_at", "vanish_after"])
@pytest.mark.parametrize(("begin", "wanted"), [("disabled", "present"), ("enabled", "absent")])
def test_a_run_that_is_cut_at_every_request(
    make_host: MakeHost, make_hosts: Callable[..., list[Host]], fault: str, begin: str, wanted: str
) -> None:
    description = {"os": "server-2022", "features": {NAME: begin}}
    model = make_host(**description)
    assert model.feature(wanted).changed
    requests, seen = model.requests, set()
    for number, host in enumerate(make_hosts(requests, **description), start=1):
        host.sim.faults.set(fault, number)
        outcome = attempt(host, wanted)
        host.sim.faults.set(fault, 0)
        host.sim.faults.vanished = False
        host.sim.clock.advance(600)
        if isinstance(outcome, AssistError):
            assert isinstance(outcome, TransportError), (number, outcome)
        seen.add(state_of(host))
        assert host.feature(wanted).after == wanted
        assert_settled(host, wanted)
        assert state_of(host) == state_of(model)
    assert seen == {"Enabled", "Disabled"}
