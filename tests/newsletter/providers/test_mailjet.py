"""What is peculiar to Mailjet: results of single messages, whatever the status; its list."""

import json
from base64 import b64decode
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest

from newsletter.http import Refused
from newsletter.model import Failure, Outcome
from newsletter.providers import mailjet
from tests.newsletter.emulator import Asking, Wrong
from tests.newsletter.providers.exchange import MAIL, messages
from tests.newsletter.providers.json_exchange import MAILJET, NOW, answer, asked

FIRST, SECOND = (one.delivery_id for one in messages(2))


def success(email: str = "reader.0@example.net", **changes: object) -> dict[str, Any]:
    return {"Status": "success", "CustomID": FIRST, "To": [{"Email": email, "MessageID": "7"}],
            **changes}  # fmt: skip


def error(code: object, status: object, *places: str) -> dict[str, Any]:
    fault = {"ErrorCode": code, "StatusCode": status, "ErrorMessage": "secret@example.net is wrong",
             "ErrorRelatedTo": places}  # fmt: skip
    return {"Status": "error", "Errors": [fault]}


def results(status: int, *some: object) -> Any:
    return answer(status, {"Messages": some})


def changed(**changes: object) -> Asking:
    """A request with one mail that is not as it should be."""
    asking = MAILJET.asking(MAILJET.request(messages(1)))
    [mail] = json.loads(asking.body)["Messages"]
    return replace(asking, body=json.dumps({"Messages": [{**mail, **changes}]}).encode())


