"""Announcements: what is told of an article, and to whom."""

from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256

from sqlalchemy import ColumnElement, Connection, Select, case, func, insert, literal, select

from newsletter.model import TAKEN, Announced, Kind, Standing, State
from newsletter.plan import Planned
from newsletter.store import tallies
from newsletter.store.schema import announcement, delivery, installation, subscriber, suppression
from press.manifest import Entry


def known(connection: Connection) -> dict[str, frozenset[str]]:
    """Article ids in the ledger, baseline or announced -> the revisions that were told of it."""
    found: dict[str, set[str]] = {}
    query = select(announcement.c.article_id, announcement.c.kind, announcement.c.revision)
    for article_id, kind, revision in connection.execute(query):
        found.setdefault(article_id, set()).update({revision} if kind == Kind.UPDATE else ())
    return {article_id: frozenset(revisions) for article_id, revisions in found.items()}


def record_baseline(connection: Connection, articles: Iterable[Entry], now: str) -> None:
    for article in articles:
        _announce(connection, Planned(article), now, baseline=True)


def record_announcement(connection: Connection, planned: Planned, now: str) -> None:
    """Write down an announcement and a delivery for each of its subscribers, in one statement."""
    made = _announce(connection, planned, now, baseline=False)
    owner = connection.execute(select(installation.c.id)).scalar_one()
    columns = ("id", "announcement_id", "subscriber_id", "mailbox", "state", "reason", "created_at")
    closed = suppression.c.mailbox.is_not(None)
    rows = audience(planned).with_only_columns(
        literal(_prefix(owner, planned)) + subscriber.c.key,
        literal(made),
        subscriber.c.id,
        subscriber.c.mailbox,
        case((closed, State.SKIPPED.value), else_=State.PLANNED.value),
        case((closed, "suppressed"), else_=""),
        literal(now),
    )
    connection.execute(insert(delivery).from_select(columns, rows.order_by(subscriber.c.id)))
    counted = select(delivery.c.state, func.count(delivery.c.id)).where(
        delivery.c.announcement_id == made
    )
    found = connection.execute(counted.group_by(delivery.c.state)).all()
    changes = [(made, State(state), number) for state, number in found]
    tallies.note(connection, changes, "suppressed")


def _announce(connection: Connection, planned: Planned, now: str, *, baseline: bool) -> int:
    row = {
        "article_id": planned.article.id,
        "kind": planned.kind,
        "revision": planned.revision,
        "baseline": int(baseline),
        "title": planned.article.title,
        "created_at": now,
    }
    made = connection.execute(insert(announcement), row).inserted_primary_key
    return int(made[0]) if made else 0


def _prefix(owner: str, planned: Planned) -> str:
    """The first half of the ids of an announcement's deliveries.

    Derived, not random: a ledger that is restored from a copy plans the same deliveries again.
    """
    words = "\n".join((owner, planned.article.id, planned.kind, planned.revision))
    return sha256(words.encode()).hexdigest()[:12]


def audience(planned: Planned) -> Select[int, str | None]:
    """Who an announcement is for, each with their suppression if there is one.

    What is new is for all who are confirmed; an update for those of them who were told before.
    """
    query = (
        select(subscriber.c.id, suppression.c.mailbox)
        .outerjoin(suppression, subscriber.c.mailbox == suppression.c.mailbox)
        .where(subscriber.c.standing == Standing.CONFIRMED)
    )
    return query if planned.kind is Kind.NEW else query.where(_were_told(planned.article.id))


def _were_told(article_id: str) -> ColumnElement[bool]:
    return subscriber.c.id.in_(
        select(delivery.c.subscriber_id)
        .join(announcement)
        .where(announcement.c.article_id == article_id, delivery.c.state.in_(TAKEN))
    )


SHOWN = 3
"""Addresses that are shown of those that an announcement goes to."""


def with_audience(connection: Connection, planned: Planned) -> Planned:
    """An announcement with how many it would be handed over for, and how many are suppressed."""
    everyone = audience(planned)
    counts = everyone.with_only_columns(
        func.count(subscriber.c.id), func.count(suppression.c.mailbox)
    )
    number, closed = connection.execute(counts).one()
    some = everyone.with_only_columns(subscriber.c.email).where(suppression.c.mailbox.is_(None))
    first = connection.execute(some.order_by(subscriber.c.id).limit(SHOWN)).scalars()
    return replace(planned, messages=number - closed, suppressed=closed, first=tuple(first))


def unfinished(connection: Connection) -> list[Announced]:
    """The announcements with deliveries to hand over, oldest first."""
    columns = (announcement.c.id, announcement.c.article_id)
    query = (
        select(*columns, announcement.c.kind, announcement.c.revision)
        .where(announcement.c.id.in_(tallies.with_some(State.PLANNED)))
        .order_by(announcement.c.id)
    )
    return [
        Announced(i, a, Kind(kind), revision) for i, a, kind, revision in connection.execute(query)
    ]
