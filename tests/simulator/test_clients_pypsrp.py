# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""pypsrp, which knows nothing of the simulator, drives shells and CIM classes with its own envelopes.

NTLM with message encryption over HTTP (MS-WSMV 2.2.9.1), and NTLM and Basic over HTTPS.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pypsrp.exceptions import AuthenticationError, WinRMTransportError, WSManFaultError
from pypsrp.shell import Process, SignalCode, WinRS
from pypsrp.wsman import OptionSet, SelectorSet, WSMan

from simulator.pool_server import Pool
from tests.simulator.windows_rig import archive, members
from tests.simulator.wire_rig import HKLM, REGISTRY, WMI, WQL, N, W, local
from tests.support.pools import DESKTOP, SERVICE_PASSWORD

Make = Callable[..., Any]
WAYS = {"ntlm-encrypted": ("ntlm", False), "ntlm-https": ("ntlm", True), "basic-https": ("basic", True)}
BIG = bytes(range(256)) * 2048
NAMES = {"w": W, "n": N}
TASKS = f"{WMI}root/Microsoft/Windows/TaskScheduler"


def connect(pool: Pool, way: str = "ntlm-encrypted", **changes: Any) -> WSMan:
    auth, secure = WAYS[way]
    settings: dict[str, Any] = {
        "port": pool.ports[1] if secure else pool.ports[0],
        "username": "CORP\\svc-ansible" if auth == "ntlm" else "svc-ansible",
        "password": SERVICE_PASSWORD,
        "ssl": secure,
        "auth": auth,
        "encryption": "auto" if secure else "always",
        "cert_validation": str(pool.ca) if secure else False,
        "no_proxy": True,
        **changes,
    }
    return WSMan(pool.hosts["desk-01"].address, **settings)


@pytest.fixture(params=list(WAYS))
def client(pool: Pool, request: pytest.FixtureRequest) -> Iterator[WSMan]:
    made = connect(pool, request.param)
    yield made
    made.close()
    assert pool.errors == []


@pytest.fixture
def ntlm(pool: Pool) -> Iterator[WSMan]:
    made = connect(pool)
    yield made
    made.close()
    assert pool.errors == []


def selectors(**values: str) -> SelectorSet:
    made = SelectorSet()
    for name, value in values.items():
        made.add_option(name, value)
    return made


def query(client: WSMan, wql: str, *, max_elements: int = 100, mode: str = "") -> ET.Element:
    """The body of the reply to a WQL query, sent with pypsrp's own envelope."""
    body = ET.Element(f"{{{N}}}Enumerate")
    ET.SubElement(body, f"{{{W}}}OptimizeEnumeration")
    ET.SubElement(body, f"{{{W}}}MaxElements").text = str(max_elements)
    if mode:
        ET.SubElement(body, f"{{{W}}}EnumerationMode").text = mode
    ET.SubElement(body, f"{{{W}}}Filter", Dialect=WQL).text = wql
    found: ET.Element = client.enumerate(f"{WMI}root/cimv2/*", body)
    return found


def invoke(client: WSMan, resource: str, method: str, **arguments: object) -> dict[str, list[str | None]]:
    body = ET.Element(f"{{{resource}}}{method}_INPUT")
    for name, value in arguments.items():
        ET.SubElement(body, f"{{{resource}}}{name}").text = str(value)
    reply = client.invoke(f"{resource}/{method}", resource, body)
    output = next(item for item in reply.iter() if local(item) == f"{method}_OUTPUT")
    values: dict[str, list[str | None]] = {}
    for item in output:
        values.setdefault(local(item), []).append(item.text)
    return values


def run(client: WSMan, program: str, *arguments: str, stdin: bytes = b"") -> Process:
    with WinRS(client, codepage=65001) as shell:
        process = Process(shell, program, list(arguments))
        process.begin_invoke()
        size = client.max_payload_size  # bytes that fit into the envelope pypsrp starts with, 150 KiB
        for at in range(0, len(stdin), size):
            process.send(stdin[at : at + size], end=at + size >= len(stdin))
        process.end_invoke()
        process.signal(SignalCode.TERMINATE)
    return process


# Shells ------------------------------------------------------------------------------------------


def test_output_errors_and_exit_code(client: WSMan) -> None:
    process = run(client, "echo out & echo err 1>&2 & exit /b 3")
    assert (process.stdout, process.stderr, process.rc) == (b"out \r\n", b"err  \r\n", 3)


def test_arguments_are_joined(client: WSMan) -> None:
    assert run(client, "echo", "a b", "c").stdout.rstrip() == b"a b c"


def test_input_goes_in_and_comes_out_to_the_byte(client: WSMan, pool: Pool) -> None:
    sent = archive(big__bin=BIG)
    assert run(client, "tar", "-xf", "-", "-C", "C:\\Windows\\Temp", stdin=sent).rc == 0
    back = run(client, "tar", "-cf", "-", "-C", "C:\\Windows\\Temp", "big.bin")
    assert (back.rc, members(back.stdout)) == (0, {"big.bin": BIG})
    assert len([item for item in pool.trace("desk-01") if item.what.startswith("Send")]) >= 4


