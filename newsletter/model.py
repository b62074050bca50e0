"""The nouns of the newsletter, and the states of a delivery: frozen, without I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
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
    """Handed over without an answer. Never handed over again until evidence says that it may."""
    SKIPPED = "skipped"
    """Not handed over, for a reason that is kept."""


TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.PLANNED: frozenset({State.RESERVED, State.SKIPPED}),
    State.RESERVED: frozenset({State.ATTEMPTING, State.PLANNED, State.SKIPPED}),
    State.ATTEMPTING: frozenset({State.ACCEPTED, State.REJECTED, State.PLANNED, State.UNKNOWN}),
    State.UNKNOWN: frozenset({State.ACCEPTED, State.REJECTED, State.PLANNED}),
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


class Standing(StrEnum):
    """Whether a subscriber is told of articles."""

    CONFIRMED = "confirmed"
    UNSUBSCRIBED = "unsubscribed"


class Kind(StrEnum):
    """What an announcement tells; each kind tells a subscriber of an article once."""

    NEW = "new"


@dataclass(frozen=True, slots=True)
class Subscriber:
    id: int
    email: str
    """As mail is addressed; its domain in ASCII."""
    mailbox: str
    """The same in lower case: two subscribers never share one."""
    token: str
    """Public and unguessable: stands for the subscriber in the addresses of their mails."""


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of a subscriber, for a list or an export."""

    email: str
    standing: str
    since: str
    how: str
    """How they came to be told, or no longer to be."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One article for one subscriber: unique for ever."""

    id: str
    article_id: str
    subscriber: Subscriber
    created_at: str
    """UTC, ISO 8601; the date of its mail."""


@dataclass(frozen=True, slots=True)
class Message:
    """One mail, ready: the bytes of RFC 5322, and whose it is."""

    delivery_id: str
    article_id: str
    recipient: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the provider said of one message."""

    delivery_id: str
    outcome: Outcome
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages that are handed over together: their bytes are frozen, and so is their key."""

    id: int
    key: str
    """Idempotency key: the same for the same deliveries of the same installation and turn."""
    payload: bytes
    fence: int
    delivery_ids: tuple[str, ...]
