"""Whole sessions: hybridd, the phone, and the phone's radio."""

import json

from checks import SHARE, Failed, Program, expect, until

HYBRIDD, PHONE, RELAY, CENTRAL = (SHARE / name for name in ("hybridd", "phone-sim", "tunnel-server", "central"))
TRUST = {"SSL_CERT_FILE": str(SHARE / "authority.pem")}
# For a session. The checks wait less long for each step of it.
SESSION = 600
STORE = "/tmp/passkeys.json"
DIALS = VISITS = 3

# What lives as long as the round: bluetoothd, and the phone's radio.
here = {}
# What phones sent. bluetoothd remembers devices for half a minute, and tells of them like of what it hears.
adverts = set()


def desktop(verb, *options, seconds=SESSION):
    """Starts a ceremony; the events are on its standard error."""
    command = [HYBRIDD, verb, "--origin", "https://example.org", "--options", SHARE / f"{verb}.json", "--qr", "none",
               "--events", "-", "--seconds", seconds, *options]
    return Program(verb, command, env=TRUST)


def code_of(program):
    return program.event(program.err, "a code", lambda event: event.get("ev") == "qr")["url"]


def listening(program, after=0):
    program.event(program.err, "it listens on hci0", lambda event: event.get("listening") == ["hci0"], after)


def finding(program, code, after=0):
    program.event(program.err, code, lambda event: event.get("ev") == "finding" and event.get("code") == code, after)


def findings(program):
    """The codes of all that was said to be wrong so far."""
    return [event["code"] for event in program.events(program.err) if event.get("ev") == "finding"]


def reaches(program, stage):
    program.event(program.err, f"the stage {stage}", lambda event: event.get("ev") == "stage" and event.get("stage") == stage)


def said(program):
    return len(program.events(program.err))


def phone(code, *options):
    """A phone and its advert. On a busy computer it may not reach the relay in the time that the two allow each other, and dials again."""
    for _ in range(DIALS):
        program = Program("phone", [PHONE, "answer", "-", "--store", STORE, *options], stdin=code + "\n", env=TRUST)
        until("the phone advertises or ends", lambda: advert_of(program) or program.process.poll() is not None)
        advert = advert_of(program)
        if advert:
            adverts.add(advert)
            return program, bytes.fromhex(advert)
    raise Failed("the phone does not advertise")


def advert_of(program):
    return next((event["hex"] for event in program.events(program.out) if event.get("ev") == "advert"), None)


def session(verb, *options, uuid="fff9", suffix=b"", listed=True, delay=0, shown=None, meanwhile=None, served=None):
    """A whole session. `shown` happens when the code is shown and no phone has scanned it; `meanwhile` when the desktop listens and the phone is
    about to advertise; `served` when the phone has the request, which it answers after `delay` milliseconds."""
    ours = desktop(verb, *options)
    code = code_of(ours)
    if shown:
        shown(ours)
    phones, advert = phone(code, "--radio", "print", "--uuid", uuid, "--delay", f"reply={delay}")
    listening(ours)
    if meanwhile:
        meanwhile(ours)
    here["radio"].advertise(uuid, advert + suffix, listed)
    try:
        if served:
            reaches(ours, "reply")
            served(ours)
        answered(ours, uuid)
    finally:
        here["radio"].silence()
    expect(phones.ended() == 0, "the phone is not content")
    return ours


def answered(ours, uuid="fff9"):
    """Waits for its answer."""
    exit_code = ours.ended()
    if exit_code != 0:
        ours.show()
    expect(exit_code == 0, f"{ours.name} ended with {exit_code}")
    answer = json.loads(ours.out.read_text())
    expect(answer.get("type") == "public-key", f"{ours.name} answered {answer}")
    heard = [event for event in ours.events(ours.err) if event.get("ev") == "heard" and event.get("ours")]
    expect(heard and heard[0]["uuid"] == uuid, f"it was heard as {heard}")


def doctor(*options):
    """What it saw, by the names of its steps, and the codes of what it says about the radio in the end. On a busy computer the bus does not answer in
    the time that it is given, and the doctor is asked again."""
    for _ in range(VISITS):
        program = Program("doctor", [HYBRIDD, "doctor", "--json", *options], env=TRUST)
        program.ended()
        said = program.events(program.out)
        steps = {event["name"]: event for event in said if event.get("ev") == "check"}
        if steps["radio: system D-Bus"]["verdict"] == "ok":
            break
    findings = [finding["code"] for event in said if event.get("ev") == "findings" for finding in event["findings"]]
    return steps, [code for code in findings if code.startswith("BT")]


def finds(codes, *options):
    steps, found = doctor(*options)
    seen = [f"{name}: {step['verdict']}, {step['evidence']}" for name, step in steps.items() if name.startswith("radio: ")]
    expect(found == codes, "\n".join([f"expected {codes}, it says {found}", *seen]))
    return steps


