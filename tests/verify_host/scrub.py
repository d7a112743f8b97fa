# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes people, computers and addresses out of a transcript, so that it can be kept and shown."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping

_STREAM = re.compile(r"(<(?:\w+:)?Stream\b[^>]*[^/>]>)([A-Za-z0-9+/=\s]+)(</(?:\w+:)?Stream>)")
_IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
_IPV6 = re.compile(
    r"(?<![0-9A-Fa-f:])(?:[0-9A-Fa-f]{1,4}:){2,7}[0-9A-Fa-f:]*(?:%\w+)?|(?<![\w:])fe80::[0-9a-f:]+(?:%\w+)?", re.I
)
_SID = re.compile(r"S-1-(?:5-21|12-1)-\d+-\d+-\d+(?=-\d+)", re.I)
_KEPT_ADDRESSES = {"0.0.0.0", "127.0.0.1", "255.255.255.255"}
_SHORTEST_NAME = 3
"""Shorter names would be found in every other word."""


def readable_streams(envelope: str) -> str:
    """The envelope with the base64 of shell streams decoded; binary data is replaced by its length."""

    def decoded(match: re.Match[str]) -> str:
        try:
            data = base64.b64decode(match[2], validate=False)
            text = data.decode("utf-8")
        except (binascii.Error, ValueError):
            return f"{match[1]}[{len(match[2])} characters of base64]{match[3]}"
        if "\0" in text:
            return f"{match[1]}[{len(data)} bytes]{match[3]}"
        return f"{match[1]}{text}{match[3]}"

    return _STREAM.sub(decoded, envelope)


class Scrubber:
    """Replaces names by stable stand-ins: the same name is the same word everywhere.

    Args:
        names: Stand-in's kind (``user``, ``computer``…) to names.
        secrets: Texts that are taken out altogether.
    """

    def __init__(self, names: Mapping[str, Iterable[str | None]], secrets: Iterable[str] = ()) -> None:
        self._secrets = [text for text in secrets if text]
        stand_ins: dict[str, str] = {}
        for kind, group in names.items():
            for number, name in enumerate(dict.fromkeys(item.lower() for item in group if item), start=1):
                if len(name) >= _SHORTEST_NAME:
                    stand_ins.setdefault(name, f"{kind}-{number}")
        self._stand_ins = dict(sorted(stand_ins.items(), key=lambda item: -len(item[0])))
        words = "|".join(re.escape(name) for name in self._stand_ins)
        self._pattern = re.compile(rf"(?<![A-Za-z0-9])(?:{words})(?![A-Za-z0-9])", re.IGNORECASE) if words else None
        self._addresses: dict[str, str] = {}

    def text(self, text: str) -> str:
        """A text without names, addresses and secrets."""
        for secret in self._secrets:
            text = text.replace(secret, "********")
        if self._pattern is not None:
            text = self._pattern.sub(lambda match: self._stand_ins[match[0].lower()], text)
        text = _SID.sub("S-1-5-21-1-2-3", text)
        text = _IPV6.sub(self._address, text)
        return _IPV4.sub(self._address, text)

    def _address(self, match: re.Match[str]) -> str:
        found = match[0]
        # Times (12:30:15), all zeros and version numbers (10.0.20348.1) are no addresses.
        is_version = "." in found and any(int(part) > 255 for part in found.split("."))
        if found in _KEPT_ADDRESSES or is_version or re.fullmatch(r"\d\d?:\d\d:\d\d", found):
            return found
        return self._addresses.setdefault(found.lower(), f"address-{len(self._addresses) + 1}")
