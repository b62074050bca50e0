"""What strangers ask for by a form: kept first, and decided later, each address alike.

What is asked is written down as it came, whoever it is for, so that the answer tells nobody who is
a subscriber. An address stays here only until it is decided; then a name stands for it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, func, insert, select, update

from newsletter.addresses import hidden, mailbox
from newsletter.store.schema import ask
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


MAILED = (Fate.CONFIRM, Fate.KNOWN, Fate.SETTINGS)


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


def decide(connection: Connection, one: int, fate: Fate, name: str = "") -> None:
    """Keep what became of an ask, and its address no longer."""
    change = update(ask).where(ask.c.id == one)
    connection.execute(change.values(state=fate, name=name, email=""))


@dataclass(frozen=True, slots=True)
class Sent:
    """How many mails an address has got because somebody asked for them."""

    lately: int
    """Of the same kind, since some time."""
    ever: int
    """To confirm, since it was last confirmed."""


def sent_to(connection: Connection, name: str, fates: Collection[Fate], since: str) -> Sent:
    """How many were sent to the address that a name stands for."""
    theirs = ask.c.name == name
    lately = select(func.count(ask.c.id)).where(theirs, ask.c.state.in_(fates), ask.c.at > since)
    ever = select(func.count(ask.c.id)).where(theirs, ask.c.state == Fate.CONFIRM)
    return Sent(
        connection.execute(lately).scalar_one(),
        connection.execute(ever).scalar_one(),
    )


def caused(connection: Connection, since: str, network: str = "") -> int:
    """How many mails a network has caused since then, or all have."""
    query = select(func.count(ask.c.id)).where(ask.c.state.in_(MAILED), ask.c.at > since)
    if network:
        query = query.where(ask.c.network == network)
    return connection.execute(query).scalar_one()


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
