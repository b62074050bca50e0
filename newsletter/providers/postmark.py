"""Postmark: POST /email/batch ("Send batch emails"), a mail written out for each message.

Its Messages API is asked for our ids, which are metadata. Its error codes: "API overview".
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from email.utils import parseaddr
from urllib.parse import quote, urlencode

from newsletter import answers, merging
from newsletter.http import Access, Refused, Request, Response, require_success, wait_asked
from newsletter.model import Asked, Batch, Failure, Mail, Memory, Message, Outcome, Receipt
from newsletter.vouching import Vouched

URL = "https://api.postmarkapp.com"
SECRETS: Mapping[str, bool] = {"POSTMARK_SERVER_TOKEN": True}
OPTIONS: Mapping[str, str | None] = {"stream": "broadcast"}
MEMORY = Memory(asks=True, settle_seconds=1800.0)

MOST, MOST_BYTES = 500, 40_000_000
"""Messages, and bytes: "Send batch emails" allows 50 MB."""
KEPT = timedelta(days=6)
"""How long silence is believed: an account may choose to keep messages for 7 days only."""
KEEP_ID = {"X-PM-KeepID": "true"}
"""Without it, another Message-ID takes the place of ours."""
ABOUT_RECIPIENT = re.compile(r"(?:Invalid|Error\s+parsing)\s+'To'", re.IGNORECASE)

INVALID, INACTIVE = 300, 406
ERRORS = {
    10: (Failure.AUTH, "the token is not valid"),
    INVALID: (Failure.REQUEST, "the message is not valid"),
    400: (Failure.REQUEST, "the sender has no signature"),
    401: (Failure.REQUEST, "the sender's signature is not confirmed"),
    405: (Failure.QUOTA, "no credits are left"),
    412: (Failure.AUTH, "the account is not approved yet"),
    413: (Failure.AUTH, "the account may not send"),
    422: (Failure.AUTH, "the server or the account is not valid"),
    429: (Failure.THROTTLED, "too many requests"),
    1235: (Failure.REQUEST, "the server has no such stream"),
    1236: (Failure.REQUEST, "the stream is of another type"),
    1480: (Failure.AUTH, "not from this IP address"),
}
"""What a code means. Postmark's own texts are not quoted: they may repeat what was sent."""


def limit(mail: Mail) -> int:
    size = len(json.dumps([mail.text, mail.html, mail.subject], ensure_ascii=False).encode())
    return merging.room(mail, MOST, MOST_BYTES, 0, size + 2_000)


def freeze(messages: Sequence[Message], options: Mapping[str, str]) -> bytes:
    """Both kinds of tracking are off; a server that tracks opens by default does so all the same.

    Raises ValueError for what no header may have.
    """
    merging.require_safe(messages)
    mail = messages[0].mail
    shared = {
        "From": merging.ascii_mailbox(mail.sender),
        "ReplyTo": merging.ascii_mailbox(mail.reply_to),
        "MessageStream": options["stream"],
        "TrackOpens": False,
        "TrackLinks": "None",
    }
    headers = _headers(mail)
    items = [shared | _own(message, headers) for message in messages]
    return json.dumps(items, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _headers(mail: Mail) -> list[tuple[str, str]]:
    shared, own = merging.headers(mail)
    return sorted({**shared, **own, **KEEP_ID}.items())


def _own(message: Message, headers: Sequence[tuple[str, str]]) -> dict[str, object]:
    return {
        "To": message.recipient,
        "Subject": message.personal(merging.one_line(message.mail.subject)),
        "TextBody": message.personal(message.mail.text),
        "HtmlBody": message.personal(message.mail.html),
        "Headers": [{"Name": name, "Value": message.personal(value)} for name, value in headers],
        "Metadata": {"delivery": message.delivery_id},
    }


def request(batch: Batch, access: Access) -> Request:
    headers = {**_credentials(access), "Content-Type": "application/json"}
    return Request("POST", "/email/batch", batch.payload, headers)


def _credentials(access: Access) -> dict[str, str]:
    token = access.secrets["POSTMARK_SERVER_TOKEN"]
    return {"Accept": "application/json", "X-Postmark-Server-Token": token}


def probe(access: Access, sender: str) -> Request:  # noqa: ARG001  # a server's token can't ask
    """Whether there is our stream ("Message Streams API")."""
    path = f"/message-streams/{quote(access.options['stream'], safe='')}"
    return Request("GET", path, headers=_credentials(access))


def vouched(response: Response, access: Access, sender: str) -> Vouched:  # noqa: ARG001
    _require_taken(response)
    if answers.table(response).get("ArchivedAt"):
        raise Refused(Failure.REQUEST, "the stream is archived")
    said = "a server's token can't ask for that: see Sender Signatures"
    return Vouched(None, said)


def receipts(response: Response, batch: Batch) -> list[Receipt]:
    """By the results, which are in the order of the messages. A 200 may have refusals in it."""
    _require_taken(response)
    recipients = [item["To"] for item in json.loads(batch.payload)]
    results = _results(response)
    if results is None or len(results) > len(recipients):
        raise Refused(Failure.AMBIGUOUS, "its results are not those of the messages")
    said = [_said(*one) for one in zip(batch.delivery_ids, recipients, results, strict=False)]
    return answers.of_messages(batch, said)


def _results(response: Response) -> list[object] | None:
    try:
        told = json.loads(response.body)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, list) else None


