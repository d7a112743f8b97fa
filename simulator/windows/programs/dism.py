# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""dism.exe for features of the running Windows (learn.microsoft.com, "DISM Operating System Package Servicing").

Its texts are those of public transcripts; `/english` gives them in English on every host. Exit codes: 0, 3010 when a
restart is needed, 740 without elevation, 87 for a wrong option, and the code of a failure as it is printed.
"""

from __future__ import annotations

import asyncio

from ..features import Feature, FeatureError
from .cmd import Context

_INVALID, _ELEVATION, _RESTART = 87, 740, 3010
_ACTIONS = ("/get-features", "/get-featureinfo", "/enable-feature", "/disable-feature")
_OPTIONS = {
    "/get-features": {"/format"},
    "/get-featureinfo": {"/featurename"},
    "/enable-feature": {"/featurename", "/all", "/source", "/limitaccess"},
    "/disable-feature": {"/featurename", "/remove"},
}
_GLOBAL = {"/online", "/english", "/quiet", "/norestart", "/logpath", "/loglevel", "/scratchdir"}
_LOG = "The DISM log file can be found at C:\\Windows\\Logs\\DISM\\dism.log"
_NO_SOURCE = (
    "The source files could not be found. \r\n"
    'Use the "Source" option to specify the location of the files that are required to restore the feature. For more '
    "information on specifying a source location, see https://go.microsoft.com/fwlink/?LinkId=243077."
)
_UNKNOWN = (
    "A Windows feature name was not recognized. \r\n"
    "Use the /Get-Features option to find the name of the feature in the image and try the command again."
)
_BAR = "[==========================100.0%==========================]"
_STATES_DE = {
    "Enabled": "Aktiviert", "Disabled": "Deaktiviert", "Enable Pending": "Aktivierung steht aus",
    "Disable Pending": "Deaktivierung steht aus", "Disabled with Payload Removed": "Deaktiviert, Nutzlast entfernt",
}  # fmt: skip


class _Printer:
    """Writes what is to be seen; German texts are from memory (unverified), nothing may depend on them."""

    def __init__(self, context: Context, options: dict[str, str]) -> None:
        self._context = context
        self.german = context.host.language == "de-DE" and "/english" not in options
        self.quiet = "/quiet" in options

    def line(self, english: str = "", german: str = "") -> None:
        if not self.quiet:
            self._context.out(f"{german if self.german and german else english}\r\n")

    def head(self) -> None:
        version = self._context.host.system.version
        self.line()
        self.line("Deployment Image Servicing and Management tool", "Tool zur Imageverwaltung für die Bereitstellung")
        self.line(f"Version: {version}.1")
        self.line()
        self.line(f"Image Version: {version}.1", f"Abbildversion: {version}.1")
        self.line()

    def failed(self, code: int, text: str) -> int:
        shown = f"0x{code:08x}" if code > 0xFFFF else str(code)
        self.line()
        self.line(f"Error: {shown}", f"Fehler: {shown}")
        self.line()
        self.line(text)
        if code not in (_ELEVATION,):
            self.line()
            self.line(_LOG)
        return code - (1 << 32) if code >> 31 else code  # cmd.exe and winrs show exit codes with their sign

    def done(self) -> None:
        self.line("The operation completed successfully.", "Der Vorgang wurde erfolgreich beendet.")

    def feature(self, feature: Feature) -> None:
        german = self.german
        self.line("Feature Information:", "Featureinformationen:")
        self.line()
        self.line(f"Feature Name : {feature.name}", f"Featurename : {feature.name}")
        self.line(f"Display Name : {feature.display}", f"Anzeigename : {feature.display}")
        self.line(f"Description : {feature.description}", f"Beschreibung : {feature.description}")
        self.line("Restart Required : Possible", "Neustart erforderlich : Möglich")
        self.line(f"State : {feature.state}", f"Status : {_STATES_DE[feature.state] if german else ''}")
        self.line()
        self.line("Custom Properties:", "Benutzerdefinierte Eigenschaften:")
        self.line()
        self.line("(No custom properties found)", "(Keine benutzerdefinierten Eigenschaften gefunden)")
        self.line()


async def dism(words: list[str], context: Context) -> int:
    """`dism /online [/english] ACTION /featurename:NAME [/all] [/quiet] [/norestart]`."""
    options = {name.lower(): value for name, _, value in (word.partition(":") for word in words)}
    printer = _Printer(context, options)
    if not context.caller.elevated:
        # Before it prints its head: public reports of "Error: 740".
        return printer.failed(
            _ELEVATION,
            "Elevated permissions are required to run DISM. \r\n"
            "Use an elevated command prompt to complete these tasks.",
        )
    actions = [name for name in _ACTIONS if name in options]
    if len(actions) != 1 or "/online" not in options or set(options) - _GLOBAL - _OPTIONS[actions[0]] - set(actions):
        printer.head()
        return printer.failed(_INVALID, "The command line is not valid. Run DISM.exe /? for more information.")
    printer.head()
    if actions[0] == "/get-features":
        return _list(context, printer)
    name = options.get("/featurename", "").strip('"')
    if not name:
        return printer.failed(_INVALID, "The FeatureName option is missing.")
    if actions[0] == "/get-featureinfo":
        return _show(context, printer, name)
    return await _change(context, printer, name, options)


def _list(context: Context, printer: _Printer) -> int:
    printer.line("Features listing for package : Microsoft-Windows-ServerCore-Package")
    printer.line()
    for feature in context.host.features:
        printer.line(f"Feature Name : {feature.name}", f"Featurename : {feature.name}")
        printer.line(f"State : {feature.state}", f"Status : {_STATES_DE[feature.state]}")
        printer.line()
    printer.done()
    return 0


def _show(context: Context, printer: _Printer, name: str) -> int:
    feature = context.host.features.find(name)
    if feature is None:
        return printer.failed(0x800F080C, f"Feature name {name} is unknown.\r\n{_UNKNOWN}")
    printer.feature(feature)
    printer.done()
    return 0


async def _change(context: Context, printer: _Printer, name: str, options: dict[str, str]) -> int:
    host = context.host
    if not host.writes.allowed(f"feature {name}"):
        return printer.failed(5, "Access is denied.")
    if host.faults.dism_delay and host.features.find(name) is not None:
        done = asyncio.Event()
        host.clock.call_later(host.faults.dism_delay, done.set)
        await done.wait()
    enable = "/enable-feature" in options
    printer.line(
        f"{'Enabling' if enable else 'Disabling'} feature(s)", f"Features werden {'' if enable else 'de'}aktiviert"
    )
    try:
        pending = host.features.enable(name) if enable else host.features.disable(name, remove="/remove" in options)
    except FeatureError as error:
        text = _NO_SOURCE if error.code == 0x800F081F else f"Feature name {name} is unknown.\r\n{_UNKNOWN}"
        return printer.failed(error.code, text)
    printer.line(_BAR)
    printer.done()
    if pending and "/norestart" not in options and "/quiet" in options:
        host.restart()  # "/quiet: ... restarts automatically if necessary", without /norestart
        return 0
    if pending:
        printer.line(
            "Restart Windows to complete this operation.", "Starten Sie Windows neu, um den Vorgang abzuschließen."
        )
    return _RESTART if pending else 0
