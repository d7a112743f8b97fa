# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done on the controller, by the action plugin of the same name; this file is its documentation.
DOCUMENTATION = r"""
module: invitation
short_description: A verified Remote Assistance invitation for one user's live session
version_added: 0.1.0
description:
  - Has Windows make an invitation in the user's own session, fetches it, removes what it put on the host, and
    proves the invitation before it says that it is ready.
  - First it checks that effective policy allows Remote Assistance, that C(msra.exe) and C(tar.exe) are there,
    that the session is active and that no other invitation waits in it.
  - The proof is that the file decrypts with the password, belongs to that user and host, ends when asked,
    and that C(msra.exe) runs in that session and listens on the endpoints in the file.
  - Windows takes the lifetime of an invitation from policy. Where policy gives more time than asked, a task
    on the host ends the waiting C(msra.exe), even when the controller is gone by then.
  - The user has to agree to the connection in a dialog. Nothing in this module changes that.
extends_documentation_fragment:
  - workspot.assist.attributes
  - workspot.assist.attributes.connection
  - workspot.assist.audit
  - workspot.assist.delivery
attributes:
  check_mode:
    support: full
    details: Runs every check and starts nothing.
  diff_mode:
    support: none
options:
  state:
    description:
      - V(present) makes an invitation.
      - V(absent) takes back what this collection made in the user's sessions on the host, whoever made it and also when
        that controller is gone. It ends the one C(msra.exe) that holds the invitation, removes its file, and sees that
        its endpoints answer no longer. Other users' sessions, and invitations the user made, are left alone.
    type: str
    choices: [present, absent]
    default: present
  user:
    description:
      - Whose session the helper is invited into.
      - V(jdoe) fits that name in every domain; V(CORP\\jdoe) and V(jdoe@corp.example) name one.
    type: str
    required: true
  session_id:
    description: The session's number, for a user with several on the host.
    type: int
  sid:
    description: The user's security identifier, when it is known; a session of another one is refused.
    type: str
  password:
    description:
      - The password that protects the invitation.
      - Without one, a strong one-time password is made. It is shown once on the terminal, or, where there is
        no terminal, written to O(password_file). It is never part of the result.
      - Windows records the command line of C(msra.exe), and this password with it, in its event log. Do not
        use a password that opens anything else.
    type: str
  password_file:
    description:
      - File of the controller that a generated password is written to; only its owner can read it.
      - Without a terminal it is a file beside the invitation by default.
    type: path
  directory:
    description: Directory of the controller that the invitation is written to; made when it is missing.
    type: path
    default: invitations
  expires_minutes:
    description: Minutes after which an invitation that nobody used ends.
    type: int
    default: 60
  check_reachable:
    description: Whether to connect to the endpoints from the controller, to see which of them answer.
    type: bool
    default: false
  timeout:
    description: Seconds to wait for Windows to make the invitation.
    type: int
    default: 60
  notify_user:
    description:
      - Whether to show a message in the user's own session when the invitation is ready, before Windows asks for
        consent. That it could not be shown is a warning.
    type: bool
    default: false
  notify_text:
    description:
      - The message, at most 255 characters. C({helper}) and C({ticket}) stand for O(helper) and O(ticket).
    type: str
    default: "{helper} will ask to see your screen (ticket {ticket}). You decide in the window that comes up."
  helper:
    description: Who will connect, for the message.
    type: str
  just_in_time:
    description:
      - Whether to open Remote Assistance for this invitation alone, on a host where policy and firewall have it off.
      - It opens what the invitation needs and no more, which is solicited help in the live policy, with a ticket
        lifetime no longer than the invitation's, and C(msra.exe) for O(helper_addresses) through a firewall rule of
        its own.
      - A task on the host closes it again when C(msra.exe) is gone, also when the controller has died; so does
        O(state=absent). The last invitation of a host that closes restores what was there before the first.
      - Where a firewall rule would have no effect, or a GPO of the domain forbids Remote Assistance, nothing is opened
        and the task fails.
    type: bool
    default: false
  helper_addresses:
    description:
      - From where helpers may connect while it is open; addresses, networks, ranges, or C(LocalSubnet), C(DNS),
        C(DHCP), C(WINS), C(DefaultGateway). C(any) is everybody.
      - Needed with O(just_in_time=true), and without meaning otherwise.
    type: list
    elements: str
  just_in_time_control:
    description: Whether a helper may control or only look while it is open; left as the host has it by default.
    type: str
    choices: [allow_control, view_only]
  just_in_time_over_domain:
    description:
      - Whether to open it also where a GPO of the domain forbids it. The next refresh of Group Policy closes it again,
        so those who own the GPO should know.
    type: bool
    default: false
seealso:
  - module: workspot.assist.locate_user
  - module: workspot.assist.invitation_info
author:
  - workspot.assist contributors (@workspot)
"""

