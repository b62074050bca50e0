"""What a subscriber wishes: how often they are told, of which topics, and whether for now at all.

Sending obeys at once; `store.announcements` and `store.digests` say how.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, insert, select, update

from newsletter.model import Cadence
from newsletter.store.schema import subscriber, topic
from press.problems import Code, Problem, ProblemsFound

MOST_DAYS = 365
MOST_TOPICS = 100
LONGEST_TOPIC = 100
"""Characters, as the ledger has room for."""

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
DAYS = f"a course has from 1 to {MOST_DAYS} days from one part to the next"


@dataclass(frozen=True, slots=True)
class Wishes:
    """One subscriber's; those of a new one are the defaults."""

    cadence: Cadence = Cadence.EACH
    every_days: int = 0
    """Of a course: days from one part to the next; 0 of all others."""
    paused: bool = False
    topics: frozenset[str] = field(default_factory=frozenset)
    """Tags of which one has to be an article's; none for all articles."""


def of(connection: Connection, subscriber_id: int) -> Wishes:
    """The wishes of a subscriber. Raises LookupError for nobody's id."""
    columns = (subscriber.c.cadence, subscriber.c.every_days, subscriber.c.paused)
    row = connection.execute(select(*columns).where(subscriber.c.id == subscriber_id)).one_or_none()
    if row is None:
        raise LookupError(f"no subscriber has the id {subscriber_id}")
    tags = select(topic.c.tag).where(topic.c.subscriber_id == subscriber_id)
    topics = frozenset(connection.execute(tags).scalars())
    return Wishes(Cadence(row.cadence), row.every_days, bool(row.paused), topics)


def set(connection: Connection, subscriber_id: int, wishes: Wishes) -> None:  # noqa: A001  # as in wishes.set
    """Keep somebody's wishes, in the place of those before.

    Raises ProblemsFound for wishes that can't be, and LookupError for nobody's id.
    """
    require_sound(wishes)
    values = {
        "cadence": Cadence(wishes.cadence),
        "every_days": wishes.every_days,
        "paused": int(wishes.paused),
    }
    change = update(subscriber).where(subscriber.c.id == subscriber_id).values(values)
    if not connection.execute(change).rowcount:
        raise LookupError(f"no subscriber has the id {subscriber_id}")
    connection.execute(delete(topic).where(topic.c.subscriber_id == subscriber_id))
    rows = [{"subscriber_id": subscriber_id, "tag": tag} for tag in sorted(wishes.topics)]
    if rows:
        connection.execute(insert(topic), rows)


def require_sound(wishes: Wishes) -> None:
    """Raise ProblemsFound, with all that is wrong, for wishes that can't be."""
    said = list(_faults(wishes))
    if said:
        raise ProblemsFound([Problem("wishes", 0, 0, Code.BAD_INPUT, one) for one in said])


def _faults(wishes: Wishes) -> Iterator[str]:
    if wishes.cadence not in tuple(Cadence):
        yield f"there is no cadence {str(wishes.cadence)[:20]!r}, but {', '.join(Cadence)}"
    elif wishes.cadence == Cadence.COURSE and not 1 <= wishes.every_days <= MOST_DAYS:
        yield DAYS
    elif wishes.cadence != Cadence.COURSE and wishes.every_days:
        yield "only a course has days from one part to the next"
    if len(wishes.topics) > MOST_TOPICS:
        yield f"{len(wishes.topics)} topics are more than {MOST_TOPICS}"
    for tag in sorted(wishes.topics)[:MOST_TOPICS]:
        if not tag.strip() or len(tag) > LONGEST_TOPIC or CONTROL.search(tag):
            yield f"{tag[:LONGEST_TOPIC]!r} is no topic"
