# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Group Policy over real WinRM with pywinrm: one exchange each way, RSOP as XML, hooks at requests."""

from __future__ import annotations

import base64
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from winrm.exceptions import WSManFaultError
from winrm.protocol import Protocol

from simulator.pool_server import Pool
from simulator.windows.registry_pol import encode
from tests.simulator.windows_rig import BASELINE, FOLDER, INI, POL, RA, archive, entry, ini, members
from tests.support.pools import DESKTOP, SERVICE_PASSWORD

READ = (
    f'cd /d "{FOLDER}" & echo mark & reg query "HKLM\\{RA}" /s & echo mark & '
    'if exist "Machine\\Registry.pol" echo there & echo mark & tar -cf - gpt.ini Machine/Registry.pol'
)
LOCK = f"{FOLDER}\\policy.lock"
REPLACE = (
    f'( (fc /b "{FOLDER}\\old.1" "{POL}" >nul || exit 20) & move /y "{FOLDER}\\new.1" "{POL}" >nul && '
    f'move /y "{FOLDER}\\ini.1" "{INI}" >nul && gpupdate /target:computer ) 9>"{LOCK}" || exit 21'
)
WMI = "http://schemas.microsoft.com/wbem/wsman/1/wmi"
ANONYMOUS = "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous"


@pytest.fixture
def pool(make_pool: Callable[..., Any]) -> Pool:
    host = {
        **DESKTOP,
        "local_policy": {"registry_pol": {"entries": [{"key": RA, "name": "fAllowToGetHelp", "data": 1},
                                                      {"key": "Software\\Vendor", "name": "x", "data": "kept"}]}},
        "domain_policies": [{"name": "Workstations <baseline> & more", "guid": BASELINE,
                             "values": {"MaxTicketExpiry": 3}}],
    }  # fmt: skip
    made: Pool = make_pool(host)
    return made


@pytest.fixture
def client(pool: Pool) -> Protocol:
    return Protocol(
        pool.endpoint("desk-01"),
        transport="ntlm",
        username="CORP\\svc-ansible",
        password=SERVICE_PASSWORD,
        ca_trust_path=None,
        proxy=None,
    )


def _run(client: Protocol, line: str, stdin: bytes = b"") -> tuple[int, bytes, bytes]:
    shell = client.open_shell(codepage=65001)
    try:
        command = client.run_command(shell, line)
        if stdin:
            client.send_command_input(shell, command, stdin, end=True)
        out, err, code = client.get_command_output(shell, command)
        client.cleanup_command(shell, command)
    finally:
        client.close_shell(shell)
    return code, out, err


def _enumerate(client: Protocol, namespace: str, query: str) -> Iterator[dict[str, list[str | None]]]:
    """Rows of a WQL query: names with their texts, None for null."""
    answer = client.send_message(
        f"""<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
         xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"
         xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration"
         xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"><s:Header><a:To>{client.transport.endpoint}</a:To>
         <w:ResourceURI s:mustUnderstand="true">{WMI}/{namespace}/*</w:ResourceURI>
         <a:ReplyTo><a:Address s:mustUnderstand="true">{ANONYMOUS}</a:Address></a:ReplyTo>
         <a:Action s:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2004/09/enumeration/Enumerate</a:Action>
         <w:MaxEnvelopeSize s:mustUnderstand="true">512000</w:MaxEnvelopeSize>
         <a:MessageID>uuid:{uuid.uuid4()}</a:MessageID><w:OperationTimeout>PT20S</w:OperationTimeout></s:Header><s:Body><n:Enumerate>
         <w:OptimizeEnumeration/><w:MaxElements>1000</w:MaxElements>
         <w:Filter Dialect="http://schemas.microsoft.com/wbem/wsman/1/WQL">{query}</w:Filter></n:Enumerate></s:Body>
         </s:Envelope>"""
    )
    items = ET.fromstring(answer).iter("{http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd}Items")
    for item in (row for rows in items for row in rows):
        found: dict[str, list[str | None]] = {}
        for value in item:
            nil = value.get("{http://www.w3.org/2001/XMLSchema-instance}nil") == "true"
            found.setdefault(value.tag.rpartition("}")[2], []).append(None if nil else value.text)
        yield found


def _stage(client: Protocol, *entries: Any, old: bytes, version: int) -> None:
    content = archive(**{"new__1": encode(entries), "old__1": old, "ini__1": ini(version)})
    assert _run(client, f'tar -xf - -C "{FOLDER}"', content)[0] == 0


