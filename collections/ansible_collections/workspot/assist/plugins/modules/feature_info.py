# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done on the controller, by the action plugin of the same name; this file is its documentation.
DOCUMENTATION = r"""
module: feature_info
short_description: Whether a Windows host has Remote Assistance
version_added: 0.1.0
description:
  - Says whether Remote Assistance is there, as a part of client editions or as an optional feature of servers.
  - Nothing on the host is changed.
extends_documentation_fragment:
  - workspot.assist.attributes
  - workspot.assist.attributes.connection
attributes:
  check_mode:
    support: full
    details: Reads only.
  diff_mode:
    support: none
options: {}
seealso:
  - module: workspot.assist.feature
author:
  - workspot.assist contributors (@workspot)
"""

EXAMPLES = r"""
- name: Is Remote Assistance there
  workspot.assist.feature_info:
  register: feature
"""

RETURN = r"""
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
feature:
  description: Name of the optional feature; none where Windows has none.
  returned: success
  type: str
  sample: RemoteAssistance
program:
  description: Whether C(msra.exe) is there.
  returned: success
  type: bool
  sample: true
restart_required:
  description: Whether a restart completes its last change.
  returned: success
  type: bool
  sample: false
state:
  description: V(present) or V(absent); what it is after the restart, where one is needed.
  returned: success
  type: str
  sample: present
"""
