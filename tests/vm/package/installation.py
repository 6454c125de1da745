"""One `dpkg -i` of both packages, and what is there after it."""

import json
import pathlib

from checks import SHARE, expect, now, say, until
from desk import as_alice, check, device, here, key
from inventory import difference, inventory, tell, uhid
from packages import both_run, install, packages, version_of
from people import must, run

# No findings of other steps count here: this machine knows no other network than its own.
STEP = "security key: "


def doctor(*words):
    """The steps that are about the security key: verdict, code and evidence, by name."""
    # Its exit code is that of all steps.
    said = run(*as_alice("hybridd", "doctor", "--json", "--seconds", "1", *words), patience=240)[1]
    steps = {}
    for line in said.splitlines():
        told = json.loads(line) if line.startswith("{") else {}
        if told.get("ev") == "check" and told["name"].startswith(STEP):
            steps[told["name"][len(STEP):]] = (told["verdict"], (told["finding"] or {}).get("code"), told["evidence"])
    expect(steps, f"the doctor has no step for the key: {said[-500:]}")
    return steps


def path(line):
    return line.split()[2]


@check("dpkg installs both packages")
def _():
    say(f"   {', '.join(path.name for path in packages())}")
    since = now()
    (SHARE / "logs" / "dpkg-install").write_text(install())
    say(f"   after {now() - since:.0f} s: {version_of('hybridd')}, {version_of('hybridd-gtk')}")


@check("the service runs, the session that was open has an agent, and programs see the key")
def _():
    both_run()
    device()
    until("status says that it is there", lambda: key("status")[0] == 0)
    expect("SAFE" in must("systemd-analyze", "security", "--no-pager", "hybridd").splitlines()[-1], "the unit is not as closed as it was")


@check("what came is what the manual names, and nothing else changed")
def _():
    here["installed"] = inventory()
    lines = difference(here["before"], here["installed"])
    tell([line for line in lines if not line.startswith("files: ")])
    say(f"   and {sum(line.startswith('files: ') for line in lines)} files and folders; logs/installed lists them")
    (SHARE / "logs" / "installed").write_text("\n".join(lines) + "\n")
    expect(uhid() == "0:hybridd 660", f"/dev/uhid is {uhid()}")
    ours = [line for line in lines if "hybridd" in line or line.startswith("/dev/uhid")]
    # Folders that hold nothing else came along.
    strange = [line for line in lines if line not in ours and not any(path(other).startswith(f"{path(line)}/") for other in ours)]
    expect(not strange, "\n".join(strange))
    for name in ("users: + hybridd", "groups: + hybridd", "units: + hybridd.service enabled", "units: + hybridd-agent.service enabled"):
        expect(any(line.startswith(name) for line in lines), f"no line begins with {name}")


@check("the settings are as they come, the manual has pages, and bash completes")
def _():
    expect(pathlib.Path("/etc/hybridd/config.toml").read_text().count("\n# ") > 10, "the settings are not explained")
    settings = [line for line in pathlib.Path("/etc/hybridd/config.toml").read_text().splitlines() if line and not line.startswith("#")]
    expect(not settings, f"something is set: {settings}")
    pages = sorted(path.name for path in pathlib.Path("/usr/share/man/man1").glob("hybridd*"))
    say(f"   {len(pages)} pages: {' '.join(pages)}")
    page = must("sh", "-c", "gzip -dc /usr/share/man/man1/hybridd-key.1.gz")
    expect(".SH NAME" in page and "hybridd" in page, page[:300])
    script = "source /usr/share/bash-completion/completions/hybridd; COMP_WORDS=(hybridd ke); COMP_CWORD=1; _hybridd hybridd ke hybridd; echo ${COMPREPLY[@]}"
    expect(must(*as_alice("bash", "-c", script)).split() == ["key"], "bash does not complete `hybridd ke`")


@check("the doctor finds nothing wrong with the key")
def _():
    steps = doctor()
    for name, (verdict, code, evidence) in steps.items():
        say(f"   {name}: {verdict} {code or ''} {evidence}")
    expect(all(verdict == "ok" for verdict, _, _ in steps.values()), "it does")
    expect({"device node", "service", "agent", "prompt"} <= set(steps), f"the steps are {set(steps)}")
