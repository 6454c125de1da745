"""A certificate authority that speaks ACME, Let's Encrypt's own for tests (pebble), and a name that leads to this machine."""

import json
import pathlib

from checks import Program, until
from people import must, run

NAME = "cable.example.org"
ADDRESS = "192.0.2.1"
# Seconds. An emulated machine takes its time to look for RSA keys, and to hash all authorities of the world.
PATIENCE = 600
FOLDER = pathlib.Path("/run/pebble")
ACME, MANAGEMENT = "localhost:14000", "localhost:15000"


def begin():
    """Gives the machine its address in the world and begins to issue certificates, which the machine trusts and certbot asks for."""
    must("ip", "address", "add", f"{ADDRESS}/32", "dev", "lo")
    with pathlib.Path("/etc/hosts").open("a") as hosts:
        hosts.write(f"{ADDRESS} {NAME}\n")
    FOLDER.mkdir()
    key, chain = FOLDER / "key.pem", FOLDER / "chain.pem"
    must("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", chain, "-days", "2",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    config = {"listenAddress": ACME, "managementListenAddress": MANAGEMENT, "certificate": str(chain), "privateKey": str(key), "httpPort": 80,
              "tlsPort": 443, "ocspResponderURL": ""}
    (FOLDER / "config.json").write_text(json.dumps({"pebble": config}))
    # Without the waits and refusals by which it tries the patience of clients.
    at_once = {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"}
    Program("pebble", ["pebble", "-config", FOLDER / "config.json"], env=at_once, stays=True)

    def roots():
        code, said = run("curl", "-s", "--cacert", chain, f"https://{MANAGEMENT}/roots/0")
        return code == 0 and said

    pathlib.Path("/usr/local/share/ca-certificates/pebble.crt").write_text(until("pebble tells its root", roots, PATIENCE))
    must("update-ca-certificates", patience=PATIENCE)
    # Where certbot looks for what else a person would type: the terms, an address for mails, and which authority.
    told = pathlib.Path("/root/.config/letsencrypt/cli.ini")
    told.parent.mkdir(parents=True)
    told.write_text(f"server = https://{ACME}/dir\nno-verify-ssl = true\nagree-tos = true\nregister-unsafely-without-email = true\nnon-interactive = true\n")
