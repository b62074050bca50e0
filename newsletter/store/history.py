"""How many came and went, day by day: numbers alone, and nobody in them."""

from dataclasses import dataclass

from sqlalchemy import Connection, Select, case, false, func, select, union_all

from newsletter.model import Standing
from newsletter.store.schema import consent, subscriber, suppression


@dataclass(frozen=True, slots=True)
class Day:
    day: str
    """As ISO 8601 has it."""
    came: int
    went: int


def days(connection: Connection) -> list[Day]:
    """Each day on which somebody came or went, oldest first.

    What is written down of somebody who is told already, or no longer, makes no difference.
    """
    steps = union_all(_written(), _erased()).subquery()
    came = func.sum(case((steps.c.after & ~steps.c.before, 1), else_=0))
    went = func.sum(case((steps.c.before & ~steps.c.after, 1), else_=0))
    query = select(steps.c.day, came, went).group_by(steps.c.day).having(came + went > 0)
    return [Day(day, int(n), int(m)) for day, n, m in connection.execute(query.order_by("day"))]


def _written() -> Select[str, bool, bool]:
    """The day of each consent and its end, and whether somebody was told after it and before."""
    previous = func.lag(consent.c.standing, 1, "").over(
        partition_by=consent.c.subscriber_id, order_by=consent.c.id
    )
    after = consent.c.standing == Standing.CONFIRMED
    return select(
        func.substr(consent.c.at, 1, 10).label("day"),
        after.label("after"),
        (previous == Standing.CONFIRMED).label("before"),
    )


def _erased() -> Select[str, bool, bool]:
    """The same of who was erased while they were told: the day is that of their closed mailbox."""
    latest = (
        select(consent.c.standing)
        .where(consent.c.subscriber_id == subscriber.c.id)
        .order_by(consent.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    closed = subscriber.join(suppression, suppression.c.mailbox == subscriber.c.mailbox)
    return (
        select(func.substr(suppression.c.at, 1, 10), false(), latest == Standing.CONFIRMED)
        .select_from(closed)
        .where(subscriber.c.standing == Standing.ERASED)
    )


def confirmed(connection: Connection) -> tuple[int, int]:
    """How many are told now; and how many of these are not written to, as they can't be reached."""
    shut = subscriber.outerjoin(suppression, suppression.c.mailbox == subscriber.c.mailbox)
    query = (
        select(func.count(subscriber.c.id), func.count(suppression.c.mailbox))
        .select_from(shut)
        .where(subscriber.c.standing == Standing.CONFIRMED)
    )
    every, unreachable = connection.execute(query).one()
    return int(every), int(unreachable)
