"""What is peculiar to Resend: its keys, ids only of what is valid, names of errors."""

import json
from dataclasses import replace
from typing import Any

import pytest

from newsletter.http import Refused, Response
from newsletter.model import Failure, Outcome
from newsletter.providers import resend
from tests.newsletter.emulator import Asking, Wrong
from tests.newsletter.emulator.dialects.resend import NO_ADDRESS
from tests.newsletter.providers.exchange import MAIL, messages
from tests.newsletter.providers.json_exchange import RESEND, answer

REJECTED, ACCEPTED = Outcome.REJECTED, Outcome.ACCEPTED
NOT_ACCEPTED, UNKNOWN = Outcome.NOT_ACCEPTED, Outcome.UNKNOWN


def batch(ids: Any, errors: Any = ()) -> Response:
    return answer(200, {"data": ids, "errors": errors})


def fault(index: object, message: object = NO_ADDRESS) -> dict[str, object]:
    return {"index": index, "message": message}


def asking() -> Asking:
    return RESEND.asking(RESEND.request(messages(1)))


def test_its_request_is_a_list_of_emails_under_a_key() -> None:
    request = RESEND.request(messages(2))
    assert (request.method, request.path) == ("POST", "/emails/batch")
    assert request.headers == {
        "Authorization": "Bearer re_a_secret_of_resend",
        "Content-Type": "application/json",
        "Idempotency-Key": "a-key",
        "x-batch-validation": "permissive",
    }
    message = messages(2)[1]
    assert json.loads(request.body)[1] == {
        "from": "A Series <news@example.org>",
        "reply_to": "An Author <me@example.org>",
        "to": ["reader.1@example.net"],
        "subject": "On “ownership”",
        "text": "Read it.\nLeave: https://example.org/u/tok-1_x\n",
        "html": message.personal(MAIL.html),
        "headers": {
            name: message.personal(value)
            for name, value in MAIL.headers.items()
            if name != "Message-ID"
        },
        "tags": [{"name": "delivery", "value": message.delivery_id}],
    }


def test_its_key_is_remembered_for_a_day_and_used_for_less() -> None:
    assert 0.7 * 86_400 < resend.MEMORY.key_seconds < 0.81 * 86_400
    sending = RESEND.sending(messages(1))
    assert sending.key == "a-key"


@pytest.mark.parametrize(("header", "value"), [
    ("idempotency-key", ""), ("idempotency-key", "x" * 257), ("x-batch-validation", "strict"),
])  # fmt: skip
def test_its_dialect_is_strict(header: str, value: str) -> None:
    assert RESEND.dialect.sending(asking())
    with pytest.raises(Wrong):
        RESEND.dialect.sending(replace(asking(), headers={**asking().headers, header: value}))


def test_its_dialect_takes_a_hundred() -> None:
    with pytest.raises(Wrong):
        RESEND.sending(messages(101))


@pytest.mark.parametrize(("ids", "errors", "outcomes"), [
    ([{"id": "a"}, {"id": "b"}], [fault(0)], [REJECTED, ACCEPTED, ACCEPTED]),
    ([{"id": "a"}, {"id": "b"}], [fault(2)], [ACCEPTED, ACCEPTED, REJECTED]),
    ([{"id": "a"}], [fault(2), fault(0)], [REJECTED, ACCEPTED, REJECTED]),
    ([{"id": "a"}], [fault(1, "Invalid `from` field"), fault(0)],
     [REJECTED, NOT_ACCEPTED, ACCEPTED]),
    ([{"id": "a"}, {}, {"id": 5}], [], [ACCEPTED, UNKNOWN, UNKNOWN]),
    ([], [fault(0), fault(1), fault(2, None)], [REJECTED, REJECTED, NOT_ACCEPTED]),
])  # fmt: skip
def test_ids_are_those_of_the_messages_without_an_error(
    ids: list[object], errors: list[object], outcomes: list[Outcome]
) -> None:
    told = RESEND.receipts(batch(ids, errors))
    assert [one.outcome for one in told] == outcomes
    assert [one.detail for one in told if one.outcome is ACCEPTED] == [
        one["id"] for one in ids if isinstance(one, dict) and isinstance(one.get("id"), str)
    ]
    assert not any("`" in one.detail for one in told)


