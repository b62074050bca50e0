"""Messages to hand over, and the batches of them: all that a test of a provider needs to begin."""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Protocol

from newsletter.model import DELIVERY, TOKEN, Asked, Batch, Mail, Message

HOSTILE = "{{ x }} {x} %recipient.x% *|X|* -x- [[x]] ${x} <b>&amp;</b> \\ \" ' % 😀 שלום é"
"""What a provider might take for something of its own; and what some encodings lose."""

MAIL = Mail(
    "second",
    "A Series <series@example.org>",
    "author@example.org",
    f"Second: {HOSTILE}",
    f"All of it.\n\n{HOSTILE}\n.\n-- \nLeave: https://example.org/u/{TOKEN}?d={DELIVERY}\n",
    f"<p>All of it.</p>\n<p>{HOSTILE}</p>\n<a href='https://example.org/u/{TOKEN}'>Leave</a>\n",
    {
        "Message-ID": f"<{DELIVERY}.second@example.org>",
        "List-Id": "<series.example.org>",
        "List-Unsubscribe": f"<https://example.org/u/{TOKEN}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    },
)


class Freezes(Protocol):
    def freeze(self, messages: Sequence[Message]) -> bytes: ...


def message(name: str, mail: Mail = MAIL) -> Message:
    """A mail to somebody: ids as the ledger makes them."""
    delivery_id = sha256(name.encode()).hexdigest()[:24]
    token = f"token_of-{name}"
    return Message(mail, delivery_id, f"{name}@example.org", token, "2026-06-01T12:00:00+00:00")


def messages(*names: str) -> list[Message]:
    return [message(name) for name in names]


def batch(provider: Freezes, those: Sequence[Message], turn: int = 1) -> Batch:
    """A batch; the same messages have another key in another turn."""
    ids = tuple(one.delivery_id for one in those)
    key = sha256("\n".join([str(turn), *ids]).encode()).hexdigest()
    return Batch(
        id=1, announced=1, key=key, payload=provider.freeze(those), fence=1, delivery_ids=ids
    )


def asked(those: Sequence[Message]) -> list[Asked]:
    now = datetime.now(UTC)
    return [Asked(one.delivery_id, one.recipient, one.mail.article_id, now) for one in those]
