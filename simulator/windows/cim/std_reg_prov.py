# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""StdRegProv (learn.microsoft.com/previous-versions/windows/desktop/regprov/stdregprov)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...seam import CimClass, CimMethod, Provider, schema
from ..accounts import Account
from ..registry import (
    REG_BINARY,
    REG_DWORD,
    REG_EXPAND_SZ,
    REG_MULTI_SZ,
    REG_QWORD,
    REG_SZ,
    Key,
    RegistryError,
)

if TYPE_CHECKING:
    from ..host import WindowsHost

_HIVES = {
    2147483648: "HKCR",
    2147483649: "HKCU",
    2147483650: "HKLM",
    2147483651: "HKU",
    2147483653: "HKCC",
}
_KEY = schema(hDefKey="uint32", sSubKeyName="string")
_VALUE = {**_KEY, **schema(sValueName="string")}
_RETURN = schema(ReturnValue="uint32")
# method suffix: property of the data, its type, registry type
_TYPED = {
    "DWORDValue": ("uValue", "uint32", REG_DWORD),
    "QWORDValue": ("uValue", "uint64", REG_QWORD),
    "StringValue": ("sValue", "string", REG_SZ),
    "ExpandedStringValue": ("sValue", "string", REG_EXPAND_SZ),
    "MultiStringValue": ("sValue", "string[]", REG_MULTI_SZ),
    "BinaryValue": ("uValue", "uint8[]", REG_BINARY),
}
_ACCESS_WRITE = 0x2 | 0x4  # KEY_SET_VALUE, KEY_CREATE_SUB_KEY
_WRONG_TYPE = 1  # what Get methods answer for a value of another type: no Win32 code fits better


def _methods() -> dict[str, CimMethod]:
    read = {"required": ("sSubKeyName",), "writes": False}
    found = {
        "EnumKey": CimMethod(_KEY, {**_RETURN, **schema(sNames="string[]")}, **read),  # type: ignore[arg-type]
        "EnumValues": CimMethod(
            _KEY,
            {**_RETURN, **schema(sNames="string[]", Types="sint32[]")},
            **read,  # type: ignore[arg-type]
        ),
        "CheckAccess": CimMethod(
            {**_KEY, **schema(uRequired="uint32")},
            {**_RETURN, **schema(bGranted="boolean")},
            **read,  # type: ignore[arg-type]
        ),
        "CreateKey": CimMethod(_KEY, _RETURN, ("sSubKeyName",)),
        "DeleteKey": CimMethod(_KEY, _RETURN, ("sSubKeyName",)),
        "DeleteValue": CimMethod(_VALUE, _RETURN, ("sSubKeyName",)),
    }
    for suffix, (name, kind, _) in _TYPED.items():
        data = schema(**{name: kind})
        found[f"Get{suffix}"] = CimMethod(_VALUE, {**_RETURN, **data}, ("sSubKeyName",), writes=False)
        found[f"Set{suffix}"] = CimMethod({**_VALUE, **data}, _RETURN, ("sSubKeyName",))
    return found


class StdRegProv(Provider):
    """The registry provider of one namespace."""

    def __init__(self, host: WindowsHost, namespace: str) -> None:
        self._host = host
        self.cls = CimClass(namespace, "StdRegProv", (), {}, _METHODS)

    async def invoke(
        self, method: str, keys: Mapping[str, str], arguments: Mapping[str, Any], caller: Account
    ) -> Mapping[str, Any]:
        """Run a method; Win32 errors become ReturnValue."""
        hive = _HIVES.get(arguments.get("hDefKey", 2147483650))
        if hive is None:
            return {"ReturnValue": 6}  # ERROR_INVALID_HANDLE
        path = f"{hive}\\{arguments['sSubKeyName']}".rstrip("\\")
        try:
            return self._run(method, path, arguments, caller)
        except RegistryError as error:
            return {"ReturnValue": error.code}

    def _run(self, method: str, path: str, arguments: Mapping[str, Any], caller: Account) -> Mapping[str, Any]:
        registry = self._host.registry
        if method == "CreateKey":
            registry.create_key(path, caller)
        elif method == "DeleteKey":
            registry.delete_key(path, caller)
        elif method == "DeleteValue":
            registry.delete_value(path, arguments.get("sValueName", ""), caller)
        elif method.startswith("Set"):
            name, _, kind = _TYPED[method[3:]]
            data = bytes(arguments.get(name, [])) if kind == REG_BINARY else arguments.get(name, "")
            registry.set_value(path, arguments.get("sValueName", ""), kind, data, caller)
        else:
            return self._read(method, path, arguments, caller)
        return {"ReturnValue": 0}

    def _read(self, method: str, path: str, arguments: Mapping[str, Any], caller: Account) -> Mapping[str, Any]:
        key = self._host.registry.find(path, caller)
        if method == "CheckAccess":
            return self._access(key, path, arguments, caller)
        if key is None:
            return {"ReturnValue": 2}
        if method == "EnumKey":
            return {"ReturnValue": 0, "sNames": [item.name for item in key.keys] or None}
        if method == "EnumValues":
            names, types = [item.name for item in key.values], [item.kind for item in key.values]
            return {"ReturnValue": 0, "sNames": names or None, "Types": types or None}
        name, _, kind = _TYPED[method[3:]]
        value = key.value(arguments.get("sValueName", ""))
        if value is None:
            return {"ReturnValue": self._host.quirks["missing_value_return"], name: None}
        if value.kind != kind and not {value.kind, kind} <= {REG_SZ, REG_EXPAND_SZ}:
            return {"ReturnValue": _WRONG_TYPE, name: None}
        data = list(value.data) if isinstance(value.data, bytes) else value.data
        return {"ReturnValue": 0, name: data}

    def _access(self, key: Key | None, path: str, arguments: Mapping[str, Any], caller: Account) -> Mapping[str, Any]:
        if key is None:
            return {"ReturnValue": 2, "bGranted": False}
        wants_write = arguments.get("uRequired", 3) & _ACCESS_WRITE
        granted = not wants_write or self._host.registry.may_write(path, caller)
        return {"ReturnValue": 0 if granted else 5, "bGranted": granted}


_METHODS = _methods()
