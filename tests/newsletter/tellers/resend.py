"""Resend, as its pages on events have it; signed as Svix says ("How to verify manually")."""

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from newsletter.model import Fate
from newsletter.webhooks import Incoming

SIGNS, HAS_TIME, MANY = True, True, False

EVENTS = {
    Fate.ACCEPTED: "sent",
    Fate.DEFERRED: "delivery_delayed",
    Fate.DELIVERED: "delivered",
    Fate.SOFT: "bounced",
    Fate.BOUNCED: "bounced",
    Fate.REJECTED: "suppressed",
    Fate.COMPLAINED: "complained",
    Fate.OTHER: "opened",
}
FATES = tuple(EVENTS)
BOUNCE = {
    Fate.BOUNCED: {"type": "Permanent", "subType": "General", "message": "no such user"},
    Fate.SOFT: {"type": "Transient", "subType": "General", "message": "try later"},
}


def secret(number: int) -> str:
    return f"whsec_{b64encode(b'%024d' % number).decode('ascii')}"


def event(fate: Fate, delivery: str, number: int) -> Mapping[str, Any]:
    data = {
        "created_at": "2026-02-01T10:00:00.000Z",
        "email_id": f"56761188-7520-42d8-8898-{number:012}",
        "to": ["ada@example.org"],
        "tags": {"delivery": delivery},
        **({"bounce": BOUNCE[fate]} if fate in BOUNCE else {}),
    }
    return {"type": f"email.{EVENTS[fate]}", "created_at": "2026-02-01T10:00:01Z", "data": data}


def body(events: Sequence[object]) -> bytes:
    [one] = events
    return json.dumps(one).encode()


def request(body: bytes, number: int, at: datetime) -> Incoming:
    """Its id is of the event, however often it is told; a signature of another key is beside."""
    one, timestamp = f"msg_{hashlib.sha256(body).hexdigest()[:20]}", str(int(at.timestamp()))
    key = b64decode(secret(number).removeprefix("whsec_"))
    raw = hmac.new(key, f"{one}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    signatures = f"v1a,bm90IG91cnM= v1,{b64encode(b'x' * 32).decode()} v1,{b64encode(raw).decode()}"
    return Incoming(
        {"svix-id": one, "svix-timestamp": timestamp, "svix-signature": signatures}, body
    )
