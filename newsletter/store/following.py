"""What follows for a mailbox from what is told of its deliveries: the policy of docs/ledger.md.

It is shut at once after a hard bounce, a complaint, or a provider's refusal of the address; after
some soft bounces in a row, of as many deliveries; and whoever leaves at the provider has left.
"""

from collections import Counter
from collections.abc import Collection, Iterable

from sqlalchemy import Connection, Select, func, select, update

from newsletter.model import Fate, State
from newsletter.store.joining import Way
from newsletter.store.portions import portions
from newsletter.store.schema import delivery, event, subscriber
from newsletter.store.subscribers import remove_all, suppress

CLOSES = frozenset({Fate.BOUNCED, Fate.COMPLAINED, Fate.REJECTED})
"""Kinds of event after which a mailbox is never written to again."""

MOST_SOFT = 5
"""Soft bounces in a row after which it is not written to either, unless it is set otherwise."""

SAYS_MORE = (State.DELIVERED, State.BOUNCED, State.COMPLAINED)
"""States beside which a soft bounce says nothing: the mail arrived all the same, or never will."""

Told = Collection[tuple[str, str]]
"""Delivery and kind of each event that is new, of those deliveries that are ours."""


def follow(connection: Connection, told: Told, now: str, most_soft: int) -> tuple[str, ...]:
    """Apply the policy; names for the journal of the mailboxes that are shut now."""
    shut: list[str] = []
    for kind in sorted(CLOSES):
        shut += suppress(connection, _of(told, kind), kind, now)
    shut += _let_go(connection, _of(told, Fate.UNSUBSCRIBED), now)
    soft = _count(connection, _of(told, Fate.SOFT))
    _forgive(connection, _of(told, Fate.DELIVERED))
    shut += suppress(connection, _too_many(connection, soft, most_soft), "soft bounces", now)
    return tuple(shut)


def _of(told: Told, kind: str) -> list[str]:
    return list(dict.fromkeys(one for one, said in told if said == kind))


def _let_go(connection: Connection, ids: Iterable[str], now: str) -> list[str]:
    """Who has left at the provider has left; a mailbox without a name has already."""
    names: list[str] = []
    for some in portions(ids):
        query = select(delivery.c.mailbox).where(delivery.c.id.in_(some))
        known = [name for name in connection.execute(query).scalars() if ":" not in name]
        names += remove_all(connection, sorted(known), Way.PROVIDER, now).names
    return names


def _count(connection: Connection, ids: list[str]) -> list[str]:
    """Count a soft bounce for each delivery, once however often it is told; those counted."""
    fresh = Counter(ids)
    counted: list[str] = []
    for some in portions(ids):
        times = select(event.c.delivery_id, func.count()).where(
            event.c.delivery_id.in_(some), event.c.kind == Fate.SOFT
        )
        first = {
            one
            for one, number in connection.execute(times.group_by(event.c.delivery_id))
            if number == fresh[one]
        }
        query = select(delivery.c.id, delivery.c.subscriber_id).where(
            delivery.c.id.in_(first), delivery.c.state.not_in(SAYS_MORE)
        )
        for one, who in connection.execute(query.order_by(delivery.c.subscriber_id)).all():
            more = update(subscriber).where(subscriber.c.id == who)
            connection.execute(more.values(soft_bounces=subscriber.c.soft_bounces + 1))
            counted.append(one)
    return counted


def _forgive(connection: Connection, ids: list[str]) -> None:
    """A mail that arrives ends a row of soft bounces."""
    for some in portions(ids):
        whose = select(delivery.c.subscriber_id).where(delivery.c.id.in_(some))
        row = (subscriber.c.id.in_(whose), subscriber.c.soft_bounces > 0)
        connection.execute(update(subscriber).where(*row).values(soft_bounces=0))


def _too_many(connection: Connection, ids: list[str], most: int) -> list[str]:
    found: list[str] = []
    for some in portions(ids):
        found += connection.execute(_worn(some, most)).scalars()
    return found


def _worn(ids: list[str], most: int) -> Select[str]:
    return (
        select(delivery.c.id)
        .join(subscriber)
        .where(delivery.c.id.in_(ids), subscriber.c.soft_bounces >= most)
    )
