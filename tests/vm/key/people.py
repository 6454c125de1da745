"""Alice and bob, and what they may do: in front of the machine, in the background, by ssh, and without a session."""

import fcntl
import os
import subprocess

from checks import Failed, Program, expect, until

UIDS = {"alice": 1001, "bob": 1002}
# The console that each is logged in at.
CONSOLES = {"alice": 1, "bob": 2}
# linux: include/uapi/linux/vt.h
ACTIVATE = 0x5606
# Seconds. A login takes ten of them in an emulated machine.
PATIENCE = 60


def run(*command, user=None, patience=PATIENCE, stdin=None):
    """Runs a program to its end: exit code, and what it said."""
    command = [str(part) for part in command]
    if user:
        command = ["runuser", "-u", user, "--", *command]
    try:
        ended = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=patience, check=False)
    except subprocess.TimeoutExpired:
        raise Failed(f"{' '.join(command)} does not end") from None
    return ended.returncode, ended.stdout + ended.stderr


def must(*command, **options):
    code, said = run(*command, **options)
    expect(code == 0, f"{' '.join(str(part) for part in command)} ended with {code}: {said}")
    return said


def in_front():
    """Who has the active session of the seat."""
    session = run("loginctl", "show-session", must("loginctl", "show-seat", "seat0", "-p", "ActiveSession", "--value").strip(), "-p", "Name", "--value")
    return session[1].strip() if session[0] == 0 else None


def sessions(user):
    """Their seats; of one without a seat, none."""
    listed = [line.split() for line in must("loginctl", "list-sessions", "--no-legend").splitlines()]
    return [row[3] if row[3:] and row[3].startswith("seat") else None for row in listed if row[2] == user]


def switch_to(user):
    """As chvt does it, but for the time that a program takes to start."""
    with open("/dev/tty0", "rb") as console:
        fcntl.ioctl(console, ACTIVATE, CONSOLES[user])


def bring_to_front(user):
    switch_to(user)
    until(f"{user} is in front", lambda: in_front() == user)


def user_program(name, user, *command):
    """A program among the user's services, as the agent is one."""
    uid = UIDS[user]
    until(f"{user} has a manager", lambda: os.path.exists(f"/run/user/{uid}/bus"))
    return Program(name, ["runuser", "-u", user, "--", "env", f"XDG_RUNTIME_DIR=/run/user/{uid}",
                          "systemd-run", "--user", "--quiet", "--collect", "--pipe", "--wait", f"--unit={name}", *command], stays=True)


def user_manager(user, *command):
    return run("env", f"XDG_RUNTIME_DIR=/run/user/{UIDS[user]}", "systemctl", "--user", *command, user=user)


def by_ssh(name, user, *command, stays=False):
    """A program in a session that comes from elsewhere."""
    return Program(name, ["ssh", f"{user}@localhost", *command], stays=stays)
