# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Entries of an audit trail as a table or as data, in a file of the controller."""

from __future__ import annotations

import csv
import io
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .._errors import AuditNotWritten
from .._formats.spreadsheet import safe_cell

COLUMNS = (
    "at",
    "operator",
    "controller",
    "action",
    "outcome",
    "host",
    "user",
    "account",
    "session_id",
    "sid",
    "reason",
    "ticket",
    "created",
    "expires",
    "sha256",
    "delivered",
    "password_delivered",
    "just_in_time",
    "sessions",
    "error",
    "message",
    "changes",
)


def export_entries(path: Path, entries: Sequence[Mapping[str, Any]]) -> None:
    """Write entries, readable by their owner alone; an older file of that name is replaced as a whole.

    Raises:
        AuditNotWritten: The file can not be written.
    """
    text = _csv(entries) if path.suffix.lower() == ".csv" else json.dumps(list(entries), indent=1) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace", newline="") as stream:
            stream.write(text)
        os.replace(name, path)
    except OSError as error:
        raise AuditNotWritten(f"the export {path} can not be written: {error.strerror}.") from None


def _csv(entries: Sequence[Mapping[str, Any]]) -> str:
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(COLUMNS)
    table.writerows([safe_cell(entry.get(column)) for column in COLUMNS] for entry in entries)
    return out.getvalue()
