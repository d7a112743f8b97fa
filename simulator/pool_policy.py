# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of a pool description that speak of Group Policy and the registry (see README.md)."""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .windows.registry import TYPE_NAMES, Data
from .windows.registry_pol import Instruction, encode, instruction

RA_KEY = "SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services"
_EXTENSIONS = "[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}{D02B1F72-3407-48AE-BA88-E8213C6761F1}]"  # MS-GPREG 1.9
_TYPES = {name: kind for kind, name in TYPE_NAMES.items()}


class PolicyFormatError(ValueError):
    """A part is not usable; one line."""


@dataclass(frozen=True)
class LocalPolicyDescription:
    """What lies in the folder GroupPolicy; None for a file that is not there.

    Attributes:
        registry_pol: Machine\\Registry.pol.
        gpt_ini: gpt.ini.
        folder: Whether there is a folder at all.
        applied: Whether the host has processed it already.
        read_only: Files with that attribute, below the folder.
        locked: Files that another process holds open without sharing.
    """

    registry_pol: bytes | None = None
    gpt_ini: bytes | None = None
    folder: bool = True
    applied: bool = True
    read_only: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()


@dataclass(frozen=True)
class DomainPolicyDescription:
    """A GPO of the domain; `values` are values of the Remote Assistance key, `entries` any."""

    name: str
    guid: str
    entries: tuple[Instruction, ...] = ()
    version: int = 1
    enforced: bool = False


def _check_keys(data: Any, known: set[str], where: str) -> None:
    if not isinstance(data, Mapping):
        raise PolicyFormatError(f"{where}: a mapping is expected")
    if unknown := sorted(set(data) - known):
        raise PolicyFormatError(f"{where}: unknown key {unknown[0]!r}; known are {', '.join(sorted(known))}")


def value_of(data: Any, where: str) -> Data:
    """A registry value from YAML: a number, a text, a list of texts, bytes."""
    if isinstance(data, list) and all(isinstance(item, str) for item in data):
        return data
    if isinstance(data, (int, str, bytes)) and not isinstance(data, bool):
        return data
    raise PolicyFormatError(f"{where}: {data!r} is no registry value")


def entry_of(data: Any, where: str) -> Instruction:
    """`{key, name, type, data}`; `hex` instead of `data` gives the bytes themselves."""
    _check_keys(data, {"key", "name", "type", "data", "hex"}, where)
    if "key" not in data or "name" not in data:
        raise PolicyFormatError(f"{where}: an entry has a key and a name")
    kind = data.get("type")
    if kind is not None and (not isinstance(kind, str) or kind not in _TYPES):
        raise PolicyFormatError(f"{where}: type is one of {', '.join(sorted(_TYPES))}")
    raw = _hex(str(data["hex"]), where) if "hex" in data else value_of(data.get("data", ""), where)
    return _instruction(str(data["key"]), str(data["name"]), raw, None if kind is None else _TYPES[kind], where)


def _instruction(key: str, name: str, data: Data, kind: int | None, where: str) -> Instruction:
    try:
        return instruction(key, name, data, kind)
    except struct.error:
        raise PolicyFormatError(f"{where}: {data!r} does not fit into the value {name}") from None


def _hex(text: str, where: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise PolicyFormatError(f"{where}: no hexadecimal digits") from None


def content_of(data: Any, base: Path, where: str) -> bytes | None:
    """A file's bytes: a text, or one of `file`, `base64`, `hex`, `text`, `entries`."""
    if data is None or isinstance(data, bytes):
        return data
    if isinstance(data, str):
        return data.encode()
    _check_keys(data, {"file", "base64", "hex", "text", "entries"}, where)
    if len(data) != 1:
        raise PolicyFormatError(f"{where}: one of file, base64, hex, text, entries is expected")
    ((form, value),) = data.items()
    if form == "entries":
        if not isinstance(value, list):
            raise PolicyFormatError(f"{where}: a list of entries is expected")
        return encode(entry_of(item, where) for item in value)
    if form == "hex":
        return _hex(str(value), where)
    if form == "text":
        return str(value).encode()
    try:
        return (base / str(value)).read_bytes() if form == "file" else base64.b64decode(str(value), validate=True)
    except OSError as error:
        raise PolicyFormatError(f"{where}: {value}: {error.strerror}") from None
    except binascii.Error:
        raise PolicyFormatError(f"{where}: no base64") from None


def local_policy_of(data: Any, base: Path, where: str) -> LocalPolicyDescription | None:
    """A host's local policy. A Registry.pol without gpt.ini gets one of version 1 that names the extension."""
    if data is None or isinstance(data, LocalPolicyDescription):
        return data
    _check_keys(data, {"registry_pol", "gpt_ini", "folder", "applied", "read_only", "locked"}, where)
    pol = content_of(data.get("registry_pol"), base, f"{where}: registry_pol")
    ini = content_of(data.get("gpt_ini"), base, f"{where}: gpt_ini")
    if pol is not None and "gpt_ini" not in data:
        ini = gpt_ini(1)
    if not data.get("folder", True) and (pol is not None or ini is not None):
        raise PolicyFormatError(f"{where}: files without a folder")
    return LocalPolicyDescription(
        pol,
        ini,
        bool(data.get("folder", True)),
        bool(data.get("applied", True)),
        tuple(data.get("read_only", ())),
        tuple(data.get("locked", ())),
    )


def gpt_ini(version: int) -> bytes:
    """gpt.ini as the Group Policy editor writes it on a host whose Registry.pol it changed."""
    return f"[General]\r\ngPCMachineExtensionNames={_EXTENSIONS}\r\nVersion={version}\r\n".encode("ascii")


def domain_policies_of(data: Any, where: str) -> tuple[DomainPolicyDescription, ...]:
    """GPOs of the domain, lowest precedence first."""
    return tuple(_domain_policy(item, f"{where}[{number}]") for number, item in enumerate(data or ()))


def _domain_policy(data: Any, where: str) -> DomainPolicyDescription:
    if isinstance(data, DomainPolicyDescription):
        return data
    _check_keys(data, {"name", "guid", "values", "entries", "version", "enforced"}, where)
    if "name" not in data or "guid" not in data:
        raise PolicyFormatError(f"{where}: a policy has a name and a guid")
    entries = [
        _instruction(RA_KEY, str(name), value_of(value, where), None, where)
        for name, value in data.get("values", {}).items()
    ]
    entries += [entry_of(item, where) for item in data.get("entries", ())]
    return DomainPolicyDescription(
        str(data["name"]),
        str(data["guid"]),
        tuple(entries),
        int(data.get("version", 1)),
        bool(data.get("enforced", False)),
    )


def registry_of(data: Any, where: str) -> dict[str, dict[str, Data]]:
    """Values that are in the registry from the start, by key and name."""
    if not isinstance(data, Mapping) or not all(isinstance(values, Mapping) for values in data.values()):
        raise PolicyFormatError(f"{where}: keys with their values are expected")
    return {
        str(key): {str(name): value_of(value, where) for name, value in values.items()} for key, values in data.items()
    }
