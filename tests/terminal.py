"""A command at a terminal: what it writes to a real pseudo-terminal, and what to a pipe."""

import os
import pty
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Thread


@dataclass(frozen=True)
class Ended:
    status: int
    output: str
    """Of standard output, which is a pipe."""
    shown: str
    """Of standard error, which is the terminal; its line breaks are plain."""


def at_terminal(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Ended:
    """Run a command whose standard error is a terminal, in this environment and no other."""
    ours, its = pty.openpty()
    told: list[bytes] = []
    reader = Thread(target=_read, args=(ours, told))
    reader.start()
    done = subprocess.run(
        command, cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=its, timeout=120, check=False,
    )  # fmt: skip
    os.close(its)
    reader.join()
    os.close(ours)
    shown = b"".join(told).decode().replace("\r\n", "\n")
    return Ended(done.returncode, done.stdout.decode(), shown)


def _read(descriptor: int, told: list[bytes]) -> None:
    while True:
        try:
            told.append(os.read(descriptor, 65536))
        except OSError:  # how Linux tells that the other side is closed
            return
        if not told[-1]:
            return
