# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever comes in, only errors of the collection's own tree come out, and soon."""

from __future__ import annotations

import io
import tarfile
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import AssistError
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.connection_string import (
    BadConnectionString,
    parse_connection_string_1,
    parse_connection_string_2,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.inspect import inspect_invitation
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.password import check_password
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.quoting import (
    cmd_quoted,
    task_argument,
    windows_folder,
    wql_literal,
    xml_text,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.quser import parse_quser
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.reg_query import parse_reg_query
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.tar_stream import read_member
from ansible_collections.workspot.assist.tests.unit.plugins.plugin_utils._formats.ticket_maker import (
    PASSWORD,
    Maker,
    first_generation,
    first_generation_samples,
    second_generation_samples,
)
from hypothesis import given, settings, strategies

FUZZ = settings(deadline=None, max_examples=400)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SOON = 5.0
"""Seconds for the slowest input, on a slow and busy machine. Each takes far less than one."""

INVITATIONS = [
    Maker().data(),
    Maker().with_plain().data(),
    first_generation(),
    *(sample.data for sample in first_generation_samples() + second_generation_samples()),
]
QUSER = (
    " USERNAME              SESSIONNAME        ID  STATE\n>jdoe                  rdp-tcp#11          2  Active   .  x\n"
)
REG = "HKEY_LOCAL_MACHINE\\A\n    a    REG_DWORD    0x1\n    b    REG_SZ    text\n\nHKEY_LOCAL_MACHINE\\A\\B\n"


def archive(form: int) -> bytes:
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w", format=form) as stream:
        for name in ("a" * 120, "name"):
            info = tarfile.TarInfo(name)
            info.size = 700
            stream.addfile(info, io.BytesIO(b"x" * 700))
    return output.getvalue()


ARCHIVES = [archive(form) for form in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT)]


@strategies.composite
def mutated(draw: strategies.DrawFn, originals: list[bytes]) -> bytes:
    """One of the originals with some bytes replaced, taken out, doubled or put in."""
    data = bytearray(draw(strategies.sampled_from(originals)))
    for _round in range(draw(strategies.integers(1, 4))):
        start = draw(strategies.integers(0, len(data)))
        end = min(len(data), start + draw(strategies.sampled_from([0, 1, 1, 2, 16, 512])))
        new = draw(
            strategies.one_of(
                strategies.binary(max_size=8),
                strategies.sampled_from(
                    [b'"', b"<", b">", b"&", b"\0", b"\xff\xfe", b"<!DOCTYPE a>", b"&#0;", b"-1", b"="]
                ),
                strategies.just(bytes(data[start:end] * 2)),
            )
        )
        data[start:end] = new
    return bytes(data)


def only_our_errors(function: Callable[[], object], *others: type[Exception]) -> None:
    said = ""
    try:
        function()
    except AssistError as error:
        said = str(error)
    except others:
        pass
    assert "\n" not in said


@FUZZ
@given(
    strategies.one_of(strategies.binary(max_size=400), mutated(INVITATIONS)),
    strategies.sampled_from([None, PASSWORD, ""]),
)
def test_invitations(data: bytes, password: str | None) -> None:
    only_our_errors(lambda: inspect_invitation(data, password, NOW))


@FUZZ
@given(mutated(INVITATIONS), strategies.sampled_from(["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"]))
def test_invitations_in_other_encodings(data: bytes, encoding: str) -> None:
    encoded = data.decode("utf-8", "replace").encode(encoding)
    only_our_errors(lambda: inspect_invitation(encoded, PASSWORD, NOW))


@FUZZ
@given(
    strategies.dictionaries(strategies.sampled_from([*Maker().attributes(), "RCTICKET"]), strategies.text(max_size=40))
)
def test_attribute_values(changes: dict[str, str]) -> None:
    text = Maker(extra=changes).text()
    only_our_errors(lambda: inspect_invitation(text.encode("utf-8", "surrogatepass"), PASSWORD, NOW))


@FUZZ
@given(
    strategies.one_of(
        strategies.text(max_size=200),
        mutated([Maker().connection_string.encode()]).map(lambda data: data.decode("latin-1")),
    )
)
def test_connection_strings(text: str) -> None:
    only_our_errors(lambda: parse_connection_string_2(text), BadConnectionString)
    only_our_errors(lambda: parse_connection_string_1(text), BadConnectionString)


@FUZZ
@given(strategies.text(max_size=200), mutated([b"wss://host.example:5001/ra", b"wss://[fe80::1%253]:1/"]))
def test_listeners(name: str, uri: bytes) -> None:
    maker = Maker(listeners=((name, "1"),))
    text = maker.connection_string.replace("<L ", f'<L U="{uri.decode("latin-1")}" ')
    only_our_errors(lambda: parse_connection_string_2(text), BadConnectionString)


@FUZZ
@given(
    strategies.one_of(
        strategies.text(max_size=300), mutated([QUSER.encode()]).map(lambda data: data.decode("utf-8", "replace"))
    )
)
def test_quser(text: str) -> None:
    only_our_errors(lambda: parse_quser(text))


@FUZZ
@given(
    strategies.one_of(
        strategies.text(max_size=300), mutated([REG.encode()]).map(lambda data: data.decode("utf-8", "replace"))
    )
)
def test_reg(text: str) -> None:
    only_our_errors(lambda: parse_reg_query(text))


@FUZZ
@given(strategies.one_of(strategies.binary(max_size=1600), mutated(ARCHIVES)))
def test_tar(data: bytes) -> None:
    only_our_errors(lambda: read_member(data, "name", limit=1000))


@FUZZ
@given(strategies.integers(0, 511), strategies.binary(min_size=1, max_size=16), strategies.sampled_from(ARCHIVES))
def test_tar_headers_with_a_right_sum(offset: int, new: bytes, original: bytes) -> None:
    data = bytearray(original)
    data[offset : min(512, offset + len(new))] = new[: 512 - offset]
    data[148:156] = b"%06o\0 " % (sum(data[:148]) + 8 * 32 + sum(data[156:512]))
    only_our_errors(lambda: read_member(bytes(data), "name", limit=1000))


@FUZZ
@given(strategies.text(alphabet=strategies.characters(exclude_categories=()), max_size=80))
def test_quoting_and_passwords(text: str) -> None:
    for function in (wql_literal, cmd_quoted, task_argument, xml_text, windows_folder, check_password):
        only_our_errors(lambda function=function: function(text))  # type: ignore[misc]


DEEP = b"<a>" * 60_000
SLOW: dict[str, Callable[[], object]] = {
    "deep": lambda: inspect_invitation(DEEP, None, NOW),
    "entities": lambda: inspect_invitation(
        b'<!DOCTYPE a [<!ENTITY a "' + b"x" * 1000 + b'"><!ENTITY b "' + b"&a;" * 60_000 + b'">]><a>&b;</a>', None, NOW
    ),
    "attributes": lambda: inspect_invitation(b"<a " + b'b="" ' * 50_000 + b"/>", None, NOW),
    "quotes": lambda: inspect_invitation(b'<a ="' + b'="' * 80_000, None, NOW),
    "quoted": lambda: inspect_invitation(b"<a " + b'L="0"' * 50_000 + b"/>", None, NOW),
    "large": lambda: inspect_invitation(b"<" * 100_000_000, None, NOW),
    "ticket": lambda: inspect_invitation(Maker(extra={"LHTICKET": "00" * 16 * 7000}).data(), PASSWORD, NOW),
    "quser blanks": lambda: parse_quser("h\n" + " " * 1_000_000 + "x"),
    "quser columns": lambda: parse_quser("h\n" + (" a" + "  1" * 160 + "\n") * 2000),
    "quser digits": lambda: parse_quser("h\n" + "1" * 1_000_000),
    "reg blanks": lambda: parse_reg_query("HKEY_A\n" + " " * 8_000_000),
    "reg types": lambda: parse_reg_query("HKEY_A\n" + "    REG_A" * 800_000),
    "reg lines": lambda: parse_reg_query("HKEY_A\n    a    REG_SZ    b" + "\n" * 8_000_000),
    "reg returns": lambda: parse_reg_query("HKEY_A\n    a    REG_SZ    b\n" + "\r" * 8_000_000),
    "reg keys": lambda: parse_reg_query("HKEY_" + "A" * 8_000_000 + "!"),
    "tar members": lambda: read_member(tarfile.TarInfo("x").tobuf(tarfile.USTAR_FORMAT) * 20_000, "name", limit=1),
    "task argument": lambda: task_argument("\\" * 100_000 + " " + "\\" * 100_000),
}


@pytest.mark.parametrize("name", SLOW)
def test_hostile_inputs_take_no_time(name: str) -> None:
    begin = time.process_time()  # the machine may be busy with other work
    only_our_errors(SLOW[name])
    assert time.process_time() - begin < SOON
