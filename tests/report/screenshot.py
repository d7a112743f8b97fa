# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes the picture of the report in the guide, of a made-up pool. Needs chromium and imagemagick.

::

    .venv/bin/python -m tests.report.screenshot
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs/images/report.png"
SIZE = (1360, 1330)
COLOURS = 128
"""Enough for flat areas and text; the file stays small."""


def main() -> None:
    """Open the page, unfold one host, take the picture."""
    sys.path.insert(0, str(ROOT / "collections"))
    from ansible_collections.workspot.assist.plugins.plugin_utils._report.data import report_data
    from ansible_collections.workspot.assist.plugins.plugin_utils._report.html import html_page

    from tests.report.sample import pool_results
    from tests.support.chromium import Chromium

    report = report_data(pool_results(1000), generated=datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "report.html").write_text(html_page(report), encoding="utf-8")
        with Chromium(folder) as browser:
            browser.size(*SIZE)
            browser.open(folder / "report.html")
            browser.click("label[for=s-drifted]")
            browser.run(
                "document.querySelectorAll('tbody.drifted details')[1].open = true; scrollTo(0, 0);"
                " new Promise(done => setTimeout(done, 300))"
            )
            browser.screenshot(folder / "report.png")
        PICTURE.parent.mkdir(exist_ok=True)
        quantised = ["-dither", "None", "-colors", str(COLOURS), "-strip", "-define", "png:compression-level=9"]
        subprocess.run(["convert", folder / "report.png", *quantised, f"png8:{PICTURE}"], check=True)


if __name__ == "__main__":
    main()
