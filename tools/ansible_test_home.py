# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prepares a home directory in which ansible-test needs no host but the Python package index.

For each sanity test ansible-test makes a virtual environment without pip and runs a script in it that
installs one. It would download that script, unless ``~/.ansible/test/cache/get_pip_VERSION.py`` is there
(``bootstrap`` in ansible_test/_util/target/setup/requirements.py). The one written here starts the wheel of
the very pip that is to be installed, which came from the package index by ``pip download``.

The home directory also gets pip's settings (index, certificates): ansible-test passes on no variable but HOME.
"""

from __future__ import annotations

import configparser
import os
import shlex
import subprocess
import sys
from pathlib import Path

DEADLINE = 120
"""Seconds for one pip command."""

_ASK_VERSION = """
from types import SimpleNamespace
from ansible_test._internal.python_requirements import get_venv_packages
print(get_venv_packages(SimpleNamespace(version="{major}.{minor}"))["pip"])
"""

_STAND_IN = '''\
"""Installs pip {version} from its own wheel; written by {script}."""
import runpy
import sys

if __name__ == "__main__":
    sys.path.insert(0, {wheel!r})
    # What the original understands and pip does not: both say not to install more than pip.
    words = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
    sys.argv[1:] = ["install", "--quiet", "--no-index", "--find-links", {folder!r}, *words]
    runpy.run_module("pip", run_name="__main__", alter_sys=True)
'''


def prepare(home: Path) -> None:
    """Make `home` ready for this interpreter's ansible-test; what is there already stays.

    Raises:
        subprocess.CalledProcessError: The package index can not be reached.
    """
    version = _pip_version()
    cache = home / ".ansible/test/cache"
    script = cache / f"get_pip_{version.replace('.', '_')}.py"
    _copy_pip_settings(home / ".config/pip/pip.conf")
    if script.exists() and (home / "wheels" / _wheel_name(version)).exists():
        return
    cache.mkdir(parents=True, exist_ok=True)
    wheel = _download(version, home / "wheels")
    text = _STAND_IN.format(version=version, script=Path(__file__).name, wheel=str(wheel), folder=str(wheel.parent))
    script.write_text(text)


def _pip_version() -> str:
    """The pip that this ansible-test puts into its environments."""
    code = _ASK_VERSION.format(major=sys.version_info.major, minor=sys.version_info.minor)
    return _output([sys.executable, "-c", code]).strip()


def _wheel_name(version: str) -> str:
    return f"pip-{version}-py3-none-any.whl"


def _download(version: str, folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
    subprocess.run([*command, f"pip=={version}"], check=True, timeout=DEADLINE)
    return folder / _wheel_name(version)


def _copy_pip_settings(path: Path) -> None:
    """Write the settings that pip has here, from its files and variables, as one file at `path`."""
    settings = configparser.RawConfigParser()
    # pip config list prints SECTION.NAME='VALUE', quoted as Python does; variables have the section :env:.
    for line in _output([sys.executable, "-m", "pip", "config", "list"]).splitlines():
        name, _, value = line.partition("=")
        section, _, option = name.rpartition(".")
        section = "global" if section == ":env:" else section
        if not settings.has_section(section):
            settings.add_section(section)
        settings.set(section, option, "".join(shlex.split(value)))
    path.parent.mkdir(parents=True, exist_ok=True)
    # An index address can hold a password.
    with open(path, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as stream:
        settings.write(stream)


def _output(command: list[str]) -> str:
    return subprocess.run(command, check=True, timeout=DEADLINE, stdout=subprocess.PIPE, text=True).stdout
