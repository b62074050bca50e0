"""What is learnt after the answer: from a provider's events, and from a person's decision.

Events come early, late, twice and in any order. Each is kept once, as it came, and a delivery only
ever moves on: bounced says more than delivered, complained more than both. One that comes while its
delivery is being handed over is applied when that has ended (`catch_up`).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, insert, select

from newsletter.model import TAKEN, TRANSITIONS, Fate, State
from newsletter.store import following, frozen, notes, tallies
from newsletter.store.deliveries import move
from newsletter.store.events import Event as Event
from newsletter.store.events import Said, id_of, keep
from newsletter.store.following import CLOSES as CLOSES
from newsletter.store.portions import portions
from newsletter.store.schema import announcement, batch, delivery, event, verdict

AFTER_EVENT: Mapping[str, State] = {
    Fate.ACCEPTED: State.ACCEPTED,
    Fate.DEFERRED: State.ACCEPTED,
    Fate.SOFT: State.ACCEPTED,
    Fate.UNSUBSCRIBED: State.ACCEPTED,
    Fate.DELIVERED: State.DELIVERED,
    Fate.BOUNCED: State.BOUNCED,
    Fate.COMPLAINED: State.COMPLAINED,
    Fate.REJECTED: State.REJECTED,
}
"""Kind of an event -> the state that it speaks of; other kinds are kept and change nothing."""

WAY: Mapping[State, tuple[State, ...]] = {
    State.PLANNED: (State.RESERVED, State.ATTEMPTING, State.ACCEPTED),
    State.UNKNOWN: (State.ACCEPTED,),
}
"""How a delivery comes to be accepted when its provider tells that it was.

Even one that is planned again: a person or an answer was wrong, and nobody is told twice for that.
"""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of events."""

    new: int
    """How many were not there yet."""
    names: tuple[str, ...] = ()
    """What stands for each mailbox that is never written to from now on: for the journal."""

    @property
    def is_new(self) -> bool:
        return self.new > 0


def record(connection: Connection, told: Event, now: str) -> Recorded:
    """Keep an event, and apply it as far as that can be now."""
    return record_all(connection, [told], now)


def record_all(
    connection: Connection,
    told: Iterable[Event],
    now: str,
    most_soft: int = following.MOST_SOFT,
) -> Recorded:
    """The same for many: each is kept once, and a mailbox that is worn out is shut."""
    new, names = 0, list[str]()
    for some in portions(told):
        ids = _found(connection, {id_of(one) for one in some})
        fresh = keep(connection, some, _nameless(connection, some, ids), now)
        ours = [one for one in fresh if one[0] in ids and one[1] in AFTER_EVENT]
        batches = sorted({number for one, *_ in ours if (number := ids[one].batch_id) is not None})
        # A sender holds its batch first as well, so that neither waits for the other for ever.
        _hold(connection, select(batch.c.id).where(batch.c.id.in_(batches)))
        _move_on(connection, ours)
        frozen.leave_these(connection, batches)
        told_of = [(one, kind) for one, kind, _ in ours]
        new += len(fresh)
        names += following.follow(connection, told_of, now, most_soft)
        names += _of_notes(connection, fresh, now)
    return Recorded(new, tuple(names))


def _nameless(
    connection: Connection, told: Iterable[Event], ours: Mapping[str, Any]
) -> Collection[str]:
    """Those mails whose address is forgotten."""
    noted = notes.mailboxes_of(connection, {id_of(one) for one in told})
    erased = {one for one, row in ours.items() if ":" in row.mailbox}
    return erased | {one for one, name in noted.items() if not name}


def _of_notes(connection: Connection, fresh: Sequence[Said], now: str) -> Iterator[str]:
    """The same of mails to one person each."""
    told = [(one, kind) for one, kind, _ in fresh if one.startswith("note") and kind in AFTER_EVENT]
    for kind in sorted({kind for _, kind in told}):
        ids = [one for one, said in told if said == kind]
        yield from notes.told(connection, ids, ids if kind in CLOSES else (), now, kind)