def _require_taken(response: Response) -> None:
    """Raise Refused unless a request was taken, by its error code where there is one."""
    code = answers.table(response).get("ErrorCode")
    if 400 <= response.status < 500 and isinstance(code, int) and code in ERRORS:
        raise _refusal(code, wait_asked(response))
    require_success(response)


def _refusal(code: int, wait: float | None = None) -> Refused:
    failure, why = ERRORS.get(code, (Failure.REQUEST, "see its list of error codes"))
    return Refused(failure, f"error {code}: {why}", wait)


def _said(delivery_id: str, recipient: str, result: object) -> Receipt | Refused:
    """What a result says of its message; Refused for what is not the recipient's fault."""
    match result:
        case {"ErrorCode": bool()}:
            pass
        case {"ErrorCode": 406}:
            why = f"error {INACTIVE}: it bounced, complained or was suppressed"
            return Receipt(delivery_id, Outcome.REJECTED, why, suppress=True)
        case {"ErrorCode": 300, "Message": str(words)} if ABOUT_RECIPIENT.match(words):
            return Receipt(delivery_id, Outcome.REJECTED, f"error {INVALID}: not a valid address")
        case {"ErrorCode": int(code)} if code != 0:
            return _refusal(code)
        case dict() if _is_acceptance(result, recipient):
            return Receipt(delivery_id, Outcome.ACCEPTED, answers.shown(result.get("MessageID")))
    return Receipt(delivery_id, Outcome.UNKNOWN, "its result is not that of the message")


def _is_acceptance(result: Mapping[str, object], recipient: str) -> bool:
    """Whether a result has an id, for a mail to the recipient.

    The error code may be missing while Postmark has delays, as django-anymail has found.
    """
    echo, identity = result.get("To", recipient), result.get("MessageID")
    is_echo = isinstance(echo, str) and parseaddr(echo)[1].lower() == recipient.lower()
    is_identity = isinstance(identity, str) and identity != ""
    return is_echo and is_identity and result.get("ErrorCode", 0) == 0


def questions(asked: Sequence[Asked], access: Access) -> Iterator[Request]:
    """Of each delivery whether there is its message: a search is for one value of the metadata.

    It is in one stream; where none is named, in the transactional one.
    """
    for one in answers.newest_first(asked):
        if access.now - one.at > KEPT:
            return
        query = {
            "count": 10,
            "offset": 0,
            "messagestream": access.options["stream"],
            "metadata_delivery": one.delivery_id,
        }
        path = f"/messages/outbound?{urlencode(query)}"
        yield Request("GET", path, headers=_credentials(access))


def evidence(responses: Sequence[Response], asked: Sequence[Asked]) -> list[Receipt]:
    return answers.of_each(answers.newest_first(asked), responses, _told)


def _told(asked: Asked, response: Response) -> Receipt | None:
    found = answers.table(response)
    messages, total = answers.rows(found.get("Messages")), found.get("TotalCount")
    if response.status != 200 or messages is None:
        return None
    for message in messages:
        match message:
            case {"Metadata": {"delivery": str(ours)}} if ours == asked.delivery_id:
                said = answers.shown(message.get("MessageID"))
                return Receipt(asked.delivery_id, Outcome.ACCEPTED, said)
    if messages or total != 0 or total is False:
        return None
    return Receipt(asked.delivery_id, Outcome.NOT_ACCEPTED, "its search does not find it")
