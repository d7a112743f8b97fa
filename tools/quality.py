# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the checks that any published collection has to pass, as far as they need no container.

::

    make quality                                          all of them
    .venvs/quality/bin/python tools/quality.py lint docs  these alone

It belongs to the environment of requirements-quality.txt, and keeps what the tools leave behind in a home
directory of its own beside it. No host but the Python package index is asked.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import ansible_test_home

ROOT = Path(__file__).resolve().parents[1]
COLLECTION = ROOT / "collections/ansible_collections/workspot/assist"
HOME = ROOT / ".venvs/quality-home"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
DEADLINE = 600
"""Seconds for one command; the slowest, all sanity tests on an empty cache, takes about 60."""


class GateFailed(Exception):
    """A check did not pass; the text is what its program said."""


@dataclass
class Gate:
    """One check, its output and its time."""

    name: str
    check: Callable[[Gate], None]
    failure: str = ""
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)

    def run(self) -> Gate:
        """Do it; never raises for a check that fails."""
        started = time.monotonic()
        try:
            self.check(self)
        except GateFailed as error:
            self.failure = str(error)
        except Exception:  # the other checks still have something to say
            self.failure = traceback.format_exc()
        self.seconds = time.monotonic() - started
        return self

    def command(self, *words: str | Path, cwd: Path = COLLECTION, **variables: str | Path) -> str:
        """Run a program of this environment.

        Args:
            words: The program and its arguments.
            cwd: Where.
            variables: Further environment variables.

        Returns:
            What it printed.

        Raises:
            GateFailed: It ended with an error.
        """
        bin_folder = Path(sys.executable).parent
        settings = {
            "PATH": f"{bin_folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "HOME": HOME,
            "LC_ALL": "C.UTF-8",
            "NO_COLOR": "1",
        }
        done = subprocess.run(
            [str(word) for word in words],
            cwd=cwd,
            env={name: str(value) for name, value in (settings | variables).items()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=DEADLINE,
            text=True,
            check=False,
        )
        if done.returncode:
            raise GateFailed(f"$ {' '.join(map(str, words))}\n{done.stdout.strip()}\n(exit code {done.returncode})")
        return done.stdout


def lint(gate: Gate) -> None:
    """Playbooks, roles and the collection's metadata; settings are in .ansible-lint."""
    # The project's ansible.cfg refuses to run without an inventory, and so would ansible-lint's syntax check.
    inventory = ROOT / "inventories/simulated"
    gate.command(
        "ansible-lint", "--offline", cwd=ROOT, ANSIBLE_INVENTORY=inventory, ANSIBLE_CONFIG=ROOT / "ansible.cfg"
    )


def docs(gate: Gate) -> None:
    """Documentation of plugins and modules, and every reference in it."""
    gate.command("antsibull-docs", "lint-collection-docs", "--plugin-docs", "--validate-collection-refs=all", ".")


def changelog(gate: Gate) -> None:
    """Changelog fragments and settings."""
    gate.command("antsibull-changelog", "lint")


def sanity(gate: Gate) -> None:
    """What ansible-core's own test program finds without running anything of the collection."""
    ansible_test_home.prepare(HOME)
    said = gate.command("ansible-test", "sanity", "--python", PYTHON, "--color", "no", "--truncate", "0")
    gate.notes += [line for line in said.splitlines() if "Skipping sanity test" in line]


def units(gate: Gate) -> None:
    """The unit tests as ansible-test runs them: collections loaded its way, in its own environment."""
    ansible_test_home.prepare(HOME)
    said = gate.command("ansible-test", "units", "--venv", "--python", PYTHON, "--color", "no", "--truncate", "0")
    summary = [line.strip("= ") for line in said.splitlines() if " passed" in line]
    if not summary:
        raise GateFailed(f"ansible-test ran no unit test:\n{said}")
    gate.notes += summary


def archive(gate: Gate) -> None:
    """Build the archive, install it into an empty folder, and use it from there."""
    with tempfile.TemporaryDirectory(prefix="workspot-quality-") as name:
        folder = Path(name)
        (folder / "ansible.cfg").touch()
        gate.command("ansible-galaxy", "collection", "build", "--output-path", folder)
        (built,) = folder.glob("*.tar.gz")
        _compare_with_git(gate, built)
        installed = folder / "installed"
        variables = {"ANSIBLE_CONFIG": folder / "ansible.cfg", "ANSIBLE_COLLECTIONS_PATH": installed}
        words = ["ansible-galaxy", "collection", "install", built, "-p", installed, "--offline"]
        gate.command(*words, cwd=folder, **variables)
        _read_documentation(gate, folder, variables)
        _open_an_invitation(gate, folder, variables)


def _compare_with_git(gate: Gate, built: Path) -> None:
    """The archive holds the collection's files, all of them, and no others."""
    with tarfile.open(built) as opened:
        packed = {item.name for item in opened.getmembers() if item.isfile()} - {"MANIFEST.json", "FILES.json"}
    if not (ROOT / ".git").exists():
        gate.notes.append("no git work tree: the archive's list of files was not checked")
        return
    listed = gate.command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    # git still lists a file that was just deleted. galaxy.yml becomes MANIFEST.json.
    known = {name for name in listed if name and (COLLECTION / name).exists()} - {"galaxy.yml"}
    if packed != known:
        raise GateFailed(f"only in the archive: {sorted(packed - known)}, not in it: {sorted(known - packed)}")


def _read_documentation(gate: Gate, folder: Path, variables: dict[str, Path]) -> None:
    names = {"module": "modules", "filter": "filter"}
    for kind, plugins in names.items():
        wanted = {f"workspot.assist.{path.stem}" for path in (COLLECTION / "plugins" / plugins).glob("[!_]*.py")}
        said = gate.command("ansible-doc", "-t", kind, "--json", *sorted(wanted), cwd=folder, **variables)
        if set(json.loads(said)) != wanted:
            raise GateFailed(f"ansible-doc -t {kind} does not know all of {sorted(wanted)}:\n{said}")
    for path in sorted((COLLECTION / "playbooks").glob("*.yml")):
        words = ["ansible-playbook", "--syntax-check", "-i", "localhost,", f"workspot.assist.{path.stem}"]
        gate.command(*words, cwd=folder, **variables)


def _open_an_invitation(gate: Gate, folder: Path, variables: dict[str, Path]) -> None:
    """Run a module; the invitation is made by neither the collection nor the simulator."""
    sys.path.insert(0, str(ROOT))
    from tests.helper_client.ticket import make_invitation

    file, password = folder / "1.msrcincident", "Maple-Harbor-29"
    file.write_bytes(make_invitation(password, [("192.0.2.10", 49200)], user="jdoe"))
    for typed, opens in ((password, True), ("Maple-Harbor-28", False)):
        arguments = json.dumps({"path": str(file), "password": typed})
        words = ["ansible", "localhost", "-i", "localhost,", "-c", "local"]
        said = gate.command(*words, "-m", "workspot.assist.invitation_info", "-a", arguments, cwd=folder, **variables)
        found = json.loads(said.partition("=> ")[2])["invitation"]
        if (found["user_name"], found["verified"]) != ("jdoe", opens):
            raise GateFailed(f"invitation_info of the installed collection, password right: {opens}\n{said}")


# Two at a time: ansible-test in one lane, for its programs share a folder, everything else in the other.
LANES = [[sanity, units], [lint, docs, changelog, archive]]


def _run_lane(gates: list[Gate]) -> list[Gate]:
    for gate in gates:
        gate.run()
        print(f"  {gate.name:10} {'FAILED' if gate.failure else 'ok':6} {gate.seconds:5.1f} s", flush=True)
        for note in gate.notes:
            print(f"             {note}", flush=True)
    return gates


def main() -> int:
    """Read the command line, run, and show what failed."""
    known = [check.__name__ for lane in LANES for check in lane]
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("gate", nargs="*", help=f"of {', '.join(known)}; all without one")
    chosen = parser.parse_args().gate or known
    if unknown := set(chosen) - set(known):
        parser.error(f"no such check: {', '.join(sorted(unknown))}")
    HOME.mkdir(parents=True, exist_ok=True)
    lanes = [[Gate(check.__name__, check) for check in lane if check.__name__ in chosen] for lane in LANES]
    with ThreadPoolExecutor(len(lanes)) as pool:
        done = [gate for lane in pool.map(_run_lane, lanes) for gate in lane]
    failed = [gate for gate in done if gate.failure]
    for gate in failed:
        print(f"\n== {gate.name} ==\n{gate.failure}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
