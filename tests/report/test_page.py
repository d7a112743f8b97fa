# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report's page in a real browser without a network: it loads, filters, unfolds, prints and keeps still."""

from __future__ import annotations

import json
import struct
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.report.sample import host_result, pool_results
from tests.support.chromium import Chromium

RESULTS = pool_results(1000)
SOME = pool_results(200)
SHOWN = "Array.from(document.querySelectorAll('tbody.host')).filter(row => row.offsetParent !== null)"
NAMES = f"{SHOWN}.map(row => row.querySelector('summary').textContent)"
LOAD_SECONDS = 30.0
"""Load and first paint take about one second; a page that is quadratic in its hosts takes minutes."""


def states_of(results: dict[str, Any]) -> Counter[str]:
    """How many hosts are in which state."""
    return Counter("unreachable" if result.get("unreachable") else result["state"] for result in results.values())


def wait_for_filter(browser: Chromium) -> None:
    """The filter waits for a pause in typing."""
    browser.run("new Promise(done => setTimeout(done, 150))")


def unfolded(browser: Chromium) -> int:
    """Rows whose details can be seen."""
    return int(browser.run("Array.from(document.querySelectorAll('.more')).filter(row => row.offsetHeight > 0).length"))


def test_a_thousand_hosts_load_without_complaints_and_without_a_network(browser: Chromium, thousand: Path) -> None:
    assert browser.open(thousand) < LOAD_SECONDS
    assert browser.complaints == []
    assert browser.requests == [thousand.as_uri()]
    assert thousand.stat().st_size < 3_000_000
    assert browser.run(f"{SHOWN}.length") == 1000
    assert browser.run("document.getElementById('count').textContent") == "1,000 of 1,000 hosts"
    assert unfolded(browser) == 0


def test_the_worst_come_first(browser: Chromium, thousand: Path) -> None:
    browser.open(thousand)
    states = browser.run(f"{SHOWN}.map(row => row.classList[1])")
    order = ["unreachable", "failed", "overruled", "drifted", "compliant"]
    assert list(dict.fromkeys(states)) == order
    assert Counter(states) == states_of(RESULTS)


def test_the_filter_box_finds_hosts_gpos_and_errors(browser: Chromium, thousand: Path) -> None:
    browser.open(thousand)
    browser.press("/")
    for typed, expected in (
        ("desk-0213", ["desk-0213"]),
        ("workstations BASELINE", [name for name, result in RESULTS.items() if "Workstations b" in json.dumps(result)]),
        ("no such thing", []),
    ):
        browser.run("document.activeElement.select()")
        browser.type(typed)
        wait_for_filter(browser)
        names = browser.run(NAMES)
        assert sorted(names) == sorted(expected)
        assert browser.run("document.getElementById('count').textContent") == f"{len(expected)} of 1,000 hosts"
        assert browser.run("document.getElementById('none-left').offsetHeight > 0") is (not expected)
    browser.press("Escape")
    assert browser.run(f"{SHOWN}.length") == 1000
    assert browser.complaints == []


@pytest.mark.parametrize("state", ["unreachable", "failed", "overruled", "drifted", "compliant"])
def test_a_tile_shows_the_hosts_of_its_state(browser: Chromium, some: Path, state: str) -> None:
    browser.open(some)
    browser.click(f"label[for=s-{state}]")
    assert browser.run(f"{SHOWN}.map(row => row.classList[1])") == [state] * states_of(SOME)[state]
    assert browser.run("document.getElementById('count').textContent").startswith(f"{states_of(SOME)[state]} of")
    assert browser.run(f"document.querySelector('label[for=s-{state}] b').textContent") == str(states_of(SOME)[state])


def test_a_link_keeps_state_and_filter(browser: Chromium, some: Path) -> None:
    browser.open(some)
    browser.click("label[for=s-drifted]")
    browser.run("document.getElementById('filter').focus()")
    browser.type("desk-00")
    wait_for_filter(browser)
    names, hash_ = browser.run(NAMES), browser.run("location.hash")
    assert names
    browser.run(f"location.hash = ''; location.hash = {json.dumps(hash_)}; new Promise(done => setTimeout(done, 50))")
    assert browser.run(NAMES) == names
    assert browser.run("document.querySelector('input[name=state]:checked').value") == "drifted"


