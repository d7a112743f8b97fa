# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gpt.ini is read, raised by one, and otherwise kept to the byte."""

from __future__ import annotations

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import GptIniMalformed
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.gpt_ini import (
    build_gpt_ini,
    empty_gpt_ini,
    parse_gpt_ini,
    raised,
)
from hypothesis import given, settings, strategies

REGISTRY = "{35378EAC-683F-11D2-A89A-00C04FBBCFA2}"
OLD_TOOL, NEW_TOOL = "{0F6B957D-509E-11D1-A7CC-0000F87571E3}", "{D02B1F72-3407-48AE-BA88-E8213C6761F1}"
FIREWALL_TOOL = "{B05566AC-FE9C-4368-BE01-7A4CBB6CBA11}"
SCRIPTS = "{42B5FAAE-6536-11D2-AE5A-0000F87571E3}"
SCRIPTS_TOOL = "{40B6664F-4972-11D1-A7CA-0000F87571E3}"
PREFERENCES = "{00000000-0000-0000-0000-000000000000}"

REAL = (
    f"[General]\r\ngPCMachineExtensionNames=[{REGISTRY}{NEW_TOOL}]\r\nVersion=65541\r\n"
    f"gPCUserExtensionNames=[{REGISTRY}{{D02B1F73-3407-48AE-BA88-E8213C6761F1}}]\r\n"
).encode()


def raised_text(text: str) -> str:
    return build_gpt_ini(raised(parse_gpt_ini(text.encode("latin-1")))).decode("latin-1")


def raised_extensions(value: str) -> str:
    text = raised_text(f"[General]\nVersion=1\ngPCMachineExtensionNames={value}\n")
    return text.removeprefix("[General]\nVersion=2\ngPCMachineExtensionNames=").removesuffix("\n")


def test_the_sample_of_the_specification() -> None:
    """MS-GPOL 4.10: version 144 of the user half, 0 of the machine half."""
    assert parse_gpt_ini(b"[General]\r\nVersion=9437184\r\n").version == (0, 144)


def test_a_real_file() -> None:
    gpt = parse_gpt_ini(REAL)
    assert gpt.version == (5, 1)
    assert gpt.machine_extensions == [(REGISTRY, (NEW_TOOL,))]
    assert build_gpt_ini(gpt) == REAL
    assert build_gpt_ini(raised(gpt)) == REAL.replace(b"65541", b"65542")


def test_the_first_file_of_a_host() -> None:
    assert build_gpt_ini(empty_gpt_ini()) == b"[General]\r\nVersion=0\r\n"
    first = f"[General]\r\ngPCMachineExtensionNames=[{REGISTRY}{NEW_TOOL}]\r\nVersion=1\r\n"
    assert build_gpt_ini(raised(empty_gpt_ini())).decode() == first


@pytest.mark.parametrize(
    ("before", "after"),
    [(0, 1), (1, 2), (0xFFFE, 0xFFFF), (0xFFFF, 1), (0x0003FFFF, 0x00030001), (0xFFFFFFFF, 0xFFFF0001), (65536, 65537)],
)
def test_the_machine_half_goes_up_and_is_never_0(before: int, after: int) -> None:
    assert raised_text(REAL.decode().replace("65541", str(before))) == REAL.decode().replace("65541", str(after))


ODD = (
    "; note\r\n[Other]\nVersion=7\r\r\n[ gEnErAl\t] \r\n  ; Version=9\r\n\tDisplayName = \xfcber = x \r\n"
    "vErSiOn \t=\t 00012  \r\nno value\r\n=x\r\n\r\n[Last]\r\ngPCMachineExtensionNames=[x"
)


def test_everything_else_stays_to_the_byte() -> None:
    assert parse_gpt_ini(ODD.encode("latin-1")).version == (12, 0)
    assert parse_gpt_ini(ODD.encode("latin-1")).machine_extensions == []
    added = f"] \r\ngPCMachineExtensionNames=[{REGISTRY}{NEW_TOOL}]\r\n  ; Ver"
    assert raised_text(ODD) == ODD.replace("00012", "13").replace("] \r\n  ; Ver", added)


