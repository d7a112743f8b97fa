# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JUnit XML: the shape that pipelines read, and what counts as a failure there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._report.data import report_data
from ansible_collections.workspot.assist.plugins.plugin_utils._report.junit import junit_xml
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
CHANGE = {"setting": "x", "title": "Setting X", "before": None, "after": "enabled", "where": ["registry"]}
OVERRULED = {"setting": "y", "title": "Y", "wanted": "enabled", "in_force": "disabled", "gpo": "Base", "gpo_id": "{1}"}
HINDRANCE = {"kind": "blocked", "title": "Exception", "profile": "domain", "cause": "Rule R wins.", "fix": "Remove it."}
RULE = {"rule_id": "R-1", "baseline": "STIG", "setting": "x", "wanted": "disabled", "in_force": "enabled", "met": False}
SHAPE: dict[str, tuple[set[str], set[str], list[str]]] = {
    "testsuites": ({"name", "tests", "failures", "errors"}, set(), ["testsuite"]),
    "testsuite": (
        {"name", "id", "timestamp", "time", "tests", "failures", "errors"},
        set(),
        ["properties", "testcase"],
    ),
    "properties": (set(), set(), ["property"]),
    "property": ({"name", "value"}, set(), []),
    "testcase": ({"name", "classname", "time"}, set(), ["error", "failure", "system-out"]),
    "error": ({"type", "message"}, set(), []),
    "failure": ({"type", "message"}, set(), []),
    "system-out": (set(), set(), []),
}
"""Element: attributes it must have, may have, and children in this order (junit-10.xsd)."""


def check_shape(element: ET.Element) -> None:
    """Fail where an element is not as the schema has it."""
    needed, optional, order = SHAPE[element.tag]
    assert needed <= set(element.attrib) <= needed | optional
    places = [order.index(child.tag) for child in element]
    assert places == sorted(places)
    if element.tag == "testcase":
        assert len({child.tag for child in element}) == len(element)
    for child in element:
        check_shape(child)


def parsed(results: dict[str, Any], title: str = "T") -> ET.Element:
    """The file, read again; its sums are right."""
    text = junit_xml(report_data(results, generated=NOW, title=title))
    root = ET.fromstring(text.encode())
    check_shape(root)
    for element in (root, *root.findall("testsuite")):
        assert int(element.attrib["tests"]) == len(element.findall(".//testcase"))
        assert int(element.attrib["failures"]) == len(element.findall(".//failure"))
        assert int(element.attrib["errors"]) == len(element.findall(".//error"))
    return root


def case(results: dict[str, Any], name: str) -> ET.Element:
    """A test case of the first host."""
    (found,) = [item for item in parsed(results)[0].findall("testcase") if item.attrib["name"] == name]
    return found


def test_a_compliant_host_passes_in_every_part_that_was_looked_at() -> None:
    root = parsed({"desk-01": {"state": "compliant", "policy": {}, "feature": {"state": "present"}}})
    assert [item.attrib["name"] for item in root.iter("testcase")] == ["feature", "policy"]
    assert root.attrib == {"name": "T", "tests": "2", "failures": "0", "errors": "0"}
    assert root[0].attrib["timestamp"] == "2026-03-04T05:06:07"


def test_drift_is_a_failure_with_before_and_after() -> None:
    changes = [CHANGE, {**CHANGE, "setting": "z", "before": ["any"], "after": ["a", "b"]}]
    failure = case({"a": {"state": "drifted", "policy": {"changes": changes}}}, "policy").find("failure")
    assert failure is not None
    assert failure.attrib == {"type": "drifted", "message": "Setting X (x): not set -> enabled (and 1 more)"}
    assert failure.text == "Setting X (x): not set -> enabled\nSetting X (z): any -> a, b"


def test_what_was_mended_passes_and_is_told() -> None:
    found = case({"a": {"state": "changed", "policy": {"changes": [CHANGE]}}}, "policy")
    assert found.find("failure") is None
    assert found.findtext("system-out") == "Setting X (x): not set -> enabled"


@pytest.mark.parametrize(
    ("part", "result", "words"),
    [
        ("policy", {"overruled": [OVERRULED]}, "Y (y): disabled by Base, wanted enabled"),
        ("firewall", {"hindrances": [HINDRANCE]}, "Exception, domain profile: Rule R wins. Remove it."),
    ],
)
def test_being_overruled_is_a_failure_that_names_who(part: str, result: dict[str, Any], words: str) -> None:
    failure = case({"a": {"state": "overruled", part: {**result, "changes": [CHANGE]}}}, part).find("failure")
    assert failure is not None
    assert failure.attrib["type"] == "overruled"
    assert failure.text == f"{words}\nSetting X (x): not set -> enabled"


def test_a_remark_about_the_firewall_is_no_failure() -> None:
    remark = {**HINDRANCE, "kind": "firewall_off"}
    found = case({"a": {"state": "compliant", "firewall": {"hindrances": [remark]}}}, "firewall")
    assert [child.tag for child in found] == ["system-out"]


@pytest.mark.parametrize(("kind", "tag"), [("policy_overruled", "failure"), ("command_failed", "error")])
def test_an_error_of_a_part_is_told_apart_from_a_finding(kind: str, tag: str) -> None:
    error = {"kind": kind, "message": "It did not.", "hint": "Do this."}
    found = case({"a": {"state": "failed", "failed": True, "policy": {"error": error}, "firewall": {}}}, "policy")
    assert [(child.tag, child.attrib["type"], child.text) for child in found] == [(tag, kind, "It did not.\nDo this.")]


def test_an_unreachable_host_is_an_error() -> None:
    (error,) = case({"a": {"unreachable": True, "msg": "a: no answer"}}, "remote_assistance")
    assert (error.tag, error.attrib) == ("error", {"type": "unreachable", "message": "a: no answer"})


def test_a_restart_is_told_and_baselines_are_properties() -> None:
    feature = {"state": "present", "restart_required": True}
    root = parsed({"a": {"state": "compliant", "feature": feature, "baselines": [RULE, {**RULE, "met": True}]}})
    values = [(item.attrib["name"], item.attrib["value"]) for item in root.iter("property")]
    assert values == [
        ("state", "compliant"),
        ("restart_required", "true"),
        ("STIG: R-1", "broken: enabled, wanted disabled"),
        ("STIG: R-1", "met"),
    ]
    assert root.findtext(".//system-out") == "Windows has to restart."
    assert root.attrib["failures"] == "0"


@given(st.text())
def test_any_text_can_be_carried(text: str) -> None:
    parts = {
        "policy": {"changes": [{**CHANGE, "title": text, "after": text}]},
        "baselines": [{**RULE, "baseline": text}],
    }
    root = parsed(
        {text: {"state": "drifted", **parts}, f"{text}, down": {"unreachable": True, "msg": text}}, title=text
    )
    assert len(root) == 2
