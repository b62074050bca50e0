"""The app as its users meet it: requests, and the mails that come of them, in a real ledger."""

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import partial
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from newsletter import arriving
from newsletter.arriving import Limits
from newsletter.compose import composer
from newsletter.connecting import connect
from newsletter.corresponding import Correspondent
from newsletter.web import app, serving
from newsletter.web.desk import Desk
from tests.newsletter import ledgers
from tests.newsletter.conftest import Told

APP = "https://news.example.org"
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEXT = {"Accept": "application/json"}


@dataclass
class Clock:
    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def later(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class People:
    """Whoever comes to the app."""

    series: Told
    desk: Desk
    clock: Clock
    flask: Flask
    seen: set[str] = field(default_factory=set)
    limits: Limits = field(default_factory=Limits)

    @property
    def client(self) -> Client:
        return self.flask.test_client()

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path.removeprefix(APP), base_url=APP, **options)

    def post(self, path: str, data: Any = None, **options: Any) -> TestResponse:
        return self.client.post(path.removeprefix(APP), base_url=APP, data=data or {}, **options)

    def ask(self, email: str, path: str = "/subscribe", **fields: str) -> TestResponse:
        return self.post(path, {"email": email, **fields})

    def letters(self) -> list[EmailMessage]:
        """Decide and send all that waits; the mails that came of it."""
        desk = self.desk
        while desk.writer.do(partial(arriving.decide, limits=self.limits, now=desk.now())).count:
            pass
        provider = connect("outbox", self.series.place)
        composed = composer(self.series.root, desk.config, desk.published.now())
        sender = Correspondent(desk.writer, provider, composed, self.clock)
        while sender.send():
            pass
        mails = [mail for mail in self.series.mails() if mail["Message-ID"].startswith("<note")]
        new = [mail for mail in mails if mail["Message-ID"] not in self.seen]
        self.seen |= {mail["Message-ID"] for mail in new}
        return new

    def letter(self) -> EmailMessage:
        [mail] = self.letters()
        return mail

    def join(self, email: str) -> None:
        """All the way: ask, get the mail, open its link, press the button."""
        self.ask(email)
        assert self.post(link(self.letter(), "confirm")).status_code == 200
        self.letters()

    def rows(self) -> dict[str, Any]:
        return dict(ledgers.everything(self.desk.database))

    def standing(self, email: str) -> str:
        found = [one for one in self.rows()["subscriber"] if one["mailbox"] == email.lower()]
        return str(found[0]["standing"]) if found else "nobody"

    def enter(self, email: str) -> str:
        """Be let in, and the session of the page."""
        self.ask(email, "/preferences")
        page = self.post(link(self.letter(), "settings"))
        assert page.status_code == 200
        return session(page)

    def act(self, given: str, action: str, **fields: Any) -> TestResponse:
        return self.post("/settings", {"session": given, "action": action, **fields})


def session(page: TestResponse) -> str:
    found = re.search(r'name="session" value="([^"]+)"', page.text)
    assert found
    return found[1]


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body((kind,))
    assert part
    return str(part.get_content())


def link(mail: EmailMessage, kind: str) -> str:
    """The link of a mail that leads to a page of ours."""
    [found] = set(re.findall(rf"{APP}/{kind}/[A-Za-z0-9_-]+", text_of(mail)))
    return str(found)


def app_of(series: Told, clock: Clock) -> People:
    toml = series.root / "series.toml"
    toml.write_text(f'{toml.read_text()}app-url = "{APP}"\n')
    desk = replace(serving.desk(series.place, series.database), clock=clock)
    return People(series, desk, clock, app.make(desk))


@pytest.fixture
def people(series: Told) -> People:
    return app_of(series, Clock())


@pytest.fixture
def few(embedded: Told) -> People:
    """The same with SQLite alone, for what no engine makes another."""
    return app_of(embedded, Clock())
