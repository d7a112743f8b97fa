# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every way to a host with every ansible-core: plugins, logins, certificates, and where the login's parts come from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.rig import PASSWORD, opens
from tests.support.playbook import PlaybookRunner
from tests.support.pools import ACCOUNTS, CONNECTIONS, SERVICE_PASSWORD, inventory_data, write_inventory

SESSION = {"id": 1, "user": "CORP\\jdoe", "client": "LAPTOP-7", "session_name": "RDP-Tcp#3"}
LOCAL_PASSWORD = "Only-A-Local-Account-2"
LOCAL = {"name": "svc-local", "password": LOCAL_PASSWORD, "administrator": True}
VAULT_PASSWORD = "the-vault-opens"


def ways_inventory(pool: Any, folder: Path, vaulted: dict[str, str]) -> Path:
    """Each host of the pool is reached another way, and gets its login from another place."""
    data: dict[str, Any] = {"all": {"hosts": {}, "vars": {"domain_password": SERVICE_PASSWORD}}}
    for name, host in pool.hosts.items():
        plugin, auth, *_rest = name.split("-")
        variables = inventory_data(pool, plugin, auth)["all"]["vars"]
        data["all"]["hosts"][name] = {"ansible_host": host.address, **variables}
    hosts = data["all"]["hosts"]
    # Templated; of the host itself; as user@domain; in a vault.
    hosts["winrm-ntlm"]["ansible_password"] = "{{ domain_password }}"
    hosts["winrm-basic"].update(ansible_user="svc-local", ansible_password=LOCAL_PASSWORD)
    hosts["psrp-basic"].update(ansible_user="svc-ansible@corp.example")
    path = write_inventory(folder, data)
    text = path.read_text()
    lines = "\n".join(f"        {line}" for line in vaulted["text"].splitlines())
    before, found, after = text.partition("    psrp-ntlm:\n")
    assert found
    after = after.replace(f"ansible_password: {SERVICE_PASSWORD}", f"ansible_password: !vault |\n{lines}", 1)
    path.write_text(before + found + after)
    return path


@pytest.fixture(scope="module")
def vaulted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The service account's password in a vault, and the file that opens it."""
    from ansible.parsing.vault import VaultLib, VaultSecret

    secret = VaultSecret(VAULT_PASSWORD.encode())
    key = tmp_path_factory.mktemp("vault") / "vault-password"
    key.write_text(VAULT_PASSWORD)
    sealed = VaultLib([("default", secret)]).encrypt(SERVICE_PASSWORD, secret=secret)
    return {"text": sealed.decode(), "file": str(key)}


def test_an_invitation_from_each_way_in_one_run(
    each_ansible: Path, make_pool: Any, run_playbook: PlaybookRunner, tmp_path: Path, vaulted: dict[str, str]
) -> None:
    """The module on each host over its own connection, and the search over all of them at once."""
    run_playbook.bin = each_ansible
    hosts = [{"name": name, "accounts": [LOCAL], "sessions": [SESSION]} for name in CONNECTIONS]
    pool = make_pool(*hosts)
    play = {
        "hosts": "all",
        "gather_facts": False,
        "tasks": [
            {"workspot.assist.locate_user": {"user": "jdoe"}, "run_once": True, "ignore_errors": True},
            {"workspot.assist.invitation": {"user": "jdoe", "password": PASSWORD}},
        ],
    }
    arguments = ("--vault-password-file", vaulted["file"])
    run = run_playbook([play], *arguments, inventory=ways_inventory(pool, tmp_path, vaulted)).ok()
    located = run.of("locate_user")
    assert located["unreachable_hosts"] == []
    assert {item["host"] for item in located["candidates"]} == set(CONNECTIONS)
    made = [item for item in run.results if item.action == "workspot.assist.invitation"]
    assert {item.host for item in made} == set(CONNECTIONS)
    assert all(opens(Path(item.result["path"]), PASSWORD) for item in made)


AUTHORITY = {"winrm": "ansible_winrm_ca_trust_path", "psrp": "ansible_psrp_ca_cert"}
VALIDATION = {"winrm": "ansible_winrm_server_cert_validation", "psrp": "ansible_psrp_cert_validation"}


def test_certificates_are_validated_unless_told_otherwise(
    make_pool: Any, run_playbook: PlaybookRunner, tmp_path: Path
) -> None:
    pool = make_pool(*({"name": f"{plugin}-{how}"} for plugin in AUTHORITY for how in ("checks", "ignores", "trusts")))
    data: dict[str, Any] = {"all": {"hosts": {}}}
    for name, host in pool.hosts.items():
        plugin, how = name.split("-")
        variables = inventory_data(pool, plugin, "basic")["all"]["vars"]
        if how != "trusts":
            del variables[AUTHORITY[plugin]]
        if how == "ignores":
            variables[VALIDATION[plugin]] = "ignore"
        data["all"]["hosts"][name] = {"ansible_host": host.address, **variables}
    run = run_playbook("assist", inventory=write_inventory(tmp_path, data), extra={"user": "jdoe"})
    silent = {item["host"]: item for item in run.of("locate_user")["unreachable_hosts"]}
    assert set(silent) == {"winrm-checks", "psrp-checks"}
    for name, error in silent.items():
        assert error["kind"] == "unreachable"
        assert "certificate" in error["message"]
        assert pool.hosts[name].counters["requests"] == 0


def test_user_and_password_of_the_command_line(pool: Any, run_playbook: PlaybookRunner, tmp_path: Path) -> None:
    """As -u and -k give them; -k itself needs a terminal."""
    data = inventory_data(pool)
    del data["all"]["vars"]["ansible_user"], data["all"]["vars"]["ansible_password"]
    secret = tmp_path / "connection-password"
    secret.write_text(SERVICE_PASSWORD)
    arguments = ("-u", f"CORP\\{ACCOUNTS[0]['name']}", "--connection-password-file", str(secret))
    run = run_playbook("assist", *arguments, inventory=write_inventory(tmp_path, data), extra={"user": "jdoe"}).ok()
    assert len(run.invitations) == 1
    assert SERVICE_PASSWORD not in run.stdout
