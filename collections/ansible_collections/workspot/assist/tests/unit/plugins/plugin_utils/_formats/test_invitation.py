# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import (
    AssistError,
    InvitationError,
    InvitationForbiddenXml,
    InvitationMalformed,
    InvitationNotProtected,
    InvitationNotXml,
    InvitationTampered,
    InvitationTruncated,
    InvitationUnverifiable,
    WrongPassword,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.connection_string import (
    BadConnectionString,
    Connection,
    make_endpoint,
    parse_connection_string_2,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.invitation import (
    decrypt_connection,
    make_pass_stub_blob,
    parse_invitation,
    plain_connection,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.ticket_cipher import (
    decrypt_blocks,
    strip_padding,
)
from ansible_collections.workspot.assist.tests.unit.plugins.plugin_utils._formats.ticket_maker import (
    FIRST_GENERATION,
    PASSWORD,
    Maker,
    Sample,
    encrypt,
    first_generation,
    first_generation_samples,
    second_generation_samples,
)

SECOND = pytest.mark.parametrize("sample", second_generation_samples(), ids=lambda sample: sample.name)
FIRST = pytest.mark.parametrize("sample", first_generation_samples(), ids=lambda sample: sample.name)
EVERY = pytest.mark.parametrize(
    "sample",
    [*first_generation_samples(), *second_generation_samples()],
    ids=lambda sample: f"{sample.name}-{sample.user_name}",
)


def addresses(connection: Connection) -> tuple[tuple[str, int], ...]:
    return tuple(
        (f"{item.address}%{item.scope}" if item.scope else item.address, item.port) for item in connection.endpoints
    )


class TestSecondGeneration:
    @SECOND
    def test_the_password_opens_it(self, sample: Sample) -> None:
        invitation = parse_invitation(sample.data)

        connection = decrypt_connection(invitation, sample.password)

        assert invitation.generation == 2
        assert invitation.user_name == sample.user_name
        assert invitation.lifetime == timedelta(minutes=sample.minutes)
        assert invitation.protected
        assert addresses(connection) == sample.endpoints
        assert connection.session_id
        assert connection.key_hash

    @SECOND
    def test_wrong_passwords_do_not_open_it(self, sample: Sample) -> None:
        invitation = parse_invitation(sample.data)
        passwords = [f"wrong-{number}" for number in range(1500)] + ["", sample.password + " ", sample.password[:-1]]

        padded = sum(strip_padding(decrypt_blocks(invitation.ticket, text)) is not None for text in passwords)
        for text in passwords:
            with pytest.raises(WrongPassword):
                decrypt_connection(invitation, text)

        assert padded > 0  # so padding alone would have let some of them through

    @SECOND
    def test_a_change_anywhere_in_the_ticket_is_noticed(self, sample: Sample) -> None:
        invitation = parse_invitation(sample.data)
        numbers = random.Random(7)
        outcomes = set()
        for _round in range(300):
            ticket = bytearray(invitation.ticket)
            ticket[numbers.randrange(len(ticket))] ^= 1 << numbers.randrange(8)
            with pytest.raises((WrongPassword, InvitationTampered)) as caught:
                decrypt_connection(replace(invitation, ticket=bytes(ticket)), sample.password)
            outcomes.add(type(caught.value))
        assert InvitationTampered in outcomes

    @SECOND
    def test_a_shortened_ticket_is_noticed(self, sample: Sample) -> None:
        invitation = parse_invitation(sample.data)

        with pytest.raises(InvitationTampered):
            decrypt_connection(replace(invitation, ticket=invitation.ticket[:-16]), sample.password)

    def test_times_are_utc(self) -> None:
        invitation = parse_invitation(Maker().data())

        assert invitation.start == datetime(2026, 1, 1, tzinfo=UTC)
        assert invitation.expires == datetime(2026, 1, 1, 1, tzinfo=UTC)
        assert invitation.as_data()["expires"] == "2026-01-01T01:00:00Z"

    def test_attributes_in_any_order_and_unknown_ones(self) -> None:
        maker = Maker(extra={"SOMETHING": "new"})
        backwards = dict(reversed(maker.attributes().items()))

        assert parse_invitation(maker.text(backwards).encode()) == parse_invitation(Maker().data())

    def test_lower_case_hexadecimal(self) -> None:
        lower = {"LHTICKET": Maker().ticket().hex()}

        assert decrypt_connection(parse_invitation(Maker(extra=lower).data()), PASSWORD)

    def test_plain_part_of_the_same_session(self) -> None:
        invitation = parse_invitation(Maker().with_plain().data())

        assert decrypt_connection(invitation, PASSWORD)
        plain = plain_connection(invitation)
        assert plain is not None
        assert addresses(plain) == (("192.0.2.7", 49153),)

    @pytest.mark.parametrize("changes", [{"session_id": "b3RoZXI="}, {"key_hash": "b3RoZXI="}])
    def test_plain_part_of_another_session(self, changes: dict[str, str]) -> None:
        invitation = parse_invitation(Maker().with_plain(**changes).data())

        with pytest.raises(InvitationTampered, match="different sessions"):
            decrypt_connection(invitation, PASSWORD)

    @pytest.mark.parametrize("changes", [{"session_id": "*"}, {"key_hash": "*"}])
    def test_an_unset_plain_part_says_nothing(self, changes: dict[str, str]) -> None:
        assert decrypt_connection(parse_invitation(Maker().with_plain(**changes).data()), PASSWORD)

    def test_newer_attributes(self) -> None:
        text = (
            '<E><A KH="kh" KH2="sha256:kh2" CE="MIIB&#xA;AAAA&#xA;" ID="id"/><C><T ID="1" SID="0">'
            '<L P="5000" N="192.0.2.1"/><L N="192.0.2.2" U="wss://192.0.2.2:5001/ra"/>'
            '<L U="ws://host.example/ra"/></T></C></E>\r\n'
        )
        ticket = encrypt(text.encode("utf-16-le"), PASSWORD).hex()

        connection = decrypt_connection(parse_invitation(Maker(extra={"LHTICKET": ticket}).data()), PASSWORD)

        assert addresses(connection) == (("192.0.2.1", 5000), ("192.0.2.2", 5001), ("host.example", 80))
        assert connection.key_hash_2 == "sha256:kh2"
        assert connection.endpoints[1].uri == "wss://192.0.2.2:5001/ra"

    @pytest.mark.parametrize(
        "text",
        [
            '<E><A KH="k"/><C><T><L P="1" N="a"/></T></C></E>',
            '<E><A KH="k" ID=""/><C><T><L P="1" N="a"/></T></C></E>',
            '<E><A KH="k" ID="i"/><C><T/></C></E>',
            '<E><C><T><L P="1" N="a"/></T></C></E>',
            '<E><A KH="k" ID="i"/><C><T><L P="0" N="a"/></T></C></E>',
            '<E><A KH="k" ID="i"/><C><T><L P="1" N="a b"/></T></C></E>',
            '<E><A KH="k" ID="i"/><C><T><L P="1"/></T></C></E>',
            '<E><A KH="k" ID="i"/><C><T><L N="a" U="http://a/"/></T></C></E>',
            '<E><A KH="k" ID="i"/><C><T><L N="a" U="ws://a:99999/"/></T></C></E>',
            '<E><A KH="k" ID="i"/><C><T><L P="1" N="a"/></T></C>',
            "<E><!DOCTYPE E></E>",
        ],
    )
    def test_opened_but_not_what_windows_writes(self, text: str) -> None:
        ticket = encrypt(text.encode("utf-16-le"), PASSWORD).hex()

        with pytest.raises(InvitationTampered) as caught:
            decrypt_connection(parse_invitation(Maker(extra={"LHTICKET": ticket}).data()), PASSWORD)

        assert PASSWORD not in str(caught.value)

    def test_secrets_are_not_shown(self) -> None:
        maker = Maker().with_plain()
        invitation = parse_invitation(maker.data())
        connection = decrypt_connection(invitation, PASSWORD)

        shown = f"{invitation!r} {connection!r} {invitation.as_data()} {connection.as_data()}"

        assert maker.session_id not in shown
        assert maker.key_hash not in shown
        assert "Ab3&xyz" not in shown


class TestFirstGeneration:
    @FIRST
    def test_is_understood_but_not_verifiable(self, sample: Sample) -> None:
        invitation = parse_invitation(sample.data)
        plain = plain_connection(invitation)

        assert invitation.generation == 1
        assert invitation.user_name == sample.user_name
        assert invitation.lifetime == timedelta(minutes=sample.minutes)
        assert plain is not None
        assert addresses(plain) == sample.endpoints
        with pytest.raises(InvitationUnverifiable):
            decrypt_connection(invitation, sample.password)

    def test_a_missing_blank_between_attributes(self) -> None:
        for name in list(FIRST_GENERATION)[1:]:
            text = first_generation().decode().replace(f'" {name}="', f'"{name}="')
            assert parse_invitation(text.encode()) == parse_invitation(first_generation()), name

    @pytest.mark.parametrize("wrong", ['"LL="0"', '"XYZ="0"', '" L=0', '" ,L="0"', '",L="0"', '" L="0'])
    def test_the_tolerance_is_for_that_one_mistake(self, wrong: str) -> None:
        text = first_generation().decode().replace('" L="0"', wrong)

        with pytest.raises(InvitationNotXml):
            parse_invitation(text.encode())

    @pytest.mark.parametrize(
        "ticket",
        [
            "65538,1,192.0.2.9:3389,*,id,*,*",
            "65537,1,192.0.2.9:3389,*,id,*,*,kh",
            "65538,1,192.0.2.9:70000,*,id,*,*,kh",
            "65538,1,192.0.2.9,*,id,*,*,kh",
            "65538,1,a b:1,*,id,*,*,kh",
        ],
    )
    def test_an_impossible_plain_part(self, ticket: str) -> None:
        with pytest.raises(InvitationMalformed):
            plain_connection(parse_invitation(first_generation(RCTICKET=ticket)))


class TestPassStub:
    @EVERY
    def test_blob_has_the_published_value(self, sample: Sample) -> None:
        blob = make_pass_stub_blob(sample.password, parse_invitation(sample.data).pass_stub)

        assert len(blob) == 32
        assert sample.pass_stub_blob in (None, blob.hex())


class TestEncodings:
    @EVERY
    @pytest.mark.parametrize(
        ("mark", "encoding"),
        [
            (b"\xff\xfe", "utf-16-le"),
            (b"\xfe\xff", "utf-16-be"),
            (b"\xef\xbb\xbf", "utf-8"),
            (b"", "utf-16-le"),
            (b"", "utf-16-be"),
        ],
    )
    def test_every_form_of_unicode(self, sample: Sample, mark: bytes, encoding: str) -> None:
        assert parse_invitation(mark + sample.data.decode().encode(encoding)) == parse_invitation(sample.data)

    @pytest.mark.parametrize("label", ["Unicode", "utf-16", "us-ascii", "no-such-thing"])
    def test_the_label_is_ignored(self, label: str) -> None:
        maker = Maker(user_name="Jürgen 石", declaration=f'<?xml version="1.0" encoding="{label}"?>')

        assert parse_invitation(maker.data()).user_name == "Jürgen 石"

    def test_line_ends_and_blanks_around(self) -> None:
        assert parse_invitation(b"\xef\xbb\xbf" + Maker().data() + b"\r\n\r\n") == parse_invitation(Maker().data())


class TestRefusals:
    @EVERY
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
    def test_every_beginning_is_called_truncated(self, sample: Sample, encoding: str) -> None:
        whole = sample.data.decode().rstrip().encode(encoding)
        ends = range(len(whole)) if len(whole) < 800 else random.Random(1).sample(range(len(whole)), 250)
        for end in ends:
            with pytest.raises(InvitationTruncated):
                parse_invitation(whole[:end])

    @pytest.mark.parametrize(
        "data",
        [
            b"not an invitation",
            b"\x00\x01\x02\x03",
            b"\xff\xd8\xff\xe0" + bytes(range(256)),
            b"<a><b></a></b>",
            b"<html><br></html>",
            b"<?xml version='1.0'?>hello",
            b"<a/>\xff",
            b"\xff\xfe" + "<a\ud800/>".encode("utf-16-le", "surrogatepass"),
        ],
    )
    def test_not_xml(self, data: bytes) -> None:
        with pytest.raises(InvitationNotXml):
            parse_invitation(data)

    @pytest.mark.parametrize(
        "text",
        [
            '<!DOCTYPE x [<!ENTITY a "b">]>' + Maker().text()[21:],
            '<!DOCTYPE x SYSTEM "file:///etc/passwd">' + Maker().text()[21:],
            "<?xml-stylesheet href='x'?>" + Maker().text()[21:],
            Maker().text().replace("jdoe", "&xxe;"),
            Maker().text().replace("<UPLOADDATA", "<a>" * 40 + "</a>" * 40 + "<UPLOADDATA"),
            Maker().text().replace("<UPLOADDATA", "<a/>" * 2000 + "<UPLOADDATA"),
            Maker().text().replace(" L=", "".join(f' a{number}=""' for number in range(100)) + " L="),
            Maker().text() + " " * 300_000,
        ],
        ids=["entity", "external", "instruction", "undeclared", "deep", "many", "attributes", "large"],
    )
    def test_forbidden(self, text: str) -> None:
        with pytest.raises(InvitationForbiddenXml):
            parse_invitation(text.encode())

    @pytest.mark.parametrize(
        "changes",
        [
            {"DtStart": "-1"},
            {"DtStart": "4294967296"},
            {"DtStart": "99999999999999999999"},
            {"DtStart": "soon"},
            {"DtStart": "١٢"},
            {"DtLength": "0"},
            {"DtLength": "99999999"},
            {"DtLength": ""},
            {"RCTICKETENCRYPTED": "yes"},
            {"PassStub": ""},
            {"LHTICKET": ""},
            {"LHTICKET": "00" * 15},
            {"LHTICKET": "0" * 31},
            {"LHTICKET": "zz" * 16},
        ],
        ids=str,
    )
    def test_malformed(self, changes: dict[str, str]) -> None:
        with pytest.raises(InvitationMalformed):
            parse_invitation(Maker(extra=changes).data())

    @pytest.mark.parametrize(
        "text",
        [
            "<a/>",
            "<UPLOADINFO/>",
            Maker().text().replace("UPLOADINFO", "DOWNLOADINFO"),
            Maker().text().replace("</UPLOADINFO>", "<UPLOADDATA/></UPLOADINFO>"),
            Maker().text().replace("USERNAME=", "USER="),
            Maker().text().replace("LHTICKET=", "TICKET="),
            Maker().text().replace("DtStart=", "Start="),
        ],
    )
    def test_another_schema(self, text: str) -> None:
        with pytest.raises(InvitationMalformed):
            parse_invitation(text.encode())

    def test_an_offer_without_password_and_times(self) -> None:
        offer = {name: FIRST_GENERATION[name] for name in ("USERNAME", "RCTICKET")}
        text = Maker().text(offer | {"RCTICKETENCRYPTED": "0", "PassStub": "", "L": "0"})

        with pytest.raises(InvitationNotProtected):
            parse_invitation(text.encode())

    def test_a_file_without_password(self) -> None:
        invitation = parse_invitation(first_generation(RCTICKETENCRYPTED="0", PassStub=""))

        assert not invitation.protected
        with pytest.raises(InvitationNotProtected):
            decrypt_connection(invitation, "anything")

    def test_errors_are_one_line_and_distinct(self) -> None:
        kinds = set()
        for data in (b"", b"hello", b"<a/>", b"<!DOCTYPE a><a/>", b"<a>", first_generation(DtStart="x")):
            with pytest.raises(InvitationError) as caught:
                parse_invitation(data)
            assert "\n" not in str(caught.value)
            kinds.add(caught.value.kind)
        assert kinds == {
            "invitation_truncated",
            "invitation_not_xml",
            "invitation_malformed",
            "invitation_forbidden_xml",
        }
        assert all(issubclass(kind, AssistError) for kind in (WrongPassword, InvitationTampered))


class TestEndpoints:
    @pytest.mark.parametrize(
        ("address", "family", "link_local"),
        [
            ("192.0.2.1", "ipv4", False),
            ("169.254.1.2", "ipv4", True),
            ("fe80::1%12", "ipv6", True),
            ("fe80::1%eth0", "ipv6", True),
            ("2001:db8::1", "ipv6", False),
            ("pc-17", "name", False),
            ("pc_17.corp.example", "name", False),
            ("vdi.example.", "name", False),
        ],
    )
    def test_addresses(self, address: str, family: str, link_local: bool) -> None:
        endpoint = make_endpoint(address, "49152")

        assert (endpoint.family, endpoint.link_local) == (family, link_local)

    @pytest.mark.parametrize(
        "address",
        [
            " ",
            "a b",
            "-x",
            "a..b",
            ".a",
            "a;b",
            "$(x)",
            "192.0.2.300",
            "1.2.3",
            "fe80::1%",
            "fe80::1%a b",
            "192.0.2.1%3",
            "host%3",
            "ho\nst",
            "höst",
            "[::1]",
            "::1/64",
            "a:b",
            "",
        ],
    )
    def test_impossible_addresses(self, address: str) -> None:
        with pytest.raises(BadConnectionString):
            make_endpoint(address, "49152")

    @pytest.mark.parametrize("port", ["0", "65536", "-1", "", " 1", "1 ", "0x10", "١", "999999"])
    def test_impossible_ports(self, port: str) -> None:
        with pytest.raises(BadConnectionString):
            make_endpoint("192.0.2.1", port)

    def test_many_listeners(self) -> None:
        many = Maker(listeners=tuple((f"192.0.2.{number}", "5000") for number in range(1, 200)))

        assert len(parse_connection_string_2(many.connection_string).endpoints) == 199