def test_all_is_read_in_one_exchange_and_nothing_written(pool: Pool, client: Protocol) -> None:
    code, out, _ = _run(client, READ)
    first, live, there, tail = out.split(b"mark \r\n")
    assert (code, first, there) == (0, b"", b"there \r\n")
    assert b"fAllowToGetHelp    REG_DWORD    0x1" in live
    assert set(members(tail)) == {"gpt.ini", "Machine/Registry.pol"}
    assert pool.hosts["desk-01"].state()["writes"] == []
    assert pool.errors == []


def test_a_policy_is_staged_replaced_and_applied(pool: Pool, client: Protocol) -> None:
    host = pool.hosts["desk-01"]
    old = host.files.read(POL, host.accounts.find("svc-ansible"))  # type: ignore[arg-type]
    _stage(client, entry("fAllowToGetHelp", 0), entry("x", "kept", "Software\\Vendor"), old=old, version=2)
    code, out, err = _run(client, REPLACE)
    assert (code, err) == (0, b"")
    assert b"completed successfully" in out
    assert host.registry.read(f"HKLM\\{RA}", "fAllowToGetHelp") == 0
    assert host.state()["writes"][-3:] == [f"{FOLDER}\\new.1 -> {POL}", f"{FOLDER}\\ini.1 -> {INI}", "gpupdate"]


def test_another_controller_between_two_requests_is_noticed(pool: Pool, client: Protocol) -> None:
    host = pool.hosts["desk-01"]
    old = host.files.read(POL, host.accounts.find("svc-ansible"))  # type: ignore[arg-type]
    theirs = encode([entry("fAllowToGetHelp", 1), entry("MaxTicketExpiry", 9)])
    # the first Command unpacks, the second replaces
    host.hooks.at_operation("Command", lambda: host.files.store(POL, theirs) and None, number=2)
    _stage(client, entry("fAllowToGetHelp", 0), old=old, version=2)
    assert _run(client, REPLACE)[0] == 20
    assert host.files.get(POL).content == theirs  # type: ignore[union-attr]


def test_a_hook_at_the_nth_request_runs_once(pool: Pool, client: Protocol) -> None:
    host, seen = pool.hosts["desk-01"], list[int]()
    host.hooks.at_request(2, lambda: seen.append(host.counters["requests"]))
    _run(client, "echo a")
    _run(client, "echo b")
    assert seen == [2]


def test_rsop_comes_as_rows(pool: Pool, client: Protocol) -> None:
    settings = list(_enumerate(client, "root/rsop/computer", "SELECT * FROM RSOP_RegistryPolicySetting"))
    rows = {str(row["valueName"][0]): row for row in settings}
    assert rows["MaxTicketExpiry"]["value"] == ["3", "0", "0", "0"]
    assert rows["MaxTicketExpiry"]["precedence"] == ["1"]
    assert rows["fAllowToGetHelp"]["GPOID"] == ["LocalGPO"]
    gpos = {row["id"][0]: row["name"][0] for row in _enumerate(client, "root/rsop/computer", "SELECT * FROM RSOP_GPO")}
    assert gpos[rows["MaxTicketExpiry"]["GPOID"][0]] == "Workstations <baseline> & more"
    assert gpos["LocalGPO"] == "Local Group Policy"


def test_a_lone_backslash_in_a_query_is_refused(client: Protocol) -> None:
    with pytest.raises(WSManFaultError):
        list(_enumerate(client, "root/rsop/computer", f"SELECT * FROM RSOP_GPO WHERE id = '{FOLDER}'"))


def test_base64_of_input_may_come_in_pieces(client: Protocol, pool: Pool) -> None:
    data = archive(piece__bin=bytes(range(256)) * 300)
    shell = client.open_shell(codepage=65001)
    command = client.run_command(shell, 'tar -xf - -C "C:\\Windows\\Temp"')
    half = len(data) // 2
    client.send_command_input(shell, command, data[:half])
    client.send_command_input(shell, command, data[half:], end=True)
    assert client.get_command_output(shell, command)[2] == 0
    client.close_shell(shell)
    node = pool.hosts["desk-01"].files.get("C:\\Windows\\Temp\\piece.bin")
    assert node is not None
    assert node.content == bytes(range(256)) * 300
    assert len(base64.b64encode(data)) > 100_000
