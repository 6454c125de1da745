"""Two virtual controllers that hear each other, the real bluetoothd, and what a person does to it."""

import pathlib
import select
import socket
import struct
import subprocess

import dbus

from checks import Program, until
from radio import CONTROL_CHANNEL, bind

BLUETOOTHD = "/usr/libexec/bluetooth/bluetoothd"
ADAPTER = "org.bluez.Adapter1"
# Seconds, for one D-Bus call.
CALL = 30


def start_controllers():
    """btvirt's, linked, Low Energy alone. Its ciphers are loaded first: loading them later takes it longer than the kernel waits for a reset."""
    subprocess.run(["modprobe", "-a", "hci_vhci", "af_alg", "algif_skcipher", "algif_hash", "cmac", "ecb"], check=True, timeout=120)
    Program("btvirt", ["btvirt", "-l2", "-L"], stays=True)
    until("both controllers exist", lambda: all(pathlib.Path(f"/sys/class/bluetooth/hci{n}").exists() for n in (0, 1)))


def start_bus():
    subprocess.run(["dbus-daemon", "--system", "--fork", "--nopidfile"], check=True, timeout=60)
    until("the system's D-Bus answers", lambda: pathlib.Path("/run/dbus/system_bus_socket").exists())


def start_bluetoothd():
    """With its own log, which says why it refused something."""
    return Program("bluetoothd", [BLUETOOTHD, "-n", "-d"], stays=True)


def adapters():
    """By name, their properties; none while bluetoothd is not there."""
    bus = dbus.SystemBus(private=True)
    try:
        if not bus.name_has_owner("org.bluez"):
            return {}
        root = dbus.Interface(bus.get_object("org.bluez", "/", introspect=False), "org.freedesktop.DBus.ObjectManager")
        objects = root.GetManagedObjects(timeout=CALL)
        return {path.rsplit("/", 1)[1]: known[ADAPTER] for path, known in objects.items() if ADAPTER in known}
    except dbus.DBusException:
        return {}
    finally:
        bus.close()


def is_powered(name):
    return bool(adapters().get(name, {}).get("Powered"))


def power(name, on):
    """As the settings do, until it is so. bluetoothd says Busy while it is at it."""

    def so():
        if is_powered(name) == on:
            return True
        bus = dbus.SystemBus(private=True)
        try:
            adapter = dbus.Interface(bus.get_object("org.bluez", f"/org/bluez/{name}", introspect=False), "org.freedesktop.DBus.Properties")
            adapter.Set(ADAPTER, "Powered", dbus.Boolean(on, variant_level=1), timeout=CALL)
        except dbus.DBusException:
            pass
        finally:
            bus.close()
        return is_powered(name) == on

    until(f"{name} is {'on' if on else 'off'}", so)


# linux: include/net/bluetooth/mgmt.h. The header is a number, the controller's index and a length.
NO_CONTROLLER = 0xFFFF
STOP_DISCOVERY, COMMAND_COMPLETE, COMMAND_STATUS = 0x0024, 0x0001, 0x0002
LOW_ENERGY = 0x06


def end_discovery(name):
    """Ends the kernel's own discovery, which outlives the bluetoothd that began it, by up to 10.24 s."""
    index = int(name.removeprefix("hci"))
    kernel = socket.socket(socket.AF_BLUETOOTH, socket.SOCK_RAW, socket.BTPROTO_HCI)
    bind(kernel, NO_CONTROLLER, CONTROL_CHANNEL)
    kernel.send(struct.pack("<HHHB", STOP_DISCOVERY, index, 1, LOW_ENERGY))

    def answered():
        if not select.select([kernel], [], [], 0)[0]:
            return False
        event, answer = struct.unpack("<H4xH", kernel.recv(1024)[:8].ljust(8, b"\0"))
        # It is refused when there is none.
        return event in (COMMAND_COMPLETE, COMMAND_STATUS) and answer == STOP_DISCOVERY

    until("the kernel ends its discovery", answered)
    kernel.close()


class OtherClient:
    """Another program that discovers, looking for something else: a heart rate sensor."""

    def __init__(self, name):
        self.bus = dbus.SystemBus(private=True)
        adapter = dbus.Interface(self.bus.get_object("org.bluez", f"/org/bluez/{name}", introspect=False), ADAPTER)
        wanted = {"UUIDs": dbus.Array(["0000180d-0000-1000-8000-00805f9b34fb"], "s"), "Transport": "le"}
        adapter.SetDiscoveryFilter(dbus.Dictionary(wanted, "sv"), timeout=CALL)
        adapter.StartDiscovery(timeout=CALL)

    def close(self):
        """bluetoothd ends the discovery of who leaves the bus."""
        self.bus.close()


def block(on):
    """As airplane mode does."""
    switches = [path.parent for path in pathlib.Path("/sys/class/rfkill").glob("rfkill*/type") if path.read_text().strip() == "bluetooth"]
    for switch in switches:
        (switch / "soft").write_text("1" if on else "0")
    return len(switches)
