"""What is peculiar to SendGrid: the shape of its requests, what it says of addresses, its logs."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from newsletter.http import Refused, Response
from newsletter.model import Failure, Outcome
from newsletter.providers import sendgrid
from tests.newsletter.providers.exchange import NOW, Exchange, asked, messages

EXCHANGE = Exchange("sendgrid")
INVALID = "Does not contain a valid address."
NO_ADDRESS = "The to array is required for all personalization objects, and must have at least one \
email object with a valid email address."


def errors(*said: tuple[str, str | None], status: int = 400) -> Response:
    told = [{"message": message, "field": field, "help": None} for message, field in said]
    return Response(status, {}, json.dumps({"errors": told}).encode())


def test_its_request_has_a_personalization_for_each() -> None:
    request = EXCHANGE.request(messages(2))
    assert (request.method, request.path) == ("POST", "/v3/mail/send")
    assert request.headers["Content-Type"] == "application/json"
    body = json.loads(request.body)
    assert body["from"] == {"email": "news@example.org", "name": "A Series"}
    assert body["reply_to"] == {"email": "me@example.org", "name": "An Author"}
    assert [part["type"] for part in body["content"]] == ["text/plain", "text/html"]
    assert body["categories"] == ["an-article"]
    assert set(body["headers"]) == {"List-Id", "List-Unsubscribe-Post"}
    first = body["personalizations"][0]
    assert first["to"] == [{"email": "reader.0@example.net"}]
    assert first["custom_args"] == {"delivery": f"{0:024x}"}
    assert first["headers"]["Message-ID"] == f"<{0:024x}.an-article@example.org>"
    assert all(tag in body["content"][1]["value"] for tag in first["substitutions"])


def test_nothing_is_tracked() -> None:
    settings = json.loads(EXCHANGE.request(messages(1)).body)["tracking_settings"]
    assert settings["click_tracking"] == {"enable": False, "enable_text": False}
    for kind in ("open_tracking", "subscription_tracking", "ganalytics"):
        assert settings[kind] == {"enable": False}


@pytest.mark.parametrize(("field", "message"), [
    ("personalizations.1.to.0.email", INVALID), ("personalizations.1.to", NO_ADDRESS),
])  # fmt: skip
def test_an_address_that_is_none_is_rejected_and_the_others_surely_not_accepted(
    field: str, message: str
) -> None:
    told = EXCHANGE.receipts(errors((message, field)))
    assert [one.outcome for one in told] == [
        Outcome.NOT_ACCEPTED, Outcome.REJECTED, Outcome.NOT_ACCEPTED,
    ]  # fmt: skip


def test_the_only_address_may_be_none() -> None:
    [told] = EXCHANGE.receipts(errors((INVALID, "personalizations.0.to.0.email")), count=1)
    assert told.outcome is Outcome.REJECTED


@pytest.mark.parametrize("response", [
    errors(*((INVALID, f"personalizations.{n}.to.0.email") for n in range(3))),
    errors((INVALID, "personalizations.3.to.0.email")),
    errors((INVALID, "personalizations.1.to.0.email"), ("Bad Request", None)),
    errors((INVALID, "from.email")),
    errors(("Invalid type. Expected: string, given: array.", "personalizations.1.to.0.email")),
    errors((INVALID, "personalizations.1.to.0.email"), status=413),
])  # fmt: skip
def test_whatever_else_is_wrong_rejects_nobody(response: Response) -> None:
    with pytest.raises(Refused) as caught:
        EXCHANGE.receipts(response)
    assert caught.value.failure is Failure.REQUEST


def test_a_refusal_names_the_field() -> None:
    with pytest.raises(Refused, match=r"status 400: about from\.email"):
        EXCHANGE.receipts(errors((INVALID, "from.email"), (INVALID, "no field <at> all")))


@pytest.mark.parametrize(("status", "message", "failure", "detail"), [
    (401, "Maximum credits exceeded", Failure.QUOTA, "no credits"),
    (401, "The provided authorization grant is invalid, expired, or revoked", Failure.AUTH, "401"),
    (403, "The from address does not match a verified Sender Identity.", Failure.AUTH, "identity"),
    (413, "content too large", Failure.REQUEST, "413"),
    (429, "too many requests", Failure.THROTTLED, "429"),
    (500, "internal server error", Failure.AMBIGUOUS, "500"),
    (200, "", Failure.AMBIGUOUS, "should be 202"),
])  # fmt: skip
def test_what_its_refusals_mean(status: int, message: str, failure: Failure, detail: str) -> None:
    with pytest.raises(Refused, match=detail) as caught:
        EXCHANGE.receipts(errors((message, None), status=status))
    assert caught.value.failure is failure


@pytest.mark.parametrize(("headers", "wait"), [
    ({}, None), ({"retry-after": "7"}, 7.0), ({"x-ratelimit-reset": "1392815263"}, 0.0),
    ({"x-ratelimit-reset": "soon"}, None), ({"x-ratelimit-reset": "9" * 30}, None),
    ({"x-ratelimit-reset": "99999999999"}, 86_400.0),
])  # fmt: skip
def test_how_long_it_asks_to_wait(headers: dict[str, str], wait: float | None) -> None:
    with pytest.raises(Refused) as caught:
        EXCHANGE.receipts(Response(429, headers, b""))
    assert caught.value.wait == wait


def test_its_logs_know_what_was_accepted() -> None:
    log = EXCHANGE.accepted(2, NOW - timedelta(hours=12))
    told = EXCHANGE.look_up(asked(3), log)
    assert {one.delivery_id: one.outcome for one in told} == {
        f"{0:024x}": Outcome.ACCEPTED,
        f"{1:024x}": Outcome.ACCEPTED,
        f"{2:024x}": Outcome.NOT_ACCEPTED,
    }


def test_it_is_asked_of_one_article_since_the_attempt() -> None:
    log = EXCHANGE.accepted(2, NOW - timedelta(hours=12))
    first, second = asked(2)
    told = EXCHANGE.look_up([replace(first, article_id="another"), second], log)
    assert [one.outcome for one in told] == [Outcome.NOT_ACCEPTED, Outcome.ACCEPTED]
    [told_of_later] = EXCHANGE.look_up(asked(1, timedelta(hours=11)), log)
    assert told_of_later.outcome is Outcome.NOT_ACCEPTED


def test_its_clock_may_differ_from_ours() -> None:
    attempt = NOW - timedelta(hours=12)
    [told] = EXCHANGE.look_up(asked(1), EXCHANGE.accepted(1, attempt - timedelta(minutes=9)))
    assert told.outcome is Outcome.ACCEPTED


def test_it_is_not_asked_of_what_it_has_forgotten() -> None:
    days = [replace(one, at=NOW - timedelta(days=30 - 15 * n)) for n, one in enumerate(asked(3))]
    told = EXCHANGE.look_up(days, [])
    assert {one.delivery_id for one in told} == {f"{1:024x}", f"{2:024x}"}


def test_a_capital_in_an_address_makes_its_silence_worth_nothing() -> None:
    [one] = asked(1)
    capital = replace(one, recipient="Reader.0@example.net")
    assert EXCHANGE.look_up([capital], []) == []
    row = {"to_email": "reader.0@example.net", "sg_message_id": "an id"}
    answer = Response(200, {}, json.dumps({"messages": [row]}).encode())
    [told] = sendgrid.evidence([answer], [capital])
    assert (told.outcome, told.detail) == (Outcome.ACCEPTED, "an id")


@pytest.mark.parametrize("recipient", ['a"OR@example.net', "a b@example.net", "ä@example.net"])
def test_a_query_is_not_broken_out_of(recipient: str) -> None:
    first, second = asked(2)
    hostile = [replace(first, recipient=recipient), second]
    assert len(list(sendgrid.questions(hostile, EXCHANGE.access))) == 1
    [told] = EXCHANGE.look_up(hostile, EXCHANGE.accepted(2, NOW))
    assert (told.delivery_id, told.outcome) == (second.delivery_id, Outcome.ACCEPTED)


@pytest.mark.parametrize("answer", [
    Response(403, {}, b'{"messages": []}'), Response(429, {}, b""), Response(200, {}, b"{}"),
    Response(200, {}, b'{"messages": [7]}'), Response(200, {}, b'{"messages": [{}]}'),
    Response(200, {}, b'{"messages": [{"to_email": "someone.else@example.net"}]}'),
])  # fmt: skip
def test_an_answer_that_is_none_is_no_evidence(answer: Response) -> None:
    good = Response(200, {}, b'{"messages": []}')
    [told] = sendgrid.evidence([answer, good], asked(2))
    assert told.delivery_id == f"{1:024x}"
