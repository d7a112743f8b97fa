# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A controller without one of the Python libraries is told which, by name, and what to install."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.workspot.assist.plugins.filter.invitation import invitation
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import LibraryMissing
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.ticket_cipher import require_cryptography
from ansible_collections.workspot.assist.plugins.plugin_utils._transport.mapping import transport_error

ROOT = Path(__file__).parents[8]
ACTIONS = ["invitation", "invitation_info", "locate_user", "session_info"]
LIBRARIES = ["cryptography", "requests", "winrm", "pypsrp"]
SAMPLE = (
    '<?xml version="1.0"?><UPLOADINFO TYPE="Escalated"><UPLOADDATA USERNAME="jdoe" RCTICKET="65538,1,'
    '192.0.2.10:49200,*,a,*,*,b" RCTICKETENCRYPTED="1" DtStart="1795253400" DtLength="60" PassStub="x" '
    f'L="0" LHTICKET="{"00" * 32}"/></UPLOADINFO>'
)


def test_every_action_loads_without_any_library() -> None:
    """In a process of its own: nothing is imported there yet, and nothing stays hidden here."""
    prefix = "ansible_collections.workspot.assist.plugins"
    names = [f"{prefix}.action.{name}" for name in ACTIONS] + [f"{prefix}.filter.invitation"]
    hide = f"import sys; sys.modules.update(dict.fromkeys({LIBRARIES!r}))"
    code = f"{hide}; sys.path.insert(0, {str(ROOT)!r}); import {', '.join(names)}; print('loaded')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.returncode) == ("loaded\n", 0), done.stderr


def test_a_missing_cryptography_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    require_cryptography()
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives", None)
    with pytest.raises(LibraryMissing, match=r"package cryptography, .* Install cryptography"):
        require_cryptography()
    with pytest.raises(AnsibleFilterError, match="Install cryptography"):
        invitation(SAMPLE, password="Maple-Harbor-29")
    assert invitation(SAMPLE)["verified"] is None


@pytest.mark.parametrize(
    ("module", "package"),
    [("winrm", "pywinrm"), ("spnego.channel_bindings", "pyspnego"), ("requests_credssp", "requests-credssp")],
)
def test_a_missing_login_library_is_named(module: str, package: str) -> None:
    error = transport_error(ModuleNotFoundError(f"No module named {module!r}", name=module), host="desk-01")
    assert isinstance(error, LibraryMissing)
    assert f"pip install {package} " in str(error)
