# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report's data: states, order, counts, summaries, and what becomes of hostile or odd results."""

from __future__ import annotations

import ast
import json
import random
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._report import host as host_module
from ansible_collections.workspot.assist.plugins.plugin_utils._report.clean import LONGEST_TEXT, clean, plain, shown
from ansible_collections.workspot.assist.plugins.plugin_utils._report.data import ReportData, moment, report_data
from ansible_collections.workspot.assist.plugins.plugin_utils._report.host import REMARKS, STATES, host_report, natural
from hypothesis import given, settings
from hypothesis import strategies as st

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
GPO = {"gpo": "Baseline", "gpo_id": "{31B2F340-016D-11D2-945F-00C04FB984F9}"}


def change(setting: str, before: Any = "off", after: Any = "on") -> dict[str, Any]:
    return {"setting": setting, "title": f"Title of {setting}", "before": before, "after": after}


def lost(setting: str) -> dict[str, Any]:
    return {"setting": setting, "title": setting.title(), "wanted": "enabled", "in_force": "disabled", **GPO}


def hindrance(kind: str = "blocked", profile: str = "domain") -> dict[str, Any]:
    return {"kind": kind, "title": "Exception", "profile": profile, "cause": "A rule wins.", "fix": "Remove it."}


def error(kind: str = "windows", hint: str | None = "Do this.") -> dict[str, Any]:
    return {"kind": kind, "host": "h", "message": "It did not work.", "hint": hint}


def rule(rule_id: str, *, met: bool) -> dict[str, Any]:
    in_force = "disabled" if met else "enabled"
    return {
        "rule_id": rule_id,
        "baseline": "STIG",
        "setting": "offer",
        "wanted": "disabled",
        "in_force": in_force,
        "met": met,
    }


def report(results: dict[str, Any], **options: Any) -> ReportData:
    return report_data(results, generated=NOW, **options)


def test_remarks_are_the_hindrances_that_do_not_decide() -> None:
    """Each place that makes one says so by ``decides=False``, or by a condition that also chooses the kind."""
    folder = Path(host_module.__file__).parents[1] / "_assistance/firewall"
    remarks = set()
    for path in folder.glob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Hindrance":
                kind, decides = call.args[0], [item.value for item in call.keywords if item.arg == "decides"]
                if decides and isinstance(kind, ast.IfExp):
                    assert ast.unparse(kind.test) == ast.unparse(decides[0])
                    kind = kind.orelse
                if decides:
                    remarks.add(ast.literal_eval(kind))
    assert remarks == REMARKS


def test_hosts_are_sorted_the_worst_first_then_by_findings_then_as_people_count() -> None:
    results: dict[str, Any] = {
        "desk-10": {"state": "compliant"},
        "desk-9": {"state": "compliant"},
        "one": {"state": "drifted", "policy": {"changes": [change("a")]}},
        "two": {"state": "drifted", "policy": {"changes": [change("a"), change("b")]}},
        "mended": {"state": "changed"},
        "lost": {"state": "overruled", "policy": {"overruled": [lost("a")]}},
        "broken": {"state": "failed", "failed": True, "error": error()},
        "gone": {"unreachable": True, "msg": "gone: no answer"},
    }
    names = list(results)
    random.Random(1).shuffle(names)
    found = report({name: results[name] for name in names})
    assert [host.host for host in found.hosts] == [
        *("gone", "broken", "lost", "two", "one", "mended", "desk-9", "desk-10")
    ]
    assert list(found.counts.values()) == [1, 1, 1, 2, 1, 2, 0]
    assert found.good == 3


@pytest.mark.parametrize(
    ("result", "state"),
    [
        ({"unreachable": True, "state": "compliant"}, "unreachable"),
        ({"failed": True, "msg": "no"}, "failed"),
        ({"failed": True, "state": "overruled"}, "overruled"),
        ({"failed": True, "state": "compliant"}, "failed"),
        ({"state": "perfect"}, "failed"),
        ({"state": ["compliant"]}, "failed"),
        ({"changed": False}, "failed"),
        *(({"state": state}, state) for state in STATES),
    ],
)
def test_the_state_of_a_result(result: dict[str, Any], state: str) -> None:
    assert host_report("h", result).state == state


