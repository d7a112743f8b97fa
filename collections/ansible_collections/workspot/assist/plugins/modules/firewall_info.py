# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done on the controller, by the action plugin of the same name; this file is its documentation.
DOCUMENTATION = r"""
module: firewall_info
short_description: What the Windows Firewall's Remote Assistance exception is, and what of it is in force
version_added: 0.1.0
description:
  - Reads the rules of Windows' own group "Remote Assistance", the active store, the profiles and the networks.
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
  - module: workspot.assist.firewall
author:
  - workspot.assist contributors (@workspot)
"""

EXAMPLES = r"""
- name: Read the exception
  workspot.assist.firewall_info:
  register: firewall

- name: Say so where nobody can connect to an invitation on the domain network
  ansible.builtin.assert:
    that:
      - firewall.parts.domain.msra == 'on'
      - firewall.profiles.domain.local_rules
      - firewall.profiles.domain.inbound_allowed

- name: Names of the rules that are in force
  ansible.builtin.debug:
    msg: "{{ firewall.rules | selectattr('in_force') | map(attribute='name') }}"
"""

RETURN = r"""
exchanges:
  description: WS-Management requests that it took, the login aside.
  returned: success
  type: int
  sample: 7
parts:
  description:
    - V(on), V(off) or V(partly), by profile and part, as the local rules have it.
    - V(partly) is some of its rules on and others off, missing, or about something else than Windows made them for.
  returned: success
  type: dict
  sample:
    domain:
      msra: 'on'
      raserver: 'on'
      dcom: 'on'
      ssdp: 'on'
      pnrp: 'on'
profiles:
  description:
    - The firewall's profiles as they are in force, Group Policy included.
    - C(local_rules) is false where a GPO lets only its own rules count, C(inbound_allowed) where the profile blocks all
      incoming connections, and C(connected) is whether the host is in a network of it now.
  returned: success
  type: dict
  sample:
    domain:
      firewall: 'on'
      local_rules: true
      inbound_allowed: true
      connected: true
rules:
  description: The group's local rules.
  returned: success
  type: list
  elements: dict
  contains:
    direction:
      description: V(in) or V(out).
      returned: always
      type: str
      sample: in
    edge_traversal:
      description: Whether Teredo may reach it.
      returned: always
      type: bool
      sample: true
    enabled:
      description: Whether it is on.
      returned: always
      type: bool
      sample: true
    in_force:
      description: Whether it is enforced in at least one profile now; none when the host does not tell.
      returned: always
      type: bool
      sample: true
    name:
      description: The rule's name, the same in every language.
      returned: always
      type: str
      sample: RemoteAssistance-In-TCP-EdgeScope-Active
    profiles:
      description: Profiles it is for.
      returned: always
      type: list
      elements: str
      sample: [domain, private]
    remote_addresses:
      description: Who may connect.
      returned: always
      type: list
      elements: str
      sample: [any]
"""
