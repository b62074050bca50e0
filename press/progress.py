"""How far a run is: a bar on a terminal, plain lines in CI; nothing where nobody looks on."""

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from msgspec import Struct, field

WAIT = 0.5
"""Seconds that may pass without a word on a terminal."""

SECOND = 1.0
"""What took longer is worth a line in CI."""

WIDTH = 30

Advance = Callable[[int, int], None]
"""Is told how many of something are done, and of how many."""

Stages = Callable[[str], Advance]
"""A name for what is done next -> what is told how far it is."""


class _Bar(Struct):
    """One line of a terminal, drawn over itself."""

    what: str
    began: float = field(default_factory=time.monotonic)
    drawn: int = 0
    """Characters that are on the terminal now."""

    def advance(self, done: int, count: int) -> None:
        if done == count:
            self.erase()  # what is printed next has the line for itself
        elif time.monotonic() - self.began > WAIT:
            self._draw(done, count)

    def _draw(self, done: int, count: int) -> None:
        begin, end = f"{self.what} ", f" {done}/{count}"
        # A line that is broken by the terminal could not be erased.
        width = min(WIDTH, shutil.get_terminal_size().columns - len(begin + end) - 3)
        bar = f"[{'#' * (width * done // count):{width}}]" if width > 0 else ""
        self._put(f"\r{begin}{bar}{end}")
        self.drawn = len(begin + bar + end)

    def erase(self) -> None:
        if self.drawn:
            self._put(f"\r{' ' * self.drawn}\r")
        self.drawn = 0

    @staticmethod
    def _put(text: str) -> None:
        print(text, end="", file=sys.stderr, flush=True)


class _Lines(Struct):
    """A line for what took its time, when it is done."""

    what: str
    began: float = field(default_factory=time.monotonic)

    def advance(self, done: int, count: int) -> None:
        took = time.monotonic() - self.began
        if done == count and took > SECOND:
            print(f"{self.what}: {count} in {took:.1f} s", file=sys.stderr, flush=True)

    def erase(self) -> None:
        """A line stays."""


class _Silence(_Lines):
    def advance(self, done: int, count: int) -> None:
        """Nobody looks on."""


@contextmanager
def stages() -> Iterator[Stages]:
    """What is given the name of each stage of a run."""
    kind = _Bar if sys.stderr.isatty() else _Lines if os.environ.get("CI") else _Silence
    shown: list[_Bar | _Lines] = []

    def stage(what: str) -> Advance:
        for one in shown:
            one.erase()
        shown.append(kind(what))
        return shown[-1].advance

    try:
        yield stage
    finally:
        for one in shown:
            one.erase()


@contextmanager
def shown(what: str = "proving") -> Iterator[Advance]:
    """The same for a run of one stage."""
    with stages() as stage:
        yield stage(what)
