# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes a virtual environment that holds exactly the pinned packages, or does nothing when it does already.

::

    python3 tools/venv.py .venv requirements.txt requirements-simulator.txt
    python3 tools/venv.py --python 3.12 --pin ansible-core==2.21.5 .venvs/ansible-2.21 requirements.txt

The standard library alone, and old syntax: it has to explain itself on whatever python3 there is.
"""

import argparse
import glob
import hashlib
import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)
NEWEST = (3, 14)
"""Newer interpreters are taken only when asked for: the pinned packages may have no build for them."""
ABSENT = 3
"""Exit code when the interpreter that was asked for is not on this machine (with --if-present: 0)."""


def version_of(python):
    """(major, minor) of an interpreter, or None when it does not run."""
    code = "import sys; print('%d %d' % sys.version_info[:2])"
    try:
        said = subprocess.check_output([python, "-I", "-c", code], stderr=subprocess.DEVNULL, timeout=30)
        major, minor = said.split()
        return int(major), int(minor)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def candidates():
    """Interpreters in the order of preference: the machine's own python3, then the newest first."""
    yield "python3"
    yield sys.executable
    names = [f"python3.{minor}" for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]
    for name in names:
        yield name
    # pyenv keeps versions that its python3.X commands do not start.
    root = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    for name in names:
        yield from sorted(glob.glob(os.path.join(root, "versions", "*", "bin", name)), reverse=True)


def find_python(wanted):
    """The interpreter to use, or None.

    Args:
        wanted: "3.12" for that version alone, None for any that the pins are known to work with.
    """
    for name in candidates():
        path = shutil.which(name)
        found = version_of(path) if path else None
        if found is None:
            continue
        if wanted is None and OLDEST <= found <= NEWEST:
            return path
        if f"{found[0]}.{found[1]}" == wanted:
            return path
    return None


def texts_of(path):
    """The text of a requirements file, and of those it includes."""
    with open(path) as stream:
        text = stream.read()
    yield text
    for line in text.splitlines():
        if line.startswith("-r "):
            yield from texts_of(os.path.join(os.path.dirname(path), line[3:].strip()))


def stamp_of(requirements, pins):
    """What the environment is made from, as one line."""
    digest = hashlib.sha256()
    for path in requirements:
        for text in texts_of(path):
            digest.update(text.encode())
    digest.update("\n".join(pins).encode())
    return digest.hexdigest()


def is_current(venv, name, stamp):
    """Whether the environment's interpreter runs and its packages are those of the stamp."""
    try:
        with open(os.path.join(venv, name)) as stream:
            same = stream.read().strip() == stamp
    except OSError:
        return False
    return same and version_of(os.path.join(venv, "bin", "python")) is not None


def create(python, venv):
    """Make an empty environment with pip in it."""
    # Debian splits venv's pip off into a package of its own; without it the error is long and says little.
    if subprocess.call([python, "-c", "import venv, ensurepip"], stderr=subprocess.DEVNULL):
        major, minor = version_of(python)
        sys.exit(
            f"{python} can not make virtual environments: its venv or ensurepip module is missing.\n"
            f"On Debian and Ubuntu: apt-get install python{major}.{minor}-venv"
        )
    subprocess.run([python, "-m", "venv", "--clear", venv], check=True)


def install(venv, requirements, pins):
    """Install the pinned packages."""
    command = [os.path.join(venv, "bin", "python"), "-m", "pip", "install", "--quiet"]
    command += ["--disable-pip-version-check", "--no-input", "--retries", "5"]
    for path in requirements:
        command += ["-r", path]
    print(f"installing {', '.join(requirements + pins)} into {venv}", flush=True)
    if subprocess.call(command + pins):
        sys.exit("pip could not install the packages; its own message stands above.")


def main():
    """Read the command line and do it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--python", help="only this version, such as 3.12")
    parser.add_argument("--prefer", help="this version where it is here, otherwise any that the pins work with")
    parser.add_argument("--pin", action="append", default=[], help="one more requirement")
    parser.add_argument("--if-present", action="store_true", help="no error when that version is not here")
    parser.add_argument("venv")
    parser.add_argument("requirements", nargs="+")
    options = parser.parse_args()
    # One stamp for each set: `make demo` after `make test` has nothing to do, and the other way round.
    digest = hashlib.sha256(" ".join(options.requirements).encode()).hexdigest()
    name = f".stamp-{digest[:12]}"
    stamp = stamp_of(options.requirements, options.pin)
    if is_current(options.venv, name, stamp):
        return
    if version_of(os.path.join(options.venv, "bin", "python")) is None:
        preferred = find_python(options.prefer) if options.prefer else None
        python = os.environ.get("PYTHON") or preferred or find_python(options.python)
        if python is None:
            wanted = options.python or f"3.{OLDEST[1]} to 3.{NEWEST[1]}"
            print(f"there is no python {wanted} on this machine", file=sys.stderr)
            sys.exit(0 if options.if_present else ABSENT)
        create(python, options.venv)
    install(options.venv, options.requirements, options.pin)
    with open(os.path.join(options.venv, name), "w") as stream:
        stream.write(stamp + "\n")


if __name__ == "__main__":
    main()
