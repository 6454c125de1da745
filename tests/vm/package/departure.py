"""Removed, installed again, and purged: what each leaves."""

import pathlib

from checks import SHARE, expect, say, until
from desk import HOME, check, device, gone, here, journal, named, NAME
from inventory import difference, inventory, tell, uhid
from packages import agent_is, agent_journal, both_run, install, is_active, purge, remove, version_of
from people import run

UHID = "0:root 600"
SETTINGS, SETTING = pathlib.Path("/etc/hybridd/config.toml"), 'keep_timeline = false'


def nothing_runs():
    gone()
    until("no service and no agent runs", lambda: is_active("hybridd") != "active" and agent_is() != "active")
    code, said = run("pgrep", "-a", "-f", "hybridd (agent|prompt)|libexec/hybridd")
    expect(code == 1, said)


@check("a removal ends the service and the agent, and gives /dev/uhid back; the settings remain")
def _():
    SETTINGS.write_text(f"{SETTINGS.read_text()}{SETTING}\n")
    (SHARE / "logs" / "journal").write_text(journal() + "\n" + agent_journal())
    (SHARE / "logs" / "dpkg-remove").write_text(remove("hybridd-gtk", "hybridd"))
    nothing_runs()
    lines = difference(here["before"], inventory())
    tell(lines)
    expect(uhid() == UHID, f"/dev/uhid is {uhid()}")
    left = [line for line in lines if line.startswith("files: + ") and "/etc/" not in line and "/var/lib/systemd/" not in line]
    expect(not left, "\n".join(left))
    expect(SETTING in SETTINGS.read_text(), "the settings are gone")


@check("installed again, it is as it was before, with its settings")
def _():
    install()
    both_run()
    device()
    expect(SETTING in SETTINGS.read_text(), "the settings are gone")
    expect(uhid() == "0:hybridd 660", f"/dev/uhid is {uhid()}")


@check("a purge leaves the machine as it was, and people their own files")
def _():
    (SHARE / "logs" / "dpkg-purge").write_text(purge("hybridd-gtk", "hybridd"))
    nothing_runs()
    expect(not named(NAME) and version_of("hybridd").split()[:1] in ([], ["none"], ["un"]), f"{version_of('hybridd')}")
    lines = difference(here["before"], inventory())
    tell(lines)
    expect(not lines, f"{len(lines)} differences")
    say(f"   /dev/uhid: {here['before']['/dev/uhid']['it']} before, {uhid()} after")
    kept = sorted(path.name for path in (HOME / ".local/state/hybridd").iterdir())
    say(f"   alice keeps {', '.join(kept)}")
    expect("history.jsonl" in kept, "alice's history is gone")
