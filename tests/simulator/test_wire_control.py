# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control address of a pool, and a pool's own life in a test's process."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator import control
from simulator.pool import describe
from simulator.pool_server import Pool, PoolError, moved
from tests.simulator.wire_rig import PLAIN, WMI, Wire
from tests.support.pools import _network

Make = Callable[..., Any]
SYSTEM = f"{WMI}root/cimv2/Win32_ComputerSystem"
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@pytest.fixture
def pool(make_pool: Make) -> Any:
    return make_pool(PLAIN, {**PLAIN, "name": "desk-02"})


def ask(pool: Any, path: str, body: Any = None, *, raw: bytes | None = None, method: str | None = None) -> Any:
    data = raw if raw is not None else None if body is None else json.dumps(body).encode()
    with _direct.open(urllib.request.Request(pool.control + path, data, method=method), timeout=20) as reply:
        assert reply.headers["Content-Type"] == "application/json"
        return json.loads(reply.read())


def refusal(pool: Any, *arguments: Any, **options: Any) -> tuple[int, str]:
    with pytest.raises(urllib.error.HTTPError) as caught:
        ask(pool, *arguments, **options)
    with caught.value as error:
        return error.code, json.loads(error.read())["error"]


# Looking -----------------------------------------------------------------------------------------


def test_names_counters_and_errors(pool: Any) -> None:
    wire = Wire(pool, "desk-02")
    wire.get(SYSTEM, Name="DESK-02")
    wire.close()
    assert ask(pool, "/hosts") == ["desk-01", "desk-02"]
    assert ask(pool, "/counters") == {"desk-01": {}, "desk-02": {"requests": 1, "reads": 1}}
    assert ask(pool, "/errors") == []
    pool.errors.append("Traceback")
    assert ask(pool, "/errors") == ["Traceback"]


def test_the_state_of_a_host_is_what_a_test_sees(pool: Any) -> None:
    over_http, here = ask(pool, "/hosts/desk-01"), json.loads(json.dumps(pool.hosts["desk-01"].state(), default=str))
    assert over_http.pop("time")
    assert here.pop("time")
    assert over_http == here
    assert [item["name"] for item in over_http["processes"] if item["session_id"] == 1].count("explorer.exe") == 1


def test_the_trace(pool: Any) -> None:
    wire = Wire(pool)
    wire.get(SYSTEM, Name="DESK-01")
    wire.close()
    assert ask(pool, "/hosts/desk-01/trace") == [
        {"number": 1, "what": "Get root/cimv2/Win32_ComputerSystem", "status": 200}
    ]


# Changing ----------------------------------------------------------------------------------------


def test_faults(pool: Any) -> None:
    assert ask(pool, "/hosts/desk-01/faults", {"slow_reply": 2, "quota": True}) == {"ok": True}
    assert ask(pool, "/hosts/desk-01/faults") == {"slow_reply": 2.0, "quota": True}
    ask(pool, "/hosts/desk-01/faults", {"clear": True, "deny_writes": True})
    assert ask(pool, "/hosts/desk-01/faults") == {"deny_writes": True}
    assert ask(pool, "/hosts/desk-02/faults") == {}


def test_a_host_is_down_and_up_when_the_answer_comes(pool: Any) -> None:
    address = (pool.hosts["desk-01"].address, 5985)
    for _ in range(3):
        ask(pool, "/hosts/desk-01/faults", {"down": True})
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address, timeout=5)
        ask(pool, "/hosts/desk-01/faults", {"down": False})
        socket.create_connection(address, timeout=5).close()
    assert pool.errors == []


def test_a_port_that_was_taken_meanwhile_is_told(pool: Any) -> None:
    host = pool.hosts["desk-01"]
    host.faults.set("down", True)
    with socket.create_server((host.address, 5986)):
        host.faults.set("down", False)
    (error,) = pool.errors
    assert re.match(r"desk-01: [\d.]+:5986 is not free", error)
    pool.errors.clear()
    host.faults.set("down", False)
    socket.create_connection((host.address, 5985), timeout=5).close()


