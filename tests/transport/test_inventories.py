# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections of many hosts from one task are what Ansible makes for a task on each, with every ansible-core."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.playbook import PlaybookRunner, Run

PLAYBOOK = Path(__file__).parent / "inventories/compare.yml"
VAULT_PASSWORD = "the-vault-opens"
WINRM: dict[str, list[Any]] = {
    "ansible_host": ["192.0.2.1", "192.0.2.2", "fe80::1"],
    "ansible_winrm_host": ["198.51.100.7"],
    "ansible_port": [5985, 5986, "5985", "{{ 5980 + 5 }}"],
    "ansible_winrm_port": [15985],
    "ansible_winrm_scheme": ["http", "https"],
    "ansible_winrm_transport": ["ntlm", "basic", ["ntlm", "basic"], "certificate"],
    "ansible_winrm_path": ["/wsman", "elsewhere"],
    "ansible_user": ["CORP\\svc", "svc@corp.example", "{{ inventory_hostname }}-svc"],
    "ansible_winrm_user": ["other"],
    "ansible_password": ["plain", "{{ secret }}", "{{secret}}", "{{ secret ~ 1 }}", "{{ nested }}", 12345],
    "ansible_winrm_pass": ["second"],
    "ansible_winrm_message_encryption": ["always", "never"],
    "ansible_winrm_server_cert_validation": ["ignore", "validate"],
    "ansible_winrm_read_timeout_sec": [70, "71"],
    "ansible_winrm_operation_timeout_sec": [60],
    "ansible_winrm_proxy": ["http://proxy.example:3128"],
    "ansible_winrm_kerberos_hostname_override": ["{{ inventory_hostname }}.corp.example"],
    "ansible_winrm_connection_timeout": [31],
}
PSRP: dict[str, list[Any]] = {
    "ansible_host": ["192.0.2.1", "192.0.2.2"],
    "ansible_psrp_host": ["198.51.100.7"],
    "ansible_port": [5985, 5986],
    "ansible_psrp_port": [15985],
    "ansible_psrp_protocol": ["http", "https"],
    "ansible_psrp_auth": ["ntlm", "negotiate", "basic"],
    "ansible_psrp_path": ["wsman", "elsewhere"],
    "ansible_user": ["CORP\\svc", "{{ inventory_hostname }}-svc"],
    "ansible_password": ["plain", "{{ secret }}", "{{ nested }}"],
    "ansible_psrp_message_encryption": ["auto", "always"],
    "ansible_psrp_cert_validation": ["ignore", "validate"],
    "ansible_psrp_read_timeout": [44],
    "ansible_psrp_reconnection_retries": [2],
    "ansible_psrp_negotiate_hostname_override": ["override"],
    "ansible_psrp_ignore_proxy": [True, "yes"],
}
COMMON = {"secret": "S3cret", "nested": "{{ secret }}-nested"}
MAY_FAIL = {"broken", "broken-by-name", "not-there", "list", "map", "sealed-list"}
"""Some releases of ansible-core make a list or a map of such a text, which is then no password."""
LIKELY = ("ansible_host", "ansible_port", "ansible_user", "ansible_password")


class Vaulted(str):
    """A text that the inventory has as `!vault`."""


class Dumper(yaml.SafeDumper):
    """YAML with vaulted texts."""


class Unsafe(str):
    """A text that the inventory has as `!unsafe`: no template, whatever it looks like."""


Dumper.add_representer(Vaulted, lambda dumper, text: dumper.represent_scalar("!vault", str(text), style="|"))
Dumper.add_representer(Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text)))


def sealed(text: str, password: str = VAULT_PASSWORD) -> Vaulted:
    from ansible.parsing.vault import VaultLib, VaultSecret

    secret = VaultSecret(password.encode())
    return Vaulted(VaultLib([("default", secret)]).encrypt(text, secret=secret).decode())


