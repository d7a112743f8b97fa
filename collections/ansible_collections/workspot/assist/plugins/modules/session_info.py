# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done on the controller, by the action plugin of the same name; this file is its documentation.
DOCUMENTATION = r"""
module: session_info
short_description: Who is logged on to a Windows host
version_added: 0.1.0
description:
  - Lists the interactive sessions of a host with their users, independent of the host's language.
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
- name: Who is logged on
  workspot.assist.session_info:
  register: logged_on

- name: Names of those who are at their desktop now
  ansible.builtin.debug:
    msg: "{{ logged_on.sessions | selectattr('state', 'eq', 'active') | map(attribute='user') }}"
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
