# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connection plugins that are copies of another one."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import connection_loader
from ansible_collections.workspot.assist.plugins.plugin_utils._ansible.connection_pattern import (
    EXTRAS,
    ConnectionPattern,
)


@pytest.mark.parametrize(
    ("first", "second", "password"),
    [("one", "two", "two"), (1, True, "True"), (True, 1, "1"), (1, 1.0, "1.0"), ("1", 1, "1")],
)
def test_a_value_that_is_merely_equal_is_another_one(first: Any, second: Any, password: str) -> None:
    pattern = ConnectionPattern(connection_loader.get("winrm", PlayContext(), "/dev/null"), {})
    made = [
        pattern.connection({"inventory_hostname": "desk-01", "ansible_password": value, EXTRAS: {}})
        for value in (first, second)
    ]
    assert [str(item.get_option("remote_password")) for item in made] == [str(first), password]
