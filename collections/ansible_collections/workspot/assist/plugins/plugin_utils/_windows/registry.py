# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The live registry, typed, through ``StdRegProv`` (learn.microsoft.com, "StdRegProv class").

Each value costs an exchange, so many values at once are read with ``reg query``; this is for writing, and for reading
back what was written.
"""

from __future__ import annotations

from .._errors import CommandFailed
from .._wsman.client import WsmanClient
from .._wsman.instance import CimInstance

CIMV2 = "root/cimv2"
HKEY_LOCAL_MACHINE = 0x80000002
"""``hDefKey`` (winreg.h)."""
_ABSENT = frozenset({1, 2})
"""ERROR_FILE_NOT_FOUND is 2; for a value that is not there inside a key that is, hosts were seen to answer 1.

unverified: which of the two comes; both mean the same here.
"""
_ACCESS_DENIED = 5
_REASONS = {
    _ACCESS_DENIED: "access is denied",
    19: "the registry is write protected",
    1018: "the key is marked for deletion",
}
"""winerror.h."""


class Registry:
    """HKEY_LOCAL_MACHINE of one host.

    Args:
        client: The host.
    """

    def __init__(self, client: WsmanClient) -> None:
        self._client = client

    def number(self, key: str, name: str) -> int | None:
        """A DWORD; ``None`` when it is not there, or is of another type.

        Raises:
            CommandFailed: Windows refused it.
        """
        found = self._value("GetDWORDValue", key, name)
        return found.integer("uValue") if found else None

    def text(self, key: str, name: str) -> str | None:
        """A REG_SZ; ``None`` when it is not there, or is of another type."""
        found = self._value("GetStringValue", key, name)
        return found.text("sValue") or "" if found else None

    def names(self, key: str) -> list[str]:
        """Names of the values of a key; empty when the key is not there."""
        output = self._invoke("EnumValues", {"sSubKeyName": key})
        return output.texts("sNames") if self._there(output, key) else []

    def write(self, key: str, name: str, data: int | str) -> None:
        """Write a DWORD or a REG_SZ, in a key that is made when it is not there.

        Raises:
            CommandFailed: Windows refused it.
        """
        self._done(self._invoke("CreateKey", {"sSubKeyName": key}), "creating", key)
        method, argument = ("SetDWORDValue", "uValue") if isinstance(data, int) else ("SetStringValue", "sValue")
        output = self._invoke(method, {"sSubKeyName": key, "sValueName": name, argument: data})
        self._done(output, "writing", f"{key}\\{name}")

    def delete(self, key: str, name: str) -> None:
        """Remove a value; that it is not there is no error.

        Raises:
            CommandFailed: Windows refused it.
        """
        output = self._invoke("DeleteValue", {"sSubKeyName": key, "sValueName": name})
        if output.integer("ReturnValue") not in _ABSENT:
            self._done(output, "removing", f"{key}\\{name}")

    def _value(self, method: str, key: str, name: str) -> CimInstance | None:
        output = self._invoke(method, {"sSubKeyName": key, "sValueName": name})
        return output if self._there(output, f"{key}\\{name}") else None

    def _there(self, output: CimInstance, what: str) -> bool:
        """Whether something was read; what may not be read is not to be taken for what is not there."""
        code = output.integer("ReturnValue") or 0
        if code == _ACCESS_DENIED:
            self._done(output, "reading", what)
        return code == 0

    def _invoke(self, method: str, arguments: dict[str, int | str]) -> CimInstance:
        return self._client.invoke(CIMV2, "StdRegProv", method, {"hDefKey": HKEY_LOCAL_MACHINE, **arguments})

    def _done(self, output: CimInstance, doing: str, what: str) -> None:
        code = output.integer("ReturnValue") or 0
        if code:
            reason = _REASONS.get(code, f"Windows error {code}")
            raise CommandFailed(f"{doing} HKLM\\{what} failed: {reason}.", host=self._client.host)
