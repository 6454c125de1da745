"""Each code of the security key, by breaking one thing and mending it; and what says so."""

import json
import os
import pathlib
import shutil
import struct

from checks import Program, expect, now, say, until
from desk import agent_of, as_alice, cancelled, check, device, gone, journal, key, register
from installation import doctor
from packages import agent, agent_journal, install, remove
from people import UIDS, bring_to_front, must, run, sessions, user_manager

UHID, AWAY = pathlib.Path("/dev/uhid"), pathlib.Path("/dev/uhid.away")
REPORT = pathlib.Path(f"/run/user/{UIDS['alice']}/hybridd/agent.json")
# linux: include/linux/miscdevice.h and drivers/char/mem.c: /dev/full, which takes nothing.
FULL = os.makedev(1, 7)
# An organisation's exports, which the packages bring along, and the site that they are for.
ENTRA, SAMPLES = "login.microsoft.com", pathlib.Path("/usr/share/doc/hybridd/samples/policy")
SETTINGS, EXPORTS = pathlib.Path("/etc/hybridd/config.toml"), pathlib.Path("/etc/hybridd/policy")
# Seconds; after a week they are old.
FORTNIGHT = 14 * 86400
BROADCAST, INIT, MESSAGE = 0xFFFFFFFF, 0x86, 0x83
REGISTER = ["busctl", "call", "org.hybridd.Key1", "/org/hybridd/Key1", "org.hybridd.Key1", "Register", "u"]


def status(code):
    until(f"`hybridd key status` says {code}", lambda: code in key("status")[1])
    gone()


def mended():
    device()
    until("the key is there", lambda: key("status")[0] == 0)


def step(name, code, verdict="fail"):
    steps = doctor()
    expect(steps[name][:2] == (verdict, code), f"the doctor says {steps[name]}")
    say(f"   the doctor: {name}: {steps[name][2]}")


def as_user(user, *command):
    """A program of a user's outside of their session's environment."""
    folder = f"/tmp/run-{user}"
    must("install", "-d", "-m", "700", "-o", user, folder)
    return ["env", f"XDG_RUNTIME_DIR={folder}", f"HOME=/home/{user}", *command]


@check("UH01: no /dev/uhid")
def _():
    agent("stop")
    UHID.rename(AWAY)
    agent("start")
    status("UH01")
    step("device node", "UH01")
    AWAY.rename(UHID)
    agent("restart")
    mended()


@check("UH02: /dev/uhid is not the service's")
def _():
    agent("stop")
    must("chown", "root:root", UHID)
    agent("start")
    status("UH02")
    step("device node", "UH02")
    must("chown", "root:hybridd", UHID)
    agent("restart")
    mended()


@check("UH03: the kernel makes no device")
def _():
    agent("stop")
    UHID.rename(AWAY)
    os.mknod(UHID, 0o20660, FULL)
    must("chown", "root:hybridd", UHID)
    must("chmod", "660", UHID)
    agent("start")
    status("UH03")
    step("agent", "UH03")
    UHID.unlink()
    AWAY.rename(UHID)
    agent("restart")
    mended()


@check("UH04: the service does not run")
def _():
    must("systemctl", "stop", "hybridd")
    status("UH04")
    step("service", "UH04")
    must("systemctl", "start", "hybridd")
    mended()


@check("UH05: no agent runs")
def _():
    agent("stop")
    status("UH05")
    step("agent", "UH05")
    agent("start")
    mended()


@check("UH06: an agent of another version, and one that speaks another language")
def _():
    told = json.loads(REPORT.read_text())
    expect(told["program"], f"the agent says {told}")
    REPORT.write_text(json.dumps({**told, "program": "0.0.9"}))
    step("agent", "UH06", "warn")
    REPORT.write_text(json.dumps(told))
    code, said = run(*as_alice(*REGISTER, "2"))
    expect(code != 0 and "different versions" in said, said)
    until("the journal has it", lambda: "code=UH06" in journal())
    mended()


@check("UH07: another session is active")
def _():
    must("systemctl", "start", "getty@tty2")
    until("bob is at the second console", lambda: "seat0" in sessions("bob"))
    bring_to_front("bob")
    until("alice is told", lambda: "UH07" in key("status")[1])
    step("agent", "UH07", "warn")
    bring_to_front("alice")
    mended()


def refused_elsewhere(user, start, code):
    """An agent of somebody who is not at this screen."""
    program = Program(f"agent-{user}", start)
    report = pathlib.Path(f"/tmp/run-{user}/hybridd/agent.json")
    until(f"their agent is told {code}", lambda: report.exists() and code in report.read_text())
    program.end()
    # It was started by another program than the one that ended.
    run("pkill", "-u", user, "-x", "hybridd")
    until(f"{user}'s agent ends", lambda: run("pgrep", "-u", user, "-x", "hybridd")[0] != 0)


