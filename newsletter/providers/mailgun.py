"""Mailgun: POST /v3/DOMAIN/messages, once for many ("Batch Sending"): a form with variables.

Its Events API is asked what happened to mails for a recipient. It is on its way out for a Logs API,
whose filters are not documented; it tells of our ids, and of the article, which is the mail's tag.
"""

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from urllib.parse import quote, urlencode

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

URL = "https://api.mailgun.net"
SECRETS: Mapping[str, bool] = {"MAILGUN_API_KEY": True}
OPTIONS: Mapping[str, str | None] = {"domain": None}
MEMORY = Memory(asks=True, settle_seconds=3600.0)
"""Events may arrive late: "Event Polling" trusts those that are half an hour old."""
PUBLISHED = Published("", "mailgun.org", domain="domain")

MOST, MOST_BYTES = 1000, 25_000_000
"""Recipients ("Batch Sending"), and bytes ("Send via HTTP")."""
KEPT = timedelta(hours=23)
"""How long silence is believed: accounts that pay nothing have a day of events."""
CLOCKS = timedelta(minutes=10)
"""How much its clock may differ from ours."""
MOST_EVENTS = 300
"""In an answer; one of that many may not be all."""
OFF = ("o:tracking", "o:tracking-clicks", "o:tracking-opens")
NAMES = ("token", "delivery", "percent")
VARIABLE = re.compile(f"%(?=[^%\\s]*[%{TOKEN}{DELIVERY}])")
"""Where a text has what could be a variable, %recipient.name%, or become one: %20 before a mark."""


def limit(mail: Mail) -> int:
    size = len(urlencode(_content(mail, merging.unforeseen(mail, *NAMES))))
    return merging.room(mail, MOST, MOST_BYTES, size + 20_000, 700)


def freeze(messages: Sequence[Message], options: Mapping[str, str]) -> bytes:  # noqa: ARG001  # in the path
    """The mail with variables, and their values; a form of this kind does where no file is sent."""
    merging.require_safe(messages)
    mail = messages[0].mail
    names = merging.unforeseen(mail, *NAMES)
    fields = [
        ("from", merging.ascii_mailbox(mail.sender)),
        *(("to", one.recipient) for one in messages),
        *_content(mail, names),
        *((name, "no") for name in OFF),
        ("o:tag", mail.article_id),
        ("v:delivery", f"%recipient.{names[1]}%"),
        *_headers(mail, names),
        ("recipient-variables", _variables(messages, names)),
    ]
    return urlencode(fields).encode("ascii")


def _content(mail: Mail, names: Sequence[str]) -> list[tuple[str, str]]:
    subject = merging.one_line(mail.subject)
    texts = {"subject": subject, "text": mail.text, "html": mail.html}
    return [(name, _templated(text, names)) for name, text in texts.items()]


def _templated(text: str, names: Sequence[str]) -> str:
    """A text with variables for its marks, and one for each % that would be taken for another."""
    token, delivery, percent = (f"%recipient.{name}%" for name in names)
    return VARIABLE.sub(percent, text).replace(TOKEN, token).replace(DELIVERY, delivery)


