"""The states of a request, and what ends it in each."""

import os
import signal

from checks import now, until
from desk import cancelled, codes, here, journal, register, scan, shown, told

# By its name, where the phone stays, and what the prompt says then.
STATES = {
    "code": (None, "listening"),
    "handshake": ("handshake", "exchanging keys"),
    "reply": ("reply", "confirm on the phone"),
}
FOR_EVER = 60_000


def begun(state, delay=FOR_EVER, site=None):
    """A request in this state: the program, the code, and the phone if there is one by now."""
    stays, words = STATES[state]
    here["sites"] = here.get("sites", 0) + 1
    before = len(codes())
    started = register(site or f"site{here['sites']}.example.org")
    code = shown(before)
    phone = scan(code, "--delay", f"{stays}={delay}") if stays else None
    until(f"the prompt says {words!r}", lambda: words in told(code))
    if phone:
        here["radio"].silence()
    return started, code, phone


def counted(part):
    return journal().count(part)


def ended(state, cause, written, said=None):
    """Plays a cause in a state: the program is told, and so is who reads the journal, or the prompt."""
    before = counted(written)
    started, code, phone = begun(state)
    since = cause()
    cancelled(started, since)
    until(f"the journal says {written}", lambda: counted(written) > before)
    if said:
        until(f"the prompt says {said}", lambda: said in told(code))
    if phone:
        phone.end()


def kill(pid, how=signal.SIGKILL):
    since = now()
    os.kill(pid, how)
    return since
