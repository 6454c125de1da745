"""Debian's tool, and the packages that the round brings."""

from checks import SHARE, until
from people import UIDS, must, run, user_manager

NEWER = (SHARE / "version").read_text().strip()
# Seconds; unpacking is slow on an emulated machine.
INSTALLATION = 300


def packages(*names, newer=False):
    """Their files."""
    found = sorted(SHARE.glob("*.deb"))
    return [path for path in found if (f"_{NEWER}_" in path.name) == newer and (not names or path.name.split("_")[0] in names)]


def install(*names, newer=False):
    return must("env", "DEBIAN_FRONTEND=noninteractive", "dpkg", "-i", *packages(*names, newer=newer), patience=INSTALLATION)


def remove(*names):
    return must("dpkg", "-r", *names, patience=INSTALLATION)


def purge(*names):
    return must("dpkg", "-P", *names, patience=INSTALLATION)


def version_of(package):
    code, said = run("dpkg-query", "-W", "-f", "${db:Status-Abbrev} ${Version}", package)
    return said if code == 0 else "none"


def service_pid():
    return must("systemctl", "show", "-p", "MainPID", "--value", "hybridd").strip()


def agent_pid():
    return user_manager("alice", "show", "-p", "MainPID", "--value", "hybridd-agent")[1].strip()


def is_active(unit):
    return run("systemctl", "is-active", unit)[1].strip()


def agent_is():
    return user_manager("alice", "is-active", "hybridd-agent")[1].strip()


def agent(verb):
    """`start`, `stop` or `restart` of alice's."""
    code, said = user_manager("alice", verb, "hybridd-agent")
    assert code == 0, said


def agent_journal():
    return must("journalctl", "--no-pager", "-o", "cat", f"_UID={UIDS['alice']}", "_SYSTEMD_USER_UNIT=hybridd-agent.service")


def both_run():
    until("the service and the agent run", lambda: is_active("hybridd") == "active" and agent_is() == "active")
