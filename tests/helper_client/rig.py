# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real helper client (Debian's xfreerdp) and a real desktop (Xvfb and FreeRDP's shadow server) for tests.

`helper_opens(invitation, password)` is the short way: it opens an invitation as a helper on Linux would
and reports what came of it. Behaviour of FreeRDP 2.11 relied on here, with its place in FreeRDP's source:

- The file must come first on the command line and its name must end in .msrcIncident, in any case of
  letters (client/common/cmdline.c, ends_with). The password is taken from /assistance: alone, and stays
  visible in the process list; /from-stdin does not ask for it (client/common/client.c).
- A wrong password fails before anything is dialled, since the decrypted ticket holds no <E>
  (libfreerdp/common/assistance.c); xfreerdp prints its usage and ends with exit code 22.
- The listeners of the ticket are tried in its order by a blocking connect() without a deadline of its
  own (freerdp_tcp_connect_multi in libfreerdp/core/tcp.c; /timeout and /v do not matter). One that
  refuses, or whose IPv6 scope is no interface here, costs nothing; one that swallows packets, such as
  fe80::...%4 where interface 4 exists, keeps the others waiting for the kernel's connection time-out.
- The first thing sent is an RDP negotiation request for TLS, NLA being off in this mode.
- On the remdesk channel the shadow server announces version 1.2, and the client answers with
  EXPERT_ON_VISTA and VERIFY_PASSWORD. The server logs that expert blob but accepts any: whether it
  proves the password is for `NoviceDesktop.proofs` to say.
- The shadow server asks for a login unless told -auth, whatever its help says of the default
  (server/shadow/shadow_server.c).
"""

from __future__ import annotations

import asyncio
import os
import re
import select
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .bridge import join
from .picture import COMMAND_DEADLINE, Picture, Screenshot
from .processes import POLL, RigError, environment, require_programs, run, running, wait_for
from .ticket import Endpoint

START_DEADLINE = 20.0  # seconds for a screen or a desktop to be there; about 0.5 s on an idle machine
WRONG_PASSWORD_EXIT = 22  # exit code of xfreerdp 2.11 for a file it cannot read or decrypt
# What docs and the playbook print for a helper; the certificate is the novice's own, made for the session.
HELPER_OPTIONS = ("/cert:ignore",)
CONNECTED = {"01", "04", "05", "08"}  # /proc/net/tcp states: established, FIN_WAIT1, FIN_WAIT2, CLOSE_WAIT
DIALLED_LINE = "RequestedProtocols:"  # logged by FreeRDP's nego.c once the first packet has been sent
EXPERT_BLOB = re.compile(r"ExpertBlob: \d+;NAME=.*;PASS=([0-9A-F]+)\n")


@dataclass(frozen=True)
class Screen:
    """A virtual X screen."""

    display: str
    width: int
    height: int
    home: Path

    @property
    def env(self) -> dict[str, str]:
        """The environment of a program that is to show on this screen."""
        return environment(self.home, self.display)

    def screenshot(self, path: Path) -> Screenshot:
        """Takes the whole screen, as it is now, into a PNG at `path`."""
        command = ["import", "-window", "root", "-depth", "8", f"png:{path}"]
        run(command, env=self.env, deadline=COMMAND_DEADLINE)
        rgb = run(["convert", f"png:{path}", "-depth", "8", "rgb:-"], env=self.env, deadline=COMMAND_DEADLINE)
        if len(rgb) != self.width * self.height * 3:
            raise RigError(f"a screenshot has {len(rgb)} bytes, not {self.width}x{self.height}x3")
        return Screenshot(path, self.width, self.height, rgb)


@contextmanager
def virtual_screen(width: int = 1024, height: int = 768) -> Iterator[Screen]:
    """Runs an Xvfb on a display number of its own choice (the next one that is free)."""
    require_programs()
    with tempfile.TemporaryDirectory(prefix="workspot-screen-") as folder:
        home = Path(folder)
        reading, writing = os.pipe()
        # -noreset: otherwise the screen turns black again when the program that drew on it has ended.
        command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24"]
        command += ["-nolisten", "tcp", "-noreset"]
        try:
            with running(command, log=home / "xvfb.log", env=environment(home), pass_fds=[writing]) as server:
                number = _read_line(reading, server, home / "xvfb.log")
                yield Screen(f":{number}", width, height, home)
        finally:
            os.close(reading)
            os.close(writing)


def _read_line(pipe: int, process: subprocess.Popen[bytes], log: Path) -> str:
    received = bytearray()

    def look() -> str | None:
        if select.select([pipe], [], [], 0)[0]:
            received.extend(os.read(pipe, 64))
        return received.decode().strip() if received.endswith(b"\n") else None

    return wait_for(look, "display number from Xvfb", deadline=START_DEADLINE, process=process, log=log)


@dataclass(frozen=True)
class NoviceDesktop:
    """A desktop with a picture on it, served as RDP by FreeRDP's shadow server at `endpoint`."""

    screen: Screen
    picture: Picture
    picture_on_screen: Screenshot
    endpoint: Endpoint
    log_path: Path

    def log(self) -> str:
        """Returns what the shadow server logged so far."""
        return self.log_path.read_text(errors="replace")

    def proofs(self) -> list[str]:
        """Returns the PASS values of the expert blobs that helpers sent, oldest first."""
        return EXPERT_BLOB.findall(self.log())

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Joins one accepted connection to this desktop: what a simulated msra's listener calls."""
        await join(reader, writer, self.endpoint)