def test_a_shell_keeps_its_settings(ntlm: WSMan) -> None:
    shell = WinRS(
        ntlm, codepage=65001, working_directory="C:\\Windows", environment={"WHO": "pypsrp"}, no_profile=True,
        idle_time_out=60,
    )  # fmt: skip
    with shell:
        process = Process(shell, "cd & echo %WHO%")
        process.invoke()
    assert process.stdout == b"C:\\Windows\r\npypsrp\r\n"
    assert shell.owner == "CORP\\svc-ansible"


def test_an_idle_shell_ends(ntlm: WSMan, pool: Pool) -> None:
    shell = WinRS(ntlm, codepage=65001, idle_time_out=60)
    shell.open()
    pool.hosts["desk-01"].clock.advance(61)
    with pytest.raises(WSManFaultError) as caught:
        Process(shell, "hostname").invoke()
    assert caught.value.code == 2150858843


def test_ctrl_c_ends_a_command(ntlm: WSMan) -> None:
    with WinRS(ntlm, codepage=65001) as shell:
        process = Process(shell, "findstr .")
        process.begin_invoke()
        process.signal(SignalCode.CTRL_C)
        process.end_invoke()
    # STATUS_CONTROL_C_EXIT of ntstatus.h, as a signed number.
    assert process.rc == 0xC000013A - 2**32


def test_polling_waits_for_output(ntlm: WSMan) -> None:
    with WinRS(ntlm, codepage=65001) as shell:
        process = Process(shell, "findstr .")
        process.begin_invoke()
        process.poll_invoke(timeout=1)
        assert process.stdout == b""
        process.send(b"late\r\n", end=True)
        process.end_invoke()
    assert (process.rc, process.stdout) == (0, b"late\r\n")


def test_a_command_of_another_shell_is_unknown(ntlm: WSMan) -> None:
    with WinRS(ntlm, codepage=65001) as one, WinRS(ntlm, codepage=65001) as other:
        process = Process(one, "findstr .")
        process.begin_invoke()
        process.shell = other
        with pytest.raises(WSManFaultError) as caught:
            process.signal(SignalCode.TERMINATE)
    assert caught.value.code == 87
    assert caught.value.provider == "Shell cmd plugin"


def test_the_envelope_grows_to_what_the_host_takes(ntlm: WSMan, pool: Pool) -> None:
    ntlm.update_max_payload_size()
    # MaxEnvelopeSizekb 500 (MS-WSMV note 8).
    assert ntlm.max_envelope_size == 512_000
    assert run(ntlm, "tar", "-xf", "-", "-C", "C:\\Windows\\Temp", stdin=archive(big__bin=BIG)).rc == 0
    assert len([item for item in pool.trace("desk-01") if item.what.startswith("Send")]) == 2


# CIM ---------------------------------------------------------------------------------------------


def test_get(client: WSMan) -> None:
    body = client.get(f"{WMI}root/cimv2/Win32_ComputerSystem", selector_set=selectors(Name="DESK-01"))
    assert body[0].tag == f"{{{WMI}root/cimv2/Win32_ComputerSystem}}Win32_ComputerSystem"
    assert body[0].findtext("{*}DNSHostName") == "desk-01"


def test_what_is_not_there(client: WSMan) -> None:
    with pytest.raises(WSManFaultError) as caught:
        client.get(f"{WMI}root/cimv2/Win32_Process", selector_set=selectors(Handle="999999"))
    # pypsrp reads no MSFT_WmiError: what is left is the subcode.
    assert caught.value.code == "w:InternalError"


def test_enumerate_with_a_query_and_pull(client: WSMan) -> None:
    page = query(client, "SELECT * FROM Win32_Process", max_elements=4)[0]
    names = [item.text for item in page.iterfind("w:Items/*/{*}Name", NAMES)]
    while page.find("{*}EndOfSequence") is None:
        pull = ET.Element(f"{{{N}}}Pull")
        ET.SubElement(pull, f"{{{N}}}EnumerationContext").text = page.findtext("n:EnumerationContext", "", NAMES)
        ET.SubElement(pull, f"{{{N}}}MaxElements").text = "4"
        page = client.pull(f"{WMI}root/cimv2/*", pull)[0]
        names += [item.text for item in page.iterfind("n:Items/*/{*}Name", NAMES)]
    assert {"System", "explorer.exe"} <= set(names)
    assert len(names) > 8


