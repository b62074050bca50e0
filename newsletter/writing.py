"""One writer for many who wait: what they bring at the same time lasts with one commit.

A commit that lasts through a power cut costs a sync of the disk. Hundreds of requests a second
can't have one each, and none may be answered before its own is done.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from newsletter import gates
from newsletter.grouping import Together
from newsletter.store.database import Connection, Database

T = TypeVar("T")
Job = Callable[[Connection], T]
"""What is done in a transaction. It may be begun again, from nothing, when another one fails."""
Keep = Callable[[Connection, Sequence[T]], None]
"""What keeps many things in as few statements as it takes."""


@dataclass(frozen=True, slots=True)
class _Wish:
    job: Job[Any] | None = None
    keep: Keep[Any] | None = None
    thing: Any = None


@dataclass(frozen=True, slots=True)
class _Done:
    result: Any = None
    error: BaseException | None = None


@dataclass(slots=True)
class Writer:
    """Writes to a ledger what many threads bring."""

    database: Database
    _together: Together[_Wish, _Done] = field(init=False)

    def __post_init__(self) -> None:
        self._together = Together(self._run)

    def do(self, job: Job[T]) -> T:
        """Do a job, and come back when it lasts. Raises what the job raises, or ProblemsFound."""
        result: T = self._granted(_Wish(job))
        return result

    def keep(self, how: Keep[T], thing: T) -> None:
        """Keep a thing, with all others that come together and are kept in the same way."""
        self._granted(_Wish(keep=how, thing=thing))

    def _granted(self, wish: _Wish) -> Any:
        done = self._together.grant(wish)
        if done.error is not None:
            raise done.error
        return done.result

    def _run(self, wishes: Sequence[_Wish]) -> list[_Done]:
        """Grant all in one transaction; where one fails, each in its own."""
        try:
            return self._in_one(wishes)
        except BaseException as error:  # noqa: BLE001  # it is for whoever waits
            if len(wishes) == 1:
                return [_Done(error=error)]
        return [done for wish in wishes for done in self._run([wish])]

    def _in_one(self, wishes: Sequence[_Wish]) -> list[_Done]:
        with self.database.transaction() as connection:
            gates.require_current(self.database, connection)
            done = [_Done(one.job(connection) if one.job else None) for one in wishes]
            for how in dict.fromkeys(one.keep for one in wishes if one.keep):
                how(connection, [one.thing for one in wishes if one.keep is how])
        return done
