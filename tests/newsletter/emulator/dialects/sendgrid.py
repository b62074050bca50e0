"""SendGrid's Mail Send and Email Logs, as their reference has them."""

import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from newsletter.model import Failure
from tests.newsletter.emulator import Accepted, Asking, Reply, Sending, Taken, Wrong

RESERVED = {"x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "to", "from",
            "content-transfer-encoding", "subject", "reply-to", "cc", "bcc"}  # fmt: skip
CONDITION = re.compile(
    r"""to_email = "(?P<to>[^"]+)"|categories IN \('(?P<category>[^']+)'\)"""
    r"""|sg_message_id_created_at >= TIMESTAMP "(?P<since>[^"]+)\""""
)


@dataclass(frozen=True)
class Filed(Taken):
    """A message, and by what its sender wants it filed."""

    categories: Sequence[str] = ()


def is_authorised(asking: Asking, secrets: Mapping[str, str]) -> bool:
    return asking.headers.get("authorization") == f"Bearer {secrets['SENDGRID_API_KEY']}"


def sending(asking: Asking) -> Sending | None:
    if (asking.method, asking.path) != ("POST", "/v3/mail/send"):
        return None
    if len(asking.body) > 30_000_000:
        raise Wrong("content too large")
    try:
        mail = json.loads(asking.body)
        envelopes = mail["personalizations"]
        _check(mail, envelopes)
        return Sending([_taken(mail, envelope) for envelope in envelopes])
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise Wrong(f"Bad Request: {error!r}") from None


def _check(mail: dict[str, Any], envelopes: list[dict[str, Any]]) -> None:
    if not 1 <= len(envelopes) <= 1000:
        raise Wrong("The personalization block is limited to 1000 personalizations")
    if [one["type"] for one in mail["content"]] != ["text/plain", "text/html"]:
        raise Wrong("text/plain must be first, followed by text/html")
    addresses = [to["email"].lower() for one in envelopes for to in one["to"]]
    if len(set(addresses)) < len(addresses):
        raise Wrong("Each unique email address should only be included once")
    for one in (mail, *envelopes):
        if RESERVED & {name.lower() for name in one.get("headers", {})}:
            raise Wrong("this header may not be overridden")
    for one in envelopes:
        _check_size("substitutions", one.get("substitutions", {}))
        _check_size("custom_args", one.get("custom_args", {}))


def _check_size(name: str, values: dict[str, str]) -> None:
    if not all(isinstance(value, str) for value in values.values()):
        raise Wrong(f"{name}: Invalid type. Expected: string")
    if len(json.dumps(values)) > 10_000:
        raise Wrong(f"{name} may not exceed 10,000 bytes")


def _taken(mail: dict[str, Any], envelope: dict[str, Any]) -> Taken:
    """One message. Tags are replaced one after the other, wherever they stand."""

    def merged(text: str) -> str:
        for tag, value in envelope.get("substitutions", {}).items():
            text = text.replace(tag, value)
        return text

    [to] = envelope["to"]
    text, html = (merged(part["value"]) for part in mail["content"])
    return Filed(
        delivery_id=envelope["custom_args"]["delivery"],
        recipient=to["email"],
        sender=_mailbox(mail["from"]),
        subject=merged(envelope.get("subject", mail["subject"])),
        text=text,
        html=html,
        headers={
            **mail.get("headers", {}),
            **envelope.get("headers", {}),
            "Reply-To": merged(_mailbox(mail["reply_to"])),
        },
        categories=mail.get("categories", []),
    )


def _mailbox(said: dict[str, str]) -> str:
    return f"{said['name']} <{said['email']}>" if said.get("name") else said["email"]


def accepted(sending: Sending, rejected: Mapping[str, str], ids: Sequence[str]) -> Reply:  # noqa: ARG001  # it learns of them later
    """Says nothing of single messages."""
    return Reply(202, headers={"X-Message-Id": ids[0]})


def refused(failure: Failure, said: str) -> Reply:
    status = {Failure.REQUEST: 400, Failure.AUTH: 403, Failure.QUOTA: 401, Failure.THROTTLED: 429}
    message = f"Maximum credits exceeded {said}" if failure is Failure.QUOTA else said
    is_rate = failure is Failure.THROTTLED
    waits = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 1)}
    told = {"errors": [{"message": message, "field": None, "help": None}]}
    return _json(status[failure], told, waits if is_rate else {})


def found(asking: Asking, accepted: Sequence[Accepted]) -> Reply | None:
    if (asking.method, asking.path) != ("POST", "/v3/logs"):
        return None
    asked = json.loads(asking.body)
    wanted: dict[str, str] = {}
    for condition in asked["query"].split(" AND "):
        said = CONDITION.fullmatch(condition)
        if not said:
            return _json(400, {"errors": [{"message": f"invalid query: {condition}"}]})
        wanted |= {name: value for name, value in said.groupdict().items() if value}
    rows = [_row(one) for one in accepted if _fits(one, wanted)]
    return _json(200, {"messages": rows[: asked.get("limit", 10)]})


def _fits(accepted: Accepted, wanted: Mapping[str, str]) -> bool:
    message = accepted.message
    categories = message.categories if isinstance(message, Filed) else ()
    since = datetime.fromisoformat(wanted.get("since", "1970-01-01T00:00:00Z")).timestamp()
    return (
        wanted.get("to", message.recipient) == message.recipient
        and ("category" not in wanted or wanted["category"] in categories)
        and accepted.at >= since
    )


def _row(accepted: Accepted) -> dict[str, str]:
    at = datetime.fromtimestamp(accepted.at, UTC)
    return {
        "from_email": accepted.message.sender.rpartition("<")[2].removesuffix(">"),
        "sg_message_id": f"{accepted.provider_id}.recvd-0",
        "subject": accepted.message.subject,
        "to_email": accepted.message.recipient,
        "status": "processed",
        "sg_message_id_created_at": at.isoformat().replace("+00:00", "Z"),
    }


def _json(status: int, told: object, headers: Mapping[str, str] | None = None) -> Reply:
    kind = {"Content-Type": "application/json"}
    return Reply(status, json.dumps(told).encode(), {**kind, **(headers or {})})
