"""Nothing happens: service and agent are small, and no timer wakes them."""

import pathlib
import re
import time

from checks import Program, expect, say
from desk import agent_pid, check
from people import must

# Seconds: for what is left of the last request, and for which nothing happens then.
CALM, IDLE = 20, 20
# In kB, both together.
RESIDENT = 25 * 1024
# x86-64: calls in which a thread waits. Of an event loop's, an argument says for how long at most.
WAITS = {0: "read", 7: "poll", 202: "futex", 219: "restart_syscall", 232: "epoll_wait", 271: "ppoll", 281: "epoll_pwait"}
LIMITED, LIMIT, NO_LIMIT = (232, 281), 3, 0xFFFFFFFF


def service_pid():
    return int(must("systemctl", "show", "-p", "MainPID", "--value", "hybridd"))


def resident(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1])


def waits(pid):
    """What each thread waits in. No event loop of theirs has a timer to wait for."""
    for task in sorted(pathlib.Path(f"/proc/{pid}/task").iterdir()):
        call, *arguments = (task / "syscall").read_text().split()
        number = int(call) if call.isdigit() else None
        expect(number in WAITS, f"thread {task.name} is in {call} {arguments}")
        expect(number not in LIMITED or int(arguments[LIMIT], 16) & NO_LIMIT == NO_LIMIT, f"thread {task.name} waits for a time: {arguments}")
        yield WAITS[number]


@check("service and agent are small, wait for no timer, and make no system call while nothing happens")
def _():
    time.sleep(CALM)
    pids = {"service": service_pid(), "agent": agent_pid()}
    sizes = {name: resident(pid) for name, pid in pids.items()}
    say(f"   resident: {sizes} kB")
    expect(sum(sizes.values()) < RESIDENT, f"{sizes} kB")
    for name, pid in pids.items():
        say(f"   the threads of the {name} wait in {', '.join(waits(pid))}")
    traces = {name: Program(f"strace-{name}", ["strace", "-f", "-tt", "-p", pid]) for name, pid in pids.items()}
    # Being watched wakes them once.
    time.sleep(5)
    before = {name: trace.err.read_text() for name, trace in traces.items()}
    expect(all("attached" in text for text in before.values()), f"{before}")
    time.sleep(IDLE)
    for name, trace in traces.items():
        after = trace.err.read_text()[len(before[name]):]
        expect(not after, f"the {name} in {IDLE} s: {after}")
    say(f"   strace sees no call of either in {IDLE} s")
