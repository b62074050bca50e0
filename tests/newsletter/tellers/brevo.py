"""Brevo, as "Transactional webhooks" has it, with a token ("Secure webhook calls")."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from newsletter.model import Fate
from newsletter.webhooks import Incoming

SIGNS, HAS_TIME, MANY = False, False, True

EVENTS = {
    Fate.ACCEPTED: "request",
    Fate.DEFERRED: "deferred",
    Fate.DELIVERED: "delivered",
    Fate.SOFT: "soft_bounce",
    Fate.BOUNCED: "hard_bounce",
    Fate.REJECTED: "blocked",
    Fate.COMPLAINED: "spam",
    Fate.UNSUBSCRIBED: "unsubscribed",
    Fate.OTHER: "click",
}
FATES = tuple(EVENTS)


def secret(number: int) -> str:
    return f"token-{number}-of-brevo"


def event(fate: Fate, delivery: str, number: int) -> Mapping[str, Any]:
    return {
        "event": EVENTS[fate],
        "email": "ada@example.org",
        "id": 26_224,
        "date": "2026-02-01 10:00:00",
        "ts": 1_604_933_619,
        "message-id": f"<2026020110.{number}@smtp-relay.mailin.fr>",
        "ts_event": 1_604_933_654 + number,
        "ts_epoch": 1_604_933_654_000 + number,
        "X-Mailin-custom": delivery,
        "tags": ["first.000000000000"],
    }


def body(events: Sequence[object]) -> bytes:
    return json.dumps(events[0] if len(events) == 1 else events).encode()


def request(body: bytes, number: int, at: datetime) -> Incoming:  # noqa: ARG001  # it has no time
    return Incoming({"authorization": f"Bearer {secret(number)}"}, body)
