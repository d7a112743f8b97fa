# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Task XML, read as strictly as the Task Scheduler service does (MS-TSCH 2.5, schema taskType)."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"
# winerror.h SCHED_E_*
UNEXPECTED_NODE, NAMESPACE_ERROR, INVALID_VALUE, MISSING_NODE, MALFORMED = (
    0x80041316, 0x80041317, 0x80041318, 0x80041319, 0x8004131A,
)  # fmt: skip

_ROOT = ("RegistrationInfo", "Triggers", "Principals", "Settings", "Data", "Actions")  # xs:all: any order
_KNOWN = {
    "Task": set(_ROOT),
    "RegistrationInfo": {
        "URI", "SecurityDescriptor", "Source", "Date", "Author", "Version", "Description", "Documentation",
    },
    "Triggers": {"TimeTrigger", "RegistrationTrigger", "BootTrigger", "LogonTrigger"},
    "TimeTrigger": {"Enabled", "StartBoundary", "EndBoundary", "Repetition", "ExecutionTimeLimit", "RandomDelay"},
    "RegistrationTrigger": {"Enabled", "StartBoundary", "EndBoundary", "Repetition", "ExecutionTimeLimit", "Delay"},
    "Repetition": {"Interval", "Duration", "StopAtDurationEnd"},
    "Principals": {"Principal"},
    "Principal": {"UserId", "GroupId", "LogonType", "RunLevel", "DisplayName"},
    "Settings": {
        "AllowStartOnDemand", "RestartOnFailure", "MultipleInstancesPolicy", "DisallowStartIfOnBatteries",
        "StopIfGoingOnBatteries", "AllowHardTerminate", "StartWhenAvailable", "NetworkProfileName",
        "RunOnlyIfNetworkAvailable", "WakeToRun", "Enabled", "Hidden", "DeleteExpiredTaskAfter", "IdleSettings",
        "NetworkSettings", "ExecutionTimeLimit", "Priority", "RunOnlyIfIdle", "UseUnifiedSchedulingEngine",
        "DisallowStartOnRemoteAppSession",
    },
    "IdleSettings": {"Duration", "WaitTimeout", "StopOnIdleEnd", "RestartOnIdle"},
    "NetworkSettings": {"Name", "Id"},
    "RestartOnFailure": {"Interval", "Count"},
    "Actions": {"Exec"},
    "Exec": {"Command", "Arguments", "WorkingDirectory"},
}  # fmt: skip
# These are xs:sequence in the schema, so their order is fixed (MS-TSCH 2.5.3 triggerBaseType and repetitionType).
_SEQUENCES = {
    "TimeTrigger": (
        "Enabled",
        "StartBoundary",
        "EndBoundary",
        "Repetition",
        "ExecutionTimeLimit",
        "RandomDelay",
    ),
    "Repetition": ("Interval", "Duration", "StopAtDurationEnd"),
}
_BOOLEANS = {
    "Enabled", "AllowStartOnDemand", "DisallowStartIfOnBatteries", "StopIfGoingOnBatteries", "AllowHardTerminate",
    "StartWhenAvailable", "RunOnlyIfNetworkAvailable", "WakeToRun", "Hidden", "RunOnlyIfIdle", "StopAtDurationEnd",
    "StopOnIdleEnd", "RestartOnIdle",
    "UseUnifiedSchedulingEngine", "DisallowStartOnRemoteAppSession",
}  # fmt: skip


class TaskXmlError(Exception):
    """The service refuses the XML with an HRESULT."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Trigger:
    """A time or registration trigger."""

    kind: str
    start: datetime | None
    end: datetime | None
    interval: timedelta | None
    enabled: bool
    delay: timedelta = timedelta(0)
    duration: timedelta | None = None

    def active_at(self, moment: datetime) -> bool:
        """Whether the trigger still starts the task then: before its end, and while it repeats."""
        if self.end is not None and moment >= self.end:
            return False
        over = self.start is not None and self.duration is not None and moment >= self.start + self.duration
        return not over or moment == self.start


@dataclass
class TaskDefinition:
    """What the XML says."""

    user: str
    logon_type: str
    actions: list[tuple[str, str]]
    triggers: list[Trigger] = field(default_factory=list)
    delete_expired_after: timedelta | None = None
    execution_limit: timedelta | None = timedelta(hours=72)  # the schema's default, PT72H
    allow_start_on_demand: bool = True
    blocks_on_battery: bool = True
    start_when_available: bool = False
    enabled: bool = True
    security_descriptor: str = ""
    multiple_instances: str = "IgnoreNew"
    hidden: bool = False
    description: str = ""
    author: str = ""
    run_level: str = "LeastPrivilege"


def duration(text: str) -> timedelta:
    """An xs:duration of days and times."""
    found = re.fullmatch(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", text)
    if found is None or text in ("P", "PT"):
        raise TaskXmlError(INVALID_VALUE, f"{text} is no duration")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def moment(text: str) -> datetime:
    """A boundary; without a zone it is the host's local time, and simulated hosts live in UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise TaskXmlError(INVALID_VALUE, f"{text} is no date and time") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _name(element: ET.Element) -> str:
    namespace, _, name = element.tag.rpartition("}")
    if namespace != "{" + NAMESPACE:
        raise TaskXmlError(NAMESPACE_ERROR, f"{element.tag} has a wrong namespace")
    return name


