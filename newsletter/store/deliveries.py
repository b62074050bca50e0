"""Announcements and their deliveries: who is to be told of what, and how far that has come.

Every change of a delivery's state is made by `move`.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection, case, func, insert, select, update

from newsletter.model import TRANSITIONS, Delivery, Kind, Standing, State, Subscriber
from newsletter.plan import Planned
from newsletter.store.schema import announcement, delivery, installation, subscriber, suppression
from press.manifest import Entry

PARAMETERS = 10_000
"""Values in one statement; SQLite takes 32,766 (sqlite.org/limits.html)."""


class Overtaken(RuntimeError):
    """The ledger is not as this sender left it: another one has taken over. Nothing is changed."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many deliveries of an announcement are in a state, for a reason."""

    article_id: str
    title: str
    baseline: bool
    state: State | None
    """None for an announcement without deliveries."""
    reason: str
    count: int
    oldest: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many deliveries of an article are planned, and why those can't be handed over."""

    article_id: str
    why_not: str
    count: int


def known(connection: Connection) -> set[str]:
    """The ids of all articles in the ledger, baseline or announced."""
    return set(connection.execute(select(announcement.c.article_id)).scalars())


def record_baseline(connection: Connection, articles: Iterable[Entry], now: str) -> None:
    for article in articles:
        _announce(connection, article, now, baseline=True)


def record_announcement(connection: Connection, planned: Planned, now: str) -> None:
    """Write down an announcement and a delivery for each of its subscribers."""
    made = _announce(connection, planned.article, now, baseline=False)
    owner = connection.execute(select(installation.c.id)).scalar_one()
    rows = [
        _row(owner, made, planned.article.id, one, now, state, reason)
        for group, state, reason in (
            (planned.recipients, State.PLANNED, ""),
            (planned.suppressed, State.SKIPPED, "suppressed"),
        )
        for one in group
    ]
    if rows:
        connection.execute(insert(delivery), rows)


def _announce(connection: Connection, article: Entry, now: str, *, baseline: bool) -> int:
    row = {
        "article_id": article.id,
        "kind": Kind.NEW,
        "baseline": int(baseline),
        "title": article.title,
        "created_at": now,
    }
    made = connection.execute(insert(announcement), row).inserted_primary_key
    return int(made[0]) if made else 0


def _row(
    owner: str,
    announced: int,
    article_id: str,
    one: Subscriber,
    now: str,
    state: State,
    reason: str,
) -> dict[str, object]:
    # Derived, not random: a ledger that is restored from a copy plans the same delivery again.
    words = "\n".join((owner, article_id, Kind.NEW, one.mailbox))
    return {
        "id": sha256(words.encode()).hexdigest()[:24],
        "announcement_id": announced,
        "subscriber_id": one.id,
        "mailbox": one.mailbox,
        "state": state,
        "reason": reason,
        "created_at": now,
    }


def move(
    connection: Connection,
    ids: Collection[str],
    before: State,
    after: State,
    reason: str = "",
    batch_id: int | None = None,
) -> None:
    """Take deliveries from one state to the next. Raises Overtaken unless all are in `before`."""
    if after not in TRANSITIONS[before]:
        raise ValueError(f"a delivery can't go from {before} to {after}")
    values: dict[str, object] = {"state": after, "reason": reason}
    if batch_id is not None:
        values["batch_id"] = batch_id
    for some in _portions(ids):
        change = update(delivery).where(delivery.c.id.in_(some), delivery.c.state == before)
        if connection.execute(change.values(values)).rowcount != len(some):
            raise Overtaken(f"not all of these deliveries are {before}")


def _portions(ids: Collection[str]) -> Iterator[list[str]]:
    every = list(ids)
    for start in range(0, len(every), PARAMETERS):
        yield every[start : start + PARAMETERS]


