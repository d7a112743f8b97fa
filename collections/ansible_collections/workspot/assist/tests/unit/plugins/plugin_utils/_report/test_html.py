# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page: hostile text stays text, columns and cells, and what it says without a browser."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._report import html
from ansible_collections.workspot.assist.plugins.plugin_utils._report.data import ReportData, report_data
from ansible_collections.workspot.assist.plugins.plugin_utils._report.host import REMARKS
from ansible_collections.workspot.assist.plugins.plugin_utils._report.html import html_page
from ansible_collections.workspot.assist.plugins.plugin_utils._report.view import MOST_COLUMNS, page_of
from hypothesis import assume, given, settings
from hypothesis import strategies as st

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title></style></textarea><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "<!-- --!> <![CDATA[",
    "javascript:alert(1)",
    "&lt;b&gt; &amp;",
)
MEMBERS = {"meta", "input", "br", "col"}
"""Elements without an end tag."""


class Reader(HTMLParser):
    """Collects what a page is made of."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: set[tuple[str, str]] = set()
        self.values: list[str] = []
        self.text: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {(tag, item[0]) for item in attrs}
        self.values += [item[1] or "" for item in attrs]
        if tag not in MEMBERS:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.remove(tag) if tag in self.open else None

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(text: str) -> Reader:
    """A page as a parser sees it; every element is closed where it should be."""
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


def everywhere(text: str) -> dict[str, Any]:
    """A result with a text in each place where a host, a GPO or an error could put one."""
    error = {"kind": text, "host": text, "message": text, "hint": text}
    change = {"setting": text, "title": text, "before": text, "after": [text, text], "where": [text]}
    overruled = dict.fromkeys(("setting", "title", "wanted", "in_force", "gpo", "gpo_id"), text)
    hindrance = dict.fromkeys(("kind", "title", "profile", "cause", "fix"), text)
    rule = dict.fromkeys(("rule_id", "baseline", "setting", "wanted", "in_force"), text)
    return {
        "state": "overruled",
        "policy": {"changes": [change], "overruled": [overruled], "warnings": [text], "error": error},
        "firewall": {"changes": [change], "hindrances": [hindrance], "error": error},
        "feature": {"changed": True, "state": text, "before": text, "restart_required": True},
        "baselines": [{**rule, "met": False}],
    }


def report(results: dict[str, Any], **options: Any) -> ReportData:
    return report_data(results, generated=NOW, **options)


def pool(text: str) -> ReportData:
    gone = {"unreachable": True, "error": {"kind": text, "message": text, "hint": text}}
    return report({text: everywhere(text), f"{text} 2": gone}, title=text, not_looked_at=[f"{text} 3"])


HARMLESS = read(html_page(pool("plain")))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    page = html_page(pool(text))
    found = read(page)
    assert found.tags == HARMLESS.tags
    assert found.attributes == HARMLESS.attributes
    assert sum(text in piece for piece in found.text) == sum("plain" in piece for piece in HARMLESS.text)
    assert page.count("<script>") == 1


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=30).filter(str.strip))
def test_no_text_changes_what_the_page_is_made_of(text: str) -> None:
    assume(text not in REMARKS)  # these words are the collection's own, and have a look of their own
    found = read(html_page(pool(text)))
    assert (found.tags, found.attributes) == (HARMLESS.tags, HARMLESS.attributes)


def test_no_element_or_attribute_loads_or_runs_anything() -> None:
    loading = {"src", "href", "srcset", "action", "formaction", "style", "data", "ping", "background", "poster"}
    names = {item[1] for item in HARMLESS.attributes}
    assert not names & loading
    assert not [name for name in names if name.startswith("on")]
    assert not {"a", "img", "link", "iframe", "object", "form", "base", "use", "image"} & set(HARMLESS.tags)
    page = html_page(pool("plain"))
    assert "@import" not in page
    assert "url(" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_the_policy_allows_the_own_style_and_script_and_nothing_else() -> None:
    page = html_page(pool("plain"))
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    allowed = dict(item.split(" ", 1) for item in policy[1].replace("&#39;", "'").split("; "))
    assert allowed["default-src"] == "'none'"
    for tag in ("style", "script"):
        text = re.search(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        assert text
        digest = base64.b64encode(hashlib.sha256(text[1].encode()).digest()).decode()
        assert allowed[f"{tag}-src"] == f"'sha256-{digest}'"


def test_an_own_part_that_would_end_its_tag_early_is_refused(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "page.js").write_text("x = '</script>'")
    monkeypatch.setattr(html, "_FOLDER", tmp_path)
    with pytest.raises(ValueError, match="must not hold"):
        html._own("page.js")


def test_findings_are_on_the_page_in_words() -> None:
    change = {"setting": "ticket_lifetime", "title": "Maximum ticket time (value)", "before": None, "after": 1}
    lost = {
        "setting": "offer",
        "title": "Offer",
        "wanted": "disabled",
        "in_force": "enabled",
        "gpo": "Base",
        "gpo_id": "{1}",
    }
    block = {"kind": "blocked", "title": "Exception", "profile": "domain", "cause": "Rule X wins.", "fix": "Narrow it."}
    rule = {
        "rule_id": "R-1",
        "baseline": "STIG",
        "setting": "s",
        "wanted": "disabled",
        "in_force": "enabled",
        "met": False,
    }
    page = html_page(
        report(
            {
                "a": {"state": "drifted", "policy": {"changes": [change]}, "baselines": [rule]},
                "b": {"state": "overruled", "policy": {"overruled": [lost]}, "firewall": {"hindrances": [block]}},
                "c": {"unreachable": True, "error": {"kind": "timeout", "message": "No answer.", "hint": "Wait."}},
            }
        )
    )
    text = re.sub(r"\s+", " ", " ".join(read(page).text))
    for words in (
        "Maximum ticket time (value) ticket_lifetime not set → 1",
        "Offer offer disabled enabled Base",
        "Exception, domain profile : Rule X wins. Narrow it.",
        "R-1 broken",
        "timeout No answer. Wait.",
        "2026-03-04 05:06:07 UTC",
        "0 of 3 as they should be",
    ):
        assert words in text
    assert 'title="{1}"' in page


def test_cells_are_by_setting_and_host() -> None:
    change = {"setting": "x", "title": "X", "before": 1, "after": 2}
    lost = {"setting": "y", "title": "Y", "wanted": 1, "in_force": 2, "gpo": "G", "gpo_id": ""}
    page = page_of(
        report(
            {
                "a": {"state": "overruled", "policy": {"changes": [change], "overruled": [lost]}, "firewall": {}},
                "b": {"state": "drifted", "firewall": {"changes": [{**change, "setting": "z"}]}},
                "c": {"state": "failed", "policy": {"error": {"kind": "k"}}, "firewall": {}},
                "d": {"unreachable": True},
                "e": {"state": "compliant", "policy": {}, "firewall": {}},
            }
        )
    )
    assert [column.setting for column in page.columns] == ["x", "y", "z"]
    kinds = {row.host.host: [cell.kind for cell in row.cells] for row in page.rows}
    assert kinds == {
        "a": ["drifted", "overruled", "ok"],
        "b": ["none", "none", "drifted"],
        "c": ["unknown", "unknown", "ok"],
        "d": ["unknown"] * 3,
        "e": ["ok"] * 3,
    }
    assert page.rows[2].cells[1].title == "2, by G"


def test_mended_settings_are_marked_as_such() -> None:
    change = {"setting": "x", "title": "X", "before": 1, "after": 2}
    page = page_of(report({"a": {"state": "changed", "policy": {"changes": [change]}}}))
    assert page.rows[0].cells[0].kind == "changed"
    assert "changed" in [tile.state for tile in page.tiles]
    assert page.compliance == "100"


def test_many_settings_share_the_last_column() -> None:
    changes = [{"setting": f"s{number:02d}", "title": "T", "before": 1, "after": 2} for number in range(30)]
    found = report(
        {"a": {"state": "drifted", "policy": {"changes": changes}}, "b": {"state": "compliant", "policy": {}}}
    )
    page = page_of(found)
    assert len(page.columns) == MOST_COLUMNS
    assert [row.cells[-1].sign for row in page.rows] == [f"+{30 - MOST_COLUMNS}", ""]
    widths = [len(row.cells) for row in page.rows]
    assert f'colspan="{3 + widths[0]}"' in html_page(found)


@pytest.mark.parametrize(
    ("good", "total", "percent", "tile"),
    [
        (0, 1, "0", "0 %"),
        (1, 1, "100", "100 %"),
        (999, 1000, "99.9", "99 %"),
        (1999, 2000, "99.9", "99 %"),
        (1, 999, "0.1", "< 1 %"),
    ],
)
def test_shares_are_not_rounded_to_all_or_nothing(good: int, total: int, percent: str, tile: str) -> None:
    found = report({str(number): {"state": "compliant" if number < good else "drifted"} for number in range(total)})
    page = page_of(found)
    assert page.compliance == percent
    assert next(item for item in page.tiles if item.state == "compliant").percent == tile


def test_a_pool_without_hosts_has_a_page() -> None:
    assert "No host was looked at." in html_page(report({}))


def test_a_thousand_hosts_take_less_than_two_seconds_even_when_all_of_them_drift() -> None:
    change = {
        "setting": "x",
        "title": "Configure Solicited Remote Assistance",
        "before": "a",
        "after": "b",
        "where": ["c"],
    }
    changes = [{**change, "setting": f"setting_{number}"} for number in range(6)]
    rule = {
        "rule_id": "WN11-CC-000155",
        "baseline": "STIG",
        "setting": "s",
        "wanted": "a",
        "in_force": "b",
        "met": False,
    }
    result = {
        "state": "drifted",
        "policy": {"changes": changes},
        "firewall": {"changes": changes},
        "baselines": [rule] * 4,
    }
    # CPU time: other programs on the machine do not count.
    started = time.process_time()
    page = html_page(report({f"desk-{number:04d}": result for number in range(1000)}))
    assert time.process_time() - started < 2
    assert len(page.encode()) < 6_000_000
