"""What strangers ask for by a form: kept first, and decided later, each address alike.

What is asked is written down as it came, whoever it is for, so that the answer tells nobody who is
a subscriber. An address stays here only until it is decided; then a name stands for it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, bindparam, func, insert, select, update

from newsletter.addresses import hidden, mailbox
from newsletter.store.portions import portions
from newsletter.store.schema import ask, note
from newsletter.store.subscribers import owner


class Fate(StrEnum):
    """What became of an ask."""

    NEW = "new"
    CONFIRM = "confirm"
    """A mail asks to confirm it."""
    CONFIRMED = "confirmed"
    """It was confirmed."""
    SPENT = "spent"
    """It was mailed, and its address was confirmed by another one."""
    KNOWN = "known"
    """Of a subscriber: a mail tells them so."""
    SETTINGS = "settings"
    """Of a subscriber, who gets a mail that lets them in."""
    STRANGER = "stranger"
    """Nobody is let in who is no subscriber."""
    LIMITED = "limited"
    """As many mails as one address gets have gone to it."""
    CROWDED = "crowded"
    """As many as one network may cause in an hour."""
    BLOCKED = "blocked"
    """Mail to it comes back, or was called spam."""
    MALFORMED = "malformed"
    ROBOT = "robot"


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for."""

    email: str
    """As it was typed, cut to 320 characters."""
    form: str
    wording: str
    network: str
    at: str
    """UTC, ISO 8601."""
    id: int = 0
    is_robot: bool = False


SETTINGS_FORM = "settings"
"""The form of who is a subscriber and wants to be let in; any other is for joining."""


def keep(connection: Connection, asked: Sequence[Asked]) -> None:
    """Write down what is asked, as it came."""
    rows = [
        {
            "email": "" if one.is_robot else one.email, "name": "", "form": one.form,
            "wording": one.wording, "network": one.network,
            "state": Fate.ROBOT if one.is_robot else Fate.NEW, "at": one.at,
        }
        for one in asked
    ]  # fmt: skip
    connection.execute(insert(ask), rows)


def undecided(connection: Connection, limit: int) -> list[Asked]:
    """The oldest that nobody has decided, claimed until the transaction ends."""
    query = (
        select(ask.c.email, ask.c.form, ask.c.wording, ask.c.network, ask.c.at, ask.c.id)
        .where(ask.c.state == Fate.NEW)
        .order_by(ask.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [Asked(*row) for row in connection.execute(query)]


def name_of(connection: Connection, email: str) -> str:
    """What stands for an address in decided asks."""
    return hidden(owner(connection), mailbox(email))


@dataclass(frozen=True, slots=True)
class Decision:
    id: int
    fate: Fate
    name: str
    """What stands for the address, which is kept no longer."""


def decide(connection: Connection, decided: Sequence[Decision]) -> None:
    """Keep what became of asks, and their addresses no longer."""
    change = update(ask).where(ask.c.id == bindparam("one"))
    rows = [{"one": d.id, "state": d.fate, "name": d.name, "email": ""} for d in decided]
    connection.execute(change, rows)


def sent(connection: Connection, names: Iterable[str]) -> dict[str, list[tuple[Fate, str]]]:
    """The mails that addresses have got because somebody asked for them, by what stands for each:
    what they were for, and when that was decided."""
    query = select(ask.c.name, ask.c.state, note.c.at).join(note)
    found: dict[str, list[tuple[Fate, str]]] = {}
    for some in portions(names):
        for row in connection.execute(query.where(ask.c.name.in_(some))):
            found.setdefault(row.name, []).append((Fate(row.state), row.at))
    return found


def caused(connection: Connection, since: str) -> int:
    """How many mails were caused since then, by whomever; whoever waited asked earlier."""
    query = select(func.count(note.c.id)).where(note.c.at > since, note.c.ask_id.is_not(None))
    return connection.execute(query).scalar_one()


def caused_by(connection: Connection, since: str, networks: Collection[str]) -> Counter[str]:
    """The same for each of some networks."""
    number = func.count(note.c.id).label("number")
    query = select(ask.c.network, number).join(note).where(note.c.at > since)
    query = query.where(ask.c.network.in_(networks)).group_by(ask.c.network)
    return Counter({row.network: row.number for row in connection.execute(query)})


def confirmed(connection: Connection, one: int) -> Asked:
    """Note that an ask was confirmed, and return it without its address.

    Others of the same address count no more against it.
    """
    row = connection.execute(select(ask).where(ask.c.id == one)).one()
    others = (ask.c.name == row.name, ask.c.state == Fate.CONFIRM)
    connection.execute(update(ask).where(*others).values(state=Fate.SPENT))
    connection.execute(update(ask).where(ask.c.id == one).values(state=Fate.CONFIRMED))
    return Asked("", row.form, row.wording, row.network, row.at, one)


def tally(connection: Connection) -> dict[str, int]:
    """How many asks there are of each fate."""
    query = select(ask.c.state, func.count(ask.c.id).label("number")).group_by(ask.c.state)
    return {row.state: row.number for row in connection.execute(query)}
