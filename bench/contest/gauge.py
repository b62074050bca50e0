"""Runs a command, and says what it cost."""

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

EVERY = 0.05
"""Seconds between two looks at the memory."""

LIMIT = 3600.0
"""Seconds after which a command is ended: one of the peers once went on without an end."""


class Failed(Exception):
    """A command ended with another status than 0: which, and the end of what it printed."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a command with all processes that it started and waited for."""

    wall: float
    """Seconds from before it starts until it has ended."""
    cpu: float
    """Seconds of user and system, of all its processes (wait4)."""
    largest: float
    """MiB: the most resident memory of the largest of its processes (ru_maxrss)."""
    memory: float | None = None
    """MiB: the most that all its processes had together at one look, a page that several share
    counted once (PSS); None where nobody looked."""


def run(
    command: Sequence[str], folder: Path, env: dict[str, str], *, watched: bool = False
) -> Cost:
    """The cost of a command in a folder; raises Failed.

    Looking at the memory takes time of its own: a run whose time counts is not `watched`.
    """
    peak: list[float] = []
    with tempfile.TemporaryFile() as log:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
        with _ended_in_time(process.pid), _looking(process.pid, peak if watched else None):
            _, status, used = os.wait4(process.pid, 0)
            wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said = f"{Path(command[0]).name} ended with {process.returncode}: {_end_of(log)}"
            raise Failed(said)
    cpu = used.ru_utime + used.ru_stime
    return Cost(wall, cpu, used.ru_maxrss / 1024, max(peak) if watched else None)


def _end_of(log: IO[bytes]) -> str:
    log.seek(0)
    return log.read()[-2000:].decode(errors="replace").strip()


@contextmanager
def _ended_in_time(pid: int) -> Iterator[None]:
    timer = threading.Timer(LIMIT, os.killpg, (pid, 9))
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextmanager
def _looking(pid: int, peak: list[float] | None) -> Iterator[None]:
    """Add the memory of the processes of `pid` to `peak`, again and again; None: don't look."""
    if peak is None:
        yield
        return
    over = threading.Event()

    def look() -> None:
        while True:
            peak.append(memory(pid))
            if over.wait(EVERY):
                return

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def memory(pid: int) -> float:
    """MiB that a process and all that come from it have now, shared pages counted once."""
    return sum(_share(one) for one in _family(pid)) / 1024


def _family(pid: int) -> set[int]:
    """A process that leads a session, what it has started, and what those have."""
    found = {pid}
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (line := _line(entry / "stat")):
            # The name, in brackets, may have spaces: what follows is state, parent, group, session.
            _, parent, _, session, *_ = line.rpartition(") ")[2].split()
            parents[int(entry.name)] = int(parent)
            if int(session) == pid:
                found.add(int(entry.name))
    while more := {one for one, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _share(pid: int) -> int:
    """KiB of a process: what it has alone, and its share of what it has with others (PSS)."""
    lines = _line(Path(f"/proc/{pid}/smaps_rollup")).splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def _line(path: Path) -> str:
    """What the kernel says of a process; nothing, of one that is gone."""
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
