# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""pywinrm, which knows nothing of the simulator, drives shells and CIM classes of simulated hosts.

NTLM with message encryption over HTTP (MS-WSMV 2.2.9.1), and Basic over HTTPS.
"""

from __future__ import annotations

import uuid
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import winrm
from winrm.exceptions import InvalidCredentialsError, WinRMOperationTimeoutError, WinRMTransportError, WSManFaultError
from winrm.protocol import Protocol

from simulator.pool_server import Pool
from tests.simulator.wire_rig import HKLM, REGISTRY, WMI, N, T, W, enumerate_body, envelope, pull_body
from tests.support.pools import DESKTOP, SERVICE_PASSWORD

Make = Callable[..., Any]
WAYS = {"ntlm-encrypted": ("ntlm", False), "ntlm-https": ("ntlm", True), "basic-https": ("basic", True)}
BIG = bytes(range(256)) * 2048  # 512 KiB: more than fits into one envelope


def settings(pool: Pool, way: str = "ntlm-encrypted", **changes: Any) -> dict[str, Any]:
    """Arguments of `Protocol`."""
    transport, secure = WAYS[way]
    return {
        "endpoint": pool.endpoint("desk-01", secure=secure),
        "transport": transport,
        "username": "CORP\\svc-ansible" if transport == "ntlm" else "svc-ansible",
        "password": SERVICE_PASSWORD,
        "ca_trust_path": str(pool.ca) if secure else None,
        "message_encryption": "always" if not secure else "auto",
        "proxy": None,
        **changes,
    }


@pytest.fixture(params=list(WAYS))
def client(pool: Pool, request: pytest.FixtureRequest) -> Iterator[Protocol]:
    made = Protocol(**settings(pool, request.param))
    yield made
    made.transport.close_session()
    assert pool.errors == []


@pytest.fixture
def ntlm(pool: Pool) -> Iterator[Protocol]:
    made = Protocol(**settings(pool))
    yield made
    made.transport.close_session()
    assert pool.errors == []


def run(client: Protocol, line: str, *chunks: bytes) -> tuple[bytes, bytes, int]:
    shell = client.open_shell(codepage=65001)
    command = client.run_command(shell, line)
    for number, chunk in enumerate(chunks, start=1):
        client.send_command_input(shell, command, chunk, end=number == len(chunks))
    done: tuple[bytes, bytes, int] = client.get_command_output(shell, command)
    client.cleanup_command(shell, command)
    client.close_shell(shell, close_session=False)
    return done


def ask(client: Protocol, action: str, resource: str, body: str = "", **changes: Any) -> ET.Element:
    """The body of a reply to our own envelope, sent through pywinrm's transport."""
    reply = client.transport.send_message(envelope(action, resource, body, **changes))
    found = ET.fromstring(reply).find("{http://www.w3.org/2003/05/soap-envelope}Body")
    assert found is not None
    return found


def test_session_runs_a_command(pool: Pool) -> None:
    # The short way of pywinrm's README.
    session = winrm.Session(
        pool.endpoint("desk-01"),
        auth=("CORP\\svc-ansible", SERVICE_PASSWORD),
        transport="ntlm",
        proxy=None,
        ca_trust_path=None,
    )
    reply = session.run_cmd("hostname")
    assert (reply.status_code, reply.std_out, reply.std_err) == (0, b"DESK-01\r\n", b"")


def test_session_gives_arguments_and_exit_codes(pool: Pool) -> None:
    session = winrm.Session(pool.endpoint("desk-01"), auth=("svc-ansible@corp.example", SERVICE_PASSWORD),
                            transport="ntlm", proxy=None, ca_trust_path=None)  # fmt: skip
    assert session.run_cmd("echo", ["a b", "c"]).std_out.rstrip() == b"a b c"
    assert session.run_cmd("exit", ["/b", "17"]).status_code == 17
    gone = session.run_cmd("no-such-program")
    assert gone.status_code == 1
    assert b"'no-such-program' is not recognized" in gone.std_err


