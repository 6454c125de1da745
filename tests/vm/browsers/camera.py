"""The phone's camera: it sees the window with the code, and nothing else of what hybridd knows."""

import pathlib

from checks import Failed, Program, expect, say, until
from desk import DIALS, PHONE, STORE, TRUST, advert_of, here, said
from screen import close, focused, goes, keep, picture, place, window

PHOTOGRAPH = pathlib.Path("/tmp/photograph.png")
# phone-sim's exit code when there was nothing to answer.
NOTHING = 2
# How often a ceremony is started for one window.
TRIES = 3


def photograph():
    """Of the window alone: a browser may show a code of its own beside it."""
    number = window()
    part = number and place(number)
    if part:
        PHOTOGRAPH.write_bytes(picture(part))
    return bool(part)


def scan(*options):
    """A phone that has read the code from the screen, and advertises. On a busy computer it may not reach the relay in time, and dials again."""
    dialled = []

    def look():
        if not photograph():
            return None
        phone = Program("phone", [PHONE, "answer", "--image", PHOTOGRAPH, "--store", STORE, "--radio", "print", *options], env=TRUST)
        until("the phone advertises or ends", lambda: advert_of(phone) or phone.process.poll() is not None)
        if advert_of(phone):
            return phone
        if phone.ended() != NOTHING:
            dialled.append(phone)
            expect(len(dialled) < DIALS, "the phone does not advertise")
        return None

    phone = until("a phone has read the code", look)
    here["radio"].advertise("fff9", bytes.fromhex(advert_of(phone)))
    return phone


def late():
    """How often a window was not there in the time that the agent gives it."""
    return said().count("UH14")


def asked(browser, start):
    """Starts a ceremony in the page; the window that comes of it. An emulated machine that is busy may be too slow for the agent's patience with a
    window, and alice starts again."""
    for _ in range(TRIES):
        before = late()
        start()
        number = until("the window comes, or the page says why not", lambda: window() or late() > before or browser.text("said"))
        if number is not True:
            expect(number == window(), f"the page says: {number}")
            return number
        say("   the window came too late; once more")
        browser.told_of_cancel()
    raise Failed("the window comes too late")


def answered(browser, start, verdict, *options, name=None, refused=False):
    """A ceremony in the page, answered by the phone, until the page has its verdict; with a name, the screen as it was then is kept."""
    asked(browser, start)
    here["keyboard"] = focused()
    if name:
        browser.shows()
        keep(name)
    phone = scan(*options)
    try:
        told = browser.verdict()
    finally:
        here["radio"].silence()
    expect(verdict in told, f"the page says: {told}")
    expect(phone.ended() == int(refused), "the phone is not content")
    if refused:
        # It says why until it is closed.
        keep(f"{name}-told")
        close()
    goes()
    return told
