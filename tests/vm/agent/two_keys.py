"""Two security keys beside each other: programs end at the one that holds their credential, and ours claims none that it does not know."""

import base64

from checks import SHARE, Program, expect, until
from desk import HOME, answered, as_alice, check, codes, device, here, named, program, usable, well
from people import run
from programs import sign, verify

OTHER = "another key"


def other():
    return usable(OTHER)


def asked(after=0, **members):
    """What the other key was asked."""
    events = here["other"].events(here["other"].out)[after:]
    return [event for event in events if event.get("ev") == "asked" and all(event.get(name) == value for name, value in members.items())]


def so_far():
    return len(here["other"].events(here["other"].out))


def probe(node, rp_id, credential):
    """Asks a key without a person whether a credential is its own, as programs do: the exit code, and what was said."""
    lines = [base64.b64encode(bytes(range(32))).decode(), rp_id, credential]
    return run(*as_alice("fido2-assert", "-G", "-t", "up=false", node), stdin="\n".join(lines) + "\n")


@check("a second security key is there, and has a key of ssh's")
def _():
    here["other"] = Program("second-key", ["python3", SHARE / "second_key.py"], stays=True)
    making = program("ssh-keygen-other", "ssh-keygen", "-q", "-t", "ecdsa-sk", "-N", "", "-C", "other", "-O", f"device={other()}", "-f", HOME / "id_other")
    well(making, "ssh-keygen at the other key")
    with (HOME / "allowed").open("a") as allowed:
        allowed.write(f"alice {(HOME / 'id_other.pub').read_text()}")


@check("ssh signs with the phone when the key is the phone's, and the other key is asked without a person alone")
def _():
    before = so_far()
    sign(HOME / "id_sk", "the phone's, beside another key\n")
    expect(asked(before, command="get", up=False, known=0), "the other key was not probed")
    expect(not asked(before, command="get", up=True), "the other key was asked to sign")


@check("ssh signs with the other key when the key is the other's, and no code is shown")
def _():
    codes_before, before = len(codes()), so_far()
    (HOME / "text").write_text("the other's\n")
    (HOME / "text.sig").unlink(missing_ok=True)
    well(program("ssh-keygen-sign-other", "ssh-keygen", "-Y", "sign", "-f", HOME / "id_other", "-n", "file", HOME / "text"), "ssh-keygen -Y sign")
    verify("the other's\n")
    expect(asked(before, command="get", up=True, known=1), "the other key was not asked to sign")
    expect(len(codes()) == codes_before, "a code was shown")


@check("ours says no to credentials of ssh and PAM that it does not know, and yes to its own")
def _():
    unknown, own = base64.b64encode(bytes(64)).decode(), here["made"].splitlines()[4]
    for rp_id, credential, yes in [("ssh:", unknown, False), ("ssh:round", unknown, False), ("ssh:other", own, False), ("pam://desk", unknown, False),
                                   ("pam://desk", own, False), ("ssh:round", own, True)]:
        code, said = probe(device(), rp_id, credential)
        expect((code == 0) == yes, f"{rp_id}: {said}")
        expect(yes or "NO_CREDENTIALS" in said, f"{rp_id}: {said}")
    code, said = probe(other(), "ssh:round", own)
    expect(code != 0 and "NO_CREDENTIALS" in said, said)


@check("libfido2's programs sign in at ours beside the other key")
def _():
    credential = here["made"].splitlines()[4]
    lines = [base64.b64encode(bytes(32)).decode(), "ssh:round", credential]
    answered(lambda: program("fido2-assert-beside", "fido2-assert", "-G", device(), lines=lines), "fido2-assert")


@check("the second key goes, and ours stays")
def _():
    here.pop("other").end()
    until("it is gone", lambda: not named(OTHER))
    device()
