"""Providers tell the app: over HTTP, it is what it is without."""

from datetime import datetime

import pytest
from sqlalchemy import select

from newsletter import webhooks
from newsletter.hooks import MOST_BYTES
from newsletter.model import Fate
from newsletter.store.schema import delivery
from newsletter.web import app, guard
from newsletter.webhooks import Incoming
from tests.newsletter import ledgers, tellers
from tests.newsletter.conftest import Told
from tests.newsletter.ledgers import forgetful
from tests.newsletter.tellers import teller
from tests.newsletter.web.conftest import People

OVER_HTTP = [name for name in webhooks.names() if name != "ses"]  # which would ask Amazon


def told_one(series: Told) -> str:
    series.subscribe("ada")
    ledgers.send(series, forgetful(), "newest")
    with series.database.transaction() as connection:
        return str(connection.execute(select(delivery.c.id)).scalar_one())


def request(name: str, one: str, fate: Fate, at: datetime, number: int = 0) -> Incoming:
    made = teller(name)
    return made.request(made.body([made.event(fate, one, 1)]), number, at)


@pytest.fixture
def told(few: People, monkeypatch: pytest.MonkeyPatch) -> People:
    """The app, where the environment has each secret."""
    for name in webhooks.names():
        variable = (
            f"{name.upper()}_WEBHOOK_{'KEY' if name in ('mailgun', 'sendgrid') else 'SECRET'}"
        )
        monkeypatch.setenv("SES_TOPIC_ARN" if name == "ses" else variable, teller(name).secret(0))
    few.flask = app.make(few.desk)
    return few


def post(people: People, name: str, incoming: Incoming) -> int:
    headers = dict(incoming.headers)
    return people.post(f"/webhooks/{name}", incoming.body, headers=headers).status_code


@pytest.mark.parametrize("name", OVER_HTTP)
def test_what_a_provider_tells_arrives(told: People, name: str) -> None:
    one = told_one(told.series)
    assert post(told, name, request(name, one, Fate.BOUNCED, told.clock.at)) == 200
    assert told.series.states() == {"bounced": 1}


@pytest.mark.parametrize("name", tellers.names())
def test_what_somebody_else_tells_changes_no_row(told: People, name: str) -> None:
    one = told_one(told.series)
    before = told.rows()
    for number in (1, 2):
        forged = request(name, one, Fate.COMPLAINED, told.clock.at, number)
        assert post(told, name, forged) == 401
    good = request(name, one, Fate.COMPLAINED, told.clock.at)
    assert told.get(f"/webhooks/{name}", headers=dict(good.headers)).status_code == 405
    assert post(told, "nobody", good) == post(told, "", good) == 404
    large = Incoming(good.headers, good.body + b" " * MOST_BYTES)
    assert post(told, name, large) in (400, 413)
    assert told.rows() == before


def test_without_secrets_there_is_nothing(few: People) -> None:
    one = told_one(few.series)
    for name in webhooks.names():
        assert post(few, name, request(name, one, Fate.BOUNCED, few.clock.at)) == 404


def test_many_events_at_once_are_no_form_that_is_too_large(told: People) -> None:
    one, made = told_one(told.series), teller("sendgrid")
    events = [made.event(Fate.OTHER, one, number) for number in range(500)]
    incoming = made.request(made.body(events), 0, told.clock.at)
    assert guard.LARGEST_FORM < len(incoming.body) < guard.LARGEST == MOST_BYTES
    assert post(told, "sendgrid", incoming) == 200
    assert len(told.rows()["event"]) == 500
