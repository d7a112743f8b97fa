# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._ansible import progress as progress_module
from ansible_collections.workspot.assist.plugins.plugin_utils._ansible.log_collection import CollectionProgress
from ansible_collections.workspot.assist.plugins.plugin_utils._ansible.log_summary import (
    MAX_NAMED,
    summary,
    summary_lines,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.session_logs.collect import (
    MAX_TOLD,
    HostCollection,
    failed_collection,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import AssistError


def good(number: int, **more: int) -> HostCollection:
    """A host that has answered."""
    return HostCollection(f"desk-{number:02d}", listed=20, new=20, bytes=2_000_000, events=3, exchanges=6, **more)


def bad(number: int) -> HostCollection:
    """One that has not."""
    return failed_collection(f"desk-{number:02d}", AssistError("it was not reached."))


def test_progress_says_how_far_it_is_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    now, said = [100.0], []
    monkeypatch.setattr(progress_module.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(progress_module.display, "display", said.append)
    outcomes: dict[str, HostCollection] = {}
    progress = CollectionProgress(8, outcomes)
    for number in range(4):
        outcomes[str(number)] = good(number) if number else bad(number)
        now[0] += 3.0
        progress(number + 1)
    assert said == [
        "session_log: 2 of 8 hosts, 20 new logs (2.0 MB), 1 with errors, about 18 s left",
        "session_log: 4 of 8 hosts, 60 new logs (6.0 MB), 1 with errors, about 12 s left",
    ]


def test_nobody_has_answered_yet() -> None:
    assert CollectionProgress(8, {}).line(6.0) == "session_log: 0 of 8 hosts, 0 new logs (0.0 MB), 0 with errors"


def test_a_summary_names_some_and_counts_all() -> None:
    spoilt = good(1)
    for number in range(50):
        spoilt.note_unparsable(f"file-{number}", "no XML")
        spoilt.note_left("S-1-5-21", f"log-{number}", "locked")
    outcomes = [spoilt, good(2), *(bad(number) for number in range(3, 40))]
    counts = summary(outcomes)
    assert (counts["hosts"], counts["answered"], counts["new_logs"]) == (39, 2, 40)
    assert (counts["unparsable"], counts["left"], len(spoilt.left)) == (50, 50, MAX_TOLD)
    lines = summary_lines(outcomes, dry=False)
    assert lines[0].startswith("2 of 39 hosts answered: 40 session logs there, 40 new ones collected (4000000 bytes)")
    assert "not parsable, archived all the same: 50" in lines
    assert "  desk-01: log-0 of S-1-5-21: locked" in lines
    assert f"  and {37 - MAX_NAMED} more" in lines
    assert len(lines) == 1 + 3 * (MAX_NAMED + 2)


def test_nothing_wrong_is_one_line() -> None:
    assert len(summary_lines([good(1)], dry=True)) == 1
