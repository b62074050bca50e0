"""Brings in who has confirmed that they want to be told: strangers, and those who had left."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, delete, select, update

from newsletter.addresses import hidden, mailbox
from newsletter.model import Standing
from newsletter.store.personal import ERASED
from newsletter.store.schema import subscriber, suppression
from newsletter.store.subscribers import find_again, new_row, owner, record

HOW = "confirmed by mail"


class Way(StrEnum):
    """How somebody left by themselves, who may come back the same way; it is kept as the reason."""

    PAGE = "left on the page"
    ONE_CLICK = "left by one click"
    PROVIDER = "left at the provider"
    ERASED = ERASED
    JOURNAL = "the journal has it"
    """A ledger that was restored does not know how."""
    MOVED = "moved to another address"


class Outcome(StrEnum):
    NEW = "new"
    BACK = "back"
    ALREADY = "already a subscriber"
    BLOCKED = "must not be written to"


@dataclass(frozen=True, slots=True)
class Joined:
    outcome: Outcome
    subscriber_id: int | None = None
    name: str = ""
    """What stands for the mailbox, in the journal."""


def is_blocked(connection: Connection, email: str) -> bool:
    """Whether a mailbox is closed, and not because its owner wanted it."""
    return any(reason not in tuple(Way) for reason in _closed(connection, email).values())


def _closed(connection: Connection, email: str) -> Mapping[str, str]:
    """The names of a mailbox that are closed -> why."""
    query = select(suppression.c.mailbox, suppression.c.reason)
    named = query.where(suppression.c.mailbox.in_(_names(connection, email)))
    return {row.mailbox: row.reason for row in connection.execute(named)}


def _names(connection: Connection, email: str) -> tuple[str, str]:
    return mailbox(email), hidden(owner(connection), mailbox(email))


def is_subscriber(connection: Connection, email: str) -> int | None:
    """The subscriber who is told at an address; None for nobody, or one who has left."""
    query = select(subscriber.c.id).where(
        subscriber.c.mailbox == mailbox(email), subscriber.c.standing == Standing.CONFIRMED
    )
    return connection.execute(query).scalar()


def join(connection: Connection, email: str, now: str, asked: Mapping[str, str]) -> Joined:
    """Confirm a subscriber. `asked` has the columns of `consent` that say how they asked.

    Who was told of an article before they left, or were erased, is not told of it again.
    """
    name, secret = _names(connection, email)
    if is_blocked(connection, email):
        return Joined(Outcome.BLOCKED)
    there = select(subscriber.c.mailbox, subscriber.c.standing)
    rows = connection.execute(there.where(subscriber.c.mailbox.in_([name, secret])))
    found = {row.mailbox: row.standing for row in rows}
    outcome = Outcome.BACK if found else Outcome.NEW
    if found.get(name) == Standing.CONFIRMED:
        outcome = Outcome.ALREADY
    else:
        connection.execute(delete(suppression).where(suppression.c.mailbox.in_([name, secret])))
        _confirm(connection, email, found, now)
        record(connection, [name], Standing.CONFIRMED, HOW, now, **asked)
    who = connection.execute(select(subscriber.c.id).where(subscriber.c.mailbox == name)).scalar()
    return Joined(outcome, who, secret)


def _confirm(connection: Connection, email: str, found: Mapping[str, str], now: str) -> None:
    name, secret = _names(connection, email)
    if name in found:
        there = update(subscriber).where(subscriber.c.mailbox == name)
        connection.execute(there.values(standing=Standing.CONFIRMED, email=email, moved_to=None))
    elif secret in found:
        find_again(connection, secret, new_row(owner(connection), email, now))
    else:
        connection.execute(subscriber.insert(), new_row(owner(connection), email, now))
