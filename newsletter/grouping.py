"""Lets calls that come at the same time share one run: many small writes become one."""

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Generic, TypeVar

Wish = TypeVar("Wish")
Granted = TypeVar("Granted")

MOST = 200
"""Wishes in one run, so that none waits long for the others'."""


@dataclass(slots=True)
class _Waiting(Generic[Wish, Granted]):
    wish: Wish
    is_over: bool = False
    result: Granted | None = None
    error: Exception | None = None
    called: Event = field(default_factory=Event)
    """When it is over, and when it should look whether the turn is free."""

    def end(self, result: Granted | None, error: Exception | None = None) -> None:
        self.result, self.error, self.is_over = result, error, True
        self.called.set()


@dataclass(frozen=True, slots=True)
class Together(Generic[Wish, Granted]):
    """Grants wishes of many threads; whoever has the turn grants those that wait as well."""

    run: Callable[[Sequence[Wish]], Sequence[Granted]]
    """Grants many, in their order. What it raises, it raises for each of them."""
    _queue: deque[_Waiting[Wish, Granted]] = field(default_factory=deque, repr=False)
    _turn: Lock = field(default_factory=Lock, repr=False)

    def grant(self, wish: Wish) -> Granted:
        mine: _Waiting[Wish, Granted] = _Waiting(wish)
        self._queue.append(mine)
        while not mine.is_over:
            if self._turn.acquire(blocking=False):
                try:
                    self._grant_some()
                finally:
                    self._turn.release()
                self._call_next()
            else:  # whoever has the turn calls the next one after it
                mine.called.wait()
                mine.called.clear()
        if mine.error is not None:
            raise mine.error
        return mine.result  # type: ignore[return-value]  # it is over, and without an error

    def _call_next(self) -> None:
        """Wake one that waits: if all were woken, they would come one by one again."""
        with suppress(IndexError):
            self._queue[0].called.set()

    def _grant_some(self) -> None:
        some = [self._queue.popleft() for _ in range(min(len(self._queue), MOST))]
        try:
            results = self.run([one.wish for one in some])
        except Exception as error:  # noqa: BLE001  # it is raised where each was wished for
            for one in some:
                one.end(None, error)
            return
        for one, result in zip(some, results, strict=True):
            one.end(result)
