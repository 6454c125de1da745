"""Electron: the applications on it ask security keys, and have no dialog of their own in which a person could choose anything else."""

import base64
import hashlib
import time

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from camera import answered, asked
from checks import expect, now, say, until
from desk import check, device, here, journal
from electron import electron
from rows import ceremony, done
from screen import goes, press_last_button, window

# What this Electron wants of a key.
NOT_KEPT = {"residentKey": "discouraged", "requireResidentKey": False, "userVerification": "preferred"}
# Seconds in which it says nothing more, and would have.
LOOKED_FOR = 10


def bytes_of(text):
    return base64.urlsafe_b64decode(text + "==")


@check("Electron opens the site")
def _():
    device()
    say(f"   {electron().connect()}")
    electron().open(here["site"])


@check("Electron refuses by itself what a key would have to keep: a discoverable passkey, and a sign-in without a list")
def _():
    for name in ("register", "sign-in"):
        electron().click(name)
        told = until("the page says something", lambda: window() or electron().text("said"))
        expect("NotSupportedError" in told, f"window or page: {told}")
        say(f"   {name}: {told}")


@check("Electron makes a credential with the code in the window, and the site verifies it")
def _():
    count = done("create")
    start = lambda: ceremony(electron(), "create", "/creation-options.json", "/register", authenticatorSelection=NOT_KEPT)
    answered(electron(), start, "registration verified", name="electron-create")
    expect(done("create") == count + 1, f"{done('create') - count} requests")
    here["electron-made"] = electron().value("last.toJSON().response.publicKey")


@check("Electron signs in with a list of twenty credentials of which the phone holds the last, by one code")
def _():
    count = done("get")
    # A phone says whose a credential is only when it is discoverable, and the site wants to know: the signature is verified here.
    answered(electron(), lambda: electron().click("sign-in-listed"), "missing field `userHandle`", name="electron-get")
    expect(done("get") == count + 1, f"{done('get') - count} requests")
    response = electron().value("last.toJSON().response")
    data, signed, signature = (bytes_of(response[name]) for name in ("authenticatorData", "clientDataJSON", "signature"))
    key = load_der_public_key(bytes_of(here["electron-made"]))
    key.verify(signature, data + hashlib.sha256(signed).digest(), ECDSA(SHA256()))


@check("Electron is not moved by a cancel in the window: it goes on waiting for another key until alice leaves the page")
def _():
    number = asked(electron(), lambda: electron().click("sign-in-listed"))
    before = journal().count("status=2d")
    until("Cancel counts", lambda: press_last_button() or window() != number)
    until("the program was told", lambda: journal().count("status=2d") > before)
    goes()
    end = now() + LOOKED_FOR
    while now() < end:
        expect(not electron().text("said") and not window(), f"window or page: {window()} {electron().text('said')}")
        time.sleep(0.5)
    electron().told_of_cancel()


@check("Electron ends")
def _():
    here.pop("electron").program.end()
