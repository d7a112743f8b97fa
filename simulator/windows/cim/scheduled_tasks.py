# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PS_ScheduledTask and MSFT_ScheduledTask, the classes behind PowerShell's ScheduledTasks module.

Methods and parameters: microsoft/wmi, generated from live Server 2019 and Windows 11 classes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ...seam import CimClass, CimError, CimInstance, CimMethod, Provider, schema
from ..accounts import Account
from ..task_scheduler import NOT_FOUND, Task, TaskError

if TYPE_CHECKING:
    from ..host import WindowsHost

NAMESPACE = "root/Microsoft/Windows/TaskScheduler"
_READY, _RUNNING, _DISABLED = 3, 4, 1
_NAMED = schema(TaskPath="string", TaskName="string")
_RETURN = schema(ReturnValue="uint32")
_TASK = CimClass(
    NAMESPACE,
    "MSFT_ScheduledTask",
    ("TaskPath", "TaskName"),
    schema(TaskPath="string", TaskName="string", URI="string", State="uint8", SecurityDescriptor="string"),
)
_INFO = CimClass(
    NAMESPACE,
    "MSFT_TaskDynamicInfo",
    ("TaskPath", "TaskName"),
    schema(TaskPath="string", TaskName="string", LastRunTime="datetime", LastTaskResult="uint32"),
)


def _fault(error: TaskError) -> CimError:
    return CimError(error.code, str(error), cim_status=6 if error.code == NOT_FOUND else 1)


class MsftScheduledTask(Provider):
    """Registered tasks."""

    cls = _TASK

    def __init__(self, host: WindowsHost) -> None:
        self._host = host

    def instance(self, task: Task) -> CimInstance:
        """One task as an instance."""
        alive = any(self._host.processes.get(pid) for pid in task.pids)
        state = _RUNNING if alive else _READY if task.definition.enabled else _DISABLED
        return CimInstance(
            self.cls,
            {
                "TaskPath": task.folder,
                "TaskName": task.name,
                "URI": task.path,
                "State": state,
                "SecurityDescriptor": task.definition.security_descriptor or None,
            },
        )

    def instances(self, caller: Account) -> Iterable[CimInstance]:
        """All tasks."""
        return [self.instance(task) for task in self._host.tasks]

    def delete(self, keys: Mapping[str, str], caller: Account) -> None:
        """Unregister."""
        path = full_path({name.lower(): value for name, value in keys.items()}, "taskpath", "taskname")
        if not self._host.tasks.delete(path, caller):
            raise CimError(NOT_FOUND, "The system cannot find the file specified.", cim_status=6)


def full_path(values: Mapping[str, Any], folder: str = "TaskPath", name: str = "TaskName") -> str:
    """Path of a task from its folder (both backslashes) and name."""
    path, task = str(values.get(folder) or "\\"), str(values.get(name) or "")
    if not path.startswith("\\") or not path.endswith("\\"):
        path = "\\" + path.strip("\\") + ("\\" if path.strip("\\") else "")
    return path + task


class PsScheduledTask(Provider):
    """The static methods."""

    cls = CimClass(
        NAMESPACE,
        "PS_ScheduledTask",
        (),
        {},
        {
            "RegisterByXml": CimMethod(
                {**_NAMED, **schema(Xml="string", User="string", Password="string", Force="boolean")},
                {**_RETURN, **schema(cmdletOutput="MSFT_ScheduledTask")},
                ("Xml", "TaskName"),
            ),
            "StartByPath": CimMethod(_NAMED, _RETURN, ("TaskName",)),
            "StopByPath": CimMethod(_NAMED, _RETURN, ("TaskName",)),
            "GetInfoByName": CimMethod(
                _NAMED,
                {**_RETURN, **schema(cmdletOutput="MSFT_TaskDynamicInfo")},
                ("TaskName",),
                writes=False,
            ),
            "ExportByName": CimMethod(
                _NAMED, {**_RETURN, **schema(cmdletOutput="string")}, ("TaskName",), writes=False
            ),
        },
    )

    def __init__(self, host: WindowsHost, tasks: MsftScheduledTask) -> None:
        self._host = host
        self._tasks = tasks

    async def invoke(
        self, method: str, keys: Mapping[str, str], arguments: Mapping[str, Any], caller: Account
    ) -> Mapping[str, Any]:
        """Run a method; the service's HRESULT becomes a fault."""
        path = full_path(arguments)
        try:
            if method == "RegisterByXml":
                force = bool(arguments.get("Force"))
                task = self._host.tasks.register(path, arguments["Xml"], force=force)
                self._host.writes(f"task {path}")
                return {"ReturnValue": 0, "cmdletOutput": self._tasks.instance(task)}
            task = self._known(path)
            if method == "StartByPath":
                self._host.tasks.start(path)
                return {"ReturnValue": 0}
        except TaskError as error:
            raise _fault(error) from None
        if method == "StopByPath":
            for pid in task.pids:
                self._host.end_process(pid, 0x41306)
            return {"ReturnValue": 0}
        if method == "ExportByName":
            return {"ReturnValue": 0, "cmdletOutput": task.xml}
        values = {
            "TaskPath": task.folder,
            "TaskName": task.name,
            "LastRunTime": task.last_run,
            "LastTaskResult": task.last_result,
        }
        return {"ReturnValue": 0, "cmdletOutput": CimInstance(_INFO, values)}

    def _known(self, path: str) -> Task:
        task = self._host.tasks.get(path)
        if task is None:
            raise TaskError(NOT_FOUND, "The system cannot find the file specified.")
        return task
