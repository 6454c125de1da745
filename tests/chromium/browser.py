"""A real Chromium on a virtual screen, driven by its DevTools, and phone-sim as the phone that scans its code."""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from contextlib import contextmanager

import websockets

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.environ["LAB_OUT"]
PORT = 9333


def background(*command):
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@contextmanager
def prepared():
    """While it lasts: screen, window manager (without one the page has no focus and is refused), web server, and the stage's authority in Chromium's store;
    and a network that leads nowhere, without which Chromium takes the computer to be offline."""
    for command in ["link add away type veth peer name nowhere", "address add 192.0.2.1/24 dev away", "link set away up", "link set nowhere up",
                    "route add default via 192.0.2.2"]:
        subprocess.run(["ip", *command.split()], check=True)
    screen = os.environ["DISPLAY"] = f":{100 + os.getpid() % 10000}"
    started = [background("Xvfb", screen, "-screen", "0", "1000x850x24", "-nolisten", "tcp")]
    time.sleep(1)
    started.append(background("openbox"))
    started.append(background("python3", "-m", "http.server", "8000", "--bind", "127.0.0.1", "-d", HERE))
    store = os.environ["HOME"] + "/.pki/nssdb"
    os.makedirs(store)
    subprocess.run(["certutil", "-d", "sql:" + store, "-N", "--empty-password"], check=True)
    trust("lab", os.environ["SSL_CERT_FILE"])
    try:
        yield
    finally:
        for program in started:
            program.kill()


def trust(name, pem):
    store = "sql:" + os.environ["HOME"] + "/.pki/nssdb"
    subprocess.run(["certutil", "-d", store, "-A", "-t", "C,,", "-n", name, "-i", pem], check=True)


class Chromium:
    """One browser with a fresh profile; what it logs goes to OUT/name.log."""

    def __init__(self, name, flags=()):
        self.name = name
        self.log = f"{OUT}/{name}.log"
        self.profile = tempfile.mkdtemp()
        self.calls = 0
        command = [
            "chromium", "--no-sandbox", "--no-first-run", "--no-default-browser-check", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-gpu", "--password-store=basic", "--window-size=1000,850",
            "--user-data-dir=" + self.profile, "--enable-logging=stderr", "--vmodule=device_event_log*=1,*/device/fido/*=3",
            f"--remote-debugging-port={PORT}", "--remote-allow-origins=*", *flags, "http://localhost:8000/page.html",
        ]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log, start_new_session=True)

    async def __aenter__(self):
        deadline = time.time() + 60
        while time.time() < deadline:
            try:
                tabs = json.load(urllib.request.urlopen(f"http://127.0.0.1:{PORT}/json", timeout=2))
                tab = next(tab for tab in tabs if tab["url"].startswith("http://localhost:8000/"))
                self.tab = await websockets.connect(tab["webSocketDebuggerUrl"], max_size=None)
                if await self.page("document.readyState === 'complete' && document.hasFocus() && typeof ask === 'function'"):
                    return self
            except (OSError, StopIteration):
                pass
            await asyncio.sleep(0.3)
        raise RuntimeError("Chromium does not show the page: see " + self.log)

    async def __aexit__(self, *_):
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
        shutil.rmtree(self.profile, ignore_errors=True)

    async def call(self, method, **params):
        self.calls += 1
        await self.tab.send(json.dumps({"id": self.calls, "method": method, "params": params}))
        while True:
            message = json.loads(await asyncio.wait_for(self.tab.recv(), 30))
            if message.get("id") == self.calls:
                return message["result"]

    async def page(self, expression):
        answer = await self.call("Runtime.evaluate", expression=expression, userGesture=True, returnByValue=True)
        return answer["result"].get("value")

    async def ask(self, kind, wishes):
        await self.page(f"ask({json.dumps(kind)}, {json.dumps(wishes)}); 0")

    async def result(self, seconds):
        deadline = time.time() + seconds
        while time.time() < deadline:
            result = await self.page("result")
            if result is not None:
                return result
            await asyncio.sleep(0.2)
        return None

    def picture(self, name):
        path = f"{OUT}/{name}.png"
        subprocess.run(["import", "-window", "root", path], timeout=30, check=True)
        return path

    async def code(self, start, seconds=20):
        """The text of the code on the screen, asked for since `start`; None when there is none, or the request has ended."""
        deadline = time.time() + seconds
        while time.time() < deadline and await self.page("result") is None:
            path = self.picture("code")
            read = subprocess.run(["zbarimg", "-q", "--raw", path], stdout=subprocess.PIPE, text=True, timeout=30).stdout.strip()
            os.remove(path)
            if read.startswith("FIDO:/"):
                return read
            if self.steps(start)[-1:] == ["kMechanismSelection"]:
                # "Use a phone or tablet" is the first of the choices; a click is not taken at once.
                subprocess.run(["xdotool", "mousemove", "500", "329", "click", "1"], timeout=10, check=True)
            await asyncio.sleep(0.3)
        return None

    async def cancel(self):
        """Closes the dialog as a person would."""
        for _ in range(3):
            subprocess.run(["xdotool", "key", "Escape"], timeout=10, check=True)
            result = await self.result(2)
            if result is not None:
                return result
        return None

    def position(self):
        return os.path.getsize(self.log)

    def lines(self, start=0):
        with open(self.log, "rb") as log:
            log.seek(start)
            return log.read().decode(errors="replace").splitlines()

    def steps(self, start=0):
        """What its dialog showed, by Chromium's own names."""
        found = (re.search(r"UI step: (\w+)", line) for line in self.lines(start))
        return [step.group(1) for step in found if step]


class Phone:
    """phone-sim with this code, given by standard input."""

    def __init__(self, code, *options):
        command = ["phone-sim", "answer", "-", "--adapter", "hci1", *options]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.process.stdin.write(code + "\n")
        self.process.stdin.close()
        self.process.stdin = None

    def end(self, seconds=5):
        try:
            said, _ = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.terminate()
            said, _ = self.process.communicate()
        events = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
        return self.process.returncode, [event for event in events if event["ev"] not in ("tunnel", "advert")], said
