"""Hands deliveries over: for each batch reserve, attempt, record.

Each step is committed before the next begins, so that whenever this process dies the ledger says
what may have happened: before the attempt is written surely nothing, after it nobody knows until
the provider is asked.
"""

import math
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Event
from typing import NoReturn

from newsletter import gates
from newsletter.addresses import hidden, mailbox
from newsletter.http import Refused
from newsletter.journal import Journal, Noted
from newsletter.model import (
    ANSWERED,
    Announced,
    Batch,
    Due,
    Failure,
    Mail,
    Message,
    Outcome,
    Receipt,
    State,
)
from newsletter.runs import Carrier, Progress
from newsletter.store import batches, deliveries, pace, versions
from newsletter.store.database import Database, Right
from press.problems import Code, Problem, ProblemsFound

TRIES = 6
"""Attempts at a batch that is surely not accepted, before the run is given up."""

LONGEST = 120.0
"""Seconds that a run waits at most for a provider that asks to."""

IN_A_ROW = 3
"""Batches without a usable answer after which a run is given up."""


class Paused(ProblemsFound):
    """The provider takes nothing more for now, or until something is mended."""


class Stopped(Exception):
    """Somebody asked this run to stop; all is written down."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is told of some articles, and in which version of each."""

    mail: Mail
    changes: Sequence[tuple[str, str]]
    """Id of an article, and id of a change that it has by now."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A batch of ours, and the mailbox of each of its deliveries."""

    batch: Batch
    mailboxes: tuple[str, ...]


