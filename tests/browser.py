"""Chromium, driven over its own protocol (CDP): nothing else needs to be installed."""

import base64
import contextlib
import itertools
import json
import os
import signal
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from websockets.sync.client import connect

FLAGS = (
    "--headless=new",
    "--no-sandbox",  # as root, as tests in containers run, it has none
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--remote-debugging-port=0",
)
PATIENCE = 120
"""Seconds that something on a page may take."""


class Browser:
    """A page in a headless Chromium; ``events`` are all that its page has told of so far."""

    def __init__(self, width=1400, height=1200):
        self._home = tempfile.TemporaryDirectory(prefix="chromium", ignore_cleanup_errors=True)
        options = (
            *FLAGS,
            f"--user-data-dir={self._home.name}",
            f"--window-size={width},{height}",
            "about:blank",
        )
        self._process = subprocess.Popen(
            ["chromium", *options], stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        try:
            told = next(line for line in self._process.stderr if "DevTools listening on" in line)
            port = told.split(":")[2].split("/")[0]
            pages = json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/json", timeout=PATIENCE))
            address = next(page for page in pages if page["type"] == "page")["webSocketDebuggerUrl"]
            self._socket, self._number, self.events = connect(address, max_size=None), itertools.count(1), []
            for domain in ("Page", "Runtime", "Network", "Log"):
                self.send(f"{domain}.enable")
        except BaseException:
            self.close()
            raise

    def send(self, method, **parameters):
        """Asks for something: its result."""
        number = next(self._number)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            told = json.loads(self._socket.recv(timeout=PATIENCE))
            if told.get("id") != number:
                self.events.append(told)
            elif "error" in told:
                raise RuntimeError(told["error"]["message"])
            else:
                return told["result"]

    def open(self, url):
        """Goes to a page."""
        self.send("Page.navigate", url=url)

    def value(self, script):
        """The value of an expression in the page."""
        told = self.send("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in told:
            raise RuntimeError(told["exceptionDetails"]["exception"]["description"])
        return told["result"].get("value")

    def until(self, script):
        """The value of an expression as soon as it has one."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with contextlib.suppress(RuntimeError):  # the page is not there yet
                if found := self.value(script):
                    return found
            time.sleep(0.2)
        raise TimeoutError(f"{script} has no value; the page says {self.text[:2000]}")

    def click(self, x, y):
        """Moves the mouse to a place of the window and clicks."""
        for kind, button in (("mouseMoved", "none"), ("mousePressed", "left"), ("mouseReleased", "left")):
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button=button, clickCount=1)
            time.sleep(0.2)

    def picture(self, path):
        """Keeps what the window shows."""
        Path(path).write_bytes(base64.b64decode(self.send("Page.captureScreenshot")["data"]))

    @property
    def text(self):
        """All that can be read on the page."""
        return self.value("document.body.innerText")

    def requested(self):
        """Every address that was asked for."""
        wanted = "Network.requestWillBeSent"
        return [told["params"]["request"]["url"] for told in self.events if told["method"] == wanted]

    def complaints(self):
        """Errors of the console, of scripts, and of what was loaded."""
        found = []
        for told in self.events:
            method, params = told["method"], told["params"]
            if (
                method == "Runtime.exceptionThrown"
                or (method == "Log.entryAdded" and params["entry"]["level"] == "error")
                or (method == "Runtime.consoleAPICalled" and params["type"] in ("error", "assert"))
                or (method == "Network.loadingFailed" and not params.get("canceled"))
            ):
                found.append(json.dumps(params)[:500])
        return found

    def close(self):
        """Ends it with all of its processes."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process.stderr.close()
        self._home.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *failed):
        self.close()
