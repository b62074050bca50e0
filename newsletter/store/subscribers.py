"""Who is told: subscribers, how they came and went, and mailboxes that are never written to."""

import secrets
from collections.abc import Iterable, Iterator
from enum import StrEnum

from sqlalchemy import Connection, insert, select, update

from newsletter.addresses import mailbox
from newsletter.model import Account, Standing, Subscriber
from newsletter.store.schema import consent, subscriber, suppression


class Added(StrEnum):
    """What came of adding an address."""

    ADDED = "added"
    ALREADY = "already a subscriber"
    LEFT = "left before, or must not be written to"


def add(connection: Connection, emails: Iterable[str], how: str, now: str) -> Iterator[Added]:
    """Add addresses. Who has left is never brought back by somebody else's list."""
    standings: dict[str, str] = {
        row.mailbox: row.standing
        for row in connection.execute(select(subscriber.c.mailbox, subscriber.c.standing))
    }
    closed = suppressed(connection)
    for email in emails:
        name = mailbox(email)
        if name in closed or standings.get(name) == Standing.UNSUBSCRIBED:
            yield Added.LEFT
        elif name in standings:
            yield Added.ALREADY
        else:
            _add(connection, email, how, now)
            standings[name] = Standing.CONFIRMED
            yield Added.ADDED


def _add(connection: Connection, email: str, how: str, now: str) -> None:
    row = {
        "email": email,
        "mailbox": mailbox(email),
        "token": secrets.token_urlsafe(12),
        "standing": Standing.CONFIRMED,
        "created_at": now,
    }
    made = connection.execute(insert(subscriber), row).inserted_primary_key
    _record(connection, int(made[0]) if made else 0, Standing.CONFIRMED, how, now)


def remove(connection: Connection, email: str, how: str, now: str) -> bool:
    """Unsubscribe an address and suppress its mailbox; whether it was a subscriber."""
    name = mailbox(email)
    if name not in suppressed(connection):
        connection.execute(insert(suppression), {"mailbox": name, "reason": how, "at": now})
    found = connection.execute(select(subscriber.c.id).where(subscriber.c.mailbox == name)).scalar()
    if found is None:
        return False
    connection.execute(
        update(subscriber).where(subscriber.c.id == found).values(standing=Standing.UNSUBSCRIBED)
    )
    _record(connection, found, Standing.UNSUBSCRIBED, how, now)
    return True


def _record(connection: Connection, who: int, standing: Standing, how: str, now: str) -> None:
    row = {"subscriber_id": who, "standing": standing, "how": how, "at": now}
    connection.execute(insert(consent), row)


def confirmed(connection: Connection) -> list[Subscriber]:
    """Those who want to be told, in the order in which they came."""
    query = (
        select(subscriber.c.id, subscriber.c.email, subscriber.c.mailbox, subscriber.c.token)
        .where(subscriber.c.standing == Standing.CONFIRMED)
        .order_by(subscriber.c.id)
    )
    return [Subscriber(*row) for row in connection.execute(query)]


def suppressed(connection: Connection) -> set[str]:
    return set(connection.execute(select(suppression.c.mailbox)).scalars())


def everyone(connection: Connection) -> list[Account]:
    """Each subscriber, gone or not, in the order in which they came."""
    latest = (
        select(consent.c.how)
        .where(consent.c.subscriber_id == subscriber.c.id)
        .order_by(consent.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = select(
        subscriber.c.email, subscriber.c.standing, subscriber.c.created_at, latest
    ).order_by(subscriber.c.id)
    return [Account(*row) for row in connection.execute(query)]
