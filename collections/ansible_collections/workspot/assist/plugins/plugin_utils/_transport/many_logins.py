# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logins to many hosts from one process: what is the same for each of them is worked out once.

Only for a process that ends with its task: what is put in place here stays.
"""

from __future__ import annotations

import functools
import urllib.request
from typing import Any


def expect_many_logins() -> None:
    """Do so from now on. Where a library no longer has what is looked for, nothing happens."""
    _remember_lm_hashes()
    _remember_no_proxies()


def _remember_lm_hashes() -> None:
    """Have pyspnego make an account's LM hash once in this process, instead of once per login.

    NTLMv2 does not even use it, yet its DES in plain Python is an eighth of the CPU time of a search over
    many hosts (docs/benchmarks.md).
    """
    try:
        from spnego import _ntlm
    except ImportError:
        return
    module: Any = _ntlm
    make = getattr(module, "lmowfv1", None)
    if make is not None and not hasattr(make, "cache_info"):
        module.lmowfv1 = functools.lru_cache(maxsize=8)(make)


def _remember_no_proxies() -> None:
    """Where the environment names no proxy at all, have requests not look through it for each host.

    It reads every variable four times per session, a tenth of the CPU time of a search.
    """
    try:
        from requests import sessions
    except ImportError:
        return
    module: Any = sessions
    if hasattr(module, "get_environ_proxies") and not urllib.request.getproxies():
        module.get_environ_proxies = _no_proxies


def _no_proxies(url: str, no_proxy: str | None = None) -> dict[str, str]:
    """What ``requests.utils.get_environ_proxies`` answers in an environment without proxies."""
    return {}
