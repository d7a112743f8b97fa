# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scheduled tasks as the XML that registers them (MS-TSCH 2.5).

Elements stand in the order in which MS-TSCH prints them. Where it demands that order (the children of a
trigger) nothing optional is written that another Microsoft page puts elsewhere. There is no XML
declaration: the text travels inside another document, and has no encoding of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum

from .._errors import InvalidOption, Unquotable
from .quoting import task_argument, windows_path_member, xml_text

NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"
"""MS-TSCH 2.5."""
SCHEMA_VERSION = "1.2"
"""The version of Windows Vista: all that is written here is in it (MS-TSCH 2.5, product behaviour)."""

ADMINISTRATORS_ONLY = "D:P(A;;FA;;;SY)(A;;FA;;;BA)"
"""Full access for SYSTEM and Administrators, nothing for anyone else, nothing inherited (MS-DTYP 2.5.1)."""
# unverified: that Windows starts an interactive task whose user may not read the task.

SYSTEM_SID = "S-1-5-18"
"""LocalSystem (MS-DTYP 2.4.2.4)."""

_SID = re.compile(r"S-1-[0-9]{1,15}(?:-[0-9]{1,10}){1,15}")  # MS-DTYP 2.4.2.1
_SDDL = re.compile(r"[A-Za-z0-9:;()\-]+")
_MIN_INTERVAL, _MAX_INTERVAL = timedelta(minutes=1), timedelta(days=31)  # MS-TSCH 2.5.3.1
_PATH_UNITS = 260  # pathType (learn.microsoft.com, Task Scheduler schema)


class MultipleInstances(Enum):
    """What happens when the task is started while it runs (MS-TSCH 2.5.4.3)."""

    PARALLEL = "Parallel"
    QUEUE = "Queue"
    IGNORE_NEW = "IgnoreNew"
    STOP_EXISTING = "StopExisting"


@dataclass(frozen=True)
class Principal:
    """Who the task runs as.

    Args:
        sid: The account.
        interactive: In the account's own session, with its token and without a password (MS-TSCH 2.5.6,
            InteractiveToken: it does not run while nobody of that account is logged on).
        highest: With all of the account's rights, past User Account Control.
    """

    sid: str
    interactive: bool = False
    highest: bool = False

    @classmethod
    def user(cls, sid: str) -> Principal:
        """A logged-on user, in the user's own session, with the user's everyday rights."""
        return cls(sid, interactive=True)

    @classmethod
    def system(cls) -> Principal:
        """The host itself."""
        return cls(SYSTEM_SID, highest=True)


@dataclass(frozen=True)
class Repetition:
    """Start again and again after the trigger.

    Args:
        interval: Between two starts; one minute to 31 days.
        duration: For how long; None for as long as the trigger is active.
        stop_at_end: Stop a running instance when the duration is over.
    """

    interval: timedelta
    duration: timedelta | None = None
    stop_at_end: bool = False


@dataclass(frozen=True)
class TimeTrigger:
    """Start at a time.

    Args:
        start: With a time zone. One in the past does not start the task by itself.
        end: When the trigger expires, with a time zone.
        repetition: Whether it starts again.
    """

    start: datetime
    end: datetime | None = None
    repetition: Repetition | None = None


@dataclass(frozen=True)
class RegistrationTrigger:
    """Start as soon as the task is registered.

    Args:
        end: When the trigger expires, with a time zone.
        repetition: Whether it starts again.
        delay: Time between registration and start.
    """

    end: datetime | None = None
    repetition: Repetition | None = None
    delay: timedelta | None = None


@dataclass(frozen=True)
class BootTrigger:
    """Start with the computer.

    Args:
        end: When the trigger expires, with a time zone.
        repetition: Whether it starts again.
    """

    end: datetime | None = None
    repetition: Repetition | None = None


Trigger = TimeTrigger | RegistrationTrigger | BootTrigger


@dataclass(frozen=True)
class ExecAction:
    """Run one program.

    Args:
        command: The program. The Task Scheduler expands environment variables in it.
        arguments: Its arguments as one text, quoted already. May hold a password: not shown.
        working_directory: Where it starts.
    """

    command: str
    arguments: str = field(default="", repr=False)
    working_directory: str | None = None

    @classmethod
    def of(cls, command: str, *arguments: str, working_directory: str | None = None) -> ExecAction:
        """Run a program with these arguments, each of them quoted here."""
        return cls(command, " ".join(map(task_argument, arguments)), working_directory)


