"""SendGrid's Event Webhook: a list of events, signed by a key of which we have the public half.

See "Getting Started with the Event Webhook Security Features" and "Event Webhook Reference".
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from newsletter import signatures
from newsletter.admitting import dump, epoch, header, items, parsed, require_timely, strange, text
from newsletter.model import Fate
from newsletter.statuses import of_hard
from newsletter.webhooks import Fetch, Forged, Incoming, Told

VARIABLE = "SENDGRID_WEBHOOK_KEY"

LONGEST = timedelta(hours=25)
"""It tries for a day, and does not say whether each try is signed anew."""
SIGNATURE = "x-twilio-email-event-webhook-signature"
TIMESTAMP = "x-twilio-email-event-webhook-timestamp"

KINDS = {
    "processed": Fate.ACCEPTED,
    "deferred": Fate.DEFERRED,
    "delivered": Fate.DELIVERED,
    "spamreport": Fate.COMPLAINED,
    "unsubscribe": Fate.UNSUBSCRIBED,
    "group_unsubscribe": Fate.UNSUBSCRIBED,
}
DROPPED = {
    "bounced address": Fate.REJECTED,
    "invalid": Fate.REJECTED,
    "spam reporting address": Fate.REJECTED,
    "unsubscribed address": Fate.UNSUBSCRIBED,
}
"""Why it does not hand on what it has accepted. What else there is isn't the recipient's fault."""


def verify(incoming: Incoming, secrets: Sequence[str], now: datetime, fetch: Fetch) -> None:  # noqa: ARG001  # nothing to look up
    signature, at = header(incoming, SIGNATURE), header(incoming, TIMESTAMP)
    signed = at.encode(errors="replace") + incoming.body
    if not any(signatures.is_ecdsa(one, signature, signed) for one in secrets):
        raise Forged("its signature is not by this key")
    require_timely(epoch(at), now, LONGEST)


def events(incoming: Incoming) -> list[Told]:
    return [_told(item) for item in items(parsed(incoming.body))]


def _told(item: object) -> Told:
    """Of the same event told twice, the id may differ (sendgrid-nodejs, issue 1435)."""
    if not isinstance(item, dict):
        return strange(item)
    same = {name: value for name, value in item.items() if name != "sg_event_id"}
    return Told(_fate(item), text(item.get("delivery")), dump(item), dump(same))


def _fate(item: Mapping[str, Any]) -> Fate:
    match item:
        case {"event": "bounce", "type": "blocked" | "expired"}:
            return Fate.SOFT
        case {"event": "bounce"}:
            return of_hard(text(item.get("status")))
        case {"event": "dropped"}:
            return DROPPED.get(text(item.get("reason")).lower(), Fate.ACCEPTED)
    return KINDS.get(text(item.get("event")), Fate.OTHER)
