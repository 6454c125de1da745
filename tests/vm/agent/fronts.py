"""Who is in front of the machine has the key, and nobody else: alice, bob, and both again by ssh."""

from checks import Program, expect, now, until
from desk import NAME, agent_of, as_alice, check, device, gone, key, named, tokens
from people import bring_to_front, must, run, sessions, switch_to, user_manager
from states import STATES, ended

NUMBERS = "vendor=0x1209, product=0xf1d0"
# The sessions that come from elsewhere stay open: a login takes ten seconds in an emulated machine.
SESSION = "/tmp/%r"
WAYS = {"alice": as_alice(), "bob": ["runuser", "-u", "bob", "--"]}
WAYS |= {f"{user} by ssh": ["ssh", "-S", SESSION, f"{user}@localhost"] for user in ("alice", "bob")}


def seen_by():
    return {way for way, command in WAYS.items() if NUMBERS in tokens(*command)}


def refused_when_opened(*ways):
    node = named(NAME)
    for way in ways:
        code, said = run(*WAYS[way], "fido2-token", "-I", node)
        expect(code != 0, f"{way}: {said}")


@check("alice has the key, also by ssh, and bob has not")
def _():
    # In front of the machine first: of a person's sessions on text consoles and by ssh polkit looks at the oldest.
    must("systemctl", "start", "getty@tty2")
    until("bob is at the second console", lambda: "seat0" in sessions("bob"))
    for user in ("alice", "bob"):
        Program(f"ssh-{user}", ["ssh", "-M", "-N", "-S", SESSION, f"{user}@localhost"], stays=True)
    for user in ("alice", "bob"):
        until(f"{user} is here by ssh", lambda: run("ssh", "-S", SESSION, "-O", "check", f"{user}@localhost")[0] == 0)
    device()
    expect(seen_by() == {"alice", "alice by ssh"}, f"it is seen by {seen_by()}")
    refused_when_opened("bob", "bob by ssh")


@check("another session that comes to the front ends the request, in each state, and the device is made anew")
def _():
    def switch():
        since = now()
        switch_to("bob")
        return since

    for state in STATES:
        ended(state, switch, "outcome=agent-lost")
        gone()
        until("alice is told why", lambda: "UH07" in key("status")[1])
        if state == "code":
            expect(seen_by() == set(), f"it is seen by {seen_by()}")
        bring_to_front("alice")
        device()


@check("bob has a key of his own agent's when he is in front, and alice has none, also by ssh")
def _():
    theirs = agent_of("bob")
    try:
        bring_to_front("bob")
        until("bob may use it", lambda: named(NAME) and "user:bob:rw-" in run("getfacl", "-cp", named(NAME))[1])
        expect(seen_by() == {"bob", "bob by ssh"}, f"it is seen by {seen_by()}")
        refused_when_opened("alice", "alice by ssh")
    finally:
        bring_to_front("alice")
    device()
    expect(seen_by() == {"alice", "alice by ssh"}, f"it is seen by {seen_by()}")
    refused_when_opened("bob", "bob by ssh")
    user_manager("bob", "stop", theirs.name)
    theirs.ended()
