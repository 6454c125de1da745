"""Registrations and sign-ins that a real Chromium completes with phone-sim; each answer is verified here."""

import asyncio
import base64
import hashlib
import json
import os
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from browser import OUT, Chromium, Phone, prepared

ROWS = []


def raw(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def text(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def verify(kind, result, key, wishes):
    """As a relying party: origin, challenge, site, flags, signature. Returns what is wrong."""
    client = json.loads(raw(result["clientData"]))
    data = raw(result["authData"])
    wrong = []
    if client["type"] != {"create": "webauthn.create", "get": "webauthn.get"}[kind]:
        wrong.append("type")
    if client["origin"] != "http://localhost:8000" or client["challenge"] != result["challenge"]:
        wrong.append("client data")
    if data[:32] != hashlib.sha256(b"localhost").digest():
        wrong.append("rp id")
    verified = 4 if wishes.get("verify", "required") == "required" else 0
    if data[32] & (1 | verified) != 1 | verified:
        wrong.append(f"flags {data[32]:02x}")
    if kind == "get":
        try:
            signed = data + hashlib.sha256(raw(result["clientData"])).digest()
            load_der_public_key(raw(key)).verify(raw(result["signature"]), signed, ec.ECDSA(SHA256()))
        except InvalidSignature:
            wrong.append("signature")
    return wrong


def row(name, ok, saw):
    ROWS.append(ok)
    print(("ok    " if ok else "WRONG ") + f"{name:<58} {saw}", flush=True)


class Lab:
    def __init__(self, chromium):
        self.chromium = chromium

    async def ceremony(self, kind, wishes, *phone):
        """The result, the dialog's steps, and how the phone ended."""
        start = self.chromium.position()
        await self.chromium.ask(kind, wishes)
        code = await self.chromium.code(start)
        if code is None:
            self.chromium.picture(f"no-code-{len(ROWS)}")
            return await self.chromium.page("result") or await self.chromium.cancel(), self.chromium.steps(start), "no code"
        running = Phone(code, *phone)
        result = await self.chromium.result(15)
        if result is None:
            self.chromium.picture(f"error-{len(ROWS)}")
            result = {**(await self.chromium.cancel() or {}), "shown": True}
        return result, self.chromium.steps(start), running.end()[1]

    async def passes(self, name, kind, wishes, *phone, key=None, also=lambda result: []):
        result, _, phone_ended = await self.ceremony(kind, wishes, *phone)
        wrong = (verify(kind, result, key, wishes) or also(result)) if result.get("ok") else [result]
        row(name, not wrong, wrong or f"{raw(result['authData'])[32]:02x} {sorted(result['prf'] or [])} {result['extensions']}")
        return result

    async def refused(self, name, kind, wishes, *phone, error="NotAllowedError", last="kClosed"):
        """Ends with this error; the dialog's last step is `kClosed` when Chromium tells the page at once, or what it shows a person."""
        result, steps, phone_ended = await self.ceremony(kind, wishes, *phone)
        shown = result.get("shown", False)
        at = next((step for step in reversed(steps) if step != "kClosed"), "") if shown else (steps or [""])[-1]
        ok = not result.get("ok") and result.get("name") == error and at == last
        row(name, ok, f"{result.get('name')}, {at} (phone: {phone_ended})")

    async def profile(self, profile):
        store = ["--profile", profile, "--store", f"{os.environ['HOME']}/{profile}.json"]
        made = await self.passes(f"{profile}: register", "create", {"prf": True, "extensions": {"credProps": True}}, *store)
        if not made.get("ok"):
            return
        key, ident = made["publicKey"], made["id"]
        same = lambda got: [] if (got["id"], got["prf"]) == (ident, made["prf"]) else ["another id or prf"]
        own = lambda got: same(got) or ([] if got["user"] == "dXNlcg" else ["another user"])
        named = {"allow": [ident], "prf": True}
        await self.passes(f"{profile}: sign in, passkey named", "get", named, *store, key=key, also=same)
        await self.passes(f"{profile}: sign in, passkey not named", "get", {"prf": True}, *store, key=key, also=own)
        await self.refused(f"{profile}: register a second time", "create", {"exclude": [ident]}, *store, error="InvalidStateError")
        await self.refused(f"{profile}: register, the user declines", "create", {}, *store, "--user", "deny")
        await self.refused(f"{profile}: sign in, the user declines", "get", named, *store, "--user", "deny")
        await self.refused(f"{profile}: sign in, unknown passkey named", "get", {"allow": [text(bytes(16))]}, *store)

    async def wishes(self):
        """What else a site can want."""
        store = ["--profile", "android", "--store", f"{os.environ['HOME']}/wishes.json"]
        extensions = {
            "credentialProtectionPolicy": "userVerificationRequired", "largeBlob": {"support": "preferred"}, "minPinLength": True,
        }
        for name, wishes in [
            ("not discoverable", {"discoverable": "discouraged"}),
            ("discoverable preferred, verification preferred", {"discoverable": "preferred", "verify": "preferred"}),
            ("verification discouraged", {"verify": "discouraged"}),
            ("attestation direct", {"attestation": "direct"}),
            ("credProtect, largeBlob, minPinLength", {"extensions": extensions}),
            ("fifty excluded passkeys", {"exclude": [text(bytes([number]) * 16) for number in range(50)]}),
        ]:
            made = await self.passes("register: " + name, "create", wishes, *store)
            if made.get("ok"):
                await self.passes("sign in: " + name, "get", {"allow": [made["id"]], "verify": wishes.get("verify")}, *store, key=made["publicKey"])
        await self.refused("register: Ed25519 alone", "create", {"algorithms": [-8]}, *store, last="kCableV2Connected")
        await self.refused("sign in: nothing registered", "get", {}, "--profile", "android")
        self.key, self.ident = made["publicKey"], made["id"]

    async def oddities(self):
        """Phones that are unusual and not wrong, or wrong in what a site alone can see."""
        store = ["--profile", "android", "--store", f"{os.environ['HOME']}/wishes.json"]
        for fault in ["reconnect", "huge-reply", "reply-twice", "one-command-only", "slow-user=3", "ping-storm=10"]:
            await self.passes("sign in: phone-sim --fault " + fault, "get", {"allow": [self.ident]}, *store, "--fault", fault, key=self.key)
        for number in ["0x27", "0x2d", "0x2f", "0x31", "0x32", "0x33", "0x35", "0x36", "0x3a", "0x7f"]:
            await self.refused("sign in: status " + number, "get", {"allow": [self.ident]}, *store, "--fault", "status=" + number)


async def main():
    with prepared():
        async with Chromium("good") as chromium:
            lab = Lab(chromium)
            which = sys.argv[1] if len(sys.argv) > 1 else "all"
            for profile in ["ios", "android", "authenticator-ios", "authenticator-android", "1password", "bitwarden", "microg"]:
                if which in ("all", "profiles", profile):
                    await lab.profile(profile)
            if which in ("all", "wishes"):
                await lab.wishes()
                await lab.oddities()
    print(f"{sum(ROWS)} of {len(ROWS)}")
    return 0 if all(ROWS) else 1


sys.exit(asyncio.run(main()))