@check("UH08: a session at another seat")
def _():
    must("useradd", "-m", "carol")
    rule = pathlib.Path("/run/udev/rules.d/99-seat.rules")
    rule.parent.mkdir(parents=True, exist_ok=True)
    rule.write_text('KERNEL=="full", SUBSYSTEM=="mem", TAG+="seat", TAG+="master-of-seat", ENV{ID_SEAT}="seat1"\n')
    must("udevadm", "control", "--reload")
    must("udevadm", "trigger", "--settle", "--action=add", "--sysname-match=full")
    until("there is a second seat", lambda: "seat1" in must("loginctl", "list-seats", "--no-legend"))
    session = Program("carol-session", ["systemd-run", "--quiet", "--wait", "--pipe", "--collect", "-p", "PAMName=login", "-p", "User=carol",
                                        "-E", "XDG_SEAT=seat1", "-E", "XDG_SESSION_TYPE=x11", "sleep", "300"])
    until("carol is at it", lambda: "seat1" in (sessions("carol") or []))
    start = ["systemd-run", "--quiet", "--wait", "--pipe", "--collect", "-p", "User=carol", *as_user("carol", "hybridd", "agent", "--prompt", "none")]
    refused_elsewhere("carol", start, "UH08")
    rule.unlink()
    must("udevadm", "control", "--reload")
    session.end()
    run("loginctl", "terminate-user", "carol")
    until("carol has no session", lambda: not sessions("carol"))
    until("carol can be forgotten", lambda: run("userdel", "-r", "carol")[0] == 0)


@check("UH09: a session that comes from elsewhere")
def _():
    must("systemctl", "stop", "getty@tty2")
    until("bob has no session", lambda: not sessions("bob"))
    must(*as_user("bob", "true"))
    refused_elsewhere("bob", ["ssh", "bob@localhost", *as_user("bob", "hybridd", "agent", "--prompt", "none")], "UH09")


@check("UH10: no session at all")
def _():
    run("pkill", "-u", "bob")
    until("bob has no session", lambda: not sessions("bob"))
    must("rm", "-rf", "/tmp/run-bob")
    start = ["systemd-run", "--quiet", "--wait", "--pipe", "--collect", "-p", "User=bob", *as_user("bob", "hybridd", "agent", "--prompt", "none")]
    refused_elsewhere("bob", start, "UH10")


@check("UH11: a rule of the administrator's")
def _():
    rule = pathlib.Path("/etc/polkit-1/rules.d/10-no-key.rules")
    rule.write_text('polkit.addRule(function(action) { if (action.id == "org.hybridd.key.answer") return polkit.Result.NO; });\n')
    rule.chmod(0o644)
    status("UH11")
    step("agent", "UH11")
    rule.unlink()
    agent("stop")
    until("polkit forgot the rule", lambda: run("pkcheck", "--action-id", "org.hybridd.key.answer", "--process",
                                               must("pgrep", "-o", "-u", "alice", "bash").strip())[0] == 0)
    agent("start")
    mended()


@check("UH12: another agent of the same person")
def _():
    code, said = run(*as_alice("hybridd", "agent", "--prompt", "none"))
    expect(code == 3 and "UH12" in said, f"{code}: {said}")


@check("UH13: agents that come and go")
def _():
    calls = f"for n in 1 2 3 4 5 6 7 8; do {' '.join(REGISTER)} 1 & done; wait"
    said = run(*as_alice("sh", "-c", calls))[1]
    expect("re-registering" in said, said)
    mended()


@check("UH14: no window")
def _():
    remove("hybridd-gtk")
    step("prompt", "UH14", "warn")
    program = register()
    cancelled(program, now(), 10)
    until("the journal has it", lambda: "code=UH14" in journal())
    install("hybridd-gtk")
    mended()


@check("UH15, UH16, UH17: a Snap, a Flatpak and firejail that hide the key")
def _():
    snap = pathlib.Path("/usr/local/bin/snap")
    snap.write_text("#!/bin/sh\necho 'Interface Plug Slot Notes'\necho 'u2f-devices firefox:u2f-devices - -'\n")
    snap.chmod(0o755)
    pathlib.Path("/snap/firefox/current").mkdir(parents=True)
    flatpak = pathlib.Path("/var/lib/flatpak/app/org.mozilla.firefox/current/active")
    flatpak.mkdir(parents=True)
    (flatpak / "metadata").write_text("[Context]\ndevices=dri;\n")
    jailed = pathlib.Path("/usr/local/bin/firefox-esr")
    jailed.symlink_to("/usr/bin/firejail")
    steps = doctor()
    for name, code in (("Snaps", "UH15"), ("Flatpaks", "UH16"), ("firejail", "UH17")):
        expect(steps[name][:2] == ("warn", code), f"the doctor says {steps[name]}")
        say(f"   the doctor: {name}: {steps[name][2]}")
    must("rm", "-r", snap, "/snap", "/var/lib/flatpak", jailed)


