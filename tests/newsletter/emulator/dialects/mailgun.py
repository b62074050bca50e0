"""Mailgun's Messages and Events, as their reference and its user manual have them."""

import json
import re
import time
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.utils import formatdate, parseaddr
from typing import Any
from urllib.parse import parse_qs

from newsletter.model import Failure
from tests.newsletter.emulator import Accepted, Asking, Reply, Sending, Taken, Wrong

PATH = re.compile(r"/v3/([^/]+)/(messages|events)")
VARIABLE = re.compile(r"%([^%\s]+)%")
LIMITED, LATER = "Domain example.com is not allowed to send:", "try again after 1 seconds"
ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+")


@dataclass(frozen=True)
class Tagged(Taken):
    """A message, with the tags of its sender."""

    tags: Sequence[str] = ()


def is_authorised(asking: Asking, secrets: Mapping[str, str]) -> bool:
    kind, _, value = asking.headers.get("authorization", "").partition(" ")
    return kind == "Basic" and b64decode(value) == f"api:{secrets['MAILGUN_API_KEY']}".encode()


def sending(asking: Asking) -> Sending | None:
    path = PATH.fullmatch(asking.path)
    if asking.method != "POST" or not path or path[2] != "messages":
        return None
    if asking.headers.get("content-type") != "application/x-www-form-urlencoded":
        raise Wrong("this is no form that can be read")
    try:
        form = parse_qs(asking.body.decode("ascii"), strict_parsing=True, keep_blank_values=True)
        return Sending(_messages(form))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Wrong(f"bad request: {error!r}") from None


def _messages(form: dict[str, list[str]]) -> list[Taken]:
    options = sum(len(n) + len(v) for n, vs in form.items() if n[1:2] == ":" for v in vs)
    if options > 16_000:
        raise Wrong("Send options (parameters starting with o:, h:, or v:) are limited to 16KB")
    recipients = [one.strip() for field in form["to"] for one in field.split(",")]
    if len(recipients) > 1000 or sum(map(len, map("".join, form.values()))) > 25_000_000:
        raise Wrong("too many recipients, or too many bytes")
    if not all(ADDRESS.fullmatch(one) for one in recipients):
        raise Wrong("'to' parameter is not a valid address. please check documentation")
    variables = json.loads(form["recipient-variables"][0])
    return [_taken(form, one, variables[one]) for one in dict.fromkeys(recipients)]


def _taken(form: dict[str, list[str]], recipient: str, own: Mapping[str, str]) -> Taken:
    def merged(name: str) -> str:
        [value] = form[name]
        return VARIABLE.sub(lambda found: _variable(found[1], recipient, own), value)

    headers = {name[2:]: merged(name) for name in form if name.startswith("h:")}
    return Tagged(
        delivery_id=merged("v:delivery"),
        recipient=recipient,
        sender=_decoded(merged("from")),
        subject=merged("subject"),
        text=merged("text"),
        html=merged("html"),
        headers=headers | {"Reply-To": _decoded(headers["Reply-To"])},
        tags=form.get("o:tag", []),
    )


def _variable(name: str, recipient: str, own: Mapping[str, str]) -> str:
    """What stands for a variable: nothing where it knows none, which is the worst it can do."""
    known = {"recipient": recipient, "recipient_email": recipient, "recipient_name": "",
             "unsubscribe_url": "https://mailgun.invalid/u/"}  # fmt: skip
    return own.get(name.removeprefix("recipient."), known.get(name, ""))


def _decoded(mailbox: str) -> str:
    """As a reader of mail shows it."""
    name, address = parseaddr(mailbox)
    return f"{make_header(decode_header(name))} <{address}>" if name else address


def accepted(sending: Sending, rejected: Mapping[str, str], ids: Sequence[str]) -> Reply:  # noqa: ARG001  # it learns of them later
    """Has one id for all, and says nothing of single messages."""
    return _json(200, {"id": f"<{ids[0]}@mailgun.invalid>", "message": "Queued. Thank you."})


def refused(failure: Failure, said: str) -> Reply:
    if failure is Failure.AUTH:
        return Reply(401, b"Forbidden")
    after = formatdate(time.time() + 1, usegmt=True).replace("GMT", "UTC")
    status, message = {
        Failure.REQUEST: (400, said),
        Failure.QUOTA: (420, f"{LIMITED} recipient limit exceeded, try again after {after}"),
        Failure.THROTTLED: (429, f"{LIMITED} requests-per-sec limit exceeded, {LATER}"),
    }[failure]
    return _json(status, {"message": message})


def found(asking: Asking, accepted: Sequence[Accepted]) -> Reply | None:
    path = PATH.fullmatch(asking.path)
    if asking.method != "GET" or not path or path[2] != "events":
        return None
    query = {name: values[0] for name, values in asking.query.items()}
    if "end" not in query and query.get("ascending") not in ("yes", "no"):
        return _json(400, {"message": "ascending must be provided"})
    since, words = float(query["begin"]), query["recipient"].strip('"')
    items = [_event(one) for one in accepted
             if words in one.message.recipient and one.at >= since]  # fmt: skip
    page = "https://api.mailgun.net/v3/example.com/events/W3siY"
    told = {"items": items[: int(query["limit"])], "paging": {"next": page, "previous": page}}
    return _json(200, told)


def _event(accepted: Accepted) -> dict[str, Any]:
    message = accepted.message
    return {
        "event": "accepted",
        "id": accepted.provider_id,
        "timestamp": accepted.at,
        "log-level": "info",
        "recipient": message.recipient,
        "tags": list(message.tags) if isinstance(message, Tagged) else [],
        "user-variables": {"delivery": message.delivery_id},
        "flags": {"is-test-mode": False},
        "message": {
            "headers": {
                "to": message.recipient,
                "from": message.sender,
                "subject": message.subject,
                "message-id": message.headers["Message-Id"].strip("<>"),
            },
            "attachments": [],
            "size": len(message.text + message.html),
        },
    }


def _json(status: int, told: object) -> Reply:
    return Reply(status, json.dumps(told).encode(), {"Content-Type": "application/json"})
