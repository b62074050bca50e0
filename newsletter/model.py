"""The nouns of the newsletter, and the states of a delivery: frozen, without I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """How far a delivery has come. A provider *accepts*; what an inbox does is beyond it."""

    PLANNED = "planned"
    """To be handed over; surely not accepted yet."""
    RESERVED = "reserved"
    """In a batch whose bytes are frozen; surely not accepted yet."""
    ATTEMPTING = "attempting"
    """Handed over at this moment; after a crash nobody knows, so it becomes unknown."""
    ACCEPTED = "accepted"
    """By the provider, who has said so."""
    DELIVERED = "delivered"
    """Taken by the recipient's server, says the provider."""
    BOUNCED = "bounced"
    """Refused by the recipient's server, says the provider."""
    COMPLAINED = "complained"
    """Called spam by the recipient."""
    REJECTED = "rejected"
    """By the provider, for good, because of this address."""
    UNKNOWN = "unknown"
    """Handed over without an answer. Never handed over again until evidence says that it may, but
    for the same bytes under the same key, while the provider remembers that."""
    SKIPPED = "skipped"
    """Not handed over, for a reason that is kept."""


TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.PLANNED: frozenset({State.RESERVED, State.SKIPPED}),
    State.RESERVED: frozenset({State.ATTEMPTING, State.PLANNED, State.SKIPPED}),
    State.ATTEMPTING: frozenset(
        {State.ACCEPTED, State.REJECTED, State.RESERVED, State.PLANNED, State.UNKNOWN}
    ),
    State.UNKNOWN: frozenset({State.ATTEMPTING, State.ACCEPTED, State.REJECTED, State.PLANNED}),
    State.ACCEPTED: frozenset({State.DELIVERED, State.BOUNCED, State.COMPLAINED}),
    State.DELIVERED: frozenset({State.BOUNCED, State.COMPLAINED}),
    State.BOUNCED: frozenset({State.COMPLAINED}),
    State.COMPLAINED: frozenset(),
    State.REJECTED: frozenset(),
    State.SKIPPED: frozenset(),
}

IN_FLIGHT = (State.PLANNED, State.RESERVED, State.ATTEMPTING)
TAKEN = (State.ACCEPTED, State.DELIVERED, State.BOUNCED, State.COMPLAINED)
"""States that begin with the provider's acceptance."""


ANSWERED = "answered"
"""What becomes of an attempt whose provider has answered."""


class Outcome(StrEnum):
    """What a provider's answer says of one message."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    """Because of this address, for good."""
    NOT_ACCEPTED = "not accepted"
    """Surely; it may be handed over again."""
    UNKNOWN = "unknown"


AFTER: Mapping[Outcome, State] = {
    Outcome.ACCEPTED: State.ACCEPTED,
    Outcome.REJECTED: State.REJECTED,
    Outcome.NOT_ACCEPTED: State.PLANNED,
    Outcome.UNKNOWN: State.UNKNOWN,
}


class Fate(StrEnum):
    """What is told of a mail after its provider's answer, by an event or by mail that returns."""

    ACCEPTED = "accepted"
    """By the provider, whatever came of it then."""
    DEFERRED = "deferred"
    """Not taken yet by the recipient's server; it is tried again."""
    DELIVERED = "delivered"
    SOFT = "soft"
    """Given up, for a reason that may pass: a full mailbox, a server that is down, a policy."""
    BOUNCED = "bounced"
    """There is no such mailbox, or it takes no mail any more."""
    COMPLAINED = "complained"
    REJECTED = "rejected"
    """By the provider, for good, because of this address."""
    UNSUBSCRIBED = "unsubscribed"
    """Where the provider offers that, beside our own way."""
    OTHER = "other"
    """Kept, and nothing follows: a click, or what nobody knew when this was written."""


class Standing(StrEnum):
    """Whether a subscriber is told of articles."""

    CONFIRMED = "confirmed"
    UNSUBSCRIBED = "unsubscribed"
    ERASED = "erased"
    """At their own wish: what is left is a name that stands for their mailbox."""
    MISSING = "missing"
    """Known only from the journal: told by a ledger that is lost. May be added again."""


class Cadence(StrEnum):
    """How often a subscriber wishes to be told."""

    EACH = "each"
    """Of each article, when it comes out."""
    WEEKLY = "weekly"
    """Of all that came out, in one digest."""
    COURSE = "course"
    """Of the articles in their order, from the first, one each so many days."""