def unfinished(connection: Connection) -> list[tuple[int, str]]:
    """Id and article of each announcement with deliveries to hand over, oldest first."""
    query = (
        select(announcement.c.id, announcement.c.article_id)
        .where(
            announcement.c.id.in_(
                select(delivery.c.announcement_id).where(delivery.c.state == State.PLANNED)
            )
        )
        .order_by(announcement.c.id)
    )
    return [(row.id, row.article_id) for row in connection.execute(query)]


def next_planned(connection: Connection, announced: int, limit: int) -> list[Delivery]:
    """The next deliveries to hand over. Those whose subscriber has left since are skipped."""
    query = (
        select(delivery.c.id, announcement.c.article_id, delivery.c.created_at, *_SUBSCRIBER)
        .join(subscriber, delivery.c.subscriber_id == subscriber.c.id)
        .join(announcement, delivery.c.announcement_id == announcement.c.id)
        .where(delivery.c.announcement_id == announced, delivery.c.state == State.PLANNED)
        .order_by(delivery.c.subscriber_id)
        .limit(limit)
    )
    while True:
        rows = connection.execute(query).all()
        left = unwanted(connection, [row.id for row in rows])
        if not left:
            return [Delivery(r[0], r[1], Subscriber(*r[3:]), r[2]) for r in rows]
        skip(connection, left, State.PLANNED)


_SUBSCRIBER = (
    delivery.c.subscriber_id,
    subscriber.c.email,
    subscriber.c.mailbox,
    subscriber.c.token,
)


_WHY_NOT = case(
    (subscriber.c.standing != Standing.CONFIRMED, subscriber.c.standing),
    (suppression.c.mailbox.is_not(None), "suppressed"),
    else_="",
)
"""Why a delivery must not be handed over now; empty if it may be."""

_LOOKED_UP = delivery.join(subscriber).outerjoin(
    suppression, delivery.c.mailbox == suppression.c.mailbox
)


def unwanted(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """Of these deliveries, those that must not be handed over now, and why."""
    query = select(delivery.c.id, _WHY_NOT).select_from(_LOOKED_UP).where(_WHY_NOT != "")
    return {
        one: reason
        for some in _portions(ids)
        for one, reason in connection.execute(query.where(delivery.c.id.in_(some)))
    }


def waiting(connection: Connection) -> list[Waiting]:
    """What is planned of earlier announcements."""
    query = (
        select(announcement.c.article_id, _WHY_NOT, func.count(delivery.c.id))
        .select_from(_LOOKED_UP.join(announcement))
        .where(delivery.c.state == State.PLANNED)
        .group_by(announcement.c.article_id, _WHY_NOT)
    )
    return [Waiting(*row) for row in connection.execute(query)]


def skip(connection: Connection, reasons: dict[str, str], before: State) -> None:
    for one, reason in reasons.items():
        move(connection, [one], before, State.SKIPPED, reason)


def in_state(connection: Connection, *states: State) -> list[str]:
    query = select(delivery.c.id).where(delivery.c.state.in_(states)).order_by(delivery.c.id)
    return list(connection.execute(query).scalars())


def count(connection: Connection, *states: State) -> int:
    query = select(func.count(delivery.c.id)).where(delivery.c.state.in_(states))
    return connection.execute(query).scalar_one()


def tallies(connection: Connection) -> list[Tally]:
    """What became of each announcement, oldest first."""
    query = (
        select(
            announcement.c.article_id,
            announcement.c.title,
            announcement.c.baseline,
            delivery.c.state,
            delivery.c.reason,
            func.count(delivery.c.id),
            func.min(delivery.c.created_at),
        )
        .outerjoin(delivery, delivery.c.announcement_id == announcement.c.id)
        .group_by(announcement.c.id, delivery.c.state, delivery.c.reason)
        .order_by(announcement.c.id, delivery.c.state, delivery.c.reason)
    )
    return [
        Tally(article, title, bool(baseline), State(state) if state else None, reason or "", n, at)
        for article, title, baseline, state, reason, n, at in connection.execute(query)
    ]
