# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide to Group Policy says what the table says."""

from __future__ import annotations

import re

import pytest
import yaml
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.policy.presets import BASELINES, PRESETS
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.policy.settings import (
    POLICIES,
    SECURITY_OPTIONS,
    NameList,
)

from tests.policy.rig import request
from tests.support.playbook import ROOT

GUIDE = (ROOT / "docs/group-policy.md").read_text(encoding="utf-8")
ROWS = {
    match[1]: (match[2], match[3])
    for match in re.finditer(r"^\| `(\w+)` \| (.+) \| .*?`(\w+)` \|$", GUIDE, re.MULTILINE)
}


def test_every_setting_has_its_row_and_no_other_does() -> None:
    expected: dict[str, tuple[str, str]] = {}
    for policy in POLICIES:
        expected[policy.option] = (policy.title, policy.value_name)
        for element in policy.elements:
            value = "RAUnsolicit" if isinstance(element, NameList) else element.value_name
            expected[element.option] = (f"– {element.title}", value)
    security = {item.option: item.value_name for item in SECURITY_OPTIONS}
    assert {option: row for option, row in ROWS.items() if option not in security} == expected
    assert {option: ROWS[option][1] for option in security} == security


def test_presets_and_rules_are_named() -> None:
    assert all(f"| `{name}` |" in GUIDE for name in PRESETS)
    locked = next(line for line in GUIDE.splitlines() if line.startswith("| `locked_down` |"))
    assert all(rule.rule_id in locked for rule in BASELINES if not rule.rule_id.startswith("WN10"))


@pytest.mark.parametrize("block", re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL))
def test_the_playbook_asks_for_something_that_means_something(block: str) -> None:
    (play,) = yaml.safe_load(block)
    options = [task["workspot.assist.policy"] for task in play["tasks"] if "workspot.assist.policy" in task]
    assert options
    for asked in options:
        assert request(**asked).settings["solicited_remote_assistance"] == "enabled"
