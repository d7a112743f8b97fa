# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done on the controller, by the action plugin of the same name; this file is its documentation.
DOCUMENTATION = r"""
module: report
short_description: One page about a pool's Remote Assistance compliance, and the same for programs
version_added: 0.1.0
description:
  - Takes what M(workspot.assist.remote_assistance) returned for many hosts, and writes one self-contained HTML page,
    a JSON file and a JUnit XML file.
  - The page has the hosts by settings, the worst first, with before and after, the GPO or firewall rule that decides
    instead, errors with their hints, and rules of published baselines. It needs no network to be viewed.
  - A file is replaced as a whole, so a reader sees the old one or the new one.
  - The task runs once, however many hosts the play has, and contacts none of them.
extends_documentation_fragment:
  - workspot.assist.attributes
  - workspot.assist.attributes.controller
attributes:
  check_mode:
    support: full
    details: Writes nothing, and says whether the files would change.
  diff_mode:
    support: none
options:
  results:
    description:
      - Result by name of the host, as M(workspot.assist.remote_assistance) returns it.
      - Mutually exclusive with O(variable) and O(hosts).
    type: dict
  variable:
    description:
      - Name of the variable that holds each host's registered result.
      - V(pool_host_outcome) when neither this nor O(results) is given, which is where the role
        C(workspot.assist.pool_host) leaves it. Hosts that the role's look ahead has found to be as they should be then
        count with the result of that.
    type: str
  hosts:
    description:
      - The hosts to report on. All hosts of the play when this is left out.
      - Those without a result, such as those outside C(--limit), are named in RV(not_looked_at) and counted nowhere.
    type: list
    elements: str
  directory:
    description:
      - Directory on the controller for C(report.html), C(report.json) and C(report.xml). It is made when it is
        missing.
    type: path
    default: reports
  mode:
    description: Permissions of the files, in octal and in quotes.
    type: raw
    default: '0644'
  title:
    description: Heading of the page.
    type: str
    default: Remote Assistance compliance
  formats:
    description: Which files to write. V(junit) is C(report.xml).
    type: list
    elements: str
    choices: [html, json, junit]
    default: [html, json, junit]
notes:
  - The files hold the time they were made. They are written anew in every run, so that the time is right; the task
    has changed something only when anything but the time differs.
  - A result does not tell a check run from a real one when nothing was written and nothing differs. The page then says
    that nothing was written, which is so in both.
seealso:
  - module: workspot.assist.remote_assistance
author:
  - workspot.assist contributors (@workspot)
"""

EXAMPLES = r"""
- name: See how the pool is
  workspot.assist.remote_assistance:
    policy:
      preset: helpdesk
  register: remote_assistance_outcome
  check_mode: true
  ignore_errors: true
  ignore_unreachable: true

- name: Put it on a page
  workspot.assist.report:
    variable: remote_assistance_outcome
    directory: /srv/reports/remote-assistance
    title: Remote Assistance in Berlin
  delegate_to: localhost
"""

RETURN = r"""
counts:
  description: Hosts by state, and those that need a restart. States are those of M(workspot.assist.remote_assistance).
  returned: success
  type: dict
  contains:
    changed:
      description: Hosts that were put right.
      returned: always
      type: int
      sample: 0
    compliant:
      description: Hosts on which everything is as wanted.
      returned: always
      type: int
      sample: 188
    drifted:
      description: Hosts that differ.
      returned: always
      type: int
      sample: 7
    failed:
      description: Hosts that answered and could not be looked at, or not be put right.
      returned: always
      type: int
      sample: 1
    overruled:
      description: Hosts on which a GPO of the domain or a firewall rule decides otherwise.
      returned: always
      type: int
      sample: 2
    restart_required:
      description: Hosts, of any state, that have to restart for the feature.
      returned: always
      type: int
      sample: 0
    unreachable:
      description: Hosts that could not be reached.
      returned: always
      type: int
      sample: 2
good:
  description: Whether all hosts are as they should be.
  returned: success
  type: bool
  sample: false
hosts:
  description: How many hosts the report is about.
  returned: success
  type: int
  sample: 200
lines:
  description: The counts in words, one line per state, the worst first.
  returned: success
  type: list
  elements: str
  sample:
    - 'unreachable: 2'
    - 'failed: 1'
    - 'overruled: 2'
    - 'drifted: 7'
    - 'compliant: 188'
    - 'as they should be: 188 of 200'
not_looked_at:
  description: Hosts without a result.
  returned: success
  type: list
  elements: str
  sample: []
paths:
  description: The files, by format.
  returned: success
  type: dict
  contains:
    html:
      description: The page.
      returned: when it was asked for
      type: str
      sample: /srv/reports/remote-assistance/report.html
    json:
      description: The same as JSON.
      returned: when it was asked for
      type: str
      sample: /srv/reports/remote-assistance/report.json
    junit:
      description: The same as JUnit XML.
      returned: when it was asked for
      type: str
      sample: /srv/reports/remote-assistance/report.xml
"""
