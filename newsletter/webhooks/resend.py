"""Resend's webhooks: an event a request, signed as Svix does ("Verify Webhook Requests").

The signature is of an id, a time and the body; each try is signed anew, and keeps its id.
"""

import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from newsletter.admitting import (
    CLOCKS,
    dump,
    epoch,
    header,
    is_any,
    parsed,
    require_timely,
    strange,
    table,
    text,
)
from newsletter.model import Fate
from newsletter.webhooks import Fetch, Forged, Incoming, Told

VARIABLE = "RESEND_WEBHOOK_SECRET"

PREFIX = "whsec_"
MOST = 20
"""Signatures that a request may bring: one for each key while they change."""

KINDS = {
    "email.sent": Fate.ACCEPTED,
    "email.delivery_delayed": Fate.DEFERRED,
    "email.delivered": Fate.DELIVERED,
    "email.complained": Fate.COMPLAINED,
    "email.suppressed": Fate.REJECTED,
}


def verify(incoming: Incoming, secrets: Sequence[str], now: datetime, fetch: Fetch) -> None:  # noqa: ARG001  # nothing to look up
    one, at = header(incoming, "svix-id"), header(incoming, "svix-timestamp")
    signed = f"{one}.{at}.".encode(errors="replace") + incoming.body
    expected = [f"v1,{_signature(secret, signed)}" for secret in secrets]
    given = header(incoming, "svix-signature").split()[:MOST]
    if not any(is_any(signature, expected) for signature in given):
        raise Forged("its signature is not by this key")
    require_timely(epoch(at), now, CLOCKS)


def _signature(secret: str, signed: bytes) -> str:
    """By the key that a secret holds. Raises Forged where it holds none: then nothing is signed."""
    try:
        key = b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError:
        raise Forged("the secret is none of Resend's") from None
    return b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode("ascii")


def events(incoming: Incoming) -> list[Told]:
    told = parsed(incoming.body)
    if not isinstance(told, dict):
        return [strange(told)]
    data = table(told.get("data"))
    same = incoming.headers.get("svix-id", "")
    return [Told(_fate(told, data), _ours(data.get("tags")), dump(told), same)]


def _ours(tags: object) -> str:
    """Its pages show tags as an object, and as a list of names and values."""
    if isinstance(tags, list):
        tags = {text(one.get("name")): one.get("value") for one in tags if isinstance(one, dict)}
    return text(table(tags).get("delivery"))


def _fate(told: Mapping[str, Any], data: Mapping[str, Any]) -> Fate:
    match told.get("type"), data.get("bounce"):
        case "email.bounced", {"subType": "MailboxFull"}:
            return Fate.SOFT
        case "email.bounced", {"type": "Permanent"}:
            return Fate.BOUNCED
        case "email.bounced", _:
            return Fate.SOFT
    return KINDS.get(text(told.get("type")), Fate.OTHER)
