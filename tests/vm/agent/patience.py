"""An agent that stands still, a clock that is set, and the deadline that ends a request all the same. Firefox starts meanwhile, which takes as long."""

import os
import signal
import time

from checks import expect, now, say, until
from desk import agent_pid, cancelled, check, codes, device, here, keepalive_gaps, prompts, register, shown
from firefox import firefox
from states import counted

HOUR = 3600
# Seconds: the service's patience with an agent, and the emulated machine's own slowness.
DEADLINE, SLOW = 300, 15


def set_clock(by):
    time.clock_settime(time.CLOCK_REALTIME, time.time() + by)


def gaps():
    seen = keepalive_gaps(5)
    say(f"   {len(seen)} keepalives in 5 s, the longest gap was {max(seen, default=0) * 1000:.0f} ms")
    # Ten a second; the emulated machine may be stopped for a while.
    expect(len(seen) > 10, f"{len(seen)} keepalives in 5 s")


@check("keepalives go on when the agent is stopped, and when the clock is set forwards and back")
def _():
    before = len(codes())
    here["since"], here["patient"] = now(), register("patience.example.org")
    here["patient"].stays = True
    shown(before)
    os.kill(agent_pid(), signal.SIGSTOP)
    gaps()
    for by in (HOUR, -HOUR):
        set_clock(by)
        gaps()
    firefox()


@check("the deadline ends the request, the agent goes on when it continues, and the next request is served")
def _():
    expect("patient" in here, "there was no such request")
    patient, before = here.pop("patient"), counted("status=2d")
    patient.stays = False
    until("its time is nearly over", lambda: now() > here["since"] + DEADLINE - 5, DEADLINE)
    expect(patient.process.poll() is None, "the request ended early")
    cancelled(patient, here["since"] + DEADLINE, SLOW)
    until("the journal has it", lambda: counted("status=2d") > before)
    os.kill(agent_pid(), signal.SIGCONT)
    until("no prompt is left", lambda: not prompts())
    before = len(codes())
    started = register("after.example.org")
    shown(before)
    started.end()
    device()
