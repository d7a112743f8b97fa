# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done on the controller, by the action plugin of the same name; this file is its documentation.
DOCUMENTATION = r"""
module: locate_user
short_description: Find the one session of a user among many Windows hosts
version_added: 0.1.0
description:
  - Asks many hosts at once, each over its own connection variables from the inventory.
  - It is one task for one host of the play, so use it with C(run_once=true).
  - Hosts that do not answer in time, or refuse the login, are reported as data and are no failure.
  - Fails when the user is found nowhere, and when several sessions fit; then the error lists them, with the
    variables that choose one.
  - Nothing on the hosts is changed.
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
      - Whose session to find.
      - V(jdoe) fits that name in every domain; V(CORP\\jdoe) and V(jdoe@corp.example) name one.
    type: str
    required: true
  hosts:
    description:
      - The inventory's names of the hosts to ask.
      - Without it, all hosts of the play.
    type: list
    elements: str
  session_id:
    description: Take the session with this number, for a user with several.
    type: int
  disconnected:
    description: Whether a disconnected session will do as well.
    type: bool
    default: false
  thorough:
    description:
      - Whether every host is asked for its list of sessions.
      - Otherwise, of 20 hosts or more each is first asked which accounts have a logon there (C(Win32_LoggedOnUser)),
        in one request, and only those with a logon of such a name for their sessions. When that finds no session that
        will do, all hosts are asked for their sessions after all. Hosts that fail to tell, or do not tell of other
        accounts' logons, are asked for their sessions at once, and all are for a name like V(jdoe@corp.example).
    type: bool
    default: false
  concurrency:
    description: How many hosts are asked at the same time.
    type: int
    default: 64
  host_timeout:
    description:
      - Seconds each host has to answer; after them it counts as unreachable. A host that is asked a second time, see
        O(thorough), has them again.
    type: float
    default: 20.0
notes:
  - Hosts whose password comes from C(--ask-pass) are asked with it.
seealso:
  - module: workspot.assist.session_info
  - module: workspot.assist.invitation
author:
  - workspot.assist contributors (@workspot)
"""

EXAMPLES = r"""
- name: Find the user on the hosts of this play
  workspot.assist.locate_user:
    user: CORP\jdoe
  run_once: true
  register: located

- name: Go on with that host, with its own connection variables
  ansible.builtin.add_host:
    name: "{{ located.host }}"
    groups: to_be_helped
  run_once: true
  changed_when: false
"""

RETURN = r"""
candidates:
  description:
    - All sessions that fit, with the host of each; one when it succeeds. Each has the keys of RV(session) as well.
  returned: when hosts were asked
  type: list
  elements: dict
  sample:
    - host: desk-01
      command: ansible-playbook playbooks/assist.yml -e user=jdoe -e host=desk-01 -e session_id=1
      user: jdoe
      domain: CORP
      session_id: 1
      state: active
exchanges:
  description: WS-Management requests to all hosts, the logins aside.
  returned: success
  type: int
  sample: 27
host:
  description: The inventory's name of the host with the session.
  returned: success
  type: str
  sample: desk-01
searched:
  description: How many hosts were asked.
  returned: when hosts were asked
  type: int
  sample: 5
session:
  description: The session found.
  returned: success
  type: dict
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
unreachable_hosts:
  description: Hosts that could not be asked.
  returned: when hosts were asked
  type: list
  elements: dict
  contains:
    host:
      description: The inventory's name of the host.
      returned: always
      type: str
      sample: desk-09
    kind:
      description: What happened, as one word.
      returned: always
      type: str
      sample: login_refused
    message:
      description: What happened, as one line.
      returned: always
      type: str
      sample: the host refused the login.
"""
