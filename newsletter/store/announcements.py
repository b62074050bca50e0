"""Announcements: what is told, written down with a delivery for each whom it is for."""

from collections import Counter
from collections.abc import Iterable
from hashlib import sha256

from sqlalchemy import Connection, case, func, insert, literal, select

from newsletter.model import Announced, Kind, State
from newsletter.plan import Planned
from newsletter.store import deliveries, tallies
from newsletter.store.audience import audience
from newsletter.store.portions import portions
from newsletter.store.schema import (
    announcement,
    cover,
    delivery,
    installation,
    subscriber,
    suppression,
)
from press.manifest import Entry


def known(connection: Connection) -> dict[str, frozenset[str]]:
    """Article ids in the ledger, baseline or announced -> the revisions that were told of it."""
    told: dict[str, set[str]] = {}
    columns = (announcement.c.article_id, announcement.c.kind, announcement.c.revision)
    query = select(*columns).where(announcement.c.kind != Kind.DIGEST)
    for article_id, kind, revision in connection.execute(query):
        told.setdefault(article_id, set()).update({revision} if kind == Kind.UPDATE else ())
    return {article_id: frozenset(revisions) for article_id, revisions in told.items()}


def titled(connection: Connection, titles: Iterable[str]) -> dict[str, str]:
    """Those of some titles under which an article was told -> its id, of the newest of them."""
    found: dict[str, str] = {}
    query = select(announcement.c.title, announcement.c.article_id).order_by(announcement.c.id)
    for some in portions(titles):
        those = query.where(announcement.c.kind == Kind.NEW, announcement.c.title.in_(some))
        found |= {row.title: row.article_id for row in connection.execute(those)}
    return found


def digests(connection: Connection) -> set[str]:
    """The ids of all digests."""
    query = select(announcement.c.article_id).where(announcement.c.kind == Kind.DIGEST)
    return {*connection.execute(query).scalars()}


def record_baseline(connection: Connection, articles: Iterable[Entry], now: str) -> None:
    for article in articles:
        make(connection, article.id, Kind.NEW, article.title, now, baseline=True)


def record_announcement(connection: Connection, planned: Planned, now: str) -> None:
    """Write down an announcement and a delivery for each of its subscribers, in one statement."""
    article = planned.article
    made = found(connection, article.id, planned.kind, planned.revision)
    if made is None:  # else more of those are known now whom a correction is for
        made = make(connection, article.id, planned.kind, article.title, now, planned.revision)
    before = _counted(connection, made)
    owner = connection.execute(select(installation.c.id)).scalar_one()
    columns = ("id", "announcement_id", "subscriber_id", "mailbox", "state", "reason", "created_at")
    closed = suppression.c.mailbox.is_not(None)
    rows = audience(planned).with_only_columns(
        literal(prefix(owner, article.id, planned.kind, planned.revision)) + subscriber.c.key,
        literal(made),
        subscriber.c.id,
        subscriber.c.mailbox,
        case((closed, State.SKIPPED.value), else_=State.PLANNED.value),
        case((closed, "suppressed"), else_=""),
        literal(now),
    )
    connection.execute(insert(delivery).from_select(columns, rows.order_by(subscriber.c.id)))
    more = _counted(connection, made) - before
    tallies.note(connection, [(made, state, n) for state, n in more.items()], "suppressed")


def _counted(connection: Connection, made: int) -> Counter[State]:
    """How many deliveries of an announcement are in each state."""
    query = select(delivery.c.state, func.count(delivery.c.id))
    found = query.where(delivery.c.announcement_id == made).group_by(delivery.c.state)
    return Counter({State(state): number for state, number in connection.execute(found)})


def make(
    connection: Connection,
    article_id: str,
    kind: Kind,
    title: str,
    now: str,
    revision: str = "",
    *,
    baseline: bool = False,
) -> int:
    """Write down an announcement, as yet without deliveries."""
    row = {
        "article_id": article_id,
        "kind": kind,
        "revision": revision,
        "baseline": int(baseline),
        "title": title,
        "created_at": now,
    }
    made = connection.execute(insert(announcement), row).inserted_primary_key
    return int(made[0]) if made else 0


def found(connection: Connection, article_id: str, kind: str, revision: str = "") -> int | None:
    """An announcement that is there already."""
    query = select(announcement.c.id).where(
        announcement.c.article_id == article_id,
        announcement.c.kind == kind,
        announcement.c.revision == revision,
    )
    return connection.execute(query).scalar()


def prefix(owner: str, article_id: str, kind: Kind, revision: str = "") -> str:
    """The first half of the ids of an announcement's deliveries.

    Derived, not random: a ledger that is restored from a copy plans the same deliveries again.
    """
    words = "\n".join((owner, article_id, kind, revision))
    return sha256(words.encode()).hexdigest()[:12]


def unfinished(connection: Connection) -> list[Announced]:
    """The announcements with deliveries to hand over now, oldest first."""
    some = connection.execute(tallies.with_some(State.PLANNED)).scalars().all()
    return those(connection, [one for one in some if deliveries.is_some_due(connection, one)])


def those(connection: Connection, numbers: Iterable[int]) -> list[Announced]:
    """Announcements by their numbers, oldest first."""
    wanted = announcement.c.id.in_({*numbers})
    covers: dict[int, list[str]] = {}
    for number, article_id in connection.execute(
        select(cover).join(announcement).where(wanted).order_by(cover.c.article_id)
    ):
        covers.setdefault(number, []).append(article_id)
    query = select(announcement).where(wanted).order_by(announcement.c.id)
    return [
        Announced(
            row.id, row.article_id, Kind(row.kind), row.revision, row.title,
            tuple(covers.get(row.id, ())),
        )
        for row in connection.execute(query)
    ]  # fmt: skip
