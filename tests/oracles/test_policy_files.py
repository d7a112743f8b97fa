# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Registry.pol and gpt.ini between our codecs and Samba's, both ways."""

from __future__ import annotations

import base64
import random
from dataclasses import replace

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import RegistryPolMalformed
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.gpt_ini import (
    build_gpt_ini,
    empty_gpt_ini,
    parse_gpt_ini,
    raised,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.registry_pol import (
    PolicyEntry,
    RegistryPol,
    build_registry_pol,
    parse_registry_pol,
    replaced,
    replaced_list,
)
from ansible_collections.workspot.assist.tests.unit.plugins.plugin_utils._formats import policy_files
from hypothesis import HealthCheck, given, settings

from tests.oracles.conftest import Samba

EXAMPLES = settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])

KEY = "SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services"
LIST = f"{KEY}\\RAUnsolicit"
POLICY = RegistryPol(
    (
        PolicyEntry("SOFTWARE\\Policies\\Alpha", "", 0, b""),
        PolicyEntry("SOFTWARE\\Policies\\Alpha", "path", 2, "%windir%\0".encode("utf-16-le")),
        PolicyEntry("SOFTWARE\\Policies\\Alpha", "blob", 3, b"];[\0\xff"),
        PolicyEntry("SOFTWARE\\Policies\\Alpha", "wide", 11, bytes(range(8))),
        PolicyEntry.dword(KEY, "fAllowToGetHelp", 1),
        PolicyEntry.dword(KEY, "MaxTicketExpiry", 0xFFFFFFFF),
        PolicyEntry.delete_value(KEY, "fUseMailto"),
        PolicyEntry.string(KEY, "ViewMessage", "Grüße; [an] \U0001f600"),
        PolicyEntry.delete_values(LIST),
        PolicyEntry.string(LIST, "CONTOSO\\Helpdesk", "CONTOSO\\Helpdesk"),
    )
)


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def read_by_samba(samba: Samba, content: bytes) -> RegistryPol | None:
    """What Samba finds in a file; None when it refuses it."""
    found = samba.ask("read", encoded(content))
    if found is None:
        return None
    entries = [(key, name, kind, size, base64.b64decode(data)) for key, name, kind, size, data in found]
    return RegistryPol(tuple(PolicyEntry(key, name, kind, data) for key, name, kind, _, data in entries))


def written_by_samba(samba: Samba, pol: RegistryPol) -> bytes:
    entries = [(entry.key, entry.value_name, entry.type, encoded(entry.data)) for entry in pol.entries]
    return base64.b64decode(samba.ask("write", entries))


def test_a_policy_of_ours_is_read_by_samba(samba: Samba) -> None:
    content = build_registry_pol(POLICY)
    assert read_by_samba(samba, content) == POLICY
    assert [size for *_, size, _ in samba.ask("read", encoded(content))] == [len(e.data) for e in POLICY.entries]


def test_a_policy_of_samba_is_read_and_changed_by_us(samba: Samba) -> None:
    content = written_by_samba(samba, POLICY)
    pol = parse_registry_pol(content)
    assert pol == POLICY
    assert build_registry_pol(pol) == content
    changed = replaced(pol, KEY, "fAllowToGetHelp", [PolicyEntry.dword(KEY, "fAllowToGetHelp", 0)])
    changed = replaced(changed, KEY, "MaxTicketExpiry", [PolicyEntry.delete_value(KEY, "MaxTicketExpiry")])
    changed = replaced_list(changed, LIST, [PolicyEntry.delete_values(LIST)])
    expected = [*POLICY.entries[:-1]]
    expected[4:6] = [PolicyEntry.dword(KEY, "fAllowToGetHelp", 0), PolicyEntry.delete_value(KEY, "MaxTicketExpiry")]
    assert read_by_samba(samba, build_registry_pol(changed)) == RegistryPol(tuple(expected))


