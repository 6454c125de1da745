#!/usr/bin/env python3
"""A security key of its own beside hybridd's: CTAP 2.0 over /dev/uhid, ES256, touched by nobody and yet always willing. With `--untouched` it waits
for a touch, which is a SIGUSR1.

It shares no code with hybridd. What it is asked is told as JSON Lines: `{"ev":"asked","command":"get","rp_id":…,"up":…,"ids":…,"known":…}`, and
`{"ev":"waits"}` for a touch until that or `{"ev":"cancelled"}`."""

import hashlib
import json
import os
import select
import signal
import struct
import sys

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor

NAME = "another key"
# linux: include/uapi/linux/uhid.h
CREATE2, DESTROY, INPUT2, OUTPUT = 11, 1, 12, 6
EVENT = 4380
DESCRIPTOR = bytes.fromhex("06d0f10901a1010920150026ff007508954081020921150026ff00750895409102c0")
BROADCAST = 0xFFFFFFFF
PING, INIT, CBOR, CANCEL, KEEPALIVE, ERROR = 0x81, 0x86, 0x90, 0x91, 0xBB, 0xBF
CAPABILITIES = 0x0C
BUSY, WAITS_FOR_TOUCH = b"\x06", b"\x02"
# Seconds between keepalives.
BEAT = 0.1
OK, INVALID, CANCELLED, NO_CREDENTIALS = 0x00, 0x01, 0x2D, 0x2E
MAKE, GET, INFO = 0x01, 0x02, 0x04
AAGUID = b"a second key    "


def tell(**event):
    print(json.dumps(event), flush=True)


class Key:
    def __init__(self):
        # By party and id, the private key.
        self.credentials = {}

    def answer(self, request):
        command, parameters = request[0], cbor.decode(request[1:]) if request[1:] else {}
        if command == INFO:
            return bytes([OK]) + cbor.encode({1: ["FIDO_2_0"], 3: AAGUID, 4: {"rk": False, "up": True}, 5: 1200})
        if command == MAKE:
            tell(ev="asked", command="make", rp_id=parameters[2]["id"], user=parameters[3].get("name"))
            return self.make(parameters)
        if command == GET:
            return self.get(parameters)
        return bytes([INVALID])

    @staticmethod
    def needs_touch(request):
        return request[0] == MAKE or request[0] == GET and cbor.decode(request[1:]).get(5, {}).get("up", True)

    def make(self, parameters):
        rp_id, private = parameters[2]["id"], ec.generate_private_key(ec.SECP256R1())
        name = os.urandom(32)
        self.credentials[rp_id, name] = private
        point = private.public_key().public_numbers()
        cose = cbor.encode({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")})
        data = self.data(rp_id, 0x41) + AAGUID + struct.pack(">H", len(name)) + name + cose
        signature = private.sign(data + parameters[1], ec.ECDSA(hashes.SHA256()))
        return bytes([OK]) + cbor.encode({1: "packed", 2: data, 3: {"alg": -7, "sig": signature}})

    def get(self, parameters):
        rp_id, names = parameters[1], [bytes(entry["id"]) for entry in parameters.get(3, [])]
        up = parameters.get(5, {}).get("up", True)
        known = [name for name in names if (rp_id, name) in self.credentials]
        tell(ev="asked", command="get", rp_id=rp_id, up=up, ids=len(names), known=len(known))
        if not known:
            return bytes([NO_CREDENTIALS])
        data = self.data(rp_id, int(up))
        signature = self.credentials[rp_id, known[0]].sign(data + parameters[2], ec.ECDSA(hashes.SHA256()))
        return bytes([OK]) + cbor.encode({1: {"id": known[0], "type": "public-key"}, 2: data, 3: signature})

    @staticmethod
    def data(rp_id, flags):
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + bytes(4)


class Device:
    """CTAPHID: one message at a time, which is enough for who asks in turn."""

    def __init__(self, key, untouched):
        self.key, self.channel, self.want, self.have, self.command = key, 0, 0, b"", 0
        # The channel and the request that wait for a touch.
        self.untouched, self.touched, self.waiting = untouched, False, None
        signal.signal(signal.SIGUSR1, lambda *_: setattr(self, "touched", True))
        self.uhid = os.open("/dev/uhid", os.O_RDWR)
        create = NAME.encode().ljust(128, b"\0") + bytes(64) + b"another".ljust(64, b"\0")
        create += struct.pack("<HHIIII", len(DESCRIPTOR), 3, 0x1209, 0x0001, 0, 0) + DESCRIPTOR.ljust(4096, b"\0")
        os.write(self.uhid, struct.pack("<I", CREATE2) + create)

    def run(self):
        tell(ev="there")
        while True:
            if self.waiting and not select.select([self.uhid], [], [], BEAT)[0]:
                self.beat()
                continue
            event = os.read(self.uhid, EVENT)
            if struct.unpack("<I", event[:4])[0] == OUTPUT:
                size = struct.unpack("<H", event[4 + 4096:4 + 4098])[0]
                # The number of the report comes first.
                self.report(event[5:4 + size].ljust(64, b"\0"))

    def beat(self):
        """Nothing came: a touch, or another moment without one."""
        channel, request = self.waiting
        if self.touched:
            self.touched, self.waiting = False, None
            self.send(channel, CBOR, self.key.answer(request))
        else:
            self.send(channel, KEEPALIVE, WAITS_FOR_TOUCH)

    def report(self, report):
        channel, command = struct.unpack(">IB", report[:5])
        if command & 0x80:
            self.channel, self.command, self.want = channel, command, struct.unpack(">H", report[5:7])[0]
            self.have = report[7:]
        else:
            self.have += report[5:]
        if len(self.have) < self.want:
            return
        message = self.have[:self.want]
        if self.command == INIT:
            new = struct.unpack(">I", os.urandom(4))[0] & 0x7FFFFFFF | 1
            self.send(channel, INIT, message + struct.pack(">IBBBBB", new if channel == BROADCAST else channel, 2, 0, 0, 1, CAPABILITIES))
        elif self.command == CBOR and self.waiting:
            self.send(channel, ERROR, BUSY)
        elif self.command == CBOR and self.untouched and self.key.needs_touch(message):
            self.touched, self.waiting = False, (channel, message)
            tell(ev="waits")
        elif self.command == CBOR:
            self.send(channel, CBOR, self.key.answer(message))
        elif self.command == PING:
            self.send(channel, PING, message)
        elif self.command == CANCEL and self.waiting and self.waiting[0] == channel:
            self.waiting = None
            tell(ev="cancelled")
            self.send(channel, CBOR, bytes([CANCELLED]))
        elif self.command != CANCEL:
            self.send(channel, ERROR, b"\x01")
        self.want, self.have = 1 << 16, b""

    def send(self, channel, command, message):
        frame, rest, sequence = struct.pack(">IBH", channel, command, len(message)) + message[:57], message[57:], 0
        self.write(frame)
        while rest:
            frame, rest = struct.pack(">IB", channel, sequence) + rest[:59], rest[59:]
            sequence += 1
            self.write(frame)

    def write(self, frame):
        frame = frame.ljust(64, b"\0")
        os.write(self.uhid, struct.pack("<IH", INPUT2, len(frame)) + frame)


if __name__ == "__main__":
    Device(Key(), "--untouched" in sys.argv).run()
