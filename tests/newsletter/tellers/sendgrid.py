"""SendGrid, as "Event Webhook Reference" and its security features have it."""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from newsletter.model import Fate
from newsletter.webhooks import Incoming
from tests.newsletter.tellers import KEYS

SIGNS, HAS_TIME, MANY = True, True, True

PRIVATE = [ec.generate_private_key(ec.SECP256R1()) for _ in range(KEYS)]
TRIES = count()
EVENTS: Mapping[Fate, Mapping[str, Any]] = {
    Fate.ACCEPTED: {"event": "processed"},
    Fate.DEFERRED: {"event": "deferred", "response": "400 try again later", "attempt": "5"},
    Fate.DELIVERED: {"event": "delivered", "response": "250 OK"},
    Fate.SOFT: {"event": "bounce", "type": "blocked", "reason": "blocked by policy"},
    Fate.BOUNCED: {"event": "bounce", "type": "bounce", "status": "5.1.1", "reason": "550 5.1.1"},
    Fate.REJECTED: {"event": "dropped", "reason": "Bounced Address", "status": "5.0.0"},
    Fate.COMPLAINED: {"event": "spamreport"},
    Fate.UNSUBSCRIBED: {"event": "group_unsubscribe", "asm_group_id": 10},
    Fate.OTHER: {"event": "open", "useragent": "Mozilla/4.0"},
}
FATES = tuple(EVENTS)


def secret(number: int) -> str:
    raw = (
        PRIVATE[number]
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return b64encode(raw).decode("ascii")


def event(fate: Fate, delivery: str, number: int) -> Mapping[str, Any]:
    shared = {
        "email": "ada@example.org",
        "timestamp": 1_513_299_569 + number,
        "smtp-id": "<14c5d75ce93.dfd.64b469@ismtpd-555>",
        "category": ["first"],
        "sg_message_id": f"14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.{number}",
        "delivery": delivery,
    }
    return {**shared, **EVENTS[fate]}


def body(events: Sequence[object]) -> bytes:
    """Each time with another id, as was found of copies."""
    changing = [
        {**one, "sg_event_id": f"id {next(TRIES)}"} if isinstance(one, dict) else one
        for one in events
    ]
    return json.dumps(changing, separators=(",", ":")).encode() + b"\r\n"


def request(body: bytes, number: int, at: datetime) -> Incoming:
    timestamp = str(int(at.timestamp()))
    raw = PRIVATE[number].sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    return Incoming(
        {
            "x-twilio-email-event-webhook-signature": b64encode(raw).decode("ascii"),
            "x-twilio-email-event-webhook-timestamp": timestamp,
        },
        body,
    )
