"""From one version to the next and back: both programs are restarted, what people set remains, and no key is ever there without an agent."""

import pathlib
import threading

from camera import TRIES
from checks import SHARE, Failed, expect, now, say, until
from desk import HOME, check, device, here, key, named, NAME, register
from inventory import difference, inventory, uhid
from packages import NEWER, agent_is, agent_pid, both_run, install, is_active, service_pid, version_of
from people import must, run
from screen import goes, window

SETTINGS = pathlib.Path("/etc/hybridd/config.toml")
STATE = HOME / ".local/state/hybridd"
# Seconds: the service sees at once that an agent left, and an emulated machine takes its time.
AT_ONCE = 1


class Watch(threading.Thread):
    """How long there was a key and no agent, at the longest; and how long there was none."""

    def __init__(self):
        super().__init__(daemon=True)
        self.over, self.looks, self.alone, self.absent = threading.Event(), 0, 0.0, 0.0

    def run(self):
        alone = absent = None
        while not self.over.wait(0.05):
            self.looks += 1
            # In this order: an agent that ends between the two takes the key along.
            agent = any(is_agent(folder) for folder in pathlib.Path("/proc").glob("[0-9]*"))
            there = bool(named(NAME))
            alone = (alone or now()) if there and not agent else None
            absent = (absent or now()) if not there else None
            self.alone = max(self.alone, now() - alone if alone else 0)
            self.absent = max(self.absent, now() - absent if absent else 0)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()


def is_agent(folder):
    try:
        return (folder / "cmdline").read_bytes().split(b"\0")[1:2] == [b"agent"]
    except OSError:
        return False


def waiting():
    """A program for which the window is there. A busy machine may be too slow for the agent's patience with a window, and alice starts again."""
    for _ in range(TRIES):
        program = register()
        if until("the window comes, or the program ends", lambda: window() or program.process.poll() is not None) is not True:
            return program
        say("   the window came too late; once more")
    raise Failed("the window comes too late")


def state():
    return {path.name: path.read_bytes() for path in STATE.iterdir() if path.is_file()}


@check("an upgrade ends what waits, restarts the service and the agent, and there is no key without an agent")
def _():
    SETTINGS.write_text(SETTINGS.read_text() + 'history = "hashes"\n')
    here["state"] = state()
    device()
    before = (service_pid(), agent_pid())
    program = waiting()
    with Watch() as watch:
        (SHARE / "logs" / "dpkg-upgrade").write_text(install(newer=True))
        both_run()
        device()
    program.ended()
    expect("KEEPALIVE_CANCEL" in program.err.read_text(), f"the program says: {program.err.read_text()}")
    goes()
    say(f"   {watch.looks} looks; without an agent the key was there for {watch.alone:.1f} s at most, and it was away for {watch.absent:.1f} s at most")
    expect(watch.alone < AT_ONCE, "the key was there without an agent")
    expect(NEWER in version_of("hybridd") and NEWER in version_of("hybridd-gtk"), f"{version_of('hybridd')}, {version_of('hybridd-gtk')}")
    depends = must("dpkg-query", "-W", "-f", "${Depends}", "hybridd-gtk")
    expect(f"hybridd (= {NEWER})" in depends, f"hybridd-gtk depends on {depends}")
    after = (service_pid(), agent_pid())
    expect(not set(before) & set(after), f"the processes were {before} and are {after}")
    until("the key is there", lambda: key("status")[0] == 0)


@check("it leaves the settings, what is stored, and the same files")
def _():
    expect('history = "hashes"' in SETTINGS.read_text(), "the settings are gone")
    before, after = here["state"], state()
    for name, text in before.items():
        expect(after.get(name, b"").startswith(text) or name == "key.json", f"{name} changed")
    lines = difference(here["installed"], inventory())
    strange = [line for line in lines if "config.toml" not in line]
    expect(not strange, "\n".join(strange))


@check("what an administrator and a user switched off stays off in an upgrade")
def _():
    must("systemctl", "disable", "--now", "hybridd")
    must("systemctl", "--global", "disable", "hybridd-agent")
    install()
    expect("enabled" not in enabled(), f"it is {enabled()}")
    expect(is_active("hybridd") == "inactive", "the service runs")
    must("systemctl", "enable", "--now", "hybridd")
    must("systemctl", "--global", "enable", "hybridd-agent")
    both_run()
    device()


def enabled():
    return run("systemctl", "is-enabled", "hybridd")[1].strip() + run("systemctl", "--global", "is-enabled", "hybridd-agent")[1].strip()


@check("a reinstallation leaves everything as it is")
def _():
    before = agent_pid()
    install()
    both_run()
    device()
    expect(agent_is() == "active" and agent_pid() != before, "the agent was not restarted")
    expect(uhid() == "0:hybridd 660", f"/dev/uhid is {uhid()}")
