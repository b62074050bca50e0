"""How many deliveries are in which state, told without a look at each of them.

Every change is a row of its own, so that senders never wait for each other; `compact` adds them up.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, Select, delete, func, insert, select

from newsletter.model import Kind, State
from newsletter.store.portions import portions
from newsletter.store.schema import announcement, tally


@dataclass(frozen=True, slots=True)
class Tally:
    """How many deliveries of an announcement are in a state, for a reason."""

    article_id: str
    title: str
    kind: Kind
    revision: str
    baseline: bool
    state: State | None
    """None for an announcement without deliveries."""
    reason: str
    """Of those that were skipped."""
    count: int
    since: str
    """When it was announced."""


TOLD = frozenset({State.SKIPPED, State.UNKNOWN})
"""States whose reasons are counted apart."""


def note(
    connection: Connection, changes: Iterable[tuple[int, State, int]], reason: str = ""
) -> None:
    """Note by how many the deliveries of an announcement that are in a state have changed."""
    rows = [
        {
            "announcement_id": announced,
            "state": state,
            "reason": reason if state in TOLD else "",
            "change": number,
        }
        for announced, state, number in changes
    ]
    if rows:
        connection.execute(insert(tally), rows)


def with_some(state: State) -> Select[int]:
    """The announcements that have deliveries in a state."""
    return (
        select(tally.c.announcement_id)
        .where(tally.c.state == state)
        .group_by(tally.c.announcement_id)
        .having(func.sum(tally.c.change) > 0)
    )


def count(connection: Connection, *states: State) -> int:
    """How many deliveries of the whole ledger are in these states."""
    query = select(func.coalesce(func.sum(tally.c.change), 0)).where(tally.c.state.in_(states))
    return int(connection.execute(query).scalar_one())


def compact(connection: Connection) -> None:
    """Add up what was noted so far: just the rows that are seen, whatever others note meanwhile."""
    sums: Counter[tuple[int, str, str]] = Counter()
    seen = connection.execute(select(tally)).all()
    for row in seen:
        sums[row.announcement_id, row.state, row.reason] += row.change
    for some in portions([row.id for row in seen]):
        connection.execute(delete(tally).where(tally.c.id.in_(some)))
    for (made, state, reason), number in sums.items():
        if number:
            note(connection, [(made, State(state), number)], reason)


def everything(connection: Connection) -> list[Tally]:
    """What became of each announcement, oldest first."""
    kept = (tally.c.announcement_id, tally.c.state, tally.c.reason)
    number = func.sum(tally.c.change)
    sums = select(*kept, number.label("number")).group_by(*kept).having(number > 0).subquery()
    query = (
        select(announcement, sums.c.state, sums.c.reason, sums.c.number)
        .outerjoin(sums, sums.c.announcement_id == announcement.c.id)
        .order_by(announcement.c.id, sums.c.state, sums.c.reason)
    )
    return [
        Tally(
            row.article_id, row.title, Kind(row.kind), row.revision, bool(row.baseline),
            State(row.state) if row.state else None, row.reason or "", int(row.number or 0),
            row.created_at,
        )
        for row in connection.execute(query)
    ]  # fmt: skip
