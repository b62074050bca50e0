"""What tests of the ledger share: a provider that does as they say, and copies of a ledger."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, func, select
from sqlalchemy.engine import make_url

from newsletter import runs
from newsletter.cli import cli
from newsletter.http import Refused
from newsletter.model import Asked, Batch, Failure, Mail, Memory, Message, Outcome, Receipt
from newsletter.send import Choice, Sender
from newsletter.store import postgresql, sqlite
from newsletter.store.database import Database
from newsletter.store.schema import delivery, metadata, tally
from newsletter.store.tallies import TOLD
from tests.newsletter.conftest import Told

NOW = "2026-02-01T00:00:00+00:00"
LOST = Refused(Failure.AMBIGUOUS, "no answer")
"""All was accepted, and the answer never came."""
DROPPED = Refused(Failure.AMBIGUOUS, "nothing came of it")
"""The same to us; and nothing was accepted."""
BUSY = Refused(Failure.THROTTLED, "not so fast", 0.0)

CAN_BE_ASKED = Memory(asks=True)

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""All that a ledger holds, by table."""


class Carrier:
    """A provider that accepts, unless a test has another answer for a batch. It keeps its own log.

    With a memory for keys it takes the same bytes under the same key once.
    """

    leaves = False

    def __init__(self, *answers: object, memory: Memory = CAN_BE_ASKED, size: int = 2) -> None:
        self.answers = list(answers)
        self.memory = memory
        self.size = size
        self.log: list[str] = []
        """Recipients, as often as a mail was accepted for them."""
        self.told: Counter[tuple[str, str]] = Counter()
        """Article and recipient -> how often."""
        self.keys: list[str] = []
        self.taken: set[str] = set()
        """Deliveries that were accepted."""

    def limit(self, mail: Mail) -> int:  # noqa: ARG002
        return self.size

    def freeze(self, messages: Sequence[Message]) -> bytes:
        return json.dumps([[one.mail.article_id, one.recipient] for one in messages]).encode()

    def hand_over(self, batch: Batch) -> list[Receipt]:
        answer = self.answers.pop(0) if self.answers else Outcome.ACCEPTED
        if callable(answer):
            answer = answer(batch)
        if isinstance(answer, Refused) and answer is not LOST:
            raise answer
        outcome = Outcome.ACCEPTED if isinstance(answer, Exception) else Outcome(str(answer))
        if not self.memory.key_seconds or batch.key not in self.keys:
            self._take(batch, outcome)
        if isinstance(answer, Exception):
            raise answer
        return [Receipt(one, outcome) for one in batch.delivery_ids]

    def _take(self, batch: Batch, outcome: Outcome) -> None:
        if outcome is Outcome.ACCEPTED:
            self.keys.append(batch.key)
            self.told.update((article, to) for article, to in json.loads(batch.payload))
            self.log += [to for _, to in json.loads(batch.payload)]
            self.taken |= set(batch.delivery_ids)

    def look_up(self, asked: Sequence[Asked]) -> list[Receipt]:
        if not self.memory.asks:
            return []
        outcome = {True: Outcome.ACCEPTED, False: Outcome.NOT_ACCEPTED}
        return [Receipt(one.delivery_id, outcome[one.delivery_id in self.taken]) for one in asked]


def forgetful(*answers: object, size: int = 2) -> Carrier:
    """One that can't be asked, so that nobody but a person or an event can settle anything."""
    return Carrier(*answers, memory=Memory(), size=size)


def sender(series: Told, carrier: Carrier) -> Sender:
    return replace(series.sender, carrier=runs.Carrier(carrier, "carrier"))


def send(series: Told, carrier: Carrier, *chosen: str) -> int:
    """Send what a dry run counts; how many messages that was."""
    made = sender(series, carrier)
    count = made.intend(Choice(chosen)).messages
    made.send(count, Choice(chosen))
    return count


def everything(database: Database) -> Rows:
    with database.transaction() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in metadata.sorted_tables
        }


def put_back(database: Database, rows: Rows) -> None:
    """Restore a ledger from a copy of its rows."""
    with database.transaction() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
        for table in metadata.sorted_tables:
            if rows[table.name]:
                connection.execute(table.insert(), [*rows[table.name]])


def require_true_tallies(connection: Connection) -> None:
    """What is counted is what there is."""
    by = (delivery.c.announcement_id, delivery.c.state, delivery.c.reason)
    there: Counter[tuple[int, str, str]] = Counter()
    for announced, state, reason, count in connection.execute(
        select(*by, func.count()).group_by(*by)
    ):
        there[announced, state, reason if state in TOLD else ""] += count
    noted = (tally.c.announcement_id, tally.c.state, tally.c.reason)
    sums = select(*noted, func.sum(tally.c.change)).group_by(*noted)
    told = {(a, state, reason): n for a, state, reason, n in connection.execute(sums) if n}
    assert told == dict(there)


def engine(url: str) -> Any:
    """The product's own engine for a URL."""
    parsed = make_url(url)
    made = sqlite if parsed.get_backend_name() == "sqlite" else postgresql
    return made.engine(parsed)


def at_once(calls: Sequence[Callable[[], object]]) -> list[object]:
    """What calls come to that are made at the same time; an exception is what it comes to."""
    results: list[object] = [None] * len(calls)
    barrier = threading.Barrier(len(calls))

    def run(number: int) -> None:
        barrier.wait()
        try:
            results[number] = calls[number]()
        except Exception as error:  # noqa: BLE001  # it is looked at by the test
            results[number] = error

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


Run = Callable[..., str]
"""Runs a verb in a publication's folder: what it says; another exit `status` than 0 is named."""


def runner(series: Told, url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(series.root)
    monkeypatch.setenv("PROOFPRESS_JOURNAL", str(series.root / "journals"))
    monkeypatch.setenv("PROOFPRESS_LEDGER", url or f"sqlite:///{series.root / 'var/ledger.db'}")

    def run(*args: str, status: int = 0) -> str:
        done = CliRunner().invoke(cli, args)
        assert done.exit_code == status, done.output
        return done.output

    return run
