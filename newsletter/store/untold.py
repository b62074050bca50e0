"""Whose turn it is to get a digest or the next part of their course, and what they were not told.

Somebody was told of an article when they have a delivery of it in whatever state, even if it was
skipped: nothing else is asked, so that nothing else can tell them again.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    func,
    or_,
    select,
)

from newsletter.model import IN_FLIGHT, Cadence, Kind, Standing, State
from newsletter.plan import Untold
from newsletter.store.audience import BEFORE
from newsletter.store.portions import portions
from newsletter.store.schema import (
    announcement,
    consent,
    delivery,
    subscriber,
    suppression,
    topic,
)

MOVED = "moved to another address"
"""How somebody comes who was there already, at another address (joining.Way.MOVED)."""

WEEK = 7
EARLY = timedelta(hours=12)
"""How much earlier than its days something may come: a job that runs daily is never on the dot."""


def of_courses(
    connection: Connection, known: Collection[str], fresh: Iterable[str], now: datetime
) -> Iterator[Untold]:
    """Each who follows a course and whose next part is due, with the articles not told to them.

    `known` are the articles to look for in the ledger, `fresh` others that are about to be there.
    """
    days = select(subscriber.c.every_days).where(subscriber.c.cadence == Cadence.COURSE)
    waits = connection.execute(days.distinct()).scalars().all()
    if not waits:
        return
    since = case({n: _ago(now, n) for n in waits}, value=subscriber.c.every_days, else_="")
    recent = delivery.c.created_at > since  # whoever has just changed their pace is not due now
    due = _due(subscriber.c.cadence == Cadence.COURSE, (Kind.NEW, Kind.DIGEST), recent)
    found = {who: {*fresh} for who in connection.execute(due).scalars()}
    for who, article_id, _ in connection.execute(_untold(due, known)):
        found.setdefault(who, set()).add(article_id)  # some may be due since a moment ago
    yield from _wished(connection, found)


def of_digests(
    connection: Connection, known: Collection[str], now: datetime, *, catch_up: bool = False
) -> Iterator[Untold]:
    """Each whose digest is due, with the articles announced since they came and not told to them.

    With `catch_up` also those who are told of each article: of what came out while they paused, or
    before they chose that.
    """
    cadences = [Cadence.WEEKLY, *([Cadence.EACH] if catch_up else [])]
    recent = delivery.c.created_at > _ago(now, WEEK)
    due = _due(subscriber.c.cadence.in_(cadences), (Kind.DIGEST,), recent)
    announced = (
        announcement.c.baseline == 0,
        announcement.c.created_at >= subscriber.c.created_at,
    )
    pairs = connection.execute(_untold(due, known).where(*announced)).all()
    came = _came_again(connection, {who for who, *_ in pairs})
    found: dict[int, set[str]] = {}
    for who, article_id, at in pairs:
        if at >= came.get(who, ""):
            found.setdefault(who, set()).add(article_id)
    yield from _wished(connection, found)


def _ago(now: datetime, days: int) -> str:
    return (now - timedelta(days=days) + EARLY).isoformat(timespec="seconds")


def _due(
    which: ColumnElement[bool], kinds: tuple[Kind, ...], recent: ColumnElement[bool]
) -> Select[int]:
    """Who may be told now, and has nothing of these kinds that is recent or on its way."""
    of_kinds = select(announcement.c.id).where(announcement.c.kind.in_(kinds))
    lately = select(delivery.c.id).where(
        delivery.c.announcement_id.in_(of_kinds),
        delivery.c.subscriber_id == subscriber.c.id,
        or_(delivery.c.state != State.SKIPPED, delivery.c.reason.in_(BEFORE)),
        or_(recent, delivery.c.state.in_(IN_FLIGHT)),
    )
    return (
        select(subscriber.c.id)
        .outerjoin(suppression, subscriber.c.mailbox == suppression.c.mailbox)
        .where(
            subscriber.c.standing == Standing.CONFIRMED,
            subscriber.c.paused == 0,
            suppression.c.mailbox.is_(None),
            which,
            ~lately.exists(),
        )
        .order_by(subscriber.c.id)
    )


def _untold(due: Select[int], known: Collection[str]) -> Select[int, str, str]:
    """The same people with each of the articles of which they have no delivery."""
    theirs = and_(
        delivery.c.announcement_id == announcement.c.id,
        delivery.c.subscriber_id == subscriber.c.id,
    )
    return (
        due.with_only_columns(subscriber.c.id, announcement.c.article_id, announcement.c.created_at)
        .join(announcement, announcement.c.kind == Kind.NEW)
        .where(
            announcement.c.article_id.in_(known),
            ~select(delivery.c.subscriber_id)
            .where(theirs)
            .correlate(subscriber, announcement)
            .exists(),
        )
    )


def came(connection: Connection, who: int) -> str:
    """When somebody came, or came back: at the address where they were then."""
    query = select(subscriber.c.created_at).where(subscriber.c.id == who)
    made = str(connection.execute(query).scalar_one())
    return max(made, _came_again(connection, [who]).get(who, ""))


def _came_again(connection: Connection, some: Collection[int]) -> dict[int, str]:
    """When each was confirmed last: who left and came back came then.

    Who came from another address last is as old as they were there (`readdressing`).
    """
    found: dict[int, str] = {}
    for portion in portions(some):
        latest = select(func.max(consent.c.id)).where(
            consent.c.subscriber_id.in_(portion), consent.c.standing == Standing.CONFIRMED
        )
        their = consent.c.id.in_(latest.group_by(consent.c.subscriber_id))
        query = select(consent.c.subscriber_id, consent.c.at).where(their, consent.c.form != MOVED)
        found |= dict(connection.execute(query).all())
    return found


def _wished(connection: Connection, found: dict[int, set[str]]) -> Iterator[Untold]:
    topics: dict[int, set[str]] = {}
    for portion in portions(found):
        query = select(topic.c.subscriber_id, topic.c.tag).where(topic.c.subscriber_id.in_(portion))
        for who, tag in connection.execute(query):
            topics.setdefault(who, set()).add(tag)
    for who, articles in found.items():
        yield Untold(who, frozenset(topics.get(who, ())), frozenset(articles))
