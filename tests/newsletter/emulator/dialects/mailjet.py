"""Mailjet's Send API v3.1 and its list of messages, as their reference has them."""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from newsletter.model import Failure
from tests.newsletter.emulator import Accepted, Asking, Reply, Sending, Taken, Wrong

FORBIDDEN = {"from", "sender", "subject", "to", "cc", "bcc", "return-path", "delivered-to",
             "dkim-signature", "domainkey-status", "received-spf", "authentication-results",
             "received", "user-agent", "x-mailer", "x-feedback-id", "list-id", "date",
             "x-csa-complaints", "message-id", "reply-to", "content-type", "mime-version",
             "x-mj-customid"}  # fmt: skip
TRACKING = {"account_default", "disabled", "enabled"}


def is_authorised(asking: Asking, secrets: Mapping[str, str]) -> bool:
    pair = f"{secrets['MAILJET_API_KEY']}:{secrets['MAILJET_SECRET_KEY']}"
    told = asking.headers.get("authorization", "")
    return told == f"Basic {b64encode(pair.encode()).decode()}"


def sending(asking: Asking) -> Sending | None:
    if (asking.method, asking.path) != ("POST", "/v3.1/send"):
        return None
    if asking.headers.get("content-type") != "application/json":
        raise Wrong("the content is no JSON")
    try:
        mails = json.loads(asking.body)["Messages"]
        if not isinstance(mails, list) or not 1 <= len(mails) <= 50:
            raise Wrong("a call may have up to 50 messages")
        return Sending([_taken(mail) for mail in mails])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Wrong(f"Malformed JSON, please review the syntax: {error!r}") from None


def _taken(mail: dict[str, Any]) -> Taken:
    if {mail["TrackOpens"], mail["TrackClicks"]} - TRACKING or len(mail["Subject"]) > 255:
        raise Wrong("a property has an invalid value")
    if FORBIDDEN & {name.lower() for name in mail["Headers"]}:
        raise Wrong("Header cannot be customized using the Headers collection")
    [to] = mail["To"]
    return Taken(
        delivery_id=mail["CustomID"],
        recipient=to["Email"],
        sender=_mailbox(mail["From"]),
        subject=mail["Subject"],
        text=mail["TextPart"],
        html=mail["HTMLPart"],
        headers={**mail["Headers"], "Reply-To": _mailbox(mail["ReplyTo"])},
    )


def _mailbox(said: dict[str, str]) -> str:
    return f"{said['Name']} <{said['Email']}>" if said.get("Name") else said["Email"]


def accepted(sending: Sending, rejected: Mapping[str, str], ids: Sequence[str]) -> Reply:
    """Says 400 if one message is refused, while the others are sent."""
    rows = [
        _error(400, "mj-0013", rejected[message.recipient], "To[0].Email")
        if message.recipient in rejected
        else _success(message, one)
        for message, one in zip(sending.messages, ids, strict=True)
    ]
    return _json(400 if rejected else 200, {"Messages": rows})


def _error(status: int, code: str, said: str, *places: str) -> dict[str, Any]:
    error = {"ErrorIdentifier": "f987008f-251a-4dff-8ffc-40f1583ad7bc", "ErrorCode": code,
             "StatusCode": status, "ErrorMessage": said, "ErrorRelatedTo": places}  # fmt: skip
    return {"Status": "error", "Errors": [error]}


def _success(message: Taken, provider_id: str) -> dict[str, Any]:
    number = _number(provider_id)
    href = f"https://api.mailjet.com/v3/REST/message/{number}"
    to = {"Email": message.recipient, "MessageUUID": provider_id,
          "MessageID": number, "MessageHref": href}  # fmt: skip
    return {"Status": "success", "CustomID": message.delivery_id, "To": [to], "Cc": [], "Bcc": []}


def _number(provider_id: str) -> int:
    return int(sha256(provider_id.encode()).hexdigest()[:15], 16)


def refused(failure: Failure, said: str) -> Reply:
    """It never says how long to wait; and that it says 402 at a quota, nobody has seen."""
    status, code = {
        Failure.REQUEST: (400, "mj-0002"),
        Failure.AUTH: (401, "mj-0015"),
        Failure.THROTTLED: (429, "mj-0016"),
        Failure.QUOTA: (402, "mj-0017"),
    }[failure]
    told = {"ErrorIdentifier": "06df1144-c6f3-4ca7-8885-7ec5d4344113", "ErrorCode": code,
            "ErrorMessage": said, "StatusCode": status}  # fmt: skip
    return _json(status, told)


def found(asking: Asking, accepted: Sequence[Accepted]) -> Reply | None:
    if (asking.method, asking.path) != ("GET", "/v3/REST/message"):
        return None
    query = {name: values[0] for name, values in asking.query.items()}
    since = float(query.get("FromTS", 0))
    wanted = [one for one in accepted if one.at >= since and _fits(one.message, query)]
    is_shown = query.get("ShowCustomID") == "true"
    rows = [_row(one, is_shown=is_shown) for one in wanted[: int(query.get("Limit", 10))]]
    return _json(200, {"Count": len(rows), "Data": rows, "Total": len(rows)})


def _fits(message: Taken, query: Mapping[str, str]) -> bool:
    return query.get("CustomID", message.delivery_id) == message.delivery_id


def _row(accepted: Accepted, *, is_shown: bool) -> dict[str, Any]:
    return {
        "ArrivedAt": datetime.fromtimestamp(accepted.at, UTC).isoformat(),
        "AttemptCount": 0,
        "ContactAlt": "",
        "CustomID": accepted.message.delivery_id if is_shown else "",
        "ID": _number(accepted.provider_id),
        "Status": "sent",
        "Subject": "",
        "UUID": accepted.provider_id,
    }


def _json(status: int, told: object) -> Reply:
    return Reply(status, json.dumps(told).encode(), {"Content-Type": "application/json"})
