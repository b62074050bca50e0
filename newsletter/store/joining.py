"""Brings in who has confirmed that they want to be told: strangers, and those who had left."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, delete, select, update

from newsletter.addresses import hidden, mailbox
from newsletter.model import Standing
from newsletter.store.personal import ERASED
from newsletter.store.portions import portions
from newsletter.store.schema import subscriber, suppression
from newsletter.store.subscribers import find_again, new_row, owner, record
from newsletter.store.untold import MOVED

HOW = "confirmed by mail"


class Way(StrEnum):
    """How somebody left by themselves, who may come back the same way; it is kept as the reason."""

    PAGE = "left on the page"
    ONE_CLICK = "left by one click"
    PROVIDER = "left at the provider"
    ERASED = ERASED
    JOURNAL = "the journal has it"
    """A ledger that was restored does not know how."""
    MOVED = MOVED


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
    """What stands for the mailbox that is told from now on: for the journal; else empty."""
    left: str = ""
    """The same of another one that was told in its place until now."""


def blocked(connection: Connection, emails: Iterable[str]) -> set[str]:
    """Those of some addresses whose mailbox is closed, and not because its owner wanted it."""
    owned_by = owner(connection)
    named = {
        name: email
        for email in emails
        for name in (mailbox(email), hidden(owned_by, mailbox(email)))
    }
    reasons = _closed(connection, named)
    return {named[name] for name, reason in reasons.items() if reason not in tuple(Way)}


def is_blocked(connection: Connection, email: str) -> bool:
    return bool(blocked(connection, [email]))


def _closed(connection: Connection, names: Iterable[str]) -> Mapping[str, str]:
    """Those of some mailboxes that are closed -> why."""
    found: dict[str, str] = {}
    query = select(suppression.c.mailbox, suppression.c.reason)
    for some in portions(names):
        rows = connection.execute(query.where(suppression.c.mailbox.in_(some)))
        found |= {row.mailbox: row.reason for row in rows}
    return found


def _names(connection: Connection, email: str) -> tuple[str, str]:
    return mailbox(email), hidden(owner(connection), mailbox(email))


def subscribers_among(connection: Connection, emails: Iterable[str]) -> dict[str, int]:
    """Mailbox -> subscriber, of those of some addresses who are told at them."""
    found: dict[str, int] = {}
    query = select(subscriber.c.mailbox, subscriber.c.id)
    query = query.where(subscriber.c.standing == Standing.CONFIRMED)
    for some in portions(map(mailbox, emails)):
        rows = connection.execute(query.where(subscriber.c.mailbox.in_(some)))
        found |= {row.mailbox: row.id for row in rows}
    return found


def is_subscriber(connection: Connection, email: str) -> int | None:
    """The subscriber who is told at an address; None for nobody, or one who has left."""
    return subscribers_among(connection, [email]).get(mailbox(email))


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
    if found.get(name) == Standing.CONFIRMED:
        return Joined(Outcome.ALREADY, is_subscriber(connection, email))
    connection.execute(delete(suppression).where(suppression.c.mailbox.in_([name, secret])))
    _confirm(connection, email, found, now)
    record(connection, [name], Standing.CONFIRMED, HOW, now, **asked)
    who = is_subscriber(connection, email)
    return Joined(Outcome.BACK if found else Outcome.NEW, who, secret)


def _confirm(connection: Connection, email: str, found: Mapping[str, str], now: str) -> None:
    name, secret = _names(connection, email)
    if name in found:
        there = update(subscriber).where(subscriber.c.mailbox == name)
        connection.execute(there.values(standing=Standing.CONFIRMED, email=email, moved_to=None))
    elif secret in found:
        find_again(connection, secret, new_row(owner(connection), email, now))
    else:
        connection.execute(subscriber.insert(), new_row(owner(connection), email, now))
