"""The frozen bytes of a batch: kept while something of it is open, and no longer."""

from collections.abc import Collection

from sqlalchemy import Connection, Select, select, update

from newsletter.model import State
from newsletter.store.schema import batch, delivery

OPEN = (State.RESERVED, State.ATTEMPTING, State.UNKNOWN)
"""The states in which the bytes of a batch may be wanted again."""


def leave(connection: Connection, batch_id: int) -> None:
    """Take what is planned again out of a batch; drop its bytes if nothing of it is open."""
    planned = (delivery.c.batch_id == batch_id, delivery.c.state == State.PLANNED)
    connection.execute(update(delivery).where(*planned).values(batch_id=None))
    still_open = select(delivery.c.id).where(
        delivery.c.batch_id == batch_id, delivery.c.state.in_(OPEN)
    )
    if connection.execute(still_open.limit(1)).scalar() is None:
        connection.execute(update(batch).where(batch.c.id == batch_id).values(payload=None))


def leave_all(connection: Connection) -> None:
    """The same for every batch that has bytes."""
    _leave_each(connection, _WITH_BYTES)


def leave_these(connection: Connection, batches: Collection[int]) -> None:
    """The same for those of some batches that have bytes."""
    if batches:
        _leave_each(connection, _WITH_BYTES.where(batch.c.id.in_(batches)))


_WITH_BYTES = select(batch.c.id).where(batch.c.payload.is_not(None))


def _leave_each(connection: Connection, query: Select[int]) -> None:
    for number in connection.execute(query.order_by(batch.c.id)).scalars().all():
        leave(connection, number)
