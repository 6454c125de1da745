"""Checks inside the machine. Each prints one line, `[seconds since the machine started] ok|FAIL name`, and what it saw when it fails; what is not
checked yet says so, with the reason.

Waits are polls with a deadline: the machine is emulated, and the computer that emulates it may be busy."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import traceback

SHARE = pathlib.Path("/run/share")
LOGS = SHARE / "logs"
# Seconds. What takes a moment on an idle computer may take ten times as long on a busy one.
PATIENCE = 120
PAUSE = 0.1
# The lines of a program's output that are shown when a check fails.
SHOWN = 15


class Failed(Exception):
    """What was seen instead of what was to be seen."""


def now():
    """Seconds since the machine started."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def say(text):
    print(f"[{now():.1f}] {text}", flush=True)


def until(what, look, patience=PATIENCE):
    """Looks again and again until there is something to see, and returns that."""
    end = now() + patience
    while True:
        seen = look()
        if seen:
            return seen
        if now() > end:
            raise Failed(f"not within {patience} s: {what}")
        time.sleep(PAUSE)


def expect(right, what):
    if not right:
        raise Failed(what)


class Checks:
    """The list of checks of a round, in the order in which they are written."""

    def __init__(self):
        self.checks = []
        self.waiting = set()
        # Is told the name of a check that failed, before what it started ends.
        self.when_failed = lambda name: None

    def check(self, name):
        def keep(function):
            self.checks.append((name, function))
            return function

        return keep

    def later(self, name, why):
        """A check that is written and would fail: `check` takes its place when what it needs is there."""

        def keep(function):
            self.checks.append((name, lambda: say(f"not yet {name}: {why}")))
            self.waiting.add(name)
            return function

        return keep

    def play(self):
        """Runs all, also after a failure. What a check started ends with it, unless it was told to stay."""
        (SHARE / "began").touch()
        failed = 0
        for name, function in self.checks:
            try:
                function()
                if name not in self.waiting:
                    say(f"ok {name}")
            except Exception as error:
                failed += 1
                say(f"FAIL {name}")
                why = str(error) if isinstance(error, Failed) else traceback.format_exc()
                print("\n".join(f"    {line}" for line in why.splitlines()), flush=True)
                for program in Program.running:
                    if not program.stays:
                        program.show()
                try:
                    self.when_failed(name)
                except Exception as error:
                    print(f"    and then: {error}", flush=True)
            finally:
                for program in list(Program.running):
                    if not program.stays:
                        program.end()
        for program in list(Program.running):
            program.end()
        say(f"done: {len(self.checks) - len(self.waiting)} checks, {failed} failed, {len(self.waiting)} not made yet")
        (SHARE / "verdict").write_text("green\n" if self.checks and not failed else "red\n")
        return 1 if failed else 0


class Program:
    """A program that runs beside the checks; what it says goes to files that the host keeps."""

    running = []
    started = 0

    def __init__(self, name, command, stdin=None, env=None, stays=False):
        LOGS.mkdir(exist_ok=True)
        Program.started += 1
        self.name, self.stays = name, stays
        place = LOGS / f"{Program.started:02}-{name.replace(' ', '-')}"
        self.out, self.err = place.with_suffix(".out"), place.with_suffix(".err")
        self.process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
            stdout=self.out.open("wb"), stderr=self.err.open("wb"), env={**os.environ, **(env or {})}, start_new_session=True)
        Program.running.append(self)
        if stdin is not None:
            self.process.stdin.write(stdin.encode())
            self.process.stdin.close()

    def events(self, file):
        """The JSON Lines that it said there so far; a line that is still being written is none yet."""
        found = []
        for line in file.read_text(errors="replace").split("\n")[:-1]:
            try:
                found.append(json.loads(line))
            except ValueError:
                pass
        return [event for event in found if isinstance(event, dict)]

    def event(self, file, what, fits, after=0, patience=PATIENCE):
        """Waits for an event that fits, not counting the first `after`; a program that ended says no more."""

        def look():
            ended = self.process.poll() is not None
            for event in self.events(file)[after:]:
                if fits(event):
                    return event
            if ended:
                raise Failed(f"{self.name} ended ({self.process.returncode}) and did not say: {what}")
            return None

        return until(f"{self.name} says: {what}", look, patience)

    def ended(self, patience=PATIENCE):
        """Waits for its end and returns its exit code."""
        until(f"{self.name} ends", lambda: self.process.poll() is not None, patience)
        Program.running.remove(self)
        return self.process.returncode

    def kill(self):
        """Ends it without a word, as a crash would."""
        self.process.kill()
        self.process.wait()
        Program.running.remove(self)

    def end(self):
        """With what it started: ssh-keygen's helper would go on without it, and keep the key busy for the next check."""
        self.signal_all(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.signal_all(signal.SIGKILL)
            self.process.wait()
        Program.running.remove(self)

    def signal_all(self, number):
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass

    def show(self):
        for file in (self.out, self.err):
            for line in file.read_text(errors="replace").splitlines()[-SHOWN:]:
                print(f"    {self.name}: {line[:300]}")
        sys.stdout.flush()
