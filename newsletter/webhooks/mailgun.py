"""Mailgun's webhooks: an event a request, with a signature in it of a time and a token.

The signature is not of the event. So a token vouches for one event only, whoever shows it how
often. See "Securing Webhooks", "Webhook Payloads" and "Automatic Retries".
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from newsletter.admitting import (
    dump,
    epoch,
    is_any,
    key,
    parsed,
    require_timely,
    strange,
    table,
    text,
)
from newsletter.model import Fate
from newsletter.statuses import of_hard, of_status
from newsletter.webhooks import Fetch, Forged, Incoming, Told

VARIABLE = "MAILGUN_WEBHOOK_KEY"

LONGEST = timedelta(hours=9)
"""It tries for 8 hours, and does not say whether each try is signed anew."""

KINDS = {
    "accepted": Fate.ACCEPTED,
    "delivered": Fate.DELIVERED,
    "complained": Fate.COMPLAINED,
    "unsubscribed": Fate.UNSUBSCRIBED,
}
REFUSED = {
    "suppress-bounce": Fate.REJECTED,
    "suppress-complaint": Fate.REJECTED,
    "suppress-unsubscribe": Fate.UNSUBSCRIBED,
    "old": Fate.SOFT,
}
"""Reasons of a permanent failure that it has of its own; `old` is one that was tried for long."""


def verify(incoming: Incoming, secrets: Sequence[str], now: datetime, fetch: Fetch) -> None:  # noqa: ARG001  # nothing to look up
    """For a subaccount there is a second signature, by the key of the account above it."""
    block = table(table(parsed(incoming.body)).get("signature"))
    at, token = str(block.get("timestamp", "")), text(block.get("token"))
    signed = f"{at}{token}".encode(errors="replace")
    expected = [hmac.new(one.encode(), signed, hashlib.sha256).hexdigest() for one in secrets]
    given = [text(block.get(name)) for name in ("signature", "parent-signature")]
    if not token or not any(is_any(one, expected) for one in given):
        raise Forged("its signature is not by this key")
    require_timely(epoch(at), now, LONGEST)


def events(incoming: Incoming) -> list[Told]:
    told = table(parsed(incoming.body))
    token = text(table(told.get("signature")).get("token"))
    event = told.get("event-data")
    if not isinstance(event, dict):
        return [strange(event)]
    ours = text(table(event.get("user-variables")).get("delivery"))
    same = key(event, "id", "timestamp", "event")  # ids are unique for a day
    return [Told(_fate(event), ours, dump(event), same, token)]


def _fate(event: Mapping[str, Any]) -> Fate:
    match event:
        case {"event": "failed", "severity": "temporary"}:
            return Fate.DEFERRED
        case {"event": "failed", "reason": str(reason)} if reason in REFUSED:
            return REFUSED[reason]
        case {"event": "failed", "reason": "bounce"}:
            return of_hard(_status(event))
        case {"event": "failed"}:
            return of_status(_status(event))
    return KINDS.get(text(event.get("event")), Fate.OTHER)


def _status(event: Mapping[str, Any]) -> str:
    said = table(event.get("delivery-status"))
    return f"{text(said.get('enhanced-code'))} {text(said.get('message'))}"
