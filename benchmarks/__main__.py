# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python -m benchmarks`: what an invitation, a search, enforcement and logs cost: whole processes, in one run."""

from __future__ import annotations

import argparse
import json
import sys

from . import enforce, invitation, logs, policy, search


def main() -> int:
    """Run what is asked for, and print one table each; exit code 1 when a budget is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "what",
        nargs="*",
        default=["invitation", "search"],
        choices=["invitation", "search", "enforce", "policy", "logs", []],
    )
    parser.add_argument("--hosts", type=int, default=1000, help="hosts to search (default: 1000)")
    parser.add_argument("--enforce-hosts", type=int, default=500, help="hosts to enforce on (default: 500)")
    parser.add_argument("--policy-hosts", type=int, default=500, help="hosts to keep policy on (default: 500)")
    parser.add_argument("--log-hosts", type=int, default=500, help="hosts to collect logs from (default: 500)")
    parser.add_argument("--forks", default="5,20,50", help="Ansible's forks to try for the ordinary task")
    parser.add_argument("--json", action="store_true", help="print data instead of tables")
    arguments = parser.parse_args()
    outcomes = []
    if "invitation" in arguments.what:
        outcomes += invitation.run()
    if "search" in arguments.what:
        outcomes += search.run(arguments.hosts, [int(forks) for forks in arguments.forks.split(",")])
    if "enforce" in arguments.what:
        outcomes += enforce.run(arguments.enforce_hosts)
    if "policy" in arguments.what:
        outcomes += policy.run(arguments.policy_hosts)
    if "logs" in arguments.what:
        outcomes += logs.run(arguments.log_hosts)
    if arguments.json:
        print(json.dumps(outcomes, indent=2))
    else:
        for item in outcomes:
            mark = "ok  " if item["met"] else "MISS"
            print(f"{mark} {item['name']:<58} {item['value']:>9} (budget {item['budget']})")
    return 0 if all(item["met"] for item in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
