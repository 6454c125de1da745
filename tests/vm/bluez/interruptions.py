"""What a computer does to a session that runs: it sleeps, its clock is set, a VPN comes and goes.

Sleep is a process that is stopped: its clock (CLOCK_MONOTONIC) goes on, which it does not while the kernel is suspended. So this is the harder case
for deadlines, and the same one for the network."""

import pathlib
import re
import signal
import subprocess
import time

from checks import expect, now, say, until
from sessions import answered, code_of, desktop, findings, here, listening, phone, reaches, session

HOUR = 3600
# Seconds. The relay gives a silent side up after twice 30 s.
RELAY_WAITS = 65
# A session that wakes up after its time is over. It ends at once; the machine is slow.
AT_ONCE = 20
SHORT = 15
VPN = "vpn0"


def asking(seconds, delay):
    """A sign-in whose phone has the request, and answers it after so many milliseconds."""
    ours = desktop("sign-in", seconds=seconds)
    phones, advert = phone(code_of(ours), "--radio", "print", "--delay", f"reply={delay}")
    listening(ours)
    here["radio"].advertise("fff9", advert)
    try:
        reaches(ours, "reply")
    finally:
        here["radio"].silence()
    return ours, phones


def stop(program):
    program.process.send_signal(signal.SIGSTOP)
    return now()


def wake(program):
    program.process.send_signal(signal.SIGCONT)


def failure(program):
    event = program.event(program.err, "why it failed", lambda event: event.get("ev") == "failed")
    say(f"    it says: {event['cause']} at {event['stage']}, {findings(program)}")
    return event


def set_clock(by):
    """Sets the wall clock, as a person or a time server does."""
    subprocess.run(["date", "-s", f"@{time.time() + by:.0f}"], check=True, stdout=subprocess.DEVNULL, timeout=60)


def lines(program):
    """The local ports of its connections to relays."""
    told = subprocess.run(["ss", "-Htnp", "state", "established", "dport = :443"], check=True, capture_output=True, text=True, timeout=60).stdout
    return {line.split()[2] for line in told.splitlines() if f"pid={program.process.pid}," in line}


def ip(*words):
    subprocess.run(["ip", *words], check=True, timeout=60)


def vpn_comes():
    ip("link", "add", VPN, "type", "dummy")
    ip("address", "add", "10.9.8.7/24", "dev", VPN)
    ip("-6", "address", "add", "fd00:9:8::7/64", "dev", VPN, "nodad")
    ip("link", "set", VPN, "up")
    ip("route", "add", "default", "via", "10.9.8.1", "dev", VPN)
    ip("-6", "route", "add", "default", "dev", VPN)


def vpn_goes():
    if pathlib.Path(f"/sys/class/net/{VPN}").exists():
        ip("link", "delete", VPN)


def opened_anew(program, change):
    """Both lines that wait are replaced when the network changes."""
    before = until("both lines are open", lambda: len(lines(program)) == 2 and lines(program))
    change()
    until("both lines are open anew", lambda: len(lines(program)) == 2 and lines(program).isdisjoint(before))


def add(check):
    @check("a session is put to sleep while the phone asks its user")
    def _():
        ours, phones = asking(600, 200_000)
        ours.stays = phones.stays = True
        here["asleep"] = ours, phones, stop(ours)

    @check("signs in when the clock goes forwards while the code is shown, and back while the relay serves the pair")
    def _():
        session("sign-in", delay=3000, shown=lambda _: set_clock(HOUR), served=lambda _: set_clock(-HOUR))

    @check("signs in when the clock goes back while the code is shown, and forwards while the relay serves the pair")
    def _():
        # Not before the certificates hold.
        set_clock(HOUR)
        session("sign-in", delay=3000, shown=lambda _: set_clock(-HOUR), served=lambda _: set_clock(HOUR))
        set_clock(-HOUR)

    @check("signs in when a VPN comes while the code is shown, and goes while the relay serves the pair")
    def _():
        subprocess.run(["modprobe", "dummy"], check=True, timeout=60)
        try:
            session("sign-in", delay=3000, shown=lambda ours: opened_anew(ours, vpn_comes), served=lambda _: vpn_goes())
        finally:
            vpn_goes()

    @check("signs in when a VPN goes while the code is shown")
    def _():
        vpn_comes()
        try:
            session("sign-in", shown=lambda ours: opened_anew(ours, vpn_goes))
        finally:
            vpn_goes()

    @check("a session that slept for longer than it may take ends when it wakes up, and says that time ran out")
    def _():
        ours = desktop("sign-in", seconds=SHORT)
        code_of(ours)
        listening(ours)
        # A neighbour, so that the air is not silent.
        here["radio"].advertise("180f", b"\x64")
        try:
            stopped = stop(ours)
            time.sleep(SHORT + 5)
            wake(ours)
            woke = now()
            expect(ours.ended(AT_ONCE) == 4, f"it ended with {ours.process.returncode}")
        finally:
            here["radio"].silence()
        say(f"    it slept for {woke - stopped:.1f} s and ended after {now() - woke:.1f} s")
        failed = failure(ours)
        expect((failed["stage"], failed["cause"]) == ("advert", "timed-out"), f"it failed with {failed}")
        # The advert of the other session that sleeps is still known to bluetoothd: that session has not ended its discovery.
        expect(set(findings(ours)) <= {"AD01", "AD02", "US02"}, f"it found {findings(ours)}")

    @check("a session that slept while the phone answered has the answer when it wakes up")
    def _():
        ours, phones = asking(600, 5000)
        stop(ours)
        time.sleep(10)
        wake(ours)
        answered(ours)
        expect(phones.ended() == 0, "the phone is not content")

    @check("a session that slept past its time while the phone answered ends when it wakes up")
    def _():
        began = now()
        ours, phones = asking(30, 3000)
        stop(ours)
        time.sleep(max(0, began + 35 - now()))
        wake(ours)
        exit_code = ours.ended(AT_ONCE)
        say(f"    it ended with {exit_code}: {findings(ours)}")
        expect(exit_code in (0, 4), f"it ended with {exit_code}")

    @check("a session that the relay gave up while it slept says that the tunnel was closed")
    def _():
        ours, phones, stopped = here.pop("asleep")
        try:
            time.sleep(max(0, stopped + RELAY_WAITS - now()))
            wake(ours)
            exit_code = ours.ended(AT_ONCE)
        finally:
            phones.end()
        say(f"    it slept for {now() - stopped:.1f} s and ended with {exit_code}")
        failed = failure(ours)
        expect((failed["stage"], failed["cause"]) == ("reply", "closed"), f"it failed with {failed}")
