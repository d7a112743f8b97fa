# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Ansible works out anew for each host, although it is the same for all: worked out once.

Only for a process that ends with its task: what is put in place here stays. Results are the same, so where a release
of Ansible no longer has what is looked for, nothing but time is lost.
"""

from __future__ import annotations

import functools
import sys
from typing import Any


def expect_many_hosts() -> None:
    """Do so from now on."""
    _inspect_pywinrm_once()
    _clean_facts_where_there_are_some()


def _inspect_pywinrm_once() -> None:
    """The winrm connection plugin asks Python which arguments pywinrm takes, for each connection."""
    module: Any = sys.modules.get("ansible.plugins.connection.winrm")
    inspect = getattr(module, "getfullargspec", None)
    if inspect is not None and not hasattr(inspect, "cache_info"):
        module.getfullargspec = functools.cache(inspect)


def _clean_facts_where_there_are_some() -> None:
    """A host's variables have its facts without what could pass for connection variables, if there are facts at all.

    For that, Ansible lists the files of all connection plugins in all folders, for each host.
    """
    module: Any = sys.modules.get("ansible.vars.manager")
    clean = getattr(module, "clean_facts", None)
    if clean is None or isinstance(clean, functools.partial):
        return
    module.clean_facts = functools.partial(_cleaned, clean)


def _cleaned(clean: Any, facts: Any) -> Any:
    return clean(facts) if facts else {}
