"""Firefox, driven by its own remote protocol: Marionette, JSON with its length before it, on a TCP port."""

import json
import socket

from checks import Failed, Program, until
from desk import HOME, as_alice, here
from people import must

PORT = 2828
# What it says of a security key beside the page's address.
TOLD = "document.querySelector('popupnotification[id^=webauthn]')"
PROFILE = HOME / "profile"
# Seconds. An emulated machine takes one or two minutes from the start to the first page.
STARTS, ANSWERS = 400, 120
# A browser that draws leaves others the time to draw, too: an emulated machine has little of it.
BESIDE = ["nice", "-n", "10"]
# One process for pages, and none in reserve; nothing that asks the network by itself. Marionette sets the rest, as that a window has the focus.
PREFERENCES = {
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.newtabpage.enabled": False,
    "browser.safebrowsing.downloads.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.ipc.processCount": 1,
    "dom.ipc.processPrelaunch.enabled": False,
    "extensions.update.enabled": False,
    # Frames a second.
    "layout.frame_rate": 10,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "http://localhost:1",
    "toolkit.telemetry.enabled": False,
    "ui.prefersReducedMotion": 1,
}


class Firefox:
    """Without a screen, or with what `here` says for one."""

    name = "Firefox"

    def __init__(self):
        PROFILE.mkdir()
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()]
        (PROFILE / "user.js").write_text("\n".join(lines) + "\n")
        must("chown", "-R", "alice", PROFILE)
        where = as_alice("firefox-esr", "--headless") if "surroundings" not in here else as_alice("env", *here["surroundings"], *BESIDE, "firefox-esr")
        # Marionette may look at the browser's own buttons, too.
        command = [*where, "--marionette", "--remote-allow-system-access", "--profile", PROFILE, "about:blank"]
        self.program = Program("firefox", command, stays=True)
        self.socket, self.number = None, 0

    def connect(self):
        """Waits until it is up; its version."""

        def answers():
            if self.program.process.poll() is not None:
                raise Failed(f"Firefox ended with {self.program.process.returncode}")
            try:
                return socket.create_connection(("127.0.0.1", PORT), ANSWERS)
            except OSError:
                return None

        self.socket = until("Firefox has its port open", answers, STARTS)
        self.socket.settimeout(STARTS)
        self.read()
        return self.ask("WebDriver:NewSession", capabilities={})["capabilities"]["browserVersion"]

    def ask(self, command, **parameters):
        """One command, and what it returns."""
        if self.socket is None:
            raise Failed("Firefox was not reached")
        self.number += 1
        message = json.dumps([0, self.number, command, parameters]).encode()
        self.socket.sendall(f"{len(message)}:".encode() + message)
        _, number, error, result = self.read()
        if error or number != self.number:
            raise Failed(f"{command}: {error}")
        return result

    def read(self):
        length = b""
        while not length.endswith(b":"):
            length += self.some(1)
        message, wanted = b"", int(length[:-1])
        while len(message) < wanted:
            message += self.some(wanted - len(message))
        return json.loads(message)

    def some(self, most):
        some = self.socket.recv(most)
        if not some:
            raise Failed("Firefox closed its port")
        return some

    def element(self, name):
        """By its id in the page."""
        found = self.ask("WebDriver:FindElement", using="css selector", value=f"#{name}")["value"]
        return next(iter(found.values()))

    def open(self, address):
        self.ask("WebDriver:Navigate", url=address)

    def stand(self, left, top, width, height):
        self.ask("WebDriver:SetWindowRect", x=left, y=top, width=width, height=height)

    def click(self, name):
        self.ask("WebDriver:ElementClick", id=self.element(name))

    def text(self, name):
        return self.ask("WebDriver:GetElementText", id=self.element(name))["value"]

    def value(self, expression):
        return self.ask("WebDriver:ExecuteScript", script=f"return {expression}", args=[])["value"]

    def run(self, statement):
        self.ask("WebDriver:ExecuteScript", script=statement, args=[])

    def verdict(self):
        """What the page says in the end. What Firefox says beside the page's address before that is closed, as a person would."""

        def look():
            if self.text("said"):
                return self.text("said")
            if self.own(f"!!{TOLD} && {TOLD}.id.includes('alreadyRegistered')"):
                self.cancel()
            return None

        return until("the page says something", look)

    def told_of_cancel(self):
        return self.verdict()

    def shows(self):
        """Waits until it asks for a key itself, too."""
        until("Firefox asks for a key", lambda: self.own(f"!!{TOLD} && PopupNotifications.panel.state == 'open'"))

    def cancel(self):
        self.shows()
        self.own(f"{TOLD}.button.click()")

    def own(self, statement):
        """A statement in the browser itself, and not in its page."""
        self.ask("Marionette:SetContext", value="chrome")
        try:
            return self.value(statement)
        finally:
            self.ask("Marionette:SetContext", value="content")


def firefox():
    """The one of this round, which is started by who asks first."""
    if "firefox" not in here:
        here["firefox"] = Firefox()
    return here["firefox"]
