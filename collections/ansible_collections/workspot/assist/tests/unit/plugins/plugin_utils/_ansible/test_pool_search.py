# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a search over many hosts says of its progress."""

from __future__ import annotations

from ansible_collections.workspot.assist.plugins.plugin_utils._ansible.pool_search import _Progress
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.locate import HostLookup, failed_lookup
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import Unreachable


def test_a_second_look_goes_on_counting_where_the_first_ended() -> None:
    silent = failed_lookup("desk-01", Unreachable("no connection."))
    progress = _Progress(3, [HostLookup("desk-03")], [silent, HostLookup("desk-02")])
    progress(1)
    assert progress.line(9.0) == "locate_user: 3 of 5 hosts answered, 1 with errors, 0 found"
