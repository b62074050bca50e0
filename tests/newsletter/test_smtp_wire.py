"""SMTP: what goes over the wire, against servers that say just what a script has them say."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import pytest

from newsletter.http import Refused
from newsletter.mime import content
from newsletter.model import Failure, Receipt
from newsletter.place import of_demonstration
from newsletter.providers.smtp import connect
from newsletter.smtp_replies import Reply
from tests.newsletter.emulator import letters


def hand_over(port: int, *names: str) -> list[Receipt]:
    options = {"host": "localhost", "port": str(port), "security": "none"}
    provider = connect(of_demonstration(Path()), options)
    return provider.hand_over(letters.batch(provider, letters.messages(*names)))


@dataclass
class Scripted:
    port: int
    heard: list[bytes] = field(default_factory=list)


@contextmanager
def scripted(*said: bytes) -> Iterator[Scripted]:
    """A server that greets, then has an answer for each line, then goes."""

    def serve() -> None:
        connection, _ = server.accept()
        with suppress(OSError), connection, connection.makefile("rb") as lines:
            connection.sendall(said[0])
            for answer in said[1:]:
                made.heard.append(lines.readline())
                connection.sendall(answer)
            connection.shutdown(socket.SHUT_WR)
            made.heard += lines.readlines()

    with socket.create_server(("127.0.0.1", 0)) as server:
        made = Scripted(server.getsockname()[1])
        thread = Thread(target=serve)
        thread.start()
        try:
            yield made
        finally:
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            thread.join()


def assert_refused(port: int, failure: Failure = Failure.REQUEST) -> None:
    with pytest.raises(Refused) as refused:
        hand_over(port, "ada")
    assert refused.value.failure is failure


@pytest.mark.parametrize(
    ("greeting", "failure"),
    [
        (b"554 5.7.1 Not you\r\n", Failure.REQUEST),
        (b"421 4.7.0 Too many of you\r\n", Failure.THROTTLED),
        (b"SSH-2.0-OpenSSH_9.2\r\n", Failure.NOT_SENT),
        (b"\xff\xfe", Failure.NOT_SENT),
        (b"", Failure.NOT_SENT),
    ],
)
def test_a_server_may_take_no_mail_at_all(greeting: bytes, failure: Failure) -> None:
    with scripted(greeting) as server, pytest.raises(Refused) as refused:
        hand_over(server.port, "ada")
    assert refused.value.failure is failure


SENT = content(letters.message("ada")).count(b"\r\n")
"""Lines of a mail, which a scripted server hears without a word."""


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (b"250-Thank\r\n250 you\r\n", "accepted"),
        (b"250 " + b"x" * 7_000 + b"\r\n", "accepted"),
        (b"354 More\r\n", "unknown"),
        (b"2\r\n", "unknown"),
        (b"250" + b"x" * 20_000 + b"\r\n", "unknown"),
        (b"\x00\r\n", "unknown"),
    ],
)
def test_only_what_is_surely_an_answer_is_one(said: bytes, outcome: str) -> None:
    before = [b"220 Hi\r\n", b"250 Hi\r\n", b"250 OK\r\n", b"250 OK\r\n", b"354 Go\r\n"]
    with scripted(*before, *[b""] * SENT, said, b"221 Bye\r\n") as server:
        [receipt] = hand_over(server.port, "ada")
        assert receipt.outcome == outcome
        assert len(receipt.detail) < 300


def test_a_mail_for_nobody_is_ended_where_a_server_would_take_it() -> None:
    """With pipelining, DATA is sent before it is known that the recipient is refused."""
    hello = [b"220 Hi\r\n", b"250-Hi\r\n250 PIPELINING\r\n"]
    refused = [b"250 OK\r\n", b"550 5.1.1 No\r\n", b"354 Go\r\n", b"554 Nobody\r\n", b"250 OK\r\n"]
    taken = [b"250 OK\r\n", b"250 OK\r\n", b"354 Go\r\n", *[b""] * SENT, b"250 OK\r\n"]
    with scripted(*hello, *refused, *taken, b"221 Bye\r\n") as server:
        receipts = hand_over(server.port, "bob", "ada")
        assert [one.outcome for one in receipts] == ["rejected", "accepted"]


@pytest.mark.parametrize(
    ("offer", "expected"),
    [
        (b"250 Hi\r\n", "EHLO MAIL RSET QUIT"),
        (b"250 PIPELINING\r\n", "EHLO MAIL RCPT DATA RSET QUIT"),
    ],
)
def test_only_who_can_hear_many_commands_is_told_many(offer: bytes, expected: str) -> None:
    with scripted(b"220 Hi\r\n", b"250-Hi\r\n" + offer, *[b"503 No\r\n"] * 5) as server:
        assert_refused(server.port)
    assert [line[:4].decode().upper() for line in server.heard if line] == expected.split()


@pytest.mark.parametrize("said", [b"What?\r\n", b"150 Wait\r\n", b"354 Go\r\n", b"9\r\n"])
def test_whoever_does_not_speak_smtp_gets_no_mail(said: bytes) -> None:
    with scripted(b"220 Hi\r\n", b"250 Hi\r\n", said) as server:
        assert_refused(server.port, Failure.NOT_SENT)
    assert server.heard[-1].startswith(b"MAIL")


def test_after_a_goodbye_nothing_more_is_said() -> None:
    before = [b"220 Hi\r\n", b"250 Hi\r\n", b"250 OK\r\n", b"421 4.3.2 Going down\r\n"]
    with scripted(*before) as server:
        assert_refused(server.port, Failure.THROTTLED)
    assert server.heard[-1] == b"RCPT TO:<ada@example.org>\r\n"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("5.1.1 No such user", "5.1.1"),
        ("No such user (#5.1.1)", "5.1.1"),
        ("No such user. 5.1.1.", "5.1.1"),
        ("Relaying for 5.1.1.7 denied", ""),
        ("Version 15.1.1", ""),
        ("", ""),
    ],
)
def test_a_status_is_found_wherever_it_stands(text: str, status: str) -> None:
    assert Reply(550, text).status == status
