# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulated pool of Windows hosts on loopback addresses: serve it, run a command against it, check it."""

from __future__ import annotations

import argparse
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from .pool import HostDescription, PoolDescription, PoolFileError, generate, load_pool
from .pool_server import Pool, PoolError, environment
from .windows.systems import SYSTEMS
from .workers import WorkerPool

_FILES_PER_HOST = 6  # two listeners, and some connections
_MOST_HOSTS = 100_000
EPILOG = """
run ends with the exit code of COMMAND, and gives it in its environment:
  WORKSPOT_SIMULATOR_CONTROL  URL of the control address (see simulator/control.py)
  WORKSPOT_SIMULATOR_CA       path of the certificate authority of the HTTPS listeners

Exit codes: 0 all is well; 2 the command line or the pool description is wrong, or a pool can not be started; 3 the
simulator itself made a mistake; with run else that of COMMAND, 128 and the number of the signal that ended it.
"""


def _count(text: str) -> int:
    """A number of hosts or processes; more hosts than that have no addresses left (`generate`)."""
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_HOSTS:
        raise argparse.ArgumentTypeError(f"a number from 1 to {_MOST_HOSTS} is expected, not {text!r}")
    return int(text)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m simulator",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (
        ("serve", "serve a pool until SIGTERM or SIGINT"),
        ("run", "serve a pool while a command runs, and end with its exit code"),
        ("check", "check a pool description"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        source = command.add_mutually_exclusive_group(required=True)
        source.add_argument("--pool", type=Path, metavar="FILE", help="pool description (YAML)")
        source.add_argument("--generate", type=_count, metavar="N", help="a pool of N one-user desktops")
        if name != "check":
            command.add_argument(
                "--workers", type=_count, default=1, metavar="N", help="processes that share the hosts (default: 1)"
            )
        if name == "run":
            command.add_argument("program", nargs=argparse.REMAINDER, metavar="-- COMMAND")
    return parser.parse_args(argv)


def _line(host: HostDescription) -> str:
    """One host in one line."""
    people = ", ".join(
        f"{item.user.rpartition(chr(92))[2]} ({item.state}{', app' if item.kind == 'published_app' else ''})"
        for item in host.sessions[:3]
    )
    more = f" and {len(host.sessions) - 3} more" if len(host.sessions) > 3 else ""
    broken = ", ".join(f"{name}={value}" for name, value in host.faults.items())
    caption = SYSTEMS[host.os].caption.removeprefix("Microsoft ")
    return f"{host.name:<14} {host.address:<15} {caption:<30} {people or 'nobody'}{more}  {broken}".rstrip()


def _describe(pool: Pool | WorkerPool) -> Iterator[str]:
    yield from (_line(host) for host in pool.description.hosts)
    yield f"control at {pool.control}, CA in {pool.ca}"


def _serve(pool: Pool | WorkerPool) -> int:
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    for line in _describe(pool):
        print(line, flush=True)
    stopped.wait()
    return _report(pool, 0)


def _run(pool: Pool | WorkerPool, program: Sequence[str]) -> int:
    try:
        child = subprocess.Popen(program, env={**os.environ, **environment(pool)})
    except OSError as error:
        raise PoolError(f"{program[0]}: {error.strerror}") from None
    # At a terminal the command gets Ctrl-C itself.
    interrupts = () if sys.stdin is not None and sys.stdin.isatty() else (signal.SIGINT,)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for number in before:
        passed_on = number in interrupts or number == signal.SIGTERM
        signal.signal(number, (lambda number, _: child.send_signal(number)) if passed_on else (lambda *_: None))
    try:
        code = child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return _report(pool, code if code >= 0 else 128 - code)


def _report(pool: Pool | WorkerPool, code: int) -> int:
    """Show mistakes of the simulator itself; they make an otherwise good end a bad one."""
    errors = pool.errors
    for text in errors[:5]:
        print(f"simulator: mistake in the simulator: {text}", file=sys.stderr)
    return code or (3 if errors else 0)


def _allow_files(hosts: int) -> None:
    """Raise this process' limit of open files as far as it goes, when the pool needs it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = hosts * _FILES_PER_HOST + 256
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _words(arguments: argparse.Namespace) -> list[str]:
    """The command of `run`."""
    program = list(arguments.program)
    words = program[1:] if program[:1] == ["--"] else program
    if not words:
        raise PoolError("there is no command to run: put it after --")
    return words


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit code."""
    arguments = _arguments(argv)
    try:
        words = _words(arguments) if arguments.command == "run" else []
        description: PoolDescription = load_pool(arguments.pool) if arguments.pool else generate(arguments.generate)
        if arguments.command == "check":
            print(f"{len(description.hosts)} hosts, {len(description.accounts)} accounts")
            return 0
        _allow_files(len(description.hosts))
        several = arguments.workers > 1
        with WorkerPool(description, arguments.workers) if several else Pool(description) as pool:
            return _run(pool, words) if arguments.command == "run" else _serve(pool)
    except (PoolError, PoolFileError) as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 2
