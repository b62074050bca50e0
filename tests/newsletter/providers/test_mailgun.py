"""What is peculiar to Mailgun: its form and variables, that it answers for all, its events."""

import json
from base64 import b64decode
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl

import pytest

from newsletter.http import Refused, Response
from newsletter.model import Failure, Outcome
from newsletter.providers import mailgun
from tests.newsletter.emulator import Asking, Wrong
from tests.newsletter.providers.exchange import MAIL, NOW, Exchange, asked, messages

EXCHANGE = Exchange("mailgun")
INVALID = "to parameter is not a valid address. please check documentation"


def said(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    return Response(status, headers or {}, json.dumps({"message": message}).encode())


def test_its_request_is_a_form_with_variables_for_each() -> None:
    request = EXCHANGE.request(messages(2))
    assert (request.method, request.path) == ("POST", "/v3/news.example.org/messages")
    kind, credentials = request.headers["Authorization"].split()
    assert (kind, b64decode(credentials)) == ("Basic", b"api:key-a-secret-of-theirs")
    form = parse_qsl(request.body.decode(), strict_parsing=True)
    assert [value for name, value in form if name == "to"] == [m.recipient for m in messages(2)]
    fields = dict(form)
    assert len(form) == len(fields) + 1
    assert fields["from"] == MAIL.sender
    assert fields["h:Reply-To"] == MAIL.reply_to
    assert fields["o:tag"] == "an-article"
    own = json.loads(fields["recipient-variables"])["reader.1@example.net"]
    [token, delivery, percent] = own
    assert own == {token: "tok-1_x", delivery: f"{1:024x}", percent: "%"}
    assert fields["v:delivery"] == f"%recipient.{delivery}%"
    assert fields["h:Message-Id"] == f"<%recipient.{delivery}%.an-article@example.org>"
    assert f"https://example.org/u/%recipient.{token}%" in fields["html"]


def test_nothing_is_tracked() -> None:
    form = dict(parse_qsl(EXCHANGE.request(messages(1)).body.decode()))
    assert {form[f"o:tracking{what}"] for what in ("", "-clicks", "-opens")} == {"no"}


@pytest.mark.parametrize("domain", ["../../v4/domains", "a/b?c=d#e"])
def test_a_domain_stays_one_part_of_the_path(domain: str) -> None:
    exchange = Exchange("mailgun", {"domain": domain})
    path = exchange.request(messages(1)).path
    assert path.count("/") == 3
    assert not {"?", "#"} & set(path)


def test_it_can_be_in_the_eu() -> None:
    access = replace(EXCHANGE.access, base="https://api.eu.mailgun.net")
    assert mailgun.request(EXCHANGE.batch(messages(1)), access).path.startswith("/v3/news.example")


def test_an_address_that_is_none_is_rejected_where_it_is_the_only_one() -> None:
    [told] = EXCHANGE.receipts(said(400, INVALID), count=1)
    assert told.outcome is Outcome.REJECTED
    with pytest.raises(Refused, match="an address in `to`") as caught:
        EXCHANGE.receipts(said(400, INVALID))
    assert caught.value.failure is Failure.REQUEST
    with pytest.raises(Refused) as caught:
        EXCHANGE.receipts(said(500, INVALID), count=1)
    assert caught.value.failure is Failure.AMBIGUOUS


@pytest.mark.parametrize(("status", "message", "failure"), [
    (400, "from parameter is missing", Failure.REQUEST),
    (401, "Forbidden", Failure.AUTH),
    (403, "Domain example.org is not allowed to send: account disabled", Failure.AUTH),
    (404, "Domain not found: example.org", Failure.REQUEST),
    (420, "Domain a.org is not allowed to send: recipient limit exceeded", Failure.QUOTA),
    (429, "Domain a.org is not allowed to send: recipient limit exceeded", Failure.QUOTA),
    (429, "account-requests-per-sec limit exceeded", Failure.THROTTLED),
    (500, "Internal Server Error", Failure.AMBIGUOUS),
    (200, "Queued. Thank you.", Failure.AMBIGUOUS),
])  # fmt: skip
def test_what_its_refusals_mean(status: int, message: str, failure: Failure) -> None:
    for count in (1, 3):
        with pytest.raises(Refused) as caught:
            EXCHANGE.receipts(said(status, message), count)
        assert caught.value.failure is failure


def test_an_address_that_is_no_interface_is_no_acceptance() -> None:
    with pytest.raises(Refused, match="without an id"):
        EXCHANGE.receipts(Response(200, {}, b"Mailgun Magnificent API"))


@pytest.mark.parametrize(("status", "message", "wait"), [
    (429, "limit exceeded, try again after 120 seconds", 120.0),
    (420, "recipient limit exceeded, try again after Wed, 22 Feb 2023 10:04:01 UTC", 0.0),
    (420, "recipient limit exceeded, try again after Wed, 22 Feb 9023 10:04:01 UTC", 86_400.0),
    (420, "recipient limit exceeded, try again after tomorrow", None),
    (429, "slow down", None),
])  # fmt: skip
def test_how_long_it_asks_to_wait(status: int, message: str, wait: float | None) -> None:
    with pytest.raises(Refused) as caught:
        EXCHANGE.receipts(said(status, message))
    assert caught.value.wait == wait
    with pytest.raises(Refused) as caught:
        EXCHANGE.receipts(said(status, message, {"retry-after": "7"}))
    assert caught.value.wait == 7.0


def test_its_events_know_what_was_accepted() -> None:
    log = EXCHANGE.accepted(2, NOW - timedelta(hours=12))
    told = EXCHANGE.look_up(asked(3), log)
    assert {one.delivery_id: one.outcome for one in told} == {
        f"{0:024x}": Outcome.ACCEPTED,
        f"{1:024x}": Outcome.ACCEPTED,
        f"{2:024x}": Outcome.NOT_ACCEPTED,
    }


def test_an_event_of_another_delivery_is_not_of_this_one() -> None:
    log = EXCHANGE.accepted(1, NOW - timedelta(hours=12))
    [one] = asked(1)
    [told] = EXCHANGE.look_up([replace(one, delivery_id="f" * 24)], log)
    assert told.outcome is Outcome.NOT_ACCEPTED
    [told] = EXCHANGE.look_up(asked(1, timedelta(hours=11)), log)  # of an attempt before
    assert told.outcome is Outcome.NOT_ACCEPTED


def event(**values: object) -> Response:
    return Response(200, {}, json.dumps({"items": [values]}).encode())


@pytest.mark.parametrize(
    "variables", [{}, [], None, {"delivery": "%recipient.x%"}, {"delivery": 7}]
)
def test_where_an_event_shows_no_id_its_recipient_and_tag_do(variables: object) -> None:
    values = {"recipient": "Reader.0@Example.net", "user-variables": variables}
    [told] = mailgun.evidence([event(**values, tags=["An-Article"])], asked(1))
    assert told.outcome is Outcome.ACCEPTED
    for other in ({"tags": ["another"]}, {"tags": 5}, {"tags": ["an-article"], "recipient": "x"}):
        [told] = mailgun.evidence([event(**{**values, **other})], asked(1))
        assert told.outcome is Outcome.NOT_ACCEPTED


def test_it_is_not_asked_of_what_it_has_forgotten() -> None:
    days = [replace(one, at=NOW - timedelta(hours=36 - 18 * n)) for n, one in enumerate(asked(3))]
    told = EXCHANGE.look_up(days, [])
    assert {one.delivery_id for one in told} == {f"{1:024x}", f"{2:024x}"}


def test_a_capital_in_an_address_makes_its_silence_worth_nothing() -> None:
    [one] = asked(1)
    assert EXCHANGE.look_up([replace(one, recipient="Reader.0@example.net")], []) == []


@pytest.mark.parametrize("answer", [
    Response(401, {}, b'{"items": []}'), Response(429, {}, b""), Response(200, {}, b"{}"),
    Response(200, {}, b'{"items": [7]}'), Response(200, {}, b'{"items": {}}'),
    Response(200, {}, json.dumps({"items": [{}] * 300}).encode()),
])  # fmt: skip
def test_an_answer_that_is_none_is_no_evidence(answer: Response) -> None:
    good = Response(200, {}, b'{"items": []}')
    [told] = mailgun.evidence([answer, good], asked(2))
    assert told.delivery_id == f"{1:024x}"


def test_a_question_names_one_recipient_whatever_their_name_is() -> None:
    hostile = [replace(one, recipient="-o'hara+x&limit=0@example.net") for one in asked(1)]
    [request] = mailgun.questions(hostile, EXCHANGE.access)
    query = EXCHANGE.asking(request).query
    assert query["recipient"] == ['"-o\'hara+x&limit=0@example.net"']
    assert query["limit"] == ["300"]
    assert query["begin"] == [str(int((NOW - timedelta(hours=12, minutes=10)).timestamp()))]


def test_the_dialect_takes_no_other_form() -> None:
    asking = EXCHANGE.asking(EXCHANGE.request(messages(1)))
    plain = Asking(asking.method, asking.path, {}, {"content-type": "text/plain"}, asking.body)
    with pytest.raises(Wrong):
        EXCHANGE.dialect.sending(plain)
