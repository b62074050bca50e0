"""What is peculiar to Brevo: versions, a key within the body, its template language, its events."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl
from uuid import UUID

import pytest

from newsletter.http import Refused
from newsletter.model import Failure, Outcome
from newsletter.providers import brevo
from tests.newsletter.emulator import Wrong
from tests.newsletter.providers.exchange import MAIL, messages
from tests.newsletter.providers.json_exchange import BREVO, NOW, answer, asked

TAG = "an-article.000000000000"
EVENT = {"event": "requests", "email": "reader.0@example.net", "tag": TAG, "messageId": "<an-id>"}
FIRST = messages(1)[0].delivery_id


def test_its_request_has_a_version_for_each() -> None:
    request = BREVO.request(messages(2))
    assert (request.method, request.path) == ("POST", "/v3/smtp/email")
    assert request.headers == {
        "api-key": "xkeysib-a-secret-of-brevo",
        "Accept": "application/json",
        "Content-Type": "application/json",
    }
    told = json.loads(request.body)
    message = messages(2)[1]
    headers = {name: message.personal(value) for name, value in MAIL.headers.items()}
    del headers["Message-ID"]
    assert told.pop("messageVersions")[1] == {
        "to": [{"email": "reader.1@example.net"}],
        "subject": "On “ownership”",
        "textContent": "Read it.\nLeave: https://example.org/u/tok-1_x\n",
        "htmlContent": message.personal(MAIL.html),
        "headers": {**headers, "X-Mailin-custom": message.delivery_id},
    }
    UUID(told.pop("headers")["idempotencyKey"])
    assert told == {
        "sender": {"email": "news@example.org", "name": "A Series"},
        "replyTo": {"email": "me@example.org", "name": "An Author"},
        "subject": "On “ownership”",
        "textContent": "Read it.\nLeave: https://example.org/u/\n",
        "htmlContent": '<p>Read it.</p><a href="https://example.org/u/?d=">Leave</a>',
        "tags": [TAG],
    }


def test_its_key_is_the_batch_s_and_not_frozen() -> None:
    batch = BREVO.batch(messages(2))
    keys = [
        json.loads(brevo.request(one, BREVO.access).body)["headers"]["idempotencyKey"]
        for one in (batch, batch, replace(batch, key="another"))
    ]
    assert keys[0] == keys[1] != keys[2]
    assert b"idempotencyKey" not in batch.payload
    assert brevo.MEMORY.key_seconds <= 0.8 * 30 * 60


@pytest.mark.parametrize("opening", ["{{", "{%", "{#", "{{{"])
def test_nothing_begins_an_expression(opening: str) -> None:
    word = f"a {opening} b"
    mail = replace(MAIL, subject=word, text=word, html=f"<p>{word}</p>")
    told = json.loads(BREVO.request(messages(1, mail)).body)
    [version] = told["messageVersions"]
    for part in (told, version):
        for name in ("subject", "textContent", "htmlContent"):
            assert opening[:2] not in part[name]
            assert opening[-1] in part[name]


@pytest.mark.parametrize(("sender", "name"), [
    ('"B, A (all)" <news@example.org>', "B, A (all)"), ('"Æ, (B)" <news@example.org>', "Æ B"),
])  # fmt: skip
def test_a_name_keeps_what_brevo_can_write(sender: str, name: str) -> None:
    told = json.loads(BREVO.request(messages(1, replace(MAIL, sender=sender))).body)
    assert told["sender"] == {"email": "news@example.org", "name": name}


@pytest.mark.parametrize("change", [
    {"headers": {"idempotencyKey": "no-uuid"}}, {"headers": {}}, {"htmlContent": ""},
    {"messageVersions": []}, {"messageVersions": [{"to": []}]},
])  # fmt: skip
def test_its_dialect_is_strict(change: Mapping[str, object]) -> None:
    asking = BREVO.asking(BREVO.request(messages(1)))
    assert BREVO.dialect.sending(asking)
    body = json.dumps({**json.loads(asking.body), **change}).encode()
    with pytest.raises(Wrong):
        BREVO.dialect.sending(replace(asking, body=body))


def test_its_dialect_takes_a_thousand_and_renders_expressions() -> None:
    with pytest.raises(Wrong):
        BREVO.sending(messages(1001))
    asking = BREVO.asking(BREVO.request(messages(1)))
    sent = BREVO.dialect.sending(replace(asking, body=asking.body.replace(b"Read it", b"{{ x }}")))
    assert sent
    assert sent.messages[0].text.startswith(".\n")


@pytest.mark.parametrize("ids", [["a", None], ["a", 5], ["a", ""], ["a", []]])
def test_what_is_no_id_leaves_its_message_unknown(ids: list[object]) -> None:
    told = BREVO.receipts(answer(201, {"messageIds": ids}), 2)
    assert [one.outcome for one in told] == [Outcome.ACCEPTED, Outcome.UNKNOWN]


def test_one_message_has_one_id() -> None:
    [told] = BREVO.receipts(answer(201, {"messageId": "<an-id>"}), 1)
    assert (told.outcome, told.detail) == (Outcome.ACCEPTED, "<an-id>")


@pytest.mark.parametrize("ids", [["a", "b"], ["a"] * 4, {"a": 1}, "abc", None])
def test_results_of_other_messages_say_nothing(ids: object) -> None:
    with pytest.raises(Refused) as caught:
        BREVO.receipts(answer(201, {"messageIds": ids}), 3)
    assert caught.value.failure is Failure.AMBIGUOUS


def test_an_address_that_is_none_refuses_its_message_or_all() -> None:
    told = answer(400, {"code": "invalid_parameter", "message": "email is not valid in to"})
    [one] = BREVO.receipts(told, 1)
    assert (one.delivery_id, one.outcome) == (FIRST, Outcome.REJECTED)
    with pytest.raises(Refused) as caught:
        BREVO.receipts(told, 2)
    assert caught.value.failure is Failure.REQUEST


@pytest.mark.parametrize(("status", "code", "failure"), [
    (400, "duplicate_parameter", Failure.AMBIGUOUS), (400, "duplicate_request", Failure.AMBIGUOUS),
    (400, "not_enough_credits", Failure.QUOTA), (402, None, Failure.QUOTA),
    (402, "account_under_validation", Failure.AUTH), (400, "unauthorized", Failure.AUTH),
    (403, "permission_denied", Failure.AUTH), (401, {}, Failure.AUTH),
    (400, "missing_parameter", Failure.REQUEST), (429, "unauthorized", Failure.THROTTLED),
    (500, "not_enough_credits", Failure.AMBIGUOUS), (400, "SECRET word", Failure.REQUEST),
])  # fmt: skip
def test_a_request_is_refused_by_the_code_of_its_error(
    status: int, code: object, failure: Failure
) -> None:
    with pytest.raises(Refused) as caught:
        BREVO.receipts(answer(status, {"code": code, "message": "secret"}))
    assert caught.value.failure is failure
    assert "secret" not in str(caught.value).lower()


@pytest.mark.parametrize(("reset", "wait"), [("3", 3.0), ("-3", 9.0), ("²", 9.0), ("9" * 99, 9.0)])
def test_it_waits_until_its_limit_is_reset(reset: str, wait: float) -> None:
    told = answer(429, {}, x_sib_ratelimit_reset=reset, retry_after="9")
    with pytest.raises(Refused) as caught:
        BREVO.receipts(told)
    assert caught.value.wait == wait


def test_events_are_asked_for_once_for_an_announcement() -> None:
    given = [*asked(2, timedelta(days=3)), *asked(3, timedelta(hours=1))[2:]]
    [question] = brevo.questions(given, BREVO.access)
    path, _, query = question.path.partition("?")
    assert (question.method, question.body, path) == ("GET", b"", "/v3/smtp/statistics/events")
    assert dict(parse_qsl(query)) == {
        "event": "requests", "tags": f'["{TAG}"]', "days": "5", "sort": "desc", "limit": "5000",
    }  # fmt: skip
    others = [replace(one, article_id="other") for one in given]
    assert len(list(brevo.questions(given + others, BREVO.access))) == 2
    assert list(brevo.questions(asked(2, timedelta(days=89)), BREVO.access)) == []


def test_deliveries_of_several_announcements_are_found_by_a_tag_each() -> None:
    update = replace(messages(1)[0], delivery_id="f" * 24)
    taken = [*BREVO.accepted(1, NOW), *BREVO.accepted(2, NOW)[1:]]
    given = [*asked(2), replace(asked(1)[0], delivery_id=update.delivery_id)]
    assert {one.delivery_id for one in BREVO.look_up(given, taken)} == {
        one.delivery_id for one in asked(2)
    }
    both = BREVO.sending([messages(1)[0], update]).messages
    found = BREVO.look_up(given, [replace(taken[0], message=one) for one in both])
    assert {one.delivery_id for one in found} == {FIRST, update.delivery_id}


@pytest.mark.parametrize("change", [
    {"email": "reader.1@example.net"}, {"email": None}, {"email": []}, {"event": "opened"},
    {"tag": "an-article.000000000001"}, {"tag": "an-article"}, {"tag": None}, {"tag": [TAG]},
])  # fmt: skip
def test_an_event_of_something_else_proves_nothing(change: Mapping[str, object]) -> None:
    assert brevo.evidence([answer(200, {"events": [{**EVENT, **change}]})], asked(1)) == []


@pytest.mark.parametrize("change", [
    {}, {"email": "Reader.0@Example.NET"}, {"tag": f'["{TAG}","another"]'}, {"messageId": None},
])  # fmt: skip
def test_an_event_of_its_announcement_and_recipient_proves_a_delivery(
    change: Mapping[str, object],
) -> None:
    events = {"events": [{**EVENT, **change}]}
    [one] = asked(1)
    for given in (one, replace(one, recipient="READER.0@example.net")):
        [told] = brevo.evidence([answer(200, events)], [given])
        assert (told.delivery_id, told.outcome) == (FIRST, Outcome.ACCEPTED)
    assert brevo.evidence([answer(500, events)], asked(1)) == []
