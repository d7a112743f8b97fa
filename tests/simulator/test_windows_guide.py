# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""simulator/README.md against the code: every fault, every control address, and what it says of Group Policy."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from simulator import control
from simulator.faults import switch_names
from simulator.pool import PoolFileError, describe, load_pool
from simulator.windows.host import WindowsHost
from tests.support.playbook import ROOT

GUIDE = (ROOT / "simulator/README.md").read_text(encoding="utf-8")


def test_every_fault_has_a_row() -> None:
    below = GUIDE.partition("## Faults")[2].partition("## Where things are")[0]
    named = {
        word for row in re.findall(r"^\| (`[^|]*) \|", below, flags=re.MULTILINE) for word in re.findall(r"\w+", row)
    }
    assert set(switch_names()) - named == set()


def test_control_addresses_are_those_there_are() -> None:
    shown = set(re.findall(r"`((?:GET|POST) /[\w/]+)`", GUIDE))
    listed = set(re.findall(r"``((?:GET|POST) /[\w/]+)``", control.__doc__ or ""))
    assert shown == listed


def test_the_counters_are_named() -> None:
    for name in ("requests", "reads", "writes", "shell", "denied_writes"):
        assert f"`{name}`" in GUIDE


def test_the_pool_that_is_shown_has_the_policies_it_says() -> None:
    (text,) = re.findall(r"^```yaml\n(.*?)^```$", GUIDE, flags=re.MULTILINE | re.DOTALL)
    pool = describe(yaml.safe_load(text))
    host = WindowsHost(pool.hosts[0], pool)
    key = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services"
    assert host.registry.read(key, "LoggingEnabled") == 1
    assert host.registry.read(key, "fAllowUnsolicited") == 0
    assert host.registry.read("HKLM\\SOFTWARE\\Policies\\Vendor", "Servers") == ["one", "two"]


POL = {"entries": [{"key": "Software\\Policies\\X", "name": "a", "data": 1}]}


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ({"local_policy": {"registry": ""}}, "unknown key 'registry'; known are applied"),
        ({"local_policy": {"registry_pol": {"hex": "zz"}}}, "no hexadecimal digits"),
        ({"local_policy": {"registry_pol": {"base64": "?"}}}, "no base64"),
        ({"local_policy": {"registry_pol": {"file": "absent.pol"}}}, "absent.pol: No such file"),
        ({"local_policy": {"registry_pol": {"hex": "", "text": ""}}}, "one of file, base64"),
        ({"local_policy": {"registry_pol": {"entries": [{"key": "x"}]}}}, "a key and a name"),
        (
            {"local_policy": {"registry_pol": {"entries": [{"key": "x", "name": "y", "type": "DWORD"}]}}},
            "type is one of",
        ),
        (
            {"local_policy": {"registry_pol": {"entries": [{"key": "x", "name": "y", "data": 1.5}]}}},
            "no registry value",
        ),
        ({"local_policy": {"folder": False, "registry_pol": POL}}, "files without a folder"),
        ({"domain_policies": [{"name": "x"}]}, "a name and a guid"),
        ({"domain_policies": [{"name": "x", "guid": "y", "value": {}}]}, "unknown key 'value'"),
        ({"registry": {"HKLM\\X": 1}}, "keys with their values"),
        ({"quirks": {"rsop_deleted_name": "other"}}, "is one of"),
        ({"faults": {"gpupdate_delay": True}}, "takes a float"),
    ],
)
def test_a_wrong_description_is_one_line(host: dict[str, Any], words: str) -> None:
    data = {"hosts": [{"name": "desk-01", "address": "127.0.0.1", **host}]}
    with pytest.raises(PoolFileError) as caught:
        describe(data)
    assert str(caught.value).startswith("desk-01: ")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_policies_of_the_top_level_are_every_hosts() -> None:
    policy = {"name": "all", "guid": "{11111111-2222-3333-4444-555555555555}", "values": {"fAllowToGetHelp": 0}}
    hosts = [{"name": f"desk-{number}", "address": f"127.0.0.{number}"} for number in (1, 2)]
    hosts[1]["domain_policies"] = [{**policy, "name": "own"}]  # type: ignore[assignment]
    pool = describe({"domain_policies": [policy], "hosts": hosts})
    assert [[item.name for item in host.domain_policies] for host in pool.hosts] == [["all"], ["all", "own"]]


def test_a_file_is_looked_for_beside_the_pool(tmp_path: Any) -> None:
    (tmp_path / "my.pol").write_bytes(b"PReg\x01\0\0\0")
    (tmp_path / "pool.yml").write_text(
        "hosts: [{name: desk-01, address: 127.0.0.1, local_policy: {registry_pol: {file: my.pol}}}]"
    )
    pool = load_pool(tmp_path / "pool.yml")
    node = WindowsHost(pool.hosts[0], pool).files.get("C:\\Windows\\System32\\GroupPolicy\\Machine\\Registry.pol")
    assert node is not None
    assert node.content == b"PReg\x01\0\0\0"
