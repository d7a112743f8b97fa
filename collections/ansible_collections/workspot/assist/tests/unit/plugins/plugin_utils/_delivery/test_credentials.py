# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names and passwords out of files."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._delivery.credentials import (
    Credentials,
    credentials_for,
    read_credentials,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import InvalidOption

SECRET = "S3cret: #=\"'"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("username: svc\npassword: 0123\n", Credentials("svc", "0123")),
        ("username: svc\npassword: no\ndomain: CORP\n", Credentials("svc", "no", "CORP")),
        ("---\n{username: svc, password: 'a: b'}\n", Credentials("svc", "a: b")),
        ("username = svc\npassword = a=b; c\n", Credentials("svc", "a=b; c")),
        ("[share]\n# comment = x\nusername=svc\npassword=%d$\ndomain=\n", Credentials("svc", "%d$")),
    ],
)
def test_what_is_read(text: str, expected: Credentials, tmp_path: Path) -> None:
    path = tmp_path / "credentials"
    path.write_text(text)
    assert read_credentials(path) == expected


@pytest.mark.parametrize(
    "text",
    ["", "username: svc", "password: geheim123", "- a\n", "username: svc\npassword: geheim123\nmore: x", "geheim123"],
)
def test_what_is_refused_and_not_shown(text: str, tmp_path: Path) -> None:
    path = tmp_path / "credentials"
    path.write_text(text)
    with pytest.raises(InvalidOption, match="has to hold username and password") as caught:
        read_credentials(path)
    assert "geheim123" not in str(caught.value)


def test_files_that_can_not_be_read(tmp_path: Path) -> None:
    with pytest.raises(InvalidOption, match="can not be read: no such file"):
        read_credentials(tmp_path / "none")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidOption, match="no text"):
        read_credentials(tmp_path / "binary")
    (tmp_path / "vault").write_text("$ANSIBLE_VAULT;1.1;AES256\n61\n")
    with pytest.raises(InvalidOption, match="encrypted with Ansible Vault"):
        read_credentials(tmp_path / "vault")


def test_the_environment_names_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "credentials"
    path.write_text("username: svc\npassword: geheim123\n")
    assert credentials_for("smb", None) is None
    monkeypatch.setenv("WORKSPOT_ASSIST_SMB_CREDENTIALS", str(path))
    found = credentials_for("smb", None)
    assert found == Credentials("svc", "geheim123")
    assert credentials_for("mail", None) is None
    assert "geheim123" not in repr(found)


def test_the_account_has_its_domain() -> None:
    assert Credentials("svc", "x", "CORP").account == "CORP\\svc"
    assert Credentials("svc@corp.example", "x").account == "svc@corp.example"
