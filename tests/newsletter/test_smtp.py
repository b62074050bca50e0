"""SMTP: what each reply means, and that a lost one leaves no more in doubt than it must."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from newsletter.http import Refused
from newsletter.model import Failure, Message, Receipt
from newsletter.place import of_demonstration
from newsletter.providers.smtp import Smtp, connect
from newsletter.smtp import Patience
from tests.newsletter.emulator import letters
from tests.newsletter.emulator.faults import Fault
from tests.newsletter.emulator.relay import Relay

IMPATIENT = Patience(command=0.3, end=0.3, goodbye=0.3)
NAMES = ("ada", "bob", "eve")
PLACE = of_demonstration(Path())


def client(port: int, **options: str) -> Smtp:
    local = {"host": "localhost", "port": str(port), "security": "none"}
    return connect(PLACE, {**local, **options})


def hand_over(provider: Smtp, messages: Sequence[Message] = ()) -> list[Receipt]:
    return provider.hand_over(letters.batch(provider, messages or letters.messages(*NAMES)))


def refusal(provider: Smtp) -> Refused:
    with pytest.raises(Refused) as refused:
        hand_over(provider)
    return refused.value


def outcomes(receipts: Sequence[Receipt]) -> list[str]:
    return [str(one.outcome) for one in receipts]


def recipients(relay: Relay) -> list[str]:
    return [one.recipient.partition("@")[0] for one in relay.accepted]


def told(replies: dict[str, str], *, pipelining: bool = False) -> tuple[list[Receipt], list[str]]:
    """The receipts of a batch to a server that has some replies, and whose mail it accepted."""
    said = {f"{command}@example.org": reply for command, reply in replies.items()}
    with Relay(said, pipelining=pipelining) as relay:
        return hand_over(client(relay.port)), recipients(relay)


either = pytest.mark.parametrize("pipelining", [False, True])


@either
def test_each_mail_is_a_transaction_of_its_own(pipelining: bool) -> None:
    with Relay(pipelining=pipelining) as relay:
        receipts = hand_over(client(relay.port))
        assert outcomes(receipts) == ["accepted"] * 3
        assert recipients(relay) == list(NAMES)
        assert receipts[0].detail == "250 2.0.0 OK: queued"
        assert relay.senders == ["series@example.org"] * 3
        assert relay.greetings == ["[127.0.0.1]"]


@either
def test_who_does_not_exist_is_rejected_alone(pipelining: bool) -> None:
    replies = {"RCPT bob": "550 5.1.1 <bob@example.org>: no such user"}
    receipts, accepted = told(replies, pipelining=pipelining)
    assert outcomes(receipts) == ["accepted", "rejected", "accepted"]
    assert [one.suppress for one in receipts] == [False, True, False]
    assert receipts[1].detail == "550 5.1.1 <bob@example.org>: no such user"
    assert accepted == ["ada", "eve"]


@pytest.mark.parametrize("reply", ["552 5.2.2 Mailbox full", "550 5.1.2 No such domain"])
def test_a_mailbox_that_takes_nothing_now_may_be_written_to_again(reply: str) -> None:
    receipts, _ = told({"RCPT bob": reply})
    assert outcomes(receipts) == ["accepted", "rejected", "accepted"]
    assert not receipts[1].suppress


def test_a_server_may_know_only_at_the_end_of_a_mail() -> None:
    receipts, accepted = told({"DATA bob": "550 5.1.1 No such user"})
    assert outcomes(receipts) == ["accepted", "rejected", "accepted"]
    assert accepted == ["ada", "eve"]


@either
@pytest.mark.parametrize("code", [450, 451, 452, 454])
def test_what_is_put_off_is_surely_not_accepted(code: int, pipelining: bool) -> None:
    receipts, accepted = told({"RCPT bob": f"{code} Later"}, pipelining=pipelining)
    assert outcomes(receipts) == ["accepted", "not accepted", "accepted"]
    assert accepted == ["ada", "eve"]


@either
def test_a_server_that_closes_is_left_alone(pipelining: bool) -> None:
    replies = {"RCPT bob": "421 4.3.2 Going down"}
    receipts, accepted = told(replies, pipelining=pipelining)
    assert outcomes(receipts) == ["accepted", "not accepted", "not accepted"]
    assert accepted == ["ada"]


@pytest.mark.parametrize("reply", ["550 Not here", "554 5.7.1 Not you", "550 5.1.8 Bad sender"])
def test_a_refusal_is_about_an_address_only_if_a_later_one_was_taken(reply: str) -> None:
    """Else it may be a limit, or a policy that holds for all: no list is lost to that."""
    assert outcomes(told({"RCPT ada": reply})[0]) == ["rejected", "accepted", "accepted"]
    assert outcomes(told({"RCPT eve": reply})[0]) == ["accepted", "accepted", "not accepted"]
    assert not told({"RCPT ada": reply})[0][0].suppress


def test_a_refusal_of_what_a_mail_says_is_about_no_address() -> None:
    receipts, _ = told({"DATA ada": "554 5.7.1 Looks like spam"})
    assert outcomes(receipts) == ["not accepted", "accepted", "accepted"]


def test_a_limit_that_is_reached_ends_the_batch() -> None:
    receipts, accepted = told({"RCPT bob": "550 5.4.5 Daily user sending limit exceeded"})
    assert outcomes(receipts) == ["accepted", "not accepted", "not accepted"]
    assert accepted == ["ada"]


@pytest.mark.parametrize(
    ("reply", "failure"),
    [
        ("550 5.4.5 Daily user sending limit exceeded", Failure.QUOTA),
        ("530 5.7.0 Authentication required", Failure.AUTH),
        ("554 5.7.1 Relay access denied", Failure.REQUEST),
        ("550 5.1.8 No such sender", Failure.REQUEST),
        ("451 4.7.1 Too much mail", Failure.THROTTLED),
        ("421 4.7.0 Too much mail", Failure.THROTTLED),
    ],
)
@pytest.mark.parametrize("step", ["MAIL series", "RCPT {}", "DATA {}"])
def test_what_holds_for_all_is_said_of_the_batch(step: str, reply: str, failure: Failure) -> None:
    said = {f"{step.format(name)}@example.org": reply for name in NAMES}
    with Relay(said) as relay:
        assert refusal(client(relay.port)).failure is failure
        assert relay.accepted == []


def test_a_sender_that_does_not_exist_is_not_taken_for_a_recipient() -> None:
    with Relay({"MAIL series@example.org": "550 5.1.1 No such mailbox"}) as relay:
        assert refusal(client(relay.port)).failure is Failure.REQUEST


LOST = [Fault.RESET, Fault.HALF, Fault.SILENT, Fault.GARBAGE]


@pytest.mark.parametrize("fault", LOST)
def test_one_lost_answer_leaves_one_mail_in_doubt(fault: Fault) -> None:
    with Relay() as relay:
        relay.plan = [fault]
        receipts = hand_over(replace(client(relay.port), patience=IMPATIENT))
        assert outcomes(receipts) == ["unknown", "not accepted", "not accepted"]
        assert recipients(relay) == ["ada"]


def test_what_was_answered_before_is_known() -> None:
    with Relay() as relay:
        relay.plan = [Fault.PART]
        assert outcomes(hand_over(client(relay.port))) == ["accepted", "unknown", "not accepted"]
        assert recipients(relay) == ["ada", "bob"]


def test_nothing_is_in_doubt_before_the_first_mail() -> None:
    with Relay() as relay:
        relay.plan = [Fault.RESET_BEFORE]
        assert refusal(client(relay.port)).failure is Failure.NOT_SENT
    assert refusal(client(relay.port)).failure is Failure.NOT_SENT
    assert refusal(client(25, host="no-such-host.invalid", security="tls")).failure is (
        Failure.NOT_SENT
    )


def test_what_ends_a_batch_is_what_is_said_of_it() -> None:
    said = {"RCPT ada@example.org": "451 Later", "RCPT bob@example.org": "530 5.7.0 Log in"}
    with Relay(said) as relay:
        assert refusal(client(relay.port)).failure is Failure.AUTH


def test_lines_that_begin_with_a_dot_arrive_whole() -> None:
    mail = replace(letters.MAIL, text=".\n..\n.x\n\n.\n")
    with Relay() as relay:
        hand_over(client(relay.port), [letters.message("ada", mail)])
        assert relay.accepted[0].text == mail.text


def test_bounces_can_tell_whose_they_are() -> None:
    with Relay() as relay:
        hand_over(client(relay.port, bounces="b+{delivery}@example.org", helo="mail.example.org"))
        assert relay.senders == [
            f"b+{one.delivery_id}@example.org" for one in letters.messages(*NAMES)
        ]
        assert relay.greetings == ["mail.example.org"]