def test_a_method_of_an_instance(ntlm: WSMan) -> None:
    page = query(ntlm, "SELECT * FROM Win32_Process WHERE Name='explorer.exe'", mode="EnumerateObjectAndEPR")
    reference = page.find(".//w:Item/{*}EndpointReference", NAMES)
    assert reference is not None
    handle = reference.findtext(".//w:Selector[@Name='Handle']", "", NAMES)
    resource = reference.findtext(".//w:ResourceURI", "", NAMES)
    body = ET.Element(f"{{{resource}}}GetOwner_INPUT")
    output = ntlm.invoke(f"{resource}/GetOwner", resource, body, selector_set=selectors(Handle=handle))
    texts = {local(item): item.text for item in output.iter()}
    assert (texts["Domain"], texts["User"], texts["ReturnValue"]) == ("CORP", "jdoe", "0")


def test_the_registry_is_read_and_written(client: WSMan) -> None:
    key = {"hDefKey": HKLM, "sSubKeyName": "SOFTWARE\\Test"}
    assert invoke(client, REGISTRY, "CreateKey", **key) == {"ReturnValue": ["0"]}
    assert invoke(client, REGISTRY, "SetDWORDValue", **key, sValueName="n", uValue=7) == {"ReturnValue": ["0"]}
    assert invoke(client, REGISTRY, "GetDWORDValue", **key, sValueName="n")["uValue"] == ["7"]
    assert invoke(client, REGISTRY, "EnumValues", **key)["sNames"] == ["n"]


def test_put_and_delete(ntlm: WSMan, pool: Pool) -> None:
    host = pool.hosts["desk-01"]
    tasks = f"{TASKS}/PS_ScheduledTask"
    task = (
        '<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task"><Triggers/>'
        '<Principals><Principal id="A"><UserId>S-1-5-18</UserId></Principal></Principals><Settings/>'
        '<Actions Context="A"><Exec><Command>cmd.exe</Command></Exec></Actions></Task>'
    )
    invoke(ntlm, tasks, "RegisterByXml", Force="false", TaskName="t", TaskPath="\\test\\", Xml=task)
    assert [item["path"] for item in host.state()["tasks"]] == ["\\test\\t"]
    ntlm.delete(f"{TASKS}/MSFT_ScheduledTask", selector_set=selectors(TaskName="t", TaskPath="\\test\\"))
    assert host.state()["tasks"] == []
    profile = f"{WMI}root/StandardCimv2/MSFT_NetFirewallProfile"
    body = ET.Element(f"{{{profile}}}MSFT_NetFirewallProfile")
    ET.SubElement(body, f"{{{profile}}}Enabled").text = "0"
    private = selectors(InstanceID="MSFT|FW|FirewallProfile|Private")
    assert ntlm.put(profile, body, selector_set=private)[0].findtext("{*}Enabled") == "0"


def test_options_are_taken(ntlm: WSMan) -> None:
    options = OptionSet()
    options.add_option("wmi:PolicyStore", "ActiveStore")
    body = ET.Element(f"{{{N}}}Enumerate")
    ET.SubElement(body, f"{{{W}}}OptimizeEnumeration")
    ET.SubElement(body, f"{{{W}}}MaxElements").text = "1"
    rule = f"{WMI}root/StandardCimv2/MSFT_NetFirewallRule"
    reply = ntlm.enumerate(rule, body, option_set=options)
    assert [item.text for item in reply.iter() if local(item) == "EnforcementStatus"] != ["0"]


# Refusals ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", list(WAYS))
def test_wrong_password(pool: Pool, way: str) -> None:
    with connect(pool, way, password="wrong") as client, pytest.raises(AuthenticationError):
        WinRS(client).open()


def test_plain_text_is_refused(pool: Pool) -> None:
    with connect(pool, encryption="never") as client, pytest.raises(WinRMTransportError) as caught:
        WinRS(client).open()
    assert (caught.value.code, caught.value.response_text) == (500, "")


@pytest.mark.parametrize("way", list(WAYS))
def test_who_is_filtered_gets_nowhere(make_pool: Make, way: str) -> None:
    local_account = {"name": "svc-ansible", "password": SERVICE_PASSWORD, "administrator": True, "filtered": True}
    pool = make_pool({**DESKTOP, "accounts": [local_account]}, accounts=[])
    with connect(pool, way, username="svc-ansible") as client, pytest.raises(WSManFaultError) as caught:
        WinRS(client).open()
    assert caught.value.code == 5
    assert caught.value.reason == "Access is denied."


def test_a_channel_binding_that_is_asked_for_is_sent(make_pool: Make) -> None:
    # CbtHardeningLevel Strict (learn.microsoft.com, winrm/config/service/auth).
    pool = make_pool({**DESKTOP, "quirks": {"channel_binding": "strict"}})
    with connect(pool, "ntlm-https") as client:
        assert run(client, "hostname").stdout == b"DESK-01\r\n"
    with (
        connect(pool, "ntlm-https", negotiate_send_cbt=False) as client,
        pytest.raises(AuthenticationError),
    ):
        WinRS(client).open()
