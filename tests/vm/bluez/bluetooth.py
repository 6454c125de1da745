"""Two virtual controllers that hear each other, the real bluetoothd, and what a person does to it."""

import pathlib
import select
import socket
import struct
import subprocess

import dbus

from checks import Failed, Program, expect, say, until
from radio import CONTROL_CHANNEL, bind

BLUETOOTHD = "/usr/libexec/bluetooth/bluetoothd"
ADAPTER = "org.bluez.Adapter1"
# Seconds, for one D-Bus call.
CALL = 30
# Seconds, and how often it is tried.
SET_UP, STARTS = 20, 5
# Seconds.
MOMENT = 3


def start_controllers():
    """btvirt's, linked, Low Energy alone. Its ciphers are loaded first: loading them later takes it longer than the kernel waits for a reset, which
    is two seconds. On a busy computer it takes longer all the same now and then, and the kernel gives the controller up: then once more."""
    subprocess.run(["modprobe", "-a", "hci_vhci", "af_alg", "algif_skcipher", "algif_hash", "cmac", "ecb"], check=True, timeout=120)
    folders = [pathlib.Path(f"/sys/class/bluetooth/hci{number}") for number in (0, 1)]
    for _ in range(STARTS):
        btvirt = Program("btvirt", ["btvirt", "-l2", "-L"], stays=True)
        until("both controllers exist", lambda: all(folder.exists() for folder in folders))
        try:
            return until("the kernel has set both controllers up", lambda: controllers() == [0, 1], SET_UP)
        except Failed as failed:
            say(f"    {failed}: once more")
        btvirt.end()
        until("both controllers are gone", lambda: not any(folder.exists() for folder in folders))
    raise Failed("the kernel sets the controllers up at no time")


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
READ_INDEX_LIST, STOP_DISCOVERY, COMMAND_COMPLETE, COMMAND_STATUS = 0x0003, 0x0024, 0x0001, 0x0002
LOW_ENERGY = 0x06


def ask_kernel(command, index, parameters=b""):
    """Bluetooth's management interface: the status of a command, and what it returns."""
    kernel = socket.socket(socket.AF_BLUETOOTH, socket.SOCK_RAW, socket.BTPROTO_HCI)
    bind(kernel, NO_CONTROLLER, CONTROL_CHANNEL)
    kernel.send(struct.pack("<HHH", command, index, len(parameters)) + parameters)

    def answer():
        if not select.select([kernel], [], [], 0)[0]:
            return None
        said = kernel.recv(1024).ljust(9, b"\0")
        event, answered, status = struct.unpack("<H4xHB", said[:9])
        # Other events come, too.
        return (status, said[9:]) if event in (COMMAND_COMPLETE, COMMAND_STATUS) and answered == command else None

    try:
        return until(f"the kernel answers {command:#06x}", answer)
    finally:
        kernel.close()


def controllers():
    """The numbers of those that the kernel has set up, in order."""
    _, listed = ask_kernel(READ_INDEX_LIST, NO_CONTROLLER)
    count = struct.unpack("<H", listed[:2])[0]
    return sorted(struct.unpack(f"<{count}H", listed[2:2 + 2 * count]))


def end_discovery(name):
    """Ends the kernel's own discovery, which outlives the bluetoothd that began it, by up to 10.24 s. It is refused when there is none."""
    ask_kernel(STOP_DISCOVERY, int(name.removeprefix("hci")), bytes([LOW_ENERGY]))


class OtherClient:
    """Another program that discovers, as we do or looking for something else: a heart rate sensor."""

    def __init__(self, name, as_we_do=False):
        self.bus = dbus.SystemBus(private=True)
        adapter = dbus.Interface(self.bus.get_object("org.bluez", f"/org/bluez/{name}", introspect=False), ADAPTER)
        wanted = {"Transport": "le"}
        if not as_we_do:
            wanted["UUIDs"] = dbus.Array(["0000180d-0000-1000-8000-00805f9b34fb"], "s")
        adapter.SetDiscoveryFilter(dbus.Dictionary(wanted, "sv"), timeout=CALL)
        adapter.StartDiscovery(timeout=CALL)

    def close(self):
        """bluetoothd ends the discovery of who leaves the bus."""
        self.bus.close()


def lose_count(bluetoothd, name):
    """The kernel ends each discovery by itself after 10.24 s. If it does so while bluetoothd asks it to, as nobody is left who discovers, it refuses
    what was asked: from then on bluetoothd says that it discovers, and answers who wants the same that it does so already. The moment is made
    longer here: what bluetoothd writes to the kernel takes its time."""
    last = OtherClient(name, as_we_do=True)
    asking = Program("strace", ["strace", "-p", bluetoothd.process.pid, "-e", "trace=writev", "-e", f"inject=writev:delay_enter={MOMENT * 1_000_000}"])
    until("strace watches", lambda: "attached" in asking.err.read_text())
    last.close()
    until("bluetoothd asks the kernel", lambda: "writev" in asking.err.read_text())
    end_discovery(name)
    until("the kernel has refused", lambda: "= " in asking.err.read_text())
    asking.end()
    expect(adapters()[name]["Discovering"], "bluetoothd has not lost count")


def block(on):
    """As airplane mode does."""
    switches = [path.parent for path in pathlib.Path("/sys/class/rfkill").glob("rfkill*/type") if path.read_text().strip() == "bluetooth"]
    for switch in switches:
        (switch / "soft").write_text("1" if on else "0")
    return len(switches)