def _headers(mail: Mail, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Named as in Mailgun's own libraries, so that Message-Id stands in the place of its own."""
    yield "h:Reply-To", merging.ascii_mailbox(mail.reply_to)
    shared, own = merging.headers(mail)
    for name, value in (shared | own).items():
        yield f"h:{name.title()}", _templated(value, names)


def _variables(messages: Sequence[Message], names: Sequence[str]) -> str:
    token, delivery, percent = names
    values = {
        one.recipient: {token: one.token, delivery: one.delivery_id, percent: "%"}
        for one in messages
    }
    return json.dumps(values, separators=(",", ":"))


def request(batch: Batch, access: Access) -> Request:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    return Request("POST", _path(access, "messages"), batch.payload, _credentials(access) | form)


def _path(access: Access, what: str) -> str:
    return f"/v3/{quote(access.options['domain'], safe='')}/{what}"


def _credentials(access: Access) -> dict[str, str]:
    pair = f"api:{access.secrets['MAILGUN_API_KEY']}".encode()
    return {"Authorization": f"Basic {b64encode(pair).decode('ascii')}"}


def probe(access: Access, sender: str) -> Request:  # noqa: ARG001  # of any sender
    """By the details of the domain ("Get domain details")."""
    path = f"/v4/domains/{quote(access.options['domain'], safe='')}"
    return Request("GET", path, headers=_credentials(access))


def vouched(response: Response, access: Access, sender: str) -> Vouched:  # noqa: ARG001
    if response.status == 404:
        return Vouched(False, f"{access.options['domain']} is not among its domains")
    require_success(response)
    told = answers.table(response)
    about, records = told.get("domain"), answers.rows(told.get("sending_dns_records")) or ()
    state = answers.shown(about.get("state")) if isinstance(about, dict) else ""
    keys = (re.match(r"([\w.-]{1,100})\._domainkey\.", str(one.get("name"))) for one in records)
    selectors = tuple(key[1] for key in keys if key)
    return Vouched(state == "active", f"the domain is {state}", selectors)


def receipts(response: Response, batch: Batch) -> list[Receipt]:
    """One id for all, which are accepted or refused together."""
    told = answers.table(response)
    if response.status == 200 and isinstance(told.get("id"), str):
        said = answers.shown(told["id"])
        return [Receipt(one, Outcome.ACCEPTED, said) for one in batch.delivery_ids]
    if _is_bad_address(response.status, told) and len(batch.delivery_ids) == 1:
        said = "Mailgun calls it no valid address"
        return [Receipt(batch.delivery_ids[0], Outcome.REJECTED, said)]
    raise _refusal(response, told)


def _is_bad_address(status: int, told: Mapping[str, object]) -> bool:
    """Which of many it is, isn't said."""
    said = str(told.get("message"))
    return status == 400 and bool(re.match(r"'?to'? parameter is not a valid address", said))


def _refusal(response: Response, told: Mapping[str, object]) -> Refused:
    """What a refusal means. Its text is not quoted: it may repeat what was sent.

    420 is its own: an account that is new or in disgrace has so many recipients an hour.
    """
    said = str(told.get("message"))
    if response.status in (420, 429):
        is_quota = "recipient limit exceeded" in said
        failure = Failure.QUOTA if is_quota else Failure.THROTTLED
        return Refused(failure, f"status {response.status}", _wait(response, said))
    why = "an address in `to` is not valid" if _is_bad_address(response.status, told) else ""
    try:
        require_success(response, why)
    except Refused as refused:
        return refused
    return Refused(Failure.AMBIGUOUS, f"status {response.status}, without an id")


def _wait(response: Response, said: str) -> float | None:
    """Until when, as it says: "try again after 120 seconds", or after a date."""
    asked = wait_asked(response)
    after = re.search(r"try again after (?:(\d{1,5}) seconds|(.{1,60}))", said)
    if asked is not None or not after:
        return asked
    return float(after[1]) if after[1] else answers.until(after[2].strip())


def questions(asked: Sequence[Asked], access: Access) -> Iterator[Request]:
    """Of each delivery what happened to mails for its recipient, since it was handed over."""
    for one in _askable(asked):
        if access.now - one.at > KEPT:
            return
        query = urlencode(
            {
                "recipient": f'"{one.recipient}"',
                "begin": int((one.at - CLOCKS).timestamp()),
                "ascending": "yes",
                "limit": MOST_EVENTS,
            }
        )
        path = _path(access, f"events?{query}")
        yield Request("GET", path, headers=_credentials(access))


def _askable(asked: Sequence[Asked]) -> list[Asked]:
    """Those that a query can name."""
    return answers.newest_first(one for one in asked if ADDRESS.fullmatch(one.recipient))


def evidence(responses: Sequence[Response], asked: Sequence[Asked]) -> list[Receipt]:
    return answers.of_each(_askable(asked), responses, _told)


def _told(asked: Asked, response: Response) -> Receipt | None:
    """What an answer says. Whether filters tell capitals apart is not said, so nor is a "no"."""
    events = answers.rows(answers.table(response).get("items"))
    if response.status != 200 or events is None:
        return None
    if any(_is_of(event, asked) for event in events):
        return Receipt(asked.delivery_id, Outcome.ACCEPTED, "among its events")
    if len(events) >= MOST_EVENTS or asked.recipient != asked.recipient.lower():
        return None
    return Receipt(asked.delivery_id, Outcome.NOT_ACCEPTED, "not among its events")


def _is_of(event: Mapping[str, object], asked: Asked) -> bool:
    """Whether an event is of a delivery: by our id, or by its tag where it shows no id of ours."""
    variables, tags = event.get("user-variables"), event.get("tags")
    ours = variables.get("delivery") if isinstance(variables, dict) else None
    if isinstance(ours, str) and "%" not in ours:
        return ours == asked.delivery_id
    is_theirs = str(event.get("recipient")).lower() == asked.recipient.lower()
    tagged = [str(tag).lower() for tag in tags] if isinstance(tags, list) else []
    return is_theirs and asked.article_id.lower() in tagged
