"""The machine's way to the relay: an interface that can go away, and takes the default route along."""

from people import must, run

INTERFACE, ADDRESS = "wan", "10.9.8.7"


def connect():
    if run("ip", "link", "show", INTERFACE)[0] != 0:
        must("ip", "link", "add", INTERFACE, "type", "dummy")
        must("ip", "address", "add", f"{ADDRESS}/24", "dev", INTERFACE)
    must("ip", "link", "set", INTERFACE, "up")
    must("ip", "route", "replace", "default", "dev", INTERFACE)


def disconnect():
    must("ip", "link", "set", INTERFACE, "down")
