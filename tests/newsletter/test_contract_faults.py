"""What every provider must make of all that can go wrong; see test_contract."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from newsletter.http import Access, Refused, Request, Response
from newsletter.model import Failure, Outcome
from newsletter.providers import names
from newsletter.transport import Link, OverHttp
from tests.newsletter.emulator import letters
from tests.newsletter.emulator.faults import Fault
from tests.newsletter.emulator.judging import batch, hand_over, is_true, secrets_in, told
from tests.newsletter.emulator.stages import Stage, faults, stage

NAMES = ("ada", "bob", "eve")


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def on_stage(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    with stage(name, tmp_path, monkeypatch) as made:
        yield made


each = pytest.mark.parametrize("name", names(), indirect=True)
each_over_http = pytest.mark.parametrize(
    "name", [name for name in names() if Fault.REDIRECT in faults(name)], indirect=True
)
each_fault = pytest.mark.parametrize(
    ("name", "fault"),
    [(name, fault) for name in names() for fault in faults(name)],
    indirect=["name"],
)


@each
def test_who_is_rejected_is_rejected_alone(on_stage: Stage) -> None:
    """A provider that tells of nobody alone has accepted all, for what that is worth."""
    handed = batch(on_stage, "ada", "bad-bob", "eve")
    answer = hand_over(on_stage.provider, handed)
    assert is_true(answer, handed, on_stage)
    said = told(answer, handed)
    assert (said[0], said[2]) == (Outcome.ACCEPTED, Outcome.ACCEPTED)
    assert said[1] in (Outcome.ACCEPTED, Outcome.REJECTED)


@each_fault
def test_each_fault_means_what_it_should(on_stage: Stage, name: str, fault: Fault) -> None:
    on_stage.misbehave(fault)
    provider = on_stage.impatient() if fault is Fault.SILENT else on_stage.provider
    handed = batch(on_stage, *NAMES)
    answer = hand_over(provider, handed)
    assert is_true(answer, handed, on_stage)
    assert not secrets_in(on_stage, f"{provider} {handed} {answer} {answer!r}")
    expected = faults(name)[fault]
    if fault is Fault.HALF:  # the first half may say all
        assert set(told(answer, handed)) <= {None, Outcome.ACCEPTED, Outcome.NOT_ACCEPTED}
    elif expected is Failure.AMBIGUOUS:
        assert None in told(answer, handed)
    else:
        assert isinstance(answer, Refused)
        assert answer.failure is expected
        assert answer.__cause__ is None  # an exception of a library might show what was sent
        assert on_stage.accepted() == []


@each_fault
def test_it_goes_on_after_each_fault(on_stage: Stage, fault: Fault) -> None:
    on_stage.misbehave(fault)
    provider = on_stage.impatient() if fault is Fault.SILENT else on_stage.provider
    hand_over(provider, batch(on_stage, "ada"))
    handed = batch(on_stage, "bob", "eve")
    assert told(hand_over(on_stage.provider, handed), handed) == [Outcome.ACCEPTED] * 2


@each_fault
def test_after_each_fault_it_can_be_found_out_what_was_accepted(
    on_stage: Stage, fault: Fault
) -> None:
    """Of those that can be asked, once what they know has settled. To some, silence is no "no"."""
    on_stage.misbehave(fault)
    messages = letters.messages(*NAMES, "never")
    handed = batch(on_stage, *NAMES)
    asked = letters.asked(messages)
    hand_over(on_stage.impatient(), handed)
    memory = on_stage.provider.memory
    on_stage.wait(memory.settle_seconds + 1)
    said = {one.delivery_id: one.outcome for one in on_stage.provider.look_up(asked)}
    accepted = {one.delivery_id for one in on_stage.accepted()}
    if on_stage.provider.memory.asks:
        assert {one for one, outcome in said.items() if outcome is Outcome.ACCEPTED} == accepted
    assert not [one for one in accepted if said.get(one, Outcome.ACCEPTED) is not Outcome.ACCEPTED]


@each
def test_it_can_be_asked_of_what_it_has_accepted(on_stage: Stage) -> None:
    """At once, some say less than they will: their "no" is not believed so early."""
    ada, never = letters.messages("ada", "never")
    on_stage.provider.hand_over(batch(on_stage, "ada"))
    memory = on_stage.provider.memory
    for seconds in (0.0, memory.settle_seconds + 1):
        on_stage.wait(seconds)
        asked = letters.asked([ada, never])
        said = {one.delivery_id: one.outcome for one in on_stage.provider.look_up(asked)}
        assert said.get(never.delivery_id) is not Outcome.ACCEPTED
    assert said.get(ada.delivery_id) is (Outcome.ACCEPTED if memory.asks else None)


class Tired(Link):
    """Makes one request, and no second one."""

    made = 0

    def send(self, base: str, request: Request) -> Response:
        self.made += 1
        if self.made > 1:
            raise Refused(Failure.THROTTLED, "no more")
        return Link.send(self, base, request)


@each_over_http
def test_what_it_has_answered_counts_though_it_answers_no_more(on_stage: Stage) -> None:
    messages = letters.messages("ada", "bob")
    on_stage.provider.hand_over(batch(on_stage, "ada", "bob"))
    on_stage.wait(on_stage.provider.memory.settle_seconds + 1)
    link = Tired()
    tired = replace(cast("OverHttp", on_stage.provider), link=link)
    said = tired.look_up(letters.asked(messages))
    if link.made > 1:
        assert {one.outcome for one in said} == {Outcome.ACCEPTED}


@each_fault
def test_under_a_key_that_is_remembered_nothing_is_accepted_twice(
    on_stage: Stage, fault: Fault
) -> None:
    """Whatever came of the first time, the second settles it. The others are not handed it."""
    if not on_stage.provider.memory.key_seconds:
        return
    on_stage.misbehave(fault)
    handed = batch(on_stage, "ada", "bad-bob", "eve")
    hand_over(on_stage.impatient(), handed)
    for _ in range(2):
        answer = hand_over(on_stage.provider, handed)
        assert is_true(answer, handed, on_stage)
        assert told(answer, handed)[::2] == [Outcome.ACCEPTED] * 2


@each
def test_where_nobody_is_nothing_was_sent(on_stage: Stage) -> None:
    provider = on_stage.unreachable()
    with pytest.raises(Refused) as refused:
        provider.hand_over(batch(on_stage, *NAMES))
    # The outbox is a folder: no second try finds it there.
    assert refused.value.failure in (Failure.NOT_SENT, Failure.REQUEST)
    said = provider.look_up(letters.asked(letters.messages(*NAMES)))
    assert Outcome.ACCEPTED not in {one.outcome for one in said}


@each_over_http
def test_a_redirect_is_not_followed(on_stage: Stage) -> None:
    on_stage.misbehave(Fault.REDIRECT, Fault.NONE)
    hand_over(on_stage.provider, batch(on_stage, *NAMES))
    assert on_stage.accepted() == []


@each_over_http
def test_who_has_wrong_credentials_gets_nothing(on_stage: Stage) -> None:
    provider = cast("OverHttp", on_stage.provider)
    for variable, needed in provider.file.SECRETS.items():
        if not needed:
            continue
        stranger = replace(provider, secrets={**provider.secrets, variable: "wrong"})
        with pytest.raises(Refused) as refused:
            stranger.hand_over(batch(on_stage, *NAMES))
        assert refused.value.failure is Failure.AUTH
        assert stranger.look_up(letters.asked(letters.messages(*NAMES))) == []
    assert on_stage.accepted() == []


GARBAGE = [
    b"", b"null", b"5", b'"x"', b"{}", b"[]", b"[1]", b"[null, null, null]", b"[[], [], []]",
    b"[{}, {}, {}]", b'{"x": {"y": [null]}}', b"\xff\xfe", b"<html>", b'{"data": 1}',
    b'{"Messages": 1, "messages": 1, "events": 1, "items": 1, "results": 1, "Data": 1}',
    b'{"Messages": [1], "messages": [1], "events": [1], "items": [1], "data": [1], "Data": [1]}',
    b'[{"ErrorCode": "0"}, {"ErrorCode": null}, {"ErrorCode": []}]', b"NaN", b"[" * 5_000,
]  # fmt: skip


@each_over_http
@pytest.mark.parametrize("status", [200, 201, 202, 207, 299, 400, 404, 409, 422, 429, 500, 599])
def test_what_it_can_not_understand_it_makes_nothing_of(on_stage: Stage, status: int) -> None:
    """Where a status says all, as with SendGrid's 202, the rest is not looked at."""
    provider = cast("OverHttp", on_stage.provider)
    handed = batch(on_stage, *NAMES)
    asked = letters.asked(letters.messages(*NAMES))
    access = Access(provider.options, provider.secrets, provider.base, provider.clock())
    count = len(list(provider.file.questions(asked, access)))
    for body in GARBAGE:
        response = Response(status, {}, body)
        with suppress(Refused):
            receipts = provider.file.receipts(response, handed)
            assert {one.delivery_id for one in receipts} <= set(handed.delivery_ids)
            known = {one.outcome for one in receipts} - {Outcome.UNKNOWN}
            assert known <= ({Outcome.ACCEPTED} if status == 202 else set()), body
        with suppress(Refused):
            found = provider.file.evidence([response] * count, asked) if count else []
            assert {one.outcome for one in found} <= {Outcome.UNKNOWN}, body
