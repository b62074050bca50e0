"""Which ledger this is, whether it may send from here, and whether its journal knows more."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, func, select, update

from newsletter.journal import Came, Entry, Left, Noted
from newsletter.model import ANSWERED, Standing
from newsletter.store.portions import portions
from newsletter.store.schema import attempt, batch, consent, installation, subscriber, suppression
from newsletter.store.subscribers import stands_for


def name(connection: Connection) -> str:
    """The installation, which a ledger keeps for ever."""
    return str(connection.execute(select(installation.c.id)).scalar_one())


def home(connection: Connection) -> tuple[str, str | None]:
    """Where this ledger may send from, and where it went if it goes on elsewhere.

    One that is being moved at this moment is waited for.
    """
    query = select(installation.c.home, installation.c.moved_to).with_for_update(read=True)
    row = connection.execute(query).one()
    return row.home, row.moved_to


def settle_at(connection: Connection, where: str) -> None:
    """Let this ledger send from here."""
    connection.execute(update(installation).values(home=where, moved_to=None))


def leave_for(connection: Connection, where: str) -> None:
    connection.execute(update(installation).values(moved_to=where))


SEVERAL = 8
"""Attempts that are looked back for: as many as may be committed, and not yet noted, at once."""


def remembers(
    connection: Connection, newest_first: Iterable[Entry], attempts: int = SEVERAL
) -> bool:
    """Whether the ledger has what its journal has.

    Each sender asks this before each attempt that it makes and notes. So where the ledger knows
    the newest `attempts`, it knows all that was noted before them, too; what was noted since may
    be any old fact, said again.
    """
    left: dict[str, str] = {}
    came: dict[str, str] = {}
    for entry in newest_first:
        if isinstance(entry, Noted):
            if untold(connection, entry):
                return False
            attempts -= 1
            if not attempts:
                break
        elif isinstance(entry, Left | Came):
            last, names = (left, entry.names) if isinstance(entry, Left) else (came, entry.came)
            last.update((one, entry.at) for one in names if one not in left and one not in came)
    return not forgotten(connection, left) and not strangers(connection, came)


def has_tried(connection: Connection) -> bool:
    """Whether it knows of an attempt that surely is in a journal."""
    query = select(attempt.c.id).where(attempt.c.outcome == ANSWERED).limit(1)
    return connection.execute(query).first() is not None


def untold(connection: Connection, noted: Noted) -> int:
    """How many attempts of a batch up to one of the journal's are not in the ledger."""
    query = select(func.count(attempt.c.id)).join(batch).where(batch.c.key == noted.key)
    return max(noted.turn - connection.execute(query).scalar_one(), 0)


def forgotten(connection: Connection, left: Mapping[str, str]) -> list[str]:
    """Those of a journal's names (name -> when they left) that this ledger would still write to.

    Whoever has come back themselves since then is none of them, nor who is known to have left.
    """
    if not left:
        return []
    owner = name(connection)
    closed = connection.execute(select(suppression.c.mailbox)).scalars()
    rest = left.keys() - {stands_for(owner, one) for one in closed}
    if rest:
        latest = (
            select(subscriber.c.mailbox, subscriber.c.standing, func.max(consent.c.at))
            .join(consent)
            .group_by(subscriber.c.mailbox, subscriber.c.standing)
        )
        for mailbox, standing, at in connection.execute(latest).all():
            secret = stands_for(owner, mailbox)
            then = left.get(secret, "")
            if at > then or (at == then and standing != Standing.CONFIRMED):
                rest.discard(secret)
    return [one for one in left if one in rest]


def strangers(connection: Connection, came: Mapping[str, str]) -> list[str]:
    """Those of a journal's names (name -> when they came) whose coming it does not know."""
    owner = name(connection)
    known: set[tuple[str, str]] = set()
    for some in portions(set(came.values())):
        then = select(subscriber.c.mailbox, consent.c.at).join(consent)
        is_coming = consent.c.standing != Standing.UNSUBSCRIBED
        rows = connection.execute(then.where(consent.c.at.in_(some), is_coming))
        known.update((stands_for(owner, mailbox), at) for mailbox, at in rows)
    return [one for one, at in came.items() if (one, at) not in known]
