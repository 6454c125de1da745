"""README's commands, as alice types them into her terminal with what the packages installed; of each that takes more than that it is said who plays
it. A command that README gets is one that this part does not know, and fails."""

import re

from checks import SHARE, Program, expect, say, until
from desk import HOME, as_alice, check, here, scan, well
from page import sections
from people import run

README = (SHARE / "README.md").read_text()
SAMPLES = "/usr/share/doc/hybridd/samples"
# Seconds. The doctor waits for relays that this machine does not reach.
PATIENCE = 240
# The beginning of a command, and who plays it.
ELSEWHERE = {
    "sudo apt install ./hybridd": "the part installation, with dpkg",
    "sudo apt install ./hybrid-tunnel-server": "tests/vm/run relay",
    "tunnel-server serve ": "who has the source tree; in the package it is a service",
    "tunnel-server ": "tests/vm/run relay",
    "git clone ": "who has the source tree",
    "cargo ": "who has the source tree",
    "tests/run": "tests/run itself",
    "chromium ": "tests/vm/run browsers",
    "hybridd agent": "the user unit, in the parts before; tests/vm/run agent",
    "hybridd beacon": "tests/vm/run bluez",
    "hybridd sign-in --origin http://localhost:PORT": "the check before this one",
    "hybridd register --origin http://localhost:PORT": "the check before this one",
    "curl ": "the check before this one",
}
# What stands for something in a command, by the command's beginning; and the exit codes that are right, where 0 is not the only one.
MEANT = {
    "hybridd explain CODE": ("CODE", "BT02"),
    "hybridd inspect FILE": ("FILE", "register.json"),
    "hybridd report": ("--html FILE --bundle FILE", "--html report.html --bundle report.json"),
    "hybridd register --origin http://localhost --options": ("docs/samples", SAMPLES),
    "hybridd policy check": ("check", f"check --policy {SAMPLES}/policy/methods.json --groups none --response {SAMPLES}/policy/registration.json"),
    "hybridd pages": ("~/.cargo/share/man/man1", "pages"),
}
ENDS = {
    # This machine has no way to the relays of today's phones.
    "hybridd doctor": (0, 3),
    "hybridd report": (0, 3),
    # It refuses.
    "hybridd policy check": (1,),
}


def of(table, command):
    return next((value for start, value in table.items() if command.startswith(start)), None)


def blocks(title=""):
    found = [command for section in sections(README) for command in section.commands if title in section.title]
    return [re.sub(r"\s+# .*", "", command) for command in found]


def in_text():
    text = "".join(re.split(r"^```.*?^```$", README, flags=re.M | re.S))
    return [command for command in re.findall(r"`([^`\n]+)`", text) if re.match(r"(hybridd|cargo|tunnel-server) |tests/run$", command)]


def terminal(line):
    return as_alice("bash", "-c", f"cd && {line}")


def ceremony(line):
    """The code is a text where there is no terminal."""
    program = Program("terminal", terminal(line))
    code = until("a code is shown", lambda: [text for text in program.err.read_text().splitlines() if text.startswith("FIDO:/")])[0]
    phone = scan(code)
    try:
        well(program, line)
    finally:
        here["radio"].silence()
    expect(phone.ended() == 0, "the phone is not content")


@check("what README types on the command line registers and signs in with the installed program")
def _():
    site = Program("site", [SHARE / "site"], stays=True)
    address = until("the site listens", lambda: site.out.read_text().strip())
    port = re.search(r":(\d+)", address)[1]
    lines = [line.replace("PORT", port) for line in blocks("On the command line") if not line.startswith("cargo ")]
    expect(len(lines) == 6, f"the lines are {lines}")
    for line in lines:
        if line.startswith("hybridd "):
            ceremony(line)
            said = "done"
        else:
            code, said = run(*terminal(line), patience=PATIENCE)
            expect(code == 0, f"{line} ended with {code}: {said}")
            if "--data" in line:
                expect("verified" in said, f"{line}: {said}")
        say(f"   {line}: {said.strip()[-60:]}")


@check("every other command that README names ends as it should, or is played elsewhere")
def _():
    commands = list(dict.fromkeys(blocks() + in_text()))
    expect(len(commands) > 20, f"the commands are {commands}")
    # As Chromium left it.
    (HOME / "chromium.log").write_bytes((SHARE / "chromium.log").read_bytes())
    typed = 0
    for command in commands:
        where = of(ELSEWHERE, command)
        if where:
            say(f"   {command}: {where}")
            continue
        name, value = of(MEANT, command) or ("", "")
        code, said = run(*terminal(command.replace(name, value, 1) if name else command), patience=PATIENCE)
        rights = of(ENDS, command) or (0,)
        typed += 1
        say(f"   {command}: {code}")
        expect(code in rights, f"{command} ended with {code}: {said[-800:]}")
        expect("panicked" not in said, said)
    expect(typed > 10, f"only {typed} commands were typed")
    # `key off` was among them.
    code, said = run(*terminal("hybridd key on"))
    expect(code == 0, said)
    until("the key is there again", lambda: run(*terminal("hybridd key status"), patience=PATIENCE)[0] == 0)


@check("man finds a page for each command, and each is whole")
def _():
    pages = run("sh", "-c", "ls /usr/share/man/man1 | grep '^hybridd' | sed 's/\\.1\\.gz//'")[1].split()
    expect(len(pages) > 20, f"the pages are {pages}")
    for page in pages:
        code, said = run(*terminal(f"MANWIDTH=100 man --warnings {page}"), patience=PATIENCE)
        expect(code == 0 and "EXIT STATUS" in said and ": warning:" not in said, f"{page}: {code} {said[:400]}")
