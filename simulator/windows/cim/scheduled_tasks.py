# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PS_ScheduledTask and MSFT_ScheduledTask, the classes behind PowerShell's ScheduledTasks module.

Classes, methods and parameters: microsoft/wmi, generated from live Server 2019 and Windows 11 classes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ...seam import NOT_FOUND as RESOURCE_NOT_FOUND
from ...seam import CimClass, CimError, CimInstance, CimMethod, Provider, schema
from ..accounts import Account
from ..task_scheduler import ALREADY_EXISTS, NOT_FOUND, Task, TaskError
from ..task_xml import TaskDefinition, TaskXmlError, uri_of

if TYPE_CHECKING:
    from ..host import WindowsHost

NAMESPACE = "root/Microsoft/Windows/TaskScheduler"
_READY, _RUNNING, _DISABLED = 3, 4, 1
_NAMED = schema(TaskPath="string", TaskName="string")
_RETURN = schema(ReturnValue="uint32")
_INSTANCES = {"Parallel": 0, "Queue": 1, "IgnoreNew": 2}
_LOGON_TYPES = {"InteractiveToken": 3, "ServiceAccount": 5, "": 0}  # TASK_LOGON_TYPE, taskschd.h


def _embedded(name: str, **types: str) -> CimClass:
    return CimClass(NAMESPACE, name, (), schema(**types))


_ACTION = _embedded("MSFT_TaskExecAction", Id="string", Execute="string", Arguments="string", WorkingDirectory="string")
_PRINCIPAL = _embedded(
    "MSFT_TaskPrincipal2",
    DisplayName="string",
    GroupId="string",
    Id="string",
    LogonType="uint32",
    RunLevel="uint32",
    UserId="string",
)
_TRIGGER = _embedded("MSFT_TaskTrigger", Enabled="boolean", StartBoundary="string", EndBoundary="string", Id="string")
_SETTINGS = _embedded(
    "MSFT_TaskSettings3",
    AllowDemandStart="boolean",
    DeleteExpiredTaskAfter="string",
    DisallowStartIfOnBatteries="boolean",
    Enabled="boolean",
    ExecutionTimeLimit="string",
    Hidden="boolean",
    MultipleInstances="uint32",
    StartWhenAvailable="boolean",
)
_TASK = CimClass(
    NAMESPACE,
    "MSFT_ScheduledTask",
    ("TaskPath", "TaskName"),
    schema(
        Actions="MSFT_TaskAction[]", Author="string", Date="string", Description="string", Documentation="string",
        Principal="MSFT_TaskPrincipal", SecurityDescriptor="string", Settings="MSFT_TaskSettings", Source="string",
        State="uint8", TaskName="string", TaskPath="string", Triggers="MSFT_TaskTrigger[]", URI="string",
        Version="string",
    ),
)  # fmt: skip
_INFO = CimClass(
    NAMESPACE,
    "MSFT_TaskDynamicInfo",
    ("TaskPath", "TaskName"),
    schema(
        LastRunTime="datetime", LastTaskResult="uint32", NextRunTime="datetime", NumberOfMissedRuns="uint32",
        TaskName="string", TaskPath="string",
    ),
)  # fmt: skip


def _fault(error: TaskError) -> CimError:
    """The service's HRESULT as a provider's fault."""
    return CimError(error.code, str(error), cim_status={NOT_FOUND: 6, ALREADY_EXISTS: 11}.get(error.code, 1))


def _principal(definition: TaskDefinition) -> CimInstance:
    return CimInstance(
        _PRINCIPAL,
        {
            "DisplayName": None,
            "GroupId": None,
            "Id": "Author",
            "LogonType": _LOGON_TYPES.get(definition.logon_type, 0),
            "RunLevel": int(definition.run_level == "HighestAvailable"),
            "UserId": definition.user,
        },
    )


def _settings(definition: TaskDefinition) -> CimInstance:
    limit, after = definition.execution_limit, definition.delete_expired_after
    return CimInstance(
        _SETTINGS,
        {
            "AllowDemandStart": definition.allow_start_on_demand,
            "DeleteExpiredTaskAfter": None if after is None else f"PT{int(after.total_seconds())}S",
            "DisallowStartIfOnBatteries": definition.blocks_on_battery,
            "Enabled": definition.enabled,
            "ExecutionTimeLimit": "PT0S" if limit is None else f"PT{int(limit.total_seconds())}S",
            "Hidden": definition.hidden,
            "MultipleInstances": _INSTANCES.get(definition.multiple_instances, 2),
            "StartWhenAvailable": definition.start_when_available,
        },
    )


