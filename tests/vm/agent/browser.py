"""A passkey and a sign-in in Firefox, which on Linux knows no phones, at a site that verifies them with a library of its own."""

from checks import SHARE, Failed, Program, expect, say, until
from desk import check, codes, device, here, scan, shown
from firefox import firefox


def answered(button, verdict):
    """A press of a button of the page, answered by the phone, until the site has judged."""
    before = len(codes())
    firefox().click(button)
    try:
        code = shown(before)
    except Failed as failed:
        raise Failed(f"{failed}; the page says: {firefox().text('said')}") from None
    phone = scan(code)
    try:
        said = until("the page says something", lambda: firefox().text("said"))
    finally:
        here["radio"].silence()
    expect(said.strip() == verdict, f"the page says: {said}")
    expect(phone.ended() == 0, "the phone is not content")
    expect(len(codes()) == before + 1, f"{len(codes()) - before} codes were shown")


@check("Firefox opens the site")
def _():
    device()
    say(f"   Firefox {firefox().connect()}")
    site = Program("site", [SHARE / "site"], stays=True)
    firefox().open(until("the site listens", lambda: site.out.read_text().strip()))


@check("Firefox makes a passkey on the phone, and the site verifies it")
def _():
    answered("register", "registration verified")


@check("Firefox signs in with a list of twenty passkeys of which the phone holds the last, by one code")
def _():
    answered("sign-in-listed", "sign-in verified")


@check("Firefox signs in without a list")
def _():
    answered("sign-in", "sign-in verified")