def _check(element: ET.Element) -> None:
    """Refuse elements the schema does not know, twins, a wrong order, and booleans that are none."""
    name = _name(element)
    seen: list[str] = []
    for child in element:
        inner = _name(child)
        if inner not in _KNOWN.get(name, set()):
            raise TaskXmlError(UNEXPECTED_NODE, f"{inner} is unexpected in {name}")
        if inner in seen and inner not in ("TimeTrigger", "Exec", "RegistrationTrigger"):
            raise TaskXmlError(UNEXPECTED_NODE, f"{inner} is there twice")
        seen.append(inner)
        _check(child)
    order = [item for item in _SEQUENCES.get(name, ()) if item in seen]
    if order and order != seen:
        raise TaskXmlError(UNEXPECTED_NODE, f"{name} has its elements in a wrong order")
    if name in _BOOLEANS and (element.text or "").strip() not in ("true", "false"):
        raise TaskXmlError(INVALID_VALUE, f"{name} is no boolean")


def _text(element: ET.Element | None, path: str, default: str = "") -> str:
    if element is None:
        return default
    return element.findtext("/".join(f"{{{NAMESPACE}}}{part}" for part in path.split("/"))) or default


def _trigger(element: ET.Element) -> Trigger:
    kind = _name(element)
    start, end = _text(element, "StartBoundary"), _text(element, "EndBoundary")
    interval = _text(element, "Repetition/Interval")
    if kind == "TimeTrigger" and not start:
        raise TaskXmlError(MISSING_NODE, "TimeTrigger needs a StartBoundary")
    return Trigger(
        kind,
        moment(start) if start else None,
        moment(end) if end else None,
        duration(interval) if interval else None,
        _text(element, "Enabled", "true") == "true",
        duration(_text(element, "Delay") or "PT0S"),
        duration(length) if (length := _text(element, "Repetition/Duration")) else None,
    )


def uri_of(text: str) -> str:
    """The path a definition names itself (RegistrationInfo/URI), or nothing.

    Raises:
        TaskXmlError: That is no XML.
    """
    return _text(_root(text).find(f"{{{NAMESPACE}}}RegistrationInfo"), "URI")


def _root(text: str) -> ET.Element:
    try:
        return ET.fromstring(text)
    except (ET.ParseError, ValueError):
        raise TaskXmlError(MALFORMED, "The task XML is malformed.") from None


def parse(text: str) -> TaskDefinition:
    """Read a definition.

    Raises:
        TaskXmlError: The service would refuse it.
    """
    root = _root(text)
    if _name(root) != "Task":
        raise TaskXmlError(UNEXPECTED_NODE, "the root is not Task")
    _check(root)
    find = f"{{{NAMESPACE}}}"
    principal, settings = root.find(f"{find}Principals/{find}Principal"), root.find(f"{find}Settings")
    info = root.find(f"{find}RegistrationInfo")
    actions = [(_text(item, "Command"), _text(item, "Arguments")) for item in root.findall(f"{find}Actions/{find}Exec")]
    if not actions or not all(command for command, _ in actions):
        raise TaskXmlError(MISSING_NODE, "Actions/Exec/Command is missing")
    triggers = [_trigger(item) for item in root.iterfind(f"{find}Triggers/*")]
    expires = _text(settings, "DeleteExpiredTaskAfter")
    if expires and not any(trigger.end for trigger in triggers):
        # MS-TSCH 2.5.4: the setting needs a trigger with an EndBoundary
        raise TaskXmlError(MISSING_NODE, "DeleteExpiredTaskAfter needs an EndBoundary")
    limit = _text(settings, "ExecutionTimeLimit", "PT72H")
    battery = [_text(settings, name, "true") for name in ("DisallowStartIfOnBatteries", "StopIfGoingOnBatteries")]
    return TaskDefinition(
        user=_text(principal, "UserId"),
        logon_type=_text(principal, "LogonType"),
        actions=actions,
        triggers=triggers,
        delete_expired_after=duration(expires) if expires else None,
        execution_limit=None if limit == "PT0S" else duration(limit),
        allow_start_on_demand=_text(settings, "AllowStartOnDemand", "true") == "true",
        blocks_on_battery="true" in battery,
        start_when_available=_text(settings, "StartWhenAvailable", "false") == "true",
        enabled=_text(settings, "Enabled", "true") == "true",
        security_descriptor=_text(info, "SecurityDescriptor"),
        multiple_instances=_text(settings, "MultipleInstancesPolicy", "IgnoreNew"),
        hidden=_text(settings, "Hidden", "false") == "true",
        description=_text(info, "Description"),
        author=_text(info, "Author"),
        run_level=_text(principal, "RunLevel", "LeastPrivilege"),
    )
