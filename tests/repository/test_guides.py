# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guides name what there is: connection variables, uncertain facts and their switches, kinds of errors."""

from __future__ import annotations

import dataclasses
import inspect
import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils import _errors
from winrm.protocol import Protocol

from simulator.quirks import QUIRKS
from simulator.seam import Faults
from tests.support.playbook import ROOT, installed_ansibles
from tests.verify_host.report import ALL_CHECKS

POOL_FILE_WORDS = {"os", "language", "missing", "policy", "settings", "filtered", "kind", "session_logs", "events"}
NOT_PASSED_ON = {"self", "endpoint", "transport", "username", "password", "keytab"}
"""Arguments of pywinrm's Protocol that Ansible sets by other variables, or never."""
NEWEST_ANSIBLE = "2.21"
IN_THE_NEWEST_ALONE = {"ansible_psrp_certificate_key_password", "ansible_psrp_no_profile"}


def _page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def _plugin_variables(plugin: str, ansible: Path, home: Path) -> set[str]:
    done = subprocess.run(
        [ansible / "ansible-doc", "--json", "-t", "connection", plugin],
        env={"PATH": os.environ["PATH"], "HOME": str(home)},
        capture_output=True,
        check=True,
        timeout=60,
    )
    (entry,) = json.loads(done.stdout).values()
    return {item["name"] for option in entry["doc"]["options"].values() for item in option.get("vars", [])}


@pytest.mark.parametrize("plugin", ["winrm", "psrp"])
def test_every_connection_variable_is_explained(plugin: str, tmp_path: Path) -> None:
    page = _page("connections.md")
    for ansible in installed_ansibles().values():
        names = _plugin_variables(plugin, ansible, tmp_path) - {"inventory_hostname"}
        assert {name for name in names if f"`{name}`" not in page} == set()


def test_every_pywinrm_argument_is_explained() -> None:
    page = _page("connections.md")
    arguments = set(inspect.signature(Protocol.__init__).parameters) - NOT_PASSED_ON
    assert {name for name in arguments if f"`ansible_winrm_{name}`" not in page} == set()


def test_no_connection_variable_is_invented(tmp_path: Path) -> None:
    named = set(re.findall(r"`(ansible_(?:winrm|psrp)_\w+)`", _page("connections.md")))
    known = {f"ansible_winrm_{name}" for name in inspect.signature(Protocol.__init__).parameters}
    for ansible in installed_ansibles().values():
        known |= _plugin_variables("winrm", ansible, tmp_path) | _plugin_variables("psrp", ansible, tmp_path)
    if NEWEST_ANSIBLE not in {version.rpartition(".")[0] for version in installed_ansibles()}:
        known |= IN_THE_NEWEST_ALONE  # it needs Python 3.12, which this machine does not have
    assert named - known == set()


def test_every_question_of_verify_host_is_explained() -> None:
    rows = set(re.findall(r"^\| ([a-z-]+) \|", _page("windows-unverified.md"), flags=re.MULTILINE))
    assert {check.name for check in ALL_CHECKS} - rows == set()


def test_every_switch_is_named_and_exists() -> None:
    page = _page("windows-unverified.md")
    assert {name for name in QUIRKS if f"`{name}`" not in page} == set()
    switches = set()
    for row in re.findall(r"^\|.*\|$", page, flags=re.MULTILINE):
        last = row.strip("|").split("|")[-1]
        switches |= {name.split(":")[0] for name in re.findall(r"`([^`]+)`", last)}
    known = set(QUIRKS) | {item.name for item in dataclasses.fields(Faults)} | POOL_FILE_WORDS
    assert switches - known == set()


def _kinds(error: type[_errors.AssistError]) -> set[str]:
    below = set().union(*(_kinds(child) for child in error.__subclasses__()), set())
    return {error.kind} | below


def test_every_kind_of_error_has_advice() -> None:
    page = _page("troubleshooting.md")
    abstract = {"error", "transport", "protocol", "format", "windows", "assistance"}
    missing = {kind for kind in _kinds(_errors.AssistError) - abstract if f"`{kind}`" not in page}
    assert missing == set()
