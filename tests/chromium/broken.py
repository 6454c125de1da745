"""What a real Chromium does, shows and logs when one thing is broken, and what `hybridd explain --chromium-log` makes of its log."""

import asyncio
import json
import os
import re
import subprocess
import sys
from functools import partial

from websockets.exceptions import ConnectionClosed

import relay
from browser import OUT, Chromium, Phone, prepared, trust

GOOD = "127.0.0.1 localhost cable.ua5v.com cable.auth.com\n"
# The phone waits at the real relay, under its second name; the desktop is sent elsewhere.
ELSEWHERE = "127.0.0.1 localhost cable.auth.com\n{} cable.ua5v.com\n"
PHONE = ["--profile", "android", "--tunnel", "wss://cable.auth.com"]
# Seconds until the dialog is taken to stay.
PATIENCE = int(os.environ.get("LAB_PATIENCE", "5"))
HTML = b"<html><h1>Blocked</h1></html>"


def hosts(text):
    with open("/etc/hosts", "w") as file:
        file.write(text)


unknown, fails, mute = NAMES = [partial(relay.Names, code) for code in (3, 2, None)]


def of_network():
    """Name: what serves at 127.0.0.2, the hosts file, and Chromium's flags."""
    inspected = lambda: relay.shakes(relay.certificate(["cable.ua5v.com"], trusted=False)[:2])
    other = ELSEWHERE.format("127.0.0.2")
    nowhere = ELSEWHERE.format("#")
    yield "offline", "NW23", None, nowhere, ()
    yield "name-unknown", "NW01", unknown, nowhere, ()
    yield "name-server-fails", "NW01", fails, nowhere, ()
    yield "name-server-silent", "NW01", mute, nowhere, ()
    yield "refused", "NW03", None, other, ()
    yield "no-route", "NW03", None, ELSEWHERE.format("198.51.100.1"), ()
    yield "silent", "HS01", relay.silent, other, ()
    yield "tls-reset", "NW21", relay.hangs_up, other, ()
    yield "tls-closed", "NW21", relay.closes, other, ()
    yield "tls-is-http", "NW07", relay.plain_http, other, ()
    yield "tls-inspected", "NW06", inspected, other, ()
    yield "tls-expired", "NW07", lambda: expired((-30, -2)), other, ()
    yield "tls-not-yet", "NW07", lambda: expired((2, 30)), other, ()
    yield "tls-other-name", "NW07", lambda: expired((-1, 30), "portal.example"), other, ()
    for line, code in [
        ("400 Bad Request", "NW14"), ("403 Forbidden", "NW14"), ("404 Not Found", "NW15"), ("407 Proxy Authentication Required", "NW10"),
        ("410 Gone", "NW15"), ("418 I'm a teapot", "NW14"), ("426 Upgrade Required", "NW12"), ("429 Too Many Requests", "NW17"),
        ("500 Internal Server Error", "NW17"), ("502 Bad Gateway", "NW17"), ("503 Service Unavailable", "NW17"),
        ("511 Network Authentication Required", "NW08"),
    ]:
        yield "status-" + line[:3], code, relay.status(line), other, ()
    yield "status-200", "NW12", relay.status("200 OK", "Content-Type: text/html", body=HTML), other, ()
    yield "status-302", "NW18", relay.status("302 Found", "Location: https://portal.example/"), other, ()
    yield "silent-after-tls", "HS01", relay.answers(None), other, ()
    yield "empty-answer", "NW21", relay.answers(b""), other, ()
    yield "answer-is-no-http", "NW12", relay.answers(b"SSH-2.0-x\r\n"), other, ()
    drop = lambda name: lambda answer: b"\r\n".join(line for line in answer.split(b"\r\n") if not line.lower().startswith(name))
    yield "no-subprotocol", "NW13", relay.passes_on(drop(b"sec-websocket-protocol")), other, ()
    yield "wrong-accept", "NW12", relay.passes_on(lambda answer: re.sub(rb"(?i)(sec-websocket-accept: )....", rb"\1AAAA", answer)), other, ()
    yield "dropped-after-101", "HS07", relay.passes_on(after=relay.drops), other, ()
    yield "close-1000", "HS07", relay.passes_on(after=relay.says(relay.frame(8, b"\x03\xe8"))), other, ()
    yield "close-1008", "HS07", relay.passes_on(after=relay.says(relay.frame(8, b"\x03\xf0"))), other, ()
    yield "text-frame", "HS06", relay.passes_on(after=relay.says(relay.frame(1, b"hello"))), other, ()
    yield "unknown-opcode", "HS07", relay.passes_on(after=relay.says(relay.frame(3, b"hello"))), other, ()
    yield "bytes-of-its-own", "HS02", relay.passes_on(after=relay.says(relay.frame(2, b"hello"))), other, ()
    yield "silent-after-101", "HS01", relay.passes_on(after=relay.says(b"")), other, ()
    proxy = ("--proxy-server=http://127.0.0.2:443", "--proxy-bypass-list=localhost")
    yield "proxy-refused", "NW24", None, GOOD, proxy
    yield "proxy-403", "NW11", plain("403 Forbidden"), GOOD, proxy
    yield "proxy-407", "NW10", plain("407 Proxy Authentication Required", 'Proxy-Authenticate: Basic realm="x"'), GOOD, proxy
    yield "proxy-407-ntlm", "NW10", plain("407 Proxy Authentication Required", "Proxy-Authenticate: NTLM"), GOOD, proxy
    yield "proxy-502", "NW11", plain("502 Bad Gateway"), GOOD, proxy
    yield "proxy-silent", "HS01", relay.silent, GOOD, proxy
    socks = ("--proxy-server=socks5://127.0.0.2:443", "--proxy-bypass-list=localhost")
    yield "socks-refuses", "NW11", socks_refuses, GOOD, socks


