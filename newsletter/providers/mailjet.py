"""Mailjet: POST /v3.1/send ("Send API v3.1"), a mail written out for each message.

Its messages are found by our ids ("Messages": CustomID).
"""

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from urllib.parse import urlencode

from newsletter import answers, merging
from newsletter.http import Access, Refused, Request, Response, require_success
from newsletter.model import Asked, Batch, Failure, Mail, Memory, Message, Outcome, Receipt
from newsletter.vouching import Published, Vouched, domain

URL = "https://api.mailjet.com"
SECRETS: Mapping[str, bool] = {"MAILJET_API_KEY": True, "MAILJET_SECRET_KEY": True}
OPTIONS: Mapping[str, str | None] = {}
MEMORY = Memory(asks=True, settle_seconds=1800.0)
PUBLISHED = Published("", "spf.mailjet.com", ("mailjet",))

MOST, MOST_BYTES = 50, 12_000_000
"""Messages, and bytes: 15 MB is what attachments may have; for the rest, no number is given."""
FORBIDDEN = ("message-id", "list-id")
"""Headers of ours that it does not let anybody set: see "Send API errors", send-0011."""
KEPT = timedelta(days=6)
"""How long silence is believed. How long it keeps messages is not said."""
A_DAY = timedelta(days=1)
OFF = {"TrackOpens": "disabled", "TrackClicks": "disabled"}

MOST_SENDERS = 1000
"""In an answer; one of that many may not be all."""

INVALID = "mj-0013"
CODE = re.compile(r"(?:mj|send)-\d{4}")
WHY = {
    "mj-0001": "the key is suspended",
    "mj-0002": "it is no JSON",
    "mj-0006": "a text of it is too long, such as its subject",
    "mj-0011": "it is too large",
    INVALID: "an address is not valid",
    "mj-0015": "the keys are not valid",
    "send-0008": "the sender is not validated",
    "send-0011": "one of its headers may not be set",
}
"""What a code means. Mailjet's own texts are not quoted: they may repeat what was sent."""
FAILURES = {401: Failure.AUTH, 402: Failure.QUOTA, 403: Failure.AUTH, 429: Failure.THROTTLED}


def limit(mail: Mail) -> int:
    size = len(json.dumps([mail.text, mail.html, mail.subject], ensure_ascii=False).encode())
    return merging.room(mail, MOST, MOST_BYTES, 0, size + 2_000)


def freeze(messages: Sequence[Message], options: Mapping[str, str]) -> bytes:  # noqa: ARG001  # none
    """Raises ValueError for what no header may have."""
    merging.require_safe(messages)
    mail = messages[0].mail
    shared = {
        "From": _address(mail.sender),
        "ReplyTo": _address(mail.reply_to),
        **OFF,
    }
    common, own = merging.headers(mail, FORBIDDEN)
    body = {"Messages": [shared | _own(message, common | own) for message in messages]}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _address(value: str) -> dict[str, str]:
    name, address = merging.mailbox(value)
    return {"Email": address, "Name": name} if name else {"Email": address}


def _own(message: Message, headers: Mapping[str, str]) -> dict[str, object]:
    return {
        "To": [{"Email": message.recipient}],
        "Subject": message.personal(merging.one_line(message.mail.subject)),
        "TextPart": message.personal(message.mail.text),
        "HTMLPart": message.personal(message.mail.html),
        "Headers": {name: message.personal(value) for name, value in headers.items()},
        "CustomID": message.delivery_id,
    }


def request(batch: Batch, access: Access) -> Request:
    headers = {**_credentials(access), "Content-Type": "application/json"}
    return Request("POST", "/v3.1/send", batch.payload, headers)


def _credentials(access: Access) -> dict[str, str]:
    pair = f"{access.secrets['MAILJET_API_KEY']}:{access.secrets['MAILJET_SECRET_KEY']}"
    return {"Authorization": f"Basic {b64encode(pair.encode()).decode('ascii')}"}


def probe(access: Access, sender: str) -> Request:  # noqa: ARG001  # it lists all
    path = f"/v3/REST/sender?Limit={MOST_SENDERS}"
    return Request("GET", path, headers=_credentials(access))


