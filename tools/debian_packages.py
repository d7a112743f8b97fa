# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Says which Debian packages the tests with other people's programs need and this machine lacks.

::

    python3 tools/debian_packages.py                  the whole list, for apt-get install
    python3 tools/debian_packages.py --missing-only   a sentence about what is missing, exit code 1 then
"""

import os
import shutil
import subprocess
import sys

PACKAGES = {
    "chromium": "chromium",
    "xvfb": "Xvfb",
    "freerdp2-x11": "xfreerdp",
    "freerdp2-shadow-x11": "freerdp-shadow-cli",
    "imagemagick": "import",
    "xdotool": "xdotool",
    "samba": "smbd",
}
"""Package: a program it brings."""
PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
"""Servers are where an ordinary user does not look."""
MODULES = {"python3-samba": "samba.gp_parse.gp_pol"}
"""Package: a module it brings to Debian's own Python."""
SYSTEM_PYTHON = "/usr/bin/python3"


def has_module(module):
    """Whether Debian's Python finds a module."""
    command = [SYSTEM_PYTHON, "-I", "-c", f"import {module}"]
    found = shutil.which(SYSTEM_PYTHON) is not None
    return found and subprocess.run(command, check=False, capture_output=True).returncode == 0


def main():
    """Print what was asked for."""
    if "--missing-only" not in sys.argv[1:]:
        print(" ".join([*PACKAGES, *MODULES]))
        return 0
    missing = [package for package, program in PACKAGES.items() if shutil.which(program, path=PATH) is None]
    missing += [package for package, module in MODULES.items() if not has_module(module)]
    if missing:
        names = " ".join(missing)
        print(f"missing Debian packages: {names}")
        print(f"Tests with a real helper client, a browser or Samba are skipped without them: apt-get install {names}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