@contextmanager
def novice_desktop(
    text: str = "The novice's desktop", *, width: int = 800, height: int = 600
) -> Iterator[NoviceDesktop]:
    """Shows a picture of chance and `text` on a virtual screen and serves it on a free loopback port."""
    with virtual_screen(width, height) as screen, _shown(screen, Picture.by_chance(text)) as picture:
        port, log = _free_port(), screen.home / "shadow.log"
        command = ["freerdp-shadow-cli", f"/port:{port}", "/bind-address:127.0.0.1", "-auth", "/sec:tls"]
        with running(command, log=log, env=screen.env) as server:
            on_screen = screen.screenshot(screen.home / "novice.png")
            desktop = NoviceDesktop(screen, picture, on_screen, ("127.0.0.1", port), log)
            wait_for(
                lambda: f"Listening on [127.0.0.1]:{port}" in desktop.log(),
                "desktop from the shadow server",
                deadline=START_DEADLINE,
                process=server,
                log=log,
            )
            yield desktop


@contextmanager
def _shown(screen: Screen, picture: Picture) -> Iterator[Picture]:
    """Shows a picture in a window that covers the screen, as a user's program would."""
    drawing, log = screen.home / "drawing.png", screen.home / "display.log"
    picture.draw(drawing, width=screen.width, height=screen.height, env=screen.env)
    whole_screen = f"{screen.width}x{screen.height}+0+0"
    command = ["display", "-immutable", "-borderwidth", "0", "-geometry", whole_screen, str(drawing)]
    with running(command, log=log, env=screen.env) as program:
        wait_for(
            lambda: picture.seen_in(screen.screenshot(screen.home / "novice.png")),
            "picture on the novice's own screen",
            deadline=START_DEADLINE,
            process=program,
            log=log,
        )
        yield picture


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


class Helper:
    """A running xfreerdp."""

    def __init__(self, process: subprocess.Popen[bytes], screen: Screen, log_path: Path) -> None:
        self.process = process
        self.screen = screen
        self.log_path = log_path
        self.endpoint: Endpoint | None = None  # the first one a connection was seen to

    def log(self) -> str:
        """Returns what xfreerdp printed so far."""
        return self.log_path.read_text(errors="replace")

    def look(self) -> Endpoint | None:
        """Looks which endpoint it is connected to; remembers the first."""
        self.endpoint = self.endpoint or next(_connections(self.process.pid), None)
        return self.endpoint

    @property
    def dialled(self) -> bool:
        """Whether it connected to an endpoint and spoke RDP there."""
        return self.look() is not None or DIALLED_LINE in self.log()


