"""Decides what strangers ask for: who gets a mail, and who must not, or has had enough of them.

What is decided, nobody who asked can see: the answer was the same before. docs/subscribing.md says
what each limit is for.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from newsletter.addresses import normalise
from newsletter.model import Note
from newsletter.store import asks, joining, notes
from newsletter.store.asks import Asked, Fate
from newsletter.store.database import Connection
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
    for one in todo:
        _Case(connection, limits, one, now).decide()
    return Decided(len(todo))


def _before(now: str, span: timedelta) -> str:
    return (datetime.fromisoformat(now) - span).isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class _Case:
    connection: Connection
    limits: Limits
    asked: Asked
    now: str

    def decide(self) -> None:
        try:
            email = normalise(self.asked.email)
        except Wrong:
            asks.decide(self.connection, self.asked.id, Fate.MALFORMED)
            return
        name = asks.name_of(self.connection, email)
        fate, who = self._fate(email, name)
        asks.decide(self.connection, self.asked.id, fate, name)
        kinds = {
            Fate.CONFIRM: Note.CONFIRM,
            Fate.KNOWN: Note.KNOWN,
            Fate.SETTINGS: Note.SETTINGS,
        }
        if fate in kinds:
            one = {"subscriber_id": who, "ask_id": self.asked.id}
            notes.plan(self.connection, kinds[fate], email, self.now, **one)

    def _fate(self, email: str, name: str) -> tuple[Fate, int | None]:
        """What becomes of it, and which subscriber it is of."""
        if joining.is_blocked(self.connection, email):
            return Fate.BLOCKED, None
        who = joining.is_subscriber(self.connection, email)
        if self.asked.form == asks.SETTINGS_FORM:
            fate, most = (Fate.SETTINGS, SETTINGS_A_DAY) if who else (Fate.STRANGER, 0)
        else:
            fate, most = (Fate.KNOWN if who else Fate.CONFIRM), 1
        if fate is Fate.STRANGER:
            return fate, None
        alike = (
            (fate,)
            if fate is Fate.SETTINGS
            else (Fate.KNOWN, Fate.CONFIRM, Fate.CONFIRMED, Fate.SPENT)
        )
        sent = asks.sent_to(self.connection, name, alike, _before(self.now, DAY))
        if sent.lately >= most or (fate is Fate.CONFIRM and sent.ever >= CONFIRMATIONS):
            return Fate.LIMITED, who
        since = _before(self.now, HOUR)
        network = self.asked.network
        if asks.caused(self.connection, since, network) >= self.limits.of_a_network:
            return Fate.CROWDED, who
        return fate, who


def tidy(connection: Connection, now: str) -> None:
    """Forget addresses of notes that are long over."""
    notes.forget(connection, _before(now, timedelta(days=30)))
