"""What ends a request: the program is told at once, and somebody is told why."""

import os
import pathlib
import re
import signal
import time

from bluetooth import is_powered
from checks import SHARE, expect, now, say, until
from desk import agent, agent_pid, cancelled, check, codes, device, gone, here, journal, key, prompt_pid, register, said, shown
from people import must, run, user_manager


@check("a prompt that is killed ends its request alone")
def _():
    before = len(codes())
    started = register()
    shown(before)
    pid, since = prompt_pid(), now()
    os.kill(pid, signal.SIGKILL)
    cancelled(started, since)
    until("the journal has it", lambda: "code=UH14" in journal())
    device()


@check("a prompt that is interrupted is the person's own no")
def _():
    before = len(codes())
    started = register("other.example.org")
    shown(before)
    pid, since = prompt_pid(), now()
    os.kill(pid, signal.SIGINT)
    cancelled(started, since)
    until("the journal has it", lambda: "code=US01" in journal())


@check("a program that is killed takes its prompt along")
def _():
    before = len(codes())
    started = register("third.example.org")
    shown(before)
    prompt_pid()
    run("pkill", "-KILL", "-x", "fido2-cred")
    until("the prompt is gone", lambda: run("pgrep", "-u", "alice", "-f", "prompt-terminal")[0] == 1)
    started.ended()


@check("a bluetoothd that is killed ends the request, and the key stays")
def _():
    before = len(codes())
    started = register("fourth.example.org")
    shown(before)
    until("it listens", lambda: "Listening" in said().split("FIDO:/")[-1] or "listen" in said().split("FIDO:/")[-1])
    since = now()
    run("pkill", "-KILL", "-x", "bluetoothd")
    cancelled(started, since)
    until("somebody is told why", lambda: "BT02" in said())
    device()
    must("systemctl", "restart", "bluetooth")
    until("hci0 is on again", lambda: is_powered("hci0"))


@check("hybridd key off takes the key away, for a while or for good")
def _():
    expect(key("off", "--for", "5s")[0] == 0, "key off")
    gone()
    device()
    expect(key("off")[0] == 0, "key off")
    gone()
    expect("UH18" in key("status")[1], key("status")[1])
    expect(key("on")[0] == 0, "key on")
    device()


@check("an agent that is killed ends the request, and the next one brings the key back")
def _():
    before = len(codes())
    started = register("fifth.example.org")
    shown(before)
    pid, since = agent_pid(), now()
    os.kill(pid, signal.SIGKILL)
    cancelled(started, since)
    gone()
    here["agent"].ended()
    agent()
    device()


@check("an agent is small, asleep when nothing happens, and ends when it is told to")
def _():
    pid = agent_pid()
    resident = int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1])
    switches = lambda: sum(int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", (task / "status").read_text(), re.M)[1])
                           for task in pathlib.Path(f"/proc/{pid}/task").iterdir())
    time.sleep(5)
    count = switches()
    time.sleep(10)
    woken = switches() - count
    say(f"   {resident} kB resident, woken {woken} times in 10 s")
    expect(resident < 25 * 1024, f"{resident} kB")
    expect(woken <= 2, f"woken {woken} times in 10 s")
    user_manager("alice", "stop", here["agent"].name)
    gone()
    here["agent"].ended()


@check("the service's journal names nobody's site")
def _():
    words = journal()
    (SHARE / "logs" / "journal").write_text(words)
    expect("example.org" not in words and "panicked" not in words, words)
