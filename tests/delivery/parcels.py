# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests deliver."""

from __future__ import annotations

from ansible_collections.workspot.assist.plugins.plugin_utils._delivery.channel import Parcel

DATA = b"<?xml version='1.0'?>" + b"\x00\xff\r\n.\r\n" * 400
NAMES = ("a b+ü#1.msrcincident", "second.msrcincident")
PARCEL = Parcel(NAMES, DATA, "Help for jdoe", "text\n.\nmore")
LARGE = Parcel(NAMES, bytes(range(256)) * 2000)
