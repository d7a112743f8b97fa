# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python -m simulator`: serve a pool, run a command against one, check a description."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from .pool import PoolDescription, PoolFileError, generate, load_pool
from .pool_server import Pool, PoolError, environment


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (
        ("serve", "serve a pool until interrupted"),
        ("run", "serve a pool while a command runs, and end with its exit code"),
        ("check", "check a pool description"),
    ):
        command = commands.add_parser(name, help=text)
        source = command.add_mutually_exclusive_group(required=True)
        source.add_argument("--pool", type=Path, help="pool description (YAML)")
        source.add_argument("--generate", type=int, metavar="N", help="a pool of N one-user desktops")
        if name == "run":
            command.add_argument("program", nargs=argparse.REMAINDER, metavar="-- COMMAND")
    return parser.parse_args(argv)


def _describe(pool: Pool) -> None:
    for host in pool.hosts.values():
        people = ", ".join(f"{item.account.name} ({item.state})" for item in host.sessions) or "nobody"
        down = "  down" if host.faults.down else ""
        print(f"{host.name:<14} {host.address:<15} {host.system.caption:<34} {people}{down}", file=sys.stderr)
    print(f"control at {pool.control}, CA in {pool.ca}", file=sys.stderr, flush=True)


def _run(pool: Pool, program: Sequence[str]) -> int:
    words = list(program[1:] if program[:1] == ["--"] else program)
    if not words:
        raise PoolError("there is no command to run: put it after --")
    try:
        child = subprocess.Popen(words, env={**os.environ, **environment(pool)})
    except OSError as error:
        raise PoolError(f"{words[0]}: {error.strerror}") from None
    try:
        return child.wait()
    except KeyboardInterrupt:
        child.send_signal(signal.SIGINT)
        return child.wait()


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit code."""
    arguments = _arguments(argv)
    try:
        description: PoolDescription = load_pool(arguments.pool) if arguments.pool else generate(arguments.generate)
        if arguments.command == "check":
            print(f"{len(description.hosts)} hosts, {len(description.accounts)} accounts")
            return 0
        with Pool(description) as pool:
            if arguments.command == "run":
                return _run(pool, arguments.program)
            _describe(pool)
            stopped = threading.Event()
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stopped.set())
            stopped.wait()
            return 0
    except (PoolError, PoolFileError) as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 2
