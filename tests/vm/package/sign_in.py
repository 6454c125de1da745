"""A passkey and a sign-in in Firefox, with nothing done since the installation: the phone reads the window on alice's screen."""

import json

from bare_machine import ENVIRONMENT
from camera import answered
from checks import SHARE, Failed, Program, expect, now, say, until
from desk import HOME, as_alice, check, device, here, journal
from firefox import firefox
from packages import agent_journal
from screen import comes, goes, keep


class AgentUnit:
    """What the camera needs to know of an agent: its words, which here are in a journal."""

    class err:
        @staticmethod
        def read_text(**_):
            return agent_journal()


here["agent"] = AgentUnit


@check("Firefox opens a site")
def _():
    device()
    say(f"   Firefox {firefox().connect()}")
    site = Program("site", [SHARE / "site"], stays=True)
    firefox().open(until("the site listens", lambda: site.out.read_text().strip()))


@check("the window comes")
def _():
    # Once ahead: an emulated disk may take longer for its libraries than the agent waits for a window.
    since = now()
    question = {"ev": "ask", "id": 1, "operation": "get", "rp_id": "example.org", "notes": []}
    window = Program("window", as_alice("env", *ENVIRONMENT, "/usr/libexec/hybridd/prompt-gtk"), stdin=json.dumps(question) + "\n")
    comes()
    say(f"   after {now() - since:.1f} s")
    window.end()
    goes()


def in_firefox(button, verdict):
    try:
        answered(firefox(), lambda: firefox().click(button), verdict)
    except Failed as failed:
        raise Failed(f"{failed}; the agent says: {agent_journal()[-1500:]}") from None


@check("Firefox makes a passkey on the phone, which reads the code from the window")
def _():
    in_firefox("register", "registration verified")


@check("Firefox signs in with it")
def _():
    in_firefox("sign-in-listed", "sign-in verified")
    keep("signed-in")


@check("the journals have a line for each, and no site")
def _():
    service, agent = journal(), agent_journal()
    for operation in ("create", "get"):
        expect(f"operation={operation} outcome=answered status=00" in service, service)
        expect(f'operation="{operation}" outcome="ok"' in agent, agent)
    expect("localhost" not in service, "the site is in the system's journal")
    expect((HOME / ".local/state/hybridd/history.jsonl").exists(), "alice's history has no file")
