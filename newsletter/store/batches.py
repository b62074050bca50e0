"""Batches and attempts: what is handed over together, and the word for it before it is done."""

from collections.abc import Sequence
from hashlib import sha256

from sqlalchemy import Connection, Select, func, insert, select, update

from newsletter.model import AFTER, Batch, Outcome, Receipt, State
from newsletter.store import evidence, frozen
from newsletter.store.deliveries import (
    Overtaken,
    is_some_resting,
    move,
    move_batch,
    skip,
    unwanted,
)
from newsletter.store.schema import attempt, batch, delivery, installation
from newsletter.store.subscribers import suppress


def reserve(
    connection: Connection,
    announced: int,
    provider: str,
    ids: Sequence[str],
    payload: bytes,
    owner: str,
    now: str,
) -> Batch:
    """Freeze a batch: its deliveries, its bytes and the key they go under."""
    installed = connection.execute(select(installation.c.id)).scalar_one()
    row = {
        "announcement_id": announced,
        "provider": provider,
        "key": _key(connection, installed, ids),
        "payload": payload,
        "payload_sha256": sha256(payload).hexdigest(),
        "fence": 1,
        "owner": owner,
        "created_at": now,
    }
    made = connection.execute(insert(batch), row).inserted_primary_key
    number = int(made[0]) if made else 0
    move(connection, ids, State.PLANNED, State.RESERVED, "", announced, batch_id=number)
    return Batch(number, announced, str(row["key"]), payload, 1, tuple(ids))


def _key(connection: Connection, installed: str, ids: Sequence[str]) -> str:
    """Derived from whose batch it is and what is in it, and from how often that was so before.

    A ledger that is restored from a copy makes the same key again for what it has forgotten.
    """
    words = sha256("\n".join([installed, *ids]).encode()).hexdigest()
    turn = 0
    while True:
        key = sha256(f"{words} {turn}".encode()).hexdigest()
        if connection.execute(select(batch.c.id).where(batch.c.key == key)).scalar() is None:
            return key
        turn += 1


def release(connection: Connection, given: Batch) -> None:
    """Give up a batch that was surely not accepted: its deliveries are planned again."""
    _require_fence(connection, given)
    move_batch(connection, given.id, len(given.delivery_ids), State.RESERVED, State.PLANNED)
    _let_go(connection, given.id)


def _let_go(connection: Connection, batch_id: int) -> None:
    """Apply what its provider has told of a batch meanwhile, and take out what is planned again."""
    evidence.catch_up(connection, batch_id)
    frozen.leave(connection, batch_id)


def shed(connection: Connection, given: Batch) -> bool:
    """Release a batch if somebody in it must not be told now, or was; whether it was.

    Who has left is skipped, and who pauses waits. What its provider tells to have accepted is not
    handed over to it. Only while it was never handed over: later its bytes are what they are.
    """
    left = unwanted(connection, given.id)
    rests = is_some_resting(connection, given.id)
    if not left and not rests and not evidence.contradicted(connection, given.id):
        return False
    _require_fence(connection, given)
    skip(connection, left, State.RESERVED)
    rest = len(given.delivery_ids) - len(left)
    move_batch(connection, given.id, rest, State.RESERVED, State.PLANNED)
    _let_go(connection, given.id)
    return True


def begin_attempt(connection: Connection, given: Batch, before: State, owner: str, now: str) -> int:
    """Write down that a batch is about to be handed over. This is committed before it is.

    `before` is RESERVED for the first time, and UNKNOWN when its bytes are handed over again under
    their key. Raises Overtaken where nothing of it is in that state.
    """
    _require_fence(connection, given)
    connection.execute(update(batch).where(batch.c.id == given.id).values(owner=owner))
    size = _size(connection, given, before)
    move_batch(connection, given.id, size, before, State.ATTEMPTING, "", given.announced)
    row = {"batch_id": given.id, "fence": given.fence, "started_at": now}
    made = connection.execute(insert(attempt), row).inserted_primary_key
    return int(made[0]) if made else 0


def _members(connection: Connection, given: Batch, state: State) -> list[str]:
    """The deliveries of a batch that are in a state. Raises Overtaken for none."""
    query = select(delivery.c.id).where(delivery.c.batch_id == given.id, delivery.c.state == state)
    found = list(connection.execute(query.order_by(delivery.c.id)).scalars())
    if not found:
        raise Overtaken(f"nothing of this batch is {state}")
    return found


def _size(connection: Connection, given: Batch, state: State) -> int:
    return len(_members(connection, given, state))


