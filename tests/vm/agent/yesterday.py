#!/usr/bin/env python3
"""What a program does that comes with python-fido2 0.9, Debian 12's: a passkey and a sign-in, through the library's own client.

  yesterday.py DEVICE create RP_ID          prints the credential's id
  yesterday.py DEVICE get RP_ID ID_FILE     signs in with one of these ids, one a line, and prints which"""

import sys

from fido2.client import ClientError, Fido2Client
from fido2.hid import open_device

ES256 = {"type": "public-key", "alg": -7}


def create(client, rp_id):
    made = client.make_credential({
        "rp": {"id": rp_id, "name": "The round"}, "user": {"id": b"bob", "name": "bob"}, "challenge": bytes(32), "pubKeyCredParams": [ES256],
        "authenticatorSelection": {"userVerification": "preferred"}})
    return made.attestation_object.auth_data.credential_data.credential_id


def get(client, rp_id, ids):
    allowed = [{"type": "public-key", "id": bytes.fromhex(line)} for line in ids]
    options = {"rpId": rp_id, "challenge": bytes(32), "allowCredentials": allowed, "userVerification": "preferred"}
    return client.get_assertion(options).get_response(0).credential_id


def main(device, verb, rp_id, id_file=None):
    client = Fido2Client(open_device(device), f"https://{rp_id}")
    try:
        if verb == "create":
            print(create(client, rp_id).hex())
        else:
            with open(id_file, encoding="ascii") as ids:
                print(get(client, rp_id, ids.read().split()).hex())
    except ClientError as error:
        print(f"{error!r}", file=sys.stderr)
        return 1
    return 0


sys.exit(main(*sys.argv[1:]))
