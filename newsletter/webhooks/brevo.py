"""Brevo's transactional webhooks: an event a request, or a list, with a token or Basic credentials.

See "Transactional webhooks" and "Secure webhook calls". Its events have no id.
"""

from collections.abc import Sequence
from datetime import datetime

from newsletter.admitting import dump, items, key, parsed, require_credentials, strange, text
from newsletter.model import Fate
from newsletter.statuses import of_hard
from newsletter.webhooks import Fetch, Incoming, Told

VARIABLE = "BREVO_WEBHOOK_SECRET"

OURS = "X-Mailin-custom"
HARD = "hard_bounce"
KINDS = {
    "request": Fate.ACCEPTED,
    "deferred": Fate.DEFERRED,
    "delivered": Fate.DELIVERED,
    "soft_bounce": Fate.SOFT,
    "invalid_email": Fate.BOUNCED,
    "blocked": Fate.REJECTED,
    "spam": Fate.COMPLAINED,
    "complaint": Fate.COMPLAINED,
    "unsubscribe": Fate.UNSUBSCRIBED,
    "unsubscribed": Fate.UNSUBSCRIBED,
}
TIMES = ("ts_epoch", "ts_event", "ts", "date")


def verify(incoming: Incoming, secrets: Sequence[str], now: datetime, fetch: Fetch) -> None:  # noqa: ARG001  # it signs nothing, and has no time
    require_credentials(incoming, secrets)


def events(incoming: Incoming) -> list[Told]:
    return [_told(item) for item in items(parsed(incoming.body))]


def _told(item: object) -> Told:
    if not isinstance(item, dict):
        return strange(item)
    event = text(item.get("event"))
    hard = of_hard(text(item.get("reason")))
    fate = hard if event == HARD else KINDS.get(event, Fate.OTHER)
    same = key(item, "event", "message-id", "email", "reason", OURS, *TIMES)
    return Told(fate, text(item.get(OURS)), dump(item), same)
