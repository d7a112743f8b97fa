# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ``requests``, pywinrm, pypsrp and the login libraries raise, as errors of our own tree.

The text of a foreign error is not repeated: it can be pages long and hold anything. Its kind is.
"""

from __future__ import annotations

from .._errors import (
    AssistError,
    LibraryMissing,
    LoginRefused,
    MalformedReply,
    ReplyTimeout,
    TransportError,
    Unreachable,
)

LOGIN_HINT = (
    "Check the user name, the password and the transport (ansible_winrm_transport or ansible_psrp_auth), and "
    "that the account may log in over the network."
)
_CERTIFICATE_HINT = (
    "Trust the host's certificate (ansible_winrm_ca_trust_path or ansible_psrp_ca_cert), or check that the "
    "inventory's name is the certificate's."
)
_NO_CONNECTION_HINT = "Check that the host is up, and that its WinRM listener and firewall let this controller in."
_PACKAGES = {
    "winrm": "pywinrm",
    "spnego": "pyspnego",
    "requests_credssp": "requests-credssp",
    "gssapi": "pyspnego[kerberos]",
}
"""Distribution names that differ from the names their modules are imported by."""
_UNENCRYPTED_HINT = (
    "Windows refuses unencrypted WinRM: use NTLM, Kerberos or CredSSP (they encrypt messages), or HTTPS."
)


class HttpStatus(Exception):
    """A status that says it all; the arguments are those of pywinrm's and pypsrp's ``WinRMTransportError``."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__("http", status, body)


def _login_failed(error: Exception) -> bool:
    """Whether the error belongs to the login; by name, as the libraries may not be installed."""
    names = {kind.__name__ for kind in type(error).__mro__}
    return bool(
        names
        & {
            "AuthenticationError",  # pypsrp
            "AuthenticationException",  # requests-credssp
            "InvalidCredentialsError",  # pywinrm
            "InvalidCredentialError",  # pyspnego
            "KerberosExchangeError",  # requests-kerberos
            "LoginLost",  # ours: after several logins still none
            "MutualAuthenticationError",  # requests-kerberos
            "NoCredentialError",  # pyspnego
            "SpnegoError",  # pyspnego
            "PermissionError",  # requests-ntlm: the host offers no NTLM
        }
    )


def transport_error(error: Exception, *, host: str) -> AssistError:
    """The error of our tree for an exception that a connection library raised.

    Args:
        error: The exception.
        host: The host as the inventory names it.
    """
    if isinstance(error, AssistError):
        error.host = error.host or host
        return error
    if _login_failed(error):
        return LoginRefused("the host refused the login.", host=host, hint=LOGIN_HINT)
    if isinstance(error, ImportError):
        # pyspnego names none when it has no library for Kerberos.
        name = error.name or "gssapi"
        package = _PACKAGES.get(name.partition(".")[0], name)
        return LibraryMissing(
            f"the Python package {package} is not installed on the controller.",
            host=host,
            hint=f"Run: pip install {package} (in the Python environment of ansible-playbook).",
        )
    return _requests_error(error, host)


def _requests_error(error: Exception, host: str) -> TransportError:
    # Not at the top: it comes with pywinrm and pypsrp, and the file has to load without, to name the missing one.
    import requests

    kind = type(error).__name__
    if isinstance(error, requests.exceptions.SSLError):
        return Unreachable("TLS failed: the host's certificate was not accepted.", host=host, hint=_CERTIFICATE_HINT)
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return Unreachable("no connection within the time limit.", host=host, hint=_NO_CONNECTION_HINT)
    if isinstance(error, requests.exceptions.Timeout):
        return ReplyTimeout("the host did not answer in time.", host=host, hint="Try again; the host may be busy.")
    if isinstance(error, requests.exceptions.ProxyError):
        return Unreachable("the proxy did not connect.", host=host, hint="Check the proxy settings.")
    if isinstance(error, requests.exceptions.RequestException | OSError):
        return Unreachable(f"the connection failed ({kind}).", host=host, hint=_NO_CONNECTION_HINT)
    return TransportError(f"the connection library failed ({kind}).", host=host, hint=LOGIN_HINT)


def status_of(error: Exception) -> tuple[int, str] | None:
    """HTTP status and body, when that is what a connection library's error is about."""
    if not isinstance(error, HttpStatus) and type(error).__name__ != "WinRMTransportError":
        return None
    code, text = (*error.args, 0, "")[1:3]
    return (code if isinstance(code, int) else 0), str(text)


def http_reply(status: int, body: str | bytes, *, host: str) -> bytes:
    """What an HTTP error status means: a SOAP fault to read, or an error.

    Args:
        status: HTTP status code.
        body: The decrypted body.
        host: The host as the inventory names it.

    Returns:
        The SOAP envelope, when the body holds one.

    Raises:
        TransportError: The status says it all.
    """
    data = body.encode("utf-8") if isinstance(body, str) else body
    if b"Envelope" in data[:2000]:
        return data
    if status == 401:
        raise LoginRefused("the host refused the login.", host=host, hint=LOGIN_HINT)
    if status == 413:
        raise MalformedReply("the request is larger than the host takes (MaxEnvelopeSizekb).", host=host)
    if status == 500:
        raise TransportError("the host answered HTTP 500 without a reason.", host=host, hint=_UNENCRYPTED_HINT)
    if status == 400:
        raise TransportError(
            "the host answered HTTP 400: it no longer knows this login.", host=host, hint="Run it again."
        )
    hint = "Is this a WinRM listener? Check port, path and proxy."
    raise Unreachable(f"the host answered HTTP {status}.", host=host, hint=hint)