def end_attempt(
    connection: Connection,
    given: Batch,
    number: int,
    receipts: Sequence[Receipt],
    outcome: str,
    now: str,
) -> tuple[str, ...]:
    """Record what the provider said. A delivery without a receipt is unknown.

    Returns what stands for the mailboxes that are never written to from now on, for the journal.
    """
    _end(connection, given, number, outcome, now)
    said = {receipt.delivery_id: receipt for receipt in receipts}
    attempted = _members(connection, given, State.ATTEMPTING)
    answers = [said.get(one, Receipt(one, Outcome.UNKNOWN, outcome)) for one in attempted]
    shut = _apply(connection, answers, State.ATTEMPTING, given, now)
    _let_go(connection, given.id)
    return shut


def take_back(
    connection: Connection, given: Batch, number: int, state: State, outcome: str, now: str
) -> None:
    """Record that an attempt came to nothing: all is as it was before, or unknown."""
    _end(connection, given, number, outcome, now)
    reason = outcome if state is State.UNKNOWN else ""
    size = _size(connection, given, State.ATTEMPTING)
    move_batch(connection, given.id, size, State.ATTEMPTING, state, reason)
    if state is State.UNKNOWN:
        _let_go(connection, given.id)


def _end(connection: Connection, given: Batch, number: int, outcome: str, now: str) -> None:
    _require_fence(connection, given)
    ended = update(attempt).where(attempt.c.id == number)
    connection.execute(ended.values(ended_at=now, outcome=outcome))


def take_over(connection: Connection, living: Sequence[str], now: str) -> None:
    """Make the work of senders that died free: what they were handing over is unknown."""
    for number, fence, state, size in connection.execute(_left_behind(living)).all():
        claim = (batch.c.id == number, batch.c.fence == fence)
        if not connection.execute(update(batch).where(*claim).values(fence=fence + 1)).rowcount:
            continue  # another sender was quicker
        if state == State.RESERVED:
            move_batch(connection, number, size, State.RESERVED, State.PLANNED)
        else:
            reason = "the sender ended before the answer"
            move_batch(connection, number, size, State.ATTEMPTING, State.UNKNOWN, reason)
            # What it has sent may have been accepted until now.
            cut_off = update(attempt).where(
                attempt.c.batch_id == number, attempt.c.ended_at.is_(None)
            )
            connection.execute(cut_off.values(ended_at=now, outcome=reason))
        _let_go(connection, number)


def _left_behind(living: Sequence[str]) -> Select[int, int, str, int]:
    moving = (State.RESERVED, State.ATTEMPTING)
    return (
        select(batch.c.id, batch.c.fence, delivery.c.state, func.count(delivery.c.id))
        .join(delivery, delivery.c.batch_id == batch.c.id)
        .where(
            batch.c.payload.is_not(None),
            delivery.c.state.in_(moving),
            batch.c.owner.not_in(living),
        )
        .group_by(batch.c.id, batch.c.fence, delivery.c.state)
    )


FOUND = "found when the provider was asked"


def settle(
    connection: Connection, given: Batch, receipts: Sequence[Receipt], now: str
) -> tuple[str, ...]:
    """Apply evidence to the deliveries of a batch that are unknown still; as end_attempt."""
    _require_fence(connection, given)
    query = select(delivery.c.id).where(
        delivery.c.batch_id == given.id, delivery.c.state == State.UNKNOWN
    )
    unknown = {*connection.execute(query).scalars()}  # another sender may have been quicker
    told = [one for one in receipts if one.delivery_id in unknown]
    sure = [one for one in told if one.outcome is not Outcome.UNKNOWN]
    shut = _apply(connection, sure, State.UNKNOWN, given, now, FOUND)
    _let_go(connection, given.id)
    return shut


def _apply(
    connection: Connection,
    receipts: Sequence[Receipt],
    before: State,
    given: Batch,
    now: str,
    accepted: str = "",
) -> tuple[str, ...]:
    """Take each delivery to the state that its receipt says, those that go alike together.

    Returns what stands for the mailboxes that this closes.
    """
    alike: dict[tuple[Outcome, str], list[str]] = {}
    for receipt in receipts:
        reason = accepted if receipt.outcome is Outcome.ACCEPTED else receipt.detail
        alike.setdefault((receipt.outcome, reason), []).append(receipt.delivery_id)
    whole = len(alike) == 1 and len(receipts) == len(given.delivery_ids)
    for (outcome, reason), ids in alike.items():
        after = AFTER[outcome]
        if whole:
            move_batch(connection, given.id, len(ids), before, after, reason, given.announced)
        else:
            move(connection, ids, before, after, reason, given.announced)
    closed = [one.delivery_id for one in receipts if one.suppress]
    return suppress(connection, closed, "its provider does not deliver to it", now)


def _require_fence(connection: Connection, given: Batch) -> None:
    query = select(batch.c.fence).where(batch.c.id == given.id).with_for_update()
    if connection.execute(query).scalar() != given.fence:
        raise Overtaken("another sender has taken over this batch")
