# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gpupdate.exe (learn.microsoft.com/windows-server/administration/windows-commands/gpupdate).

unverified: its exit code after a failure (`gpupdate_failure_code`) and when /wait is over (`gpupdate_late_code`).
"""

from __future__ import annotations

import asyncio
from typing import Any

from ..group_policy import Refresh
from .cmd import Context

_WAIT = 600.0  # seconds that it waits for the end when /wait does not say it
# Messages of events 1058, 1096 and 1129 of Microsoft-Windows-GroupPolicy: learn.microsoft.com, "Group Policy"
# troubleshooting pages. German words are from memory (unverified); nothing may depend on them.
_TEXTS = {
    "en-US": {"start": "Updating policy...\r\n\r\n",
              "computer": "Computer Policy update has completed successfully.\r\n",
              "user": "User Policy update has completed successfully.\r\n",
              "failed": "Computer policy could not be updated successfully. "
                        "The following errors were encountered:\r\n\r\n",
              "hint": "\r\nTo diagnose the failure, review the event log or run GPRESULT /H GPReport.html from the "
                      "command line to access information about Group Policy results.\r\n",
              "late": "The Group Policy update has not completed in the expected time. Exiting...\r\n",
              "usage": "Description:  Updates multiple Group Policy settings.\r\n\r\n"
                       "Syntax:  Gpupdate [/Target:{Computer | User}] [/Force] [/Wait:<value>]\r\n"
                       "     [/Logoff] [/Boot] [/Sync]\r\n",
              1058: "The processing of Group Policy failed. Windows attempted to read the file gpt.ini and was not "
                    "successful.\r\n",
              1096: "The processing of Group Policy failed. Windows could not apply the registry-based policy settings "
                    "for the Group Policy object {0}. Group Policy settings will not be resolved until this event is "
                    "resolved. View the event details for more information on the file name and path that caused the "
                    "failure.\r\n",
              1129: "The processing of Group Policy failed because of lack of network connectivity to a domain "
                    "controller. This may be a transient condition.\r\n"},
    "de-DE": {"start": "Die Richtlinie wird aktualisiert...\r\n\r\n",
              "computer": "Die Aktualisierung der Computerrichtlinie wurde erfolgreich abgeschlossen.\r\n",
              "user": "Die Aktualisierung der Benutzerrichtlinie wurde erfolgreich abgeschlossen.\r\n",
              "failed": "Die Computerrichtlinie konnte nicht erfolgreich aktualisiert werden. "
                        "Folgende Probleme sind aufgetreten:\r\n\r\n",
              "hint": "\r\nÜberprüfen Sie das Ereignisprotokoll, um die Ursache zu ermitteln.\r\n",
              "late": "Die Gruppenrichtlinienaktualisierung dauert länger als erwartet.\r\n",
              "usage": "Syntax:  Gpupdate [/Target:{Computer | User}] [/Force] [/Wait:<Wert>]\r\n",
              1058: "Fehler bei der Verarbeitung der Gruppenrichtlinie. Die Datei gpt.ini konnte nicht gelesen "
                    "werden.\r\n",
              1096: "Fehler bei der Verarbeitung der Gruppenrichtlinie. Die registrierungsbasierten Einstellungen "
                    "des Gruppenrichtlinienobjekts {0} konnten nicht angewendet werden.\r\n",
              1129: "Fehler bei der Verarbeitung der Gruppenrichtlinie aufgrund fehlender Netzwerkkonnektivität mit "
                    "einem Domänencontroller.\r\n"},
}  # fmt: skip


def _text(context: Context, key: str | int, *values: str) -> str:
    return _TEXTS[context.host.language][key].format(*values) if values else _TEXTS[context.host.language][key]


async def gpupdate(words: list[str], context: Context) -> int:
    """`gpupdate [/target:computer|user] [/force] [/wait:SECONDS]`."""
    target, force, wait = "", False, _WAIT
    for word in words:
        name, _, value = word.lower().replace("-", "/", 1).partition(":")
        if name == "/target" and value in ("computer", "user"):
            target = value
        elif name == "/force" and not value:
            force = True
        elif name == "/wait" and value.lstrip("-").isdigit():
            wait = float(value)
        else:
            context.out(_text(context, "usage"))
            return 1
    context.out(_text(context, "start"))
    if target == "user":
        context.out(_text(context, "user"))
        return 0
    return await _computer(context, force=force, wait=wait, user_too=not target)


async def _computer(context: Context, *, force: bool, wait: float, user_too: bool) -> int:
    host = context.host
    if not context.caller.elevated or not host.writes.allowed("gpupdate"):
        context.out(_text(context, "failed") + context.text("denied"))
        return int(host.quirks["gpupdate_failure_code"])
    host.writes("gpupdate /force" if force else "gpupdate")
    work = asyncio.ensure_future(_process(context, force=force))
    # The Group Policy service does the work: it goes on when gpupdate has ended.
    host.group_policy.running.add(work)
    work.add_done_callback(host.group_policy.running.discard)
    if not await _ends_within(context, work, wait):
        context.out(_text(context, "late") if wait else "")
        return int(host.quirks["gpupdate_late_code"]) if wait else 0
    refresh = work.result()
    if refresh.error is not None:
        context.out(_text(context, "failed") + _text(context, refresh.error.event, str(refresh.error)))
        context.out(_text(context, "hint"))
        return int(host.quirks["gpupdate_failure_code"])
    context.out(_text(context, "computer") + (_text(context, "user") if user_too else ""))
    return 0


async def _ends_within(context: Context, work: asyncio.Future[Refresh], wait: float) -> bool:
    """Whether it ends in so many seconds of the host's clock; a negative number waits for ever."""
    over = asyncio.Event()
    timer = context.host.clock.call_later(wait, over.set) if wait > 0 else None
    if wait == 0:
        over.set()
    waiting = asyncio.ensure_future(over.wait())
    try:
        both: set[asyncio.Future[Any]] = {work, waiting}
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
        if timer is not None:
            timer.cancel()
    return work.done()


async def _process(context: Context, *, force: bool) -> Refresh:
    """One refresh after the other."""
    async with context.host.group_policy.one_at_a_time:
        if context.host.faults.gpupdate_delay:
            done = asyncio.Event()
            context.host.clock.call_later(context.host.faults.gpupdate_delay, done.set)
            await done.wait()
        return context.host.group_policy.refresh(force=force)
