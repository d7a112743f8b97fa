# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter: what is known about a Remote Assistance invitation at hand."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from datetime import UTC, datetime

from ansible.errors import AnsibleFilterError
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import AssistError
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.inspect import inspect_invitation

DOCUMENTATION = r"""
name: invitation
author:
  - workspot.assist contributors
version_added: 1.0.0
short_description: Parse a Remote Assistance invitation, and check its password
description:
  - Reads the content of a C(.msrcIncident) file, of Windows XP's format or of the one since Windows Vista,
    and tells who made it, when it expires and where it leads to.
  - With a password it also proves that this password opens the invitation.
  - Nothing is contacted, and nothing secret is returned.
positional: _input
options:
  _input:
    description:
      - The content of the file, as text, as bytes, or Base64 encoded as M(ansible.builtin.slurp) returns it.
      - A file that Windows wrote as UTF-16 is no text for P(ansible.builtin.file#lookup); read such a one with
        M(ansible.builtin.slurp), or use M(workspot.assist.invitation_info), which reads the file itself.
    type: raw
    required: true
  password:
    description:
      - The invitation's password. Keep the task's C(no_log) on where it stands in a variable.
      - Without it RV(_value.verified) is null.
    type: str
seealso:
  - module: workspot.assist.invitation_info
"""

EXAMPLES = r"""
- name: Show until when an invitation can be used
  ansible.builtin.debug:
    msg: "{{ (lookup('ansible.builtin.file', path) | workspot.assist.invitation).expires }}"

- name: Check a password
  ansible.builtin.assert:
    that: (lookup('ansible.builtin.file', path) | workspot.assist.invitation(password=secret)).verified
  no_log: true
"""

RETURN = r"""
_value:
  description: What is known about the invitation.
  type: dict
  contains:
    generation:
      description: The format; 1 is Windows XP's, 2 the one since Windows Vista.
      type: int
    user_name:
      description: Who asks for help, as Windows wrote it.
      type: str
    created:
      description: When it was made, by the clock of the host, in UTC, ISO 8601.
      type: str
    expires:
      description: When it expires, by the same clock.
      type: str
    lifetime_minutes:
      description: Minutes between the two.
      type: int
    expired:
      description: Whether that time is over by the controller's clock.
      type: bool
    protected:
      description: Whether it needs a password.
      type: bool
    verified:
      description: Whether the password opens it; null when that could not be checked.
      type: bool
    reason:
      description: Why it is not verified; null when it is.
      type: str
    endpoints:
      description:
        - Where it leads to. Of the encrypted part when it is verified, otherwise of the plain part, which
          lacks IPv6 addresses and may be missing.
      type: list
      elements: dict
      contains:
        address:
          description: An IPv4 or IPv6 address or a host name.
          type: str
        scope:
          description: The IPv6 scope id, which means something on that host alone, or null.
          type: str
        port:
          description: The TCP port.
          type: int
        family:
          description: V(ipv4), V(ipv6) or V(name).
          type: str
    sha256:
      description:
        - SHA-256 of the content, hexadecimal. That is the file's own where the content is complete;
          P(ansible.builtin.file#lookup) drops line ends at its end, unless
          told O(ansible.builtin.file#lookup:rstrip=false).
      type: str
    size:
      description: Bytes of the content.
      type: int
"""


def _content(value: object) -> bytes:
    """The file's bytes: an invitation in text begins with `<`, which Base64 does not have."""
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        raise AnsibleFilterError("the input is neither text nor bytes.")
    if not value.lstrip("\ufeff \t\r\n").startswith("<"):
        try:
            return base64.b64decode("".join(value.splitlines()), validate=True)
        except (binascii.Error, ValueError):
            pass  # whatever it is, the parser names it
    return value.encode("utf-8", "surrogateescape" if _has_escapes(value) else "surrogatepass")


def _has_escapes(value: str) -> bool:
    """Whether all lone surrogates are those that stand for undecodable bytes (PEP 383)."""
    return not any(0xD800 <= ord(character) < 0xDC80 or 0xDCFF < ord(character) < 0xE000 for character in value)


def invitation(value: object, password: str | None = None) -> dict[str, object]:
    """What is known about an invitation; see `DOCUMENTATION`."""
    if password is not None and not isinstance(password, str):
        raise AnsibleFilterError("the password is no text.")
    try:
        return inspect_invitation(_content(value), password, datetime.now(UTC))
    except AssistError as error:
        raise AnsibleFilterError(str(error)) from None


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        """Filters by name."""
        return {"invitation": invitation}
