"""Lets calls that come at the same time share one run: many small writes become one."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
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
            with self._turn:
                if not mine.is_over:
                    self._grant_some()
        if mine.error is not None:
            raise mine.error
        return mine.result  # type: ignore[return-value]  # it is over, and without an error

    def _grant_some(self) -> None:
        some = [self._queue.popleft() for _ in range(min(len(self._queue), MOST))]
        try:
            results = self.run([one.wish for one in some])
        except Exception as error:  # noqa: BLE001  # it is raised where each was wished for
            for one in some:
                one.error, one.is_over = error, True
            return
        for one, result in zip(some, results, strict=True):
            one.result, one.is_over = result, True
