"""Mailgun, as "Webhook Payloads" and "Securing Webhooks" have it."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any

from newsletter.model import Fate
from newsletter.webhooks import Incoming

SIGNS, HAS_TIME, MANY = False, True, False

TOKENS = count()
EVENTS: Mapping[Fate, Mapping[str, Any]] = {
    Fate.ACCEPTED: {"event": "accepted"},
    Fate.DELIVERED: {"event": "delivered", "delivery-status": {"code": 250, "message": "OK"}},
    Fate.DEFERRED: {"event": "failed", "severity": "temporary", "reason": "generic"},
    Fate.SOFT: {"event": "failed", "severity": "permanent", "reason": "old"},
    Fate.BOUNCED: {
        "event": "failed",
        "severity": "permanent",
        "reason": "bounce",
        "delivery-status": {"code": 550, "message": "5.1.1 no such user"},
    },
    Fate.REJECTED: {"event": "failed", "severity": "permanent", "reason": "suppress-bounce"},
    Fate.COMPLAINED: {"event": "complained"},
    Fate.UNSUBSCRIBED: {"event": "unsubscribed"},
    Fate.OTHER: {"event": "opened", "client-info": {"device-type": "desktop"}},
}
FATES = tuple(EVENTS)


def secret(number: int) -> str:
    return f"key-{number:032}"


def event(fate: Fate, delivery: str, number: int) -> Mapping[str, Any]:
    return {
        **EVENTS[fate],
        "id": f"CCXMjJ7nQi2N3BPig{number}",
        "timestamp": 1_521_472_262.908181 + number,
        "recipient": "ada@example.org",
        "tags": ["first"],
        "user-variables": {"delivery": delivery},
    }


def body(events: Sequence[object]) -> bytes:
    [one] = events
    return json.dumps({"event-data": one}).encode()


def request(body: bytes, number: int, at: datetime) -> Incoming:
    """The signature goes into the body, where that is an object."""
    timestamp, token = str(int(at.timestamp())), f"{next(TOKENS):050}"
    signed = hmac.new(secret(number).encode(), f"{timestamp}{token}".encode(), hashlib.sha256)
    block = {"token": token, "timestamp": timestamp, "signature": signed.hexdigest()}
    return Incoming({}, body.replace(b"{", b'{"signature": %s, ' % json.dumps(block).encode(), 1))
