"""A second security key beside ours: whichever alice answers at is the one, and the other is left alone."""

import signal

from camera import answered, asked
from checks import SHARE, Program, expect, until
from desk import check, device, here, named, usable
from rows import ceremony, done
from screen import goes, keep, press_first_of_two, window

OTHER = "another key"
# The second key has no PIN and no fingerprint, and keeps no passkeys.
ANY_KEY = {"residentKey": "discouraged", "requireResidentKey": False, "userVerification": "discouraged"}


def other():
    """It waits for a touch."""
    here["other"] = Program("second-key", ["python3", SHARE / "second_key.py", "--untouched"], stays=True)
    usable(OTHER)


def events(**members):
    told = here["other"].events(here["other"].out)
    return [event for event in told if all(event.get(name) == value for name, value in members.items())]


def touch():
    here["other"].process.send_signal(signal.SIGUSR1)


def beside(name, browser, asks_first):
    """The rows of a browser that asks which key, or sends its request to both."""

    @check(f"beside a second security key, {name} signs in with the phone when alice answers there, and the other key is let go")
    def _():
        device()
        other()

        def start():
            if not asks_first:
                return browser().click("sign-in-listed")
            number = asked(browser(), lambda: browser().click("sign-in-listed"))
            keep(f"{name.lower()}-select")
            until("alice says that the phone shall be the key", lambda: press_first_of_two() or window() != number)

        answered(browser(), start, "sign-in verified", name=f"{name.lower()}-beside")
        expect(not events(ev="asked", command="get", known=1), "the other key has signed")

    @check(f"beside a second security key, {name} registers at that one when it is touched, and our window goes")
    def _():
        count, waited = done("create"), len(events(ev="waits"))
        asked(browser(), lambda: ceremony(browser(), "create", "/creation-options.json", "/register", authenticatorSelection=ANY_KEY))
        until("the other key waits for a touch", lambda: len(events(ev="waits")) > waited)
        touch()
        goes()
        # Who asked which key asks that one once more.
        said = until("the page says something", lambda: browser().text("said") or (asks_first and touch()))
        expect("Error:" not in said, f"the page says: {said}")
        expect(events(ev="asked", command="make", rp_id="localhost"), f"the other key was asked: {events(ev='asked')}")
        expect(done("create") == count, "the phone has answered")

    @check(f"the second key goes, and {name} has ours alone")
    def _():
        here.pop("other").end()
        until("it is gone", lambda: not named(OTHER))
        device()
