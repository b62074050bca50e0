"""Another address for a subscriber: what they were told at the old one, they are not told again.

Both addresses stay subscribers of their own: the old one has left, and leads to the new one. So
each keeps what it was told, and may come and go as any other.
"""

from dataclasses import replace

from sqlalchemy import Connection, insert, select, update

from newsletter.addresses import mailbox
from newsletter.model import TAKEN, Standing, State
from newsletter.store import joining, tallies, untold, wishes
from newsletter.store.audience import PERHAPS_BEFORE, REFUSED_BEFORE, TOLD_BEFORE
from newsletter.store.deliveries import move
from newsletter.store.joining import Way
from newsletter.store.schema import announcement, delivery, subscriber
from newsletter.store.subscribers import owner, record, stands_for


def readdress(connection: Connection, who: int, email: str, now: str) -> joining.Joined:
    """Tell a subscriber at another address from now on, where that may be written to."""
    wished, came = wishes.of(connection, who), untold.came(connection, who)
    old = connection.execute(
        select(subscriber.c.mailbox).where(subscriber.c.id == who)
    ).scalar_one()
    if old == mailbox(email):
        return joining.Joined(joining.Outcome.ALREADY, who)
    joined = joining.join(connection, email, now, {"form": Way.MOVED})
    if joined.subscriber_id is None:
        return joined
    wishes.set(connection, joined.subscriber_id, wished)
    _hand_on(connection, who, joined.subscriber_id, mailbox(email))
    if joined.outcome is not joining.Outcome.ALREADY:  # who was told there has come by themselves
        there = update(subscriber).where(subscriber.c.id == joined.subscriber_id)
        connection.execute(there.values(created_at=came))
    gone = {"standing": Standing.UNSUBSCRIBED, "moved_to": joined.subscriber_id}
    connection.execute(update(subscriber).where(subscriber.c.id == who).values(gone))
    record(connection, [old], Standing.UNSUBSCRIBED, Way.MOVED, now)
    return replace(joined, left=stands_for(owner(connection), old))


def _hand_on(connection: Connection, old: int, new: int, name: str) -> None:
    """Give the new one the deliveries of the old: planned where they were, else not to be told.

    They are as old as they were: what is due next is counted from them.
    """
    every = select(announcement.c.id)  # by their index, which begins with the announcement
    theirs = delivery.c.announcement_id.in_(every)
    there = select(delivery.c.announcement_id).where(theirs, delivery.c.subscriber_id == new)
    query = (
        select(
            delivery.c.id, delivery.c.announcement_id, delivery.c.state, delivery.c.reason,
            delivery.c.created_at, delivery.c.batch_id,
        )
        .where(theirs, delivery.c.subscriber_id == old, delivery.c.announcement_id.not_in(there))
        .with_for_update()
    )  # fmt: skip
    found = connection.execute(query).all()
    planned = [row.id for row in found if row.state == State.PLANNED]
    move(connection, planned, State.PLANNED, State.SKIPPED, Way.MOVED)
    own = connection.execute(select(subscriber.c.key).where(subscriber.c.id == new)).scalar_one()
    rows = [
        {
            "id": f"{row.id[:12]}{own}", "announcement_id": row.announcement_id,
            "subscriber_id": new, "mailbox": name, "created_at": row.created_at,
            **_state(State(row.state), row.reason, row.batch_id),
        }
        for row in found
    ]  # fmt: skip
    if rows:
        connection.execute(insert(delivery), rows)
    for row in rows:
        change = [(row["announcement_id"], State(row["state"]), 1)]
        tallies.note(connection, change, row["reason"])


AS_BEFORE = {State.REJECTED: REFUSED_BEFORE, **dict.fromkeys(TAKEN, TOLD_BEFORE)}
"""What came of a delivery at the old address -> why there is none of it at the new one."""


def _state(before: State, reason: str, batch_id: int | None) -> dict[str, str | int | None]:
    """What was told before keeps its batch, which knows in which version."""
    if before is State.PLANNED:
        return {"state": State.PLANNED, "reason": "", "batch_id": None}
    why = reason if before is State.SKIPPED else AS_BEFORE.get(before, PERHAPS_BEFORE)
    return {"state": State.SKIPPED, "reason": why, "batch_id": batch_id}