class Kind(StrEnum):
    """What an announcement tells; each kind tells a subscriber of an article once."""

    NEW = "new"
    UPDATE = "update"
    """That an article has changed; one for each time that it says so."""
    DIGEST = "digest"
    """Several articles in one mail; one for each set of them."""
    CORRECTION = "correction"
    """That an article was wrong, to who was told of it so; one for each of its corrections."""


class Note(StrEnum):
    """What a mail to one person is for. Each follows from what somebody did, and tells nothing new
    of the series."""

    CONFIRM = "confirm"
    """Somebody asked for this address to be told: was it its owner?"""
    WELCOME = "welcome"
    """It was, and they are told from now on."""
    KNOWN = "known"
    """Somebody asked with an address that is told already."""
    SETTINGS = "settings"
    """A link to what they may choose, which they asked for."""
    MOVED = "moved"
    """To the new address of a subscriber: is it theirs?"""


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of a subscriber, for a list or an export."""

    email: str
    standing: str
    since: str
    how: str
    """How they came to be told, or no longer to be."""


@dataclass(frozen=True, slots=True)
class Announced:
    """An announcement that is in the ledger."""

    id: int
    article_id: str
    """Of a digest: its own id."""
    kind: Kind
    revision: str
    """Of an update or a correction: the date that the article gave for it; else empty."""
    title: str = ""
    covers: tuple[str, ...] = ()
    """Of a digest: the articles that it tells."""

    @property
    def articles(self) -> tuple[str, ...]:
        """The articles that its mail is made of, by id."""
        return self.covers if self.kind is Kind.DIGEST else (self.article_id,)


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that is to be handed over: one article for one subscriber, unique for ever."""

    id: str
    email: str
    token: str
    created_at: str
    """UTC, ISO 8601; the date of its mail."""


TOKEN, DELIVERY = "\ufdd0", "\ufdd1"
"""What stands in a Mail for its subscriber's token and its delivery's id. No article has these
characters (fields.BAD_CHARACTER), and what replaces them needs no escape in HTML, URLs or headers.
"""


@dataclass(frozen=True, slots=True)
class Mail:
    """What the mails of an announcement share, with marks for what is each one's own."""

    article_id: str
    """Of a digest: its own id."""
    sender: str
    """Name <address>, as in series.toml."""
    reply_to: str
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    headers: Mapping[str, str]
    """More headers, in ASCII but for the marks: Message-ID, List-Id, List-Unsubscribe …"""


@dataclass(frozen=True, slots=True)
class Message:
    """One mail, ready to be handed over: what it shares with others, and whose it is."""

    mail: Mail
    delivery_id: str
    recipient: str
    token: str
    date: str
    """UTC, ISO 8601: when the delivery was planned."""

    def personal(self, text: str) -> str:
        """A text of the mail, with what is this one's own in the place of the marks."""
        return text.replace(TOKEN, self.token).replace(DELIVERY, self.delivery_id)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the provider said of one message."""

    delivery_id: str
    outcome: Outcome
    detail: str = ""
    """Why, for people; never a secret."""
    suppress: bool = False
    """Whether this mailbox must never be written to again, as with a hard bounce."""


class Failure(StrEnum):
    """Why a provider took nothing of a batch, or may have. docs/ledger.md says what follows."""

    REQUEST = "refused the request"
    """Nothing was accepted, and nothing will be until somebody mends it: our fault."""
    AUTH = "refused the credentials"
    THROTTLED = "asked to wait"
    """Surely not accepted."""
    QUOTA = "is at its quota"
    """Surely not accepted; quick retries make it worse."""
    NOT_SENT = "could not be reached"
    """No byte of the request was taken."""
    AMBIGUOUS = "gave no usable answer"
    """It may have accepted all, some or none."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages that are handed over together: their bytes are frozen, and so is their key."""

    id: int
    announced: int
    """Of its announcement."""
    key: str
    """Idempotency key: the same for the same deliveries of the same installation and turn."""
    payload: bytes = field(repr=False)
    fence: int
    delivery_ids: tuple[str, ...]
    """In the order of the payload, which is theirs."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A delivery whose outcome is unknown, as its provider can be asked about it."""

    delivery_id: str
    recipient: str
    article_id: str
    at: datetime
    """When it was handed over."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What a provider remembers of what it was handed."""

    key_seconds: float = 0.0
    """How long the same bytes may be handed over again under the same key; 0 for never."""
    asks: bool = False
    """Whether it can be asked about deliveries by their ids."""
    settle_seconds: float = 0.0
    """How long after an attempt its "no" can't be believed yet: what it knows appears late."""
