"""What a provider may have accepted and nobody knows: by batch, with what it can be asked about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select

from newsletter.model import Asked, Batch, State
from newsletter.store.schema import announcement, attempt, batch, delivery, subscriber

DOUBTFUL = (State.UNKNOWN, State.ATTEMPTING)


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A batch with deliveries that are unknown, and since when."""

    batch: Batch
    asked: tuple[Asked, ...]
    first_attempt: datetime
    over_since: datetime | None
    """When its last attempt ended; None if its sender died, and nobody has noted that yet."""


def in_doubt(
    connection: Connection, provider: str, living: Sequence[str] = ()
) -> Iterator[Doubtful]:
    """What this provider may have accepted, by batch; no other could tell.

    Also what is being handed over at this moment, unless by a sender that lives.
    """
    numbers = (
        select(batch.c.id)
        .where(
            batch.c.payload.is_not(None),
            batch.c.provider == provider,
            _has_some(*DOUBTFUL),
            ~(batch.c.owner.in_(living) & _has_some(State.ATTEMPTING)),
        )
        .order_by(batch.c.id)
    )
    for number in connection.execute(numbers).scalars().all():
        yield _doubtful(connection, number)


def _has_some(*states: State) -> ColumnElement[bool]:
    theirs = (delivery.c.batch_id == batch.c.id, delivery.c.state.in_(states))
    return select(delivery.c.id).where(*theirs).exists()


def _doubtful(connection: Connection, number: int) -> Doubtful:
    row = connection.execute(select(batch).where(batch.c.id == number)).one()
    attempts = connection.execute(
        select(attempt.c.started_at, attempt.c.ended_at)
        .where(attempt.c.batch_id == number)
        .order_by(attempt.c.id)
    ).all()
    last = attempts[-1]
    # What is skipped stands there for who has moved since, and was never handed over.
    members = connection.execute(
        select(delivery.c.id, delivery.c.state, subscriber.c.email, announcement.c.article_id)
        .select_from(delivery.join(subscriber).join(announcement))
        .where(delivery.c.batch_id == number, delivery.c.state != State.SKIPPED)
        .order_by(delivery.c.id)
    ).all()
    at = datetime.fromisoformat(last.started_at)
    over_since = datetime.fromisoformat(last.ended_at) if last.ended_at else None
    asked = [
        Asked(one.id, one.email, one.article_id, at) for one in members if one.state in DOUBTFUL
    ]
    ids = tuple(one.id for one in members)
    given = Batch(number, row.announcement_id, row.key, row.payload, row.fence, ids)
    first = datetime.fromisoformat(attempts[0].started_at)
    return Doubtful(given, tuple(asked), first, over_since)