def test_a_host_without_a_reason_still_says_something() -> None:
    (trouble,) = host_report("h", {"changed": False}).troubles
    assert trouble.message == "There is no result to tell of."
    (trouble,) = host_report("h", {"failed": True, "msg": "h: broken\nin two lines"}).troubles
    assert (trouble.kind, trouble.message) == ("failed", "h: broken in two lines")


def test_an_error_of_a_part_is_told_once_and_with_its_part() -> None:
    both = {"state": "failed", "failed": True, "error": error(), "firewall": {"error": error()}, "policy": {}}
    (trouble,) = host_report("h", both).troubles
    assert (trouble.part, trouble.kind, trouble.hint) == ("firewall", "windows", "Do this.")


def test_hosts_without_a_result_count_nowhere() -> None:
    found = report({"a": {"state": "compliant"}, "b": {}, "c": None, "d": {"skipped": True}}, not_looked_at=["e", "a"])
    assert found.not_looked_at == ("b", "c", "d", "e")
    assert [host.host for host in found.hosts] == ["a"]


def test_settings_are_counted_by_host_the_most_first() -> None:
    found = report(
        {
            "a": {"state": "drifted", "policy": {"changes": [change("x"), change("y")]}},
            "b": {"state": "drifted", "policy": {"changes": [change("y"), change("y")]}},
            "c": {"state": "overruled", "policy": {"overruled": [lost("y")]}},
            "d": {"state": "overruled", "firewall": {"hindrances": [hindrance(), hindrance("firewall_off", "public")]}},
            "e": {"state": "drifted", "feature": {"changed": True, "state": "present"}},
        }
    )
    counted = {(item.part, item.setting): (item.differs, item.overruled) for item in found.settings}
    assert next(iter(counted)) == ("policy", "y")
    assert counted == {
        ("policy", "y"): (2, 1),
        ("policy", "x"): (1, 0),
        ("firewall", "domain.exception"): (0, 1),
        ("feature", "feature"): (1, 0),
    }
    assert found.hosts[-1].findings == 1


def test_deciders_and_errors_are_counted_by_host() -> None:
    found = report(
        {
            "a": {"state": "overruled", "policy": {"overruled": [lost("x"), lost("y")]}},
            "b": {
                "state": "overruled",
                "policy": {"overruled": [lost("y")]},
                "firewall": {"hindrances": [hindrance()]},
            },
            "c": {"unreachable": True, "error": error("timeout", "Wait.")},
            "d": {"unreachable": True, "error": error("timeout", "Wait.")},
            "e": {"unreachable": True, "error": error("timeout", "Ask.")},
        }
    )
    assert [(item.name, item.settings, item.hosts) for item in found.deciders] == [
        ("Baseline", ("X", "Y"), 2),
        ("A rule wins.", ("Exception, domain profile",), 1),
    ]
    assert [(item.kind, item.hint, item.hosts) for item in found.troubles] == [("timeout", "Wait.", 3)]


def test_baseline_rules_are_counted_on_the_hosts_that_were_read() -> None:
    found = report(
        {
            "a": {"state": "compliant", "baselines": [rule("R2", met=True), rule("R10", met=True)]},
            "b": {"state": "compliant", "baselines": [rule("R2", met=False)]},
            "c": {"unreachable": True},
        }
    )
    assert [(item.rule_id, item.met, item.broken) for item in found.rules] == [("R2", 1, 1), ("R10", 1, 0)]


@pytest.mark.parametrize(
    ("states", "version", "written"),
    [
        (["drifted", "compliant"], 3, False),
        (["changed", "compliant"], 4, True),
        (["overruled"], 3, False),
        (["overruled"], 4, True),
        (["overruled", "drifted"], 4, False),
    ],
)
def test_a_check_run_is_told_from_one_that_writes(states: list[str], version: int, written: bool) -> None:
    policy = {"version": {"before": 3, "after": version}}
    found = report({str(number): {"state": state, "policy": policy} for number, state in enumerate(states)})
    assert found.written is written


