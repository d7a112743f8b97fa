# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What cmd.exe says, by language."""

from __future__ import annotations

TEXTS = {
    "en-US": {"unknown": "'{0}' is not recognized as an internal or external command,\r\n"
                         "operable program or batch file.\r\n",
              "path": "The system cannot find the path specified.\r\n",
              "file": "The system cannot find the file specified.\r\n",
              "del": "Could Not Find {0}\r\n",
              "denied": "Access is denied.\r\n",
              "full": "There is not enough space on the disk.\r\n",
              "sharing": "The process cannot access the file because it is being used by another process.\r\n",
              "name": "The filename, directory name, or volume label syntax is incorrect.\r\n",
              "notempty": "The directory is not empty.\r\n",
              "syntax": "{0} was unexpected at this time.\r\n",
              "badsyntax": "The syntax of the command is incorrect.\r\n",
              "echo": "ECHO is on.\r\n",
              "moved": "        {0} file(s) moved.\r\n",
              "moveddir": "        {0} dir(s) moved.\r\n",
              "copied": "        {0} file(s) copied.\r\n",
              "overwrite": "Overwrite {0}? (Yes/No/All): ",
              "mdexists": "A subdirectory or file {0} already exists.\r\n",
              "long": "The command line is too long.\r\n"},
    # German words: from memory of German systems (unverified); nothing may depend on them.
    "de-DE": {"unknown": "Der Befehl \"{0}\" ist entweder falsch geschrieben oder\r\nkonnte nicht gefunden werden.\r\n",
              "path": "Das System kann den angegebenen Pfad nicht finden.\r\n",
              "file": "Das System kann die angegebene Datei nicht finden.\r\n",
              "del": "{0} konnte nicht gefunden werden\r\n",
              "denied": "Zugriff verweigert\r\n",
              "full": "Es steht nicht genug Speicherplatz auf dem Datenträger zur Verfügung.\r\n",
              "sharing": "Der Prozess kann nicht auf die Datei zugreifen, da sie von einem anderen Prozess "
                         "verwendet wird.\r\n",
              "name": "Die Syntax für den Dateinamen, Verzeichnisnamen oder die Datenträgerbezeichnung ist falsch.\r\n",
              "notempty": "Das Verzeichnis ist nicht leer.\r\n",
              "syntax": "\"{0}\" kann syntaktisch an dieser Stelle nicht verarbeitet werden.\r\n",
              "badsyntax": "Syntaxfehler.\r\n",
              "echo": "ECHO ist eingeschaltet (ON).\r\n",
              "moved": "        {0} Datei(en) verschoben.\r\n",
              "moveddir": "        {0} Verzeichnis(se) verschoben.\r\n",
              "copied": "        {0} Datei(en) kopiert.\r\n",
              "overwrite": "{0} überschreiben? (Ja/Nein/Alle): ",
              "mdexists": "Ein Unterverzeichnis oder eine Datei mit dem Namen \"{0}\" existiert bereits.\r\n",
              "long": "Die Befehlszeile ist zu lang.\r\n"},
}  # fmt: skip
# By the numbers of system error codes
FILE_TEXTS = {2: "file", 3: "path", 5: "denied", 32: "sharing", 112: "full", 123: "name", 145: "notempty"}
