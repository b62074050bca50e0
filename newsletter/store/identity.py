"""Which ledger this is, whether it may send from here, and whether its journal knows more."""

from sqlalchemy import Connection, Select, func, select, update

from newsletter.journal import Came, Entry, Left, Noted
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


def remembers(connection: Connection, entry: Entry | None) -> bool:
    """Whether the ledger has what the journal has."""
    if isinstance(entry, Left):
        return not forgotten(connection, entry)
    if isinstance(entry, Came):
        return not strangers(connection, entry)
    return entry is None or not untold(connection, entry)


def untold(connection: Connection, noted: Noted) -> int:
    """How many attempts of a batch up to one of the journal's are not in the ledger."""
    query = select(func.count(attempt.c.id)).join(batch).where(batch.c.key == noted.key)
    return max(noted.turn - connection.execute(query).scalar_one(), 0)


def forgotten(connection: Connection, left: Left) -> list[str]:
    """Those of a journal's names that this ledger would still write to.

    Whoever has come back themselves since then is none of them.
    """
    rest = set(left.names) - _closed(connection)
    if rest:
        rest -= _back(connection, left.at)
    return [one for one in left.names if one in rest]


def strangers(connection: Connection, came: Came) -> list[str]:
    """Those of a journal's names of whom this ledger does not know that they came."""
    then = select(subscriber.c.mailbox).join(consent).where(consent.c.at == came.at)
    known = _secrets(connection, then)
    return [one for one in came.came if one not in known]


def _closed(connection: Connection) -> set[str]:
    """What stands for the mailboxes that are never written to."""
    return _secrets(connection, select(suppression.c.mailbox))


def _back(connection: Connection, at: str) -> set[str]:
    """What stands for the subscribers of whom the ledger knows something later."""
    latest = (
        select(subscriber.c.mailbox)
        .join(consent)
        .group_by(subscriber.c.mailbox)
        .having(func.max(consent.c.at) > at)
    )
    return _secrets(connection, latest)


def _secrets(connection: Connection, mailboxes: Select[str]) -> set[str]:
    owner = name(connection)
    return {stands_for(owner, one) for one in connection.execute(mailboxes).scalars()}
