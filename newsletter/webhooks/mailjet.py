"""Mailjet's Event API: an event a request, or a list of them, behind Basic credentials.

See "Event API: real-time notifications", and its table of errors.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from newsletter.admitting import dump, items, parsed, require_credentials, strange, text
from newsletter.model import Fate
from newsletter.webhooks import Fetch, Incoming, Told

VARIABLE = "MAILJET_WEBHOOK_SECRET"

KINDS = {
    "sent": Fate.DELIVERED,
    "spam": Fate.COMPLAINED,
    "unsub": Fate.UNSUBSCRIBED,
}
BLOCKED = dict.fromkeys(
    (
        "user unknown",
        "mailbox inactive",
        "invalid domain",
        "no mail host",
        "typofix",
        "preblocked",
        "blacklisted",
        "spam reporter",
    ),
    Fate.REJECTED,
)
"""Errors for which it does not hand on what it has accepted, of the address's."""


def verify(incoming: Incoming, secrets: Sequence[str], now: datetime, fetch: Fetch) -> None:  # noqa: ARG001  # it signs nothing, and has no time
    require_credentials(incoming, secrets)


def events(incoming: Incoming) -> list[Told]:
    return [_told(item) for item in items(parsed(incoming.body))]


def _told(item: object) -> Told:
    if not isinstance(item, dict):
        return strange(item)
    return Told(_fate(item), text(item.get("CustomID")), dump(item))


def _fate(item: Mapping[str, Any]) -> Fate:
    match item:
        case {"event": "bounce", "error": "quota exceeded"}:
            return Fate.SOFT
        case {"event": "bounce", "hard_bounce": True}:
            return Fate.BOUNCED
        case {"event": "bounce", "error": "greylisted"}:
            return Fate.DEFERRED
        case {"event": "bounce"}:
            return Fate.SOFT
        case {"event": "blocked"}:
            return BLOCKED.get(text(item.get("error")), Fate.ACCEPTED)
    return KINDS.get(text(item.get("event")), Fate.OTHER)
