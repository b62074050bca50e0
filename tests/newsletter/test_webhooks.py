"""What is peculiar to one provider's webhook: published vectors, certificates, tokens."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Event as Signal
from threading import Thread
from typing import Any

import pytest

from newsletter import signatures
from newsletter.grouping import Together
from newsletter.hooks import Fetching, Hooks
from newsletter.http import Refused
from newsletter.model import Failure, Fate
from newsletter.webhooks import Forged, Incoming, mailgun, resend, sendgrid, ses
from tests.newsletter import ledgers, tellers
from tests.newsletter.conftest import Told
from tests.newsletter.tellers import ses as teller
from tests.newsletter.test_webhooks_contract import NOW, Stage

TOPIC = teller.secret(0)


def test_a_published_signature_of_sendgrid() -> None:
    """Of the tests of its own libraries (helpers/eventwebhook)."""
    key = (
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEDr2LjtURuePQzplybdC+u4CwrqDqBaWjcMMsTbhdbcwHBcepxo7"
        "yAQGhHPTnlvFYPAZFceEu/1FwCM/QmGUhA=="
    )
    signature = (
        "MEUCIQCtIHJeH93Y+qpYeWrySphQgpNGNr/U+UyUlBkU6n7RAwIgJTz2C+8a8xonZGi6BpSzoQsbVRamr2nlxFDWYN"
        "H2j/0="
    )
    body = b'{"category":"example_payload","event":"test_event","message_id":"message_id"}'
    incoming = Incoming({sendgrid.SIGNATURE: signature, sendgrid.TIMESTAMP: "1588788367"}, body)
    at = datetime.fromtimestamp(1_588_788_367, UTC)
    sendgrid.verify(incoming, [key], at, tellers.fetch)
    with pytest.raises(Forged, match="key"):
        sendgrid.verify(replace(incoming, body=body + b" "), [key], at, tellers.fetch)


def test_a_published_signature_of_svix() -> None:
    """Of "How to verify webhooks manually", and the tests of its libraries."""
    headers = {
        "svix-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "svix-timestamp": "1614265330",
        "svix-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    incoming = Incoming(headers, b'{"test": 2432232314}')
    at = datetime.fromtimestamp(1_614_265_330, UTC)
    resend.verify(incoming, ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], at, tellers.fetch)
    for secret in ("whsec_", "whsec_é", "no secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSv"):
        with pytest.raises(Forged):
            resend.verify(incoming, [secret], at, tellers.fetch)


@pytest.mark.parametrize("key", ["", "é", "AAAA", "MFkw", "not a key"])
def test_what_is_no_key_has_signed_nothing(key: str) -> None:
    assert not signatures.is_ecdsa(key, "AAAA", b"")
    assert not signatures.is_rsa(key.encode(), "AAAA", b"", "SHA256", NOW)
    [certificate] = teller.FETCHED.values()
    assert not signatures.is_rsa(certificate, key, b"", "SHA256", NOW)


@pytest.fixture
def stage(embedded: Told) -> Stage:
    made = Stage(embedded, "mailgun")
    made.tell_people("ada", "bob")
    return made


def test_a_token_of_mailgun_vouches_for_one_event(stage: Stage) -> None:
    """Its signature is not of the event: who has seen one request could write another."""
    good = stage.request(stage.event(Fate.DELIVERED))
    assert stage.take(good).status == 200
    other = good.body.replace(stage.ids[0].encode(), stage.ids[1].encode())
    stage.require_unchanged(Incoming({}, other.replace(b"delivered", b"complained")), 200)


def test_mailgun_signs_for_the_account_above_as_well(stage: Stage) -> None:
    told = json.loads(stage.request(stage.event(Fate.DELIVERED)).body)
    block = told["signature"]
    block |= {"parent-signature": block["signature"], "signature": "0" * 64}
    assert stage.take(Incoming({}, json.dumps(told).encode())).status == 200
    assert mailgun.VARIABLE == "MAILGUN_WEBHOOK_KEY"


def sns(**changes: str) -> dict[str, str]:
    """A notification of the topic, before it is signed."""
    told = {
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Message": json.dumps(teller.event(Fate.DELIVERED, "one", 1)),
        "Timestamp": "2026-02-01T10:00:00.000Z",
    }
    return told | changes


CONFIRM = f"{teller.HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336412f37"
CONFIRMATION = sns(
    Type="SubscriptionConfirmation", Message="You have chosen …", Token="2336412f37",
    SubscribeURL=CONFIRM,
)  # fmt: skip


class Fetched:
    """Keeps what was looked up."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, address: str) -> bytes:
        self.asked.append(address)
        return teller.FETCHED.get(address, b"<ConfirmSubscriptionResponse/>")


