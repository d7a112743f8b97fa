# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where an invitation and its password go."""

from __future__ import annotations


class ModuleDocFragment:
    """``workspot.assist.delivery``."""

    DOCUMENTATION = r"""
options:
  delivery:
    description:
      - Where the invitation goes, by one channel or by several. V(file) is O(directory); without it nothing stays on
        the controller.
      - Settings are checked and servers are asked, with login and certificate, before anything is started.
      - When one channel fails, what arrived by others is taken back (a mail can not be), and the invitation is revoked.
    type: list
    elements: str
    choices: [file, smb, http, mail]
    default: [file]
  password_delivery:
    description:
      - By which other channel the password goes. A channel of O(delivery) is refused.
      - V(operator) is the terminal, or a file (see O(password)). In a job of AWX, where there is neither, it needs
        O(password_file) on a volume that stays.
      - V(user) shows it in the session of the user who is helped, who tells it to the helper.
      - By default a generated password goes to the V(operator), in a job of AWX to the V(user); a given one goes
        nowhere.
    type: str
    choices: [operator, user, smb, http, mail]
  password_text:
    description:
      - What the user reads with O(password_delivery=user), at most 255 characters with everything filled in.
      - C({password}), C({helper}) and C({ticket}) stand for the password, O(helper) and O(ticket). With O(notify_user),
        O(notify_text) stands before it in the same window.
    type: str
    default: "{helper} will help you (ticket {ticket}). When they call you, tell them this password: {password}"
  file_name:
    description:
      - Name of the file; C({user}), C({host}), C({expires}), C({session_id}) and C({epoch}) (milliseconds) are filled
        in. What does not belong into a file's name becomes an underscore. C(.msrcincident) is added when it is missing.
      - A file that is there already is never replaced; a name without C({epoch}) gets a number then.
    type: str
    default: "{epoch}.msrcincident"
  delivery_smb:
    description: The share for channel V(smb), by SMB 3; needs the Python package smbprotocol on the controller.
    type: dict
    suboptions:
      share:
        description: The folder, such as C(\\files.corp.example\helpdesk\invitations). It has to be there.
        type: str
        required: true
      credentials_file:
        description:
          - File of the controller with C(username), C(password) and perhaps C(domain), in YAML or INI.
          - Without one, the file that the environment variable E(WORKSPOT_ASSIST_SMB_CREDENTIALS) names; without
            that, the Kerberos ticket of whoever runs Ansible.
        type: path
      port:
        description: TCP port.
        type: int
        default: 445
      encrypt:
        description: Whether a server that does not encrypt is refused.
        type: bool
        default: true
  delivery_http:
    description: The web server for channel V(http), always with TLS.
    type: dict
    suboptions:
      url:
        description:
          - Address that the file is PUT to. C({file}) stands for its name; one that ends with a slash is a folder.
          - Either this or O(delivery_http.url_file).
        type: str
      url_file:
        description: File of the controller that holds the address. A presigned address is a secret, and belongs here.
        type: path
      credentials_file:
        description:
          - As O(delivery_smb.credentials_file), for HTTP Basic. The environment variable is
            E(WORKSPOT_ASSIST_HTTP_CREDENTIALS). Without either no login is tried.
        type: path
      ca_file:
        description: Certificates (PEM) of the authorities to trust, instead of those that the system or requests knows.
        type: path
      presigned:
        description:
          - Whether the address alone gives the right to write one object. Its query is never shown, and the file can
            not be deleted again but only be emptied.
        type: bool
        default: false
      headers:
        description: More headers of the PUT, such as C(x-ms-blob-type). No secrets.
        type: dict
  delivery_mail:
    description: The mail server for channel V(mail); never without TLS and a verified certificate.
    type: dict
    suboptions:
      server:
        description: Name of the server, as in its certificate.
        type: str
        required: true
      port:
        description: TCP port; by default 587, or 465 with O(delivery_mail.security=tls).
        type: int
      security:
        description: V(starttls), or V(tls) from the first byte.
        type: str
        choices: [starttls, tls]
        default: starttls
      sender:
        description: Address that the mail is from.
        type: str
        required: true
      to:
        description: Addresses that it goes to. By default C(awx_user_email), the person who launched a job in AWX.
        type: list
        elements: str
      subject:
        description: Subject, with the placeholders of O(file_name) and C({ticket}).
        type: str
      credentials_file:
        description:
          - As O(delivery_smb.credentials_file). The environment variable is E(WORKSPOT_ASSIST_MAIL_CREDENTIALS).
            Without either no login is tried.
        type: path
      ca_file:
        description: Certificates (PEM) of the authorities to trust, instead of those that the system knows.
        type: path
"""
