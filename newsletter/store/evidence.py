"""What is learnt after the answer: from a provider's events, and from a person's decision.

Events come early, late, twice and in any order. Each is kept once, as it came, and a delivery only
ever moves on: bounced says more than delivered, complained more than both. One that comes while its
delivery is being handed over is applied when that has ended (`catch_up`).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import Connection, Select, insert, select

from newsletter.model import TAKEN, TRANSITIONS, State
from newsletter.store import frozen, tallies
from newsletter.store.deliveries import move
from newsletter.store.portions import insert_new
from newsletter.store.schema import announcement, batch, delivery, event, verdict
from newsletter.store.subscribers import suppress

AFTER_EVENT: Mapping[str, State] = {
    "accepted": State.ACCEPTED,
    "delivered": State.DELIVERED,
    "bounced": State.BOUNCED,
    "complained": State.COMPLAINED,
    "rejected": State.REJECTED,
}
"""Kind of an event -> the state that it speaks of; other kinds are kept and change nothing."""

CLOSES = frozenset({"bounced", "complained", "rejected"})
"""Kinds of event after which a mailbox is never written to again."""

WAY: Mapping[State, tuple[State, ...]] = {
    State.PLANNED: (State.RESERVED, State.ATTEMPTING, State.ACCEPTED),
    State.UNKNOWN: (State.ACCEPTED,),
}
"""How a delivery comes to be accepted when its provider tells that it was.

Even one that is planned again: a person or an answer was wrong, and nobody is told twice for that.
"""


@dataclass(frozen=True, slots=True)
class Event:
    """What a provider has told of a delivery."""

    provider: str
    kind: str
    delivery_id: str
    raw: str
    dedupe: str = ""
    """What two copies of it share; empty for all that it says."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of an event."""

    is_new: bool
    names: tuple[str, ...] = ()
    """What stands for the mailbox, if it is never written to from now on: for the journal."""


def record(connection: Connection, told: Event, now: str) -> Recorded:
    """Keep an event, and apply it as far as that can be now."""
    one = _storable(told.delivery_id)[:32]
    query = select(delivery.c.batch_id, delivery.c.mailbox).where(delivery.c.id == one)
    found = connection.execute(query).one_or_none()
    nameless = found is not None and ":" in found.mailbox  # erased: no address comes back this way
    row = {
        "provider": told.provider,
        "dedupe": sha256((told.dedupe or told.raw).encode(errors="replace")).hexdigest(),
        "kind": _storable(told.kind)[:16],
        "delivery_id": one,
        "raw": "" if nameless else _storable(told.raw),
        "at": now,
    }
    if not insert_new(connection, event, row):
        return Recorded(False)
    if found is None or told.kind not in AFTER_EVENT:
        return Recorded(True)
    # Its sender holds the batch first as well, so that neither waits for the other for ever.
    _hold(connection, select(batch.c.id).where(batch.c.id == found.batch_id))
    _move_on(connection, one, told.kind, told.provider)
    if found.batch_id is not None:
        frozen.leave(connection, found.batch_id)
    shut = told.kind in CLOSES
    return Recorded(True, suppress(connection, [one], told.kind, now) if shut else ())


def _storable(text: str) -> str:
    """A text without what a database can't keep: half characters, and NUL in PostgreSQL."""
    return text.encode(errors="replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def _hold(connection: Connection, batches: Select[int]) -> None:
    connection.execute(batches.order_by(batch.c.id).with_for_update()).all()


def _move_on(connection: Connection, one: str, kind: str, provider: str) -> None:
    """Take a delivery as far as an event says, unless its bytes are on their way."""
    query = select(delivery.c.state).where(delivery.c.id == one).with_for_update()
    state, after = State(connection.execute(query).scalar_one()), AFTER_EVENT[kind]
    if state is State.ATTEMPTING:
        return
    for step in WAY.get(state, ()) if after in TAKEN else ():
        move(connection, [one], state, step, f"{provider} told of it")
        state = step
    if after in TRANSITIONS[state]:
        move(connection, [one], state, after, f"{provider} told of it")


def catch_up(connection: Connection, batch_id: int) -> None:
    """Apply what was told of a batch's deliveries before they were ready for it."""
    for row in connection.execute(_told(batch_id)).all():
        _move_on(connection, row.delivery_id, row.kind, row.provider)


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