def test_its_request_has_a_list_of_mails() -> None:
    request = MAILJET.request(messages(2))
    assert (request.method, request.path) == ("POST", "/v3.1/send")
    kind, credentials = request.headers["Authorization"].split()
    assert (kind, b64decode(credentials)) == ("Basic", b"a-public-key:a-secret-of-mailjet")
    assert request.headers["Content-Type"] == "application/json"
    message = messages(2)[1]
    told = json.loads(request.body)
    assert told.keys() == {"Messages"}
    assert told["Messages"][1] == {
        "From": {"Email": "news@example.org", "Name": "A Series"},
        "ReplyTo": {"Email": "me@example.org", "Name": "An Author"},
        "To": [{"Email": "reader.1@example.net"}],
        "Subject": "On “ownership”",
        "TextPart": "Read it.\nLeave: https://example.org/u/tok-1_x\n",
        "HTMLPart": message.personal(MAIL.html),
        "Headers": {
            "List-Unsubscribe": message.personal(MAIL.headers["List-Unsubscribe"]),
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
        "CustomID": SECOND,
        "TrackOpens": "disabled",
        "TrackClicks": "disabled",
    }


@pytest.mark.parametrize("change", [
    {"Headers": {"List-ID": "<a.example.org>"}}, {"Headers": {"message-id": "<a@example.org>"}},
    {"Subject": "x" * 256}, {"To": []}, {"TrackOpens": "no"}, {"CustomID": None, "To": None},
])  # fmt: skip
def test_its_dialect_is_strict(change: dict[str, object]) -> None:
    assert MAILJET.dialect.sending(changed())
    with pytest.raises(Wrong):
        MAILJET.dialect.sending(changed(**change))


def test_its_dialect_takes_fifty() -> None:
    with pytest.raises(Wrong):
        MAILJET.sending(messages(51))


@pytest.mark.parametrize("result", [
    success("another@example.net"), success(CustomID=SECOND), success(CustomID=5),
    success(Status="sent"), success(To=[]), success(To=[{}]), success(To={}),
    {"Status": "error", "Errors": []}, {"Status": "error"}, error("mj-0013", 503), {}, None, 5,
])  # fmt: skip
def test_a_result_that_is_not_the_message_s_leaves_it_unknown(result: object) -> None:
    [told] = MAILJET.receipts(results(200, result), 2)
    assert (told.delivery_id, told.outcome) == (FIRST, Outcome.UNKNOWN)


def test_more_results_than_messages_are_those_of_others() -> None:
    with pytest.raises(Refused) as caught:
        MAILJET.receipts(results(200, success(), success()), 1)
    assert caught.value.failure is Failure.AMBIGUOUS


def test_results_count_within_a_refusal_but_not_within_an_error_of_theirs() -> None:
    refusal = error("mj-0013", 400, "To[0].Email")
    told = MAILJET.receipts(results(400, refusal, success("reader.1@example.net", CustomID=SECOND)))
    assert [one.outcome for one in told] == [Outcome.REJECTED, Outcome.ACCEPTED]
    with pytest.raises(Refused) as caught:
        MAILJET.receipts(results(502, success()), 1)
    assert caught.value.failure is Failure.AMBIGUOUS


@pytest.mark.parametrize(("code", "status", "places", "failure"), [
    ("mj-0013", 400, ["From.Email"], Failure.REQUEST), ("send-0008", 403, [], Failure.AUTH),
    ("send-0010", 400, ["TemplateID"], Failure.REQUEST), ("mj-0001", 401, [], Failure.AUTH),
    ("mj-0020", 429, [], Failure.THROTTLED), ("mj-0020", 402, [], Failure.QUOTA),
    ("secret", 400, [], Failure.REQUEST), (5, "x", [], Failure.REQUEST),
])  # fmt: skip
def test_a_fault_of_ours_is_no_recipient_s(
    code: object, status: object, places: list[str], failure: Failure
) -> None:
    fault = error(code, status, *places)
    [one, _] = MAILJET.receipts(results(400, fault, None), 2)
    assert one.outcome is Outcome.NOT_ACCEPTED
    with pytest.raises(Refused) as caught:
        MAILJET.receipts(results(400, fault, fault), 2)
    assert caught.value.failure is failure
    assert "secret" not in one.detail + str(caught.value)


@pytest.mark.parametrize(("status", "code", "failure"), [
    (400, "mj-0002", Failure.REQUEST), (401, "mj-0015", Failure.AUTH), (403, 5, Failure.AUTH),
    (402, None, Failure.QUOTA), (413, None, Failure.REQUEST), (500, "mj-0015", Failure.AMBIGUOUS),
])  # fmt: skip
def test_a_request_is_refused_by_its_status(status: int, code: object, failure: Failure) -> None:
    with pytest.raises(Refused) as caught:
        MAILJET.receipts(answer(status, {"ErrorCode": code, "ErrorMessage": "secret"}))
    assert caught.value.failure is failure
    assert "secret" not in str(caught.value)


def test_its_list_is_asked_for_one_delivery_each_since_it_was_handed_over() -> None:
    questions = list(mailjet.questions(asked(2), MAILJET.access))
    assert [(one.method, one.body) for one in questions] == [("GET", b"")] * 2
    path, _, query = questions[1].path.partition("?")
    since = int((NOW - timedelta(hours=36)).timestamp())
    assert (path, dict(parse_qsl(query))) == ("/v3/REST/message", {
        "CustomID": SECOND, "FromTS": str(since), "ShowCustomID": "true",
    })  # fmt: skip


def test_answers_belong_to_the_newest_where_the_oldest_are_not_asked_about() -> None:
    given = [*asked(1, timedelta(days=8)), asked(2, timedelta(hours=3))[1]]
    assert len(list(mailjet.questions(given, MAILJET.access))) == 1
    [told] = MAILJET.look_up(given, MAILJET.accepted(1, NOW))
    assert (told.delivery_id, told.outcome) == (SECOND, Outcome.NOT_ACCEPTED)


@pytest.mark.parametrize("told", [
    {"Data": [], "Total": 1}, {"Data": []}, {"Data": [], "Total": False}, {"Total": 0}, [], {},
    {"Data": [{"CustomID": SECOND}], "Total": 0}, {"Data": [{"CustomID": ""}], "Total": 1},
    {"Data": [5], "Total": 0}, {"Data": {}, "Total": 0},
])  # fmt: skip
def test_a_list_that_is_not_surely_empty_says_nothing(told: object) -> None:
    assert mailjet.evidence([answer(200, told)], asked(1)) == []