@dataclass(frozen=True)
class TaskSettings:
    """How the task is run (MS-TSCH 2.5.4). Battery conditions are always off.

    Args:
        execution_time_limit: After which the Task Scheduler ends the program; None for never. It does not
            count for a start on demand (learn.microsoft.com, ITaskSettings::ExecutionTimeLimit).
        delete_expired_after: How long after the last trigger's end the task deletes itself; None for never.
        multiple_instances: What a start does while it runs.
        start_when_available: Start late when a start was missed, such as during a shutdown.
        hidden: Keep it out of the Task Scheduler's ordinary view.
        enabled: Whether it can start at all.
    """

    execution_time_limit: timedelta | None = timedelta(hours=1)
    delete_expired_after: timedelta | None = None
    multiple_instances: MultipleInstances = MultipleInstances.IGNORE_NEW
    start_when_available: bool = False
    hidden: bool = True
    enabled: bool = True


@dataclass(frozen=True)
class TaskDefinition:
    """A whole task.

    Args:
        path: Folders and name, from the root: `\\folder\\name`.
        principal: Who it runs as.
        actions: What it does, at least one thing.
        triggers: When it starts; on demand it always can.
        settings: How it is run.
        description: For whoever finds it on the host.
        author: Who made it, for the same reader.
        security_descriptor: Who may see and change it, in SDDL.
    """

    path: str
    principal: Principal
    actions: tuple[ExecAction, ...]
    triggers: tuple[Trigger, ...] = ()
    settings: TaskSettings = TaskSettings()
    description: str = ""
    author: str = ""
    security_descriptor: str = ADMINISTRATORS_ONLY

    @property
    def folder(self) -> str:
        """The task's folder with a backslash at both ends, as `TaskPath` has it."""
        return self.path[: self.path.rindex("\\") + 1]

    @property
    def name(self) -> str:
        """The task's own name, as `TaskName` has it."""
        return self.path.rpartition("\\")[2]

    def to_xml(self) -> str:
        """The XML that registers the task.

        Raises:
            Unquotable: A text that XML or the task format can not carry.
            InvalidOption: A combination that the Task Scheduler refuses.
        """
        _check(self)
        parts = [
            _registration_info(self),
            _element("Triggers", *map(_trigger, self.triggers)),
            _settings(self.settings),
            _principals(self.principal),
            f'<Actions Context="Author">{"".join(map(_exec, self.actions))}</Actions>',
        ]
        return f'<Task version="{SCHEMA_VERSION}" xmlns="{NAMESPACE}">{"".join(parts)}</Task>'


