"""What every provider must do, found by walking their folder."""

from pathlib import Path

import pytest

from newsletter.model import Message, Outcome
from newsletter.place import Place
from newsletter.providers import Provider, connect, names
from press.problems import ProblemsFound

MESSAGES = [
    Message(f"{n:024}", "an-article", f"r{n}@example.org", b"Subject: x\r\n\r\n") for n in range(3)
]


@pytest.fixture(params=names())
def provider(request: pytest.FixtureRequest, tmp_path: Path) -> Provider:
    return connect(request.param, Place(tmp_path, "", tmp_path / "outbox"))


def test_it_takes_at_least_one_message(provider: Provider) -> None:
    assert provider.limit >= 1


def test_it_freezes_the_same_messages_to_the_same_bytes(provider: Provider) -> None:
    assert provider.freeze(MESSAGES) == provider.freeze(list(MESSAGES))
    assert provider.freeze(MESSAGES) != provider.freeze(MESSAGES[:2])


def test_it_gives_a_receipt_for_each_message(provider: Provider) -> None:
    receipts = provider.hand_over(provider.freeze(MESSAGES), "key")
    assert [receipt.delivery_id for receipt in receipts] == [m.delivery_id for m in MESSAGES]
    assert {receipt.outcome for receipt in receipts} == {Outcome.ACCEPTED}


def test_what_it_says_when_asked_agrees_with_what_it_accepted(provider: Provider) -> None:
    provider.hand_over(provider.freeze(MESSAGES[:1]), "key")
    told = {r.delivery_id: r.outcome for r in provider.look_up([m.delivery_id for m in MESSAGES])}
    assert told.get(MESSAGES[0].delivery_id, Outcome.UNKNOWN) is not Outcome.NOT_ACCEPTED
    assert told.get(MESSAGES[1].delivery_id, Outcome.UNKNOWN) is not Outcome.ACCEPTED


def test_an_unknown_provider_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(ProblemsFound, match="did you mean `outbox`"):
        connect("outbix", Place(tmp_path, "", tmp_path))