@contextmanager
def helper(
    invitation: Path, password: str, *, screen: Screen, options: Sequence[str] = HELPER_OPTIONS
) -> Iterator[Helper]:
    """Opens an invitation with xfreerdp on `screen`, as a helper on Linux does."""
    require_programs()
    with tempfile.TemporaryDirectory(prefix="workspot-helper-") as folder:
        home = Path(folder)
        command = ["xfreerdp", str(invitation), f"/assistance:{password}", *options]
        command += ["/log-filters:com.freerdp.core.nego:DEBUG"]
        log = home / "xfreerdp.log"
        with running(command, log=log, env=environment(home, screen.display)) as process:
            yield Helper(process, screen, log)


@dataclass(frozen=True)
class HelperResult:
    """What came of opening an invitation.

    `endpoint` is where a connection was seen to go: None when nothing was dialled, or when the other
    side hung up within milliseconds. `exit_code` is None when xfreerdp was still running and was ended.
    `shown` says whether the picture asked for appeared; `screenshot` is the helper's screen at the end.
    """

    dialled: bool
    endpoint: Endpoint | None
    exit_code: int | None
    shown: bool
    log: str
    screenshot: Screenshot | None
    seconds: float


def helper_opens(
    invitation: Path,
    password: str,
    *,
    folder: Path,
    expects: Picture | None = None,
    deadline: float = 60.0,
    options: Sequence[str] = HELPER_OPTIONS,
) -> HelperResult:
    """Opens an invitation with a real helper client and waits for what is expected of it.

    Args:
        invitation: the file, named as the operator would hand it over.
        password: what the helper was told.
        folder: where the screenshot `helper.png` of the helper's screen is left.
        expects: the picture that is to appear on the helper's screen; without one the helper is ended
            as soon as it has dialled.
        deadline: seconds before the helper is ended anyway; what did happen is in the result.
        options: further options of xfreerdp.
    """
    started = time.monotonic()
    with virtual_screen() as screen, helper(invitation, password, screen=screen, options=options) as client:
        screenshot, shown = _watch(client, folder / "helper.png", expects, started + deadline)
        seconds = time.monotonic() - started
        return HelperResult(
            dialled=client.dialled,
            endpoint=client.endpoint,
            exit_code=client.process.poll(),
            shown=shown,
            log=client.log(),
            screenshot=screenshot,
            seconds=seconds,
        )


def _watch(client: Helper, path: Path, expects: Picture | None, limit: float) -> tuple[Screenshot | None, bool]:
    screenshot = None
    while True:
        ended = client.process.poll() is not None
        if client.dialled and expects is None:
            return client.screen.screenshot(path), False
        if client.dialled and expects is not None:
            screenshot = client.screen.screenshot(path)
            if expects.seen_in(screenshot):
                return screenshot, True
        if ended or time.monotonic() > limit:
            return screenshot, False
        time.sleep(POLL)


def _connections(pid: int) -> Iterator[Endpoint]:
    """Yields the remote ends of a process's TCP connections, from /proc (proc_net_tcp in Linux' docs)."""
    folder = Path(f"/proc/{pid}")
    inodes = set()
    try:
        for link in (folder / "fd").iterdir():
            target = os.readlink(link) if link.is_symlink() else ""
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
        tables = [(folder / "net" / name).read_text() for name in ("tcp", "tcp6")]
    except OSError:  # the process, or one of its files, has just gone
        return
    for line in (line for table in tables for line in table.splitlines()[1:]):
        fields = line.split()
        if fields[3] in CONNECTED and fields[9] in inodes:
            address, port = fields[2].split(":")
            yield _address(address), int(port, 16)


def _address(text: str) -> str:
    """Returns an address of /proc/net/tcp{,6}: 32-bit words in the byte order of the machine."""
    words = [bytes.fromhex(text[at : at + 8])[::-1] for at in range(0, len(text), 8)]
    return socket.inet_ntop(socket.AF_INET if len(words) == 1 else socket.AF_INET6, b"".join(words))