def test_a_row_unfolds_by_mouse_and_by_keyboard(browser: Chromium, some: Path) -> None:
    browser.open(some)
    browser.click("tbody.host .state")
    assert unfolded(browser) == 1
    browser.click("tbody.host summary")
    assert unfolded(browser) == 0
    browser.run("document.querySelector('tbody.host summary').focus()")
    browser.press("Enter")
    assert unfolded(browser) == 1
    assert browser.run("document.querySelector('.more').innerText").startswith("timeout")


def test_everything_is_reached_with_the_tab_key(browser: Chromium, some: Path) -> None:
    browser.open(some)
    reached = []
    for _ in range(6):
        browser.press("Tab")
        reached.append(browser.run("document.activeElement.id || document.activeElement.tagName"))
    assert reached == ["s-all", "filter", "unfold", "fold", "SUMMARY", "SUMMARY"]
    browser.run("document.getElementById('s-all').focus()")
    browser.press("ArrowRight")
    assert browser.run("document.querySelector('input[name=state]:checked').value") == "compliant"
    outline = browser.run("getComputedStyle(document.querySelector('label[for=s-compliant]')).outlineStyle")
    assert outline == "solid"


def test_all_shown_rows_unfold_and_fold(browser: Chromium, some: Path) -> None:
    browser.open(some)
    browser.click("label[for=s-overruled]")
    browser.click("#unfold")
    assert unfolded(browser) == states_of(SOME)["overruled"]
    browser.click("label[for=s-all]")
    assert unfolded(browser) == states_of(SOME)["overruled"]
    browser.click("#fold")
    assert unfolded(browser) == 0


def test_without_javascript_tiles_and_rows_work(browser: Chromium, some: Path) -> None:
    browser.scripts(allowed=False)
    browser.open(some)
    # The protocol's own questions are no scripts of the page.
    assert browser.run(f"{SHOWN}.length") == 200
    assert browser.run("document.querySelector('.tools').offsetHeight") == 0
    browser.click("label[for=s-failed]")
    assert browser.run(f"{SHOWN}.length") == states_of(SOME)["failed"]
    browser.run(f"{SHOWN}[0].querySelector('summary').focus()")
    browser.press("Enter")
    assert unfolded(browser) == 1


def test_hostile_names_run_nothing_and_load_nothing(browser: Chromium, page_of_results: Callable[..., Path]) -> None:
    hostile = '"><img src="http://192.0.2.1/x" onerror="document.title=1"><script>document.title=2</script>'
    lost = {
        "setting": hostile,
        "title": hostile,
        "wanted": hostile,
        "in_force": hostile,
        "gpo": hostile,
        "gpo_id": hostile,
    }
    results: dict[str, Any] = {
        hostile: host_result(state="overruled", policy_overruled=[lost], policy_warnings=[hostile]),
        "b": {"unreachable": True, "msg": hostile},
    }
    path = page_of_results("hostile", results, title="Hostile")
    browser.open(path)
    assert browser.requests == [path.as_uri()]
    assert browser.complaints == []
    assert browser.run("document.title") == "Hostile"
    assert browser.run("document.images.length + document.scripts.length") == 1
    assert browser.run("document.querySelector('.overruled summary').textContent") == hostile


def test_the_content_policy_is_in_force(browser: Chromium, some: Path, tmp_path: Path) -> None:
    """Had a name slipped through after all, it could still do nothing."""
    slipped = tmp_path / "slipped.html"
    foreign = '<img src="http://192.0.2.1/x"><script>document.title = "taken"</script></body>'
    slipped.write_text(some.read_text().replace("</body>", foreign))
    browser.open(slipped)
    assert browser.run("document.title") == "Remote Assistance compliance"
    assert len(browser.complaints) == 2
    assert all("Content Security Policy" in said for said in browser.complaints)


