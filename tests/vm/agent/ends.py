"""What ends a request, in each of its states: the program is told at once, and somebody is told why."""

import signal

from bluetooth import is_powered
from checks import expect, now, until
from desk import agent, agent_pid, check, device, gone, here, key, prompt_pid, prompts, well
from network import connect, disconnect
from people import must, run
from states import STATES, begun, ended, kill


@check("a prompt that is killed ends its request alone, in each state")
def _():
    for state in STATES:
        ended(state, lambda: kill(prompt_pid()), "code=UH14")
    device()


@check("a prompt that is interrupted is the person's own no")
def _():
    ended("code", lambda: kill(prompt_pid(), signal.SIGINT), "code=US01")


@check("a program that is killed takes its prompt along")
def _():
    started = begun("code")[0]
    prompt_pid()
    run("pkill", "-KILL", "-x", "fido2-cred")
    until("the prompt is gone", lambda: not prompts())
    started.ended()


def start_bluetoothd():
    must("systemctl", "restart", "bluetooth")
    until("hci0 is on again", lambda: is_powered("hci0"))


@check("a bluetoothd that is killed while the code is shown ends the request, and the key stays")
def _():
    pid = int(must("pgrep", "-x", "bluetoothd"))
    try:
        ended("code", lambda: kill(pid), "code=BT02", "BT02")
        device()
    finally:
        start_bluetoothd()


@check("once the phone was heard, a bluetoothd that is killed ends nothing")
def _():
    for state in ("handshake", "reply"):
        started, _, phone = begun(state, 3000, "ssh:heard")
        try:
            kill(int(must("pgrep", "-x", "bluetoothd")))
            well(started, "fido2-cred")
            expect(phone.ended() == 0, "the phone is not content")
        finally:
            start_bluetoothd()


@check("a network that is lost ends the request, in each state")
def _():
    def lose():
        since = now()
        disconnect()
        return since

    for state in STATES:
        ended(state, lose, "code=NW23", "NW23")
        connect()


@check("an agent that is killed ends the request, in each state, and the next one brings the key back")
def _():
    for state in STATES:
        pid = agent_pid()
        ended(state, lambda: kill(pid), "outcome=agent-lost")
        gone()
        until("no prompt is left", lambda: not prompts())
        here["agent"].ended()
        agent()
        device()


@check("a service that is killed takes the device along, and brings it back")
def _():
    started = begun("code")[0]
    must("systemctl", "kill", "-s", "KILL", "hybridd")
    expect(started.ended() != 0, "the program was content")
    until("the prompt is gone", lambda: not prompts())
    device()


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
