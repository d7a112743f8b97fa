# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done on the controller, by the action plugin of the same name; this file is its documentation.
DOCUMENTATION = r"""
module: invitation_info
short_description: What an invitation file says, and whether a password opens it
version_added: 0.1.0
description:
  - Reads a C(.msrcincident) file of the controller, of either format generation.
  - With the password it is verified and its endpoints are returned.
  - No host is contacted, so whether the invitation still waits there is not known.
extends_documentation_fragment:
  - workspot.assist.attributes
  - workspot.assist.attributes.controller
attributes:
  check_mode:
    support: full
    details: Reads only.
  diff_mode:
    support: none
options:
  path:
    description: The file.
    type: path
    required: true
  password:
    description:
      - The password; without it only what stands in clear text is returned.
      - The password of the first generation of the format can not be checked from the file alone.
    type: str
seealso:
  - module: workspot.assist.invitation
author:
  - workspot.assist contributors (@workspot)
"""

EXAMPLES = r"""
- name: See whether the password opens the file
  workspot.assist.invitation_info:
    path: invitations/1795253400000.msrcincident
    password: "{{ vault_assist_password }}"
  delegate_to: localhost
  register: file_at_hand
"""

RETURN = r"""
invitation:
  description: What the file holds.
  returned: success
  type: dict
  contains:
    created:
      description: When it starts by its own account, in UTC.
      returned: always
      type: str
      sample: '2026-11-21T09:30:00Z'
    endpoints:
      description:
        - The addresses in the file; from its encrypted part when the password opened it, else from the plain
          part, which names no IPv6 addresses and is often missing.
      returned: always
      type: list
      elements: dict
      sample:
        - address: 192.0.2.10
          port: 49731
          scope: null
    expired:
      description: Whether its time is over by the controller's clock.
      returned: always
      type: bool
      sample: false
    expires:
      description: When it ends by its own account, in UTC. A task on the host may end it earlier.
      returned: always
      type: str
      sample: '2026-11-21T15:30:00Z'
    generation:
      description: V(1) for Windows XP and Server 2003, V(2) for later ones.
      returned: always
      type: int
      sample: 2
    lifetime_minutes:
      description: Its lifetime by its own account.
      returned: always
      type: int
      sample: 360
    path:
      description: The file.
      returned: always
      type: str
      sample: invitations/1795253400000.msrcincident
    protected:
      description: Whether a password protects it.
      returned: always
      type: bool
      sample: true
    reason:
      description: Why it is not verified; none when it is.
      returned: always
      type: str
      sample: No password was given to check.
    sha256:
      description: SHA-256 of the file.
      returned: always
      type: str
      sample: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    size:
      description: Size of the file in bytes.
      returned: always
      type: int
      sample: 942
    user_name:
      description: The user's name in the file.
      returned: always
      type: str
      sample: jdoe
    verified:
      description: Whether the password opened it; none when that could not be checked.
      returned: always
      type: bool
      sample: true
"""
