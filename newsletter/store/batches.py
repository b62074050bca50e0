"""Batches and attempts: what is handed over together, and the word for it before it is done."""

from collections.abc import Sequence
from hashlib import sha256

from sqlalchemy import Connection, exists, func, insert, select, update

from newsletter.model import AFTER, TAKEN, Batch, Outcome, Receipt, State
from newsletter.store.deliveries import Overtaken, in_state, move
from newsletter.store.schema import attempt, batch, delivery, installation


def reserve(
    connection: Connection,
    announced: int,
    provider: str,
    ids: Sequence[str],
    payload: bytes,
    now: str,
) -> Batch:
    """Freeze a batch: its deliveries, its bytes and the key they go under."""
    earlier = connection.execute(
        select(func.count(batch.c.id)).where(batch.c.announcement_id == announced)
    ).scalar_one()
    owner = connection.execute(select(installation.c.id)).scalar_one()
    key = sha256("\n".join([owner, str(earlier), *sorted(ids)]).encode()).hexdigest()
    row = {
        "announcement_id": announced,
        "provider": provider,
        "key": key,
        "payload": payload,
        "payload_sha256": sha256(payload).hexdigest(),
        "fence": 1,
        "created_at": now,
    }
    made = connection.execute(insert(batch), row).inserted_primary_key
    number = int(made[0]) if made else 0
    move(connection, ids, State.PLANNED, State.RESERVED, batch_id=number)
    return Batch(number, key, payload, 1, tuple(ids))


def release(connection: Connection, ids: Sequence[str]) -> None:
    """Take deliveries out of a batch that was never handed over."""
    move(connection, ids, State.RESERVED, State.PLANNED)


def begin_attempt(connection: Connection, given: Batch, now: str) -> int:
    """Write down that a batch is about to be handed over. This is committed before it is."""
    _require_fence(connection, given)
    move(connection, given.delivery_ids, State.RESERVED, State.ATTEMPTING)
    row = {"batch_id": given.id, "fence": given.fence, "started_at": now}
    made = connection.execute(insert(attempt), row).inserted_primary_key
    return int(made[0]) if made else 0


def end_attempt(
    connection: Connection,
    given: Batch,
    number: int,
    receipts: Sequence[Receipt],
    outcome: str,
    now: str,
) -> None:
    """Record what the provider said. A delivery without a receipt is unknown."""
    _require_fence(connection, given)
    said = {receipt.delivery_id: receipt for receipt in receipts}
    answers = [said.get(one, Receipt(one, Outcome.UNKNOWN, outcome)) for one in given.delivery_ids]
    _apply(connection, answers, State.ATTEMPTING)
    connection.execute(
        update(attempt).where(attempt.c.id == number).values(ended_at=now, outcome=outcome)
    )
    _drop_payloads(connection)


def take_over(connection: Connection) -> None:
    """Make the work of a sender that died this one's: what it was handing over is unknown."""
    connection.execute(
        update(batch)
        .where(
            batch.c.id.in_(
                select(delivery.c.batch_id).where(
                    delivery.c.state.in_([State.RESERVED, State.ATTEMPTING])
                )
            )
        )
        .values(fence=batch.c.fence + 1)
    )
    release(connection, in_state(connection, State.RESERVED))
    reason = "the sender ended before the answer"
    attempting = in_state(connection, State.ATTEMPTING)
    move(connection, attempting, State.ATTEMPTING, State.UNKNOWN, reason)


def in_doubt(connection: Connection, provider: str) -> list[str]:
    """Deliveries that this provider may have accepted; no other could tell."""
    query = (
        select(delivery.c.id)
        .join(batch, delivery.c.batch_id == batch.c.id)
        .where(
            delivery.c.state.in_([State.ATTEMPTING, State.UNKNOWN]), batch.c.provider == provider
        )
        .order_by(delivery.c.id)
    )
    return list(connection.execute(query).scalars())


FOUND = "found when the provider was asked"


def settle(connection: Connection, receipts: Sequence[Receipt]) -> None:
    """Apply evidence to the deliveries that are unknown still."""
    unknown = {*in_state(connection, State.UNKNOWN)}
    told = [one for one in receipts if one.delivery_id in unknown]
    evidence = [one for one in told if one.outcome is not Outcome.UNKNOWN]
    _apply(connection, evidence, State.UNKNOWN, FOUND)
    _drop_payloads(connection)


def found(connection: Connection) -> int:
    """How many deliveries are known to be accepted by evidence alone."""
    query = select(func.count(delivery.c.id)).where(
        delivery.c.state.in_(TAKEN), delivery.c.reason == FOUND
    )
    return connection.execute(query).scalar_one()


def _apply(
    connection: Connection, receipts: Sequence[Receipt], before: State, accepted: str = ""
) -> None:
    """Take each delivery to the state that its receipt says, those that go alike together."""
    alike: dict[tuple[Outcome, str], list[str]] = {}
    for receipt in receipts:
        reason = accepted if receipt.outcome is Outcome.ACCEPTED else receipt.detail
        alike.setdefault((receipt.outcome, reason), []).append(receipt.delivery_id)
    for (outcome, reason), ids in alike.items():
        move(connection, ids, before, AFTER[outcome], reason)


def _drop_payloads(connection: Connection) -> None:
    """Frozen bytes are kept only while something of their batch may have to be replayed."""
    in_doubt = exists().where(
        delivery.c.batch_id == batch.c.id,
        delivery.c.state.in_([State.RESERVED, State.ATTEMPTING, State.UNKNOWN]),
    )
    change = update(batch).where(batch.c.payload.is_not(None), ~in_doubt).values(payload=None)
    connection.execute(change)


def _require_fence(connection: Connection, given: Batch) -> None:
    fence = connection.execute(select(batch.c.fence).where(batch.c.id == given.id)).scalar()
    if fence != given.fence:
        raise Overtaken("another sender has taken over this batch")
