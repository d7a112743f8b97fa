# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A PowerShell that costs nothing, for benchmarks alone: it takes a module of Ansible in, and says "no change" at once.

Hosts whose description says `powershell_free` have it; no other simulated host has a PowerShell. It runs nothing.
Ansible starts `powershell ... -EncodedCommand` and sends the module, its libraries and its arguments to the standard
input; a module answers with one JSON object on the standard output (docs.ansible.com, "Ansible module architecture").
"""

from __future__ import annotations

import json

from .cmd import Context

# What the modules of the comparison return when they find nothing to do, of all of them together: the options of
# ansible.windows.win_powershell, win_regedit and win_optional_feature, community.windows.win_firewall_rule.
_ANSWER = json.dumps(
    {
        "changed": False,
        "data_changed": False,
        "data_type_changed": False,
        "reboot_required": False,
        "msg": "",
        "result": {},
        "host_err": "",
        "host_out": "",
        "output": [],
        "error": [],
        "warning": [],
        "verbose": [],
        "debug": [],
        "information": [],
    }
)


async def powershell(words: list[str], context: Context) -> int:
    """`powershell ... -EncodedCommand SCRIPT`, its input read to the end."""
    if not any(word.lower() in ("-encodedcommand", "-enc", "-command") for word in words):
        context.err("This PowerShell takes a command alone.\r\n")
        return 1
    await context.stdin()
    context.out(f"{_ANSWER}\r\n")
    return 0
