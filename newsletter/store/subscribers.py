"""Who is told: subscribers, how they came and went, and mailboxes that are never written to."""

import secrets
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, case, insert, select, update

from newsletter.addresses import hidden, key, mailbox
from newsletter.model import Account, Standing
from newsletter.store.portions import MOST, insert_once, portions
from newsletter.store.schema import (
    announcement,
    consent,
    delivery,
    installation,
    subscriber,
    suppression,
)

SUPPRESSED = "suppressed"
"""What a list says of those who are confirmed, and whose mailbox is never written to."""


class Added(StrEnum):
    """What came of adding an address."""

    ADDED = "added"
    ALREADY = "already a subscriber"
    LEFT = "left before, or must not be written to"


def owner(connection: Connection) -> str:
    """The installation, whose name is in those that stand for mailboxes."""
    return str(connection.execute(select(installation.c.id)).scalar_one())


def add(connection: Connection, emails: Iterable[str], how: str, now: str) -> Iterator[Added]:
    """Add addresses. Who has left is never brought back by somebody else's list."""
    owned_by = owner(connection)
    for some in portions(emails, MOST // 2):  # each is looked for by two names
        yield from _Adding(connection, owned_by, how, now).add(some)


class _Adding:
    """Adds some addresses, so many that one statement can look for them all."""

    def __init__(self, connection: Connection, owned_by: str, how: str, now: str) -> None:
        self.connection, self.owner = connection, owned_by
        self.how, self.now = how, now
        self.new: dict[str, dict[str, Any]] = {}

    def add(self, emails: Collection[str]) -> list[Added]:
        secrets_of = {mailbox(one): hidden(self.owner, mailbox(one)) for one in emails}
        names = [*secrets_of, *secrets_of.values()]
        query = select(subscriber.c.mailbox, subscriber.c.standing)
        found = self.connection.execute(query.where(subscriber.c.mailbox.in_(names)))
        self.standings: dict[str, str] = {row.mailbox: row.standing for row in found}
        self.closed = closed(self.connection, names)
        outcomes = [self._add(one, mailbox(one), secrets_of[mailbox(one)]) for one in emails]
        insert_once(self.connection, subscriber, list(self.new.values()))
        record(self.connection, self.new, Standing.CONFIRMED, self.how, self.now)
        return outcomes

    def _add(self, email: str, name: str, secret: str) -> Added:
        standing, gone = self.standings.get(name), self.standings.get(secret)
        if {name, secret} & self.closed or standing == Standing.UNSUBSCRIBED:
            return Added.LEFT
        if gone == Standing.ERASED:
            return Added.LEFT
        if standing is not None:
            return Added.ALREADY
        row = new_row(self.owner, email, self.now)
        if gone == Standing.MISSING:
            find_again(self.connection, secret, row)
            record(self.connection, [name], Standing.CONFIRMED, self.how, self.now)
        else:
            self.new[name] = row
        self.standings[name] = Standing.CONFIRMED
        return Added.ADDED


def new_row(owned_by: str, email: str, now: str) -> dict[str, Any]:
    """A subscriber who is confirmed from now on."""
    return {
        "email": email,
        "mailbox": mailbox(email),
        "token": secrets.token_urlsafe(12),
        "key": key(owned_by, mailbox(email)),
        "standing": Standing.CONFIRMED,
        "created_at": now,
    }


def find_again(connection: Connection, secret: str, row: dict[str, Any]) -> None:
    """Somebody of whom only a name was left has an address again, and is not told twice."""
    which = update(subscriber).where(subscriber.c.mailbox == secret)
    connection.execute(which.values(row))
    rename_deliveries(connection, secret, row["mailbox"])


def rename_deliveries(connection: Connection, before: str, after: str) -> None:
    """Give the deliveries to a mailbox another name for it."""
    every = select(announcement.c.id)  # by their index, which begins with the announcement
    theirs = (delivery.c.announcement_id.in_(every), delivery.c.mailbox == before)
    connection.execute(update(delivery).where(*theirs).values(mailbox=after))


@dataclass(frozen=True, slots=True)
class Departed:
    """What came of removing addresses."""

    known: int = 0
    """How many of them were subscribers, now or before."""
    names: tuple[str, ...] = ()
    """What stands for each mailbox: for the journal, which may lack those closed before."""


def remove(connection: Connection, email: str, how: str, now: str) -> Departed:
    """Unsubscribe an address and suppress its mailbox, even if it is a stranger's."""
    return remove_all(connection, [email], how, now)


def remove_all(connection: Connection, emails: Iterable[str], how: str, now: str) -> Departed:
    """The same for many addresses."""
    owned_by, known = owner(connection), 0
    names: list[str] = []
    for some in portions(emails, MOST // 2):
        secrets_of = {mailbox(one): hidden(owned_by, mailbox(one)) for one in some}
        erased = closed(connection, secrets_of.values())  # their address is never kept again
        close(connection, [n for n, s in secrets_of.items() if s not in erased], how, now)
        known += _unsubscribe(connection, list(secrets_of), how, now)
        names += secrets_of.values()
    return Departed(known, tuple(dict.fromkeys(names)))


def _unsubscribe(connection: Connection, names: Collection[str], how: str, now: str) -> int:
    there = subscriber.c.mailbox.in_(names)
    rows = connection.execute(select(subscriber.c.mailbox, subscriber.c.standing).where(there))
    standings = {row.mailbox: row.standing for row in rows}
    leaving = [name for name, one in standings.items() if one == Standing.CONFIRMED]
    which = update(subscriber).where(subscriber.c.mailbox.in_(leaving))
    connection.execute(which.values(standing=Standing.UNSUBSCRIBED))
    record(connection, leaving, Standing.UNSUBSCRIBED, how, now)
    return len(standings)


def close(connection: Connection, names: Collection[str], reason: str, now: str) -> list[str]:
    """Never write to these mailboxes again; those of them of which that is new."""
    new: list[str] = []
    for some in portions(dict.fromkeys(names)):
        there = closed(connection, some)
        new += [name for name in some if name not in there]
    # In one order, so that two who close the same don't wait for each other.
    rows = [{"mailbox": name, "reason": reason[:64], "at": now} for name in sorted(new)]
    insert_once(connection, suppression, rows)
    return new


def closed(connection: Connection, names: Iterable[str]) -> set[str]:
    """Those of some mailboxes that are never written to."""
    found: set[str] = set()
    for some in portions(names):
        query = select(suppression.c.mailbox).where(suppression.c.mailbox.in_(some))
        found.update(connection.execute(query).scalars())
    return found


def suppress(
    connection: Connection, delivery_ids: Collection[str], reason: str, now: str
) -> tuple[str, ...]:
    """Never write again to the mailboxes of these deliveries; names for the journal of the new."""
    shut: list[str] = []
    for some in portions(delivery_ids):
        query = select(delivery.c.mailbox).where(delivery.c.id.in_(some))
        shut += close(connection, connection.execute(query).scalars().all(), reason, now)
    owned_by = owner(connection) if shut else ""
    return tuple(stands_for(owned_by, name) for name in shut)


def stands_for(owned_by: str, name: str) -> str:
    """What stands for a mailbox, which may have no other name here any more."""
    return name if ":" in name else hidden(owned_by, name)


def record(
    connection: Connection,
    names: Iterable[str],
    standing: Standing,
    how: str,
    now: str,
    **asked: str,
) -> None:
    """Write down how the subscribers of some mailboxes came or went, and what they `asked`."""
    for some in portions(names):
        query = select(subscriber.c.id).where(subscriber.c.mailbox.in_(some))
        rows = [
            {"subscriber_id": who, "standing": standing, "how": how, "at": now, **asked}
            for who in connection.execute(query.order_by(subscriber.c.id)).scalars()
        ]
        if rows:
            connection.execute(insert(consent), rows)


def token_of(connection: Connection, who: int) -> str:
    """What stands for a subscriber where they leave."""
    query = select(subscriber.c.token).where(subscriber.c.id == who)
    return str(connection.execute(query).scalar_one())


def by_token(connection: Connection, token: str) -> str | None:
    """The address of the subscriber whom a token stands for, gone or not; None for nobody's."""
    query = select(subscriber.c.email).where(subscriber.c.token == token)
    return connection.execute(query).scalar() or None


def address_of(connection: Connection, who: int) -> str:
    """The address that a subscriber is told at; empty if they are told no more."""
    there = (subscriber.c.id == who, subscriber.c.standing == Standing.CONFIRMED)
    return connection.execute(select(subscriber.c.email).where(*there)).scalar() or ""


def everyone(connection: Connection) -> Iterator[Account]:
    """Each subscriber with an address, gone or not, in the order in which they came."""
    latest = (
        select(consent.c.how)
        .where(consent.c.subscriber_id == subscriber.c.id)
        .order_by(consent.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    shut = (subscriber.c.standing == Standing.CONFIRMED) & suppression.c.mailbox.is_not(None)
    query = (
        select(
            subscriber.c.email,
            case((shut, SUPPRESSED), else_=subscriber.c.standing),
            subscriber.c.created_at,
            case((shut, suppression.c.reason), else_=latest),
        )
        .outerjoin(suppression, suppression.c.mailbox == subscriber.c.mailbox)
        .where(subscriber.c.email != "")
        .order_by(subscriber.c.id)
    )
    for row in connection.execute(query.execution_options(yield_per=1000)):
        yield Account(*row)


def strangers(connection: Connection) -> Iterator[Account]:
    """Mailboxes that are never written to and are no subscriber's, but for those without a name."""
    query = (
        select(suppression)
        .outerjoin(subscriber, subscriber.c.mailbox == suppression.c.mailbox)
        .where(subscriber.c.id.is_(None), suppression.c.mailbox.not_like("%:%"))
        .order_by(suppression.c.mailbox)
    )
    for row in connection.execute(query.execution_options(yield_per=1000)):
        yield Account(row.mailbox, SUPPRESSED, row.at, row.reason)
