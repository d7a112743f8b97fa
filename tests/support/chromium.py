# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A headless Chromium without a network, spoken to by the DevTools protocol over two pipes.

``--remote-debugging-pipe`` reads messages from file descriptor 3 and writes them to 4, each JSON ending with a NUL
(chromium: content/browser/devtools/devtools_pipe_handler.cc). No port is opened, and no library is needed.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")
PATIENCE = 60.0
"""Seconds for one answer of a loaded machine; it takes milliseconds."""
_FLAGS = (
    "--headless",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
    # Every name, and every address, leads nowhere.
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=127.0.0.1:9",
    "--remote-debugging-pipe",
)


class Chromium:
    """A browser with one page.

    Args:
        folder: For its profile and its files.

    Attributes:
        complaints: What went to the console as a warning or an error, and exceptions nobody caught.
        requests: Addresses that the page asked for.
    """

    def __init__(self, folder: Path) -> None:
        assert PROGRAM is not None
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self._count = 0
        self._rest = b""
        self._events: list[dict[str, Any]] = []
        self._process, self._write, self._read = _start(PROGRAM, folder)
        target = self._ask("Target.createTarget", {"url": "about:blank"}, session=None)["targetId"]
        attached = self._ask("Target.attachToTarget", {"targetId": target, "flatten": True}, session=None)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._ask(f"{domain}.enable")

    def __enter__(self) -> Chromium:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.close(self._write)
        os.close(self._read)
        try:
            # Without its pipe it ends by itself.
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(10)

    def size(self, width: int, height: int, *, scale: float = 1) -> None:
        """Set the window, in CSS pixels."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": False}
        self._ask("Emulation.setDeviceMetricsOverride", metrics)

    def media(self, *, scheme: str = "light", kind: str = "") -> None:
        """Choose light or dark, and the screen or print."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self._ask("Emulation.setEmulatedMedia", {"media": kind, "features": features})

    def scripts(self, *, allowed: bool) -> None:
        """Switch JavaScript on or off for the pages opened next."""
        self._ask("Emulation.setScriptExecutionDisabled", {"value": not allowed})

    def open(self, path: Path) -> float:
        """Open a file; returns the seconds until it was loaded and painted once."""
        self.complaints.clear()
        self.requests.clear()
        started = time.monotonic()
        self._ask("Page.navigate", {"url": path.as_uri()})
        self._wait_for("Page.loadEventFired")
        self._ask("Page.captureScreenshot", {"format": "jpeg", "quality": 1})
        return time.monotonic() - started

    def run(self, script: str) -> Any:
        """The value of an expression in the page; a promise is waited for."""
        options = {"expression": script, "returnByValue": True, "awaitPromise": True, "userGesture": True}
        answer = self._ask("Runtime.evaluate", options)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def press(self, key: str, *, text: str | None = None) -> None:
        """Press a key, such as ``Tab``, ``Enter`` or a letter."""
        codes = {"Enter": 13, "Tab": 9, "Escape": 27, " ": 32, "ArrowRight": 39, "ArrowDown": 40, "/": 191}
        typed = {"Enter": "\r"}.get(key, key if len(key) == 1 else text)
        event = {"key": key, "code": key, "windowsVirtualKeyCode": codes.get(key, 0)}
        self._ask("Input.dispatchKeyEvent", {"type": "keyDown", **event, **({"text": typed} if typed else {})})
        self._ask("Input.dispatchKeyEvent", {"type": "keyUp", **event})

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self._ask("Input.insertText", {"text": text})

    def click(self, selector: str) -> None:
        """Click into the middle of an element, with the mouse."""
        place = self.run(
            f"(e => {{ e.scrollIntoView({{block: 'center'}}); const r = e.getBoundingClientRect();"
            f" return [r.x + r.width / 2, r.y + r.height / 2] }})(document.querySelector({json.dumps(selector)}))"
        )
        for kind in ("mousePressed", "mouseReleased"):
            event = {"type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1}
            self._ask("Input.dispatchMouseEvent", event)

    def screenshot(self, path: Path, *, whole: bool = False) -> bytes:
        """What the window shows, or with `whole` the whole page, as PNG."""
        options: dict[str, Any] = {"format": "png", "captureBeyondViewport": whole}
        if whole:
            box = self._ask("Page.getLayoutMetrics")["cssContentSize"]
            options["clip"] = {**{name: box[name] for name in ("x", "y", "width", "height")}, "scale": 1}
        data = base64.b64decode(self._ask("Page.captureScreenshot", options)["data"])
        path.write_bytes(data)
        return data

    def pdf(self) -> bytes:
        """The page as printed."""
        return base64.b64decode(
            self._ask("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True})["data"]
        )

    def _ask(self, method: str, parameters: dict[str, Any] | None = None, session: str | None = "") -> dict[str, Any]:
        self._count += 1
        number = self._count
        message: dict[str, Any] = {"id": number, "method": method, "params": parameters or {}}
        if session is not None:
            message["sessionId"] = session or self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._message(method)
            if answer.get("id") == number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return dict(answer["result"])
            self._note(answer)

    def _wait_for(self, event: str) -> None:
        while not any(item["method"] == event for item in self._events):
            self._note(self._message(event))
        self._events.clear()

    def _note(self, event: dict[str, Any]) -> None:
        method, said = event.get("method", ""), event.get("params", {})
        if method == "Page.loadEventFired":
            self._events.append(event)
        elif method == "Network.requestWillBeSent":
            self.requests.append(said["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(said["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and said["type"] in ("error", "warning", "assert"):
            self.complaints.append(json.dumps(said["args"]))
        elif method == "Log.entryAdded" and said["entry"]["level"] in ("error", "warning"):
            self.complaints.append(said["entry"]["text"])

    def _message(self, waiting_for: str) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._read], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, f"no answer to {waiting_for} within {PATIENCE} seconds"
            more = os.read(self._read, 1 << 20)
            assert more, f"chromium ended while it was asked for {waiting_for}"
            self._rest += more
        message, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(message))


def _start(program: str, folder: Path) -> tuple[subprocess.Popen[bytes], int, int]:
    """Start the browser with our ends of two pipes; it finds its own as descriptors 3 and 4."""
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    flags = [*_FLAGS, f"--user-data-dir={folder / 'profile'}"]
    if os.geteuid() == 0:
        # Its sandbox does not work for root; the pages are our own.
        flags.append("--no-sandbox")
    # bash puts the descriptors in their places; doing it in a forked Python is not safe beside threads.
    script = 'exec "$@" 3<&"$IN" 4>&"$OUT"'
    with (folder / "chromium.log").open("wb") as log:
        process = subprocess.Popen(
            ["bash", "-c", script, "chromium", program, *flags, "about:blank"],
            env={"PATH": os.environ["PATH"], "HOME": str(folder), "IN": str(theirs_in), "OUT": str(theirs_out)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(theirs_in, theirs_out),
            start_new_session=True,
        )
    os.close(theirs_in)
    os.close(theirs_out)
    return process, ours_out, ours_in
