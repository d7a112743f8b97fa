# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host that is as it should be costs: exchanges, counted by the host itself, login included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.host_state import ensure_host

from tests.enforce.pools import CLIENT, GERMAN, SERVER, STRIPPED
from tests.enforce.rig import helpdesk

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
MOST_REQUESTS = 7
"""The login's challenge; shell, command and output; rules and profiles of the firewall; the end of the shell."""


@pytest.mark.parametrize("kind", [CLIENT, SERVER, GERMAN, STRIPPED], ids=lambda kind: kind["name"])
def test_a_converged_host(make_pool: Callable[..., Any], connect: Callable[[Any], Any], kind: dict[str, Any]) -> None:
    host = make_pool({**kind, "firewall": {**kind.get("firewall", {}), "rule_count": 450}}).hosts[kind["name"]]
    ensure_host(connect(host), helpdesk())
    for check in (True, False):
        host.counters.clear()
        outcome = ensure_host(connect(host), helpdesk(), check=check)
        assert outcome.state == "compliant"
        assert host.counters["requests"] <= MOST_REQUESTS