def _found(connection: Connection, ids: Collection[str]) -> dict[str, Any]:
    """The deliveries of these that are ours: batch and mailbox of each."""
    query = select(delivery.c.id, delivery.c.batch_id, delivery.c.mailbox)
    found = connection.execute(query.where(delivery.c.id.in_(ids))).all()
    return {row.id: row for row in found}


def _hold(connection: Connection, batches: Select[int]) -> None:
    connection.execute(batches.order_by(batch.c.id).with_for_update()).all()


def _move_on(connection: Connection, told: Sequence[Said]) -> None:
    """Take deliveries as far as events say, in their order, but for those that are on their way."""
    query = select(delivery.c.id, delivery.c.state).where(delivery.c.id.in_({t[0] for t in told}))
    held = connection.execute(query.order_by(delivery.c.id).with_for_update())
    states = {row.id: State(row.state) for row in held}
    moves: dict[tuple[int, State, State, str], list[str]] = {}
    steps = dict.fromkeys(states, 0)
    for one, kind, provider in told:
        for after in _way(states[one], AFTER_EVENT[kind]):
            moves.setdefault((steps[one], states[one], after, provider), []).append(one)
            states[one] = after
            steps[one] += 1
    for (_, before, after, provider), ids in sorted(moves.items()):
        move(connection, ids, before, after, f"{provider} told of it")


def _way(state: State, after: State) -> Iterator[State]:
    """The states that a delivery goes through to the one that an event speaks of."""
    for step in WAY.get(state, ()) if after in TAKEN else ():
        yield step
        state = step
    if state is not State.ATTEMPTING and after in TRANSITIONS[state]:
        yield after


def catch_up(connection: Connection, batch_id: int) -> None:
    """Apply what was told of a batch's deliveries before they were ready for it."""
    rows = connection.execute(_told(batch_id)).all()
    _move_on(connection, [(str(row.delivery_id), row.kind, row.provider) for row in rows])


def contradicted(connection: Connection, batch_id: int) -> list[str]:
    """Those reserved deliveries of a batch that a provider has told to have been accepted.

    Its bytes have them, so it has to be released before they are handed over a second time.
    """
    reserved = _told(batch_id).where(delivery.c.state == State.RESERVED)
    rows = connection.execute(reserved).all()
    return list(dict.fromkeys(row.delivery_id for row in rows if AFTER_EVENT[row.kind] in TAKEN))


def _told(batch_id: int) -> Select[str | None, str, str]:
    return (
        select(event.c.delivery_id, event.c.kind, event.c.provider)
        .join(delivery, delivery.c.id == event.c.delivery_id)
        .where(delivery.c.batch_id == batch_id, event.c.kind.in_(AFTER_EVENT))
        .order_by(event.c.id)
    )


class Decided(StrEnum):
    """What a person says of deliveries that are unknown."""

    SENT = "assume sent"
    RESEND = "send again"


def unknown(connection: Connection, article_id: str | None = None) -> list[str]:
    """The deliveries that are unknown, of an article or of all. Nobody else changes them then."""
    query = (
        select(delivery.c.id)
        .join(announcement)
        .where(
            announcement.c.id.in_(tallies.with_some(State.UNKNOWN)),
            delivery.c.state == State.UNKNOWN,
        )
    )
    if article_id is not None:
        query = query.where(announcement.c.article_id == article_id)
    theirs = query.with_only_columns(delivery.c.batch_id)
    _hold(connection, select(batch.c.id).where(batch.c.id.in_(theirs)))
    held = query.order_by(delivery.c.id).with_for_update(of=delivery)
    return list(connection.execute(held).scalars())


def decide(
    connection: Connection, ids: Collection[str], decided: Decided, note: str, now: str
) -> None:
    """Apply a person's decision, and keep it with their reason. What was frozen is then over."""
    after = State.ACCEPTED if decided is Decided.SENT else State.PLANNED
    move(connection, ids, State.UNKNOWN, after, f"{decided}, said a person")
    rows = [{"delivery_id": one, "decided": decided, "note": note, "at": now} for one in ids]
    if rows:
        connection.execute(insert(verdict), rows)
    frozen.leave_all(connection)
