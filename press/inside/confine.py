"""Limits of an example's process, and the processes that it has started.

Runs inside the interpreter that examples are for, so it needs the standard library of Python 3.9
alone. System calls are Linux's; elsewhere each of these does nothing and says so.
"""

from __future__ import annotations

import ctypes
import os
import sys

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

TYPE_CHECKING = False  # typing would take its time to load
if TYPE_CHECKING:
    from typing import Any

    Limits = list[tuple[int, tuple[int, int]]]  # resource -> soft and hard limit: setrlimit(2)


LINUX = sys.platform == "linux"
LIBC: Any = ctypes.CDLL(None, use_errno=True) if LINUX else None

PROCESSORS: set[int] = os.sched_getaffinity(0) if LINUX else set()

# Of prctl, man page 2:
SET_PDEATHSIG, SET_DUMPABLE, CAPBSET_DROP, SET_CHILD_SUBREAPER = 1, 4, 24, 36
SET_NO_NEW_PRIVS = 38
SIGKILL = 9


def prctl(option: int, value: int) -> None:
    if LIBC:
        LIBC.prctl(option, value, 0, 0, 0)


def stay() -> None:
    """Keep this process on the processor that it runs on now, and what it forks.

    What a fork shares is in that one's caches, and no other has to hear of each copy made of it.
    """
    if len(PROCESSORS) > 1:
        _run_on({LIBC.sched_getcpu()})


def roam() -> None:
    """Let this process run on any processor again."""
    if len(PROCESSORS) > 1:
        _run_on(PROCESSORS)


def _run_on(processors: set[int]) -> None:
    try:
        os.sched_setaffinity(0, processors)
    except (OSError, ValueError):  # some have been taken from us
        pass


def die_with_parent() -> None:
    prctl(SET_PDEATHSIG, SIGKILL)
    prctl(SET_DUMPABLE, 1)


def adopt_orphans() -> None:
    """Become the parent of what examples leave behind, so that it can be found and ended."""
    prctl(SET_CHILD_SUBREAPER, 1)


def hide() -> None:
    """Keep examples out of our memory and our descriptors (/proc/PID)."""
    prctl(SET_DUMPABLE, 0)


def limits(asked: dict[str, Any]) -> Limits:
    """Those of processor seconds, bytes of a file and bytes of memory."""
    found = []
    wanted = {"CORE": 0, "CPU": asked["cpu"], "FSIZE": asked["file"], "AS": asked["memory"]}
    for name, value in wanted.items():
        which = getattr(resource, "RLIMIT_" + name, None)  # Windows has no such module
        if resource is not None and which is not None and value is not None:
            hard = resource.getrlimit(which)[1]
            most = value if hard == resource.RLIM_INFINITY else min(value, hard)
            found.append((which, (most, most)))
    return found


def limit(wanted: Limits) -> None:
    """Set limits for this process and all that it starts."""
    for which, most in wanted:
        try:
            resource.setrlimit(which, most)
        except (OSError, ValueError):  # macOS knows no limit of memory
            pass


def process_namespace() -> str:
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""


def descriptor_of(pid: int) -> int | None:
    """A descriptor that can be waited for (pidfd_open(2)); None where there are none."""
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return None


def any_children(group: int) -> bool:
    """Whether a process that an example has started still runs; reaps those that have ended."""
    while True:
        try:
            done = os.waitpid(-1, os.WNOHANG)[0]
        except ChildProcessError:
            break
        if not done:
            return True
    if LINUX:
        return False
    try:  # orphans are nobody's here, but those of its group can be seen
        os.killpg(group, 0)
    except OSError:
        return False
    return True


def children() -> list[Any]:
    """Our child processes."""
    found = []
    for name in os.listdir("/proc") if LINUX else ():
        try:
            with open("/proc/" + name + "/stat") as file:
                fields = file.read().rpartition(")")[2].split()
        except (OSError, ValueError):
            continue
        if name.isdigit() and int(fields[1]) == os.getpid():
            found.append(int(name))
    return found


def count_processes() -> int:
    return sum(name.isdigit() for name in os.listdir("/proc"))
