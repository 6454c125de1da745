"""How the key comes: the package's files, a relay, the service, and an adapter."""

import pathlib
import re

import bluetooth
from bluetooth import adapters, is_powered
from checks import SHARE, Program, expect, now, say, until
from desk import HYBRIDD, RELAY, agent, as_alice, check, device, devices, here, key
from network import ADDRESS, connect
from people import in_front, must
from radio import Radio

DIST = SHARE / "dist"


@check("the files of the package are in their places, and a relay listens")
def _():
    for name, place in {
        # First: a rule that is read before its group is there names nobody.
        "hybridd.sysusers": "/usr/lib/sysusers.d/hybridd.conf",
        "hybridd.service": "/usr/lib/systemd/system/hybridd.service",
        "70-hybridd.rules": "/usr/lib/udev/rules.d/70-hybridd.rules",
        "org.hybridd.key.policy": "/usr/share/polkit-1/actions/org.hybridd.key.policy",
        "org.hybridd.Key1.conf": "/usr/share/dbus-1/system.d/org.hybridd.Key1.conf",
        "hybridd-agent.service": "/usr/lib/systemd/user/hybridd-agent.service",
    }.items():
        must("install", "-D", "-m", "644", DIST / name, place)
        if place.startswith("/usr/lib/sysusers.d"):
            must("systemd-sysusers", "hybridd.conf")
    must("install", "-D", "-m", "755", SHARE / "hybridd-key", "/usr/libexec/hybridd/key")
    must("install", "-D", "-m", "755", HYBRIDD, "/usr/bin/hybridd")
    must("modprobe", "uhid")
    must("udevadm", "control", "--reload")
    must("udevadm", "trigger", "--settle", "--action=add", "--sysname-match=uhid")
    must("systemctl", "daemon-reload")
    until("alice is in front", lambda: in_front() == "alice")
    must("busctl", "call", "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "ReloadConfig")
    must(*as_alice("systemd-analyze", "--user", "--man=no", "verify", "/usr/lib/systemd/user/hybridd-agent.service"))
    connect()
    pathlib.Path("/etc/hosts").write_text(f"127.0.0.1 localhost\n{ADDRESS} cable.ua5v.com cable.auth.com\n")
    pathlib.Path("/etc/resolv.conf").write_text("")
    command = [RELAY, "serve", "--listen", f"{ADDRESS}:443", "--tls-cert", SHARE / "chain.pem", "--tls-key", SHARE / "key.pem"]
    relay = Program("relay", command, stays=True)
    until("the relay listens", lambda: "listening" in relay.out.read_text())


@check("without a service, and then without an adapter, there is no key, and it is said why")
def _():
    agent()
    since = now()
    # systemd starts no bluetoothd where the kernel has no controller: BT01 all the same.
    until("status says that there is no adapter or no service", lambda: re.search("BT01|UH04", key("status")[1]))
    say(f"   status took {now() - since:.1f} s")
    must("systemctl", "enable", "--now", "hybridd")
    say(f"   the service was there after {now() - since:.1f} s")
    until("status says that there is no adapter", lambda: "BT01" in key("status")[1])
    told = key("status")[1]
    expect("Plug in an adapter" in told, f"it does not say what is missing: {told}")
    expect(not devices(), f"there is {devices()}")


@check("an adapter brings the key, and it is alice's")
def _():
    must("systemctl", "stop", "bluetooth")
    bluetooth.start_controllers()
    here["radio"] = Radio(1)
    must("systemctl", "start", "bluetooth")
    until("bluetoothd has hci0 alone", lambda: list(adapters()) == ["hci0"])
    until("bluetoothd switches it on, as it does with new ones", lambda: is_powered("hci0"))
    device()
    until("status says that it is there", lambda: key("status")[0] == 0)
