# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""NTLM logins to many hosts with one account."""

from __future__ import annotations

import functools
from typing import Any


def remember_lm_hashes() -> None:
    """Have pyspnego make an account's LM hash once in this process, instead of once per login.

    NTLMv2 does not even use it, yet its DES in plain Python is an eighth of the CPU time of a search over
    many hosts (docs/benchmarks.md). Where pyspnego no longer has the function, nothing happens.
    """
    try:
        from spnego import _ntlm
    except ImportError:
        return
    module: Any = _ntlm
    make = getattr(module, "lmowfv1", None)
    if make is not None and not hasattr(make, "cache_info"):
        module.lmowfv1 = functools.lru_cache(maxsize=8)(make)
