"""Mailjet, as "Event API: real-time notifications" has it, with grouped events."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from newsletter.model import Fate
from tests.newsletter.tellers import postmark

SIGNS, HAS_TIME, MANY = False, False, True

EVENTS: Mapping[Fate, Mapping[str, Any]] = {
    Fate.DELIVERED: {"event": "sent", "smtp_reply": "sent (250 2.0.0 OK)"},
    Fate.BOUNCED: {
        "event": "bounce",
        "blocked": True,
        "hard_bounce": True,
        "error": "user unknown",
    },
    Fate.SOFT: {"event": "bounce", "blocked": False, "hard_bounce": False, "error": "timeout"},
    Fate.DEFERRED: {"event": "bounce", "hard_bounce": False, "error": "greylisted"},
    Fate.REJECTED: {"event": "blocked", "error_related_to": "mailjet", "error": "preblocked"},
    Fate.ACCEPTED: {"event": "blocked", "error_related_to": "spam", "error": "content blocked"},
    Fate.COMPLAINED: {"event": "spam", "source": "JMRPP"},
    Fate.UNSUBSCRIBED: {"event": "unsub", "mj_list_id": 1},
    Fate.OTHER: {"event": "click", "url": "https://example.org/"},
}
FATES = tuple(EVENTS)


secret, request = postmark.secret, postmark.request


def event(fate: Fate, delivery: str, number: int) -> Mapping[str, Any]:
    shared = {"time": 1_430_812_195 + number, "MessageID": 13_792_286_917_004_336 + number}
    return {**shared, "email": "ada@example.org", "CustomID": delivery, **EVENTS[fate]}


def body(events: Sequence[object]) -> bytes:
    return json.dumps(events).encode()