@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"])
def test_added_lines_end_as_the_others_do(line_end: str) -> None:
    text = f"[General]{line_end}x=1"
    added = f"[General]{line_end}Version=1{line_end}gPCMachineExtensionNames=[{REGISTRY}{NEW_TOOL}]{line_end}x=1"
    assert raised_text(text) == added
    assert raised_text("[General]") == added.removesuffix("x=1").replace(line_end, "\r\n")


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_stays(codec: str) -> None:
    text = "[General]\r\nDisplayName=ä\u0434\r\nVersion=3\r\n" + f"gPCMachineExtensionNames=[{REGISTRY}{OLD_TOOL}]\r\n"
    gpt = parse_gpt_ini(text.encode(codec))
    assert gpt.version == (3, 0)
    assert build_gpt_ini(gpt) == text.encode(codec)
    assert build_gpt_ini(raised(gpt)) == text.replace("Version=3", "Version=4").encode(codec)


def test_without_a_version_it_is_0() -> None:
    assert parse_gpt_ini(b"[General]\nOptions=1\n").version == (0, 0)
    assert "[General]\nVersion=1\n" in raised_text(f"[General]\ngPCMachineExtensionNames=[{REGISTRY}{NEW_TOOL}]\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"[{REGISTRY}{NEW_TOOL}]"),
        (f"[{REGISTRY}{OLD_TOOL}]", f"[{REGISTRY}{OLD_TOOL}]"),
        (f"[{REGISTRY.lower()}{NEW_TOOL.lower()}]", f"[{REGISTRY.lower()}{NEW_TOOL.lower()}]"),
        (f"[{REGISTRY}]", f"[{REGISTRY}{NEW_TOOL}]"),
        (f"[{REGISTRY}{FIREWALL_TOOL}]", f"[{REGISTRY}{FIREWALL_TOOL}{NEW_TOOL}]"),
        (f"[{REGISTRY}{FIREWALL_TOOL}{OLD_TOOL}]", f"[{REGISTRY}{FIREWALL_TOOL}{OLD_TOOL}]"),
        (f"[{SCRIPTS}{SCRIPTS_TOOL}]", f"[{REGISTRY}{NEW_TOOL}][{SCRIPTS}{SCRIPTS_TOOL}]"),
        (f"[{PREFERENCES}{SCRIPTS_TOOL}]", f"[{PREFERENCES}{SCRIPTS_TOOL}][{REGISTRY}{NEW_TOOL}]"),
        (
            f"[{SCRIPTS.lower()}{SCRIPTS_TOOL}][{REGISTRY}{NEW_TOOL}]",
            f"[{REGISTRY}{NEW_TOOL}][{SCRIPTS.lower()}{SCRIPTS_TOOL}]",
        ),
        # The sample of MS-GPOL 4.4.2 is printed with blanks; a list in order stays as it is.
        (f"[{REGISTRY}{OLD_TOOL}][ {SCRIPTS} {SCRIPTS_TOOL}]", f"[{REGISTRY}{OLD_TOOL}][ {SCRIPTS} {SCRIPTS_TOOL}]"),
        (
            f"[{SCRIPTS} {SCRIPTS_TOOL}] [{PREFERENCES}]",
            f"[{PREFERENCES}][{REGISTRY}{NEW_TOOL}][{SCRIPTS}{SCRIPTS_TOOL}]",
        ),
    ],
)
def test_the_registry_extension_is_in_the_list_and_the_list_in_order(before: str, after: str) -> None:
    assert raised_extensions(before) == after


