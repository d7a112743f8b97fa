# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What only the operator at the terminal may see: a generated password, once.

It never becomes part of a result, so no callback, log file or job record of Ansible holds it.
"""

from __future__ import annotations

import os
import shlex
import stat
from pathlib import Path

from ansible import constants as C
from ansible import context
from ansible.utils.display import Display

display = Display()
_PLAYBOOKS = frozenset({"assist.yml", "workspot.assist.assist"})
_TTY_MAJORS = frozenset({4, 5, *range(136, 144), 188})
"""Character devices that are terminals on Linux (Documentation/admin-guide/devices.txt)."""


def _is_terminal(descriptor: Path) -> bool:
    try:
        status = descriptor.stat()
    except OSError:
        return False
    return stat.S_ISCHR(status.st_mode) and os.major(status.st_rdev) in _TTY_MAJORS


def is_recorded() -> bool:
    """Whether ansible-runner runs this, as AWX and ansible-navigator do.

    It gives ansible-playbook a pseudo-terminal and keeps every byte of it as the job's output
    (ansible_runner/runner.py, and prepare_env of config/_base.py for what it sets).
    """
    return "AWX_ISOLATED_DATA_DIR" in os.environ or os.environ.get("ANSIBLE_STDOUT_CALLBACK") == "awx_display"


def terminal_is_there() -> bool:
    """Whether ansible-playbook's standard output is a terminal that only the operator sees.

    Workers of ansible-core 2.19 and newer have no terminal of their own, so the parent process is asked.
    """
    if is_recorded():
        return False
    parent = Path(f"/proc/{os.getppid()}/fd/1")
    if parent.parent.exists():
        return _is_terminal(parent)
    return os.isatty(1)


def show_once(text: str) -> None:
    """Show a line on the terminal, and in no log file (``log_path``)."""
    display.display(text, screen_only=True)


def command_of_this_run() -> str | None:
    """The command that the operator gave, as far as it is safe to repeat; ``None`` for another playbook.

    The playbook and the inventories alone: extra variables may hold a password.
    """
    playbooks: tuple[str, ...] = tuple(context.CLIARGS.get("args") or ())
    if len(playbooks) != 1 or Path(playbooks[0]).name not in _PLAYBOOKS:
        return None
    inventories: tuple[str, ...] = tuple(context.CLIARGS.get("inventory") or ())
    words = ["ansible-playbook", playbooks[0]]
    if inventories != tuple(C.DEFAULT_HOST_LIST):
        words += [word for inventory in inventories for word in ("-i", _short(inventory))]
    return shlex.join(words)


def _short(inventory: str) -> str:
    """An inventory's path as seen from here, where it is below; Ansible has made it absolute."""
    try:
        return str(Path(inventory).relative_to(Path.cwd()))
    except (ValueError, OSError):
        return inventory
