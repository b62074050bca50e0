"""The steps that a build takes in its publication's folder, and what happens at some of them.

A step is what changes something on the disk, or, for who asks for them, what opens a file or lists
a folder. Steps of other processes that it forks are counted with its own.
"""

import io
import mmap
import os
import signal
import struct
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

CHANGES = frozenset([
    "os.chmod", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink",
    "os.truncate", "os.utime", "sqlite3.connect",
])  # fmt: skip
"""Events of sys.addaudithook that are a step."""
LOOKS = frozenset(["open", "os.listdir", "os.scandir"])
FILES = (io.FileIO, io.BufferedWriter, io.BufferedRandom, io.TextIOWrapper)
POSIX = sys.modules["posix"]
CALLS = frozenset([
    "close", "commit", "copy_file_range", "execute", "executemany", "executescript", "flush",
    "sendfile", "truncate", "write", "writelines",
])  # fmt: skip
"""Functions in C that have no such event: before each is a step, and after it."""


@dataclass(frozen=True)
class Act:
    """What happens at a step: a kill, or another content for a file."""

    at: int
    kill: str = ""
    """Of `all` processes or of `one`; or `torn`, of all, where files may be half written."""
    path: str = ""
    content: bytes = b""
    mtime_ns: int = 0

    @property
    def looks(self) -> bool:
        """Whether steps that only look are counted: an edit is between two of them."""
        return not self.kill

    def happen(self, root: Path) -> None:
        if self.kill == "one":
            os.kill(os.getpid(), signal.SIGKILL)
        elif self.kill:
            os.killpg(0, signal.SIGKILL)
        path = root / self.path
        path.write_bytes(self.content)
        os.utime(path, ns=(self.mtime_ns, self.mtime_ns))


class Steps:
    """Counts the steps within its `with`, and lets what is to happen happen."""

    def __init__(self, root: Path, acts: Sequence[Act]) -> None:
        self._root = str(root)
        self._acts = acts
        self._looks = any(act.looks for act in acts)
        self._count = mmap.mmap(-1, 8)  # shared with what it forks
        self._acting = False
        self.seen: list[str] = []
        """The path of each step of this process, if steps that look are counted."""

    @property
    def taken(self) -> int:
        return int(struct.unpack("q", self._count)[0])

    def __enter__(self) -> None:
        if self._acts:
            sys.addaudithook(self._on_event)
            if any(act.kill == "torn" for act in self._acts):  # it takes its time
                threading.setprofile(self._on_call)
                sys.setprofile(self._on_call)

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)
        self._acts = ()

    def _on_event(self, event: str, args: tuple[Any, ...]) -> None:
        if event in CHANGES or (event in LOOKS and (self._looks or _writes(event, args))):
            path = str(args[0]) if args else ""
            if not path.startswith("/") or path.startswith(self._root):
                self._step(path)

    def _on_call(self, _: FrameType, event: str, function: Any) -> None:
        if event in ("c_call", "c_return") and function.__name__ in CALLS:
            owner = getattr(function, "__self__", None)
            if isinstance(owner, FILES) or type(owner).__module__ == "sqlite3" or owner is POSIX:
                self._step()

    def _step(self, path: str = "") -> None:
        if self._acting or not self._acts:
            return
        self._acting = True  # what happens is no step itself
        if self._looks:
            self.seen.append(path.removeprefix(f"{self._root}/"))
        self._count[:] = struct.pack("q", self.taken + 1)
        for act in self._acts:
            if act.at == self.taken:
                act.happen(Path(self._root))
        self._acting = False


def _writes(event: str, args: tuple[Any, ...]) -> bool:
    return event == "open" and bool(args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
