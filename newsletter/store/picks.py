"""Records what is picked for some subscribers: the next parts of courses, and digests.

A digest tells several articles. In the same transaction each of them gets a delivery of its own
that is skipped, so that what makes an article told once makes it once in digests as well.
"""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection, insert, literal, select

from newsletter.model import Kind, State
from newsletter.plan import Picked
from newsletter.store import tallies
from newsletter.store.announcements import found, make, prefix
from newsletter.store.audience import SHOWN
from newsletter.store.identity import name
from newsletter.store.portions import portions
from newsletter.store.schema import cover, delivery, subscriber

IN_A_DIGEST = "told in a digest"


def with_addresses(connection: Connection, picked: Picked) -> Picked:
    """The same with a few of the addresses that it goes to."""
    some = subscriber.c.id.in_(picked.subscribers[:SHOWN])
    query = select(subscriber.c.email).where(some).order_by(subscriber.c.id)
    return replace(picked, first=tuple(connection.execute(query).scalars()))


def record(connection: Connection, picked: Picked, now: str) -> None:
    """Write down a delivery for each subscriber; of a digest, also that its articles are told."""
    made = found(connection, picked.id, picked.kind)
    if made is None:
        made = make(connection, picked.id, picked.kind, picked.title, now)
    ids = [article.id for article in picked.articles]
    _deliver(connection, made, picked.id, picked.kind, picked.subscribers, State.PLANNED, "", now)
    if picked.kind is Kind.DIGEST:
        cover_with(connection, made, ids)
        mark_told(connection, ids, picked.subscribers, now)


def cover_with(connection: Connection, digest: int, articles: Iterable[str]) -> None:
    """Write down which articles a digest tells, unless that is there already."""
    there = select(cover.c.article_id).where(cover.c.announcement_id == digest)
    missing = {*articles} - {*connection.execute(there).scalars()}
    rows = [{"announcement_id": digest, "article_id": one} for one in sorted(missing)]
    if rows:
        connection.execute(insert(cover), rows)


def mark_told(
    connection: Connection, articles: Iterable[str], subscribers: Iterable[int], now: str
) -> None:
    """Let some subscribers, who have no delivery of these articles, never be told of them again."""
    whom = list(subscribers)
    for article_id in articles:
        made = found(connection, article_id, Kind.NEW)
        if made is None:  # a ledger that was restored has forgotten that it was announced
            made = make(connection, article_id, Kind.NEW, article_id, now)
        _deliver(connection, made, article_id, Kind.NEW, whom, State.SKIPPED, IN_A_DIGEST, now)


def _deliver(
    connection: Connection,
    made: int,
    article_id: str,
    kind: Kind,
    subscribers: Iterable[int],
    state: State,
    reason: str,
    now: str,
) -> None:
    columns = ("id", "announcement_id", "subscriber_id", "mailbox", "state", "reason", "created_at")
    begins = prefix(name(connection), article_id, kind)
    for some in portions(subscribers):
        rows = select(
            literal(begins) + subscriber.c.key, literal(made), subscriber.c.id,
            subscriber.c.mailbox, literal(state.value), literal(reason), literal(now),
        ).where(subscriber.c.id.in_(some))  # fmt: skip
        written = insert(delivery).from_select(columns, rows.order_by(subscriber.c.id))
        counting = {"preserve_rowcount": True}
        number = connection.execute(written, execution_options=counting).rowcount
        tallies.note(connection, [(made, state, number)], reason)
