"""What is peculiar to Postmark: results of single messages within a 200, its codes, its search."""

import json
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl

import pytest

from newsletter.http import Refused
from newsletter.model import Failure, Outcome
from newsletter.providers import postmark
from tests.newsletter.emulator import Wrong
from tests.newsletter.providers.exchange import MAIL, messages
from tests.newsletter.providers.json_exchange import (
    NOW,
    POSTMARK,
    JsonExchange,
    answer,
    asked,
)

FIRST, SECOND = (one.delivery_id for one in messages(2))
INVALID = {"ErrorCode": 300, "Message": "Invalid 'To' address: 'reader.0@example.net'."}


def success(**changes: object) -> dict[str, object]:
    told = {"To": "reader.0@example.net", "MessageID": "an-id", "ErrorCode": 0, "Message": "OK"}
    return {**told, **changes}


def test_its_request_is_a_list_of_mails() -> None:
    request = POSTMARK.request(messages(2))
    assert (request.method, request.path) == ("POST", "/email/batch")
    assert request.headers == {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "X-Postmark-Server-Token": "a-secret-of-postmark",
    }
    message = messages(2)[1]
    headers = {name: message.personal(value) for name, value in MAIL.headers.items()}
    mail = json.loads(request.body)[1]
    kept = {one["Name"]: one["Value"] for one in mail.pop("Headers")}
    assert kept == {**headers, "X-PM-KeepID": "true"}
    assert mail == {
        "From": "A Series <news@example.org>",
        "ReplyTo": "An Author <me@example.org>",
        "To": "reader.1@example.net",
        "Subject": "On “ownership”",
        "TextBody": "Read it.\nLeave: https://example.org/u/tok-1_x\n",
        "HtmlBody": message.personal(MAIL.html),
        "Metadata": {"delivery": SECOND},
        "MessageStream": "broadcast",
        "TrackOpens": False,
        "TrackLinks": "None",
    }


def test_the_stream_is_an_option_of_mails_and_of_searches() -> None:
    exchange = JsonExchange("postmark", {"stream": "news & more"})
    assert json.loads(exchange.request(messages(1)).body)[0]["MessageStream"] == "news & more"
    [question] = exchange.file.questions(asked(1), exchange.access)
    assert question.body == b""
    assert dict(parse_qsl(question.path.partition("?")[2]))["messagestream"] == "news & more"
    assert exchange.look_up(asked(1), POSTMARK.accepted(1, NOW))[0].outcome is Outcome.NOT_ACCEPTED


def test_its_dialect_is_strict() -> None:
    asking = POSTMARK.asking(POSTMARK.request(messages(1)))
    with pytest.raises(Wrong):
        POSTMARK.dialect.sending(replace(asking, headers={}))
    with pytest.raises(Wrong):
        POSTMARK.sending(messages(501))


@pytest.mark.parametrize("result", [
    success(To="another@example.net"), success(To=None), success(MessageID=""),
    success(MessageID=5), success(ErrorCode=False), success(ErrorCode="0"), {}, None, [], 0,
])  # fmt: skip
def test_a_result_that_is_not_the_message_s_leaves_it_unknown(result: object) -> None:
    [told] = POSTMARK.receipts(answer(200, [result]), 2)
    assert (told.delivery_id, told.outcome) == (FIRST, Outcome.UNKNOWN)


def test_a_result_may_lack_its_code_while_there_are_delays() -> None:
    late = {"To": "Reader.0@example.net", "MessageID": "an-id", "SubmittedAt": "0001-01-01"}
    [told] = POSTMARK.receipts(answer(200, [late]), 1)
    assert (told.outcome, told.detail) == (Outcome.ACCEPTED, "an-id")


def test_more_results_than_messages_are_those_of_others() -> None:
    with pytest.raises(Refused) as caught:
        POSTMARK.receipts(answer(200, [success()] * 2), 1)
    assert caught.value.failure is Failure.AMBIGUOUS


def test_only_inactive_recipients_are_never_written_to_again() -> None:
    inactive = {"ErrorCode": 406, "Message": "inactive: reader.0@example.net"}
    told = POSTMARK.receipts(answer(200, [inactive, INVALID]), 2)
    assert [(one.outcome, one.suppress) for one in told] == [
        (Outcome.REJECTED, True),
        (Outcome.REJECTED, False),
    ]
    assert not any("reader" in one.detail for one in told)


@pytest.mark.parametrize(("code", "failure"), [
    (300, Failure.REQUEST), (400, Failure.REQUEST), (401, Failure.REQUEST), (405, Failure.QUOTA),
    (412, Failure.AUTH), (1235, Failure.REQUEST), (-1, Failure.REQUEST), (9_999, Failure.REQUEST),
])  # fmt: skip
def test_a_fault_of_ours_is_no_recipient_s(code: int, failure: Failure) -> None:
    fault = {"ErrorCode": code, "Message": "Invalid 'From' address: secret@example.net"}
    told = POSTMARK.receipts(answer(200, [fault, success(To="reader.1@example.net")]), 2)
    assert [one.outcome for one in told] == [Outcome.NOT_ACCEPTED, Outcome.ACCEPTED]
    with pytest.raises(Refused) as caught:
        POSTMARK.receipts(answer(200, [fault, fault]), 2)
    assert caught.value.failure is failure
    assert "secret" not in told[0].detail + str(caught.value)


@pytest.mark.parametrize(("status", "code", "failure"), [
    (401, 10, Failure.AUTH), (422, 10, Failure.AUTH), (422, 405, Failure.QUOTA),
    (422, 412, Failure.AUTH), (422, 1235, Failure.REQUEST), (422, 7_777, Failure.REQUEST),
    (403, None, Failure.AUTH), (413, None, Failure.REQUEST), (500, 10, Failure.AMBIGUOUS),
    (503, 429, Failure.AMBIGUOUS),
])  # fmt: skip
def test_a_request_is_refused_by_its_code_or_its_status(
    status: int, code: int | None, failure: Failure
) -> None:
    with pytest.raises(Refused) as caught:
        POSTMARK.receipts(answer(status, {"ErrorCode": code, "Message": "no"}))
    assert caught.value.failure is failure


def test_a_search_is_for_one_delivery_each() -> None:
    questions = list(postmark.questions(asked(2), POSTMARK.access))
    assert [one.method for one in questions] == ["GET", "GET"]
    path, _, query = questions[1].path.partition("?")
    assert (path, dict(parse_qsl(query))) == ("/messages/outbound", {
        "count": "10", "offset": "0", "messagestream": "broadcast", "metadata_delivery": SECOND,
    })  # fmt: skip


def test_answers_belong_to_the_newest_where_the_oldest_are_not_asked_about() -> None:
    given = [*asked(1, timedelta(days=8)), asked(2, timedelta(hours=3))[1]]
    assert len(list(postmark.questions(given, POSTMARK.access))) == 1
    [told] = POSTMARK.look_up(given, POSTMARK.accepted(1, NOW))
    assert (told.delivery_id, told.outcome) == (SECOND, Outcome.NOT_ACCEPTED)


@pytest.mark.parametrize("told", [
    {"Messages": [], "TotalCount": 1}, {"Messages": []}, {"Messages": [], "TotalCount": False},
    {"Messages": [{"Metadata": {"delivery": "another"}}], "TotalCount": 0}, {"TotalCount": 0},
    {"Messages": [{"Metadata": None}], "TotalCount": 1}, {"Messages": {}, "TotalCount": 0}, [],
])  # fmt: skip
def test_a_search_that_is_not_surely_empty_says_nothing(told: object) -> None:
    assert postmark.evidence([answer(200, told)], asked(1)) == []