def test_output_and_errors_are_apart(client: Protocol) -> None:
    assert run(client, "echo out & echo err 1>&2 & exit /b 3") == (b"out \r\n", b"err  \r\n", 3)


def test_text_of_any_language(client: Protocol) -> None:
    assert run(client, "echo Grüße 漢字 😀")[0].decode().rstrip() == "Grüße 漢字 😀"


def test_input_goes_in_and_comes_out_to_the_byte(client: Protocol, pool: Pool) -> None:
    from tests.simulator.windows_rig import archive, members

    sent = archive(big__bin=BIG)
    pieces = [sent[at : at + 100_000] for at in range(0, len(sent), 100_000)]
    assert run(client, 'tar -xf - -C "C:\\Windows\\Temp"', *pieces) == (b"", b"", 0)
    out, err, code = run(client, 'tar -cf - -C "C:\\Windows\\Temp" big.bin')
    assert (err, code) == (b"", 0)
    assert members(out) == {"big.bin": BIG}
    # 512 KiB in envelopes of at most 150 KiB, which is what pywinrm asks for.
    receives = [item for item in pool.trace("desk-01") if item.what.startswith("Receive")]
    assert len(receives) >= 5


def test_several_commands_share_a_shell(ntlm: Protocol) -> None:
    shell = ntlm.open_shell(codepage=65001)
    first, second = (ntlm.run_command(shell, f"echo {word}") for word in ("one", "two"))
    assert ntlm.get_command_output(shell, second)[0] == b"two\r\n"
    assert ntlm.get_command_output(shell, first)[0] == b"one\r\n"
    ntlm.close_shell(shell, close_session=False)


def test_directory_and_environment_of_a_shell(ntlm: Protocol) -> None:
    shell = ntlm.open_shell(codepage=65001, working_directory="C:\\Windows", env_vars={"WHO": "pywinrm"})
    command = ntlm.run_command(shell, "cd & echo %WHO%")
    assert ntlm.get_command_output(shell, command)[0] == b"C:\\Windows\r\npywinrm\r\n"
    ntlm.close_shell(shell, close_session=False)


def test_a_command_that_waits_times_out_and_goes_on(pool: Pool) -> None:
    client = Protocol(**settings(pool, operation_timeout_sec=1, read_timeout_sec=10))
    shell = client.open_shell(codepage=65001)
    command = client.run_command(shell, "findstr .")
    with pytest.raises(WinRMOperationTimeoutError):
        client.get_command_output_raw(shell, command)
    client.send_command_input(shell, command, b"late\r\n", end=True)
    assert client.get_command_output(shell, command) == (b"late\r\n", b"", 0)
    client.close_shell(shell)


def test_a_command_that_is_ended(ntlm: Protocol, pool: Pool) -> None:
    shell = ntlm.open_shell(codepage=65001)
    command = ntlm.run_command(shell, "findstr .")
    ntlm.cleanup_command(shell, command)
    assert not [item for item in pool.hosts["desk-01"].state()["processes"] if "findstr" in str(item)]
    with pytest.raises(WSManFaultError) as caught:
        ntlm.get_command_output(shell, command)
    assert caught.value.wsman_fault_code == 87
    ntlm.close_shell(shell, close_session=False)


def test_a_shell_that_is_gone(ntlm: Protocol) -> None:
    shell = ntlm.open_shell()
    ntlm.close_shell(shell, close_session=False)
    with pytest.raises(WSManFaultError) as caught:
        ntlm.run_command(shell, "hostname")
    assert caught.value.wsman_fault_code == 2150858843
    assert caught.value.fault_subcode == "w:InvalidSelectors"


def test_wrong_password(pool: Pool) -> None:
    for way in WAYS:
        client = Protocol(**settings(pool, way, password="wrong"))
        with pytest.raises(InvalidCredentialsError):
            client.open_shell()
        client.transport.close_session()


