"""The machine before: alice's session with a screen, Bluetooth, a relay, and no trace of hybridd."""

import pathlib

import bluetooth
from bluetooth import adapters, is_powered
from checks import SHARE, Program, expect, say, until
from desk import RELAY, check, here
from inventory import inventory, uhid
from network import ADDRESS, connect
from people import in_front, must, user_manager
from radio import Radio
from screen import DISPLAY, switch_on

# What a desktop's session has, and a text console has not: a target that stands for it, with the screen in its environment. The screen has no
# hardware that could draw, and nobody listens to it.
DESKTOP = "[Unit]\nDescription=A desktop\nBindsTo=graphical-session.target\nBefore=graphical-session.target\n"
ENVIRONMENT = [f"DISPLAY={DISPLAY}", "GDK_BACKEND=x11", "GSK_RENDERER=cairo", "GTK_A11Y=none"]


@check("alice has a desktop, the machine has Bluetooth, and a relay listens")
def _():
    until("alice is in front", lambda: in_front() == "alice")
    # This image leaves manuals out.
    for file in pathlib.Path("/etc/dpkg/dpkg.cfg.d").glob("*"):
        file.unlink()
    connect()
    pathlib.Path("/etc/hosts").write_text(f"127.0.0.1 localhost\n{ADDRESS} cable.ua5v.com cable.auth.com\n")
    pathlib.Path("/etc/resolv.conf").write_text("")
    trusted = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
    trusted.parent.mkdir(parents=True, exist_ok=True)
    trusted.write_text((SHARE / "authority.pem").read_text())
    command = [RELAY, "serve", "--listen", f"{ADDRESS}:443", "--tls-cert", SHARE / "chain.pem", "--tls-key", SHARE / "key.pem"]
    relay = Program("relay", command, stays=True)
    until("the relay listens", lambda: "listening" in relay.out.read_text())
    must("systemctl", "stop", "bluetooth")
    bluetooth.start_controllers()
    here["radio"] = Radio(1)
    must("systemctl", "start", "bluetooth")
    until("bluetoothd has hci0 alone", lambda: list(adapters()) == ["hci0"])
    until("bluetoothd switches it on, as it does with new ones", lambda: is_powered("hci0"))
    switch_on()
    target = pathlib.Path("/run/systemd/user/desktop.target")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(DESKTOP)
    for words in (["daemon-reload"], ["set-environment", *ENVIRONMENT], ["start", "desktop.target"]):
        code, said = user_manager("alice", *words)
        expect(code == 0, said)
    expect(user_manager("alice", "is-active", "graphical-session.target")[0] == 0, "there is no graphical session")


@check("there is no trace of hybridd")
def _():
    here["before"] = inventory()
    say(f"   {len(here['before']['files'])} files, {len(here['before']['users'])} users, {len(here['before']['groups'])} groups, "
        f"{len(here['before']['units'])} units; /dev/uhid: {uhid()}")
    traces = [name for kind in here["before"].values() for name in kind if "hybridd" in name]
    expect(not traces, f"there is {traces}")
