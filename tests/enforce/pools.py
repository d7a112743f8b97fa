# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hosts that tests of enforcement are about."""

from __future__ import annotations

from typing import Any

from tests.support.pools import ACCOUNTS, SERVICE_PASSWORD

NO_ADMINISTRATOR = "Only-A-Simulated-Account-2"
WITH_AN_ORDINARY_ACCOUNT = [*ACCOUNTS, {"name": "clerk", "password": NO_ADMINISTRATOR}]

CLIENT: dict[str, Any] = {"name": "client", "os": "windows-11"}
SERVER: dict[str, Any] = {"name": "server", "os": "server-2022", "features": {"RemoteAssistance": "disabled"}}
GERMAN: dict[str, Any] = {"name": "german", "os": "windows-10", "language": "de-DE"}
STRIPPED: dict[str, Any] = {"name": "stripped", "os": "windows-11", "firewall": {"missing_group": True}}
DOWN: dict[str, Any] = {"name": "down", "faults": {"down": True}}
REFUSES: dict[str, Any] = {"name": "refuses", "faults": {"refuse_login": True}}
OVERRULED: dict[str, Any] = {
    "name": "overruled",
    "domain_policies": [
        {
            "name": "No assistance",
            "guid": "{11111111-2222-3333-4444-555555555555}",
            "values": {"fAllowToGetHelp": 0},
        }
    ],
}
CLERK: dict[str, Any] = {"name": "clerk"}
"""Its inventory has an account that is no administrator there."""

MENDABLE = (CLIENT, SERVER, GERMAN, STRIPPED)
EVERY_KIND = (*MENDABLE, OVERRULED, CLERK, DOWN, REFUSES)
CLERKS_LOGIN = {"ansible_user": "CORP\\clerk", "ansible_password": NO_ADMINISTRATOR}
ADMINISTRATORS_LOGIN = {"ansible_user": "CORP\\svc-ansible", "ansible_password": SERVICE_PASSWORD}