def test_the_clock(pool: Any) -> None:
    host = pool.hosts["desk-01"]
    before = host.clock.now()
    ask(pool, "/hosts/desk-01/clock", {"advance": 3600})
    assert 3600 <= (host.clock.now() - before).total_seconds() < 3630
    assert abs((pool.hosts["desk-02"].clock.now() - before).total_seconds()) < 30


def test_sessions(pool: Any) -> None:
    host = pool.hosts["desk-01"]
    ask(pool, "/hosts/desk-01/invitation", {"session_id": 1})
    deadline = time.monotonic() + 5
    while "msra.exe" not in (running := [item["name"] for item in host.state()["processes"]]):
        assert time.monotonic() < deadline, running
        time.sleep(0.01)
    ask(pool, "/hosts/desk-01/logoff", {"session_id": 1})
    assert host.state()["sessions"] == []
    assert [item for item in host.state()["processes"] if item["session_id"] == 1] == []


def test_disconnect(pool: Any) -> None:
    wire = Wire(pool)
    wire.get(SYSTEM, Name="DESK-01")
    ask(pool, "/hosts/desk-01/disconnect", {})
    with pytest.raises((ConnectionError, OSError)):
        wire.get(SYSTEM, Name="DESK-01")
    assert wire.get(SYSTEM, Name="DESK-01").status == 200
    wire.close()


def test_restart(make_pool: Make) -> None:
    pool = make_pool({**PLAIN, "os": "server-2022", "features": {"RemoteAssistance": "enable_pending"}})
    host = pool.hosts["desk-01"]
    assert "C:\\Windows\\System32\\msra.exe" not in host.state()["files"]
    ask(pool, "/hosts/desk-01/restart", {})
    assert "C:\\Windows\\System32\\msra.exe" in host.state()["files"]


@pytest.mark.parametrize(
    ("path", "body", "code", "text"),
    [
        ("/", None, 404, "there is no such control address"),
        ("/host", None, 404, "there is no such control address"),
        ("/hosts/desk-09", None, 404, "there is no host desk-09"),
        ("/hosts/desk-01/secrets", None, 404, "there is no such control address"),
        ("/hosts/desk-01/trace/1", None, 404, "there is no such control address"),
        ("/hosts", {}, 404, "there is no such control address"),
        ("/hosts/desk-01", {}, 404, "there is no such control address"),
        ("/hosts/desk-01/reboot", {}, 404, "there is no such control address"),
        ("/hosts/desk-09/faults", {}, 404, "there is no host desk-09"),
        ("/hosts/desk-01/faults", {"x": 1}, 400, "ValueError: there is no fault switch 'x'; there are down, "),
        ("/hosts/desk-01/faults", {"down": "yes"}, 400, "ValueError: fault switch down takes a bool, not 'yes'"),
        ("/hosts/desk-01/faults", ["down"], 400, "a JSON object is expected"),
        ("/hosts/desk-01/clock", {}, 400, "KeyError: 'advance'"),
        ("/hosts/desk-01/clock", {"advance": "soon"}, 400, "ValueError: "),
        ("/hosts/desk-01/clock", {"advance": None}, 400, "TypeError: "),
        ("/hosts/desk-01/invitation", {"session_id": 7}, 404, "desk-01 has no session 7"),
    ],
)
def test_what_is_not_understood(pool: Any, path: str, body: Any, code: int, text: str) -> None:
    found, error = refusal(pool, path, body)
    assert (found, error[: len(text)]) == (code, text)
    assert pool.errors == []


def test_what_is_no_json(pool: Any) -> None:
    assert refusal(pool, "/hosts/desk-01/faults", raw=b"{down")[0] == 400
    assert refusal(pool, "/hosts/desk-01/faults", raw=b"\xff")[0] == 400
    assert refusal(pool, "/hosts", method="DELETE")[0] == 404


def test_the_address_is_this_machine_s_alone(pool: Any) -> None:
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", pool.control)


def test_everything_it_answers_is_written_down() -> None:
    assert control.__doc__ is not None
    rows = re.findall(r"^``(?:GET|POST) (\S+)``", control.__doc__, flags=re.MULTILINE)
    known = control.Control(None)._changes  # type: ignore[arg-type]
    assert {row.rpartition("/")[2] for row in rows if row.count("/") == 3} == {*known, "trace"}
    guide = Path(control.__file__).with_name("README.md").read_text()
    assert [row for row in rows if row not in guide] == []


