# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cells of a CSV file that a spreadsheet takes for what they are: text, and never a formula."""

from __future__ import annotations

import json
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a cell for a formula (OWASP, "CSV Injection"), also in full width."""


def safe_cell(value: Any) -> str:
    """A value as a cell; a text that could be a formula gets a quote in front, which spreadsheets take for text."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return f"'{value}" if value.lstrip(" ").startswith(FORMULA) else value
