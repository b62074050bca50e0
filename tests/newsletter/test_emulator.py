"""The emulated provider keeps its word: its log is what was accepted, and it fails as it was told.

By itself, in the dialect of no provider, against the real transport.
"""

import json
import socket
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from newsletter.http import Refused
from newsletter.model import Asked, Batch, Failure, Outcome
from newsletter.transport import Link, OverHttp
from tests.newsletter.emulator import letters, plain, server
from tests.newsletter.emulator.faults import BEFORE, Fault, Plan
from tests.newsletter.emulator.server import Emulator

SECRETS = {"PLAIN_TOKEN": "a-secret"}
CREDENTIALS = {"Authorization": "Bearer a-secret"}


def batch(provider: OverHttp, *names: str) -> Batch:
    return letters.batch(provider, letters.messages(*names))


def asked(*names: str) -> list[Asked]:
    return letters.asked(letters.messages(*names))


def client(url: str, read_seconds: float = 30.0) -> OverHttp:
    return OverHttp(plain, url, {}, SECRETS, link=Link(seconds=(5.0, read_seconds)))


def emulator_of(
    log: Path, *faults: Fault, key_seconds: float = 3600.0, settle_seconds: float = 0.0
) -> Emulator:
    plan = Plan(faults)
    return Emulator(
        plain, SECRETS, log, plan, key_seconds=key_seconds, settle_seconds=settle_seconds
    )


def delivery(name: str) -> str:
    return letters.message(name).delivery_id


def logged(log: Path) -> list[str]:
    """The recipients in the log."""
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    return [row["recipient"].partition("@")[0] for row in rows]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "accepted.jsonl"


def test_what_it_accepts_is_in_its_log(log: Path) -> None:
    with emulator_of(log) as emulator:
        provider = client(emulator.url)
        handed = batch(provider, "ada", "bad-bob", "eve")
        receipts = provider.hand_over(handed)
    assert [one.outcome for one in receipts] == ["accepted", "rejected", "accepted"]
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(row["delivery"], row["recipient"], row["key"]) for row in rows] == [
        (delivery("ada"), "ada@example.org", handed.key),
        (delivery("eve"), "eve@example.org", handed.key),
    ]
    assert all(isinstance(row["at"], float) for row in rows)
    assert [row["id"] for row in rows] == [receipts[0].detail, receipts[2].detail]
    ada = letters.message("ada")
    assert emulator.books.accepted[0].message.text == ada.personal(ada.mail.text)


MEANINGS = {
    Fault.THROTTLE: Failure.THROTTLED,
    Fault.QUOTA: Failure.QUOTA,
    Fault.AUTH: Failure.AUTH,
    Fault.REQUEST: Failure.REQUEST,
    Fault.REDIRECT: Failure.REQUEST,
}
"""All others leave in doubt what was accepted."""


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.NONE])
def test_each_fault_does_what_it_says(fault: Fault, log: Path) -> None:
    """Then the next request goes well. With no key remembered, half means half."""
    with emulator_of(log, fault, key_seconds=0.0) as emulator:
        provider = client(emulator.url, 0.2 if fault is Fault.SILENT else 30.0)
        with pytest.raises(Refused) as refused:
            provider.hand_over(batch(provider, "ada", "bob"))
        assert refused.value.failure is MEANINGS.get(fault, Failure.AMBIGUOUS)
        if fault is Fault.PART:
            assert logged(log) == ["ada"]
        else:
            assert logged(log) == ([] if fault in BEFORE else ["ada", "bob"])
        [receipt] = client(emulator.url).hand_over(batch(provider, "eve"))
        assert receipt.outcome is Outcome.ACCEPTED


@pytest.mark.parametrize(
    ("fault", "error"),
    [(Fault.RESET, "ConnectionReset"), (Fault.HALF, "IncompleteRead"), (Fault.SILENT, "timed out")],
)
def test_an_answer_is_reset_or_half_or_none(fault: Fault, error: str, log: Path) -> None:
    with emulator_of(log, fault) as emulator:
        url = f"{emulator.url}/send"
        with pytest.raises(requests.RequestException, match=error):
            requests.post(url, b"[]", headers=CREDENTIALS, timeout=0.2)


def test_garbage_looks_like_success(log: Path) -> None:
    with emulator_of(log, Fault.GARBAGE) as emulator:
        answer = requests.post(f"{emulator.url}/send", b"[]", headers=CREDENTIALS, timeout=10)
        assert answer.status_code == 200
        with pytest.raises(ValueError, match=r"Expecting|decode"):
            answer.json()


def test_the_same_bytes_under_the_same_key_are_answered_again(log: Path) -> None:
    with emulator_of(log, Fault.RESET) as emulator:
        provider = client(emulator.url)
        with pytest.raises(Refused):
            provider.hand_over(batch(provider, "ada", "bad-bob"))
        again, once_more = (provider.hand_over(batch(provider, "ada", "bad-bob")) for _ in "ab")
        assert again == once_more
        assert [one.outcome for one in again] == ["accepted", "rejected"]
        assert logged(log) == ["ada"]


