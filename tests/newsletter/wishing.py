"""What tests of digests, courses and pauses share: wishes, days that pass, and a judge of mails."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from newsletter.intents import WHAT_IS_NEW, Choice, Intent
from newsletter.model import Cadence, Message
from newsletter.send import Sender
from newsletter.store import wishes
from newsletter.store.schema import announcement, delivery, subscriber
from newsletter.store.wishes import Wishes
from press.manifest import Entry
from tests.newsletter import ledgers
from tests.newsletter.conftest import Told

BEGAN = datetime(2026, 6, 1, 9, tzinfo=UTC)
DIGEST, COURSE, CATCH_UP = Choice(digest=True), Choice(course=True), Choice(catch_up=True)


def wish(series: Told, name: str, cadence: str = "each", days: int = 0, *topics: str) -> None:
    """Set what somebody wishes; a pause is ended by it."""
    _set(series, name, Wishes(Cadence(cadence), days, topics=frozenset(topics)))


def pause(series: Told, name: str, *, paused: bool = True) -> None:
    with series.database.transaction() as connection:
        before = wishes.of(connection, number(connection, name))
    _set(series, name, replace(before, paused=paused))


def _set(series: Told, name: str, wished: Wishes) -> None:
    with series.database.transaction() as connection:
        wishes.set(connection, number(connection, name), wished)


def number(connection: Any, name: str) -> int:
    query = select(subscriber.c.id).where(subscriber.c.mailbox == f"{name}@example.org")
    return int(connection.execute(query).scalar_one())


PAGE = re.compile(r"/series/([a-z0-9]+)\.html")


def told_by(message: Message) -> str:
    """Of which articles a mail tells: those whose addresses are in its text, as `first+second`.

    Nothing of the ledger is asked. That of an update or a correction begins with this word.
    """
    before = {"Updated": "update ", "Correction": "correction "}
    return before.get(message.mail.subject.partition(":")[0], "") + "+".join(
        dict.fromkeys(PAGE.findall(message.mail.text))
    )


class Reader(ledgers.Carrier):
    """A provider that reads what it carries: its log says which articles each mail tells of."""

    def freeze(self, messages: Sequence[Message]) -> bytes:
        return json.dumps([[told_by(one), one.recipient] for one in messages]).encode()


@dataclass
class Days:
    """A series in which days pass, sent by a provider whose log is the judge."""

    series: Told
    articles: tuple[Entry, ...] = ()
    now: datetime = BEGAN
    carrier: Reader = field(default_factory=Reader)

    @property
    def sender(self) -> Sender:
        made = ledgers.sender(self.series, self.carrier)
        return replace(made, clock=lambda: self.now)

    def join(self, *names: str) -> None:
        self.series.subscribe(*names)

    def publish(self, *entries: Entry) -> None:
        self.articles = (*self.articles, *entries)
        self.series.publish(*self.articles)

    def intend(self, choice: Choice = WHAT_IS_NEW) -> Intent:
        return self.sender.intend(choice)

    def send(self, choice: Choice = WHAT_IS_NEW) -> list[tuple[str, str]]:
        """Send what a dry run counts; whom the provider took a mail for, and of what."""
        before = Counter(self.carrier.told)
        sender = self.sender
        sender.send(sender.intend(choice).messages, choice)
        news = Counter(self.carrier.told) - before
        return sorted((to.partition("@")[0], what) for what, to in news.elements())

    def wait(self, days: float) -> None:
        self.now += timedelta(days=days)

    def rows(self) -> list[tuple[str, str, str]]:
        """Kind of announcement, whom it is for, and its state, for each delivery."""
        query = (
            select(announcement.c.kind, subscriber.c.email, delivery.c.state)
            .select_from(delivery.join(announcement).join(subscriber))
            .order_by(announcement.c.id, subscriber.c.id)
        )
        with self.series.database.transaction() as connection:
            found = connection.execute(query).all()
        return [(kind, email.partition("@")[0], state) for kind, email, state in found]
