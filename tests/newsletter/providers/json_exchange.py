"""The exchange with providers that take a mail written out for each message, in JSON."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from newsletter.http import Access, Response
from newsletter.model import Asked
from tests.newsletter.providers.exchange import Exchange, messages

NOW = datetime.now(UTC)
SECRETS = {
    "postmark": {"POSTMARK_SERVER_TOKEN": "a-secret-of-postmark"},
    "mailjet": {"MAILJET_API_KEY": "a-public-key", "MAILJET_SECRET_KEY": "a-secret-of-mailjet"},
    "resend": {"RESEND_API_KEY": "re_a_secret_of_resend"},
    "brevo": {"BREVO_API_KEY": "xkeysib-a-secret-of-brevo"},
}


@dataclass(frozen=True)
class JsonExchange(Exchange):
    @property
    def access(self) -> Access:
        options = {key: value or "" for key, value in self.file.OPTIONS.items()}
        return Access({**options, **self.options}, SECRETS[self.name], self.file.URL, NOW)


POSTMARK, MAILJET = JsonExchange("postmark"), JsonExchange("mailjet")
RESEND, BREVO = JsonExchange("resend"), JsonExchange("brevo")
ALL = [POSTMARK, MAILJET, RESEND, BREVO]


def asked(count: int, ago: timedelta = timedelta(hours=12)) -> list[Asked]:
    """As the sender asks about the first messages."""
    return [
        Asked(one.delivery_id, one.recipient, one.mail.article_id, NOW - ago)
        for one in messages(count)
    ]


def answer(status: int, told: Any, **headers: str) -> Response:
    """As a provider gives it; `retry_after` is a header's name."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, names, json.dumps(told).encode())
