"""Chromium, driven by its DevTools: JSON with a zero after it, through two pipes."""

import json
import os
import re
import select

from checks import Failed, Program, until
from desk import HOME, here
from firefox import BESIDE
from people import must
from screen import keys, on_screen

# Seconds. An emulated machine takes one or two minutes from the start to the first page.
STARTS, ANSWERS = 400, 120
PIECE = 1 << 16
# Dialogs that wait for a click, by Chromium's own names.
ENDS = {"kKeyAlreadyRegistered", "kKeyNotRegistered", "kErrorNoAvailableTransports", "kErrorNoPasskeys", "kErrorInternalUnrecognized", "kTimedOut"}
FLAGS = [
    "--remote-debugging-pipe", "--no-first-run", "--no-default-browser-check", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-gpu", "--force-prefers-reduced-motion", "--password-store=basic", f"--user-data-dir={HOME / 'chromium'}",
    # What its keys and dialogs do.
    "--enable-logging=stderr", "--vmodule=device_event_log*=1,*/device/fido/*=3",
]


class Chromium:
    name = "Chromium"

    def __init__(self):
        pipes = HOME / "devtools"
        must("install", "-d", "-o", "alice", pipes)
        must("mkfifo", pipes / "to", pipes / "from")
        must("chown", "alice", pipes / "to", pipes / "from")
        # Both ways, or opening waits for the other side.
        self.to, self.fro = (os.open(pipes / name, os.O_RDWR) for name in ("to", "from"))
        command = on_screen(*BESIDE, "sh", "-c", 'exec chromium "$@" 3<"$0/to" 4>"$0/from"', pipes, *FLAGS, "about:blank")
        self.program = Program("chromium", command, stays=True)
        self.session, self.number, self.rest = None, 0, b""

    def connect(self):
        """Waits until it is up; its version."""
        version = self.ask("Browser.getVersion", patience=STARTS)["product"]

        def page():
            targets = self.ask("Target.getTargets")["targetInfos"]
            return next((target["targetId"] for target in targets if target["type"] == "page"), None)

        target = until("Chromium has a page", page, STARTS)
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        return version

    def stand(self, left, top, width, height):
        number = self.ask("Browser.getWindowForTarget")["windowId"]
        self.ask("Browser.setWindowBounds", windowId=number, bounds={"left": left, "top": top, "width": width, "height": height})

    def ask(self, method, patience=ANSWERS, **parameters):
        """One command, and what it returns."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            told = self.read(patience)
            if told.get("id") == self.number:
                if "error" in told:
                    raise Failed(f"{method}: {told['error']}")
                return told["result"]

    def read(self, patience):
        while b"\0" not in self.rest:
            if not select.select([self.fro], [], [], patience)[0]:
                raise Failed("Chromium does not answer")
            self.rest += os.read(self.fro, PIECE)
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def open(self, address):
        self.ask("Page.navigate", url=address)
        self.ask("Page.bringToFront")
        until("the page is there", lambda: self.value("document.readyState === 'complete' && typeof ceremony === 'function'"))

    def value(self, expression):
        told = self.ask("Runtime.evaluate", expression=expression, userGesture=True, returnByValue=True)
        if "exceptionDetails" in told:
            raise Failed(f"{expression}: {told['exceptionDetails']}")
        return told["result"].get("value")

    def run(self, statement):
        self.value(f"void ({statement})")

    def click(self, name):
        self.run(f"document.getElementById('{name}').click()")

    def text(self, name):
        return self.value(f"document.getElementById('{name}').textContent")

    def verdict(self):
        """What the page says in the end. Some of Chromium's dialogs wait for a person first."""

        def look():
            if self.text("said"):
                return self.text("said")
            if self.waits_for_person():
                self.cancel()
            return None

        return until("the page says something", look)

    def waits_for_person(self):
        """Whether its dialog tells something, and waits to be closed."""
        return any(step in ENDS for step in self.steps()[-1:])

    def shows(self):
        """Its dialog comes before it asks a key."""

    def cancel(self):
        keys("Escape")

    def told_of_cancel(self):
        """After a no of ours it waits for another key until a person closes its dialog, and does not ask ours again."""
        until("its dialog is closed", lambda: self.text("said") or keys("Escape"))
        return self.text("said")

    def steps(self):
        """What its dialog showed, by its own names."""
        return re.findall(r"UI step: (\w+)", self.program.err.read_text(errors="replace"))


def chromium():
    """The one of this round, which is started by who asks first."""
    if "chromium" not in here:
        here["chromium"] = Chromium()
    return here["chromium"]
