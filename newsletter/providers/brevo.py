"""Brevo: POST /v3/smtp/email, with a version for each message ("Batch send customised emails").

It takes whatever addresses look valid, and tells of the others in events: those are asked for what
it was handed. Tracking is a setting of the account, and can't be switched off for a request.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, uuid5

from newsletter import answers, merging
from newsletter.http import Access, Refused, Request, Response, require_success, wait_asked
from newsletter.mime import MARK
from newsletter.model import Asked, Batch, Failure, Mail, Memory, Message, Outcome, Receipt
from newsletter.vouching import Published, Vouched, domain

URL = "https://api.brevo.com"
SECRETS: Mapping[str, bool] = {"BREVO_API_KEY": True}
OPTIONS: Mapping[str, str | None] = {}
MEMORY = Memory(key_seconds=0.8 * 15 * 60, asks=True, settle_seconds=1800.0)
"""Keys live for 15 minutes, says its changelog; for 30, says the page on batches."""
PUBLISHED = Published(selectors=("brevo1", "brevo2", "mail"))

MOST, MOST_BYTES = 1000, 8_000_000
"""Versions ("Batch send customised emails"), and bytes, of which no number is given."""
SET_BY_IT = ("message-id",)
OURS = "X-Mailin-custom"
"""The header whose value its webhooks repeat."""
OPENING = re.compile(r"\{(?=[{%#])")
"""Where an expression of its template language begins."""
SPECIAL = re.compile(r'["(),:;<>@\[\\\]]')
"""What it gets wrong in a name beside letters that are not ASCII, as django-anymail found."""

LONGEST = timedelta(days=88)
"""How far back events are asked for: 90 days are the most, and a day is added at both ends."""
MOST_EVENTS = 5000

CODE = re.compile(r"[a-z_]{1,40}")
"""Of an error. Its texts are not quoted: they may repeat what was sent."""
FAILURES = {
    "account_under_validation": Failure.AUTH,
    "permission_denied": Failure.AUTH,
    "unauthorized": Failure.AUTH,
    "not_enough_credits": Failure.QUOTA,
    "duplicate_parameter": Failure.AMBIGUOUS,
    "duplicate_request": Failure.AMBIGUOUS,
}
"""What a code means, where the status doesn't say it. With a duplicate, the key was there before;
what became of it then, this doesn't say.
"""
ABOUT_RECIPIENT = re.compile(r"not valid in to\b")


def limit(mail: Mail) -> int:
    texts = [_literal_text(mail.text), _literal_html(mail.html), _literal_text(mail.subject)]
    size = len(json.dumps(texts, ensure_ascii=False).encode())
    return merging.room(mail, MOST, MOST_BYTES, size + 50_000, size + 2_000)


def freeze(messages: Sequence[Message], options: Mapping[str, str]) -> bytes:  # noqa: ARG001  # none
    """The texts stand at the top as well, since Brevo requires them there.

    Raises ValueError for what no header may have.
    """
    merging.require_safe(messages)
    mail = messages[0].mail
    common, own = merging.headers(mail, SET_BY_IT)
    mail = replace(
        mail,
        subject=_literal_text(merging.one_line(mail.subject)),
        text=_literal_text(mail.text),
        html=_literal_html(mail.html),
        headers=common | own,
    )
    body = {
        "sender": _address(mail.sender),
        "replyTo": _address(mail.reply_to),
        "subject": MARK.sub("", mail.subject),
        "textContent": MARK.sub("", mail.text),
        "htmlContent": MARK.sub("", mail.html),
        "tags": sorted({_tag(mail.article_id, one.delivery_id) for one in messages}),
        "messageVersions": [_version(mail, one) for one in messages],
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _literal_text(text: str) -> str:
    """A text in which nothing begins an expression: an invisible word joiner is between."""
    return OPENING.sub("{\u2060", text)


def _literal_html(html: str) -> str:
    return OPENING.sub("&#123;", html)


def _address(value: str) -> dict[str, str]:
    name, address = merging.mailbox(value)
    plain = name if name.isascii() else " ".join(SPECIAL.sub(" ", name).split())
    return {"email": address, "name": plain} if plain else {"email": address}


def _tag(article_id: str, delivery_id: str) -> str:
    """Of an announcement: its deliveries' ids begin alike. Events have one tag, and no id of ours.

    Tags are for all versions of a request, so that none can stand for one delivery.
    """
    return f"{article_id}.{delivery_id[:12]}"


def _version(mail: Mail, message: Message) -> dict[str, object]:
    own = {name: message.personal(value) for name, value in mail.headers.items()}
    return {
        "to": [{"email": message.recipient}],
        "subject": message.personal(mail.subject),
        "textContent": message.personal(mail.text),
        "htmlContent": message.personal(mail.html),
        "headers": {**own, OURS: message.delivery_id},
    }


def request(batch: Batch, access: Access) -> Request:
    """With a UUID as its key, as a header in the body: "Batch send customised emails"."""
    key = uuid5(NAMESPACE_URL, batch.key)
    body = b'{"headers":{"idempotencyKey":"%s"},' % str(key).encode() + batch.payload[1:]
    headers = {**_credentials(access), "Content-Type": "application/json"}
    return Request("POST", "/v3/smtp/email", body, headers)


def _credentials(access: Access) -> dict[str, str]:
    return {"api-key": access.secrets["BREVO_API_KEY"], "Accept": "application/json"}


def probe(access: Access, sender: str) -> Request:
    return Request("GET", f"/v3/senders/domains/{domain(sender)}", headers=_credentials(access))


def vouched(response: Response, access: Access, sender: str) -> Vouched:  # noqa: ARG001
    """By the domain's configuration: of one that is not authenticated, its own takes the place."""
    if response.status == 404:
        return Vouched(False, "the domain is not among its domains")
    require_success(response)
    return Vouched(answers.table(response).get("authenticated") is True, "by its domain")


