"""Decides what strangers ask for: who gets a mail, and who must not, or has had enough of them.

What is decided, nobody who asked can see: the answer was the same before. docs/subscribing.md says
what each limit is for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from newsletter.addresses import hidden, mailbox, normalise
from newsletter.model import Note
from newsletter.store import asks, joining, notes
from newsletter.store.asks import Asked, Fate
from newsletter.store.database import Connection
from newsletter.store.subscribers import owner
from press.fields import Wrong

CONFIRMATIONS = 3
"""Mails that ask one address to confirm, until it does."""

DAY, HOUR = timedelta(days=1), timedelta(hours=1)

SETTINGS_A_DAY = 3
"""Mails a day that let one subscriber in."""

AT_ONCE = 100
"""Asks that are decided in a transaction."""

LONGEST = 320
"""Characters of an address (RFC 5321, 4.5.3.1: 64 before its @, and 255 after)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Mails that strangers may cause in an hour."""

    of_a_network: int = 20
    in_all: int = 1000
    """What is beyond this waits, and an alarm is raised."""


@dataclass(frozen=True, slots=True)
class Decided:
    count: int
    """How many asks were decided."""
    is_full: bool = False
    """Whether as many mails as may be have been caused in this hour, so that others wait."""


def decide(connection: Connection, limits: Limits, now: str) -> Decided:
    """Decide the oldest asks, and plan the mails that follow."""
    room = limits.in_all - asks.caused(connection, _before(now, HOUR))
    if room <= 0:
        return Decided(0, is_full=bool(asks.undecided(connection, 1)))
    todo = asks.undecided(connection, min(AT_ONCE, room))
    if todo:
        case = _Case(connection, limits, now, [_read(one) for one in todo])
        asks.decide(connection, [case.decide(one) for one in case.read])
        notes.plan_all(connection, case.planned, now)
    return Decided(len(todo))


def _before(now: str, span: timedelta) -> str:
    return (datetime.fromisoformat(now) - span).isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class _Read:
    asked: Asked
    email: str
    """As mail is sent to it; empty for what is no address."""


def _read(asked: Asked) -> _Read:
    try:
        return _Read(asked, normalise(asked.email))
    except Wrong:
        return _Read(asked, "")


KINDS = {Fate.CONFIRM: Note.CONFIRM, Fate.KNOWN: Note.KNOWN, Fate.SETTINGS: Note.SETTINGS}
"""The mail that follows from a fate."""

TO_JOIN = (Fate.KNOWN, Fate.CONFIRM, Fate.CONFIRMED, Fate.SPENT)


class _Case:
    """Some asks, and all that is known of their addresses and networks, looked up together."""

    def __init__(
        self, connection: Connection, limits: Limits, now: str, read: Sequence[_Read]
    ) -> None:
        self.read, self.limits, self.now, self.day = read, limits, now, _before(now, DAY)
        emails = {one.email for one in read if one.email}
        owned_by = owner(connection)
        self.names = {email: hidden(owned_by, mailbox(email)) for email in emails}
        self.blocked = joining.blocked(connection, emails)
        self.subscribers = joining.subscribers_among(connection, emails)
        self.sent = asks.sent(connection, self.names.values())
        networks = {one.asked.network for one in read}
        self.caused = asks.caused_by(connection, _before(now, HOUR), networks)
        self.planned: list[notes.Plan] = []

    def decide(self, one: _Read) -> asks.Decision:
        fate = self._fate(one) if one.email else Fate.MALFORMED
        name = self.names.get(one.email, "")
        if fate in KINDS:
            who = self.subscribers.get(mailbox(one.email))
            self.planned.append(notes.Plan(KINDS[fate], one.email, who, one.asked.id))
            self.caused[one.asked.network] += 1
            self.sent.setdefault(name, []).append((fate, self.now))
        return asks.Decision(one.asked.id, fate, name)

    def _fate(self, one: _Read) -> Fate:
        if one.email in self.blocked:
            return Fate.BLOCKED
        is_known = mailbox(one.email) in self.subscribers
        wants_in = one.asked.form == asks.SETTINGS_FORM
        if wants_in and not is_known:
            return Fate.STRANGER
        if self._had_enough(self.names[one.email], wants_in=wants_in, is_known=is_known):
            return Fate.LIMITED
        if self.caused[one.asked.network] >= self.limits.of_a_network:
            return Fate.CROWDED
        if wants_in:
            return Fate.SETTINGS
        return Fate.KNOWN if is_known else Fate.CONFIRM

    def _had_enough(self, name: str, *, wants_in: bool, is_known: bool) -> bool:
        """Whether as many mails as may be have gone to an address because it was asked for."""
        sent = self.sent.get(name, [])
        alike = (Fate.SETTINGS,) if wants_in else TO_JOIN
        lately = sum(fate in alike and at > self.day for fate, at in sent)
        ever = sum(fate is Fate.CONFIRM for fate, _ in sent)
        is_confirmed_often = not is_known and ever >= CONFIRMATIONS
        return lately >= (SETTINGS_A_DAY if wants_in else 1) or is_confirmed_often


def tidy(connection: Connection, now: str) -> None:
    """Forget addresses of notes that are long over."""
    notes.forget(connection, _before(now, timedelta(days=30)))
