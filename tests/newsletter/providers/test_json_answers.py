"""Providers that take a mail written out for each message: what each answer of theirs means."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.http import Refused, Response
from newsletter.model import Failure, Outcome
from tests.newsletter.emulator import Reply
from tests.newsletter.providers.exchange import messages
from tests.newsletter.providers.json_exchange import (
    ALL,
    BREVO,
    MAILJET,
    POSTMARK,
    RESEND,
    SECRETS,
    JsonExchange,
    answer,
    asked,
)

IDS = [f"id-{n}" for n in range(3)]


@pytest.fixture(params=ALL, ids=lambda exchange: exchange.name)
def exchange(request: pytest.FixtureRequest) -> JsonExchange:
    return request.param  # type: ignore[no-any-return]


def test_all_of_an_accepted_request_are_accepted(exchange: JsonExchange) -> None:
    reply = exchange.dialect.accepted(exchange.sending(messages(3)), {}, IDS)
    told = exchange.receipts(reply)
    assert [one.delivery_id for one in told] == [one.delivery_id for one in messages(3)]
    assert {one.outcome for one in told} == {Outcome.ACCEPTED}
    assert len({one.detail for one in told}) == 3


@pytest.mark.parametrize("exchange", [POSTMARK, MAILJET, RESEND], ids=lambda one: one.name)
@pytest.mark.parametrize("bad", [[0], [1], [0, 2], [0, 1, 2]])
def test_a_rejected_recipient_costs_the_others_nothing(
    exchange: JsonExchange, bad: list[int]
) -> None:
    given = messages(3)
    reasons = {given[n].recipient: "no such mailbox" for n in bad}
    told = exchange.receipts(exchange.dialect.accepted(exchange.sending(given), reasons, IDS))
    assert [one.delivery_id for one in told] == [one.delivery_id for one in given]
    wanted = [Outcome.REJECTED if n in bad else Outcome.ACCEPTED for n in range(3)]
    assert [one.outcome for one in told] == wanted
    assert not any("no such mailbox" in one.detail for one in told)


@pytest.mark.parametrize("failure", [
    Failure.REQUEST, Failure.AUTH, Failure.THROTTLED, Failure.QUOTA,
])  # fmt: skip
def test_a_refusal_says_why_and_nothing_of_what_was_sent(
    exchange: JsonExchange, failure: Failure
) -> None:
    said = f"no: reader.1@example.net {' '.join(SECRETS[exchange.name].values())}"
    with pytest.raises(Refused) as caught:
        exchange.receipts(exchange.dialect.refused(failure, said))
    assert caught.value.failure is failure
    assert not any(word in str(caught.value) for word in said.split()[1:])
    says_when = failure is Failure.THROTTLED and exchange in (RESEND, BREVO)
    assert caught.value.wait == (1 if says_when else None)


@pytest.mark.parametrize(("asks", "wait"), [("7", 7.0), ("0", 0.0), ("soon", None), ("", None)])
def test_it_waits_as_long_as_it_is_asked(
    exchange: JsonExchange, asks: str, wait: float | None
) -> None:
    bare = exchange.dialect.refused(Failure.THROTTLED, "slower")
    with pytest.raises(Refused) as caught:
        exchange.receipts(Reply(429, bare.body, {"Retry-After": asks}))
    assert (caught.value.failure, caught.value.wait) == (Failure.THROTTLED, wait)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 500, 502, 503, 504, 302, 418])
@pytest.mark.parametrize("body", [
    b"", b"<html>", b"null", b"[]", b'"x"', b"{}", b'{"id": 5}', b"\xff\xfe", b"[" * 99_999,
    b'{"Messages": []}', b'{"Messages": 5}', b'{"data": []}', b'{"data": [], "errors": {}}',
    b'{"data": [{}, {}, {}], "errors": [{"index": 3}]}', b'{"data": [1, 2, 3]}',
    b'{"messageIds": []}', b'{"messageIds": "abc"}', b'{"messageId": "a"}', b'{"code": []}',
    b'{"messageIds": ["a", "b", "c", "d"]}', b'{"name": {}, "message": []}', b'{"ErrorCode": {}}',
    b'[{"ErrorCode": 0}, {}, {}, {}]', b'{"ErrorCode": "x", "Messages": {}}',
])  # fmt: skip
def test_an_answer_that_makes_no_sense_is_never_an_acceptance(
    exchange: JsonExchange, status: int, body: bytes
) -> None:
    if (exchange, status // 100, body) == (POSTMARK, 2, b"[]"):
        assert exchange.receipts(Response(status, {}, body)) == []
        return
    with pytest.raises(Refused) as caught:
        exchange.receipts(Response(status, {}, body))
    wanted = Failure.REQUEST if 300 <= status < 500 else Failure.AMBIGUOUS
    assert caught.value.failure is wanted


WORDS = ["Messages", "ErrorCode", "Message", "MessageID", "To", "Status", "Errors", "StatusCode",
         "ErrorRelatedTo", "Data", "Total", "TotalCount", "CustomID", "Metadata", "data", "errors",
         "id", "index", "name", "message", "code", "messageIds", "events", "email",
         "tag"]  # fmt: skip
VALUES = (
    st.none()
    | st.integers()
    | st.booleans()
    | st.text()
    | st.sampled_from(
        ["success", "error", "mj-0013", "To[0].Email", "requests", 406, 300, "invalid_parameter"]
    )
)
TOLD = st.recursive(
    VALUES, lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(WORDS), inner)
)


@given(
    st.sampled_from(ALL), st.integers(100, 599), st.binary() | TOLD.map(json.dumps).map(str.encode)
)
def test_no_answer_is_a_crash(exchange: JsonExchange, status: int, body: bytes) -> None:
    response = Response(status, {"retry-after": "soon", "x-sib-ratelimit-reset": "²"}, body)
    try:
        told = exchange.receipts(response)
    except Refused:
        told = []
    told += exchange.file.evidence([response] * 2, asked(2))
    assert {one.delivery_id for one in told} <= {one.delivery_id for one in messages(3)}


def test_look_ups_find_what_was_accepted(exchange: JsonExchange) -> None:
    accepted = exchange.accepted(2, asked(1)[0].at + timedelta(seconds=5))
    told = {one.delivery_id: one.outcome for one in exchange.look_up(asked(3), accepted)}
    first, second, third = (one.delivery_id for one in asked(3))
    if exchange is RESEND:
        assert told == {}
        return
    assert (told[first], told[second]) == (Outcome.ACCEPTED, Outcome.ACCEPTED)
    assert told.get(third) is (None if exchange is BREVO else Outcome.NOT_ACCEPTED)


def test_whether_it_can_be_asked_is_known(exchange: JsonExchange) -> None:
    assert exchange.file.MEMORY.asks == bool(
        list(exchange.file.questions(asked(1), exchange.access))
    )
    assert list(exchange.file.questions([], exchange.access)) == []
    assert exchange.file.evidence([], asked(2)) == []


@pytest.mark.parametrize("ago", [timedelta(days=7), timedelta(days=89)])
def test_nothing_is_concluded_of_what_may_be_forgotten(
    exchange: JsonExchange, ago: timedelta
) -> None:
    assert exchange.look_up(asked(3, ago), []) == []


@pytest.mark.parametrize("status", [204, 301, 400, 401, 404, 429, 500])
def test_an_answer_that_is_none_proves_nothing(exchange: JsonExchange, status: int) -> None:
    empty = {"Messages": [], "TotalCount": 0, "Data": [], "Total": 0, "events": []}
    assert exchange.file.evidence([answer(status, empty)] * 3, asked(3)) == []