@pytest.mark.parametrize("width", [1920, 1360, 1180, 1000, 861, 860, 420, 320])
@pytest.mark.parametrize("kind", ["some", "long"])
def test_nothing_is_wider_than_the_window(
    browser: Chromium, some: Path, page_of_results: Callable[..., Path], width: int, kind: str
) -> None:
    if kind == "long":
        word = "W" * 150
        change = {"setting": word, "title": word, "before": word, "after": [word, word], "where": ["registry"]}
        error = {"kind": "timeout", "message": word, "hint": word}
        drifted = host_result(state="drifted", policy_changes=[change], firewall_error=error, policy_warnings=[word])
        path = page_of_results("long", {word: drifted}, title=word)
    else:
        path = some
    browser.size(width, 800)
    browser.open(path)
    browser.run("document.querySelectorAll('details').forEach((item, at) => item.open = at % 20 === 0)")
    assert browser.run("document.documentElement.scrollWidth") <= width
    overlapping = (
        "Array.from(document.querySelectorAll('.more td, .card')).filter(e => e.scrollWidth > e.clientWidth + 1)"
        ".map(e => e.className + e.textContent.slice(0, 40))"
    )
    assert browser.run(overlapping) == []


CONTRAST = """
(() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgb = (color) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return Array.from(canvas.getImageData(0, 0, 1, 1).data);
  };
  const light = (color) => {
    const [r, g, b] = rgb(color).slice(0, 3).map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const color = getComputedStyle(e).backgroundColor;
      if (rgb(color)[3] === 255) return color;
    }
    return getComputedStyle(document.body).backgroundColor;
  };
  const poor = {};
  for (const e of document.querySelectorAll('body *')) {
    const own = Array.from(e.childNodes).some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.offsetParent || e.closest('.off')) continue;
    const [one, two] = [light(getComputedStyle(e).color), light(behind(e))];
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    if (ratio < 4.5) poor[`${e.tagName} ${e.className} ${e.parentElement.className}`] = ratio;
  }
  return poor;
})()
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("real", [False, True])
def test_every_text_has_the_contrast_of_wcag_aa(
    browser: Chromium, page_of_results: Callable[..., Path], scheme: str, real: bool
) -> None:
    browser.media(scheme=scheme)
    browser.open(page_of_results(f"contrast-{real}", pool_results(120, real=real)))
    browser.run("document.querySelectorAll('details').forEach(item => item.open = true)")
    assert browser.run(CONTRAST) == {}
    dark = browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(18, 23, 29)"
    assert dark is (scheme == "dark")


def test_screenshots_can_be_made_in_every_look(browser: Chromium, thousand: Path, tmp_path: Path) -> None:
    browser.open(thousand)
    seen = set()
    for scheme, width in (("light", 1360), ("dark", 1360), ("light", 420)):
        browser.size(width, 900)
        browser.media(scheme=scheme)
        picture = browser.screenshot(tmp_path / f"{scheme}-{width}.png")
        assert struct.unpack(">II", picture[16:24]) == (width, 900)
        seen.add(picture)
    assert len(seen) == 3


def test_it_prints_with_the_findings_unfolded(browser: Chromium, page_of_results: Callable[..., Path]) -> None:
    browser.open(page_of_results("print", pool_results(100)))
    browser.media(kind="print")
    findings = sum(1 for result in pool_results(100).values() if result.get("state") != "compliant")
    assert unfolded(browser) == findings
    assert browser.run("document.querySelector('.tools').offsetHeight") == 0
    assert browser.pdf().startswith(b"%PDF")


def test_a_pool_that_is_well_is_calm(browser: Chromium, page_of_results: Callable[..., Path]) -> None:
    browser.open(page_of_results("well", {f"desk-{number}": host_result() for number in range(3)}))
    text = browser.run("document.body.innerText")
    assert "100 %" in text
    assert "3 of 3 as they should be" in text
    assert "No setting differs" in text
    assert "Who decides instead" not in text
    assert browser.complaints == []