REFUSED: dict[str, tuple[bytes, int, str]] = {
    "nothing": (b"", 0, "[General]"),
    "too large": (b"[General]\n" + b"x" * 65_527, 65_536, "65536"),
    "no section": (b"Version=1\r\n", 11, "[General]"),
    "another section": (b"[Generals]\nVersion=1", 20, "[General]"),
    "two sections": (b"[General]\n[x]\n [GENERAL]\n", 15, "one section"),
    "half a section": (b"[General]\n[x\n", 10, "section"),
    "a section and more": (b"[General] x\n", 0, "section"),
    "a negative version": (b"[General]\nVersion = -1", 20, "32 bits"),
    "a large version": (b"[General]\nVersion=4294967296", 18, "32 bits"),
    "an endless version": (b"[General]\nVersion=" + b"0" * 60_000, 18, "32 bits"),
    "a version in words": (b"[General]\nVersion=one", 18, "32 bits"),
    "a version in other digits": ("\ufeff[General]\nVersion=\u0661".encode(), 21, "32 bits"),
    "a hexadecimal version": (b"[General]\nVersion=0x10", 18, "32 bits"),
    "an empty version": (b"[General]\nVersion= \n", 18, "32 bits"),
    "a version and a comment": (b"[General]\nVersion=1 ; x", 18, "32 bits"),
    "two versions": (b"[General]\nVersion=1\nversion=1\n", 20, "one version"),
    "binary": (b"[General]\nVersion=1\n\0", 20, "text"),
    "utf-16 without a mark": ("[General]\nVersion=1".encode("utf-16-le"), 1, "text"),
    "half a character": (b"\xff\xfe[", 2, "text"),
    "no utf-8": (b"\xef\xbb\xbf[General]\n\xff", 13, "text"),
    "a control character in utf-16": ("\ufeff[\ud83d\ude00]\x01".encode("utf-16-le", "surrogatepass"), 10, "control"),
    "extensions that are none": (b"[General]\ngPCMachineExtensionNames=x", 35, "extension"),
    "a list that is cut": (f"[General]\ngPCMachineExtensionNames=[{REGISTRY}][{SCRIPTS}".encode(), 75, "extension"),
    "no client-side extension": (b"[General]\ngPCMachineExtensionNames=[]", 35, "extension"),
    "two lists": (b"[General]\ngPCMachineExtensionNames=\n gpcmachineextensionnames=\n", 37, "one gpc"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_refused_with_its_offset(name: str) -> None:
    content, offset, expected = REFUSED[name]
    with pytest.raises(GptIniMalformed) as caught:
        parse_gpt_ini(content)
    assert caught.value.offset == offset
    assert f"at byte {offset}: expected " in caught.value.message
    assert expected in caught.value.message


line_ends = strategies.sampled_from(["\r\n", "\n", "\r"])
lines = strategies.one_of(
    strategies.sampled_from(
        ["; x", "", "Options=1", "gPCFunctionalityVersion=2", " displayName = caf\xe9 ", "x", "a\x85b"]
    ),
    strategies.sampled_from([f"gPCUserExtensionNames=[{REGISTRY}{NEW_TOOL}]"]),
)
extension = strategies.sampled_from([REGISTRY, SCRIPTS, PREFERENCES]).map(lambda cse: f"[{cse}{SCRIPTS_TOOL}]")


@strategies.composite
def files(draw: strategies.DrawFn) -> str:
    general = draw(strategies.lists(lines, max_size=4))
    if draw(strategies.booleans()):
        general.append(f"Version={draw(strategies.integers(0, 0xFFFFFFFF))}")
    if draw(strategies.booleans()):
        general.append(f"gPCMachineExtensionNames={''.join(draw(strategies.lists(extension, max_size=3)))}")
    general = draw(strategies.permutations(general))
    before, after = draw(strategies.lists(lines, max_size=2)), draw(strategies.lists(lines, max_size=2))
    whole = [*before, "[General]", *general, "[Other]", *after]
    return "".join(line + draw(line_ends) for line in whole[:-1]) + whole[-1]


@settings(deadline=None, max_examples=200)
@given(files())
def test_raising_changes_two_values_and_keeps_every_other_line(text: str) -> None:
    gpt = parse_gpt_ini(text.encode("latin-1"))
    assert build_gpt_ini(gpt).decode("latin-1") == text
    again = parse_gpt_ini(build_gpt_ini(raised(gpt)))
    (machine, user), (machine_before, user_before) = again.version, gpt.version
    assert (machine, user) == (1 if machine_before == 0xFFFF else machine_before + 1, user_before)
    extensions = [cse for cse, _tools in again.machine_extensions]
    assert extensions == sorted(extensions)
    assert set(extensions) == {REGISTRY, *(cse for cse, _tools in gpt.machine_extensions)}

    def others(some: str) -> list[str]:
        return [line for line in some.splitlines() if not line.startswith(("Version=", "gPCMachineExtensionNames="))]

    assert others(again.text) == others(text)
