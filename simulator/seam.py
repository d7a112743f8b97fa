# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The seam between the wire (HTTP, WS-Management) and Windows (state, CIM classes, programs)."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from .windows.accounts import Account, AccountDirectory
from .windows.clock import Clock

# Codes of WSManFault: MS-WSMV 2.2.4.43 and wsmerror.h.
ACCESS_DENIED = 5
NOT_FOUND = 2150858752  # ERROR_WSMAN_RESOURCE_NOT_FOUND
INVALID_SELECTORS = 2150858843
INVALID_PARAMETER = 2150858811
OPERATION_TIMED_OUT = 2150858793
QUOTA_USER_OPERATIONS = 2150859174


class CimError(Exception):
    """A provider or the service refuses, with the fault's code and, for providers, the CIM status."""

    def __init__(self, code: int, message: str, *, cim_status: int = 0, subcode: str = "w:InternalError") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.cim_status = cim_status
        self.subcode = subcode


@dataclass(frozen=True)
class CimType:
    """A CIM type name (`string`, `uint32`, `boolean`, `datetime`, a class name) and whether it is an array."""

    name: str
    array: bool = False


def schema(**types: str) -> dict[str, CimType]:
    """`Name="uint32[]"` as a mapping of types."""
    return {name: CimType(text.removesuffix("[]"), text.endswith("[]")) for name, text in types.items()}


@dataclass(frozen=True)
class CimMethod:
    """A method's parameters; every one of `required` has to be sent."""

    inputs: Mapping[str, CimType]
    outputs: Mapping[str, CimType]
    required: tuple[str, ...] = ()
    static: bool = True
    writes: bool = True


@dataclass(frozen=True)
class CimClass:
    """A class: where it lives, its keys, properties and methods."""

    namespace: str
    name: str
    keys: tuple[str, ...]
    properties: Mapping[str, CimType]
    methods: Mapping[str, CimMethod] = field(default_factory=dict)


@dataclass(frozen=True)
class CimInstance:
    """An instance; values are str, int, bool, aware datetime, list, None or another instance."""

    cls: CimClass
    values: Mapping[str, Any]


class Provider:
    """A class's provider. What a class can not do, Windows refuses as not supported (CIM status 7)."""

    cls: CimClass

    def instances(self, caller: Account) -> Iterable[CimInstance]:
        """All instances."""
        raise CimError(NOT_FOUND, "The provider cannot enumerate.", cim_status=7)

    def get(self, keys: Mapping[str, str], caller: Account) -> CimInstance:
        """The instance with these keys."""
        wanted = {name.lower(): value.lower() for name, value in keys.items()}
        for instance in self.instances(caller):
            if all(str(instance.values[key]).lower() == wanted.get(key.lower()) for key in self.cls.keys):
                return instance
        raise CimError(NOT_FOUND, "No instance has these keys.", cim_status=6)

    async def invoke(
        self, method: str, keys: Mapping[str, str], arguments: Mapping[str, Any], caller: Account
    ) -> Mapping[str, Any]:
        """Run a method; the result holds its outputs, `ReturnValue` too."""
        raise CimError(INVALID_PARAMETER, "The method does not exist.", cim_status=17)

    def delete(self, keys: Mapping[str, str], caller: Account) -> None:
        """Delete the instance with these keys."""
        raise CimError(INVALID_PARAMETER, "The provider cannot delete.", cim_status=7)


@dataclass
class Faults:
    """What is broken on a host; every switch can be thrown while it runs."""

    down: bool = False
    refuse_login: bool = False
    drop_connection_at: int = 0
    drop_reply_at: int = 0
    vanish_after: int = 0
    slow_reply: float = 0.0
    quota: bool = False
    oversize_reply: bool = False
    deny_writes: bool = False
    msra_never_writes: bool = False
    msra_delay: float = 0.2
    msra_writes_slowly: float = 0.0
    msra_exits_at_once: bool = False
    disk_full: bool = False
    requests_seen: int = 0
    vanished: bool = False

    def set(self, name: str, value: Any) -> None:
        """Throw a switch; numbered requests count from now on."""
        if name not in self.__dataclass_fields__:
            raise ValueError(f"there is no fault switch {name!r}")
        self.requests_seen = 0
        setattr(self, name, value)


@dataclass(frozen=True)
class CommandStreams:
    """A command's streams: input as it arrives, output as it is written."""

    stdin: AsyncIterator[bytes]
    stdout: Callable[[bytes], None]
    stderr: Callable[[bytes], None]


class Host(Protocol):
    """What the wire needs of a Windows host."""

    name: str
    address: str
    clock: Clock
    accounts: AccountDirectory
    faults: Faults
    counters: Counter[str]
    quirks: dict[str, Any]
    providers: dict[tuple[str, str], Provider]

    def query(self, namespace: str, wql: str, caller: Account) -> list[CimInstance]:
        """Run a WQL query."""
        ...

    async def run_command(self, command_line: str, streams: CommandStreams, caller: Account) -> int:
        """Run `cmd.exe /c` of a command line and return its exit code."""
        ...
