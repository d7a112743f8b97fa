# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done on the controller, by the action plugin of the same name; this file is its documentation.
DOCUMENTATION = r"""
module: assistance_info
short_description: What Remote Assistance does in each session of a Windows host now
version_added: 0.1.0
description:
  - Says for each interactive session whether Remote Assistance is idle, waits for a helper, or shares screen or
    control, since when, and with which helper's address.
  - It is put together from processes, TCP connections and event numbers, independent of the host's language.
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
options:
  user:
    description:
      - Only the sessions of this user.
      - V(jdoe) fits that name in every domain; V(CORP\\jdoe) and V(jdoe@corp.example) name one.
    type: str
seealso:
  - module: workspot.assist.locate_user
author:
  - workspot.assist contributors (@workspot)
"""

EXAMPLES = r"""
- name: Who is being helped now
  workspot.assist.assistance_info:
  register: assistance

- name: Addresses of helpers who share control
  ansible.builtin.debug:
    msg: "{{ assistance.sessions | selectattr('assistance', 'eq', 'sharing_control')
             | map(attribute='helper_address') }}"
"""

RETURN = r"""
exchanges:
  description: WS-Management requests that it took, the login aside.
  returned: success
  type: int
  sample: 7
sessions:
  description: The sessions, ordered by number; empty when nobody is logged on.
  returned: success
  type: list
  elements: dict
  contains:
    assistance:
      description:
        - V(idle), V(waiting_for_connect), V(sharing_screen) or V(sharing_control); V(running) for a window of Remote
          Assistance that waits for nobody.
      returned: always
      type: str
      sample: waiting_for_connect
    client:
      description: Name of the device the user connects from, when the host knows it.
      returned: always
      type: str
      sample: LAPTOP-7
    domain:
      description: The user's domain as written before a backslash; the host's name for a local user.
      returned: always
      type: str
      sample: CORP
    expires:
      description: When an invitation of this collection ends, in UTC; none for others.
      returned: always
      type: str
      sample: '2026-11-21T10:30:00Z'
    helper_address:
      description: Address of the helper who is connected.
      returned: always
      type: str
      sample: 10.20.3.4
    kind:
      description: Whether the session shows a desktop or a published app only.
      returned: always
      type: str
      sample: desktop
    locked:
      description: Whether the lock screen runs in the session.
      returned: always
      type: bool
      sample: false
    ours:
      description: Whether this collection made the invitation.
      returned: always
      type: bool
      sample: true
    profile_path:
      description: The user's profile folder on the host.
      returned: always
      type: str
      sample: C:\Users\jdoe
    session_id:
      description: The session's number on the host.
      returned: always
      type: int
      sample: 2
    session_name:
      description: Name of the session's connection, none when it is disconnected.
      returned: always
      type: str
      sample: RDP-Tcp#3
    sid:
      description: The user's security identifier.
      returned: always
      type: str
      sample: S-1-5-21-1004336348-1177238915-682003330-1104
    since:
      description: Since when, in UTC by the host's clock; none when idle, or when the host does not say.
      returned: always
      type: str
      sample: '2026-11-21T09:30:00Z'
    state:
      description: V(active) or V(disconnected).
      returned: always
      type: str
      sample: active
    user:
      description: The user's name without the domain.
      returned: always
      type: str
      sample: jdoe
"""
