"""Postmark's webhooks: an event a request, behind Basic credentials that are in its address.

See "Webhooks overview", and "Bounce API" for the types of bounces.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from newsletter.admitting import dump, key, parsed, require_credentials, strange, table, text
from newsletter.model import Fate
from newsletter.webhooks import Fetch, Incoming, Told

VARIABLE = "POSTMARK_WEBHOOK_SECRET"

RECORDS = {"Delivery": Fate.DELIVERED, "SpamComplaint": Fate.COMPLAINED}
BOUNCES = {
    "HardBounce": Fate.BOUNCED,
    "BadEmailAddress": Fate.BOUNCED,
    "SpamComplaint": Fate.COMPLAINED,
    "ManuallyDeactivated": Fate.REJECTED,
    "Unsubscribe": Fate.UNSUBSCRIBED,
    "Transient": Fate.DEFERRED,
    **dict.fromkeys(
        ("SoftBounce", "DnsError", "SpamNotification", "VirusNotification", "Blocked",
         "DMARCPolicy"),
        Fate.SOFT,
    ),
}  # fmt: skip
"""Types of a bounce; the others are answers of machines, and tests."""
CHANGES = {
    "HardBounce": Fate.BOUNCED,
    "SpamComplaint": Fate.COMPLAINED,
    "ManualSuppression": Fate.UNSUBSCRIBED,
}
TIMES = ("BouncedAt", "DeliveredAt", "ChangedAt", "ReceivedAt")


def verify(incoming: Incoming, secrets: Sequence[str], now: datetime, fetch: Fetch) -> None:  # noqa: ARG001  # it signs nothing, and has no time
    require_credentials(incoming, secrets)


def events(incoming: Incoming) -> list[Told]:
    told = parsed(incoming.body)
    if not isinstance(told, dict):
        return [strange(told)]
    ours = text(table(told.get("Metadata")).get("delivery"))
    same = key(told, "RecordType", "MessageID", "ID", "SuppressSending", *TIMES)
    return [Told(_fate(told), ours, dump(told), same)]


def _fate(told: Mapping[str, Any]) -> Fate:
    match told:
        case {"RecordType": "Bounce", "Type": str(kind)}:
            return BOUNCES.get(kind, Fate.OTHER)
        case {"RecordType": "SubscriptionChange", "SuppressSending": True}:
            return CHANGES.get(text(told.get("SuppressionReason")), Fate.OTHER)
    return RECORDS.get(text(told.get("RecordType")), Fate.OTHER)
