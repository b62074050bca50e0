"""Resend's batches of emails, as their reference and its OpenAPI file have them."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from newsletter.model import Failure
from tests.newsletter.emulator import Accepted, Asking, Reply, Sending, Taken, Wrong

NO_ADDRESS = (
    "Invalid `to` field. The email address needs to follow the `email@example.com` or "
    "`Name <email@example.com>` format."
)
MAILBOX = re.compile(r"(?:(?P<name>[^<>@]+) <)?(?P<address>[^\s<>@,;]+@[^\s<>@,;]+)>?")
TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")


def is_authorised(asking: Asking, secrets: Mapping[str, str]) -> bool:
    return asking.headers.get("authorization") == f"Bearer {secrets['RESEND_API_KEY']}"


def sending(asking: Asking) -> Sending | None:
    if (asking.method, asking.path) != ("POST", "/emails/batch"):
        return None
    key = asking.headers.get("idempotency-key", "")
    if not 1 <= len(key) <= 256:
        raise Wrong("The key must be between 1-256 chars")
    if asking.headers.get("x-batch-validation") != "permissive":
        raise Wrong("one address that is not valid would refuse all the others")
    try:
        mails = json.loads(asking.body)
        if not isinstance(mails, list) or not 1 <= len(mails) <= 100:
            raise Wrong("a batch may have up to 100 emails")
        return Sending([_taken(mail) for mail in mails], key)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Wrong(f"The request body is not valid: {error!r}") from None


def _taken(mail: dict[str, Any]) -> Taken:
    [to] = mail["to"]
    tags = {tag["name"]: tag["value"] for tag in mail["tags"]}
    if not all(map(TAG.fullmatch, [*tags, *tags.values()])):
        raise Wrong("Tags should only contain ASCII letters, numbers, underscores, or dashes")
    headers = {name: value for name, value in mail["headers"].items()
               if name.lower() != "message-id"}  # fmt: skip
    return Taken(
        delivery_id=tags["delivery"],
        recipient=to,
        sender=_mailbox(mail["from"]),
        subject=mail["subject"],
        text=mail["text"],
        html=mail["html"],
        headers={**headers, "Reply-To": _mailbox(mail["reply_to"])},
    )


def _mailbox(said: str) -> str:
    """A name with whatever quotes or encoded words it has: those are taken for a part of it."""
    if not (mailbox := MAILBOX.fullmatch(said)):
        raise Wrong("Invalid `from` field")
    return f"{mailbox['name']} <{mailbox['address']}>" if mailbox["name"] else mailbox["address"]


def accepted(sending: Sending, rejected: Mapping[str, str], ids: Sequence[str]) -> Reply:
    """Permissive: errors by the place of their email, and the ids of the others."""
    pairs = list(zip(sending.messages, ids, strict=True))
    errors = [
        {"index": n, "message": NO_ADDRESS}
        for n, (message, _) in enumerate(pairs)
        if message.recipient in rejected
    ]
    data = [{"id": one} for message, one in pairs if message.recipient not in rejected]
    return _json(200, {"data": data, "errors": errors})


def refused(failure: Failure, said: str) -> Reply:
    status, name = {
        Failure.REQUEST: (422, "validation_error"),
        Failure.AUTH: (401, "restricted_api_key"),
        Failure.THROTTLED: (429, "rate_limit_exceeded"),
        Failure.QUOTA: (429, "daily_quota_exceeded"),
    }[failure]
    waits = {"ratelimit-limit": "2", "ratelimit-remaining": "0", "ratelimit-reset": "1",
             "retry-after": "1"}  # fmt: skip
    told = {"statusCode": status, "name": name, "message": said}
    return _json(status, told, waits if failure is Failure.THROTTLED else {})


def found(asking: Asking, accepted: Sequence[Accepted]) -> Reply | None:  # noqa: ARG001  # it can't be asked
    return None


def _json(status: int, told: object, headers: Mapping[str, str] | None = None) -> Reply:
    kind = {"Content-Type": "application/json"}
    return Reply(status, json.dumps(told).encode(), {**kind, **(headers or {})})
