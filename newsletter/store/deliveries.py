"""Deliveries: how far telling somebody of something has come, and what is to be handed over next.

Every change of a delivery's state is made by `move` or `move_batch`.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    String,
    and_,
    any_,
    case,
    func,
    literal,
    select,
    update,
)

from newsletter.model import TRANSITIONS, Due, Standing, State
from newsletter.store import tallies
from newsletter.store.portions import portions
from newsletter.store.schema import delivery, subscriber, suppression


class Overtaken(RuntimeError):
    """The ledger is not as this sender left it: another one has taken over. Nothing is changed."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many deliveries of an announcement are planned, and why those can't be handed over."""

    announced: int
    why_not: str
    """RESTS for those of who pauses: they wait. The others with a reason are skipped."""
    count: int


def move(
    connection: Connection,
    ids: Collection[str],
    before: State,
    after: State,
    reason: str = "",
    announced: int | None = None,
    **more: int,
) -> None:
    """Take deliveries from one state to the next. Raises Overtaken unless all are in `before`.

    `announced` is the announcement of all of them, where it is known; `more` are columns that
    change as well, such as their batch.
    """
    for some in portions(ids):
        which = _is_one_of(connection, some)
        _move(connection, which, len(some), before, after, reason, announced, **more)


def _is_one_of(connection: Connection, ids: list[str]) -> ColumnElement[bool]:
    """PostgreSQL takes an array, which is one value; SQLite has none."""
    if connection.dialect.name == "postgresql":
        return delivery.c.id == any_(literal(ids, ARRAY(String)))
    return delivery.c.id.in_(ids)


def move_batch(
    connection: Connection,
    batch_id: int,
    size: int,
    before: State,
    after: State,
    reason: str = "",
    announced: int | None = None,
) -> None:
    """The same for all deliveries of a batch. Raises Overtaken unless there are `size` of them."""
    which = delivery.c.batch_id == batch_id
    _move(connection, which, size, before, after, reason, announced)


def _move(
    connection: Connection,
    which: ColumnElement[bool],
    size: int,
    before: State,
    after: State,
    reason: str,
    announced: int | None,
    **more: int,
) -> None:
    if after not in TRANSITIONS[before]:
        raise ValueError(f"a delivery can't go from {before} to {after}")
    there = (which, delivery.c.state == before)
    found = [(announced, "", size)]
    if announced is None or before in tallies.TOLD:
        kept = (delivery.c.announcement_id, delivery.c.reason)
        counted = select(*kept, func.count(delivery.c.id)).where(*there).group_by(*kept)
        found = [(made, said, number) for made, said, number in connection.execute(counted)]
    change = update(delivery).where(*there).values(state=after, reason=reason, **more)
    if connection.execute(change).rowcount != size or sum(number for *_, number in found) != size:
        raise Overtaken(f"not all of these deliveries are {before}")
    for made, said, number in found:
        tallies.note(connection, [(int(made or 0), before, -number)], said)
    tallies.note(connection, [(int(made or 0), after, n) for made, _, n in found], reason)


def next_due(
    connection: Connection, announced: int, after: int, limit: int
) -> tuple[list[Due], int]:
    """The next deliveries to hand over, claimed. Those whose subscriber has left are skipped.

    They are looked for among subscribers with a greater id than `after`, in the order of their ids;
    with them comes the last of these ids, to go on from.

    Nobody else claims the same until the transaction ends: PostgreSQL locks their rows and passes
    over those that others hold; SQLite has one writer.
    """
    query = (
        select(
            delivery.c.id, subscriber.c.email, subscriber.c.token, delivery.c.created_at,
            delivery.c.subscriber_id, _WHY_NOT.label("why_not"),
        )
        .select_from(_LOOKED_UP)
        .where(
            delivery.c.announcement_id == announced,
            delivery.c.subscriber_id > after,
            delivery.c.state == State.PLANNED,
            ~_IS_RESTING,
        )
        .order_by(delivery.c.subscriber_id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=delivery)
    )  # fmt: skip
    while True:
        rows = connection.execute(query).all()
        left = {row.id: row.why_not for row in rows if row.why_not}
        if not left:
            due = [Due(*row[:4]) for row in sorted(rows)]
            return due, rows[-1].subscriber_id if rows else after
        skip(connection, left, State.PLANNED)


_WHY_NOT = case(
    (subscriber.c.standing != Standing.CONFIRMED, subscriber.c.standing),
    (suppression.c.mailbox.is_not(None), "suppressed"),
    else_="",
)
"""Why a delivery must not be handed over now; empty if it may be."""

RESTS = "paused"
_IS_RESTING = and_(subscriber.c.paused != 0, _WHY_NOT == "")
"""Whether a delivery waits until its subscriber wishes to be told again."""

_LOOKED_UP = delivery.join(subscriber).outerjoin(
    suppression, delivery.c.mailbox == suppression.c.mailbox
)


def mailboxes_of(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """Those of some ids that are deliveries of ours -> the mailbox of each."""
    found: dict[str, str] = {}
    for some in portions(ids):
        query = select(delivery.c.id, delivery.c.mailbox).where(_is_one_of(connection, some))
        found.update((row.id, row.mailbox) for row in connection.execute(query))
    return found


def unwanted(connection: Connection, batch_id: int) -> dict[str, str]:
    """Of what is reserved in a batch, what must not be handed over now, and why."""
    query = (
        select(delivery.c.id, _WHY_NOT)
        .select_from(_LOOKED_UP)
        .where(_is_reserved(batch_id), _WHY_NOT != "")
    )
    return {row.id: row[1] for row in connection.execute(query)}


def is_some_resting(connection: Connection, batch_id: int) -> bool:
    """Whether somebody in a batch pauses."""
    query = select(delivery.c.id).select_from(_LOOKED_UP)
    theirs = query.where(_is_reserved(batch_id), _IS_RESTING)
    return connection.execute(theirs.limit(1)).scalar() is not None


def _is_reserved(batch_id: int) -> ColumnElement[bool]:
    """Not what stands in a batch for who has moved, which is never handed over."""
    return and_(delivery.c.batch_id == batch_id, delivery.c.state == State.RESERVED)


def is_some_due(connection: Connection, announced: int) -> bool:
    """Whether an announcement has deliveries that are not at their end, but for who pauses."""
    query = select(delivery.c.id).select_from(_LOOKED_UP)
    planned = (delivery.c.announcement_id == announced, delivery.c.state == State.PLANNED)
    return connection.execute(query.where(*planned, ~_IS_RESTING).limit(1)).scalar() is not None


def waiting(connection: Connection) -> list[Waiting]:
    """What is planned of earlier announcements."""
    why_not = case((_IS_RESTING, RESTS), else_=_WHY_NOT)
    query = (
        select(delivery.c.announcement_id, why_not.label("why"), func.count(delivery.c.id))
        .select_from(_LOOKED_UP)
        .where(
            delivery.c.announcement_id.in_(tallies.with_some(State.PLANNED)),
            delivery.c.state == State.PLANNED,
        )
        .group_by(delivery.c.announcement_id, "why")
    )
    return [Waiting(*row) for row in connection.execute(query)]


def skip(connection: Connection, reasons: dict[str, str], before: State) -> None:
    """Leave deliveries out for good, each for its reason."""
    alike: dict[str, list[str]] = {}
    for one, reason in reasons.items():
        alike.setdefault(reason, []).append(one)
    for reason, ids in alike.items():
        move(connection, ids, before, State.SKIPPED, reason)
