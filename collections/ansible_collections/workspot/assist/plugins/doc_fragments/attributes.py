# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all modules of the collection have in common, as documentation."""

from __future__ import annotations


class ModuleDocFragment:
    """Attributes and notes of the modules that speak to Windows hosts."""

    DOCUMENTATION = r"""
options: {}
attributes:
  async:
    support: none
    description: Supports being run with the C(async) keyword.
  become:
    support: none
    description: Is usable alongside C(become) keywords.
    details: The work is done by the account of the connection; C(become) only brings a warning.
  check_mode:
    description: Can run in C(check_mode) and return what would be done without doing it.
  diff_mode:
    description: Returns details on what has changed, or would be, in C(diff) mode.
"""

    CONNECTION = r"""
options: {}
attributes:
  action:
    support: full
    description: Runs as an action plugin on the controller; no PowerShell is started on the host.
  platform:
    platforms: windows
    support: full
    description: Target operating systems.
requirements:
  - pywinrm for hosts with C(ansible_connection=winrm), pypsrp for hosts with C(ansible_connection=psrp)
  - an account that is an administrator of the host
notes:
  - Every C(ansible_winrm_*) and C(ansible_psrp_*) variable of the host is honoured.
  - A local account that is not the built-in administrator is filtered by UAC over the network, unless
    the host's C(LocalAccountTokenFilterPolicy) says otherwise.
"""

    CONTROLLER = r"""
options: {}
attributes:
  action:
    support: full
    description: Runs as an action plugin on the controller; no host is contacted.
  platform:
    platforms: posix
    support: full
    description: Target operating systems.
"""
