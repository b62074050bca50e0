"""From messages to a provider's dialect and back again, by its file alone: without a network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import cast
from urllib.parse import parse_qs, urlsplit

from newsletter.http import Access, Request, Response
from newsletter.model import DELIVERY, TOKEN, Asked, Batch, Mail, Message, Receipt
from newsletter.providers import HttpProvider
from tests.newsletter.emulator import Accepted, Asking, Dialect, Reply, Sending

NOW = datetime(2026, 9, 14, 12, 30, tzinfo=UTC)
SECRETS = {
    "sendgrid": {"SENDGRID_API_KEY": "SG.a-secret.of-theirs"},
    "mailgun": {"MAILGUN_API_KEY": "key-a-secret-of-theirs"},
    "postmark": {"POSTMARK_SERVER_TOKEN": "a-token-of-theirs"},
    "resend": {"RESEND_API_KEY": "re_a_secret_of_theirs"},
    "ses": {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "a/secret+of/theirs",
        "AWS_SESSION_TOKEN": "a//session==",
    },
}
OPTIONS: Mapping[str, dict[str, str]] = {
    "mailgun": {"domain": "news.example.org"},
    "postmark": {"stream": "broadcast"},
    "ses": {"region": "eu-west-1", "configuration-set": ""},
}
MAIL = Mail(
    "an-article",
    "A Series <news@example.org>",
    "An Author <me@example.org>",
    "On “ownership”",
    f"Read it.\nLeave: https://example.org/u/{TOKEN}\n",
    f'<p>Read it.</p><a href="https://example.org/u/{TOKEN}?d={DELIVERY}">Leave</a>',
    {
        "Message-ID": f"<{DELIVERY}.an-article@example.org>",
        "List-Id": "<series.example.org>",
        "List-Unsubscribe": f"<https://example.org/u/{TOKEN}>, <mailto:a@b.c?subject=%20{TOKEN}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    },
)  # fmt: skip


def messages(count: int, mail: Mail = MAIL) -> list[Message]:
    return [
        Message(mail, f"{n:024x}", f"reader.{n}@example.net", f"tok-{n}_x", NOW.isoformat())
        for n in range(count)
    ]


def asked(count: int, ago: timedelta = timedelta(hours=12)) -> list[Asked]:
    """As the sender asks about the first messages, with the time that is NOW."""
    return [
        Asked(one.delivery_id, one.recipient, one.mail.article_id, NOW - ago)
        for one in messages(count)
    ]


@dataclass(frozen=True)
class Exchange:
    """Both sides of a provider: its file of ours, and the dialect of its emulator."""

    name: str
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def file(self) -> HttpProvider:
        return cast("HttpProvider", import_module(f"newsletter.providers.{self.name}"))

    @property
    def dialect(self) -> Dialect:
        return cast("Dialect", import_module(f"tests.newsletter.emulator.dialects.{self.name}"))

    @property
    def access(self) -> Access:
        options = {**OPTIONS.get(self.name, {}), **self.options}
        base = self.file.URL.format(**options)
        return Access(options, SECRETS[self.name], base, NOW)

    def batch(self, given: Sequence[Message]) -> Batch:
        payload = self.file.freeze(given, self.access.options)
        ids = tuple(one.delivery_id for one in given)
        return Batch(id=1, announced=1, key="a-key", payload=payload, fence=1, delivery_ids=ids)

    def request(self, given: Sequence[Message]) -> Request:
        return self.file.request(self.batch(given), self.access)

    def asking(self, request: Request) -> Asking:
        """A request as its server sees it."""
        url = urlsplit(self.access.base + request.path)
        headers = {name.lower(): value for name, value in request.headers.items()}
        query = parse_qs(url.query)
        return Asking(request.method, url.path, query, headers | {"host": url.netloc}, request.body)

    def sending(self, given: Sequence[Message]) -> Sending:
        """What the provider makes of messages."""
        understood = self.dialect.sending(self.asking(self.request(given)))
        assert understood
        return understood

    def receipts(self, reply: Reply | Response, count: int = 3) -> list[Receipt]:
        return self.file.receipts(as_response(reply), self.batch(messages(count)))

    def look_up(self, given: Sequence[Asked], accepted: Sequence[Accepted]) -> list[Receipt]:
        replies = [
            self.dialect.found(self.asking(one), accepted)
            for one in self.file.questions(given, self.access)
        ]
        return self.file.evidence([as_response(one or Reply(404)) for one in replies], given)

    def accepted(self, count: int, at: datetime) -> list[Accepted]:
        """The first messages, as the provider's log has them."""
        taken = self.sending(messages(count)).messages
        return [Accepted(one, f"id-{n}", at.timestamp()) for n, one in enumerate(taken)]


def as_response(reply: Reply | Response) -> Response:
    headers = {name.lower(): value for name, value in reply.headers.items()}
    return Response(reply.status, headers, reply.body)
