# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Group Policy objects of a host: the local one, read from its folder, and those of the domain."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from .accounts import SYSTEM
from .files import FileError
from .registry_pol import Instruction, PolError, parse

if TYPE_CHECKING:
    from ..pool_policy import DomainPolicyDescription
    from .host import WindowsHost

# MS-GPOL note <22>
FOLDER = "C:\\Windows\\System32\\GroupPolicy"
GPT_INI = f"{FOLDER}\\gpt.ini"
REGISTRY_POL = f"{FOLDER}\\Machine\\Registry.pol"
# The Registry extension and its tool for computers (MS-GPREG 1.9)
REGISTRY_EXTENSION = "{35378EAC-683F-11D2-A89A-00C04FBBCFA2}"
REGISTRY_TOOL = "{D02B1F72-3407-48AE-BA88-E8213C6761F1}"
# What Windows names the local GPO in its registry and its RSOP data: public registry dumps of "Group
# Policy\\State" and event 1096's texts ("for the Group Policy object LocalGPO").
LOCAL_ID, LOCAL_SOM, LOCAL_NAME = "LocalGPO", "Local", "Local Group Policy"
_COMPUTER_DISABLED = 2  # bit of gpt.ini's Options and of the attribute flags, MS-GPOL 2.2.4
_GUID = r"\{[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}"
_EXTENSION = re.compile(rf"\[({_GUID})((?:{_GUID})*)\]")


class PolicyError(Exception):
    """Group Policy can not be processed; `event` is the number that Windows logs."""

    def __init__(self, event: int, text: str) -> None:
        super().__init__(text)
        self.event = event


@dataclass
class Gpo:
    """One Group Policy object as the client sees it.

    Attributes:
        id: What RSOP calls it: the DN without `LDAP://CN=Machine,`, or LocalGPO.
        som: Where it is linked (scope of management).
        guid_name: The GUID, or the local GPO's name.
        name: What the editor shows.
        version: Of the computer half (MS-GPOL 3.2.1.4).
        full_version: Of both halves, as gpt.ini has it.
        extensions: CSEs of its computer half.
        path: Its folder for computers.
        instructions: Its Registry.pol; None when that is invalid.
        enforced: Its link is enforced: it comes after the others.
    """

    id: str
    som: str
    guid_name: str
    name: str
    version: int
    full_version: int
    extensions: tuple[str, ...]
    path: str
    instructions: list[Instruction] | None
    enforced: bool = False

    @property
    def has_registry(self) -> bool:
        """Whether the Registry extension runs for it."""
        return REGISTRY_EXTENSION in self.extensions


def ini_values(content: bytes) -> dict[str, dict[str, str]]:
    """Sections and keys in lower case, as GetPrivateProfileString finds them: the first of a name counts.

    It reads ANSI, and UTF-16 with a mark; the mark of UTF-8 becomes part of the first line, which then is no
    section (learn.microsoft.com GetPrivateProfileString, remarks; public reports on UTF-8 INI files).
    """
    text = content.decode("utf-16" if content[:2] == b"\xff\xfe" else "cp1252", "replace")
    found: dict[str, dict[str, str]] = {}
    section: dict[str, str] = {}
    for line in re.split(r"\r\n|\r|\n", text):
        stripped = line.strip()
        if stripped.startswith("[") and "]" in stripped:
            section = found.setdefault(stripped[1 : stripped.index("]")].strip().lower(), {})
        elif "=" in stripped and not stripped.startswith(";"):
            name, _, value = stripped.partition("=")
            section.setdefault(name.strip().lower(), value.strip())
    return found


def extension_list(text: str) -> tuple[str, ...]:
    """CSE GUIDs of gPCMachineExtensionNames; the list ends at the first one out of order (MS-GPOL 2.2.4)."""
    found: list[str] = []
    place = 0
    while (match := _EXTENSION.match(text, place)) is not None:
        guid = match[1].upper()
        if found and guid < found[-1]:
            break
        if match[2]:  # a CSE without a tool is no pair
            found.append(guid)
        place = match.end()
    return tuple(found)


def local_gpo(host: WindowsHost) -> Gpo | None:
    """The local GPO; None when it is empty (version 0, MS-GPOL 3.2.5.1.6) or its computer half disabled.

    Raises:
        PolicyError: gpt.ini is corrupt, or a file can not be opened.
    """
    content = _content(host, GPT_INI, 1058)
    if content is None:
        return None
    general = ini_values(content).get("general", {})
    version = general.get("version", "")
    if not version.isdigit() and host.quirks["corrupt_gpt_ini_is_error"]:
        raise PolicyError(1058, f"Windows attempted to read the file {GPT_INI} and was not successful.")
    number = int(version) & 0xFFFFFFFF if version.isdigit() else 0
    options = general.get("options", "0")
    if not number or (options.isdigit() and int(options) & _COMPUTER_DISABLED):
        return None
    extensions = extension_list(general.get("gpcmachineextensionnames", ""))
    # A domain's GPO has its list in the directory (MS-GPOL 2.2.4). unverified: that a local one needs its own.
    if not host.quirks["local_needs_extensions"] and REGISTRY_EXTENSION not in extensions:
        extensions = (*extensions, REGISTRY_EXTENSION)
    return Gpo(
        LOCAL_ID, LOCAL_SOM, LOCAL_NAME, LOCAL_NAME, number & 0xFFFF, number, extensions,
        f"{FOLDER}\\Machine", _instructions(host) if REGISTRY_EXTENSION in extensions else [],
    )  # fmt: skip


def _instructions(host: WindowsHost) -> list[Instruction] | None:
    """The local Registry.pol.

    A missing one means no settings. MS-GPREG 3.2.5.1.2 ends the sequence instead; but deleting the file and
    refreshing is the cure that Microsoft's support gives for a corrupt one (unverified: `missing_pol_is_error`).
    """
    content = _content(host, REGISTRY_POL, 1096)
    if content is None:
        if host.quirks["missing_pol_is_error"]:
            raise PolicyError(1096, LOCAL_ID)
        return []
    try:
        return list(_parsed(content))
    except PolError:
        return None


@lru_cache(maxsize=64)
def _parsed(content: bytes) -> tuple[Instruction, ...]:
    """A file's entries; many hosts of a pool have the same file."""
    return tuple(parse(content))


def _content(host: WindowsHost, path: str, event: int) -> bytes | None:
    try:
        return host.files.read(path, SYSTEM)
    except FileError as error:
        if error.code in (2, 3):
            return None
        raise PolicyError(event, LOCAL_ID) from None


def domain_gpo(description: DomainPolicyDescription, dns: str) -> Gpo:
    """A GPO linked to the host's domain."""
    root = ",".join(f"DC={part}" for part in dns.split("."))
    guid = description.guid.upper()
    return Gpo(
        f"CN={guid},CN=Policies,CN=System,{root}",
        root,
        guid,
        description.name,
        description.version & 0xFFFF,
        description.version,
        (REGISTRY_EXTENSION,),
        f"\\\\{dns}\\SysVol\\{dns}\\Policies\\{guid}\\Machine",
        list(description.entries),
        description.enforced,
    )
