"""SendGrid: POST /v3/mail/send with a personalization for each message.

Its Email Logs API is asked what it knows of a delivery, by its recipient and its article, which is
the mail's category: it can't be asked for our ids. It spells addresses in ways of its own, perhaps.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, timedelta

from newsletter import answers, merging
from newsletter.http import Access, Refused, Request, Response, require_success, wait_asked
from newsletter.mime import ADDRESS
from newsletter.model import (
    DELIVERY,
    TOKEN,
    Asked,
    Batch,
    Failure,
    Mail,
    Memory,
    Message,
    Outcome,
    Receipt,
)
from newsletter.vouching import Published, Vouched

URL = "https://api.sendgrid.com"
SECRETS: Mapping[str, bool] = {"SENDGRID_API_KEY": True}
OPTIONS: Mapping[str, str | None] = {}
MEMORY = Memory(asks=True, settle_seconds=6 * 3600.0)
"""Its log tells of what has been processed, "in near real time"; a queue may take hours."""

PUBLISHED = Published(selectors=("s1", "s2"))

MOST, MOST_BYTES = 1000, 20_000_000
"""Personalizations ("Mail Send errors"); of bytes, "Limitations" allows 30 MB for one mail."""
KEPT = timedelta(days=29)
"""How long silence is believed: "Email Logs" keeps 30 days."""
CLOCKS = timedelta(minutes=10)
"""How much its clock may differ from ours."""
OFF = {"enable": False}
TRACKING = {
    "click_tracking": {"enable": False, "enable_text": False},
    "open_tracking": OFF,
    "subscription_tracking": OFF,
    "ganalytics": OFF,
}
BAD_ADDRESS = re.compile(r"personalizations\.(\d{1,4})\.to(?:\.0(?:\.email)?)?")
ARTICLE = re.compile(r"[A-Za-z0-9._~-]+")
FIELD = re.compile(r"[a-z_]{1,40}(?:\.[a-z_0-9]{1,40}){0,5}")


def limit(mail: Mail) -> int:
    size = len(_dump([mail.text, mail.html, mail.subject]))
    return merging.room(mail, MOST, MOST_BYTES, size + 5_000, 700)


def freeze(messages: Sequence[Message], options: Mapping[str, str]) -> bytes:  # noqa: ARG001  # none
    """The mail with tags, and what stands for them; see "Mail Send" and "Substitution Tags"."""
    merging.require_safe(messages)
    mail = messages[0].mail
    tags = [f"-{name}-" for name in merging.unforeseen(mail, "token", "delivery")]
    shared, own = merging.headers(mail)
    body = {
        "from": _address(mail.sender),
        "reply_to": _address(mail.reply_to),
        "subject": _tagged(merging.one_line(mail.subject), tags),
        "content": [
            {"type": "text/plain", "value": _tagged(mail.text, tags)},
            {"type": "text/html", "value": _tagged(mail.html, tags)},
        ],
        "headers": shared,
        "categories": [mail.article_id],
        "tracking_settings": TRACKING,
        "personalizations": [_personalization(one, own, tags) for one in messages],
    }
    return _dump(body)


def _dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _address(value: str) -> dict[str, str]:
    name, address = merging.mailbox(value)
    return {"email": address, "name": name} if name else {"email": address}


def _tagged(text: str, tags: Sequence[str]) -> str:
    return text.replace(TOKEN, tags[0]).replace(DELIVERY, tags[1])


def _personalization(
    message: Message, own: Mapping[str, str], tags: Sequence[str]
) -> dict[str, object]:
    """Tags are replaced in subject and content alone, so headers are written out."""
    return {
        "to": [{"email": message.recipient}],
        "headers": {name: message.personal(value) for name, value in own.items()},
        "substitutions": dict(zip(tags, (message.token, message.delivery_id), strict=True)),
        "custom_args": {"delivery": message.delivery_id},
    }


def request(batch: Batch, access: Access) -> Request:
    return Request("POST", "/v3/mail/send", batch.payload, _headers(access))


def _headers(access: Access) -> dict[str, str]:
    key = access.secrets["SENDGRID_API_KEY"]
    return {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}


def probe(access: Access, sender: str) -> Request:  # noqa: ARG001  # of any sender
    headers = {"Authorization": f"Bearer {access.secrets['SENDGRID_API_KEY']}"}
    return Request("GET", "/v3/scopes", headers=headers)


def vouched(response: Response, access: Access, sender: str) -> Vouched:  # noqa: ARG001
    """By what its key may do ("API Key Permissions"); few keys may ask for domains."""
    require_success(response)
    scopes = answers.table(response).get("scopes")
    if not isinstance(scopes, list) or "mail.send" not in scopes:
        raise Refused(Failure.AUTH, "the key lacks the scope mail.send")
    return Vouched(None, "a key that may send need not see that: see Sender Authentication")


def receipts(response: Response, batch: Batch) -> list[Receipt]:
    """202 accepts all. An address that it calls none refuses all, but only that one for good."""
    if response.status == 202:
        said = answers.shown(response.headers.get("x-message-id"))
        return [Receipt(one, Outcome.ACCEPTED, said) for one in batch.delivery_ids]
    errors = answers.rows(answers.table(response).get("errors")) or []
    bad = {place for place in map(_bad_address, errors) if place is not None}
    if response.status == 400 and _are_some(bad, len(errors), len(batch.delivery_ids)):
        return [_of_refused(one, n in bad) for n, one in enumerate(batch.delivery_ids)]
    raise _refusal(response, errors)


def _bad_address(error: Mapping[str, object]) -> int | None:
    """The place of the personalization whose address an error calls none."""
    place = BAD_ADDRESS.fullmatch(str(error.get("field")))
    is_it = re.search(r"\bvalid (?:email )?address", str(error.get("message")))
    return int(place[1]) if place and is_it else None


def _are_some(bad: set[int], errors: int, messages: int) -> bool:
    """Whether nothing but addresses is wrong. If all of many are, then it is our request."""
    known = bool(bad) and len(bad) == errors and max(bad) < messages
    return known and (len(bad) < messages or messages == 1)


def _of_refused(delivery_id: str, is_bad: bool) -> Receipt:
    if is_bad:
        return Receipt(delivery_id, Outcome.REJECTED, "SendGrid calls it no valid address")
    return Receipt(delivery_id, Outcome.NOT_ACCEPTED, "refused for another one's address")


def _refusal(response: Response, errors: Sequence[Mapping[str, object]]) -> Refused:
    """What a refusal means. Its texts are not quoted: they may repeat what was sent."""
    said = " ".join(str(one.get("message")) for one in errors).lower()
    fields = [str(one.get("field")) for one in errors]
    about = ", ".join(field for field in fields if FIELD.fullmatch(field))[:200]
    if response.status in (401, 403, 429) and "credits exceeded" in said:
        return Refused(Failure.QUOTA, f"status {response.status}: no credits are left")
    if response.status == 403 and "sender identity" in said:
        return Refused(Failure.AUTH, "status 403: the sender is no verified identity")
    if response.status == 429:
        return Refused(Failure.THROTTLED, "status 429", _wait(response))
    try:
        require_success(response, about and f"about {about}")
    except Refused as refused:
        return refused
    return Refused(Failure.AMBIGUOUS, f"status {response.status}, where it should be 202")


def _wait(response: Response) -> float | None:
    """ "Rate Limits": X-RateLimit-Reset is when the period ends, in seconds since 1970."""
    asked = wait_asked(response)
    return answers.until(response.headers.get("x-ratelimit-reset", "")) if asked is None else asked


def questions(asked: Sequence[Asked], access: Access) -> Iterator[Request]:
    """Of each delivery whether there is a mail of its article to its recipient, since then."""
    for one in _askable(asked):
        if access.now - one.at > KEPT:
            return
        since = (one.at - CLOCKS).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        query = (
            f"to_email = \"{one.recipient}\" AND categories IN ('{one.article_id}')"
            f' AND sg_message_id_created_at >= TIMESTAMP "{since}"'
        )
        body = json.dumps({"query": query, "limit": 10}).encode()
        yield Request("POST", "/v3/logs", body, _headers(access))


def _askable(asked: Sequence[Asked]) -> list[Asked]:
    """Those that a query can name."""
    return answers.newest_first(one for one in asked if _is_nameable(one))


def _is_nameable(asked: Asked) -> bool:
    return bool(ADDRESS.fullmatch(asked.recipient) and ARTICLE.fullmatch(asked.article_id))


def evidence(responses: Sequence[Response], asked: Sequence[Asked]) -> list[Receipt]:
    return answers.of_each(_askable(asked), responses, _told)


def _told(asked: Asked, response: Response) -> Receipt | None:
    """What an answer says. Queries tell capitals apart, so nothing says nothing of those."""
    messages = answers.rows(answers.table(response).get("messages"))
    if response.status != 200 or messages is None:
        return None
    for message in messages:
        if str(message.get("to_email")).lower() == asked.recipient.lower():
            said = answers.shown(message.get("sg_message_id"))
            return Receipt(asked.delivery_id, Outcome.ACCEPTED, said)
    if messages or asked.recipient != asked.recipient.lower():
        return None
    return Receipt(asked.delivery_id, Outcome.NOT_ACCEPTED, "not in its log")
