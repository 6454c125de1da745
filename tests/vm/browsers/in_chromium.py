"""Chromium, which asks security keys and shows a code of its own beside ours."""

import glob
import os
import time

from beside import beside
from camera import answered
from checks import expect, now, say, until
from chromium import Chromium, chromium
from desk import HYBRIDD, as_alice, check, device, here
from people import run
from rows import ceremony, phones_only, rows
from screen import keep, window

# Seconds in which Chromium asks no key, and would have asked.
LOOKED_FOR = 15

rows(Chromium.name, chromium)


@check("Chromium has the phone's PRF for a passkey, the same at each sign-in, and another for another input")
def _():
    # The site's verifier refuses extensions for which it did not ask: it is the browser's word that counts here. Another user, or the phone would have
    # this passkey in place of the site's.
    user = {"id": "cHJm", "name": "prf", "displayName": "PRF"}
    start = lambda: ceremony(chromium(), "create", "/creation-options.json", "/register", user=user, extensions={"prf": {}})
    say(f"   registration: {answered(chromium(), start, '').strip()}")
    expect(chromium().value("last.getClientExtensionResults().prf.enabled") is True, "the passkey has no PRF")
    listed = [{"type": "public-key", "id": chromium().value("last.id")}]
    outputs = []
    for salt in ("AAAA", "AAAA", "AAEC"):
        wish = {"allowCredentials": listed, "extensions": {"prf": {"eval": {"first": salt}}}}
        start = lambda wish=wish: ceremony(chromium(), "get", "/request-options.json", "/sign-in", **wish)
        say(f"   sign-in: {answered(chromium(), start, '').strip()}")
        outputs.append(chromium().value("String(new Uint8Array(last.getClientExtensionResults().prf.results.first))"))
    expect(outputs[0] == outputs[1] != outputs[2] and len(outputs[0].split(",")) == 32, f"{outputs}")


def opened(node):
    """Whether a program has it open."""
    for handle in glob.glob("/proc/[0-9]*/fd/*"):
        try:
            if os.readlink(handle) == str(node):
                return True
        except OSError:
            pass
    return False


@check("Chromium does not open a security key when every passkey of a list was made on a phone, and doctor says so")
def _():
    node, seen = device(), []
    listed = phones_only(here["made"])
    before = len(chromium().steps())
    ceremony(chromium(), "get", "/request-options.json", "/sign-in", allowCredentials=listed)
    until("its dialog is there", lambda: chromium().steps()[before:])
    end = now() + LOOKED_FOR
    while now() < end:
        seen.append(opened(node) or window())
        time.sleep(0.5)
    keep("chromium-phones-only")
    say(f"   its dialog: {', '.join(chromium().steps()[before:])}; {len(seen)} looks")
    expect(not any(seen), f"it opened the key, or the window came: {seen}")
    expect("NotAllowedError" in chromium().told_of_cancel(), f"the page says: {chromium().text('said')}")
    words = run(*as_alice(HYBRIDD, "doctor", "--seconds", "1"))[1]
    expect("UH24" in words, words)


beside(Chromium.name, chromium, asks_first=False)


@check("Chromium ends")
def _():
    here.pop("chromium").program.end()
