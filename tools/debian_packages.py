# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Says which Debian packages the tests with a real helper client need and this machine lacks.

::

    python3 tools/debian_packages.py                  the whole list, for apt-get install
    python3 tools/debian_packages.py --missing-only   a sentence about what is missing, exit code 1 then
"""

import shutil
import sys

PACKAGES = {
    "xvfb": "Xvfb",
    "freerdp2-x11": "xfreerdp",
    "freerdp2-shadow-x11": "freerdp-shadow-cli",
    "imagemagick": "import",
    "xdotool": "xdotool",
}
"""Package: a program it brings."""


def main():
    """Print what was asked for."""
    if "--missing-only" not in sys.argv[1:]:
        print(" ".join(PACKAGES))
        return 0
    missing = [package for package, program in PACKAGES.items() if shutil.which(program) is None]
    if missing:
        names = " ".join(missing)
        print(f"missing Debian packages: {names}")
        print(f"Tests with a real helper client are skipped without them: apt-get install {names}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
