# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide to the firewall and the feature says what the tables and the code say."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator

import pytest
import yaml
from ansible_collections.workspot.assist.plugins.plugin_utils._ansible.option_specs import FEATURE, FIREWALL
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.firewall import hindrances
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.firewall.desired import PRESETS
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.firewall.rules import (
    DEFAULT_PARTS,
    GROUP,
    KNOWN_PARTS,
    PARTS,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.firewall_rule import ADDRESS_WORDS
from ansible_collections.workspot.assist.plugins.plugin_utils._windows import features

from simulator.windows.firewall_rule import TCP, Rule
from tests.firewall.rig import FACTORY, PARTS_OF, PROFILES, request
from tests.support.playbook import ROOT

GUIDE = (ROOT / "docs/firewall.md").read_text(encoding="utf-8")


def rows(*head: str) -> list[list[str]]:
    """The cells of the table with this head."""
    lines = GUIDE.splitlines()
    start = lines.index(f"| {' | '.join(head)} |".replace("|  |", "| |"))
    found = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip("|").split("|")])
    return found


def row_of(part: str, rule: Rule) -> list[str]:
    """How the guide puts a rule; from the simulator's list, which is not the collection's."""
    program = rule.app.rpartition("\\")[2]
    local = [f"local {port}" for port in rule.local_ports]
    ports = " ".join([*local, *(f"remote {port}" for port in rule.remote_ports)])
    return [
        f"`{part}`",
        f"`{rule.id.removeprefix('RemoteAssistance-')}`",
        "in" if rule.inbound else "out",
        "TCP" if rule.protocol == TCP else "UDP",
        ports or "any",
        f"{program} ({rule.service})" if rule.service else program,
        {(): "any", ("LocalSubnet",): "local subnet"}[rule.remote_addresses],
        ", ".join(name for name, bit in PROFILES.items() if rule.profiles & bit),
        "on" if rule.active else "off",
    ]


def test_every_rule_has_its_row_and_no_other_does() -> None:
    found = rows(
        "part", "rule", "direction", "protocol", "port", "program (service)", "other side", "profiles", "when new"
    )
    expected = [row_of(part, FACTORY[name]) for part, names in PARTS_OF.items() for name in names]
    assert sorted(found) == sorted(expected)
    assert len(found) == len(FACTORY)
    assert f"`{GROUP}`" in GUIDE


def test_every_part_is_explained() -> None:
    assert [name for name, _text in rows("part", "what it is for")] == [f"`{part}`" for part in PARTS]


@pytest.mark.parametrize(("state", "table"), [("default", DEFAULT_PARTS), ("on", KNOWN_PARTS)])
def test_states(state: str, table: dict[str, frozenset[str]]) -> None:
    said = {row[0].strip("`"): row[1:] for row in rows("state", "in `domain`", "in `private`", "in `public`")}
    assert set(said) == {"default", "on", "off"}
    assert said["off"] == ["none"] * 3
    cells = [", ".join(f"`{part}`" for part in PARTS if part in table[profile]) or "none" for profile in PROFILES]
    assert said[state] == cells


def test_presets() -> None:
    names = [f"`{name}`" for name in (*PROFILES, "edge_traversal", "remote_addresses")]
    said = {row[0].strip("`"): row[1:] for row in rows("preset", *names, "source")}
    assert set(said) == set(PRESETS)
    for name, preset in PRESETS.items():
        cells = []
        for profile in PROFILES:
            wishes = dict(preset.options[profile])
            state = wishes.pop("state")
            cells.append(", ".join(f"`{word}`" for word in (state, *(part for part in wishes if wishes[part]))))
        edge, addresses = preset.options.get("edge_traversal"), preset.options.get("remote_addresses")
        cells.append("as it is" if edge is None else f"`{str(edge).lower()}`")
        cells.append("as it is" if addresses is None else f"`{', '.join(addresses)}`")
        assert said[name][:-1] == cells
        assert said[name][-1]


def _hindrances() -> Iterator[tuple[str, bool]]:
    """Every kind that the code knows, and whether it is a conflict."""
    for node in ast.walk(ast.parse(inspect.getsource(hindrances))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Hindrance"):
            continue
        given = {word.arg: word.value for word in node.keywords}
        decides = given.get("decides")
        for kind in (item.value for item in ast.walk(node.args[0]) if isinstance(item, ast.Constant)):
            yield str(kind), kind == "blocked" if isinstance(decides, ast.Name) else decides is None


def test_every_hindrance_is_explained() -> None:
    said = {row[0].strip("`"): row[3] for row in rows("kind", "what is found", "what to do", "")}
    assert said == {kind: "decides" if decides else "remark" for kind, decides in _hindrances()}


def test_words_for_addresses() -> None:
    line = next(line for line in GUIDE.splitlines() if line.startswith("- Windows' words:"))
    assert set(re.findall(r"`(\w+)`", line)) == set(ADDRESS_WORDS)


@pytest.mark.parametrize("error", re.findall(r"^\| ((?:CBS|ERROR)_\w+) \|", GUIDE, re.MULTILINE))
def test_errors_of_dism_are_those_of_the_code(error: str) -> None:
    assert any(error in reason for reason in features._REASONS.values())


@pytest.mark.parametrize("block", re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL))
def test_the_playbooks_ask_for_something_that_means_something(block: str) -> None:
    (play,) = yaml.safe_load(block)
    known = {"workspot.assist.firewall": FIREWALL, "workspot.assist.feature": FEATURE}
    asked = [(name, task[name]) for task in play["tasks"] for name in known if name in task]
    assert asked
    for name, options in asked:
        assert set(options) <= set(known[name])
        if name.endswith("firewall"):
            assert request(**options).parts
