"""A provider that is not: both its sides, in the simplest dialect that has all there can be.

It remembers keys and can be asked, so that the emulator and the sender are tested without any of
the real ones' ways.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlencode

from newsletter import answers
from newsletter.http import Access, Refused, Request, Response, require_success
from newsletter.model import Asked, Batch, Failure, Mail, Memory, Message, Outcome, Receipt
from tests.newsletter.emulator import Accepted, Asking, Reply, Sending, Taken, Wrong

URL = "https://plain.invalid"
SECRETS: Mapping[str, bool] = {"PLAIN_TOKEN": True}
OPTIONS: Mapping[str, str | None] = {}
MEMORY = Memory(key_seconds=3600.0, asks=True, settle_seconds=60.0)


def limit(mail: Mail) -> int:  # noqa: ARG001  # as many of any
    return 1000


def freeze(messages: Sequence[Message], options: Mapping[str, str]) -> bytes:  # noqa: ARG001  # none
    return json.dumps([_row(message) for message in messages]).encode()


def _row(message: Message) -> dict[str, object]:
    mail = message.mail
    return {
        "delivery_id": message.delivery_id,
        "recipient": message.recipient,
        "sender": mail.sender,
        "subject": mail.subject,
        "text": message.personal(mail.text),
        "html": message.personal(mail.html),
        "headers": {name: message.personal(value) for name, value in mail.headers.items()},
    }


def request(batch: Batch, access: Access) -> Request:
    headers = {**_credentials(access), "Idempotency-Key": batch.key}
    return Request("POST", "/send", batch.payload, headers)


def _credentials(access: Access) -> dict[str, str]:
    return {"Authorization": f"Bearer {access.secrets['PLAIN_TOKEN']}"}


def receipts(response: Response, batch: Batch) -> list[Receipt]:
    if response.status == 402:
        raise Refused(Failure.QUOTA, "status 402")
    require_success(response)
    results = answers.table(response).get("results")
    if not isinstance(results, list) or len(results) != len(batch.delivery_ids):
        raise Refused(Failure.AMBIGUOUS, "not one result for each message")
    return [_receipt(*pair) for pair in zip(batch.delivery_ids, results, strict=True)]


def _receipt(delivery_id: str, said: object) -> Receipt:
    match said:
        case {"id": str(provider_id)}:
            return Receipt(delivery_id, Outcome.ACCEPTED, provider_id)
        case {"error": str(reason)}:
            return Receipt(delivery_id, Outcome.REJECTED, reason)
    return Receipt(delivery_id, Outcome.UNKNOWN, "no usable result")


def questions(asked: Sequence[Asked], access: Access) -> Iterator[Request]:
    query = urlencode([("delivery", one.delivery_id) for one in asked])
    yield Request("GET", f"/sent?{query}", headers=_credentials(access))


def evidence(responses: Sequence[Response], asked: Sequence[Asked]) -> list[Receipt]:
    [response] = responses
    there = answers.table(response).get("sent")
    if response.status != 200 or not isinstance(there, list):
        return []
    return [
        Receipt(d, Outcome.ACCEPTED if d in there else Outcome.NOT_ACCEPTED)
        for d in (one.delivery_id for one in asked)
    ]


def is_authorised(asking: Asking, secrets: Mapping[str, str]) -> bool:
    return asking.headers.get("authorization") == f"Bearer {secrets['PLAIN_TOKEN']}"


def sending(asking: Asking) -> Sending | None:
    if (asking.method, asking.path) != ("POST", "/send"):
        return None
    try:
        messages = [Taken(**row) for row in json.loads(asking.body)]
    except (ValueError, TypeError) as error:
        raise Wrong(str(error)) from None
    return Sending(messages, asking.headers.get("idempotency-key"))


def accepted(sending: Sending, rejected: Mapping[str, str], ids: Sequence[str]) -> Reply:
    rows = [
        {"error": rejected[message.recipient]} if message.recipient in rejected else {"id": one}
        for message, one in zip(sending.messages, ids, strict=True)
    ]
    return _json(200, {"results": rows})


def refused(failure: Failure, said: str) -> Reply:
    status = {Failure.REQUEST: 400, Failure.AUTH: 401, Failure.QUOTA: 402, Failure.THROTTLED: 429}
    waits = {"Retry-After": "1"} if failure is Failure.THROTTLED else {}
    return _json(status[failure], {"message": said}, waits)


def found(asking: Asking, accepted: Sequence[Accepted]) -> Reply | None:
    if (asking.method, asking.path) != ("GET", "/sent"):
        return None
    wanted = set(asking.query.get("delivery", []))
    sent = wanted & {one.message.delivery_id for one in accepted}
    return _json(200, {"sent": sorted(sent)})


def _json(status: int, body: object, headers: Mapping[str, str] | None = None) -> Reply:
    content_type = {"Content-Type": "application/json"}
    return Reply(status, json.dumps(body).encode(), {**content_type, **(headers or {})})
