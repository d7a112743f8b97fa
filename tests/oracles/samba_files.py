# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads and writes the files of a Group Policy object with Samba's code, for tests that hold ours to it.

Runs under the Python of Debian's python3-samba and takes one request per line on stdin, as JSON:

    {"read": BASE64}               answers {"entries": [[key, name, type, size, BASE64], ...]}
    {"write": [[key, name, type, BASE64], ...]}    answers {"file": BASE64}
    {"through_xml": BASE64}        reads, writes XML, loads that, and answers {"file": BASE64}
    {"read_gpt": BASE64}           answers {"sections": {section: {key: value}}}
    {"write_gpt": {section: {key: value}}}         answers {"file": BASE64}

What Samba refuses is answered with {"refused": why}.
"""

import base64
import configparser
import json
import os
import struct
import sys
import tempfile
import warnings
from xml.etree import ElementTree

from samba.dcerpc import misc, preg
from samba.gp_parse.gp_ini import GPTIniParser
from samba.gp_parse.gp_pol import GPPolParser
from samba.ndr import ndr_pack

TEXTS = (misc.REG_SZ, misc.REG_EXPAND_SZ)
NUMBERS = {misc.REG_DWORD: "<I", misc.REG_DWORD_BIG_ENDIAN: ">I", misc.REG_QWORD: "<Q"}


def to_bytes(kind, value):
    """Samba's value as a registry would hold it."""
    if kind in TEXTS:
        return (value + "\0").encode("utf-16-le")
    if kind in NUMBERS:
        return struct.pack(NUMBERS[kind], value)
    return value or b""


def from_bytes(kind, data):
    """The other way round."""
    if kind in TEXTS:
        return data.decode("utf-16-le")[:-1]
    if kind in NUMBERS:
        return struct.unpack(NUMBERS[kind], data)[0]
    return data


def encoded(data):
    return base64.b64encode(data).decode()


def read(content):
    """What Samba's parser of Group Policy files finds."""
    parser = GPPolParser()
    parser.parse(base64.b64decode(content))
    entries = parser.pol_file.entries
    return {
        "entries": [[e.keyname, e.valuename, e.type, e.size, encoded(to_bytes(e.type, e.data))] for e in entries],
    }


def write(entries):
    """A file that Samba packs."""
    packed = []
    for key, name, kind, data in entries:
        entry = preg.entry()
        entry.keyname, entry.valuename, entry.type = key, name, kind
        if kind != misc.REG_NONE:
            entry.data = from_bytes(kind, base64.b64decode(data))
        packed.append(entry)
    file = preg.file()
    file.header.signature, file.header.version = "PReg", 1
    file.num_entries, file.entries = len(packed), packed
    return {"file": encoded(ndr_pack(file))}


def written(parser):
    """The file that a parser of Samba writes."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "file")
        parser.write_binary(path)
        with open(path, "rb") as stream:
            return {"file": encoded(stream.read())}


def through_xml(content):
    """The way of a file through `samba-tool gpo backup` and `restore`."""
    parser, again = GPPolParser(), GPPolParser()
    parser.parse(base64.b64decode(content))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "file.xml")
        parser.write_xml(path)
        again.load_xml(ElementTree.parse(path).getroot())
    return written(again)


def read_gpt(content):
    """The sections of a gpt.ini."""
    parser = GPTIniParser()
    parser.parse(base64.b64decode(content))
    return {"sections": {name: dict(parser.ini_conf.items(name)) for name in parser.ini_conf.sections()}}


def write_gpt(sections):
    """A gpt.ini of these sections."""
    parser = GPTIniParser()
    parser.parse(b"")
    parser.ini_conf.read_dict(sections)
    return written(parser)


ANSWERS = {"read": read, "write": write, "through_xml": through_xml, "read_gpt": read_gpt, "write_gpt": write_gpt}


def main():
    """Answer until stdin ends."""
    warnings.simplefilter("ignore")  # Samba's own calls to what its Python calls deprecated
    for line in sys.stdin:
        ((request, argument),) = json.loads(line).items()
        try:
            said = ANSWERS[request](argument)
        except (RuntimeError, UnicodeError, configparser.Error) as error:
            said = {"refused": repr(error)}
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
