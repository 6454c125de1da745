"""The machine's way to the relay: an interface that can go away, and takes the default route along."""

import fcntl
import socket
import struct

from people import must, run

INTERFACE, ADDRESS = "wan", "10.9.8.7"
# linux: include/uapi/linux/sockios.h and if.h
GET_FLAGS, SET_FLAGS, UP = 0x8913, 0x8914, 1


def connect():
    if run("ip", "link", "show", INTERFACE)[0] != 0:
        must("ip", "link", "add", INTERFACE, "type", "dummy")
        must("ip", "address", "add", f"{ADDRESS}/24", "dev", INTERFACE)
    must("ip", "link", "set", INTERFACE, "up")
    must("ip", "route", "replace", "default", "dev", INTERFACE)


def disconnect():
    """At once: a program that does it takes its time to start."""
    name = INTERFACE.encode()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        flags = struct.unpack("16sh", fcntl.ioctl(any_socket, GET_FLAGS, struct.pack("16sh14x", name, 0))[:18])[1]
        fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sh14x", name, flags & ~UP))