def test_plain_text_is_refused(pool: Pool) -> None:
    # AllowUnencrypted=false (MS-WSMV 3.1.4.1.29.1): pywinrm shows the empty 500 that its users know.
    client = Protocol(**settings(pool, message_encryption="never"))
    with pytest.raises(WinRMTransportError) as caught:
        client.open_shell()
    assert caught.value.code == 500
    assert caught.value.response_text == ""
    client.transport.close_session()


def test_who_is_no_administrator_gets_nowhere(make_pool: Make) -> None:
    accounts = [{"name": "jdoe", "password": "Only-A-User-1"}]
    pool = make_pool(DESKTOP, accounts=accounts)
    client = Protocol(**settings(pool, username="CORP\\jdoe", password="Only-A-User-1"))
    with pytest.raises(WSManFaultError, match="Access is denied") as caught:
        client.open_shell()
    assert caught.value.wsman_fault_code == 5
    client.transport.close_session()


def test_cim_get(client: Protocol) -> None:
    process = ask(
        client, f"{N}/Enumerate", f"{WMI}root/cimv2/*",
        enumerate_body("SELECT * FROM Win32_Process WHERE Name='explorer.exe'", mode="EnumerateObjectAndEPR"),
    )  # fmt: skip
    handle = process.findtext(f".//{{{W}}}Selector[@Name='Handle']")
    assert handle is not None
    found = ask(client, f"{T}/Get", f"{WMI}root/cimv2/Win32_Process", selectors={"Handle": handle})[0]
    assert found.tag == f"{{{WMI}root/cimv2/Win32_Process}}Win32_Process"
    assert found.findtext("{*}Name") == "explorer.exe"


def test_cim_enumerate_and_pull_to_the_end(ntlm: Protocol) -> None:
    resource = f"{WMI}root/cimv2/Win32_Process"
    page = ask(ntlm, f"{N}/Enumerate", resource, enumerate_body("", max_elements=3))[0]
    names = [item.text for item in page.iterfind(f"{{{W}}}Items/{{*}}Win32_Process/{{*}}Name")]
    assert len(names) == 3
    pages = 1
    while page.find("{*}EndOfSequence") is None:
        context = page.findtext(f"{{{N}}}EnumerationContext")
        assert context
        page = ask(ntlm, f"{N}/Pull", resource, pull_body(context, 5))[0]
        names += [item.text for item in page.iterfind(f"{{{N}}}Items/{{*}}Win32_Process/{{*}}Name")]
        pages += 1
    assert pages > 2
    assert {"explorer.exe", "System", "svchost.exe"} <= set(names)


def test_cim_invoke(client: Protocol) -> None:
    key = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
    body = (
        f'<m:GetStringValue_INPUT xmlns:m="{REGISTRY}"><m:hDefKey>{HKLM}</m:hDefKey>'
        f"<m:sSubKeyName>{key}</m:sSubKeyName><m:sValueName>ProductName</m:sValueName></m:GetStringValue_INPUT>"
    )
    output = ask(client, f"{REGISTRY}/GetStringValue", REGISTRY, body)[0]
    assert output.findtext("{*}ReturnValue") == "0"
    assert output.findtext("{*}sValue") == "Windows 11 Enterprise"


def test_a_login_is_kept_for_its_connection(ntlm: Protocol, pool: Pool) -> None:
    host = pool.hosts["desk-01"]
    run(ntlm, "hostname")
    first = host.counters["requests"]
    run(ntlm, "hostname")
    # Create, Command, Receive, Signal, Delete: nobody logs in a second time.
    assert host.counters["requests"] - first == 5
    assert first == 5 + 3


def test_ids_of_messages_are_given_back(ntlm: Protocol) -> None:
    identity = f"uuid:{uuid.uuid4()}"
    message = envelope(
        f"{T}/Get", f"{WMI}root/cimv2/Win32_ComputerSystem", selectors={"Name": "DESK-01"},
        MessageID=f'<a:MessageID>{identity}</a:MessageID>',
    )  # fmt: skip
    assert f"<a:RelatesTo>{identity}</a:RelatesTo>".encode() in ntlm.transport.send_message(message)
