"""What alice has in front of her: a screen, the window's program, and a site."""

import json
import os

from checks import SHARE, Program, expect, now, say, until
from desk import UIDS, as_alice, check, checks, here
from people import must
from screen import DISPLAY, close, comes, keep, switch_on

WINDOW = "/usr/libexec/hybridd/prompt-gtk"

here["prompt"] = "gtk"
# Of the agent, and by it of the window; the same for browsers.
here["surroundings"] = [f"DISPLAY={DISPLAY}", "GSK_RENDERER=cairo", "GTK_A11Y=none", "LANG=C.UTF-8"]


def begin_again(failed):
    """After a check that failed: nothing of its ceremony is left for the next one."""
    keep(f"failed-{failed[:60].replace(' ', '-')}")
    close()
    for browser in ("firefox", "chromium", "electron"):
        if browser in here:
            here[browser].open(here["site"])


@check("a screen with a window manager is there, the program of the window, and a site")
def _():
    until("alice has a session", lambda: os.path.exists(f"/run/user/{UIDS['alice']}/bus"))
    must("install", "-D", "-m", "755", SHARE / "prompt-gtk", WINDOW)
    switch_on()
    checks.when_failed = begin_again
    site = Program("site", [SHARE / "site"], stays=True)
    here["site"] = until("the site listens", lambda: site.out.read_text().strip())


@check("the window comes also without an agent, and says that it is gone")
def _():
    since = now()
    question = {"ev": "ask", "id": 1, "operation": "get", "rp_id": "example.org", "notes": []}
    asked = Program("window", as_alice("env", *here["surroundings"], WINDOW), stdin=json.dumps(question) + "\n")
    comes()
    say(f"   after {now() - since:.1f} s, with all that it needs still on the disk")
    close()
    expect(asked.ended() == 0, "it did not end well")
