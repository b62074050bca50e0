"""How far a run is, on a terminal; nothing where nobody looks on."""

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

WAIT = 0.5
"""Seconds that may pass without a word."""

WIDTH = 30


@dataclass(slots=True)
class _Bar:
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


@contextmanager
def shown(what: str = "proving") -> Iterator[Callable[[int, int], None]]:
    """A function to be told how many of something are done, and of how many."""
    if not sys.stderr.isatty():
        yield lambda _done, _count: None
        return
    bar = _Bar(what)
    try:
        yield bar.advance
    finally:
        bar.erase()