def duration_text(duration: timedelta) -> str:
    """An xs:duration of days, hours, minutes and whole seconds (MS-TSCH 2.5.1.1)."""
    seconds = int(duration.total_seconds())
    if seconds < 0:
        raise InvalidOption("a scheduled task can not have a negative duration.")
    days, seconds = divmod(seconds, 86400)
    hours, seconds = divmod(seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    time = "".join(f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if number)
    date = f"{days}D" if days else ""
    return f"P{date}T{time}" if time else f"P{date}" if date else "PT0S"


def boundary_text(moment: datetime) -> str:
    """A trigger's boundary in UTC; `Z` makes the host's own time zone irrelevant (learn.microsoft.com, ITrigger)."""
    if moment.tzinfo is None:
        raise InvalidOption("a scheduled task's time needs a time zone.")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _check(task: TaskDefinition) -> None:
    if not task.path.startswith("\\") or task.path.count("\\") < 2:
        raise Unquotable("a scheduled task's path has to begin with a backslash and a folder.")
    for member in task.path[1:].split("\\"):
        windows_path_member(member)
    if not _SID.fullmatch(task.principal.sid):
        raise Unquotable("a scheduled task's principal is no SID.")
    if not _SDDL.fullmatch(task.security_descriptor):
        raise Unquotable("a scheduled task's security descriptor is no SDDL.")
    if not task.actions:
        raise InvalidOption("a scheduled task needs an action.")
    expiring = bool(task.triggers) and all(trigger.end for trigger in task.triggers)
    if task.settings.delete_expired_after is not None and not expiring:
        # A task expires when all its triggers have ended (learn.microsoft.com, DeleteExpiredTaskAfter).
        raise InvalidOption("a scheduled task that deletes itself needs an end on each of its triggers.")


def _element(name: str, *content: str) -> str:
    """An element with content that is XML already."""
    return f"<{name}>{''.join(content)}</{name}>"


def _text(name: str, text: str) -> str:
    return _element(name, xml_text(text))


def _flag(name: str, value: bool) -> str:
    return _element(name, "true" if value else "false")


def _registration_info(task: TaskDefinition) -> str:
    parts = [_text("URI", task.path), _text("SecurityDescriptor", task.security_descriptor)]
    if task.author:
        parts.append(_text("Author", task.author))
    if task.description:
        parts.append(_text("Description", task.description))
    return _element("RegistrationInfo", *parts)


def _repetition(repetition: Repetition) -> str:
    if not _MIN_INTERVAL <= repetition.interval <= _MAX_INTERVAL:
        raise InvalidOption("a scheduled task repeats after one minute to 31 days.")
    parts = [_element("Interval", duration_text(repetition.interval))]
    if repetition.duration is not None:
        if repetition.duration < repetition.interval:
            raise InvalidOption("a scheduled task can not repeat within less than its interval.")
        parts.append(_element("Duration", duration_text(repetition.duration)))
        parts.append(_flag("StopAtDurationEnd", repetition.stop_at_end))
    return _element("Repetition", *parts)


def _trigger_parts(trigger: Trigger) -> Iterator[str]:
    """The children in the order of MS-TSCH 2.5.3.1; `Enabled` is left at its default, true."""
    if isinstance(trigger, TimeTrigger):
        if trigger.end is not None and trigger.end <= trigger.start:
            raise InvalidOption("a scheduled task's trigger ends before it starts.")
        yield _element("StartBoundary", boundary_text(trigger.start))
    if trigger.end is not None:
        yield _element("EndBoundary", boundary_text(trigger.end))
    if trigger.repetition is not None:
        yield _repetition(trigger.repetition)
    if isinstance(trigger, RegistrationTrigger) and trigger.delay is not None:
        yield _element("Delay", duration_text(trigger.delay))


def _trigger(trigger: Trigger) -> str:
    return _element(type(trigger).__name__, *_trigger_parts(trigger))


def _settings(settings: TaskSettings) -> str:
    parts = [
        _flag("AllowStartOnDemand", True),
        _element("MultipleInstancesPolicy", settings.multiple_instances.value),
        # Both default to true, and a host on batteries would then say the task started and not start it
        # (MS-TSCH 3.2.5.4.13).
        _flag("DisallowStartIfOnBatteries", False),
        _flag("StopIfGoingOnBatteries", False),
        _flag("StartWhenAvailable", settings.start_when_available),
        _flag("Enabled", settings.enabled),
        _flag("Hidden", settings.hidden),
    ]
    if settings.delete_expired_after is not None:
        parts.append(_element("DeleteExpiredTaskAfter", duration_text(settings.delete_expired_after)))
    parts.append(_element("IdleSettings", _flag("StopOnIdleEnd", False), _flag("RestartOnIdle", False)))
    # Zero means no limit (learn.microsoft.com, ITaskSettings::ExecutionTimeLimit); without the element it is 72 hours.
    parts.append(_element("ExecutionTimeLimit", duration_text(settings.execution_time_limit or timedelta())))
    return _element("Settings", *parts)


def _principals(principal: Principal) -> str:
    parts = [_element("UserId", principal.sid)]
    if principal.interactive:
        parts.append(_element("LogonType", "InteractiveToken"))
    parts.append(_element("RunLevel", "HighestAvailable" if principal.highest else "LeastPrivilege"))
    return f'<Principals><Principal id="Author">{"".join(parts)}</Principal></Principals>'


def _exec(action: ExecAction) -> str:
    for path in (action.command, action.working_directory):
        if path is not None and not 1 <= len(path.encode("utf-16-le", "surrogatepass")) // 2 <= _PATH_UNITS:
            raise Unquotable(f"a path in a scheduled task has 1 to {_PATH_UNITS} characters.")
    if "$(" in action.command + action.arguments + (action.working_directory or ""):
        raise Unquotable("$( begins a task parameter and can not go into a scheduled task unchanged.")
    parts = [_text("Command", action.command)]
    if action.arguments:
        parts.append(_text("Arguments", action.arguments))
    if action.working_directory is not None:
        parts.append(_text("WorkingDirectory", action.working_directory))
    return _element("Exec", *parts)
