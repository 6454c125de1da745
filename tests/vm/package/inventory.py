"""What is on the machine: everything that a package could leave behind."""

import pathlib
import stat

from checks import say, until
from people import must, run

# Not these: lists of packages, caches, logs, and what a running machine writes by itself.
WITHOUT = ["/var/lib/dpkg", "/var/lib/bluetooth", "/var/lib/systemd/timers", "/var/lib/systemd/rfkill", "/var/lib/dbus", "/var/lib/private"]
# Copies that passwd's programs make of what they change, and caches of programs that look into these folders.
COPIES = {"/etc/passwd-", "/etc/group-", "/etc/shadow-", "/etc/gshadow-", "/etc/subuid-", "/etc/subgid-", "/etc/.pwd.lock", "/etc/machine-id", "/etc/ld.so.cache", "/etc/hosts",
          "/etc/resolv.conf", "/var/lib/systemd/random-seed"}
UHID = pathlib.Path("/dev/uhid")


def files():
    """Paths, with kind, owner, group and mode."""
    prune = [word for folder in WITHOUT for word in ("-path", folder, "-prune", "-o")]
    listed = must("find", "/etc", "/usr", "/var/lib", *prune, "-printf", "%p\t%y %u:%g %m\n", patience=300)
    found = dict(line.split("\t") for line in listed.splitlines())
    return {path: about for path, about in found.items() if path not in COPIES and not path.endswith(".pyc")}


def names(database):
    return {line.split(":")[0]: line for line in pathlib.Path(database).read_text().splitlines()}


def units():
    """With whether they are enabled, for the system and for all users."""

    def listed(*scope):
        # On a computer that is busy systemd may not answer in the time that its own program waits.
        command = ["systemctl", *scope, "list-unit-files", "--no-legend", "--no-pager"]

        def look():
            code, said = run(*command)
            return said if code == 0 else None

        return until("systemd lists its units", look, 300)

    return {line.split()[0]: " ".join(line.split()[1:2]) for line in (listed() + listed("--global")).splitlines()}


def uhid():
    """Owner, group and mode of the door to the kernel."""
    if not UHID.exists():
        return "none"
    about = UHID.stat()
    by_id = {int(line.split(":")[2]): name for name, line in names("/etc/group").items()}
    return f"{about.st_uid}:{by_id.get(about.st_gid, about.st_gid)} {stat.S_IMODE(about.st_mode):o}"


def inventory():
    return {"files": files(), "users": names("/etc/passwd"), "groups": names("/etc/group"), "units": units(), "/dev/uhid": {"it": uhid()}}


def difference(before, after):
    """What came, went and changed, as lines."""
    lines = []
    for kind in before:
        was, now_is = before[kind], after[kind]
        lines += [f"{kind}: + {name} {now_is[name]}" for name in now_is if name not in was]
        lines += [f"{kind}: - {name} {was[name]}" for name in was if name not in now_is]
        lines += [f"{kind}: {name} {was[name]} -> {now_is[name]}" for name in was if name in now_is and was[name] != now_is[name]]
    return sorted(lines)


def tell(lines):
    for line in lines:
        say(f"   {line}")
