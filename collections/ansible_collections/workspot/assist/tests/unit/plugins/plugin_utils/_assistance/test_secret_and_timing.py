# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets that do not show, and waits that end."""

from __future__ import annotations

import pickle
import traceback

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.secret import Secret
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.timing import Timing


def test_a_secret_does_not_show() -> None:
    secret = Secret("hunter22")
    assert "hunter22" not in f"{secret} {secret!r} {secret:>20} {[secret]}"
    assert secret.reveal() == "hunter22"
    assert secret.masked("msra hunter22") == "msra ********"
    with pytest.raises(TypeError) as caught:
        pickle.dumps(secret)
    assert "hunter22" not in "".join(traceback.format_exception(caught.value))


def test_attempts_end_at_the_deadline() -> None:
    elapsed = [0.0]

    def sleep(seconds: float) -> None:
        elapsed[0] += seconds

    timing = Timing(monotonic=lambda: elapsed[0], sleep=sleep)
    remaining = list(timing.attempts(5.0, pause=0.5))
    assert remaining[0] == 5.0
    assert remaining[-1] == 0.0
    assert elapsed[0] == 5.0
    assert len(list(timing.attempts(0.0, pause=1.0))) == 1