def verify(told: dict[str, str], fetched: Fetched | None = None, now: datetime = NOW) -> None:
    incoming = Incoming({}, json.dumps(told).encode())
    ses.verify(incoming, [TOPIC], now, fetched or Fetched())


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("changes", [{}, {"Subject": "Amazon SES Email Event Notification"}])
def test_both_signatures_of_sns_are_good(version: str, changes: dict[str, str]) -> None:
    verify(teller.signed(sns(**changes), version))
    with pytest.raises(Forged, match="signature"):
        verify(teller.signed(sns(**changes), version) | {"Subject": "other"})


def test_a_subscription_to_our_topic_is_confirmed_and_tells_nothing() -> None:
    fetched = Fetched()
    verify(teller.signed(CONFIRMATION), fetched)
    assert fetched.asked == [teller.CERTIFICATE, CONFIRM]
    told = Incoming({}, json.dumps(teller.signed(CONFIRMATION)).encode())
    assert ses.events(told) == []


@pytest.mark.parametrize(
    "address",
    [
        "", "https://evil.example/?Action=ConfirmSubscription&Token=1",
        "http://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=1",
        "https://sns.eu-west-1.amazonaws.com@evil.example/?Action=ConfirmSubscription&Token=1",
        "https://sns.eu-west-1.amazonaws.com.evil.example/?Action=ConfirmSubscription&Token=1",
        "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&Token=1",
        "https://sns.eu-west-1.amazonaws.com/?Action=DeleteTopic&Token=1",
        "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=1\n",
        "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=1#@evil.example",
    ],
)  # fmt: skip
def test_nothing_is_confirmed_elsewhere_however_well_it_is_signed(address: str) -> None:
    fetched = Fetched()
    with pytest.raises(Forged, match="SubscribeURL"):
        verify(teller.signed({**CONFIRMATION, "SubscribeURL": address}), fetched)
    assert fetched.asked == [teller.CERTIFICATE]


@pytest.mark.parametrize(
    "address",
    [
        "", "https://evil.example/SimpleNotificationService-0a0a0a0a0a0a0a0a.pem",
        f"http{teller.CERTIFICATE.removeprefix('https')}",
        teller.CERTIFICATE.replace("amazonaws.com", "amazonaws.com.evil.example"),
        teller.CERTIFICATE.replace("amazonaws.com", "amazonaws.com:8443"),
        teller.CERTIFICATE.replace("eu-west-1", "us-east-1"),
        teller.CERTIFICATE.replace("/Simple", "/../Simple"),
        f"{teller.CERTIFICATE}?x=1", f"{teller.CERTIFICATE}\n", "https://169.254.169.254/latest.pem",
    ],
)  # fmt: skip
def test_no_certificate_is_looked_up_elsewhere(address: str) -> None:
    fetched = Fetched()
    with pytest.raises(Forged, match="SigningCertURL"):
        verify(teller.signed(sns(), SigningCertURL=address), fetched)
    assert fetched.asked == []


