# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The seam between the wire (HTTP, WS-Management) and Windows (state, CIM classes, programs)."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from .faults import Faults
from .hooks import Hooks
from .windows.accounts import Account, AccountDirectory
from .windows.clock import Clock
from .windows.systems import OperatingSystem

# Codes of WSManFault that Windows' side gives: winerror.h and wsmerror.h (Windows SDK).
ACCESS_DENIED = 5  # ERROR_ACCESS_DENIED
NOT_FOUND = 2150858752  # ERROR_WSMAN_RESOURCE_NOT_FOUND
ALREADY_EXISTS = 2150858803  # ERROR_WSMAN_ALREADY_EXISTS
INVALID_PARAMETER = 2150858810  # ERROR_WSMAN_INVALID_PARAMETER
INVALID_SELECTORS = 2150858813  # ERROR_WSMAN_INVALID_SELECTORS
ACTION_NOT_SUPPORTED = 2150858771  # ERROR_WSMAN_ACTION_NOT_SUPPORTED
OPERATION_TIMED_OUT = 2150858793  # ERROR_WSMAN_OPERATION_TIMEDOUT
CANNOT_PROCESS_FILTER = 2150858778  # ERROR_WSMAN_ENUMERATE_CANNOT_PROCESS_FILTER


class CimError(Exception):
    """A provider or the service refuses.

    Args:
        code: The fault's code; one of wsmerror.h, or an HRESULT or Win32 code of a provider.
        message: What Windows says.
        cim_status: For a provider's refusal its CIM status (DSP0004 annex); it decides the fault's layout.
        subcode: SOAP subcode, where the code alone does not tell it.
    """

    def __init__(self, code: int, message: str, *, cim_status: int = 0, subcode: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.cim_status = cim_status
        self.subcode = subcode


class NoAnswerInTime(CimError):
    """A provider is still at it when the request's OperationTimeout is over; the wire waits until then."""

    def __init__(self) -> None:
        super().__init__(
            OPERATION_TIMED_OUT,
            "The WS-Management service cannot complete the operation within the time specified in OperationTimeout.  ",
        )


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


@dataclass(frozen=True, slots=True)
class CimReference:
    """A value that refers to an instance: its class and its keys; keys are texts or references themselves."""

    namespace: str
    name: str
    keys: tuple[tuple[str, str | CimReference], ...]

    def path(self, machine: str = ".") -> str:
        """As an object path (learn.microsoft.com/windows/win32/wmisdk/describing-a-wmi-object-path)."""
        keys = ",".join(f'{key}="{_quoted(str(value))}"' for key, value in self.keys)
        return f"\\\\{machine}\\{self.namespace.replace('/', chr(92))}:{self.name}.{keys}"

    def __str__(self) -> str:
        return self.path()


def _quoted(text: str) -> str:
    """A string of an object path without its quotes."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


@dataclass(frozen=True)
class CimInstance:
    """An instance; values are str, int, bool, aware datetime, list, None, a reference or another instance."""

    cls: CimClass
    values: Mapping[str, Any]


class Listing(list[CimInstance]):
    """Instances that a provider gives again as long as nothing changes; which of them a query wants is kept here.

    Attributes:
        answers: By the query's text.
    """

    def __init__(self, rows: Iterable[CimInstance]) -> None:
        super().__init__(rows)
        self.answers: dict[str, list[CimInstance]] = {}


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

    def associated(
        self, keys: Mapping[str, str], association: str, result: str, caller: Account
    ) -> Iterable[CimInstance]:
        """What is associated with an instance, by an association class, of a result class; empty means any."""
        raise CimError(INVALID_PARAMETER, "The provider has no associations.", cim_status=7)

    async def invoke(
        self, method: str, keys: Mapping[str, str], arguments: Mapping[str, Any], caller: Account
    ) -> Mapping[str, Any]:
        """Run a method; the result holds its outputs, `ReturnValue` too."""
        raise CimError(INVALID_PARAMETER, "The method does not exist.", cim_status=17)

    def put(self, keys: Mapping[str, str], values: Mapping[str, Any], caller: Account) -> CimInstance:
        """Change the properties sent of the instance with these keys; the instance as it is then."""
        raise CimError(INVALID_PARAMETER, "The provider cannot modify.", cim_status=7)

    def create(self, values: Mapping[str, Any], caller: Account) -> CimInstance:
        """Make an instance; the instance made, with its keys."""
        raise CimError(INVALID_PARAMETER, "The provider cannot create.", cim_status=7)

    def delete(self, keys: Mapping[str, str], caller: Account) -> None:
        """Delete the instance with these keys."""
        raise CimError(INVALID_PARAMETER, "The provider cannot delete.", cim_status=7)


@dataclass(frozen=True)
class CommandStreams:
    """A command's streams: input as it arrives, output as it is written.

    Attributes:
        codepage: Console code page of the shell; 65001 is UTF-8.
        directory: Where the command starts; empty for the account's own profile.
        environment: Variables over those every process has.
    """

    stdin: AsyncIterator[bytes]
    stdout: Callable[[bytes], None]
    stderr: Callable[[bytes], None]
    codepage: int = 65001
    directory: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)


class Host(Protocol):
    """What the wire needs of a Windows host."""

    name: str
    address: str
    clock: Clock
    accounts: AccountDirectory
    faults: Faults
    hooks: Hooks
    counters: Counter[str]
    quirks: dict[str, Any]
    providers: dict[tuple[str, str], Provider]

    @property
    def system(self) -> OperatingSystem:
        """The release of Windows."""
        ...

    def query(self, namespace: str, wql: str, caller: Account) -> list[CimInstance]:
        """Run a WQL query."""
        ...

    async def run_command(self, command_line: str, streams: CommandStreams, caller: Account) -> int:
        """Run `cmd.exe /c` of a command line and return its exit code."""
        ...


__all__ = [
    "ACCESS_DENIED",
    "ACTION_NOT_SUPPORTED",
    "ALREADY_EXISTS",
    "CANNOT_PROCESS_FILTER",
    "INVALID_PARAMETER",
    "INVALID_SELECTORS",
    "NOT_FOUND",
    "OPERATION_TIMED_OUT",
    "Account",
    "CimClass",
    "CimError",
    "CimInstance",
    "CimMethod",
    "CimReference",
    "CimType",
    "CommandStreams",
    "Faults",
    "Host",
    "NoAnswerInTime",
    "Provider",
    "schema",
]
