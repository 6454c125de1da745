#!/usr/bin/env python3
"""What a program of today does that comes with python-fido2 2.x: a passkey and a sign-in, through the library's own client.

  today.py DEVICE create RP_ID              prints the credential's id
  today.py DEVICE get RP_ID ID_FILE         signs in with one of these ids, one a line, and prints which
  today.py DEVICE select                    asks whether this key shall be the one

With --without-protocols the library is told what a key says that lists no PIN protocols (getInfo, key 6)."""

import sys

sys.path[:0] = ["/opt/fido2"]

from fido2.client import ClientError, DefaultClientDataCollector, Fido2Client, UserInteraction
from fido2.ctap import CtapError
from fido2.ctap2 import Ctap2
from fido2.hid import open_device
from fido2.webauthn import (AuthenticatorSelectionCriteria, PublicKeyCredentialCreationOptions, PublicKeyCredentialDescriptor,
                            PublicKeyCredentialParameters, PublicKeyCredentialRequestOptions, PublicKeyCredentialRpEntity,
                            PublicKeyCredentialType, PublicKeyCredentialUserEntity)


def without_protocols():
    honest = Ctap2.get_info

    def get_info(self):
        info = honest(self)
        info.pin_uv_protocols.clear()
        return info

    Ctap2.get_info = get_info


def create(client, rp_id):
    options = PublicKeyCredentialCreationOptions(
        rp=PublicKeyCredentialRpEntity(id=rp_id, name="The round"),
        user=PublicKeyCredentialUserEntity(id=b"alice", name="alice", display_name="Alice"),
        challenge=bytes(32),
        pub_key_cred_params=[PublicKeyCredentialParameters(type=PublicKeyCredentialType.PUBLIC_KEY, alg=-7)],
        authenticator_selection=AuthenticatorSelectionCriteria(user_verification="preferred"))
    made = client.make_credential(options)
    print(made.response.attestation_object.auth_data.credential_data.credential_id.hex())


def get(client, rp_id, ids):
    allowed = [PublicKeyCredentialDescriptor(type=PublicKeyCredentialType.PUBLIC_KEY, id=bytes.fromhex(line)) for line in ids]
    options = PublicKeyCredentialRequestOptions(challenge=bytes(32), rp_id=rp_id, allow_credentials=allowed, user_verification="preferred")
    print(client.get_assertion(options).get_response(0).raw_id.hex())


def main():
    words = [word for word in sys.argv[1:] if word != "--without-protocols"]
    if len(words) != len(sys.argv) - 1:
        without_protocols()
    device = open_device(words[0])
    try:
        if words[1] == "select":
            return Ctap2(device).selection()
        collector = DefaultClientDataCollector(f"https://{words[2]}")
        client = Fido2Client(device, client_data_collector=collector, user_interaction=UserInteraction())
        if words[1] == "create":
            create(client, words[2])
        else:
            with open(words[3], encoding="ascii") as ids:
                get(client, words[2], ids.read().split())
    except (ClientError, CtapError) as error:
        print(f"{type(error).__name__}: {error!r}", file=sys.stderr)
        return 1


sys.exit(main())
