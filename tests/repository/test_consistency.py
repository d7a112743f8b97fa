# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands in several places says the same: pins, inventories, pools, changelog."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
import yaml

from tests.support.playbook import COLLECTION, ROOT, installed_ansibles

PINNED = re.compile(r"^[A-Za-z0-9_.-]+==[0-9][0-9A-Za-z.]*( ; .+)?$")
SECTIONS = {
    "major_changes",
    "minor_changes",
    "breaking_changes",
    "deprecated_features",
    "removed_features",
    "security_fixes",
    "bugfixes",
    "known_issues",
    "release_summary",
    "trivial",
}


@pytest.mark.parametrize("path", sorted(ROOT.glob("requirements*.txt")), ids=lambda path: path.name)
def test_every_requirement_is_pinned(path) -> None:
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith(("#", "-r "))]
    assert [line for line in lines if not PINNED.match(line)] == []
    names = [re.split("==", line)[0].lower().replace("_", "-") for line in lines]
    assert names == sorted(names)


def test_the_pins_are_what_is_installed() -> None:
    """An installed package that no requirements file names would be missing on the next machine."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "freeze", "--disable-pip-version-check"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    pins = set()
    for path in ROOT.glob("requirements*.txt"):
        pins |= {line.split(" ;")[0].lower().replace("_", "-") for line in path.read_text().splitlines()}
    installed = {line.lower().replace("_", "-") for line in listed.splitlines()}
    assert {line for line in installed if line not in pins} == set()


def test_two_ansible_versions_are_there() -> None:
    if len(installed_ansibles()) < 2:
        pytest.skip("a second ansible-core is not installed (make venvs)")
    assert len({version.rpartition(".")[0] for version in installed_ansibles()}) >= 2


def test_simulated_inventory_is_the_demo_pool() -> None:
    pool = yaml.safe_load((ROOT / "simulator/pools/demo.yml").read_text())
    groups = yaml.safe_load((ROOT / "inventories/simulated/hosts.yml").read_text())["pool"]["children"]
    listed = {
        name: variables["ansible_host"] for group in groups.values() for name, variables in group["hosts"].items()
    }
    assert listed == {host["name"]: host["address"] for host in pool["hosts"]}


def test_playbooks_have_a_root_import() -> None:
    names = {path.name for path in (COLLECTION / "playbooks").glob("*.yml")}
    assert names == {path.name for path in (ROOT / "playbooks").glob("*.yml")}
    for name in names:
        (play,) = yaml.safe_load((ROOT / "playbooks" / name).read_text())
        assert play["import_playbook"] == f"workspot.assist.{name.removesuffix('.yml')}"


def test_changelog_fragments_are_valid() -> None:
    for path in (COLLECTION / "changelogs/fragments").glob("*.yml"):
        fragment = yaml.safe_load(path.read_text())
        assert set(fragment) <= SECTIONS, path.name


def test_example_inventory_holds_no_secret() -> None:
    for path in (ROOT / "inventories/example").rglob("*.yml"):
        for line in path.read_text().splitlines():
            assert not re.match(r"\s*ansible_(\w+_)?password:", line), f"{path.name}: {line}"