@pytest.mark.parametrize("more", [{}, {"errors": None}, {"errors": []}])
def test_an_answer_may_have_no_errors(more: dict[str, object]) -> None:
    told = RESEND.receipts(answer(200, {"data": [{"id": "a"}, {"id": "b"}, {"id": "c"}], **more}))
    assert [one.detail for one in told] == ["a", "b", "c"]


@pytest.mark.parametrize(("ids", "errors"), [
    ([{"id": "a"}] * 2, []), ([{"id": "a"}] * 4, []), ([{"id": "a"}] * 3, [fault(0)]),
    ([{"id": "a"}], [fault(0), fault(0)]), ([{"id": "a"}] * 2, [fault(3)]),
    ([{"id": "a"}] * 2, [fault(-1)]), ([{"id": "a"}] * 2, [fault(True)]),
    ([{"id": "a"}] * 2, [fault("0")]), ([{"id": "a"}] * 2, [fault([])]), ({}, []), ([], {}),
    (["a", "b", "c"], []), ([{"id": "a"}] * 2, [{"message": "no index"}]), ([{"id": "a"}] * 3, {}),
])  # fmt: skip
def test_results_that_do_not_add_up_say_nothing(ids: object, errors: object) -> None:
    with pytest.raises(Refused) as caught:
        RESEND.receipts(batch(ids, errors))
    assert caught.value.failure is Failure.AMBIGUOUS


def test_what_is_wrong_with_all_messages_is_a_fault_of_ours() -> None:
    with pytest.raises(Refused) as caught:
        RESEND.receipts(batch([], [fault(n, "Invalid `from` field") for n in range(3)]))
    assert caught.value.failure is Failure.REQUEST


@pytest.mark.parametrize(("status", "name", "failure"), [
    (401, "missing_api_key", Failure.AUTH), (403, "invalid_api_key", Failure.AUTH),
    (422, "validation_error", Failure.REQUEST), (400, "invalid_idempotency_key", Failure.REQUEST),
    (409, "invalid_idempotent_request", Failure.AMBIGUOUS),
    (409, "concurrent_idempotent_requests", Failure.AMBIGUOUS),
    (429, "rate_limit_exceeded", Failure.THROTTLED), (429, "daily_quota_exceeded", Failure.QUOTA),
    (429, "monthly_quota_exceeded", Failure.QUOTA), (429, None, Failure.THROTTLED),
    (500, "daily_quota_exceeded", Failure.AMBIGUOUS), (409, "secret word", Failure.REQUEST),
])  # fmt: skip
def test_a_request_is_refused_by_the_name_of_its_error(
    status: int, name: str | None, failure: Failure
) -> None:
    with pytest.raises(Refused) as caught:
        RESEND.receipts(answer(status, {"statusCode": status, "name": name, "message": "secret"}))
    assert caught.value.failure is failure
    assert "secret" not in str(caught.value)


def test_an_invalid_key_may_come_as_a_bad_request() -> None:
    told = {"statusCode": 400, "name": "validation_error", "message": "API key is invalid"}
    with pytest.raises(Refused) as caught:
        RESEND.receipts(answer(400, told))
    assert caught.value.failure is Failure.AUTH


@pytest.mark.parametrize(("sender", "told"), [
    ('"Æ, B (all)" <news@example.org>', "Æ B all <news@example.org>"),
    ('"<>" <news@example.org>', "news@example.org"), ("news@example.org", "news@example.org"),
])  # fmt: skip
def test_a_name_is_neither_quoted_nor_encoded(sender: str, told: str) -> None:
    body = RESEND.request(messages(1, replace(MAIL, sender=sender, reply_to=sender))).body
    [email] = json.loads(body)
    assert (email["from"], email["reply_to"]) == (told, told)
