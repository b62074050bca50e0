"""Resend: POST /emails/batch ("Send Batch Emails"), a mail written out for each message.

It remembers keys for a day ("Idempotency Keys"), but can't be asked: its list of emails has neither
our ids nor a filter. Tracking is a setting of the domain, and is off until it is asked for.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from newsletter import answers, merging
from newsletter.http import Access, Refused, Request, Response, require_success
from newsletter.model import Asked, Batch, Failure, Mail, Memory, Message, Outcome, Receipt
from newsletter.vouching import Published, Vouched, domain

URL = "https://api.resend.com"
SECRETS: Mapping[str, bool] = {"RESEND_API_KEY": True}
OPTIONS: Mapping[str, str | None] = {}
MEMORY = Memory(key_seconds=0.8 * 24 * 3600)
PUBLISHED = Published("send.", "amazonses.com", ("resend",))

MOST, MOST_BYTES = 100, 4_000_000
"""Messages, and bytes: no number is given for a request, only 40 MB for one email."""
SET_BY_IT = ("message-id",)
SPECIAL = re.compile(r'["(),:;<>@\[\\\]]')
"""What its parser of addresses takes no quotes or encoded words for, as django-anymail found."""

NAME = re.compile(r"[a-z_]{1,40}")
"""Of an error. Its texts are not quoted: they may repeat what was sent."""
QUOTAS = ("daily_quota_exceeded", "monthly_quota_exceeded")
OF_THIS_KEY = ("invalid_idempotent_request", "concurrent_idempotent_requests")
"""A request under the same key was there before; what became of it, this doesn't say."""


def limit(mail: Mail) -> int:
    size = len(json.dumps([mail.text, mail.html, mail.subject], ensure_ascii=False).encode())
    return merging.room(mail, MOST, MOST_BYTES, 0, size + 2_000)


def freeze(messages: Sequence[Message], options: Mapping[str, str]) -> bytes:  # noqa: ARG001  # none
    """Raises ValueError for what no header may have."""
    merging.require_safe(messages)
    mail = messages[0].mail
    shared = {
        "from": _mailbox(mail.sender),
        "reply_to": _mailbox(mail.reply_to),
    }
    common, own = merging.headers(mail, SET_BY_IT)
    items = [shared | _own(message, common | own) for message in messages]
    return json.dumps(items, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _mailbox(value: str) -> str:
    """`Name <address>`, with nothing in the name that could be taken for an address."""
    name, address = merging.mailbox(value)
    plain = " ".join(SPECIAL.sub(" ", name).split())
    return f"{plain} <{address}>" if plain else address


def _own(message: Message, headers: Mapping[str, str]) -> dict[str, object]:
    return {
        "to": [message.recipient],
        "subject": message.personal(merging.one_line(message.mail.subject)),
        "text": message.personal(message.mail.text),
        "html": message.personal(message.mail.html),
        "headers": {name: message.personal(value) for name, value in headers.items()},
        "tags": [{"name": "delivery", "value": message.delivery_id}],
    }


def request(batch: Batch, access: Access) -> Request:
    """Permissive ("Batch Validation Modes"): one bad address does not refuse the others."""
    headers = {
        "Authorization": f"Bearer {access.secrets['RESEND_API_KEY']}",
        "Content-Type": "application/json",
        "Idempotency-Key": batch.key,
        "x-batch-validation": "permissive",
    }
    return Request("POST", "/emails/batch", batch.payload, headers)


def probe(access: Access, sender: str) -> Request:  # noqa: ARG001  # it lists all
    headers = {"Authorization": f"Bearer {access.secrets['RESEND_API_KEY']}"}
    return Request("GET", "/domains?limit=100", headers=headers)


def vouched(response: Response, access: Access, sender: str) -> Vouched:  # noqa: ARG001
    """By its list of domains ("List Domains"), which a key that may only send can't see."""
    told = answers.table(response)
    if response.status == 401 and told.get("name") == "restricted_api_key":
        return Vouched(None, "the key may only send, and can't ask for that")
    _require_taken(response)
    found = {one.get("name"): one.get("status") for one in answers.rows(told.get("data")) or ()}
    if domain(sender) not in found:
        return Vouched(None if told.get("has_more") else False, "not among the domains")
    status = answers.shown(found[domain(sender)])
    return Vouched(status == "verified", f"the domain is {status}")


def receipts(response: Response, batch: Batch) -> list[Receipt]:
    """Errors name the place of their message; the ids are those of the others, in their order."""
    _require_taken(response)
    told = answers.table(response)
    ids, errors = answers.rows(told.get("data")), _errors(told.get("errors"))
    if ids is None or errors is None or not _add_up(ids, errors, len(batch.delivery_ids)):
        raise Refused(Failure.AMBIGUOUS, "its results are not those of the messages")
    faults = {error["index"]: error.get("message") for error in errors}
    if len(faults) == len(batch.delivery_ids) and not any(
        map(_is_about_recipient, faults.values())
    ):
        raise Refused(Failure.REQUEST, "none of the messages is valid")
    good = iter(ids)
    return [
        _of_refused(one, faults[n]) if n in faults else _of_accepted(one, next(good))
        for n, one in enumerate(batch.delivery_ids)
    ]


def _errors(told: object) -> list[dict[str, object]] | None:
    return [] if told is None else answers.rows(told)


def _add_up(ids: Sequence[object], errors: Sequence[Mapping[str, object]], messages: int) -> bool:
    """Whether each message has either an id or an error."""
    places = [error.get("index") for error in errors]
    known = all(type(place) is int and 0 <= place < messages for place in places)
    return known and len(set(places)) == len(places) and len(ids) + len(places) == messages


def _of_accepted(delivery_id: str, result: Mapping[str, object]) -> Receipt:
    if isinstance(result.get("id"), str) and result["id"]:
        return Receipt(delivery_id, Outcome.ACCEPTED, answers.shown(result["id"]))
    return Receipt(delivery_id, Outcome.UNKNOWN, "its result has no id")


def _of_refused(delivery_id: str, words: object) -> Receipt:
    if _is_about_recipient(words):
        return Receipt(delivery_id, Outcome.REJECTED, "Resend calls it no valid address")
    return Receipt(delivery_id, Outcome.NOT_ACCEPTED, "the message is not valid")


def _is_about_recipient(words: object) -> bool:
    return "`to`" in str(words)


def _require_taken(response: Response) -> None:
    """Raise Refused unless a request was taken, by the name of its error ("Errors")."""
    told = answers.table(response)
    name = told.get("name")
    said = name if isinstance(name, str) and NAME.fullmatch(name) else "without a known error"
    if response.status == 409 and name in OF_THIS_KEY:
        raise Refused(Failure.AMBIGUOUS, said)
    if response.status == 429 and name in QUOTAS:
        raise Refused(Failure.QUOTA, said)
    if response.status == 400 and told.get("message") == "API key is invalid":
        raise Refused(Failure.AUTH, said)
    require_success(response, said)


def questions(asked: Sequence[Asked], access: Access) -> Iterator[Request]:  # noqa: ARG001  # none
    return iter(())


def evidence(responses: Sequence[Response], asked: Sequence[Asked]) -> list[Receipt]:  # noqa: ARG001
    return []