@dataclass(slots=True)
class Handing:
    """One run of one sender."""

    database: Database
    right: Right
    carrier: Carrier
    journal: Journal
    installed: str
    """The installation's name."""
    clock: Callable[[], datetime]
    stop: Event
    progress: Progress
    _silent: int = 0
    """Batches in a row that got no usable answer."""
    _reached: int = 0
    """The last subscriber of the batch before; what comes back from it waits for the next round."""
    _returned: int = 0
    """Batches in a row of which some messages came back."""

    def now(self) -> str:
        return self.clock().astimezone(UTC).isoformat(timespec="milliseconds")

    def announcement(self, announced: Announced, letter: Letter) -> None:
        """Hand over all that is planned of an announcement. Raises Paused or Stopped."""
        self._reached = 0
        size = self.carrier.size(letter.mail)
        while claimed := self._reserve(announced, letter, size):
            noted = replace(self._noted(claimed, announced), changes=letter.changes)
            tries = 0
            while not self._carry(claimed, noted, tries):
                tries += 1

    def _reserve(self, announced: Announced, letter: Letter, size: int) -> Claimed | None:
        """Freeze the next batch of an announcement; None when there is none."""
        if self.stop.is_set():
            raise Stopped
        self.right.require()
        with self.database.transaction() as connection:
            due, self._reached = deliveries.next_due(connection, announced.id, self._reached, size)
            if not due:
                return None
            payload = self._frozen([_message(letter.mail, one) for one in due])
            ids, now = [one.id for one in due], self.now()
            batch = batches.reserve(
                connection, announced.id, self.carrier.name, ids, payload, self.right.owner, now
            )
            versions.record(connection, batch.id, letter.changes)
        return Claimed(batch, tuple(mailbox(one.email) for one in due))

    def _frozen(self, messages: Sequence[Message]) -> bytes:
        try:
            return self.carrier.provider.freeze(messages)
        except ValueError as error:  # such as a line break in a header
            message = f"{self.carrier.name} can't be given this mail: {error}"
            raise ProblemsFound([Problem("send", 0, 0, Code.REFUSED, message)]) from None

    def _noted(self, claimed: Claimed, announced: Announced) -> Noted:
        """What the journal is to say of an attempt."""
        batch = claimed.batch
        names = [hidden(self.installed, one) for one in claimed.mailboxes]
        return Noted(
            announced.article_id, announced.title, announced.kind, announced.revision,
            self.carrier.name, batch.key, self.now(),
            tuple(zip(batch.delivery_ids, names, strict=True)), covers=announced.covers,
        )  # fmt: skip

    def _carry(self, claimed: Claimed, noted: Noted, tries: int) -> bool:
        """Hand a batch over, once; whether that is the end of it."""
        batch = claimed.batch
        self._wait_for_turn(batch, is_ours=True)
        try:
            with self.database.transaction() as connection:
                # An older one may have been put in its place since this run began.
                gates.Ledger(self.database, self.journal).require_again(connection)
                if batches.shed(connection, batch):
                    return True
                number = batches.begin_attempt(
                    connection, batch, State.RESERVED, self.right.owner, self.now()
                )
        except ProblemsFound:
            self._release(batch)
            raise
        try:
            self.journal.note(noted)
        except ProblemsFound:
            self._take_back(batch, number, State.RESERVED, "not sent: there is no journal")
            self._release(batch)
            raise
        self.right.require()  # who has lost it is taken for dead, and must not hand over any more
        answer = self._hand_over(batch, number)
        if isinstance(answer, Refused):
            return self._refused(batch, number, answer, tries)
        self._answered(batch, number, answer)
        return True

    def replay(self, batch: Batch) -> bool:
        """Hand the same bytes over again under their key; whether there was an answer."""
        self._wait_for_turn(batch, is_ours=False)
        with self.database.transaction() as connection:
            number = batches.begin_attempt(
                connection, batch, State.UNKNOWN, self.right.owner, self.now()
            )
        answer = self._hand_over(batch, number)
        if isinstance(answer, Refused):  # what came of it the first time is as unknown as before
            self._take_back(batch, number, State.UNKNOWN, str(answer))
            if answer.wait is not None:
                self._let_wait(answer.wait, str(answer))
            return False
        self._answered(batch, number, answer)
        return True

    def _hand_over(self, batch: Batch, number: int) -> Sequence[Receipt] | Refused:
        try:
            return self.carrier.provider.hand_over(batch)
        except Refused as error:
            return error
        except Exception as error:  # noqa: BLE001  # whatever it was, nobody knows what came of it
            return Refused(Failure.AMBIGUOUS, type(error).__name__)
        except BaseException:  # interrupted: it may be on its way
            self._take_back(batch, number, State.UNKNOWN, "interrupted before the answer")
            raise

    def _answered(self, batch: Batch, number: int, receipts: Sequence[Receipt]) -> None:
        with self.database.transaction() as connection:
            shut = batches.end_attempt(connection, batch, number, receipts, ANSWERED, self.now())
        self.journal.departed(self.now(), shut)
        self.progress.answered(receipts)
        said = Counter(receipt.outcome for receipt in receipts)
        if said[Outcome.ACCEPTED] or said[Outcome.REJECTED]:
            self._silent = 0
        elif said[Outcome.UNKNOWN] or not receipts:
            self._count_silence("gave no usable answer")
        back = [one for one in receipts if one.outcome is Outcome.NOT_ACCEPTED]
        self._returned = self._returned + 1 if back else 0
        if back:
            why = f"did not accept {len(back):,} messages: {back[0].detail}"
            if len(back) == len(receipts) or self._returned == TRIES:
                raise Paused([self._problem(why)])
            self._let_wait(WAITS[Failure.THROTTLED] * 2**self._returned, why)

    def _count_silence(self, why: str) -> None:
        """Raise Paused where one batch after the other gets no usable answer."""
        self._silent += 1
        if self._silent == IN_A_ROW:
            raise Paused([self._problem(why)])

    def _refused(self, batch: Batch, number: int, error: Refused, tries: int) -> bool:
        """What follows when nothing of a batch has a receipt; whether that is the end of it."""
        if error.failure is Failure.AMBIGUOUS:
            self._take_back(batch, number, State.UNKNOWN, str(error))
            self._count_silence(str(error))
            return True
        self._take_back(batch, number, State.RESERVED, str(error))
        wait = error.wait if error.wait is not None else WAITS[error.failure] * 2**tries
        if wait < math.inf:
            self._let_wait(wait * random.uniform(1, 1.2), str(error))  # noqa: S311  # not a secret
        if wait == math.inf or tries + 1 == TRIES:
            self._give_up(batch, str(error))
        return False

    def _wait_for_turn(self, batch: Batch, *, is_ours: bool) -> None:
        """Wait until the provider may be asked. Raises Paused where that is too far off.

        What is ours alone, reserved and never handed over, is given up then.
        """
        seconds = len(batch.delivery_ids) / self.carrier.rate if self.carrier.rate else 0.0
        now = self.clock().timestamp()
        with self.database.transaction() as connection:
            left, why = pace.take(connection, self.carrier.name, seconds, now)
        if left > LONGEST and why:
            until = datetime.fromtimestamp(now + left, UTC).isoformat(timespec="seconds")
            self._give_up(batch if is_ours else None, f"{why}; not before {until}")
        if left > 0 and self.stop.wait(left):
            if is_ours:
                self._release(batch)
            raise Stopped

    def _let_wait(self, seconds: float, why: str) -> None:
        with self.database.transaction() as connection:
            pace.wait(connection, self.carrier.name, seconds, why, self.clock().timestamp())

    def _take_back(self, batch: Batch, number: int, state: State, outcome: str) -> None:
        with self.database.transaction() as connection:
            batches.take_back(connection, batch, number, state, outcome, self.now())

    def _release(self, batch: Batch) -> None:
        with self.database.transaction() as connection:
            batches.release(connection, batch)

    def _give_up(self, batch: Batch | None, why: str) -> NoReturn:
        if batch:
            self._release(batch)
        raise Paused([self._problem(why)])

    def _problem(self, why: str) -> Problem:
        hint = "mend that or wait, and send again: it goes on where it stopped"
        return Problem("send", 0, 0, Code.REFUSED, f"{self.carrier.name} {why}", hint)


WAITS = {
    Failure.THROTTLED: 1.0,
    Failure.NOT_SENT: 1.0,
    Failure.QUOTA: math.inf,
    Failure.AUTH: math.inf,
    Failure.REQUEST: math.inf,
}
"""Seconds before the second attempt, where the provider names none; later ones wait longer."""


def _message(mail: Mail, due: Due) -> Message:
    return Message(mail, due.id, due.email, due.token, due.created_at)