def some_hosts(seed: int, count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Hosts of a made-up inventory: a few variables each, of plugin, kind and value as chance has it."""
    chance = random.Random(seed)
    common = chance.random()
    for number in range(count):
        name, choices = chance.choice([("winrm", WINRM), ("winrm", WINRM), ("psrp", PSRP)])
        variables: dict[str, Any] = {"ansible_connection": chance.choice([name, f"ansible.builtin.{name}"])}
        for variable, values in choices.items():
            if chance.random() < (0.85 if variable in LIKELY else 0.25 * common):
                # Mostly the first: hosts of a pool are alike.
                variables[variable] = values[0] if chance.random() < 0.5 else chance.choice(values)
        yield f"host-{number:02}", variables


def inventory(folder: Path, hosts: Mapping[str, Any], shared: Mapping[str, Any], facts: Sequence[str] = ()) -> Path:
    groups = {"with_facts": {"hosts": dict.fromkeys(facts)}}
    path = folder / "inventory.yml"
    data = {"all": {"hosts": dict(hosts), "vars": dict(shared), "children": groups}}
    path.write_text(yaml.dump(data, Dumper=Dumper, sort_keys=False))
    return path


def compared(run: Run) -> tuple[dict[str, Any], dict[str, Any]]:
    """Ansible's own connections by host, and what the collection's task tells."""
    told = [item for item in run.results if "told" in item.result]
    own = {item.host: json.loads(item.result["told"]) for item in told if item.host != "localhost"}
    (ours,) = [json.loads(item.result["told"]) for item in told if item.host == "localhost"]
    return own, ours


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_option_of_every_host(
    seed: int, each_ansible: Path, run_playbook: PlaybookRunner, tmp_path: Path
) -> None:
    run_playbook.bin = each_ansible
    hosts = dict(some_hosts(seed, 24))
    facts = [host for number, host in enumerate(hosts) if number % 3 == 0]
    run = run_playbook(PLAYBOOK, inventory=inventory(tmp_path, hosts, COMMON, facts)).ok()
    own, ours = compared(run)
    assert set(own) == set(hosts)
    assert ours["errors"] == {}
    for host, connection in own.items():
        assert ours["connections"][host] == connection, hosts[host]
    # The hosts are not all alike, so this can fail.
    assert len({json.dumps(item, sort_keys=True) for item in own.values()}) > 12
    assert ours["variables_stay"]
    assert ours["with_facts"] == facts


def test_vaulted_values(each_ansible: Path, run_playbook: PlaybookRunner, tmp_path: Path) -> None:
    """Opened once each, told apart, and what can not be opened is one line of its own host."""
    run_playbook.bin = each_ansible
    common = {"ansible_connection": "winrm", "ansible_user": "svc", "ansible_winrm_transport": "ntlm"}
    group = sealed("Of-The-Group-1")
    values: dict[str, Any] = {
        **{f"shared-{number}": group for number in range(8)},
        **{f"named-{number}": "{{ group_secret }}" for number in range(8)},
        "own-1": sealed("Of-This-Host-1"),
        "own-2": sealed("Of-This-Host-2"),
        "twice-removed": "{{ by_another_name }}",
        "made-of-it": "{{ group_secret }}-and-more",
        "true": "{{ says_true }}",
        "none": "{{ says_none }}",
        "list": "{{ says_list }}",
        "map": "{{ says_map }}",
        "pair": "{{ says_pair }}",
        "number": "{{ says_number }}",
        "sealed-true": "{{ sealed_true }}",
        "sealed-list": "{{ sealed_list }}",
        "sealed-template": "{{ sealed_template }}",
        "braces": "{{ says_braces }}",
        "unsafe": Unsafe("{{ group_secret }}"),
        "unsafe-by-name": "{{ says_unsafe }}",
        "broken": sealed("Nobody-Knows-1", "another-vault"),
        "broken-by-name": "{{ broken_secret }}",
        "not-there": "{{ nobody_has_this }}",
    }
    shared = {
        **common,
        "group_secret": group,
        "by_another_name": "{{ group_secret }}",
        "broken_secret": sealed("Nobody-Knows-2", "another-vault"),
        "says_true": "True",
        "says_none": "None",
        "says_list": "[1]",
        "says_map": "{'a': 1}",
        "says_pair": "(1, 2)",
        "says_number": "0123",
        "says_braces": "a}}b",
        "says_unsafe": Unsafe("a{{ b"),
        "sealed_true": sealed("True"),
        "sealed_list": sealed("[1, 2]"),
        "sealed_template": sealed("{{ group_secret }}"),
    }
    hosts = {name: {"ansible_host": "192.0.2.1", "ansible_password": value} for name, value in values.items()}
    key = tmp_path / "vault-password"
    key.write_text(VAULT_PASSWORD)
    arguments = ("--vault-password-file", str(key))
    run = run_playbook(PLAYBOOK, *arguments, inventory=inventory(tmp_path, hosts, shared)).ok()
    own, ours = compared(run)
    assert set(ours["errors"]) == set(hosts) - set(own)
    assert {"broken", "broken-by-name", "not-there"} <= set(ours["errors"]) <= MAY_FAIL
    for host, connection in own.items():
        assert ours["connections"][host] == connection, host
    passwords = {host: item["made"]["pass"] for host, item in own.items()}
    assert {passwords[host] for host in passwords if host.startswith(("shared", "named"))} == {"text Of-The-Group-1"}
    assert (passwords["own-1"], passwords["own-2"]) == ("text Of-This-Host-1", "text Of-This-Host-2")
    assert (passwords["unsafe"], passwords["unsafe-by-name"]) == ("text {{ group_secret }}", "text a{{ b")
    assert passwords["made-of-it"] == "text Of-The-Group-1-and-more"
    for host, message in ours["errors"].items():
        assert message.startswith(f"{host}: the connection's variables are not usable")
        assert "\n" not in message
    # Nineteen hosts have the group's; the rest are one each, and those that make something of it.
    assert ours["decryptions"] <= 16