class MsftScheduledTask(Provider):
    """Registered tasks."""

    cls = _TASK

    def __init__(self, host: WindowsHost) -> None:
        self._host = host

    def instance(self, task: Task) -> CimInstance:
        """One task as an instance."""
        definition = task.definition
        state = _RUNNING if task.pids else _READY if definition.enabled else _DISABLED
        actions = [
            CimInstance(_ACTION, {"Id": None, "Execute": program, "Arguments": text or None, "WorkingDirectory": None})
            for program, text in definition.actions
        ]
        triggers = [
            CimInstance(
                _TRIGGER,
                {
                    "Enabled": item.enabled,
                    "StartBoundary": item.start.isoformat() if item.start else None,
                    "EndBoundary": item.end.isoformat() if item.end else None,
                    "Id": None,
                },
            )
            for item in definition.triggers
        ]
        values: dict[str, Any] = dict.fromkeys(self.cls.properties)
        values.update(
            Actions=actions,
            Author=definition.author or None,
            Description=definition.description or None,
            Principal=_principal(definition),
            SecurityDescriptor=definition.security_descriptor or None,
            Settings=_settings(definition),
            State=state,
            TaskName=task.name,
            TaskPath=task.folder,
            Triggers=triggers or None,
            URI=task.path,
        )
        return CimInstance(self.cls, values)

    def instances(self, caller: Account) -> Iterable[CimInstance]:
        """All tasks."""
        return [self.instance(task) for task in self._host.tasks]

    def get(self, keys: Mapping[str, str], caller: Account) -> CimInstance:
        """One task."""
        task = self._host.tasks.get(_path_of_keys(keys))
        if task is None:
            raise _absent()
        return self.instance(task)

    def delete(self, keys: Mapping[str, str], caller: Account) -> None:
        """Unregister."""
        if not self._host.tasks.delete(_path_of_keys(keys), caller):
            raise _absent()


def _absent() -> CimError:
    return CimError(RESOURCE_NOT_FOUND, "The system cannot find the file specified.", cim_status=6)


def _path_of_keys(keys: Mapping[str, str]) -> str:
    values = {name.lower(): value for name, value in keys.items()}
    return full_path({"TaskPath": values.get("taskpath"), "TaskName": values.get("taskname")})


def full_path(values: Mapping[str, Any]) -> str:
    """Path of a task from its folder (with or without both backslashes) and name."""
    folder, task = str(values.get("TaskPath") or "\\"), str(values.get("TaskName") or "")
    if not folder.startswith("\\") or not folder.endswith("\\"):
        folder = "\\" + folder.strip("\\") + ("\\" if folder.strip("\\") else "")
    return folder + task


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
                ("Xml",),
            ),
            "StartByPath": CimMethod(_NAMED, _RETURN, ("TaskName",)),
            "StopByPath": CimMethod(_NAMED, _RETURN, ("TaskName",)),
            "EnableByName": CimMethod(_NAMED, {**_RETURN, **schema(cmdletOutput="MSFT_ScheduledTask")}, ("TaskName",)),
            "DisableByName": CimMethod(_NAMED, {**_RETURN, **schema(cmdletOutput="MSFT_ScheduledTask")}, ("TaskName",)),
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
        try:
            return {"ReturnValue": 0, **self._run(method, arguments)}
        except TaskError as error:
            raise _fault(error) from None

    def _run(self, method: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        scheduler, path = self._host.tasks, full_path(arguments)
        if method == "RegisterByXml":
            return self._register(arguments)
        task = scheduler.get(path)
        if task is None:
            raise TaskError(NOT_FOUND, "The system cannot find the file specified.")
        if method == "StartByPath":
            scheduler.start(path)
        elif method == "StopByPath":
            scheduler.stop(path)
        elif method == "ExportByName":
            return {"cmdletOutput": task.xml}
        elif method == "GetInfoByName":
            return {"cmdletOutput": self._info(task)}
        else:
            scheduler.enable(path, method == "EnableByName")
            self._host.writes(f"task {path}")
            return {"cmdletOutput": self._tasks.instance(task)}
        return {}

    def _register(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Without a name it is the URI's, as PowerShell's users of `-Xml` alone find."""
        path = full_path(arguments)
        if not arguments.get("TaskName"):
            try:
                path = uri_of(arguments["Xml"]) or path
            except TaskXmlError as error:
                raise TaskError(error.code, str(error)) from None
        task = self._host.tasks.register(path, arguments["Xml"], force=bool(arguments.get("Force")))
        self._host.writes(f"task {path}")
        return {"cmdletOutput": self._tasks.instance(task)}

    def _info(self, task: Task) -> CimInstance:
        due = [timer.due for timer in task.timers if not timer.cancelled and timer.due > self._host.clock.absolute()]
        values = {
            "LastRunTime": task.last_run,
            "LastTaskResult": task.last_result,
            "NextRunTime": self._host.clock.moment_of(min(due)) if due else None,
            "NumberOfMissedRuns": 0,
            "TaskName": task.name,
            "TaskPath": task.folder,
        }
        return CimInstance(_INFO, values)
