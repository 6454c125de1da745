"""What every browser shows: a passkey is made and used by a code that the phone's camera reads from the window, and both sides can cancel."""

import json

from camera import answered, asked
from checks import expect, now, say, until
from desk import check, device, here, journal, said
from screen import focused, goes, keep, press_last_button, window

# Left, top, width and height: the window has room beside it.
BROWSER = (0, 20, 820, 860)
# Seconds. After a person's no the agent asks nothing for the same site for five.
QUIET = 6
# The browser is told by its own wish, or the window is, within so many seconds of an emulated machine.
TOLD = 5


def done(operation):
    """Requests of this kind that a phone has answered well."""
    return said().count(f'operation="{operation}" outcome="ok"')


def ceremony(browser, *what, **instead):
    """Starts one in the page, with these options instead of the site's."""
    words = ", ".join([*(json.dumps(word) for word in what), json.dumps(instead)])
    browser.run(f"ceremony({words})")


def told(what, since, look):
    until(what, look)
    took = now() - since
    say(f"   {what} after {took:.1f} s")
    expect(took < TOLD, f"{what} after {took:.1f} s")


def rows(name, browser):
    shot = name.lower()

    @check(f"{name} opens the site")
    def _():
        device()
        say(f"   {browser().connect()}")
        browser().open(here["site"])
        browser().stand(*BROWSER)

    @check(f"{name} makes a passkey with the code in the window, which leaves the keyboard where it was, and the site verifies it")
    def _():
        before, count = focused(), done("create")
        expect(before, "no window has the keyboard")

        answered(browser(), lambda: browser().click("register"), "registration verified", name=f"{shot}-create")
        expect(here["keyboard"] == before, f"the keyboard was at {here['keyboard']!r}, and before at {before!r}")
        expect(done("create") == count + 1, f"{done('create') - count} requests")
        here["made"] = browser().value("last.id")

    @check(f"{name} signs in with a list of twenty passkeys of which the phone holds the last, by one code")
    def _():
        count = done("get")
        answered(browser(), lambda: browser().click("sign-in-listed"), "sign-in verified", name=f"{shot}-get")
        expect(done("get") == count + 1, f"{done('get') - count} requests")

    @check(f"{name} signs in without a list")
    def _():
        answered(browser(), lambda: browser().click("sign-in"), "sign-in verified")

    @check(f"{name} is told that the phone has a passkey of this account, and makes no second one")
    def _():
        excluded = [{"type": "public-key", "id": here["made"]}]
        start = lambda: ceremony(browser(), "create", "/creation-options.json", "/register", excludeCredentials=excluded)
        answered(browser(), start, "InvalidStateError", name=f"{shot}-excluded", refused=True)

    @check(f"{name} cancels, and the window goes")
    def _():
        asked(browser(), lambda: browser().click("sign-in"))
        since = now()
        browser().cancel()
        told("the window went", since, lambda: not window())
        expect("NotAllowedError" in browser().verdict(), f"the page says: {browser().text('said')}")

    @check(f"{name} is told when alice cancels in the window")
    def _():
        number = asked(browser(), lambda: browser().click("sign-in"))
        before = journal().count("status=2d")
        until("Cancel counts", lambda: press_last_button() or window() != number)
        since = now()
        told("the program was told", since, lambda: journal().count("status=2d") > before)
        goes()
        keep(f"{shot}-cancelled")
        expect("NotAllowedError" in browser().told_of_cancel(), f"the page says: {browser().text('said')}")
        until("another request may come", lambda: now() > since + QUIET)


def phones_only(identity):
    """A list as sites have it whose passkeys were all made on phones."""
    return [{"type": "public-key", "id": identity, "transports": ["hybrid", "internal"]}]
