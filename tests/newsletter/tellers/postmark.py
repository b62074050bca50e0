"""Postmark, as "Webhooks overview" and its pages on bounces, deliveries and complaints have it."""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from newsletter.model import Fate
from newsletter.webhooks import Incoming

SIGNS, HAS_TIME, MANY = False, False, False

BOUNCE = {
    Fate.BOUNCED: ("HardBounce", 1),
    Fate.SOFT: ("SoftBounce", 4096),
    Fate.DEFERRED: ("Transient", 2),
    Fate.REJECTED: ("ManuallyDeactivated", 16384),
}
FATES = (*BOUNCE, Fate.COMPLAINED, Fate.DELIVERED, Fate.UNSUBSCRIBED, Fate.OTHER)


def secret(number: int) -> str:
    return f"hook{number}:a long phrase, number {number}"


def event(fate: Fate, delivery: str, number: int) -> Mapping[str, Any]:
    shared = {
        "MessageID": f"883953f4-6105-42a2-a16a-{number:012}",
        "MessageStream": "broadcast",
        "ServerID": 23,
        "Metadata": {"delivery": delivery},
        "Tag": "",
    }
    at = f"2026-02-01T10:{number % 60:02}:00Z"
    if fate in BOUNCE or fate is Fate.COMPLAINED:
        kind, code = BOUNCE.get(fate, ("SpamComplaint", 512))
        record = "SpamComplaint" if fate is Fate.COMPLAINED else "Bounce"
        more = {"RecordType": record, "ID": number, "Type": kind, "TypeCode": code}
        return shared | more | {"Email": "ada@example.org", "BouncedAt": at, "Inactive": True}
    if fate is Fate.DELIVERED:
        return shared | {
            "RecordType": "Delivery",
            "Recipient": "ada@example.org",
            "DeliveredAt": at,
        }
    if fate is Fate.UNSUBSCRIBED:
        reason = {"SuppressSending": True, "SuppressionReason": "ManualSuppression"}
        return shared | reason | {"RecordType": "SubscriptionChange", "ChangedAt": at}
    return shared | {"RecordType": "Click", "ReceivedAt": at}


def body(events: Sequence[object]) -> bytes:
    [one] = events
    return json.dumps(one, indent=2).encode()


def request(body: bytes, number: int, at: datetime) -> Incoming:  # noqa: ARG001  # it has no time
    credentials = b64encode(secret(number).encode()).decode("ascii")
    return Incoming({"authorization": f"Basic {credentials}"}, body)