def test_a_policy_of_ours_comes_through_a_backup_of_samba(samba: Samba) -> None:
    content = build_registry_pol(POLICY)
    assert base64.b64decode(samba.ask("through_xml", encoded(content))) == content


def test_a_file_without_settings(samba: Samba) -> None:
    assert written_by_samba(samba, RegistryPol(())) == build_registry_pol(RegistryPol(()))
    assert read_by_samba(samba, build_registry_pol(RegistryPol(()))) == RegistryPol(())


@EXAMPLES
@given(policy_files.sane_files)
def test_any_file_both_ways(samba: Samba, pol: RegistryPol) -> None:
    ours, theirs = build_registry_pol(pol), written_by_samba(samba, pol)
    assert ours == theirs
    assert read_by_samba(samba, ours) == pol
    assert parse_registry_pol(theirs) == pol


def test_a_damaged_file_that_both_read_is_the_same_to_both(samba: Samba) -> None:
    """Samba does not look at every delimiter, so it reads more; what we read, it reads as we do."""
    chance, original, read = random.Random(3), build_registry_pol(POLICY), 0
    for _case in range(1500):
        data = bytearray(original)
        for _round in range(chance.randint(1, 2)):
            data[chance.randrange(8, len(data))] = chance.choice(
                [0, 1, 2, 3, 4, 7, 0x5B, 0x5D, 0x3B, chance.randrange(256)]
            )
        try:
            ours = parse_registry_pol(bytes(data))
        except RegistryPolMalformed:
            continue
        theirs = read_by_samba(samba, bytes(data))
        if theirs is not None and theirs != ours:
            assert [texts_cut(entry) for entry in ours.entries] == [texts_cut(entry) for entry in theirs.entries]
        read += theirs is not None
    assert read > 300


def texts_cut(entry: PolicyEntry) -> PolicyEntry:
    """A text as Samba keeps it: whole characters up to the first NUL, and a NUL."""
    if entry.type not in (1, 2):
        return entry
    text = entry.data[: len(entry.data) // 2 * 2].decode("utf-16-le").partition("\0")[0]
    return replace(entry, data=f"{text}\0".encode("utf-16-le"))


@pytest.mark.parametrize("length", range(9, 58))
def test_a_cut_file_is_refused_by_both(samba: Samba, length: int) -> None:
    content = build_registry_pol(RegistryPol((PolicyEntry.dword("Software\\a", "b", 1),)))
    assert len(content) == 58
    content = content[:length]
    with pytest.raises(RegistryPolMalformed):
        parse_registry_pol(content)
    assert read_by_samba(samba, content) is None


def test_a_gpt_ini_of_ours_is_read_by_samba(samba: Samba) -> None:
    first = raised(empty_gpt_ini())
    expected = "[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}{D02B1F72-3407-48AE-BA88-E8213C6761F1}]"
    general = samba.ask("read_gpt", encoded(build_gpt_ini(first)))["General"]
    assert general == {"Version": "1", "gPCMachineExtensionNames": expected}


def test_a_gpt_ini_of_samba_is_raised_by_us(samba: Samba) -> None:
    scripts = "[{42B5FAAE-6536-11D2-AE5A-0000F87571E3}{40B6664F-4972-11D1-A7CA-0000F87571E3}]"
    sections = {
        "General": {"Version": "196613", "displayName": "Grüße", "gPCMachineExtensionNames": scripts},
        "Other": {"Version": "7", "x": "y"},
    }
    content = base64.b64decode(samba.ask("write_gpt", sections))
    gpt = parse_gpt_ini(content)
    assert gpt.version == (5, 3)
    found = samba.ask("read_gpt", encoded(build_gpt_ini(raised(gpt))))
    registry = "[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}{D02B1F72-3407-48AE-BA88-E8213C6761F1}]"
    sections["General"] |= {"Version": "196614", "gPCMachineExtensionNames": registry + scripts}
    assert found == sections
