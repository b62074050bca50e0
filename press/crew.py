"""Desks in processes of their own, one for each processor, where there is work enough for them.

An article is bound at the desk that has read it. With little to do there is one desk, here.
"""

import os
import pickle
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:  # loaded only where there is a crew
    from multiprocessing.connection import Connection

LEAST = 16
"""Articles from which on more processes pay: to start one costs as much as to make a few."""

TOGETHER = 8
"""Answers that are sent at once: each time costs as much as a small one."""


class Hands(Protocol):
    """Does what it is asked for, by the name of a method."""

    def each(self, method: str, items: Sequence[tuple[str, Any]]) -> Iterator[Any]:
        """What the method makes of each item, as it comes; what has one name stays together.

        Other processes begin at once, whenever it is asked for what they make.
        """
        ...

    def everywhere(self, method: str) -> list[Any]:
        """What the method gives at each desk."""
        ...

    def stop(self) -> None: ...


class Alone:
    """One desk, in this process."""

    def __init__(self, desk: object) -> None:
        self._desk = desk

    def each(self, method: str, items: Sequence[tuple[str, Any]]) -> Iterator[Any]:
        for _, item in items:
            yield getattr(self._desk, method)(item)

    def everywhere(self, method: str) -> list[Any]:
        return [getattr(self._desk, method)(None)]

    def stop(self) -> None:
        """Nothing is left."""


class Lost(Exception):
    """A process of ours ended before its work."""


class Crew:
    """As many processes as there are processors, each with a desk that `make` makes in it."""

    def __init__(self, make: Callable[[int], object], count: int) -> None:
        self._pids: list[int] = []
        from multiprocessing.connection import Pipe

        self._lines: list[Connection] = []
        self._at: dict[str, int] = {}
        for number in range(count):
            ours, theirs = Pipe()
            sys.stdout.flush()
            sys.stderr.flush()
            pid = os.fork()
            if not pid:
                for line in (*self._lines, ours):
                    line.close()
                _work(theirs, make, number)
            theirs.close()
            self._pids.append(pid)
            self._lines.append(ours)

    def each(self, method: str, items: Sequence[tuple[str, Any]]) -> Iterator[Any]:
        shares: list[list[Any]] = [[] for _ in self._lines]
        for name, item in items:
            number = self._at.setdefault(name, len(self._at) % len(self._lines))
            shares[number].append(item)
        left: dict[Any, int] = {}
        for line, share in zip(self._lines, shares, strict=True):
            if share:
                _send(line, (method, share))
                left[line] = len(share)
        return self._made(left)

    def _made(self, left: dict[Any, int]) -> Iterator[Any]:
        """What comes on lines; `left` are how many answers are to come on each."""
        from multiprocessing.connection import wait

        while left:
            for ready in wait(list(left)):
                answers = _answers(ready)
                yield from answers
                left[ready] -= len(answers)
                if not left[ready]:
                    del left[ready]

    def everywhere(self, method: str) -> list[Any]:
        for line in self._lines:
            _send(line, (method, [None]))
        return [one for line in self._lines for one in _answers(line)]

    def stop(self) -> None:
        for line in self._lines:
            line.close()
        for pid in self._pids:
            with suppress(ProcessLookupError, ChildProcessError):
                os.waitpid(pid, 0)


def _send(line: "Connection", value: object) -> None:
    """What `Connection.send` does, by a quicker pickler than its own."""
    line.send_bytes(pickle.dumps(value, protocol=5))


def _answers(line: Any) -> Sequence[Any]:
    try:
        failed, answers = pickle.loads(line.recv_bytes())  # noqa: S301  # from a process of ours
    except (EOFError, OSError):
        raise Lost("a process of the build has ended before its work") from None
    if failed:
        raise Lost(answers)
    return cast("Sequence[Any]", answers)


def _work(line: "Connection", make: Callable[[int], object], number: int) -> None:
    """What a process does until nobody asks any more; it never returns."""
    status = 1
    try:
        desk = make(number)
        while True:
            method, share = pickle.loads(line.recv_bytes())  # noqa: S301  # from our parent
            do = getattr(desk, method)
            share.reverse()
            while share:  # what is done is not held any longer
                _send(line, (False, [do(share.pop()) for _ in share[:TOGETHER]]))
    except (EOFError, BrokenPipeError, KeyboardInterrupt):
        status = 0
    except BaseException:  # noqa: BLE001  # told to who waits for it
        import traceback

        with suppress(OSError, pickle.PicklingError):
            _send(line, (True, traceback.format_exc()))
    finally:
        os._exit(status)


def processors() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
