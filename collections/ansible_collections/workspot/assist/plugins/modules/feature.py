# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done on the controller, by the action plugin of the same name; this file is its documentation.
DOCUMENTATION = r"""
module: feature
short_description: Have the optional feature Remote Assistance on Windows Server
version_added: 0.1.0
description:
  - Adds or removes the optional feature with C(dism.exe). Windows is not restarted; whether a restart is needed is
    told.
  - Adding a feature can take minutes.
extends_documentation_fragment:
  - workspot.assist.attributes
  - workspot.assist.attributes.connection
  - workspot.assist.audit
attributes:
  check_mode:
    support: full
    details: Reads, compares and changes nothing.
  diff_mode:
    support: full
    details: Before and after of the feature.
options:
  state:
    description:
      - Whether Remote Assistance is to be there.
      - Client editions of Windows always have it, and it can not be removed from them. Server Core has no such feature.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: workspot.assist.feature_info
  - module: workspot.assist.remote_assistance
author:
  - workspot.assist contributors (@workspot)
"""

EXAMPLES = r"""
- name: Remote Assistance on session hosts
  workspot.assist.feature:
    state: present
  register: feature

- name: Restart where that is needed
  ansible.windows.win_reboot:
  when: feature.restart_required

- name: Servers that nobody helps on
  workspot.assist.feature:
    state: absent
"""

RETURN = r"""
before:
  description: What it was.
  returned: success
  type: str
  sample: absent
edition:
  description: V(server) or V(client).
  returned: success
  type: str
  sample: server
exchanges:
  description: WS-Management requests that it took, the login aside.
  returned: success
  type: int
  sample: 7
restart_required:
  description: Whether a restart completes it; in every run until then.
  returned: success
  type: bool
  sample: false
state:
  description: What it is now, or would be.
  returned: success
  type: str
  sample: present
"""
