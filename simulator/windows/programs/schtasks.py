# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""schtasks.exe: delete, query, end and run (learn.microsoft.com `schtasks`)."""

from __future__ import annotations

from ..task_scheduler import TaskError
from .cmd import Context

_TEXTS = {
    "en-US": {"deleted": 'SUCCESS: The scheduled task "{0}" was successfully deleted.\r\n',
              "started": 'SUCCESS: Attempted to run the scheduled task "{0}".\r\n',
              "ended": 'SUCCESS: The scheduled task "{0}" has been terminated successfully.\r\n',
              "absent": "ERROR: The system cannot find the file specified.\r\n",
              "denied": "ERROR: Access is denied.\r\n",
              "syntax": "ERROR: Invalid syntax.\r\n"},
    # German words: unverified; nothing may depend on them.
    "de-DE": {"deleted": 'ERFOLGREICH: Die geplante Aufgabe "{0}" wurde erfolgreich gelöscht.\r\n',
              "started": 'ERFOLGREICH: Es wurde versucht, die geplante Aufgabe "{0}" auszuführen.\r\n',
              "ended": 'ERFOLGREICH: Die geplante Aufgabe "{0}" wurde beendet.\r\n',
              "absent": "FEHLER: Das System kann die angegebene Datei nicht finden.\r\n",
              "denied": "FEHLER: Zugriff verweigert\r\n",
              "syntax": "FEHLER: Ungültige Syntax.\r\n"},
}  # fmt: skip


async def schtasks(words: list[str], context: Context) -> int:
    """`schtasks /delete|/query|/end|/run /tn NAME`. Without /f a deletion asks, and nobody answers."""
    texts = _TEXTS[context.host.language]
    lower = [word.lower() for word in words]
    verb = lower[0] if lower else ""
    place = lower.index("/tn") + 1 if "/tn" in lower else 0
    if verb not in ("/delete", "/query", "/end", "/run") or not 0 < place < len(words):
        context.err(texts["syntax"])
        return 1
    name = words[place] if words[place].startswith("\\") else f"\\{words[place]}"
    task = context.host.tasks.get(name)
    if task is None:
        context.err(texts["absent"])
        return 1
    if not context.caller.elevated:
        context.err(texts["denied"])
        return 1
    if verb == "/query":
        context.out(f"{task.xml}\r\n" if "/xml" in lower else f"\r\n{task.name}\r\n")
        return 0
    if not context.host.writes.allowed(f"task {name}"):
        context.err(texts["denied"])
        return 1
    try:
        if verb == "/run":
            context.host.tasks.start(name)
        elif verb == "/end":
            context.host.tasks.stop(name)
        elif "/f" in lower:
            context.host.tasks.delete(name, context.caller)
        else:
            return 1
    except TaskError:
        context.err(texts["absent"])
        return 1
    context.out(texts[{"/delete": "deleted", "/run": "started", "/end": "ended"}[verb]].format(name))
    return 0
