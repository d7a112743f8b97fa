# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CIM values as XML and back (DSP0230; arrays and nulls as MS-WSMV 3.1.4.1.26 has them), and the service's settings."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.seam import CimClass, CimError, CimInstance, CimType, schema
from simulator.wire.values import decode, decode_members, instance_xml, members_xml, output_xml, reference_xml
from tests.simulator.wire_rig import PLAIN, XSI, A, T, W, Wire, local

Make = Callable[..., Any]
URI = "urn:c"
KINDS = schema(Name="string", Names="string[]", Number="uint8", Numbers="sint16[]", Is="boolean", At="datetime", In="C")
CLASS = CimClass("root/Cim", "C", ("Name", "Number"), KINDS)
CONFIG = "http://schemas.microsoft.com/wbem/wsman/1/config"


def element(text: str, inner: str = "") -> ET.Element:
    return ET.fromstring(f'<v xmlns:c="http://schemas.dmtf.org/wbem/wscim/1/common">{text}{inner}</v>')


def parsed(xml: str) -> ET.Element:
    """Elements that stand in an envelope."""
    return ET.fromstring(
        f'<all xmlns:p="{URI}" xmlns:a="{A}" xmlns:w="{W}" xmlns:x="{T}" xmlns:xsi="{XSI}">{xml}</all>'
    )


# Reading -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("uint8", "255", 255),
        ("uint8", " 7\n", 7),
        ("uint64", str(2**64 - 1), 2**64 - 1),
        ("sint8", "-128", -128),
        ("int32", "-2147483648", -(2**31)),
        ("uint32", "+5", 5),
        ("boolean", "true", True),
        ("boolean", "FALSE", False),
        ("boolean", "1", True),
        ("boolean", "0", False),
        ("string", "  as it is ", "  as it is "),
        ("string", "", ""),
        ("datetime", "2013-04-10T16:17:23.5Z", datetime(2013, 4, 10, 16, 17, 23, 500000, tzinfo=UTC)),
        ("datetime", "2013-04-10T18:17:23+02:00", datetime(2013, 4, 10, 16, 17, 23, tzinfo=UTC)),
        ("datetime", "2013-04-10T16:17:23", datetime(2013, 4, 10, 16, 17, 23, tzinfo=UTC)),
    ],
)
def test_what_is_read(kind: str, text: str, value: Any) -> None:
    found = decode(element(text), CimType(kind))
    assert found == value
    assert type(found) is type(value)


def test_a_time_inside_its_element() -> None:
    inner = "<c:Datetime>2020-01-02T03:04:05Z</c:Datetime>"
    assert decode(element("", inner), CimType("datetime")) == datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("uint8", "256"), ("uint8", "-1"), ("uint8", ""), ("uint8", "1.0"), ("uint8", "0x10"), ("uint8", "1_0"),
        ("uint8", "٣"), ("sint8", "128"), ("sint8", "-129"), ("boolean", "yes"), ("boolean", ""), ("boolean", "2"),
        ("datetime", "yesterday"), ("datetime", ""), ("datetime", "20130410161723.000000+000"),
    ],
)  # fmt: skip
def test_what_is_of_another_type(kind: str, text: str) -> None:
    with pytest.raises(CimError) as caught:
        decode(element(text), CimType(kind))
    assert (caught.value.code, caught.value.cim_status) == (2150858836, 4)


def test_elements_in_a_text() -> None:
    with pytest.raises(CimError):
        decode(element("a", "<b/>"), CimType("string"))


def test_members() -> None:
    body = parsed(
        '<p:Names>a</p:Names><p:Numbers>-1</p:Numbers><p:Names>b</p:Names><p:Is>true</p:Is><p:Number xsi:nil="true"/>'
    )
    found = decode_members(body, KINDS, namespace=URI.upper(), what="it")
    assert found == {"Names": ["a", "b"], "Numbers": [-1], "Is": True}


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        ("<p:Other>1</p:Other>", 2150858837),
        ("<Name>1</Name>", 2150858817),
        ("<p:Name>1</p:Name><p:Name>2</p:Name>", 2150858810),
        ("<p:Numbers>1</p:Numbers><p:Numbers>x</p:Numbers>", 2150858836),
    ],
)
def test_members_that_are_wrong(xml: str, code: int) -> None:
    with pytest.raises(CimError) as caught:
        decode_members(parsed(xml), KINDS, namespace=URI, what="it")
    assert caught.value.code == code