def expired(days, name="cable.ua5v.com"):
    chain, key, authority = relay.certificate([name], days)
    trust("lab2", authority)
    return relay.shakes((chain, key))


def plain(line, *headers):
    def serve(connection):
        relay.head(connection)
        connection.sendall("\r\n".join([f"HTTP/1.1 {line}", *headers, "Content-Length: 0", "Connection: close", "", ""]).encode())
        connection.close()

    return serve


def socks_refuses(connection):
    connection.recv(256)
    connection.sendall(b"\x05\x00")
    connection.recv(256)
    connection.sendall(b"\x05\x02\x00\x01\x00\x00\x00\x00\x00\x00")


def explain(path):
    command = ["hybridd", "explain", "--json", "--chromium-log", path]
    said = subprocess.run(command, capture_output=True, text=True, timeout=20)
    if said.returncode:
        return said.stderr.strip()[:100]
    attempts = json.loads(said.stdout)["attempts"]
    return " | ".join(", ".join(f"{f['code']} {f['certainty']}" for f in attempt["findings"]) or "nothing" for attempt in attempts)


def write(name, lines):
    path = f"{OUT}/logs/{name}.log"
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\n")
    return path


ROWS = []


async def attempt(chromium, name, expected, phone, patience):
    """One request: how it ends, where the dialog stays, and what its part of the log is taken for."""
    start = chromium.position()
    await chromium.ask(os.environ.get("LAB_KIND", "create"), {})
    code = await chromium.code(start, 6)
    running = phone and code and Phone(code, *phone)
    result = await chromium.result(patience)
    shown = ""
    if result is None:
        chromium.picture(name)
        shown = (chromium.steps(start) or ["no dialog"])[-1]
        result = await chromium.cancel() or {}
    if running:
        running.end(1)
    await asyncio.sleep(0.3)
    path = write(name, chromium.lines(start))
    says = explain(path)
    first = says.split(" ")[0]
    ROWS.append(first == expected.replace("-", "nothing") or (expected == "CT.." and first.startswith("CT")))
    mark = "ok    " if ROWS[-1] else "WRONG "
    outcome = "completed" if result.get("ok") else result.get("name")
    print(f"{mark}{name:<26} {says:<30} {'stays at ' + shown if shown else outcome}", flush=True)


async def network(only):
    for name, expected, serve, names, flags in of_network():
        if only and name not in only:
            continue
        if getattr(serve, "__name__", "") == "<lambda>":
            serve = serve()
        hosts(names)
        subprocess.run(["ip", "link", "set", "away", "down" if name == "offline" else "up"], check=True)
        if name != "offline":
            subprocess.run(["ip", "route", "replace", "default", "via", "192.0.2.2"], check=True)
        running = serve() if serve in NAMES else serve and relay.Relay(serve)
        async with Chromium(name, flags) as chromium:
            await attempt(chromium, name, expected, PHONE if names != GOOD else ["--profile", "android"], PATIENCE)
        if running:
            running.close()


# Where Chromium's log says something else than hybridd does, or Chromium takes what hybridd refuses.
LOG_SAYS = {
    "suffix": "AD01", "short-advert": "AD01", "unknown-domain": "AD02", "reserved": "AD02", "wrong-domain": "HS07", "stray-getinfo": "PH08",
    "bad-getinfo": "HS03", "bad-update": "HS03", "update-flood": "-", "drop": "HS05", "ping-storm": "HS05",
    "oversize-reply": "HS05", "not-present": "-", "not-verified": "-",
}
# Faults that need a second code, or more patience than a row has; and messages at which this Chromium ends.
LEFT_OUT = ["stale-qr", "late-advert", "slow-user", "early-reply", "json", "empty-reply"]


async def phone(only):
    listed = subprocess.run(["phone-sim", "faults"], stdout=subprocess.PIPE, text=True, check=True).stdout
    hosts(GOOD)
    rows = [line.split()[:2] for line in listed.splitlines()]
    rows = [(fault.split("[")[0], expected) for fault, expected in rows]
    rows = [(fault, LOG_SAYS.get(fault, expected)) for fault, expected in rows if fault in (only or {fault} - set(LEFT_OUT))]
    while rows:
        async with Chromium("phone") as chromium:
            while rows:
                fault, expected = rows.pop(0)
                try:
                    await attempt(chromium, "phone-" + fault, expected, ["--profile", "android", "--fault", fault], PATIENCE)
                except ConnectionClosed:
                    ROWS.append(False)
                    print(f"WRONG phone-{fault}: Chromium itself ended", flush=True)
                    break


async def radio(broken):
    """With what the stage did to Bluetooth."""
    hosts(GOOD)
    [state] = broken
    expected = {"off": "BT03", "none": "BT01", "stopped": "BT01", "forbidden": "BT01", "denied": "BT05", "busy": "BT07"}[state]
    async with Chromium("radio") as chromium:
        await attempt(chromium, "radio-" + state, expected, None, PATIENCE)


async def main():
    os.makedirs(OUT + "/logs", exist_ok=True)
    with open(os.environ["HOME"] + "/resolv.conf", "w") as file:
        file.write("nameserver 127.0.0.2\noptions timeout:2 attempts:1\n")
    subprocess.run(["mount", "--bind", file.name, "/etc/resolv.conf"], check=True)
    with prepared():
        await {"network": network, "phone": phone, "radio": radio}[sys.argv[1]](sys.argv[2:])
    print(f"{sum(ROWS)} of {len(ROWS)}")
    return 0 if all(ROWS) else 1


sys.exit(asyncio.run(main()))
