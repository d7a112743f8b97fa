# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Calls ansible-runner as AWX' dispatcher does; runs in the environment that has ansible-runner.

The parameters come as JSON on standard input: passwords among them are on no command line and in no environment.
What the run ended with goes to the file named by the one argument. SIGTERM and SIGINT cancel it (ansible-runner sets
the handlers itself).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import ansible_runner


def main() -> None:
    """Run, and say how it ended."""
    run = ansible_runner.interface.run(**json.load(sys.stdin))
    Path(sys.argv[1]).write_text(json.dumps({"status": run.status, "rc": run.rc}))


if __name__ == "__main__":
    main()
