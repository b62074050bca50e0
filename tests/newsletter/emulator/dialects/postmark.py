"""Postmark's batches of mails and its Messages API, as their reference has them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.utils import parseaddr
from typing import Any

from newsletter.model import Failure
from tests.newsletter.emulator import Accepted, Asking, Reply, Sending, Taken, Wrong

INACTIVE = "You tried to send to a recipient that has been marked as inactive. "
TRACKING = {"None", "HtmlAndText", "HtmlOnly", "TextOnly"}


@dataclass(frozen=True)
class Streamed(Taken):
    """A message, and by what it can be searched."""

    stream: str = "outbound"
    metadata: Mapping[str, str] = field(default_factory=dict)


def is_authorised(asking: Asking, secrets: Mapping[str, str]) -> bool:
    return asking.headers.get("x-postmark-server-token") == secrets["POSTMARK_SERVER_TOKEN"]


def sending(asking: Asking) -> Sending | None:
    if (asking.method, asking.path) != ("POST", "/email/batch"):
        return None
    kinds = [asking.headers.get(name) for name in ("content-type", "accept")]
    if kinds != ["application/json", "application/json"] or len(asking.body) > 50_000_000:
        raise Wrong("no JSON, or more than 50 MB of it")
    try:
        mails = json.loads(asking.body)
        if not isinstance(mails, list) or not 1 <= len(mails) <= 500:
            raise Wrong("Batches may have up to 500 messages")
        return Sending([_taken(mail) for mail in mails])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Wrong(f"Invalid JSON: {error!r}") from None


def _taken(mail: dict[str, Any]) -> Taken:
    _check(mail)
    headers = {one["Name"]: one["Value"] for one in mail["Headers"]}
    taken_out = set() if headers.get("X-PM-KeepID") == "true" else {"message-id"}
    return Streamed(
        delivery_id=mail["Metadata"]["delivery"],
        recipient=mail["To"],
        sender=_read(mail["From"]),
        subject=mail["Subject"],
        text=mail["TextBody"],
        html=mail["HtmlBody"],
        headers={
            **{
                name: value
                for name, value in headers.items()
                if not name.startswith("X-PM-") and name.lower() not in taken_out
            },
            "Reply-To": _read(mail["ReplyTo"]),
        },
        stream=mail.get("MessageStream", "outbound"),
        metadata=mail["Metadata"],
    )


def _check(mail: dict[str, Any]) -> None:
    if not isinstance(mail["TrackOpens"], bool) or mail["TrackLinks"] not in TRACKING:
        raise Wrong("Invalid tracking")
    lines = [mail["From"], mail["ReplyTo"], mail["To"], mail["Subject"]]
    lines += [one[key] for one in mail["Headers"] for key in ("Name", "Value")]
    if any("\r" in line or "\n" in line for line in lines) or "," in mail["To"]:
        raise Wrong("Invalid header, or more than one recipient")
    metadata = mail["Metadata"]
    if len(metadata) > 10 or any(len(k) > 20 or len(v) > 80 for k, v in metadata.items()):
        raise Wrong("Invalid metadata content")


def _read(mailbox: str) -> str:
    """As a reader of mail shows it."""
    name, address = parseaddr(mailbox)
    return f"{make_header(decode_header(name))} <{address}>" if name else address


def accepted(sending: Sending, rejected: Mapping[str, str], ids: Sequence[str]) -> Reply:
    rows = [
        {"ErrorCode": 406, "Message": INACTIVE + rejected[message.recipient]}
        if message.recipient in rejected
        else {
            "To": message.recipient,
            "SubmittedAt": datetime.now(UTC).isoformat(),
            "MessageID": one,
            "ErrorCode": 0,
            "Message": "OK",
        }
        for message, one in zip(sending.messages, ids, strict=True)
    ]
    return _json(200, rows)


def refused(failure: Failure, said: str) -> Reply:
    """It never says how long to wait."""
    status, code = {
        Failure.REQUEST: (422, 300),
        Failure.AUTH: (401, 10),
        Failure.THROTTLED: (429, 429),
        Failure.QUOTA: (422, 405),
    }[failure]
    return _json(status, {"ErrorCode": code, "Message": said})


def found(asking: Asking, accepted: Sequence[Accepted]) -> Reply | None:
    if (asking.method, asking.path) != ("GET", "/messages/outbound"):
        return None
    query = {name: values[0] for name, values in asking.query.items()}
    if not {"count", "offset"} <= query.keys() or int(query["count"]) > 500:
        return _json(422, {"ErrorCode": 700, "Message": "count and offset are required"})
    rows = [_row(one) for one in accepted if _fits(one.message, query)]
    first = int(query["offset"])
    page = rows[first : first + int(query["count"])]
    return _json(200, {"TotalCount": len(rows), "Messages": page})


def _fits(message: Taken, query: Mapping[str, str]) -> bool:
    assert isinstance(message, Streamed)
    wanted = {
        name.removeprefix("metadata_"): value
        for name, value in query.items()
        if name.startswith("metadata_")
    }
    in_stream = message.stream == query.get("messagestream", "outbound")
    return in_stream and wanted.items() <= message.metadata.items()


def _row(accepted: Accepted) -> dict[str, Any]:
    message = accepted.message
    assert isinstance(message, Streamed)
    return {
        "MessageID": accepted.provider_id,
        "MessageStream": message.stream,
        "To": [{"Email": message.recipient, "Name": None}],
        "Recipients": [message.recipient],
        "ReceivedAt": datetime.fromtimestamp(accepted.at, UTC).isoformat(),
        "From": message.sender,
        "Subject": message.subject,
        "Status": "Sent",
        "Metadata": message.metadata,
    }


def _json(status: int, told: object) -> Reply:
    return Reply(status, json.dumps(told).encode(), {"Content-Type": "application/json"})
