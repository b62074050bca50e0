"""A real Postfix takes our mail, and the mail is as it was written."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from newsletter.http import Refused
from newsletter.mime import content
from newsletter.model import Failure, Message, Receipt
from newsletter.providers.smtp import Smtp
from tests.newsletter import postfix as real
from tests.newsletter.emulator import letters
from tests.newsletter.postfix import Postfix, client

pytestmark = real.needed


@pytest.fixture(scope="module")
def postfix() -> Iterator[Postfix]:
    with real.running(real.HOLD, ["ada", "eve"]) as made:
        yield made


def hand_over(provider: Smtp, messages: Sequence[Message]) -> list[Receipt]:
    return provider.hand_over(letters.batch(provider, messages))


def test_it_has_the_mail_as_it_was_written(postfix: Postfix) -> None:
    messages = letters.messages("ada", "eve")
    receipts = hand_over(client(postfix, bounces="b+{delivery}@example.org"), messages)
    assert [one.outcome for one in receipts] == ["accepted", "accepted"]
    for message, receipt in zip(messages, receipts, strict=True):
        mail = postfix.queued(receipt, "bh").encode().replace(b"\n", b"\r\n")
        assert mail.endswith(content(message))
        envelope = postfix.queued(receipt, "e")
        assert f"sender: b+{message.delivery_id}@example.org" in envelope
        assert f"recipient: {message.recipient}" in envelope
        assert envelope.count("\nrecipient: ") == 1


def test_who_does_not_exist_is_rejected_alone(postfix: Postfix) -> None:
    receipts = hand_over(client(postfix), letters.messages("ada", "bob", "eve"))
    assert [one.outcome for one in receipts] == ["accepted", "rejected", "accepted"]
    assert receipts[1].suppress
    assert "User unknown" in receipts[1].detail


def test_what_it_does_not_relay_is_our_mistake(postfix: Postfix) -> None:
    elsewhere = replace(letters.message("ada"), recipient="ada@elsewhere.example")
    with pytest.raises(Refused, match="Relay access denied") as refused:
        hand_over(client(postfix), [elsewhere])
    assert refused.value.failure is Failure.REQUEST


def test_encryption_that_it_does_not_offer_is_not_done_without(postfix: Postfix) -> None:
    with pytest.raises(Refused, match="STARTTLS") as refused:
        hand_over(client(postfix, security="starttls"), letters.messages("ada"))
    assert refused.value.failure is Failure.NOT_SENT