# A pool's life -----------------------------------------------------------------------------------


def two(address: str | None = None) -> dict[str, Any]:
    network = address or _network()
    return {"hosts": [{"name": f"h{number}", "address": f"{network}.{number}"} for number in (1, 2)]}


def test_a_pool_comes_and_goes() -> None:
    data = two()
    threads = threading.active_count()
    for _ in range(2):
        with Pool(describe(data)) as pool:
            folder = pool.ca.parent
            assert "BEGIN CERTIFICATE" in pool.ca.read_text()
            socket.create_connection((pool.hosts["h2"].address, 5986), timeout=5).close()
        assert not folder.exists()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((pool.hosts["h2"].address, 5985), timeout=5)
    assert threading.active_count() == threads
    pool.stop()


def test_an_address_that_is_taken_leaves_nothing_behind() -> None:
    data = two()
    taken = data["hosts"][1]["address"]
    with socket.create_server((taken, 5985)):
        pool = Pool(describe(data))
        with pytest.raises(PoolError, match=rf"^h2: {re.escape(taken)}:5985 is not free"):
            pool.start()
    assert not pool.ca.parent.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((data["hosts"][0]["address"], 5985), timeout=5)


def test_a_pool_elsewhere(tmp_path: Path) -> None:
    network = _network()
    path = tmp_path / "pool.yml"
    path.write_text("hosts: [{name: a, address: 127.0.0.1}, {name: b, address: 127.0.0.2}]")
    with Pool.from_file(path, address_base=f"{network}.9", http_port=15985, https_port=15986, folder=tmp_path) as pool:
        assert [host.address for host in pool.hosts.values()] == [f"{network}.9", f"{network}.10"]
        assert pool.endpoint("b") == f"http://{network}.10:15985/wsman"
        assert pool.endpoint("b", secure=True) == f"https://{network}.10:15986/wsman"
        assert pool.environment() == {
            "WORKSPOT_SIMULATOR_CONTROL": pool.control, "WORKSPOT_SIMULATOR_CA": str(tmp_path / "ca.pem"),
        }  # fmt: skip
        socket.create_connection((f"{network}.10", 15986), timeout=5).close()
    assert (tmp_path / "ca.pem").exists()


def test_only_loopback_addresses() -> None:
    with pytest.raises(PoolError, match=r"10\.1\.2\.3 is not a loopback address"):
        moved(describe(two("127.0.0")), "10.1.2.3")


def test_connections_are_broken_off(pool: Any) -> None:
    first, other = Wire(pool), Wire(pool, "desk-02")
    for wire, name in ((first, "DESK-01"), (other, "DESK-02")):
        assert wire.get(SYSTEM, Name=name).status == 200
    pool.drop_connections("desk-01")
    with pytest.raises((ConnectionError, OSError)):
        first.http(b"")
    assert other.get(SYSTEM, Name="DESK-02").status == 200
    first.close()
    other.close()


def test_a_mistake_of_the_simulator_breaks_the_connection_and_is_kept(pool: Any, monkeypatch: Any) -> None:
    def mistaken(*_: Any) -> None:
        raise RuntimeError("my mistake")

    monkeypatch.setattr(pool.hosts["desk-01"].providers["root/cimv2", "win32_computersystem"], "get", mistaken)
    wire = Wire(pool)
    with pytest.raises((ConnectionError, OSError)):
        wire.get(SYSTEM, Name="DESK-01")
    wire.close()
    (text,) = pool.errors
    assert text.startswith("desk-01: Get root/cimv2/Win32_ComputerSystem: Traceback")
    assert "my mistake" in text
    pool.errors.clear()


def test_certificates_name_their_hosts(pool: Any) -> None:
    wire = Wire(pool, "desk-02", secure=True)
    assert wire.get(SYSTEM, Name="DESK-02").status == 200
    certificate = wire._connection.sock.getpeercert()  # type: ignore[union-attr]
    names = {value for _, value in certificate["subjectAltName"]}
    assert {pool.hosts["desk-02"].address, "desk-02.corp.example"} <= names
    wire.close()
