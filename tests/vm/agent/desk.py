"""Alice's desk: the key as programs see it, the agent with its prompt, and the phone."""

import base64
import os
import pathlib
import select
import time

from checks import PATIENCE, SHARE, Checks, Failed, Program, expect, now, say, until
from people import UIDS, must, run, user_manager, user_program

NAME = "hybridd phone key"
HYBRIDD, PHONE, RELAY = (SHARE / name for name in ("hybridd", "phone-sim", "tunnel-server"))
TRUST = {"SSL_CERT_FILE": str(SHARE / "authority.pem")}
STORE = "/tmp/passkeys.json"
DIALS = 6
# Seconds within which a program must learn that its request ended: one, and another for a machine that is emulated.
AT_ONCE = 2
# Seconds, between looks at a program that is about to end.
GLANCE = 0.01
HOME = pathlib.Path("/home/alice")

checks = Checks()
check = checks.check
here = {}


# --- the key, and programs that use it ---

def devices():
    return sorted(pathlib.Path("/dev").glob("hidraw*"))


def named(name):
    """The node of the key with this name, if there is one."""
    for node in devices():
        try:
            uevent = pathlib.Path(f"/sys/class/hidraw/{node.name}/device/uevent").read_text()
        except OSError:
            continue
        if f"HID_NAME={name}" in uevent.splitlines():
            return node
    return None


def usable(name):
    """The same, once udev has given it to alice."""

    def look():
        node = named(name)
        may = node and must("udevadm", "settle") == "" and "user:alice:rw-" in run("getfacl", "-cp", node)[1]
        return node if may else None

    return until(f"alice may use {name}", look)


def device():
    return usable(NAME)


def gone():
    until("the device is gone", lambda: not named(NAME))


def as_alice(*command):
    return ["runuser", "-u", "alice", "--", "env", f"XDG_RUNTIME_DIR=/run/user/{UIDS['alice']}", f"HOME={HOME}", *command]


def key(*words):
    return run(*as_alice("hybridd", "key", *words), patience=120)


def program(name, *command, lines=None):
    """A program of alice's; it runs until the key answers."""
    return Program(name, as_alice(*command), stdin=None if lines is None else "\n".join(lines) + "\n")


def register(site="example.org"):
    lines = [base64.b64encode(bytes(32)).decode(), site, "alice", base64.b64encode(b"id").decode()]
    return program("fido2-cred", "fido2-cred", "-M", device(), lines=lines)


def tokens(*command):
    """What fido2-token lists, for who runs it by this command."""
    return must(*command, "fido2-token", "-L")


def keepalive_gaps(seconds):
    """From one keepalive to the next, as another handle sees them."""
    handle = os.open(device(), os.O_RDONLY | os.O_NONBLOCK)
    end, before, gaps = now() + seconds, now(), []
    while select.select([handle], [], [], max(0, end - now()))[0]:
        if os.read(handle, 64)[4] == 0xbb:
            gaps.append(now() - before)
            before = now()
    os.close(handle)
    return gaps


def well(ended, what):
    code = ended.ended()
    if code != 0:
        ended.show()
    expect(code == 0, f"{what} ended with {code}: {ended.err.read_text()}")
    return ended.out.read_text()


# --- the agent, its prompt, and the phone ---

def agent_of(user):
    number = here["agents"] = here.get("agents", 0) + 1
    return user_program(f"agent-{number}", user, "env", f"SSL_CERT_FILE={TRUST['SSL_CERT_FILE']}", *here.get("surroundings", []),
                        "hybridd", "agent", "--prompt", here.get("prompt", "terminal"))


def agent():
    here["agent"] = agent_of("alice")


def said():
    return here["agent"].err.read_text(errors="replace")


def tell(_):
    """What the agent and bluetoothd were at when a check failed."""
    if "agent" in here:
        here["agent"].show()
    print(f"    bluetoothd: {run('busctl', 'get-property', 'org.bluez', '/org/bluez/hci0', 'org.bluez.Adapter1', 'Powered', 'Discovering')[1].split()}", flush=True)


checks.when_failed = tell


def codes():
    return [line for line in said().splitlines() if line.startswith("FIDO:/")]


def agent_pid():
    return int(user_manager("alice", "show", "-p", "MainPID", "--value", here["agent"].name)[1].strip())


def prompts():
    return [int(pid) for pid in run("pgrep", "-u", "alice", "-f", "prompt-terminal")[1].split()]


def prompt_pid():
    return until("a prompt runs", prompts)[0]


def told(code):
    """What the prompt said since it showed this code."""
    return said().split(code)[-1]


def shown(before):
    """The code of a request that was made when so many had been shown."""
    return until("a code is shown", lambda: codes()[before:])[0]


def advert_of(phone):
    return next((event["hex"] for event in phone.events(phone.out) if event.get("ev") == "advert"), None)


def scan(code, *options):
    """A phone and its advert. On a busy computer it may not reach the relay in the time that the two allow each other, and dials again."""
    for _ in range(DIALS):
        phone = Program("phone", [PHONE, "answer", "-", "--store", STORE, "--radio", "print", *options], stdin=code + "\n", env=TRUST)
        until("the phone advertises or ends", lambda: advert_of(phone) or phone.process.poll() is not None)
        if advert_of(phone):
            here["radio"].advertise("fff9", bytes.fromhex(advert_of(phone)))
            return phone
    raise Failed("the phone does not advertise")


def answered(start, what, *options):
    """A program's request, answered by a phone with these options; what the program printed."""
    before = len(codes())
    started = start()
    phone = scan(shown(before), *options)
    try:
        printed = well(started, what)
    finally:
        here["radio"].silence()
    expect(phone.ended() == 0, "the phone is not content")
    return printed


def cancelled(started, since, at_once=AT_ONCE):
    end = since + PATIENCE
    while started.process.poll() is None and now() < end:
        time.sleep(GLANCE)
    took = now() - since
    words = started.err.read_text()
    started.ended()
    expect("KEEPALIVE_CANCEL" in words, f"the program says: {words}")
    expect(took < at_once, f"it was told after {took:.1f} s")
    say(f"   the program was told within {took * 1000:.0f} ms")


def journal():
    return must("journalctl", "-u", "hybridd", "-o", "cat", "--no-pager")
