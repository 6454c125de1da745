"""What programs do with the key, and a phone answers: fido2-tools, python-fido2, ssh and git."""

import base64
import os
import pathlib

from checks import SHARE, expect, say
from desk import HOME, answered, as_alice, check, codes, device, here, program, register, said, tokens
from people import must

TODAY, YESTERDAY = SHARE / "today.py", SHARE / "yesterday.py"
SITE = "example.org"


def today(name, *words):
    return program(name, "python3", TODAY, device(), *words)


def makes_and_uses(name, script):
    """A passkey, and a sign-in with a list of 20 of which the phone holds the last."""
    made = answered(lambda: program(f"{name}-create", "python3", script, device(), "create", SITE), f"{name}, create").strip()
    listed = HOME / "listed"
    listed.write_text("\n".join([os.urandom(16).hex() for _ in range(19)] + [made]) + "\n")
    used = answered(lambda: program(f"{name}-get", "python3", script, device(), "get", SITE, listed), f"{name}, get").strip()
    expect(used == made, f"{used} is not {made}")


@check("fido2-token finds the key, and reads what it can do")
def _():
    listed = tokens(*as_alice())
    expect("vendor=0x1209, product=0xf1d0" in listed, listed)
    info = must(*as_alice("fido2-token", "-I", device()))
    expect("FIDO_2_1" in info and "hybrid" in info, info)


@check("fido2-cred registers a credential on the phone")
def _():
    # fido2-cred 1.12 cannot print what is not attested, as a site's passkey on a phone is.
    here["made"] = answered(lambda: register("ssh:round"), "fido2-cred")
    (HOME / "made").write_text(here["made"])
    must("fido2-cred", "-V", "-i", HOME / "made", "-o", "/tmp/public")
    expect("operation=\"create\" outcome=\"ok\"" in said(), "the agent has no line for it")


@check("fido2-assert signs in with it")
def _():
    credential = here["made"].splitlines()[4]
    lines = [base64.b64encode(bytes(32)).decode(), "ssh:round", credential]
    (HOME / "used").write_text(answered(lambda: program("fido2-assert", "fido2-assert", "-G", device(), lines=lines), "fido2-assert"))
    public = pathlib.Path("/tmp/public").read_text().split("\n", 1)[1]
    pathlib.Path("/tmp/public-key").write_text(public)
    must("fido2-assert", "-V", "-i", HOME / "used", "/tmp/public-key", "es256")


@check("python-fido2 2.x makes a passkey, and signs in with a list of 20 of which the phone holds the last")
def _():
    makes_and_uses("today", TODAY)


@check("python-fido2 0.9 does the same")
def _():
    makes_and_uses("yesterday", YESTERDAY)


@check("python-fido2 2.x would refuse a key that lists no PIN protocols, before it asks for anything")
def _():
    before = len(codes())
    refused = today("today-without", "create", SITE, "--without-protocols")
    code = refused.ended()
    say(f"   {refused.err.read_text().strip().splitlines()[-1][:200]}")
    expect(code == 1 and len(codes()) == before, f"it ended with {code}, and {len(codes()) - before} codes were shown")


def ssh_key(name, *options):
    """A key of ssh's, made by a phone with these options."""
    path = HOME / name
    making = lambda: program(f"ssh-keygen-{name}", "ssh-keygen", "-q", "-t", "ecdsa-sk", "-N", "", "-C", name, "-f", path)
    answered(making, f"ssh-keygen -t ecdsa-sk, {options}", *options)
    with (HOME / "allowed").open("a") as allowed:
        allowed.write(f"alice {(HOME / f'{name}.pub').read_text()}")
    return path


def sign(path, text="signed by a phone\n"):
    """The signature of a text, which is checked."""
    (HOME / "text").write_text(text)
    (HOME / "text.sig").unlink(missing_ok=True)
    answered(lambda: program("ssh-keygen-sign", "ssh-keygen", "-Y", "sign", "-f", path, "-n", "file", HOME / "text"), "ssh-keygen -Y sign")
    verify(text)


def verify(text):
    must("ssh-keygen", "-Y", "verify", "-f", HOME / "allowed", "-I", "alice", "-n", "file", "-s", HOME / "text.sig", stdin=text)


@check("ssh-keygen makes a key on a phone that attests nothing, as phones do, and signs with it")
def _():
    sign(ssh_key("id_sk"))


@check("ssh-keygen makes a key on a phone that attests itself, and signs with it")
def _():
    sign(ssh_key("id_attested", "--attestation", "self"))


@check("git signs a commit with the phone, and the signature verifies")
def _():
    work = HOME / "work"

    def git(*words):
        return as_alice("git", "-C", work, *words)

    must(*as_alice("git", "init", "-q", work))
    for name, value in {"user.name": "Alice", "user.email": "alice@example.org", "gpg.format": "ssh", "user.signingkey": HOME / "id_sk.pub",
                        "gpg.ssh.allowedSignersFile": HOME / "signers"}.items():
        must(*git("config", name, value))
    (HOME / "signers").write_text(f"alice@example.org {(HOME / 'id_sk.pub').read_text()}")
    answered(lambda: program("git-commit", "git", "-C", work, "commit", "-q", "-S", "--allow-empty", "-m", "signed by a phone"), "git commit -S")
    verified = must(*git("verify-commit", "-v", "HEAD"))
    expect('Good "git" signature for alice@example.org' in verified, verified)
