"""Finds out what came of deliveries that are unknown: by their key, or by asking their provider."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from newsletter.handing import Handing, Stopped
from newsletter.model import Memory, Outcome, Receipt
from newsletter.providers import Provider
from newsletter.store import batches
from newsletter.store.deliveries import Overtaken
from newsletter.store.doubts import Doubtful, in_doubt

TRIES = 5
"""How often the same bytes are handed over again in a run."""

LONGEST = 300.0
"""Seconds that a run waits at its end for what a provider knows to appear."""


def is_replayable(doubtful: Doubtful, memory: Memory, now: datetime) -> bool:
    """Whether the provider still knows the key, so that it would not accept the bytes twice."""
    age = now - doubtful.first_attempt
    return bool(doubtful.batch.payload) and age < timedelta(seconds=memory.key_seconds)


def evidence(provider: Provider, some: Sequence[Doubtful], now: datetime) -> list[Receipt]:
    """What a provider says of deliveries when it is asked, as far as it can be believed.

    Its "no" only counts some time after the attempt has ended: until then it may accept what was on
    its way, and later it may still be about to note that.
    """
    asked = [one for doubtful in some for one in doubtful.asked]
    if not asked or not provider.memory.asks:
        return []
    settle = timedelta(seconds=provider.memory.settle_seconds)
    settled = {
        one.delivery_id
        for doubtful in some
        for one in doubtful.asked
        if now - (doubtful.over_since or now) >= settle
    }
    return [
        receipt
        for receipt in provider.look_up(asked)
        if receipt.outcome is not Outcome.NOT_ACCEPTED or receipt.delivery_id in settled
    ]


@dataclass(slots=True)
class Settling:
    handing: Handing

    def take_over(self) -> None:
        """Free what senders that died were doing."""
        database = self.handing.database
        with database.transaction() as connection:
            living = database.others(connection, self.handing.right.owner)
            batches.take_over(connection, living, self.handing.now())

    def settle(self, *, patient: bool) -> None:
        """Settle what can be. A patient one waits until a "no" of the provider can be believed."""
        self._replay(self._doubtful())
        self._ask()
        if patient and self._wait():
            self._ask()

    def _doubtful(self) -> list[Doubtful]:
        database, name = self.handing.database, self.handing.carrier.name
        with database.transaction() as connection:
            living = database.others(connection, self.handing.right.owner)
            return list(in_doubt(connection, name, living))

    def _replay(self, some: Sequence[Doubtful]) -> None:
        memory = self.handing.carrier.provider.memory
        for doubtful in some:
            for turn in range(TRIES):
                if not is_replayable(doubtful, memory, self.handing.clock()):
                    break
                try:
                    if self.handing.replay(doubtful.batch):
                        break
                except Overtaken:  # another sender is settling it
                    break
                if self.handing.stop.wait(0.2 * 2**turn):
                    raise Stopped

    def _ask(self) -> None:
        some = self._doubtful()
        receipts = evidence(self.handing.carrier.provider, some, self.handing.clock())
        said = {receipt.delivery_id: receipt for receipt in receipts}
        for doubtful in some:
            mine = [said[a.delivery_id] for a in doubtful.asked if a.delivery_id in said]
            try:
                with self.handing.database.transaction() as connection:
                    shut = batches.settle(connection, doubtful.batch, mine, self.handing.now())
                self.handing.journal.departed(self.handing.now(), shut)
                self.handing.progress.answered(mine)
            except Overtaken:  # another sender has settled it
                continue

    def _wait(self) -> bool:
        """Wait until all that is unknown can be asked about; whether there is something."""
        memory = self.handing.carrier.provider.memory
        latest = max((one.over_since for one in self._doubtful() if one.over_since), default=None)
        if latest is None or not memory.asks or memory.settle_seconds > LONGEST:
            return False
        age = (self.handing.clock() - latest).total_seconds()
        if self.handing.stop.wait(max(memory.settle_seconds - age, 0.0)):
            raise Stopped
        return True
