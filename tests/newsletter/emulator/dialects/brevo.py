"""Brevo's transactional emails and their events, as their reference has them."""

import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from newsletter.model import Failure
from tests.newsletter.emulator import Accepted, Asking, Reply, Sending, Taken, Wrong

EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|\{[{%#].*", re.DOTALL)
NOT_SENT = ("message-id", "x-mailin-custom", "idempotencykey")
JOINER = re.compile("(?<=\\{)\u2060(?=[{%#])")
BRACE = re.compile(r"&#123;(?=[{%#])")


@dataclass(frozen=True)
class Tagged(Taken):
    """A message, with the tags of its request."""

    tags: Sequence[str] = ()


def is_authorised(asking: Asking, secrets: Mapping[str, str]) -> bool:
    return asking.headers.get("api-key") == secrets["BREVO_API_KEY"]


def sending(asking: Asking) -> Sending | None:
    if (asking.method, asking.path) != ("POST", "/v3/smtp/email"):
        return None
    if asking.headers.get("content-type") != "application/json":
        raise Wrong("Input must be a valid JSON object")
    try:
        told = json.loads(asking.body)
        versions = told["messageVersions"]
        if not 1 <= len(versions) <= 1000 or not told["htmlContent"] or not told["subject"]:
            raise Wrong("subject and htmlContent are required, and up to 1000 versions")
        key = UUID(told["headers"]["idempotencyKey"])
        return Sending([_taken({**told, **version}) for version in versions], str(key))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Wrong(f"Input must be a valid JSON object: {error!r}") from None


def _taken(mail: dict[str, Any]) -> Taken:
    """One version, over what is for all: it renders expressions, and has identities of its own."""
    [to] = mail["to"]
    headers = {
        name: value for name, value in mail["headers"].items() if name.lower() not in NOT_SENT
    }
    return Tagged(
        delivery_id=mail["headers"]["X-Mailin-custom"],
        recipient=to["email"],
        sender=_mailbox(mail["sender"]),
        subject=_read(mail["subject"]),
        text=_read(mail["textContent"]),
        html=BRACE.sub("{", _rendered(mail["htmlContent"])),
        headers={**headers, "Reply-To": _mailbox(mail["replyTo"])},
        tags=mail["tags"],
    )


def _rendered(text: str) -> str:
    """A text, where nothing stands for an expression: none of its variables is known."""
    return EXPRESSION.sub("", text)


def _read(text: str) -> str:
    """As it is seen: a word joiner is not."""
    return JOINER.sub("", _rendered(text))


def _mailbox(said: dict[str, str]) -> str:
    return f"{said['name']} <{said['email']}>" if said.get("name") else said["email"]


def accepted(sending: Sending, rejected: Mapping[str, str], ids: Sequence[str]) -> Reply:  # noqa: ARG001  # events tell of them
    """Has an id for each: of those that it does not send, it tells later."""
    return _json(201, {"messageIds": [f"<{one}@smtp-relay.mailin.fr>" for one in ids]})


def refused(failure: Failure, said: str) -> Reply:
    status, code = {
        Failure.REQUEST: (400, "invalid_parameter"),
        Failure.AUTH: (401, "unauthorized"),
        Failure.THROTTLED: (429, "too_many_requests"),
        Failure.QUOTA: (402, "not_enough_credits"),
    }[failure]
    limits = {"x-sib-ratelimit-limit": "10", "x-sib-ratelimit-remaining": "0",
              "x-sib-ratelimit-reset": "1"}  # fmt: skip
    return _json(
        status, {"code": code, "message": said}, limits if failure is Failure.THROTTLED else {}
    )


def found(asking: Asking, accepted: Sequence[Accepted]) -> Reply | None:
    if (asking.method, asking.path) != ("GET", "/v3/smtp/statistics/events"):
        return None
    query = {name: values[0] for name, values in asking.query.items()}
    days, limit = int(query.get("days", 30)), int(query.get("limit", 2500))
    if not 1 <= days <= 90 or not 1 <= limit <= 5000:
        return _json(400, {"code": "out_of_range", "message": "Value is out of range"})
    wanted, since = set(json.loads(query.get("tags", "[]"))), time.time() - days * 86_400
    events = [
        _event(one)
        for one in reversed(accepted)
        if isinstance(one.message, Tagged) and wanted <= set(one.message.tags) and one.at >= since
    ]
    is_of_requests = query.get("event", "requests") == "requests"
    return _json(200, {"events": events[:limit]} if events and is_of_requests else {})


def _event(accepted: Accepted) -> dict[str, str]:
    message = accepted.message
    assert isinstance(message, Tagged)
    tags = list(message.tags)
    return {
        "email": message.recipient,
        "date": datetime.fromtimestamp(accepted.at, UTC).isoformat(),
        "subject": message.subject,
        "messageId": f"<{accepted.provider_id}@smtp-relay.mailin.fr>",
        "event": "requests",
        "tag": tags[0] if len(tags) == 1 else json.dumps(tags),
        "from": message.sender.rpartition("<")[2].removesuffix(">"),
    }


def _json(status: int, told: object, headers: Mapping[str, str] | None = None) -> Reply:
    kind = {"Content-Type": "application/json"}
    return Reply(status, json.dumps(told).encode(), {**kind, **(headers or {})})