@pytest.mark.parametrize("topic", ["", "x", TOPIC.replace("topic-0", "topic-1"), f"{TOPIC}\n"])
def test_nothing_is_looked_up_for_another_topic(topic: str) -> None:
    fetched = Fetched()
    with pytest.raises(Forged, match="topic"):
        verify(teller.signed({**CONFIRMATION, "TopicArn": topic}), fetched)
    assert fetched.asked == []


@pytest.mark.parametrize("version", ["", "0", "3", "SHA1"])
def test_another_version_of_signatures_is_none(version: str) -> None:
    with pytest.raises(Forged, match="signature"):
        verify(teller.signed(sns()) | {"SignatureVersion": version})


def test_a_certificate_that_is_over_is_none() -> None:
    later = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=20_001)
    with pytest.raises(Forged, match="signature"):
        verify(teller.signed(sns(Timestamp=later.isoformat())), now=later)


def test_a_test_of_a_topic_in_words_is_kept(embedded: Told) -> None:
    stage = Stage(embedded, "ses")
    words = "Successfully validated SNS topic for Amazon SES event publishing."
    told = teller.signed(sns(Message=words))
    assert stage.take(Incoming({}, json.dumps(told).encode())).status == 200
    assert [row["kind"] for row in stage.events()] == ["other"]


@pytest.mark.parametrize(
    ("failure", "status"),
    [(Failure.REQUEST, 401), (Failure.NOT_SENT, 503), (Failure.AMBIGUOUS, 503)],
)
def test_where_the_certificate_can_not_be_had_now_it_is_asked_to_tell_again(
    embedded: Told, failure: Failure, status: int
) -> None:
    def fetch(address: str) -> bytes:
        raise Refused(failure, f"not {address[:8]}")

    made = Hooks(
        embedded.database, embedded.sender.journal, {"ses": [TOPIC]}, clock=lambda: NOW, fetch=fetch
    )
    before = ledgers.everything(embedded.database)
    assert made.take("ses", teller.request(b"{}", 0, NOW)).status == status
    assert ledgers.everything(embedded.database) == before


def test_a_certificate_is_looked_up_once_and_a_refusal_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from newsletter import gates
    from newsletter.http import Response

    asked = count()
    answers = {"https://a/x.pem": Response(200, {}, b"x"), "https://a/y": Response(200, {}, b"y")}

    def answer(address: str) -> Response:
        next(asked)
        return answers.get(address, Response(404, {}, b""))

    monkeypatch.setattr(gates, "fetch", answer)
    fetch = Fetching()
    assert [fetch("https://a/x.pem") for _ in range(3)] == [b"x"] * 3
    assert [fetch("https://a/y") for _ in range(2)] == [b"y"] * 2
    for _ in range(2):
        with pytest.raises(Refused, match="404"):
            fetch("https://a/z.pem")
    assert next(asked) == 5


def test_what_is_wished_for_meanwhile_is_granted_together() -> None:
    begun, go_on, runs = Signal(), Signal(), list[list[int]]()

    def run(wishes: Any) -> list[int]:
        runs.append(list(wishes))
        begun.set()
        assert go_on.wait(30)
        return [one * 2 for one in wishes]

    together: Together[int, int] = Together(run)
    results: dict[int, int] = {}

    def wish(one: int) -> Callable[[], None]:
        return lambda: results.update({one: together.grant(one)})

    threads = [Thread(target=wish(one)) for one in range(9)]
    threads[0].start()
    assert begun.wait(30)
    for thread in threads[1:]:
        thread.start()
    while len(together._queue) < 8:
        pass
    go_on.set()
    for thread in threads:
        thread.join()
    assert results == {one: one * 2 for one in range(9)}
    assert [len(some) for some in runs] == [1, 8]


def test_what_a_run_raises_is_raised_for_each_wish_and_not_for_the_next() -> None:
    def run(wishes: Any) -> list[int]:
        return [10 // one for one in wishes]

    together: Together[int, int] = Together(run)
    with pytest.raises(ZeroDivisionError):
        together.grant(0)
    assert together.grant(5) == 2
