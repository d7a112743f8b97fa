# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done on the controller, by the action plugin of the same name; this file is its documentation.
DOCUMENTATION = r"""
module: session_log
short_description: Bring the session logs of Remote Assistance home from many Windows hosts
version_added: 0.1.0
description:
  - Windows writes a log of each Remote Assistance session into the Documents of the user (and of the helper). This
    module looks into every profile of every host, those of users who are not logged on too, and brings home the logs
    that are not in the archive yet; of logs that are there already, not a byte is moved.
  - The originals are kept to the byte, with their SHA-256 in a manifest whose lines are chained by hashes. With
    O(state=verified) the whole archive is compared with it.
  - What logs and the event log say (who helped whom, when, from which address, whether control was asked for and given,
    chat, end) becomes records in C(sessions.jsonl) and rows in C(sessions.csv). A log that can not be read is archived
    all the same and reported.
  - Passwords that Windows wrote into events with the command line of C(msra.exe) are not read.
  - It is one task for all hosts of the play, each asked over its own connection variables from the inventory; several
    runs may fill one archive at the same time. Hosts that do not answer are reported as data, and are no failure as
    long as one does.
  - Nothing on the hosts is changed.
extends_documentation_fragment:
  - workspot.assist.attributes
  - workspot.assist.attributes.connection
attributes:
  check_mode:
    support: full
    details: Says what is new, and brings nothing.
  diff_mode:
    support: none
options:
  state:
    description:
      - With V(collected), what is new is brought home.
      - With V(verified), no host is asked; it fails when anything in the archive is not as it was written.
    type: str
    choices: [collected, verified]
    default: collected
  directory:
    description:
      - The archive on the controller; it is made when it is missing. All files in it are for its owner alone.
      - They hold what people did and said. Keep it where such data may be.
    type: path
    default: session-logs
  hosts:
    description:
      - The inventory's names of the hosts to ask.
      - Without it, all hosts of the play.
    type: list
    elements: str
  events:
    description: Whether the event log of Remote Assistance is read too.
    type: bool
    default: true
  chat:
    description: Whether records and table have the words of chat messages. The originals always do.
    type: bool
    default: true
  folder_names:
    description: What the folder below Documents may be called.
    type: list
    elements: str
    default: [Remote Assistance Logs]
  concurrency:
    description: How many hosts are asked at the same time.
    type: int
    default: 32
  host_timeout:
    description: Seconds each host has. What came until then is kept, and the next run goes on from there.
    type: float
    default: 120.0
  head:
    description:
      - With O(state=verified), the hash of a line that has to be part of the manifest, such as RV(head) of an earlier
        run. Without one, a manifest that was cut off at its end together with the originals it named looks whole.
    type: str
notes:
  - Documents on a network share are not looked at, as a share that a user names would be contacted with this account.
    They are named in the result; collect them on the file server.
  - Users can change and delete their logs until they are collected, so collect often.
seealso:
  - module: workspot.assist.assistance_info
  - module: workspot.assist.audit_info
author:
  - workspot.assist contributors (@workspot)
"""

EXAMPLES = r"""
- name: Bring home what is new
  workspot.assist.session_log:
    directory: /srv/assist/session-logs
  delegate_to: localhost
  register: logs

- name: See that nobody has changed the archive since
  workspot.assist.session_log:
    state: verified
    directory: /srv/assist/session-logs
    head: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
  delegate_to: localhost
"""

RETURN = r"""
bytes:
  description: Size of all originals.
  returned: with O(state=verified)
  type: int
  sample: 20600000
directory:
  description: The archive.
  returned: success
  type: str
  sample: /srv/assist/session-logs
head:
  description: Hash of the manifest's last line; none in check mode. Keep it elsewhere.
  returned: success
  type: str
  sample: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
hosts:
  description: What came of each host.
  returned: with O(state=collected)
  type: list
  elements: dict
  contains:
    bytes:
      description: Bytes of logs that came.
      returned: always
      type: int
      sample: 41200
    error:
      description: Why it gave nothing, or not all; none when all went well.
      returned: always
      type: dict
    events:
      description: Events that were new.
      returned: always
      type: int
      sample: 12
    exchanges:
      description: WS-Management requests, the login aside.
      returned: always
      type: int
      sample: 6
    host:
      description: The inventory's name.
      returned: always
      type: str
      sample: desk-01
    left:
      description: What was left there (C(sid), C(what), C(reason)), such as Documents on a share; twenty at most.
      returned: always
      type: list
      elements: dict
    left_count:
      description: How much was left there.
      returned: always
      type: int
      sample: 0
    listed:
      description: Logs that are there.
      returned: always
      type: int
      sample: 20
    logged_on:
      description: Profiles whose registry was loaded, so that it says where Documents are.
      returned: always
      type: int
      sample: 1
    new:
      description: Logs that were new.
      returned: always
      type: int
      sample: 20
    profiles:
      description: Profiles of people.
      returned: always
      type: int
      sample: 3
    seconds:
      description: How long it took.
      returned: always
      type: float
      sample: 0.4
    unparsable:
      description: Logs that came and could not be read (C(file), C(problem)); twenty at most.
      returned: always
      type: list
      elements: dict
    unparsable_count:
      description: How many could not be read.
      returned: always
      type: int
      sample: 0
lines:
  description: What happened, in a few lines for a person.
  returned: success
  type: list
  elements: str
  sample:
    - '500 of 500 hosts answered: 10000 session logs there, 10000 new ones collected (20600000 bytes), 6000 new events'
manifest:
  description: The archive's manifest.
  returned: success
  type: str
  sample: /srv/assist/session-logs/manifest.jsonl
originals:
  description: Originals that the manifest has.
  returned: with O(state=verified)
  type: int
  sample: 10000
problems:
  description: What is not as it was written.
  returned: with O(state=verified)
  type: list
  elements: str
  sample: []
sessions:
  description: One record for each original and each event, as JSON Lines.
  returned: success
  type: str
  sample: /srv/assist/session-logs/sessions.jsonl
summary:
  description: All hosts in numbers.
  returned: with O(state=collected)
  type: dict
  contains:
    answered:
      description: Hosts without an error.
      returned: always
      type: int
      sample: 499
    bytes:
      description: Bytes of logs that came.
      returned: always
      type: int
      sample: 20600000
    events:
      description: Events that were new.
      returned: always
      type: int
      sample: 6000
    exchanges:
      description: WS-Management requests to all hosts, the logins aside.
      returned: always
      type: int
      sample: 3000
    hosts:
      description: Hosts asked.
      returned: always
      type: int
      sample: 500
    left:
      description: What was left on the hosts.
      returned: always
      type: int
      sample: 2
    logs:
      description: Logs that are there.
      returned: always
      type: int
      sample: 10000
    new_logs:
      description: Logs that were new.
      returned: always
      type: int
      sample: 10000
    unparsable:
      description: New logs that could not be read; they are archived all the same.
      returned: always
      type: int
      sample: 1
table:
  description: The same as a table for spreadsheets; of a log with several contents the newest.
  returned: success
  type: str
  sample: /srv/assist/session-logs/sessions.csv
unreachable_hosts:
  description: Hosts that could not be asked, or not to the end.
  returned: with O(state=collected)
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
