# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names and passwords for servers, from files: variables and the environment are kept with a job, files are not."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from .._errors import InvalidOption

ENVIRONMENT = {kind: f"WORKSPOT_ASSIST_{kind.upper()}_CREDENTIALS" for kind in ("smb", "http", "mail")}
"""Variables with the path of a credentials file, for where an option can not be set."""
_LONGEST = 65536
_KNOWN = {"username", "password", "domain"}


@dataclass(frozen=True)
class Credentials:
    """An account at a server."""

    username: str
    password: str = field(repr=False)
    domain: str | None = None

    @property
    def account(self) -> str:
        r"""``DOMAIN\\user`` where there is a domain."""
        return f"{self.domain}\\{self.username}" if self.domain else self.username


def credentials_for(kind: str, given: str | None) -> Credentials | None:
    """The account for a channel: from the option, or from the file that the environment names.

    Raises:
        InvalidOption: The file is not what it has to be.
    """
    path = given or os.environ.get(ENVIRONMENT[kind])
    return read_credentials(Path(path)) if path else None


def read_credentials(path: Path) -> Credentials:
    """Read a file with ``username: NAME`` and ``password: PASSWORD`` (YAML), or the same with ``=`` (INI).

    Raises:
        InvalidOption: It can not be read, or has no name or password.
    """
    text = read_secret_file(path)
    found = _from_yaml(text) or _from_lines(text)
    if not found.get("username") or not found.get("password") or set(found) - _KNOWN:
        raise InvalidOption(
            f"{path} has to hold username and password, and may hold domain; nothing else.",
            hint="One in a line, as in YAML (username: NAME) or INI (username = NAME).",
        )
    return Credentials(found["username"], found["password"], found.get("domain") or None)


def read_secret_file(path: Path) -> str:
    """The text of a small file.

    Raises:
        InvalidOption: It can not be read.
    """
    try:
        with path.open("rb") as stream:
            text = stream.read(_LONGEST).decode()
    except OSError as error:
        raise InvalidOption(f"{path} can not be read: {(error.strerror or 'error').lower()}.") from None
    except UnicodeDecodeError:
        raise InvalidOption(f"{path} is no text in UTF-8.") from None
    if text.startswith("$ANSIBLE_VAULT"):
        raise InvalidOption(
            f"{path} is encrypted with Ansible Vault, and is read as it is.",
            hint="Have the secret put into a file of mode 0600 for the run.",
        )
    return text


def _from_yaml(text: str) -> dict[str, str] | None:
    try:
        # Everything is text: a password of digits is no number.
        found = yaml.load(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError:
        return None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        return None
    return {str(name): value for name, value in found.items()}


def _from_lines(text: str) -> dict[str, str]:
    found = {}
    for line in text.splitlines():
        name, sign, value = line.partition("=")
        if sign and not line.lstrip().startswith(("#", ";")):
            found[name.strip()] = value.strip()
    return found