@check("UH18: the key is switched off")
def _():
    expect(key("off")[0] == 0, "it cannot be switched off")
    status("UH18")
    step("agent", "UH18", "warn")
    expect(key("on")[0] == 0, "it cannot be switched on")
    mended()


@check("UH19: the screen is locked")
def _():
    session = must("loginctl", "show-seat", "seat0", "-p", "ActiveSession", "--value").strip()
    path = json.loads(must("busctl", "--json=short", "call", "org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager",
                           "GetSession", "s", session))["data"][0]
    hint = ["busctl", "call", "org.freedesktop.login1", path, "org.freedesktop.login1.Session", "SetLockedHint", "b"]
    must(*hint, "true")
    program = register()
    cancelled(program, now(), 10)
    until("the journal has it", lambda: "code=UH19" in journal())
    must(*hint, "false")


def raw(channel, command, message):
    """One frame to the key, as programs write it; what it answers on that channel."""
    handle = os.open(device(), os.O_RDWR)
    os.write(handle, b"\0" + struct.pack(">IBH", channel, command, len(message)) + message.ljust(57, b"\0"))
    while True:
        frame = os.read(handle, 64)
        if struct.unpack(">I", frame[:4])[0] == channel:
            os.close(handle)
            return frame[4], frame[7:]


@check("UH20: a program that speaks U2F")
def _():
    answer = raw(BROADCAST, INIT, b"12345678")[1]
    channel = struct.unpack(">I", answer[8:12])[0]
    # U2F_VERSION.
    raw(channel, MESSAGE, bytes([0, 3, 0, 0, 0, 0, 0]))
    until("the journal has it", lambda: "code=UH20" in journal())


@check("UH23: everybody can open /dev/uhid")
def _():
    must("chmod", "666", UHID)
    step("device node", "UH23", "warn")
    must("chmod", "660", UHID)


@check("UH21, UH22 and UH24 are explained: nothing on this machine can cause them")
def _():
    # A phone with an extension that nobody asked for, a service that asks twice at once, and a site's list that only Chromium sees.
    for code, words in {"UH21": "extension", "UH22": "another request", "UH24": "Chromium"}.items():
        expect(words in must(*as_alice("hybridd", "explain", code)), f"{code} is not explained")


def exports_are(code):
    """What the doctor says of the exports."""
    said = run(*as_alice("hybridd", "doctor", "--json", "--seconds", "1"), patience=240)[1]
    steps = [json.loads(line) for line in said.splitlines() if line.startswith('{"ev":"check"')]
    found = [(step["finding"] or {}).get("code") for step in steps if step["name"] == f"policies: {ENTRA}"]
    expect(found == [code], f"the doctor says {found} of the exports")


@check("UH25, UH26, UH27, UH28: exports that refuse, that may refuse, that cannot be read, and that are old")
def _():
    before = SETTINGS.read_text()
    SETTINGS.write_text(f'{before}policies = ["{ENTRA}={EXPORTS}"]\n')
    EXPORTS.mkdir()
    export = EXPORTS / "methods.json"
    shutil.copyfile(SAMPLES / "self-service-off.json", export)
    # It reads the settings when it starts.
    agent("restart")
    mended()
    program = register(ENTRA)
    cancelled(program, now(), 10)
    until("the journal has UH25", lambda: "code=UH25" in journal())

    # In a terminal, whose words can be read.
    shutil.copyfile(SAMPLES / "methods.json", export)
    agent("stop")
    gone()
    terminal = agent_of("alice")
    mended()
    program = register(ENTRA)
    until("the prompt says UH26", lambda: "UH26" in terminal.err.read_text(errors="replace"))
    program.end()
    user_manager("alice", "stop", terminal.name)
    terminal.ended()

    then = export.stat().st_mtime - FORTNIGHT
    os.utime(export, (then, then))
    exports_are("UH28")
    export.unlink()
    EXPORTS.rmdir()
    exports_are("UH27")
    SETTINGS.write_text(before)
    agent("start")
    mended()


@check("all is mended")
def _():
    mended()
    steps = doctor()
    expect(all(verdict == "ok" for verdict, _, _ in steps.values()), f"the doctor says {steps}")
    expect("panicked" not in journal() + agent_journal(), "something panicked")