def test_other_bytes_under_the_same_key_are_refused(log: Path) -> None:
    with emulator_of(log) as emulator:
        provider = client(emulator.url)
        ada = batch(provider, "ada")
        provider.hand_over(ada)
        with pytest.raises(Refused, match="400") as refused:
            provider.hand_over(replace(batch(provider, "bob"), key=ada.key))
        assert refused.value.failure is Failure.REQUEST
        provider.hand_over(batch(provider, "bob"))
        assert logged(log) == ["ada", "bob"]


def test_a_key_is_forgotten_after_its_life(log: Path) -> None:
    with emulator_of(log, key_seconds=60.0) as emulator:
        provider = client(emulator.url)
        for ahead, expected in ((0, 1), (59, 1), (61, 2)):
            emulator.books.ahead = ahead
            provider.hand_over(batch(provider, "ada"))
            assert len(logged(log)) == expected


def test_whoever_remembers_keys_takes_a_request_as_a_whole(log: Path) -> None:
    with emulator_of(log, Fault.PART) as emulator:
        provider = client(emulator.url)
        with pytest.raises(Refused):
            provider.hand_over(batch(provider, "ada", "bob"))
        assert logged(log) == ["ada", "bob"]


def test_it_can_be_asked_once_things_have_settled(log: Path) -> None:
    with emulator_of(log, settle_seconds=60.0) as emulator:
        provider = client(emulator.url)
        provider.hand_over(batch(provider, "ada"))
        for ahead, expected in ((0, "not accepted"), (61, "accepted")):
            emulator.books.ahead = ahead
            told = provider.look_up(asked("ada", "bob"))
            assert [one.outcome for one in told] == [expected, "not accepted"]


@pytest.mark.parametrize("body", [b"", b"[1]", b"\xff", b'{"a": 1}'])
def test_what_is_not_well_formed_is_refused(body: bytes, log: Path) -> None:
    with emulator_of(log, Fault.SILENT) as emulator:
        answer = requests.post(f"{emulator.url}/send", body, headers=CREDENTIALS, timeout=10)
        assert answer.status_code == 400
        assert emulator.sendings == 0


def test_who_has_no_credentials_is_refused_and_learns_nothing(log: Path) -> None:
    with emulator_of(log) as emulator:
        provider = replace(client(emulator.url), secrets={"PLAIN_TOKEN": "wrong"})
        with pytest.raises(Refused) as refused:
            provider.hand_over(batch(provider, "ada"))
        assert refused.value.failure is Failure.AUTH
        assert provider.look_up(asked("ada")) == []
        assert logged(log) == []


def test_chance_is_the_same_for_the_same_seed() -> None:
    rates = {Fault.RESET: 0.2, Fault.THROTTLE: 0.1}

    def drawn(seed: int) -> list[Fault]:
        plan = Plan([Fault.SILENT], rates, seed)
        return [plan.next() for _ in range(500)]

    assert drawn(1) == drawn(1) != drawn(2)
    assert drawn(1)[0] is Fault.SILENT
    assert set(drawn(1)[1:]) == {Fault.NONE, *rates}
    assert 60 < drawn(1).count(Fault.RESET) < 140


def test_as_a_process_it_can_be_told_and_asked(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with server.started("plain", log, "--plan", "throttle,none", "--key-seconds", "60") as url:
        provider = client(url)
        with pytest.raises(Refused, match="429"):
            provider.hand_over(batch(provider, "ada"))
        provider.hand_over(batch(provider, "ada"))
        assert requests.post(f"{url}/-/ahead", "61", timeout=10).ok
        assert requests.post(f"{url}/-/plan", '["none", "reset"]', timeout=10).ok
        provider.hand_over(batch(provider, "ada"))
        with pytest.raises(Refused):
            provider.hand_over(batch(provider, "bob"))
        state = requests.get(f"{url}/-/state", timeout=10).json()
    assert logged(log) == ["ada", "ada", "bob"]
    assert state["accepted"] == {delivery("ada"): 2, delivery("bob"): 1}
    assert state["sendings"] == 4


def test_a_process_that_begins_again_adds_to_its_log(log: Path) -> None:
    for name in ("ada", "bob"):
        with emulator_of(log) as emulator:
            provider = client(emulator.url)
            provider.hand_over(batch(provider, name))
    assert logged(log) == ["ada", "bob"]


def test_a_sender_that_dies_within_a_request_sent_nothing(log: Path) -> None:
    with emulator_of(log) as emulator:
        address = ("127.0.0.1", emulator.server.server_port)
        with socket.create_connection(address) as connection:
            head = b"POST /send HTTP/1.1\r\nAuthorization: Bearer a-secret\r\nContent-Length: 9\r\n"
            connection.sendall(head + b"\r\n[]")
        provider = client(emulator.url)
        provider.hand_over(batch(provider, "ada"))
        assert emulator.sendings == 1
        assert logged(log) == ["ada"]
