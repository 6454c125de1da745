"""A window that crashes leaves none of its memory, not even to a system that gathers crashes."""

import os
import pathlib
import signal

from checks import SHARE, Program, expect, until
from desk import as_alice, check, register
from people import run
from screen import comes, goes

PATTERN = pathlib.Path("/proc/sys/kernel/core_pattern")
CORES = pathlib.Path("/tmp/cores")


def gathered(pid):
    return (CORES / str(pid)).exists()


def crashed(*before):
    """A program that crashes, and whether its memory was gathered."""
    program = Program("crash", as_alice(*before, "sh", "-c", "echo $$; kill -SEGV $$"))
    program.ended()
    return gathered(program.out.read_text().strip())


@check("what crashes is gathered here, but neither a window with its code nor what has the window's limit")
def _():
    CORES.mkdir()
    before = PATTERN.read_text()
    PATTERN.write_text(f"|{SHARE}/gather %P {CORES}")
    try:
        # The kernel waits for who gathers.
        expect(crashed(), "a crash is not gathered")
        expect(not crashed("prlimit", "--core=1"), "a limit of one byte does not hold")
        started = register("crash.example.org")
        comes()
        pid = int(run("pgrep", "-u", "alice", "-x", "prompt-gtk")[1])
        limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
        expect("Max core file size        1 " in limits, limits)
        # A SIGSEGV that nothing has caused is passed over by Rust.
        os.kill(pid, signal.SIGABRT)
        goes()
        until("it has crashed", lambda: not run("pgrep", "-u", "alice", "-x", "prompt-gtk")[1])
        expect(not gathered(pid), "its memory was gathered")
        started.ended()
    finally:
        PATTERN.write_text(before)