def vouched(response: Response, access: Access, sender: str) -> Vouched:  # noqa: ARG001
    """By its list of senders ("Sender"), where `*` stands for all of a domain."""
    require_success(response)
    told = answers.rows(answers.table(response).get("Data")) or ()
    found = {str(one.get("Email")).lower(): one.get("Status") for one in told}
    statuses = [found.get(name) for name in (sender.lower(), f"*@{domain(sender)}")]
    if any(statuses):
        said = " and ".join(answers.shown(one) for one in statuses if one)
        return Vouched("Active" in statuses, f"the sender is {said}")
    return Vouched(None if len(told) >= MOST_SENDERS else False, "not among the senders")


def receipts(response: Response, batch: Batch) -> list[Receipt]:
    """By the results, in the order of the messages: some are accepted, while others are refused."""
    results = _results(response)
    recipients = [item["To"][0]["Email"] for item in json.loads(batch.payload)["Messages"]]
    if len(results) > len(recipients):
        raise Refused(Failure.AMBIGUOUS, "its results are not those of the messages")
    said = [_said(*one) for one in zip(batch.delivery_ids, recipients, results, strict=False)]
    return answers.of_messages(batch, said)


def _results(response: Response) -> list[object]:
    """One for each message; they come with a 4xx if one of them is a refusal."""
    told = answers.table(response)
    results = told.get("Messages")
    if isinstance(results, list) and results and response.status // 100 in (2, 4):
        return results
    why = _why(told.get("ErrorCode"))
    if FAILURES.get(response.status) is Failure.QUOTA:
        raise Refused(Failure.QUOTA, f"status {response.status}: {why}")
    require_success(response, why)
    raise Refused(Failure.AMBIGUOUS, f"status {response.status}, without results")


def _why(code: object) -> str:
    if not isinstance(code, str) or not CODE.fullmatch(code):
        return "without a known error code"
    return f"error {code}: {WHY.get(code, 'see its list of error codes')}"


def _said(delivery_id: str, recipient: str, result: object) -> Receipt | Refused:
    """What a result says of its message; Refused for what is not the recipient's fault."""
    match result:
        case {"Status": "success", "To": [{"Email": str(email), **more}], **rest}:
            if email.lower() == recipient.lower() and rest.get("CustomID") in (None, delivery_id):
                return Receipt(
                    delivery_id, Outcome.ACCEPTED, answers.shown(str(more.get("MessageID")))
                )
        case {"Status": "error", "Errors": [dict(), *_] as errors}:
            return _refusal(delivery_id, errors)
    return Receipt(delivery_id, Outcome.UNKNOWN, "its result is not that of the message")


def _refusal(delivery_id: str, errors: Sequence[object]) -> Receipt | Refused:
    """A recipient whose address is not valid is named by its place: To[0].Email."""
    for error in errors:
        match error:
            case {"ErrorCode": "mj-0013", "ErrorRelatedTo": [str(place), *_]} if place[:2] == "To":
                return Receipt(
                    delivery_id, Outcome.REJECTED, f"error {INVALID}: not a valid address"
                )
            case {"StatusCode": int(status)} if status >= 500:
                return Receipt(delivery_id, Outcome.UNKNOWN, f"status {status}")
    match errors[0]:
        case {"StatusCode": int(status), "ErrorCode": code}:
            return Refused(FAILURES.get(status, Failure.REQUEST), _why(code))
    return Refused(Failure.REQUEST, _why(None))


def questions(asked: Sequence[Asked], access: Access) -> Iterator[Request]:
    """Of each delivery whether there is its message: messages are found by one id."""
    for one in answers.newest_first(asked):
        if access.now - one.at > KEPT:
            return
        query = {
            "CustomID": one.delivery_id,
            "FromTS": int((one.at - A_DAY).timestamp()),
            "ShowCustomID": "true",
        }
        path = f"/v3/REST/message?{urlencode(query)}"
        yield Request("GET", path, headers=_credentials(access))


def evidence(responses: Sequence[Response], asked: Sequence[Asked]) -> list[Receipt]:
    return answers.of_each(answers.newest_first(asked), responses, _told)


def _told(asked: Asked, response: Response) -> Receipt | None:
    found = answers.table(response)
    messages, total = answers.rows(found.get("Data")), found.get("Total")
    if response.status != 200 or messages is None:
        return None
    if any(message.get("CustomID") == asked.delivery_id for message in messages):
        return Receipt(asked.delivery_id, Outcome.ACCEPTED, "among its messages")
    if messages or total != 0 or total is False:
        return None
    return Receipt(asked.delivery_id, Outcome.NOT_ACCEPTED, "not among its messages")
