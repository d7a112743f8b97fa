# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every login does for the first time, done once before Ansible forks a process for each host.

Ansible loads an action plugin in its main process and forks one child per host. What a child does first and that
lasts (OpenSSL loads its old ciphers, pyspnego builds its tables, Python its codecs) it does for nobody else. A third of
the CPU time of a child goes that way (docs/benchmarks.md), unless its parent has done it before.
"""

from __future__ import annotations

import codecs
import functools
import importlib
import struct
import sys

_CODECS = ("utf-16-le", "utf-8-sig", "idna")
_LIBRARIES = {"winrm": ("winrm.transport", "requests_ntlm"), "pypsrp": ("pypsrp.wsman",)}
_FLAGS = 0xE28A8235
"""Of a Windows server's challenge: Unicode, NTLM, extended session security, key exchange, sealing, 128 and 56 bits."""


@functools.cache
def preload() -> None:
    """Do it, for the connection libraries that are loaded already; whatever fails is left to the children."""
    loaded = [name for name in _LIBRARIES if name in sys.modules]
    if not loaded:
        return
    for codec in _CODECS:
        codecs.lookup(codec)  # decoding nothing would not load it
    try:
        for name in loaded:
            for module in _LIBRARIES[name]:
                importlib.import_module(module)
        _log_in_nowhere()
    except Exception:
        # Another release of a library, or no NTLM in this OpenSSL: a login that needs it says so itself.
        return


def _log_in_nowhere() -> None:
    """An NTLM login to a server that does not exist: every computation of a real one, and nothing is sent."""
    import spnego

    context = spnego.client("nobody", "nothing", hostname="nowhere", service="http", protocol="ntlm")
    context.step()
    context.step(challenge())
    context.wrap(b"nothing")


def challenge() -> bytes:
    """A server's challenge (MS-NLMP 2.2.1.2) with a domain name and a time."""
    name = "NOWHERE".encode("utf-16-le")
    # MS-NLMP 2.2.2.1: MsvAvNbDomainName, MsvAvTimestamp, MsvAvEOL.
    info = struct.pack("<HH", 2, len(name)) + name + struct.pack("<HHQ", 7, 8, 1) + struct.pack("<HH", 0, 0)
    start = 56
    head = b"NTLMSSP\0" + struct.pack("<I", 2)
    fields = struct.pack("<HHI", len(name), len(name), start)
    rest = struct.pack("<I", _FLAGS) + bytes(8) + bytes(8)
    target = struct.pack("<HHI", len(info), len(info), start + len(name))
    version = struct.pack("<BBH3xB", 10, 0, 20348, 15)
    return head + fields + rest + target + version + name + info
