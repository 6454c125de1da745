"""The phone's radio: one controller, held through the kernel's HCI user channel.

bluetoothd and its clients do not see the controller, as they do not see a phone's. (With both controllers in bluetoothd a desktop scans on both,
and the kernel refuses to set an address for advertising while a controller scans.)"""

import ctypes
import errno
import os
import select
import socket
import struct
import threading
import time

from checks import Failed, until

# linux: include/net/bluetooth/hci_sock.h
USER_CHANNEL, CONTROL_CHANNEL = 1, 3
COMMAND, EVENT, COMMAND_COMPLETE = 0x01, 0x04, 0x0E
# Bluetooth Core 5.3, Vol 4, Part E, 7.3 and 7.8: group and number of each command.
RESET = (0x03, 0x003)
SET_EVENT_MASK = (0x03, 0x001)
SET_RANDOM_ADDRESS = (0x08, 0x005)
SET_PARAMETERS = (0x08, 0x006)
SET_DATA = (0x08, 0x008)
ENABLE = (0x08, 0x00A)
# In units of 0.625 ms: 100 ms, as phones do while they sign in.
INTERVAL = 160
NON_CONNECTABLE, RANDOM_ADDRESS, ALL_CHANNELS = 3, 1, 7
LEGACY_LEN = 31
# Seconds; an emulated machine that is busy takes its time.
ANSWER = 30
# Seconds. A virtual controller reports an advert when it is enabled and when a scan is, and not in between. The second of these comes so early that
# the kernel may not yet take it for part of a discovery; so it is enabled again and again, as real ones repeat it many times a second.
REPEAT = 0.5


def bind(to, number, channel):
    """Python's own bind knows no channels. Waits while the kernel still sets the controller up, or switches it off."""
    address = struct.pack("<HHH", socket.AF_BLUETOOTH, number, channel)
    libc = ctypes.CDLL(None, use_errno=True)

    def bound():
        if libc.bind(to.fileno(), address, len(address)) == 0:
            return True
        why = ctypes.get_errno()
        if why in (errno.EBUSY, errno.EALREADY, errno.EINPROGRESS):
            return False
        raise Failed(f"controller {number} cannot be held: {os.strerror(why)}")

    until(f"controller {number} is free", bound)


class Radio:
    def __init__(self, number):
        self.socket = socket.socket(socket.AF_BLUETOOTH, socket.SOCK_RAW, socket.BTPROTO_HCI)
        bind(self.socket, number, USER_CHANNEL)
        self.lock = threading.Lock()
        self.on_air = False
        self.closed = threading.Event()
        self.ask(RESET)
        self.ask(SET_EVENT_MASK, b"\xff" * 8)
        self.repeater = threading.Thread(target=self.repeat, daemon=True)
        self.repeater.start()

    def repeat(self):
        while not self.closed.wait(REPEAT):
            with self.lock:
                if self.on_air:
                    self.ask(ENABLE, b"\x00")
                    self.ask(ENABLE, b"\x01")

    def ask(self, command, parameters=b""):
        """Sends a command and waits for its status."""
        opcode = command[0] << 10 | command[1]
        os.write(self.socket.fileno(), struct.pack("<BHB", COMMAND, opcode, len(parameters)) + parameters)
        end = time.monotonic() + ANSWER
        while time.monotonic() < end:
            if not select.select([self.socket], [], [], 1)[0]:
                continue
            packet = os.read(self.socket.fileno(), 512)
            if packet[:2] == bytes([EVENT, COMMAND_COMPLETE]) and packet[4:6] == struct.pack("<H", opcode):
                return packet[6]
        raise Failed(f"the controller does not answer {opcode:#06x}")

    def must(self, command, parameters):
        status = self.ask(command, parameters)
        if status:
            raise Failed(f"the controller refuses {command} with status {status:#04x}")

    def advertise(self, uuid, data, listed=True):
        """Puts service data on the air under a new random address, with or without the list of UUIDs."""
        short = bytes.fromhex(uuid)[::-1]
        flags = b"\x02\x01\x06"
        listing = b"\x03\x03" + short if listed else b""
        advert = flags + listing + bytes([3 + len(data), 0x16]) + short + data
        if len(advert) > LEGACY_LEN:
            raise Failed(f"an advert of {len(advert)} bytes")
        parameters = struct.pack("<HHBBB6sBB", INTERVAL, INTERVAL, NON_CONNECTABLE, RANDOM_ADDRESS, 0, bytes(6), ALL_CHANNELS, 0)
        # The address cannot change on the air.
        self.silence()
        with self.lock:
            self.must(SET_RANDOM_ADDRESS, os.urandom(5) + b"\xc5")
            self.must(SET_PARAMETERS, parameters)
            self.must(SET_DATA, bytes([len(advert)]) + advert.ljust(LEGACY_LEN, b"\0"))
            self.must(ENABLE, b"\x01")
            self.on_air = True

    def silence(self):
        with self.lock:
            self.on_air = False
            self.ask(ENABLE, b"\x00")

    def close(self):
        """Gives the controller back to the kernel, and so to bluetoothd."""
        self.closed.set()
        self.repeater.join()
        self.socket.close()