# Writing -----------------------------------------------------------------------------------------


def test_an_instance() -> None:
    inner = CimInstance(CLASS, {"Name": "inner <&>"})
    moment = datetime(2020, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=-1)))
    values = {"Number": 7, "Name": None, "Names": ["b", "a"], "Numbers": [], "Is": False, "At": moment, "In": inner}
    (made,) = parsed(instance_xml(CimInstance(CLASS, values), lower=True))
    assert made.tag == "{http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cim/C}C"
    assert [(local(item), item.text) for item in made] == [
        ("At", None), ("In", None), ("Is", "false"), ("Name", None), ("Names", "b"), ("Names", "a"), ("Number", "7"),
    ]  # fmt: skip
    assert made[0][0].text == "2020-01-02T04:04:05Z"
    assert made[1][0].text == "inner <&>"
    assert made[3].get(f"{{{XSI}}}nil") == "true"


def test_the_namespace_as_it_was_written() -> None:
    (made,) = parsed(instance_xml(CimInstance(CLASS, {}), lower=False))
    assert made.tag == "{http://schemas.microsoft.com/wbem/wsman/1/wmi/root/Cim/C}C"


def test_a_reference() -> None:
    (made,) = parsed(reference_xml(CimInstance(CLASS, {"Name": "a&b", "Number": 3}), lower=True))
    assert {item.get("Name"): item.text for item in made.iter(f"{{{W}}}Selector")} == {"Name": "a&b", "Number": "3"}
    assert made.findtext(f".//{{{W}}}ResourceURI") == "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cim/C"


def test_an_output() -> None:
    (made,) = parsed(output_xml(CLASS, "Do", {"ReturnValue": 0, "Names": ["x"]}, lower=True))
    assert local(made) == "Do_OUTPUT"
    assert [(local(item), item.text) for item in made] == [("Names", "x"), ("ReturnValue", "0")]


_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="￾￿"))


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "Name": _TEXTS,
            "Names": st.lists(_TEXTS, min_size=1),
            "Number": st.integers(0, 255),
            "Numbers": st.lists(st.integers(-(2**15), 2**15 - 1), min_size=1),
            "Is": st.booleans(),
            "At": st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(UTC)),
        },
    )
)
def test_what_is_written_is_read(values: dict[str, Any]) -> None:
    body = parsed(members_xml(values))
    assert decode_members(body, KINDS, namespace=URI, what="it") == values


# The service's settings --------------------------------------------------------------------------


@pytest.fixture
def wire(make_pool: Make) -> Iterator[Wire]:
    made = Wire(make_pool(PLAIN))
    yield made
    made.close()


def test_all_settings(wire: Wire) -> None:
    # MS-WSMV 2.2.4.10 and 4.2.1.
    reply = wire.get(CONFIG)
    assert reply.content.tag == f"{{{CONFIG}}}Config"
    assert reply.content.findtext(f"{{{CONFIG}}}MaxEnvelopeSizekb") == "500"
    assert reply.content.findtext(f"{{{CONFIG}}}Service/{{{CONFIG}}}AllowUnencrypted") == "true"
    assert reply.content.findtext(f"{{{CONFIG}}}Winrs/{{{CONFIG}}}MaxShellsPerUser") == "30"


def test_parts_of_the_settings(wire: Wire) -> None:
    # MS-WSMV 3.1.4.1.29.
    reply = wire.get(f"{CONFIG}/service/auth")
    assert local(reply.content) == "Auth"
    assert (reply.text("Basic"), reply.text("CbtHardeningLevel")) == ("true", "Relaxed")
    assert wire.get(f"{CONFIG}/winrs").text("IdleTimeout") == "7200000"


@pytest.mark.parametrize("part", ["nothing", "service/auth/basic", "MaxTimeoutms"])
def test_settings_that_are_not_there(wire: Wire, part: str) -> None:
    assert wire.get(f"{CONFIG}/{part}").fault.code == 2150858811


def test_settings_follow_the_host(make_pool: Make) -> None:
    quirks = {"allow_unencrypted": True, "channel_binding": "strict"}
    wire = Wire(make_pool({**PLAIN, "quirks": quirks}))
    assert wire.get(f"{CONFIG}/service/auth").text("CbtHardeningLevel") == "Strict"
    wire.close()