def test_a_feature_that_differs_has_both_states() -> None:
    (item,) = host_report("h", {"state": "drifted", "feature": {"changed": True, "state": "absent"}}).differences
    assert (item.before, item.after) == ("present", "absent")
    (item,) = host_report(
        "h", {"state": "drifted", "feature": {"changed": True, "before": "absent", "state": "present"}}
    ).differences
    assert (item.before, item.after) == ("absent", "present")


def test_restarts_are_counted_beside_the_state() -> None:
    found = report({"a": {"state": "compliant", "feature": {"restart_required": True, "state": "present"}}})
    assert found.counts["restart_required"] == 1
    assert found.lines() == ["compliant: 1", "restart due: 1", "as they should be: 1 of 1"]


def test_times_are_utc_and_to_the_second() -> None:
    here = timezone(timedelta(hours=2))
    assert moment(datetime(2026, 3, 4, 7, 6, 7, 999, tzinfo=here)) == "2026-03-04T05:06:07Z"


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("two\r\n lines\tand\va tab", "two lines and a tab"),
        ("\x1b[31mred\x00\x9b", "\ufffd[31mred\ufffd\ufffd"),
        ("gpo\u202egnp.exe\u2066", "gpo\ufffdgnp.exe\ufffd"),
        ("\ud800\ufffe\ufeff", "\ufffd\ufffd\ufffd"),
        ("Müller-ДЕСК-桌面-👩\u200d💻", "Müller-ДЕСК-桌面-👩\u200d💻"),
        (None, ""),
        (17, "17"),
        ("x" * 9999, "x" * (LONGEST_TEXT - 1) + "…"),
    ],
)
def test_texts_are_made_harmless(text: Any, cleaned: str) -> None:
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "not set"),
        ("", "not set"),
        ([], "not set"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (["a", "b"], "a, b"),
        ("not_configured", "not configured"),
        ("allow_control", "allow_control"),
        ({"odd": 1}, "{'odd': 1}"),
    ],
)
def test_values_have_words(value: Any, words: str) -> None:
    assert shown(plain(value)) == words


def test_a_number_that_python_does_not_print_is_cut() -> None:
    assert shown(plain(10**5000)).startswith("0x")


def test_names_with_huge_numbers_can_be_sorted() -> None:
    assert sorted(["h" + "9" * 1999, "h2", "", "²", "h", "2"], key=natural)[0] == ""


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
PART = st.dictionaries(
    st.sampled_from(
        ["changes", "overruled", "hindrances", "warnings", "error", "version", "restart_required", "state"]
    ),
    ANYTHING | st.lists(st.dictionaries(st.sampled_from([*change("x"), *lost("x"), *hindrance()]), ANYTHING)),
)
RESULT = st.dictionaries(
    st.sampled_from(["state", "failed", "unreachable", "msg", "error", "baselines", "exchanges", "skipped"]),
    ANYTHING | st.sampled_from(STATES),
)
RESULTS = st.dictionaries(
    st.text(),
    st.builds(
        lambda result, parts: {**result, **parts},
        RESULT,
        st.dictionaries(st.sampled_from(["policy", "firewall", "feature"]), PART | ANYTHING),
    ),
    max_size=4,
)


@settings(max_examples=40, deadline=None)
@given(RESULTS, st.text())
def test_json_round_trips_whatever_the_results_are(results: dict[str, Any], title: str) -> None:
    found = report(results, title=title)
    text = found.as_json()
    assert json.loads(text) == found.as_data()
    assert text.encode()
    assert sum(found.counts[state] for state in STATES) == len(found.hosts)
    assert len(found.hosts) + len(found.not_looked_at) <= len(results)
    assert [host.rank for host in found.hosts] == sorted(host.rank for host in found.hosts)


@settings(max_examples=40, deadline=None)
@given(RESULTS, st.randoms(use_true_random=False))
def test_the_order_of_the_results_changes_nothing(results: dict[str, Any], chance: random.Random) -> None:
    names = list(results)
    chance.shuffle(names)
    assert report({name: results[name] for name in names}).as_json() == report(results).as_json()