EXAMPLES = r"""
- name: Invite a helper into the session of jdoe, with a one-time password
  workspot.assist.invitation:
    user: jdoe
  register: invited

- name: The same with a password of one's own, for half an hour
  workspot.assist.invitation:
    user: CORP\jdoe
    password: "{{ vault_assist_password }}"
    expires_minutes: 30
    check_reachable: true

- name: The file onto a share and by mail, the password onto the user's own screen
  workspot.assist.invitation:
    user: jdoe
    delivery: [smb, mail]
    password_delivery: user
    file_name: "{user}-{host}-{expires}"
    delivery_smb:
      share: \\files.corp.example\helpdesk
      credentials_file: /run/secrets/share.yml
    delivery_mail:
      server: smtp.corp.example
      sender: assist@corp.example
      to: [helpdesk@corp.example]
      credentials_file: /run/secrets/mail.yml

- name: On a locked-down host, opened for this invitation and for the helpdesk's network alone
  workspot.assist.invitation:
    user: CORP\jdoe
    just_in_time: true
    helper_addresses: [10.20.0.0/16]

- name: Take it back
  workspot.assist.invitation:
    user: CORP\jdoe
    state: absent
"""

RETURN = r"""
assistance:
  description: What policy and settings of the host say.
  returned: in check mode
  type: dict
  sample:
    allowed: true
    allowed_by: policy
    full_control: true
    lifetime_minutes: 60
    lifetime_by: policy
    encrypted_only: true
clock_difference_seconds:
  description: How far the host's clock is ahead of the controller's.
  returned: success, with O(state=present)
  type: float
  sample: 0.4
computer_name:
  description: The host's own name for itself.
  returned: success, with O(state=present)
  type: str
  sample: DESK-01
created:
  description: When the invitation starts, by its own account, in UTC.
  returned: success, with O(state=present), not in check mode
  type: str
  sample: '2026-11-21T09:30:00Z'
delivered:
  description: Where the invitation is.
  returned: success, with O(state=present), not in check mode
  type: list
  elements: dict
  contains:
    at:
      description: When it arrived, in UTC by the controller's clock.
      returned: always
      type: str
      sample: '2026-11-21T09:30:02Z'
    channel:
      description: One of O(delivery).
      returned: always
      type: str
      sample: smb
    location:
      description: Path, address without its query, or recipients.
      returned: always
      type: str
      sample: \\files.corp.example\helpdesk\1795253400000.msrcincident
endpoints:
  description: The addresses the host says it can be reached at.
  returned: success, with O(state=present), not in check mode
  type: list
  elements: dict
  contains:
    address:
      description: Host name or address.
      returned: always
      type: str
      sample: 192.0.2.10
    family:
      description: V(ipv4), V(ipv6) or V(name).
      returned: always
      type: str
      sample: ipv4
    port:
      description: TCP port.
      returned: always
      type: int
      sample: 49731
    reachable:
      description: Whether it answered from the controller; none when that was not tried.
      returned: always
      type: bool
      sample: true
    scope:
      description: Scope of a link-local address. It means something on the host alone.
      returned: always
      type: str
      sample: '7'
exchanges:
  description: WS-Management requests that it took, the login aside.
  returned: success
  type: int
  sample: 24
expires:
  description: When the invitation ends if nobody uses it, in UTC by a right clock.
  returned: success, with O(state=present), not in check mode
  type: str
  sample: '2026-11-21T10:30:00Z'
expires_decided_by:
  description: Whether the lifetime from V(policy) ends it, or a V(task) on the host does so earlier.
  returned: success, with O(state=present), not in check mode
  type: str
  sample: task
file_name:
  description: Name of the file.
  returned: success, with O(state=present), not in check mode
  type: str
  sample: 1795253400000.msrcincident
full_control:
  description: Whether policy lets the helper take control; none when it says nothing.
  returned: success, with O(state=present)
  type: bool
  sample: true
host:
  description: The host as the inventory names it.
  returned: success
  type: str
  sample: desk-01
just_in_time:
  description: What was, or in check mode would be, opened for this invitation alone; none when nothing is.
  returned: success, with O(state=present)
  type: dict
  contains:
    closes:
      description: When it is closed at the latest while no helper is connected, by the host's clock in UTC.
      returned: always; none in check mode
      type: str
      sample: '2026-11-21T10:30:00Z'
    opened:
      description:
        - Policy values with what they were before the first opening, none for one that was not there, and last the
          firewall rule.
      returned: always
      type: list
      elements: dict
      sample:
        - what: policy
          name: fAllowToGetHelp
          value: 1
          before: '0x0'
        - what: firewall
          program: msra.exe
          profiles: [domain]
          helper_addresses: [10.20.0.0/16]
password_delivered:
  description: By which of O(password_delivery) the password went; none when whoever gave it knows it.
  returned: success, with O(state=present), not in check mode
  type: str
  sample: operator
password_file:
  description: File a generated password was written to; none when it was shown on the terminal or given.
  returned: success, with O(state=present), not in check mode
  type: str
  sample: invitations/1795253400000.password
password_location:
  description: Where a share, a web server, a mail or a file of the controller has the password; none when it was shown.
  returned: success, with O(state=present), not in check mode
  type: str
  sample: alice@corp.example
password_source:
  description: V(given) or V(generated).
  returned: success, with O(state=present), not in check mode
  type: str
  sample: generated
path:
  description: The invitation's file on the controller; none when O(delivery) is elsewhere.
  returned: success, with O(state=present), not in check mode
  type: str
  sample: invitations/1795253400000.msrcincident
revoked:
  description: The invitations that were taken back, or in check mode would be.
  returned: with O(state=absent)
  type: list
  elements: dict
  contains:
    endpoint_closed:
      description: Whether nothing answers on its endpoints any more; none when its C(msra.exe) was gone already.
      returned: always
      type: bool
      sample: true
    event_log:
      description: V(closed) when Windows wrote that it ended, else V(silent); none when nothing ran.
      returned: always
      type: str
      sample: closed
    helper_address:
      description: Address of a helper who was connected.
      returned: always
      type: str
      sample: 10.20.3.4
    just_in_time_closed:
      description: Whether something had been opened for it just in time, which is closed with it.
      returned: always
      type: bool
      sample: false
    session:
      description: The session, as M(workspot.assist.session_info) returns it.
      returned: always
      type: dict
      sample:
        user: jdoe
        session_id: 1
    was_waiting:
      description: Whether its C(msra.exe) still ran.
      returned: always
      type: bool
      sample: true
    would_have_ended:
      description: When it would have ended by itself, in UTC.
      returned: always
      type: str
      sample: '2026-11-21T10:30:00Z'
session:
  description: The session, as M(workspot.assist.session_info) returns it.
  returned: success, with O(state=present)
  type: dict
  sample:
    user: jdoe
    domain: CORP
    sid: S-1-5-21-1004336348-1177238915-682003330-1104
    session_id: 1
    state: active
    kind: desktop
    client: LAPTOP-7
    session_name: RDP-Tcp#3
    profile_path: C:\Users\jdoe
    locked: false
sha256:
  description: SHA-256 of the file.
  returned: success, with O(state=present), not in check mode
  type: str
  sample: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
"""
