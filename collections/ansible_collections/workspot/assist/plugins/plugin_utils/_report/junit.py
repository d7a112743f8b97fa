# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as JUnit XML, for pipelines: a test suite per host, a test case per part that was looked at.

Names stay the same from run to run, so that a pipeline can follow them. Elements, attributes and their order are
those of Jenkins' junit-10.xsd (github.com/jenkinsci/xunit-plugin). A baseline's rules are properties, not test cases:
a preset may break one on purpose.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from .clean import shown
from .data import ReportData
from .host import DECIDED, FAILED, UNREACHABLE, HostReport, Trouble

WHOLE = "remote_assistance"
"""Test case of a host that could not be read, and so has no parts."""


def junit_xml(report: ReportData) -> str:
    """The file's text."""
    suites = [_suite(number, host, report) for number, host in enumerate(report.hosts)]
    root = ET.Element("testsuites", {"name": report.title, **_sums(suites)})
    root.extend(suites)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _sums(suites: list[ET.Element]) -> dict[str, str]:
    names = ("tests", "failures", "errors")
    return {name: str(sum(int(suite.attrib[name]) for suite in suites)) for name in names}


def _suite(number: int, host: HostReport, report: ReportData) -> ET.Element:
    cases = [_case(host, part, report) for part in host.parts] or [_whole(host)]
    suite = ET.Element(
        "testsuite",
        {
            "name": host.host,
            "id": str(number),
            "timestamp": report.generated.removesuffix("Z"),
            "time": "0",
            "tests": str(len(cases)),
            "failures": str(sum(1 for case in cases if case.find("failure") is not None)),
            "errors": str(sum(1 for case in cases if case.find("error") is not None)),
        },
    )
    properties = ET.SubElement(suite, "properties")
    _property(properties, "state", host.state)
    _property(properties, "restart_required", "true" if host.restart_required else "false")
    for rule in host.rules:
        said = "met" if rule.met else f"broken: {shown(rule.in_force)}, wanted {shown(rule.wanted)}"
        _property(properties, f"{rule.baseline}: {rule.rule_id}", said)
    suite.extend(cases)
    return suite


def _property(parent: ET.Element, name: str, value: str) -> None:
    ET.SubElement(parent, "property", {"name": name, "value": value})


def _whole(host: HostReport) -> ET.Element:
    case = _new_case(host, WHOLE)
    troubles = [item for item in host.troubles if not item.part]
    if troubles:
        _error(case, troubles[0])
    elif host.state in (UNREACHABLE, FAILED):
        _error(case, Trouble("", host.state, "There is no result to tell of.", ""))
    return case


def _case(host: HostReport, part: str, report: ReportData) -> ET.Element:
    case = _new_case(host, part)
    done = [
        f"{item.title} ({item.setting}): {shown(item.before)} -> {shown(item.after)}"
        for item in host.differences
        if item.part == part
    ]
    lost, told = _decided(host, part)
    troubles = [item for item in host.troubles if item.part in ("", part)]
    if troubles:
        _error(case, troubles[0])
    elif lost:
        _failure(case, "overruled", [*lost, *([] if report.written else done)])
    elif done and not report.written:
        _failure(case, "drifted", done)
    said = [*(done if report.written else []), *told]
    if said:
        ET.SubElement(case, "system-out").text = "\n".join(said)
    return case


def _decided(host: HostReport, part: str) -> tuple[list[str], list[str]]:
    """What somebody else decides in a part, and what else there is to tell."""
    if part == "policy":
        lost = [
            f"{item.title} ({item.setting}): {shown(item.in_force)} by {item.gpo}, wanted {shown(item.wanted)}"
            for item in host.overrulings
        ]
        return lost, list(host.warnings)
    if part == "firewall":
        said = [(item.decides, f"{item.where}: {item.cause} {item.fix}") for item in host.hindrances]
        return [text for decides, text in said if decides], [text for decides, text in said if not decides]
    return [], ["Windows has to restart."] if host.restart_required else []


def _new_case(host: HostReport, name: str) -> ET.Element:
    return ET.Element("testcase", {"name": name, "classname": host.host, "time": "0"})


def _error(case: ET.Element, trouble: Trouble) -> None:
    # Being overruled is a finding about the host; every other error is a question that got no answer.
    tag = "failure" if trouble.kind in DECIDED else "error"
    found = ET.SubElement(case, tag, {"type": trouble.kind, "message": trouble.message})
    found.text = f"{trouble.message}\n{trouble.hint}".strip()


def _failure(case: ET.Element, kind: str, lines: list[str]) -> None:
    more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
    found = ET.SubElement(case, "failure", {"type": kind, "message": lines[0] + more})
    found.text = "\n".join(lines)
