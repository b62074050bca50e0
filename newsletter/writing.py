"""One writer for many who wait: what they bring at the same time lasts with one commit.

A commit that lasts through a power cut costs a sync of the disk. Hundreds of requests a second
can't have one each, and none may be answered before its own is done.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from newsletter import gates
from newsletter.store.database import Connection, Database

MOST = 500
"""Jobs in a transaction."""

T = TypeVar("T")
Job = Callable[[Connection], T]
"""What is done in a transaction. It may be begun again, from nothing, when another one fails."""


Keep = Callable[[Connection, Sequence[T]], None]
"""What keeps many things in as few statements as it takes."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    done: Future[Any]
    job: Job[Any] | None = None
    keep: Keep[Any] | None = None
    thing: Any = None


@dataclass(slots=True)
class Writer:
    """Writes to a ledger, from a thread of its own, until it is closed."""

    database: Database
    _queue: SimpleQueue[_Waiting | None] = field(default_factory=SimpleQueue)
    _thread: Thread | None = None

    def start(self) -> None:
        self._thread = Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Do what is waiting, and end."""
        self._queue.put(None)
        if self._thread:
            self._thread.join()

    def do(self, job: Job[T]) -> T:
        """Do a job, and come back when it lasts. Raises what the job raises, or ProblemsFound."""
        done: Future[T] = Future()
        self._queue.put(_Waiting(done, job))
        return done.result()

    def keep(self, how: Keep[T], thing: T) -> None:
        """Keep a thing, with all others that come together and are kept in the same way."""
        done: Future[None] = Future()
        self._queue.put(_Waiting(done, keep=how, thing=thing))
        done.result()

    def _run(self) -> None:
        ended = False
        while not ended:
            some, ended = self._next()
            if some and not self._together(some):
                for one in some:
                    self._together([one])

    def _next(self) -> tuple[list[_Waiting], bool]:
        """Those that wait, once there is one; and whether it is the end."""
        some: list[_Waiting] = []
        one = self._queue.get()
        while one is not None and len(some) < MOST:
            some.append(one)
            try:
                one = self._queue.get_nowait()
            except Empty:
                return some, False
        if one is not None:
            self._queue.put(one)
        return some, one is None

    def _together(self, some: list[_Waiting]) -> bool:
        """Do jobs in one transaction; whether they are done. One alone is told of its failure."""
        try:
            with self.database.transaction() as connection:
                gates.require_current(self.database, connection)
                results = [one.job(connection) if one.job else None for one in some]
                for how in dict.fromkeys(one.keep for one in some if one.keep):
                    how(connection, [one.thing for one in some if one.keep is how])
        except BaseException as error:  # noqa: BLE001  # it is for whoever waits
            if len(some) > 1:
                return False
            some[0].done.set_exception(error)
        else:
            for one, result in zip(some, results, strict=True):
                one.done.set_result(result)
        return True