def receipts(response: Response, batch: Batch) -> list[Receipt]:
    """By the ids, in the order of the versions; a request is taken or refused as a whole."""
    if _is_about_the_only_recipient(response, batch):
        return [Receipt(batch.delivery_ids[0], Outcome.REJECTED, "Brevo calls it no valid address")]
    _require_taken(response)
    ids = _ids(answers.table(response))
    if len(ids) != len(batch.delivery_ids):
        raise Refused(Failure.AMBIGUOUS, "its results are not those of the messages")
    return [_receipt(*pair) for pair in zip(batch.delivery_ids, ids, strict=True)]


def _is_about_the_only_recipient(response: Response, batch: Batch) -> bool:
    told = answers.table(response)
    words = str(told.get("message"))
    return (
        response.status == 400
        and told.get("code") == "invalid_parameter"
        and len(batch.delivery_ids) == 1
        and ABOUT_RECIPIENT.search(words) is not None
    )


def _require_taken(response: Response) -> None:
    """Raise Refused unless a request was taken, by the code of its error ("Error codes")."""
    code = answers.table(response).get("code")
    said = code if isinstance(code, str) and CODE.fullmatch(code) else "without a known error"
    if response.status == 429:
        raise Refused(Failure.THROTTLED, said, _wait(response))
    if 400 <= response.status < 500 and said in FAILURES:
        raise Refused(FAILURES[said], said)
    if response.status == 402:
        raise Refused(Failure.QUOTA, said)
    require_success(response, said)


def _wait(response: Response) -> float | None:
    """Seconds until its limit is reset ("Rate limits")."""
    reset = response.headers.get("x-sib-ratelimit-reset", "")
    if reset.isascii() and reset.isdigit() and len(reset) < 6:
        return float(reset)
    return wait_asked(response)


def _ids(told: Mapping[str, object]) -> list[object]:
    ids = told.get("messageIds", [told["messageId"]] if "messageId" in told else None)
    return ids if isinstance(ids, list) else []


def _receipt(delivery_id: str, said: object) -> Receipt:
    if shown := answers.shown(said):
        return Receipt(delivery_id, Outcome.ACCEPTED, shown)
    return Receipt(delivery_id, Outcome.UNKNOWN, "its result is no id")


def questions(asked: Sequence[Asked], access: Access) -> Iterator[Request]:
    """Of each announcement what was taken lately: "Get all your transactional email activity"."""
    for tag, since in sorted(_announcements(asked, access.now).items()):
        query = {
            "event": "requests",
            "tags": json.dumps([tag]),
            "days": (access.now - since).days + 2,
            "sort": "desc",
            "limit": MOST_EVENTS,
        }
        path = f"/v3/smtp/statistics/events?{urlencode(query)}"
        yield Request("GET", path, headers=_credentials(access))


def _announcements(asked: Sequence[Asked], now: datetime) -> dict[str, datetime]:
    """The tag of each -> the oldest attempt, but for what is too old to be asked about."""
    since: dict[str, datetime] = {}
    for one in asked:
        if now - one.at <= LONGEST:
            tag = _tag(one.article_id, one.delivery_id)
            since[tag] = min(one.at, since.get(tag, one.at))
    return since


def evidence(responses: Sequence[Response], asked: Sequence[Asked]) -> list[Receipt]:
    """Of what is found. Silence proves nothing: an account may keep no log, or a shorter one."""
    taken = {
        (tag, event.get("email", "").lower()): answers.shown(event.get("messageId"))
        for response in responses
        for event in _events(response)
        for tag in _tags(event.get("tag"))
    }
    return [
        Receipt(one.delivery_id, Outcome.ACCEPTED, taken[place])
        for one in asked
        if (place := (_tag(one.article_id, one.delivery_id), one.recipient.lower())) in taken
    ]


def _events(response: Response) -> list[dict[str, str]]:
    """Those of messages that were taken, as far as they tell of whom they were for."""
    events = answers.rows(answers.table(response).get("events")) or []
    return [
        event
        for event in events
        if response.status == 200
        and event.get("event") == "requests"
        and isinstance(event.get("email"), str)
    ]


def _tags(told: object) -> list[str]:
    """Of an event: one as it is, or more as a JSON list."""
    return re.findall(r'[^\s",\[\]]+', told) if isinstance(told, str) else []
