# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done on the controller, by the action plugin of the same name; this file is its documentation.
DOCUMENTATION = r"""
module: diagnosis
short_description: Why a user can not be helped with Remote Assistance
version_added: 0.1.0
description:
  - Looks at everything between this controller and an invitation in a user's session, and says of each part whether it
    is well, worth a remark, a problem, or not known; each with one exact cause and one way to mend it.
  - "Checked are: the connection, the login, rights and WinRM; Remote Assistance and the programs it takes; Group Policy
    and who decides it; the user's session, profile and disk; an invitation that waits and its endpoints; the firewall
    in force for the profile of the network that the host is in; the lifetime of invitations, clocks, UAC prompts,
    offers, and the last errors that Windows logged."
  - A host that can not be reached, or refuses the login, is an answer and no failure. The task only fails when its own
    options mean nothing.
  - It takes about fifteen WS-Management requests. Nothing on the host is changed.
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
      - Who is to be helped. Without it the host as such is looked at.
      - V(jdoe) fits that name in every domain; V(CORP\\jdoe) and V(jdoe@corp.example) name one.
    type: str
  session_id:
    description:
      - The session, when the user has several.
    type: int
  expires_minutes:
    description:
      - How long an invitation is wanted; a shorter lifetime by policy is a remark.
    type: int
    default: 60
  check_reachable:
    description:
      - Whether the endpoints of an invitation that waits are tried from this controller, with a TCP connection that is
        closed at once. They are left alone while a helper is connected.
    type: bool
    default: true
  timeout:
    description:
      - Seconds for all requests to the host together.
    type: float
    default: 60.0
seealso:
  - module: workspot.assist.invitation
  - module: workspot.assist.policy_info
  - module: workspot.assist.firewall_info
author:
  - workspot.assist contributors (@workspot)
"""

EXAMPLES = r"""
- name: Look why jdoe can not be helped
  workspot.assist.diagnosis:
    user: jdoe
  register: diagnosis

- name: Say it
  ansible.builtin.debug:
    msg: "{{ diagnosis.lines }}"

- name: Stop where there is a problem
  ansible.builtin.assert:
    that: diagnosis.worst != 'problem'
    fail_msg: "{{ diagnosis.summary }}"
"""

RETURN = r"""
counts:
  description: How many checks are in each state.
  returned: success
  type: dict
  contains:
    ok:
      description: All is well.
      returned: always
      type: int
      sample: 19
    problem:
      description: This user can not be helped as it is.
      returned: always
      type: int
      sample: 1
    remark:
      description: Worth knowing; it keeps nobody from helping.
      returned: always
      type: int
      sample: 3
    unknown:
      description: The host did not tell, or was not asked because of another problem.
      returned: always
      type: int
      sample: 0
exchanges:
  description: WS-Management replies that came, the login aside.
  returned: success
  type: int
  sample: 15
findings:
  description: One for each check, the worst first; causes stand before what follows from them.
  returned: success
  type: list
  elements: dict
  contains:
    cause:
      description: The exact cause, one sentence; what is well, too.
      returned: always
      type: str
      sample: The GPO "No assistance" forbids users to ask for Remote Assistance (fAllowToGetHelp is 0).
    check:
      description: The check, one word.
      returned: always
      type: str
      sample: policy
    evidence:
      description: What was seen, as data; its keys depend on the check.
      returned: always
      type: dict
      sample: {}
    fix:
      description: What to do, one sentence; none where nothing has to be done.
      returned: always
      type: str
      sample: In that GPO, enable 'Configure Solicited Remote Assistance' for this host, and run gpupdate /force on it.
    state:
      description: V(ok), V(remark), V(unknown) or V(problem).
      returned: always
      type: str
      sample: problem
    title:
      description: The check, in words.
      returned: always
      type: str
      sample: Users may ask for help
host:
  description: The host as the inventory names it.
  returned: success
  type: str
  sample: desk-02
lines:
  description: The same for a person, line by line.
  returned: success
  type: list
  elements: str
  sample: []
summary:
  description: The answer in one sentence.
  returned: success
  type: str
  sample: "jdoe on desk-02: nothing stands in the way of help."
user:
  description: The user as asked.
  returned: success
  type: str
  sample: jdoe
worst:
  description: The worst state of all checks.
  returned: success
  type: str
  sample: problem
"""
