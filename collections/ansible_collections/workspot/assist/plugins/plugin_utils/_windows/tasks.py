# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scheduled tasks in a folder of our own (``PS_ScheduledTask``, Windows 8 and Server 2012 or newer).

The class has no method that removes a task: the instance of ``MSFT_ScheduledTask`` is deleted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .._errors import CommandFailed, NotFound, WsmanFault
from .._wsman.client import WsmanClient
from .._wsman.values import CimValue

SCHEDULER = "root/Microsoft/Windows/TaskScheduler"
FOLDER = "\\workspot.assist\\"
"""Task folder of this collection; with both backslashes, as ``MSFT_ScheduledTask.TaskPath`` has it."""
AUTHOR = "workspot.assist"
_ALREADY_EXISTS = frozenset({0x800700B7, 183, 2150858803})
"""ERROR_ALREADY_EXISTS (winerror.h) and ERROR_WSMAN_ALREADY_EXISTS (wsmerror.h).

unverified: which of them a second registration without `Force` gets; the CIM status says it as well.
"""
_CIM_ALREADY_EXISTS = 11
_NOT_FOUND = frozenset({0x80070002, 0x80070003, 0x80070490, 2, 3})
_REASONS = {
    0x80070005: "the account may not register tasks",
    0x80070534: "Windows knows no such account (ERROR_NONE_MAPPED)",
    0x80070569: "the account may not run tasks (ERROR_LOGON_TYPE_NOT_GRANTED)",
    0x8007000E: "the host is out of memory",
    0x80070070: "the host's system disk is full",
    0x80041315: "the Task Scheduler service does not run (SCHED_E_SERVICE_NOT_RUNNING)",
    0x80041318: "the Task Scheduler refuses a value of the task (SCHED_E_MALFORMEDXML)",
    0x8004131A: "the Task Scheduler refuses the task's definition (SCHED_E_MALFORMEDXML)",
    0x80041326: "the task is disabled (SCHED_E_TASK_DISABLED)",
    0x80041328: "the task may not start on demand (SCHED_E_START_ON_DEMAND)",
}
"""What refusals mean (MS-TSCH 2.3.14; learn.microsoft.com, "Task Scheduler Error and Success Constants")."""
NEVER_RUN = 0x41303  # SCHED_S_TASK_HAS_NOT_RUN
STILL_RUNNING = 0x41301  # SCHED_S_TASK_RUNNING


class TaskExists(CommandFailed):
    """A task of this name is registered already."""

    kind = "task_exists"


@dataclass(frozen=True)
class TaskRun:
    """How a task's last run went.

    Attributes:
        result: ``LastTaskResult``: the program's exit code or a code of the scheduler.
        at: When it ran, or ``None``.
    """

    result: int
    at: datetime | None

    @property
    def in_words(self) -> str:
        """The result, in words."""
        if self.result == NEVER_RUN:
            return "Windows did not run the task"
        if self.result == STILL_RUNNING:
            return "the task still runs"
        return f"the task ended with 0x{self.result & 0xFFFFFFFF:08X}"


def register(client: WsmanClient, name: str, xml: str, *, replace: bool) -> None:
    """Register a task in our folder.

    Args:
        client: The host.
        name: Task name.
        xml: Its definition, without an XML declaration.
        replace: Whether a task of this name may be replaced.

    Raises:
        TaskExists: There is such a task, and it may not be replaced.
        CommandFailed: The scheduler refused.
    """
    arguments: dict[str, CimValue] = {"Force": replace, "TaskName": name, "TaskPath": FOLDER, "Xml": xml}
    try:
        output = client.invoke(SCHEDULER, "PS_ScheduledTask", "RegisterByXml", arguments)
    except WsmanFault as fault:
        if fault.code in _ALREADY_EXISTS or fault.cim_status == _CIM_ALREADY_EXISTS:
            raise TaskExists("a task of this name is registered already.", host=client.host) from None
        if (reason := _REASONS.get(fault.code)) is None:
            raise
        raise CommandFailed(f"registering a task was refused: {reason}.", host=client.host) from None
    code = output.return_value & 0xFFFFFFFF
    if code in _ALREADY_EXISTS:
        raise TaskExists("a task of this name is registered already.", host=client.host)
    _check(client, code, "registering a task")


def start(client: WsmanClient, name: str) -> None:
    """Start a task now. Success only means that the scheduler took the request (MS-TSCH 3.2.5.4.13).

    Raises:
        CommandFailed: The scheduler refused.
    """
    arguments = {"TaskPath": FOLDER, "TaskName": name}
    try:
        output = client.invoke(SCHEDULER, "PS_ScheduledTask", "StartByPath", arguments)
    except WsmanFault as fault:
        if (reason := _REASONS.get(fault.code)) is None:
            raise
        raise CommandFailed(f"starting a task was refused: {reason}.", host=client.host) from None
    _check(client, output.return_value & 0xFFFFFFFF, "starting a task")


def delete(client: WsmanClient, name: str) -> None:
    """Remove a task; it is no error when there is none."""
    try:
        client.delete(SCHEDULER, "MSFT_ScheduledTask", _keys(name))
    except NotFound:
        return
    except WsmanFault as fault:
        if fault.code not in _NOT_FOUND:
            raise


def definition(client: WsmanClient, name: str) -> str | None:
    """A task's XML as the scheduler keeps it, or ``None`` when there is no such task."""
    arguments = {"TaskName": name, "TaskPath": FOLDER}
    try:
        output = client.invoke(SCHEDULER, "PS_ScheduledTask", "ExportByName", arguments)
    except NotFound:
        return None
    except WsmanFault as fault:
        if fault.code not in _NOT_FOUND:
            raise
        return None
    if output.return_value & 0xFFFFFFFF in _NOT_FOUND:
        return None
    return output.text("cmdletOutput") or ""


def last_run(client: WsmanClient, name: str) -> TaskRun | None:
    """How a task's last run went; ``None`` when there is no such task."""
    arguments = {"TaskName": name, "TaskPath": FOLDER}
    try:
        output = client.invoke(SCHEDULER, "PS_ScheduledTask", "GetInfoByName", arguments)
    except NotFound:
        return None
    info = output.child("cmdletOutput")
    result = info.integer("LastTaskResult") if info is not None else None
    if info is None or result is None:
        return None
    return TaskRun(result & 0xFFFFFFFF, info.moment("LastRunTime"))


def _keys(name: str) -> dict[str, str]:
    return {"TaskPath": FOLDER, "TaskName": name}


def _check(client: WsmanClient, code: int, what: str) -> None:
    if code:
        reason = _REASONS.get(code, f"0x{code:08X}")
        raise CommandFailed(f"{what} was refused: {reason}.", host=client.host)
